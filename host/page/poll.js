// Shows something again and again while its page is open and looked at.

const WAIT_MS_MAX = 30_000;

/** After a look that took long, the server rests from this page so many times as long. */
const REST = 3;

/**
 * Calls `show` now and then every `ms`, until `signal` ends it. A failure is told in `link` and tried again, ever
 * more slowly; nothing is asked for a tab that nobody sees, and less often what takes the server long to find.
 */
export async function poll(ms, signal, show) {
  const link = document.getElementById("link");
  for (let failures = 0; !signal.aborted; ) {
    const began = performance.now();
    if (!document.hidden) {
      try {
        await show();
        failures = 0;
        link.textContent = "";
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        link.textContent = error.message;
      }
    }
    const rest = Math.max(ms * 2 ** failures, REST * (performance.now() - began));
    await pause(Math.min(rest, Math.max(ms, WAIT_MS_MAX)), signal);
  }
}

function pause(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
