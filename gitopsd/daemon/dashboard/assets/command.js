// A command to type, ready to be copied.

import { h } from "./dom.js";
import { t } from "./words.js";

/** What is copied is what is seen: characters that hide or turn others are told as such. */
export function command(text) {
  const code = h("code", { tabindex: "0" }, text);
  const button = h("button", { type: "button", class: "copy", click: async () => {
    await navigator.clipboard?.writeText(code.textContent).catch(() => {});
    button.textContent = t("copied");
  } }, t("copy"));
  return h("div", { class: "command" }, code, globalThis.isSecureContext ? button : "");
}
