// Who runs the events, under which limits, and how that goes.

import { get, post } from "../api.js";
import { mayOperate, whyNoButtons } from "../caller.js";
import { confirm } from "../dialog.js";
import { badge, code, facts, h, message } from "../dom.js";
import { bytes, compact, count, duration, hash } from "../format.js";
import { poll } from "../poll.js";

export const title = "Handlers";

export async function show(main, _parameters, signal) {
  const list = h("div", { class: "cards" });
  main.append(h("h1", {}, "Handlers"), h("div", {}, whyNoButtons("pause, resume or try one")), list);
  let shown = "";
  await poll(1000, signal, async () => {
    const { handlers } = await get("/handlers", {}, signal);
    // What has not changed stays as it is, with whatever is opened in it.
    const seen = JSON.stringify(handlers);
    if (seen === shown) return;
    shown = seen;
    list.replaceChildren(...handlers.map(cardOf));
  });
}

function cardOf({ name, state, sha256, filter, limits, grants, recent, reload_error }) {
  return h("section", { class: "card", "aria-label": name },
    h("h2", {}, name, " ", badge(state)),
    reload_error && message("error", `The newer module is kept out: ${reload_error}`),
    facts([
      ["module", hash(sha256)],
      ["recent attempts", count(recent.attempts)],
      ["time of one", recent.attempts ? `p50 ${duration(recent.p50_us)}, p99 ${duration(recent.p99_us)}` : null],
      ["fuel of one", recent.attempts ? `p50 ${compact(recent.fuel_p50)}, p99 ${compact(recent.fuel_p99)}` : null],
      ["memory of one, at most", recent.attempts ? bytes(recent.peak_memory_bytes) : null],
      ["takes", filter ? code(filter) : "every event"],
      ["granted", grantsOf(grants)],
      ["limits", h("details", {}, h("summary", {}, "show"), code(limits))],
    ]),
    mayOperate() && h("p", { class: "buttons" },
      state === "paused" ? button("Resume", name, "resume") : button("Pause", name, "pause"),
      h("a", { href: `#/try?handler=${encodeURIComponent(name)}` }, "Try an event")));
}

/** Values by name; of a secret nobody but its handler sees more than the name. */
function grantsOf({ environment, http }) {
  const [names, origins] = [Object.keys(environment), Object.keys(http)];
  if (names.length + origins.length === 0) return "nothing";
  return h("ul", { class: "grants" },
    names.map((name) => environment[name] === "secret"
      ? h("li", {}, h("code", {}, name), " ", badge("secret"))
      : h("li", {}, h("code", {}, `${name}=${environment[name].value}`))),
    origins.map((origin) => h("li", {}, h("code", {}, `${http[origin].methods.join(", ")} ${origin}`),
      http[origin].private && " where it may be private")));
}

function button(verb, name, path) {
  return h("button", { type: "button", class: "plain", onclick: async (click) => {
    const question = `Pause ${name}? Its events are accepted and wait until it is resumed.`;
    if (path === "pause" && !(await confirm(question, verb))) return;
    const buttons = click.target.parentElement;
    await post(`/handlers/${encodeURIComponent(name)}/${path}`).catch((error) => buttons.append(message("error", error.message)));
  } }, verb);
}
