// Who runs the events, under which limits, and how that goes.

import { get } from "../api.js";
import { code, facts, h } from "../dom.js";
import { bytes, compact, count, duration, hash } from "../format.js";
import { poll } from "../poll.js";

export const title = "Handlers";

export async function show(main, _parameters, signal) {
  const list = h("div", { class: "cards" });
  main.append(h("h1", {}, "Handlers"), list);
  let shown = "";
  await poll(1000, signal, async () => {
    const { handlers } = await get("/overview", {}, signal);
    const seen = JSON.stringify(handlers);
    if (seen === shown) return;
    shown = seen;
    list.replaceChildren(...handlers.map(cardOf));
  });
}

function cardOf(handler) {
  const { name, sha256, limits, recent } = handler;
  return h("section", { class: "card", "aria-label": name },
    h("h2", {}, name),
    facts([
      ["module", hash(sha256)],
      ["attempts, last minutes", count(recent.attempts)],
      ["time of one", recent.attempts ? `p50 ${duration(recent.p50_us)}, p99 ${duration(recent.p99_us)}` : null],
      ["fuel of one", recent.attempts ? `p50 ${compact(recent.fuel_p50)}, p99 ${compact(recent.fuel_p99)}` : null],
      ["memory of one, at most", recent.attempts ? bytes(recent.peak_memory_bytes) : null],
      ["limits", h("details", {}, h("summary", {}, "show"), code(limits))],
    ]));
}
