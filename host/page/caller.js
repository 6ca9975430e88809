// Who looks at the page, and what its token allows. What a token may not do is not offered; the server refuses it
// all the same.

import { message } from "./dom.js";

let caller = { role: "operate", name: null };

export function setCaller(who) {
  caller = who;
}

export const mayOperate = () => caller.role === "operate";
export const mayLook = () => mayOperate() || caller.role === "read";

/** Says why a page has no buttons, where it would have some. */
export function whyNoButtons(what) {
  return mayOperate() ? null : message("note", `Your token may look, not operate: to ${what} takes one with the role operate.`);
}
