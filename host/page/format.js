// Numbers and times for people.

const whole = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

export const count = (n) => whole.format(n);
export const compact = (n) => (n < 10_000 ? whole.format(Math.round(n * 10) / 10) : short.format(n));

export function bytes(n) {
  for (const [unit, size] of [["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 2 ** 10]]) {
    if (n >= size) return `${(n / size).toPrecision(3)} ${unit}`;
  }
  return `${n} B`;
}

export function duration(us) {
  if (us < 1_000) return `${us} µs`;
  if (us < 1_000_000) return `${Number((us / 1_000).toPrecision(3))} ms`;
  if (us < 10_000_000) return `${Number((us / 1_000_000).toPrecision(3))} s`;
  if (us < 120_000_000) return `${Math.round(us / 1_000_000)} s`;
  if (us < 7_200_000_000) return `${Math.round(us / 60_000_000)} min`;
  if (us < 172_800_000_000) return `${Math.round(us / 3_600_000_000)} h`;
  return `${Math.round(us / 86_400_000_000)} days`;
}

/** How long ago an ISO time was, with the time itself as its title. */
export function ago(time) {
  const element = document.createElement("time");
  element.dateTime = time;
  element.title = time;
  element.textContent = distance(time);
  return element;
}

function distance(time) {
  const ms = Date.now() - Date.parse(time);
  return ms < 0 ? `in ${duration(-ms * 1000)}` : ms < 1000 ? "now" : `${duration(Math.floor(ms / 1000) * 1_000_000)} ago`;
}

/** Times go by, also in what is not drawn anew. */
export function renewTimes() {
  for (const element of document.querySelectorAll("time")) {
    const text = distance(element.dateTime);
    if (element.textContent !== text) element.textContent = text;
  }
}

/** Enough of a sha256 to tell it from others, with all of it as the title. */
export function hash(sha256) {
  const element = document.createElement("code");
  element.title = sha256;
  element.textContent = sha256.slice(0, 12);
  return element;
}
