// Which page is open: the part after # says it, filters included, so that it can be sent to somebody.

import { get, post } from "./api.js";
import { mayLook, mayOperate, setCaller } from "./caller.js";
import { message } from "./dom.js";
import { renewTimes } from "./format.js";
import * as dead from "./views/dead.js";
import * as event from "./views/event.js";
import * as events from "./views/events.js";
import * as handlers from "./views/handlers.js";
import * as login from "./views/login.js";
import * as overview from "./views/overview.js";
import * as tryout from "./views/try.js";

const VIEWS = { "": overview, events, event, dead, handlers, try: tryout };

const main = document.getElementById("main");
const logout = document.getElementById("logout");
const nav = document.querySelector("nav");
let open = new AbortController();

function route() {
  open.abort();
  open = new AbortController();
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?", 2);
  const view = VIEWS[path];
  markNavigation(path);
  if (!mayLook()) return main.replaceChildren(message("empty", "Your token may send events, and look at nothing. Log out, and in with another one."));
  if (!view) return main.replaceChildren(message("empty", "There is no such page."));
  document.title = view.title ? `${view.title} - wasm-evq` : "wasm-evq";
  main.replaceChildren();
  show(view, new URLSearchParams(query), open.signal);
}

async function show(view, parameters, signal) {
  try {
    await view.show(main, parameters, signal);
  } catch (error) {
    if (!signal.aborted) main.replaceChildren(message("error", error.message));
  }
}

function markNavigation(path) {
  const current = path === "event" ? "events" : path;
  for (const link of document.querySelectorAll("nav a")) {
    const isCurrent = link.getAttribute("href") === `#/${current}`;
    if (isCurrent) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function askForToken() {
  open.abort();
  open = new AbortController();
  logout.hidden = true;
  document.title = "Log in - wasm-evq";
  login.show(main, enter);
}

/** Whoever has a name has a session that can be ended. */
function enter(who) {
  setCaller(who);
  nav.hidden = !mayLook();
  nav.querySelector("[href='#/try']").hidden = !mayOperate();
  logout.hidden = !who.name;
  logout.textContent = `Log out ${who.name}`;
  route();
}

logout.addEventListener("click", async () => {
  await post("/logout").catch(() => {});
  askForToken();
});
document.addEventListener("login-needed", askForToken);
document.querySelector(".skip").addEventListener("click", (click) => (click.preventDefault(), main.focus()));
setInterval(renewTimes, 1000);
addEventListener("hashchange", () => (route(), main.focus({ preventScroll: true })));
get("/session").then(enter, (error) => error.status === 401 || main.replaceChildren(message("error", error.message)));
