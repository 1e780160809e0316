// States as people see them: a sign and a word, never a colour alone.

import { h } from "./dom.js";
import { age, t } from "./words.js";

const SIGNS = {
  held: "‖", stalled: "■", drifted: "≠", unknown: "?", unreachable: "×", changed: "→",
  waiting: "…", "in sync": "✓",
};
const URGENT = new Set(["held", "stalled", "drifted", "unreachable"]);

export function chip(state) {
  const known = Object.hasOwn(SIGNS, state);
  const look = URGENT.has(state) ? "urgent" : state === "in sync" ? "good" : "calm";
  return h("span", { class: `chip ${look}` },
    h("span", { class: "sign", "aria-hidden": "true" }, known ? SIGNS[state] : "·"),
    t(`state.${state}`));
}

export const sign = (state) => (Object.hasOwn(SIGNS, state) ? SIGNS[state] : "·");

/** How long ago something was, in the words of a key; `refresh` keeps it true. */
export function ago(key, time) {
  return h("time", { datetime: time, title: time, "data-ago": key }, t(key, { age: age(time) }));
}

export function refresh() {
  for (const one of document.querySelectorAll("time[data-ago]")) {
    const text = t(one.dataset.ago, { age: age(one.dateTime) });
    if (one.textContent !== text) one.textContent = text;
  }
}
