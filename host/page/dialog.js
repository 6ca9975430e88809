// Questions before something is changed, and long work that can be stopped.

import { h } from "./dom.js";
import { count } from "./format.js";

/** Asks; true when the button with the verb was chosen. */
export function confirm(question, verb, kind = "plain") {
  return new Promise((resolve) => {
    const dialog = h("dialog", { "aria-labelledby": "question" });
    const close = (answer) => () => (dialog.close(), dialog.remove(), resolve(answer));
    dialog.append(
      h("p", { id: "question" }, question),
      h("p", { class: "buttons" },
        h("button", { type: "button", class: kind, onclick: close(true) }, verb),
        h("button", { type: "button", class: "quiet", autofocus: true, onclick: close(false) }, "Leave it")),
    );
    dialog.addEventListener("cancel", close(false));
    document.body.append(dialog);
    dialog.showModal();
  });
}

/**
 * Runs `bite` until it says 0 or someone says stop; returns how many were done.
 * @param bite does some and returns how many
 */
export async function inBites(label, total, bite) {
  let done = 0;
  let stopped = false;
  const meter = h("progress", { max: Math.max(1, total), value: 0, "aria-label": label });
  const told = h("p", { role: "status" }, `${label}: 0 of ${count(total)}`);
  const stop = h("button", { type: "button", autofocus: true, onclick: () => (stopped = true) }, "Stop");
  const dialog = h("dialog", {}, told, meter, h("p", { class: "buttons" }, stop));
  dialog.addEventListener("cancel", (event) => (event.preventDefault(), (stopped = true)));
  document.body.append(dialog);
  dialog.showModal();
  try {
    while (!stopped) {
      const some = await bite();
      if (some === 0) break;
      done += some;
      meter.value = done;
      told.textContent = `${label}: ${count(done)} of ${count(total)}`;
    }
  } finally {
    dialog.close();
    dialog.remove();
  }
  return done;
}
