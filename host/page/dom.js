// Elements from plain calls. Text only ever becomes text nodes: what events and handlers say is never
// taken for markup.

const SVG = "http://www.w3.org/2000/svg";

/** An HTML element: h("p", { class: "note", onclick: act }, "text", child). */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/**
 * A table with a head; each row is a list of cells, each cell text or an element. On a phone each row is a block of
 * its own, its cells one below the other behind their heads; the roles keep it a table for those who hear it.
 */
export function table(caption, heads, rows) {
  const cellsOf = (cells) => cells.map((cell, place) => h("td", { role: "cell", "data-head": heads[place] }, cell));
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    h(
      "table",
      { role: "table" },
      h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, heads.map((head) => h("th", { scope: "col", role: "columnheader" }, head)))),
      h("tbody", { role: "rowgroup" }, rows.map((cells) => h("tr", { role: "row" }, cellsOf(cells)))),
    ),
  );
}

/**
 * Draws what is in an element anew. What had the keyboard's focus has it again, if it is still there: it is known by
 * where it leads, by the key it was given, or by its label.
 */
export function redraw(element, ...children) {
  const keyOf = (one) => one.getAttribute("href") ?? one.dataset.key ?? one.getAttribute("aria-label");
  const focused = element.contains(document.activeElement) ? keyOf(document.activeElement) : null;
  element.replaceChildren(...children);
  if (focused === null) return;
  [...element.querySelectorAll("a, button, [tabindex]")].find((one) => keyOf(one) === focused)?.focus({ preventScroll: true });
}

/** Names and values, one below the other. */
export function facts(pairs) {
  const rows = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return h("dl", { class: "facts" }, rows.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

/** The state of a delivery or a handler, told by word and colour. */
export function badge(state) {
  return h("span", { class: `badge ${state}` }, state);
}

/** A value as laid-out JSON; a string that is no JSON as it is. */
export function code(value) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return h("pre", { tabindex: "0" }, text);
}

export function message(kind, text) {
  return h("p", { class: kind, role: kind === "error" ? "alert" : "status" }, text);
}
