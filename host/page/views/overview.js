// How it goes: the last five minutes, what waits, who runs.

import { get } from "../api.js";
import { chart } from "../chart.js";
import { badge, h, redraw, table } from "../dom.js";
import { ago, bytes, compact, count, duration } from "../format.js";
import { poll } from "../poll.js";

export const title = "Overview";

export async function show(main, _parameters, signal) {
  const tiles = h("section", { class: "tiles", "aria-label": "Now" });
  const charts = h("section", { class: "charts", "aria-label": "The last five minutes" });
  const handlers = h("section", {});
  main.append(h("h1", {}, "Overview"), tiles, charts, handlers);
  await poll(1000, signal, async () => {
    const now = await get("/overview", {}, signal);
    redraw(tiles, ...tilesOf(now));
    charts.replaceChildren(...chartsOf(now.seconds));
    redraw(handlers, h("h2", {}, "Handlers"), handlersOf(now.handlers));
  });
}

function tilesOf(now) {
  const tile = (name, value, href) => h(href ? "a" : "div", { class: "tile", href }, h("b", {}, value), h("span", {}, name));
  const dead = now.dead.is_more ? `more than ${count(now.dead.events)}` : count(now.dead.events);
  return [
    tile("unsettled", count(now.unsettled), "#/events?state=unsettled"),
    tile("oldest waits since", now.oldest_pending_at ? ago(now.oldest_pending_at) : "nothing waits"),
    tile("dead", dead, "#/dead"),
    tile("database", bytes(now.database_bytes)),
  ];
}

function chartsOf(seconds) {
  const rate = (value) => `${compact(value)}/s`;
  return [
    chart("Events per second", [
      { name: "accepted", values: seconds.accepted },
      { name: "ok", values: seconds.ok },
      { name: "dead", values: seconds.dead },
      { name: "to be retried", values: seconds.retried },
    ], rate),
    chart("Accepted to settled", [
      { name: "p50", values: seconds.p50_us },
      { name: "p99", values: seconds.p99_us },
    ], duration),
    chart("Unsettled", [{ name: "events", values: seconds.unsettled }], compact),
  ];
}

function handlersOf(handlers) {
  const rows = handlers.map((handler) => [
    h("a", { href: `#/events?handler=${encodeURIComponent(handler.name)}` }, handler.name),
    badge(handler.state),
    compact(handler.recent.attempts),
    handler.recent.attempts ? duration(handler.recent.p50_us) : "-",
    handler.recent.attempts ? duration(handler.recent.p99_us) : "-",
    handler.recent.attempts ? compact(handler.recent.fuel_p50) : "-",
  ]);
  return table("Handlers", ["handler", "state", "recent attempts", "p50", "p99", "fuel p50"], rows);
}
