// A small line chart: some series over the same seconds, the latest at the right.

import { h, svg } from "./dom.js";
import { duration } from "./format.js";

const WIDTH = 600;
const HEIGHT = 140;

/**
 * @param title what is shown
 * @param series [{ name, values }]: a number or null for each second
 * @param write how a value is written
 */
export function chart(title, series, write) {
  const top = ceiling(Math.max(0, ...series.flatMap(({ values }) => values.filter((value) => value !== null))));
  const now = ({ values }) => (values.at(-1) === null ? "none" : write(values.at(-1) ?? 0));
  const latest = series.map((one) => `${one.name} ${now(one)}`).join(", ");
  return h(
    "figure",
    { class: "chart" },
    h("figcaption", {}, title),
    svg(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": `${title}: ${latest}` },
      [0.25, 0.5, 0.75].map((share) => svg("line", { class: "grid", x1: 0, x2: WIDTH, y1: HEIGHT * share, y2: HEIGHT * share })),
      series.map(({ values }, number) => svg("polyline", { class: `line line-${number}`, points: points(values, top) })),
    ),
    h("p", { class: "axis", "aria-hidden": "true" }, h("span", {}, `${duration(series[0].values.length * 1_000_000)} ago`), h("span", {}, "now")),
    h("p", { class: "legend" },
      series.map((one, number) => h("span", {}, h("i", { class: `key key-${number}` }), `${one.name} `, h("b", {}, now(one)))),
      h("span", { class: "top" }, `top ${write(top)}`)),
  );
}

function points(values, top) {
  const step = WIDTH / Math.max(1, values.length - 1);
  const place = (value, index) => `${(index * step).toFixed(1)},${(HEIGHT - (HEIGHT - 2) * (value / top) - 1).toFixed(1)}`;
  return values.map((value, index) => (value === null ? null : place(value, index))).filter(Boolean).join(" ");
}

/** The next round number, so that the scale does not move with every second. */
function ceiling(value) {
  if (value <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((times) => times * power).find((round) => round >= value);
}
