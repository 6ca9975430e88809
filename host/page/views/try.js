// A handler run on a pasted event. Nothing is stored.

import { get, invoke } from "../api.js";
import { mayOperate, whyNoButtons } from "../caller.js";
import { badge, code, facts, h, message } from "../dom.js";
import { bytes, count, duration } from "../format.js";

export const title = "Try";

const EXAMPLE = { specversion: "1.0", id: "1", source: "/try", type: "com.example.order", data: {} };

export async function show(main, parameters, signal) {
  if (!mayOperate()) return main.append(h("h1", {}, "Try"), whyNoButtons("run a handler on an event"));
  const { handlers } = await get("/handlers", {}, signal);
  const chosen = parameters.get("handler");
  const handler = h("select", { id: "handler" }, handlers.map(({ name }) => h("option", { selected: name === chosen }, name)));
  const event = h("textarea", { id: "event", rows: 14, spellcheck: "false" });
  event.value = JSON.stringify(await given(parameters, signal), null, 2);
  const answer = h("section", { "aria-label": "What it came to", "aria-live": "polite" });
  const form = h("form", {},
    h("label", { for: "handler" }, "Handler"), handler,
    h("label", { for: "event" }, "Event"), event,
    h("p", { class: "buttons" }, h("button", { type: "submit" }, "Run without storing")));
  form.addEventListener("submit", async (submit) => {
    submit.preventDefault();
    answer.replaceChildren(message("note", "It runs."));
    try {
      answer.replaceChildren(...told(await invoke(handler.value, event.value, signal)));
    } catch (error) {
      answer.replaceChildren(message("error", error.message));
    }
  });
  main.append(h("h1", {}, "Try"), message("note", "A fresh instance under the handler's limits. Nothing is stored."), form, answer);
}

/** The event that the address names, or an example. */
async function given(parameters, signal) {
  const id = parameters.get("id");
  if (id === null) return EXAMPLE;
  const found = await get(`/events/${encodeURIComponent(id)}`, { source: parameters.get("source") }, signal);
  return found.events[0].event;
}

function told({ verdict, message: said, output, output_base64, emitted, logs, backtrace, fuel, peak_memory_bytes, duration_us }) {
  return [
    h("h2", {}, "Verdict ", badge(verdict)),
    facts([["time", duration(duration_us)], ["fuel", count(fuel)], ["memory", bytes(peak_memory_bytes)]]),
    said && code(said),
    backtrace && code(backtrace),
    verdict === "ok" && [h("h3", {}, "Output"), output_base64 ? code(`base64: ${output_base64}`) : code(output)],
    emitted.length > 0 && [h("h3", {}, "Emitted"), code(emitted)],
    logs.length > 0 && [h("h3", {}, "Logs"), code(logs.map(({ level, text }) => `${level.padEnd(5)} ${text}`).join("\n"))],
  ].flat().filter(Boolean);
}
