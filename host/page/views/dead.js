// What was given up, by reason, and what a person can do about it.

import { get, post } from "../api.js";
import { mayOperate, whyNoButtons } from "../caller.js";
import { confirm, inBites } from "../dialog.js";
import { h, message, redraw, table } from "../dom.js";
import { ago, count } from "../format.js";
import { poll } from "../poll.js";
import { addressOf } from "./events.js";

export const title = "Dead";

/** Enough to be quick about many, few enough to stop soon. */
const BITE = 500;

export async function show(main, parameters, signal) {
  const filter = Object.fromEntries(parameters);
  const groups = h("section", { "aria-label": "Reasons" });
  const list = h("section", { "aria-label": "Dead events" });
  const told = h("div", {});
  const isFiltered = Object.keys(filter).length > 0;
  main.append(h("h1", {}, "Dead"), told, groups, h("h2", {}, isFiltered ? "Those of this reason" : "All of them"),
    ...(isFiltered ? [h("p", {}, h("a", { href: "#/dead" }, "All reasons"))] : []), list);
  let shown = "";
  await poll(2000, signal, async () => {
    const reasons = await get("/dead/reasons", {}, signal);
    const found = await get("/dead", filter, signal);
    // What has not changed stays as it is, with whatever is selected in it.
    const seen = JSON.stringify([reasons, found]);
    if (seen === shown) return;
    shown = seen;
    redraw(groups, ...reasonsOf(reasons, filter, told));
    redraw(list, ...listOf(found, parameters));
  });
}

function reasonsOf({ reasons, is_complete }, filter, told) {
  if (reasons.length === 0) return [message("empty", "Nothing is dead.")];
  const rows = reasons.map(({ handler, error, events, latest_at }) => {
    const which = { handler, error_is: error };
    const isChosen = filter.handler === handler && filter.error_is === error;
    const key = (verb) => JSON.stringify([verb, handler, error]);
    return [
      h("a", { href: `#/dead?${new URLSearchParams(which)}`, "aria-current": isChosen && "true" }, error),
      handler,
      is_complete ? count(events) : `${count(events)} or more`,
      ago(latest_at),
      mayOperate() && h("span", { class: "buttons" },
        h("button", { type: "button", class: "plain", "data-key": key("retry"), onclick: () => retry(which, told) }, "Retry all"),
        h("button", { type: "button", class: "danger", "data-key": key("drop"), onclick: () => drop(which, told) }, "Drop all")),
    ];
  });
  return [whyNoButtons("retry or drop them"), table("Reasons", ["reason", "handler", "events", "latest", ""], rows)].filter(Boolean);
}

const retry = (which, told) => act(which, told, "/dead/retry", "Retry", "retried", "plain");
const drop = (which, told) => act(which, told, "/dead/drop", "Drop for good", "dropped", "danger");

async function act(which, told, path, verb, done, kind) {
  try {
    const { events, is_more, as_of } = await get("/dead/count", which);
    const number = is_more ? `more than ${count(events)}` : count(events);
    if (!(await confirm(`${verb} ${number} events of ${which.handler} that ended with: ${which.error_is}`, verb, kind))) return;
    const acted = await inBites(verb, events, async () => {
      // Those that die again meanwhile were not counted, and are not taken again.
      const bounds = new URLSearchParams({ limit: BITE, until: as_of });
      return (await post(`${path}?${bounds}`, which))[done];
    });
    told.replaceChildren(message("note", `${count(acted)} ${done}.`));
  } catch (error) {
    told.replaceChildren(message("error", error.message));
  }
}

function listOf({ results, next }, parameters) {
  const rows = results.map((result) => [
    h("a", { href: addressOf({ id: result.event_id, source: result.source }) }, result.event_id),
    result.type,
    result.handler,
    result.error,
    count(result.attempts),
    ago(result.finished_at),
  ]);
  const following = new URLSearchParams(parameters);
  following.set("after", next);
  return [
    rows.length > 0 && table("Dead events", ["id", "type", "handler", "reason", "attempts", "ended"], rows),
    next && h("p", { class: "pages" }, h("a", { href: `#/dead?${following}` }, "Older")),
  ].filter(Boolean);
}
