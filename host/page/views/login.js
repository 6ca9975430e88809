// Who is there? Shown when the server wants a token.

import { post } from "../api.js";
import { h, message } from "../dom.js";

export function show(main, onLogin) {
  const told = h("div", {});
  const token = h("input", { id: "token", type: "password", autocomplete: "current-password", required: true });
  const form = h("form", { class: "login" },
    h("h1", {}, "Log in"),
    h("label", { for: "token" }, "Token"),
    token,
    h("button", { type: "submit" }, "Log in"),
    told);
  form.addEventListener("submit", async (submit) => {
    submit.preventDefault();
    try {
      onLogin(await post("/login", { token: token.value.trim() }));
    } catch (error) {
      told.replaceChildren(message("error", error.status === 401 ? "This token is not known." : error.message));
      token.select();
    }
  });
  main.replaceChildren(form);
  token.focus();
}
