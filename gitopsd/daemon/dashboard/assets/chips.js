// States as people see them: a sign and a word, never a colour alone.

import { h } from "./dom.js";
import { t } from "./words.js";

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
