// Events, the latest first, by a filter that stands in the address.

import { get } from "../api.js";
import { badge, h, message, redraw, table } from "../dom.js";
import { ago } from "../format.js";
import { poll } from "../poll.js";

export const title = "Events";

const STATES = ["", "unsettled", "ok", "dead", "unmatched"];
const FIELDS = ["id", "source", "type", "handler"];

export async function show(main, parameters, signal) {
  const filter = Object.fromEntries(parameters);
  const list = h("section", { "aria-label": "Events", "aria-live": "off" });
  main.append(h("h1", {}, "Events"), form(filter), list);
  let shown = "";
  const refresh = async () => {
    const found = await get("/events", filter, signal);
    // What has not changed stays as it is, with whatever is selected in it.
    const seen = JSON.stringify(found);
    if (seen === shown) return;
    shown = seen;
    redraw(list, ...page(found, parameters));
  };
  // A later page is a place in the past: it does not move.
  if (filter.after) return refresh();
  await poll(2000, signal, refresh);
}

function form(filter) {
  const state = h("select", { name: "state" }, STATES.map((name) =>
    h("option", { value: name, selected: name === (filter.state ?? "") }, name || "any state")));
  const fields = FIELDS.map((name) =>
    h("label", {}, name, h("input", { name, value: filter[name] ?? "", autocomplete: "off", spellcheck: "false" })));
  const element = h("form", { class: "filter", role: "search" },
    h("label", {}, "state", state), fields, h("button", { type: "submit" }, "Filter"), h("a", { href: "#/events" }, "Clear"));
  element.addEventListener("submit", (submit) => {
    submit.preventDefault();
    const given = [...new FormData(element)].filter(([, value]) => value !== "");
    location.hash = given.length ? `/events?${new URLSearchParams(given)}` : "/events";
  });
  return element;
}

function page({ events, next }, parameters) {
  const rows = events.map((event) => [
    h("a", { href: addressOf(event) }, event.id),
    event.type,
    event.source,
    ago(event.accepted_at),
    event.deliveries.length === 0
      ? badge("unmatched")
      : event.deliveries.map(({ handler, state, error }) =>
          h("span", { class: "delivery" }, handler, " ", badge(state), error && h("span", { class: "why", title: error }, error))),
  ]);
  const following = new URLSearchParams(parameters);
  following.set("after", next);
  return [
    rows.length ? table("Events", ["id", "type", "source", "accepted", "at its handlers"], rows)
      : message("empty", next ? "None among these; the next page looks further back." : "No events fit."),
    h("p", { class: "pages" },
      parameters.has("after") && h("a", { href: latest(parameters) }, "Latest"),
      next && h("a", { href: `#/events?${following}` }, "Older")),
  ].filter(Boolean);
}

function latest(parameters) {
  const first = new URLSearchParams(parameters);
  first.delete("after");
  return `#/events?${first}`;
}

export function addressOf({ id, source }) {
  return `#/event?${new URLSearchParams({ id, source })}`;
}
