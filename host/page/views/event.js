// One event: what came in, every attempt in order of time, what came out.

import { get, post } from "../api.js";
import { mayOperate, whyNoButtons } from "../caller.js";
import { confirm } from "../dialog.js";
import { badge, code, facts, h, message } from "../dom.js";
import { ago, bytes, count, duration, hash } from "../format.js";
import { poll } from "../poll.js";

export const title = "Event";

export async function show(main, parameters, signal) {
  const id = parameters.get("id");
  const source = parameters.get("source");
  const path = `/events/${encodeURIComponent(id)}`;
  const story = h("div", {});
  main.append(h("h1", {}, id), story);
  let shown = "";
  await poll(1000, signal, async () => {
    const [event] = (await get(path, { source }, signal)).events;
    const { handlers } = await get("/handlers", {}, signal);
    const paused = handlers.filter(({ state }) => state === "paused").map(({ name }) => name);
    // What has not changed stays as it is, with whatever is selected or opened in it.
    const seen = JSON.stringify([event, paused]);
    if (seen === shown) return;
    shown = seen;
    story.replaceChildren(...storyOf(event, paused));
  });
}

function storyOf(event, paused) {
  return [
    facts([
      ["type", event.event.type],
      ["source", event.event.source],
      ["accepted", ago(event.accepted_at)],
      ["number", count(event.seq)],
      ["handlers between it and the outside", event.hops ? count(event.hops) : null],
    ]),
    ...event.deliveries.map((delivery) => deliveryOf(event.event, delivery, paused)),
    event.deliveries.length === 0 && message("empty", "No handler's filter matches this event. It is kept."),
    h("h2", {}, "Input"),
    code(event.event),
  ].filter(Boolean);
}

function deliveryOf(event, delivery, paused) {
  const { handler, state, output, output_base64, error, attempts } = delivery;
  return h("section", { class: "delivery-story" },
    h("h2", {}, handler, " ", badge(state)),
    h("p", { class: "note" }, because(delivery, paused)),
    actions(event, delivery),
    attempts.length > 0 && h("ol", { class: "timeline" }, attempts.map(attemptOf)),
    error && error !== attempts.at(-1)?.message && [h("h3", {}, "Error"), code(error)],
    state === "ok" && [h("h3", {}, "Output"), output_base64 ? code(`base64: ${output_base64}`) : code(output)]);
}

/** Where a handler can be tried on this event, without storing anything. */
function tryAddressOf({ id, source }, handler) {
  return `#/try?${new URLSearchParams({ handler, id, source })}`;
}

function because({ handler, state, due_at, attempts }, paused) {
  if (state === "leased") return "It is claimed and runs, or will in a moment.";
  if (state === "dead") return "It was given up. Its history is below; a retry starts a new count of failures.";
  if (state !== "pending") return "";
  if (paused.includes(handler)) return `Pending because ${handler} is paused.`;
  const last = attempts.at(-1);
  if (due_at && last) return h("span", {}, `Pending because attempt ${last.number} ended ${last.verdict}; the next one comes `, ago(due_at), ".");
  if (due_at) return h("span", {}, "Pending because its time comes ", ago(due_at), ".");
  return "Pending because events before it have their turn first.";
}

function actions({ id, source }, { handler, state }) {
  const which = { event: id, source, handler };
  const told = h("span", { role: "status" });
  const tryIt = h("a", { href: tryAddressOf({ id, source }, handler) }, "Open in Try");
  const act = (verb, done, path, kind, body, question) => h("button", { type: "button", class: kind, onclick: async () => {
    if (question && !(await confirm(question, verb, kind))) return;
    try {
      await post(path, body);
      told.textContent = done;
    } catch (error) {
      told.textContent = error.message;
    }
  } }, verb);
  if (state === "dead") {
    if (!mayOperate()) return whyNoButtons("retry or drop it");
    return h("p", { class: "buttons" },
      act("Retry", "It is queued again.", "/dead/retry", "plain", which),
      act("Drop", "It is forgotten.", "/dead/drop", "danger", which, `Forget this event at ${handler} for good?`), tryIt, told);
  }
  if (state === "pending") {
    if (!mayOperate()) return whyNoButtons("cancel it");
    const where = new URLSearchParams({ source, handler });
    const path = `/events/${encodeURIComponent(id)}/cancel?${where}`;
    return h("p", { class: "buttons" },
      act("Cancel", "It is cancelled.", path, "danger", {}, `Cancel this event at ${handler}? It is dead then, and can be retried.`), tryIt, told);
  }
  return mayOperate() && h("p", { class: "buttons" }, tryIt);
}

function attemptOf(attempt) {
  const { number, verdict, message: said, logs, exchanges, backtrace, fuel, peak_memory_bytes, duration_us, finished_at, handler_sha256 } = attempt;
  return h("li", {},
    h("p", {}, h("b", {}, `Attempt ${number}`), " ", badge(verdict), " ", ago(finished_at)),
    h("p", { class: "note" }, `${duration(duration_us)}, ${count(fuel)} fuel, ${bytes(peak_memory_bytes)}, module `, hash(handler_sha256)),
    said && code(said),
    logs.length > 0 && h("details", { open: true }, h("summary", {}, logs.length === 1 ? "1 log line" : `${count(logs.length)} log lines`),
      code(logs.map(({ level, text }) => `${level.padEnd(5)} ${text}`).join("\n"))),
    exchanges.length > 0 && h("details", {}, h("summary", {}, exchanges.length === 1 ? "1 request" : `${count(exchanges.length)} requests`),
      code(exchanges.map(exchangeOf).join("\n\n"))),
    backtrace && h("details", {}, h("summary", {}, "Backtrace"), code(backtrace)));
}

// As HTTP writes it; what is no text stays in base64.
function exchangeOf({ request, response, error }) {
  const body = (message) => message.body_base64 ? `base64: ${message.body_base64}` : message.body;
  const fields = (message) => message.headers.map(([name, value]) => `${name}: ${value}`);
  const asked = [`${request.method} ${request.url}`, ...fields(request), body(request)];
  const answered = response ? [`${response.status}`, ...fields(response), body(response)] : [`${error.code}: ${error.message}`];
  return [...asked, ...answered].filter(Boolean).join("\n");
}
