// How the operator's targets and repositories stand, above the list.

import { ago } from "./chips.js";
import { h } from "./dom.js";
import { number, t } from "./words.js";

export function targets(overview) {
  const said = new Set();
  const cards = overview.targets.map((target) => card(target, overview));
  const lines = overview.trouble
    .filter(({ text }) => !said.has(text) && said.add(text))
    .map(({ subject, text }) => h("li", {}, h("b", {}, subject), " ", text));
  const trouble = lines.length
    ? h("div", { class: "notice" }, h("h2", {}, t("trouble")), h("ul", {}, lines)) : null;
  const strip = cards.length
    ? h("ul", { class: "cards", "aria-label": t("targets") }, cards) : null;
  return h("div", {}, [trouble, strip].filter(Boolean));
}

function card(target, overview) {
  const facts = [];
  if (!target.ours) {
    facts.push(target.holder
      ? t("target.elsewhere", { holder: target.holder }) : t("target.nobody"));
  } else if (!target.observed) facts.push(t("target.waiting"));
  else {
    facts.push(ago("target.observed", target.observed));
    facts.push(h("span", { title: target.revision },
      t("target.revision", { revision: target.revision.slice(0, 12) })));
  }
  return h("li", {},
    h("div", { class: "row" }, h("b", {}, target.target),
      h("span", { class: "quiet" }, target.repository),
      target.subjects === undefined ? null : h("span", { class: "amount" },
        number(target.subjects))),
    h("p", { class: "quiet facts" }, facts.map((fact) => h("span", {}, fact))),
    warnings(target));
}

function warnings(target) {
  const lines = [];
  if (target.suspended) {
    const { reason, until } = target.suspended;
    const end = until ? ` (${t("until", { time: until })})` : "";
    lines.push(`${t("target.suspended")}${end}: ${reason}`);
  } else if (target.withheld) lines.push(`${t("target.withheld")}: ${target.withheld}`);
  for (const gap of target.gaps || []) lines.push(`${t("target.gap")}: ${gap.what}: ${gap.why}`);
  const told = lines.map((line) => h("p", { class: "warn" }, line));
  if (target.plan?.awaitsApproval) {
    told.push(h("p", { class: "warn" }, h("a", { href: "#/plans" }, t("target.approval"))));
  }
  return told;
}
