// Plans that wait, targets that are suspended, passes, and what is wrong with the specs.

import { command } from "./command.js";
import { h, table } from "./dom.js";
import { place } from "./thing.js";
import { duration, number, t, when } from "./words.js";

export function plans({ plans: found }, { targets }) {
  const waiting = found.filter((plan) => plan.held);
  return h("div", {}, h("h1", {}, t("nav.plans")),
    waiting.length ? waiting.map(plan) : h("p", {}, t("plans.none")),
    suspensions(targets));
}

function plan(one) {
  const heads = ["step", "why", "release"].map((name) => t(`plan.${name}`));
  const rows = one.holds.map((hold) => [
    [h("code", {}, hold.key), h("small", {}, hold.subject)],
    [hold.reason, h("small", {}, [hold.guard, hold.position].filter(Boolean).join(" · "))],
    hold.release === `--approve ${one.hash}` ? t("plan.by-approval") : hold.release]);
  return h("section", {},
    h("h2", {}, `${one.repository}/${one.target}`),
    h("p", { class: "quiet" }, t("plan.held", { held: number(one.held), steps: number(one.steps) })),
    one.command
      ? [h("p", {}, t("plan.approve")), command(one.command)]
      : h("p", {}, t("plan.no-approval")),
    table(`${one.repository}/${one.target}`, heads, rows));
}

function suspensions(targets) {
  const items = targets.flatMap((target) => {
    const name = `${target.repository}/${target.target}`;
    const end = (until) => (until ? ` ${t("until", { time: until })}` : "");
    const { suspended } = target;
    return [
      suspended && h("li", {}, h("b", {}, name), ` ${t("target.suspended")}${end(suspended.until)}: `,
        suspended.reason),
      ...target.holds.map((hold) => h("li", {}, h("b", {}, name), ` ${hold.subject} `,
        h("code", {}, hold.path), `${end(hold.until)}: `, hold.reason)),
      target.unreadable.length && h("li", { class: "warn" }, h("b", {}, name), " ",
        t("unreadable", { names: target.unreadable.join(", ") })),
    ].filter(Boolean);
  });
  return h("section", {}, h("h2", {}, t("suspensions")),
    items.length ? h("ul", {}, items) : h("p", {}, t("suspensions.none")));
}

export function passes({ targets }) {
  const heads = ["time", "revision", "outcome", "phases"].map((name) => t(`pass.${name}`));
  const told = targets.filter((target) => target.passes.length);
  return h("div", {}, h("h1", {}, t("nav.passes")),
    told.length ? told.map((target) => {
      const name = `${target.repository}/${target.target}`;
      return h("section", {}, h("h2", {}, name),
        table(name, heads, target.passes.map((one) => passRow(one, longest(target.passes)))));
    }) : h("p", {}, t("passes.none")));
}

const whole = (one) => Object.values(one.seconds).reduce((sum, value) => sum + value, 0);
const longest = (found) => Math.max(0.001, ...found.map(whole));

function passRow(one, most) {
  return [
    h("time", { datetime: one.time, title: one.time }, when(one.time)),
    h("code", { title: one.revision }, one.revision.slice(0, 12)),
    [h("span", { class: ["failed", "held", "withheld"].includes(one.state) ? "warn" : "" },
      one.outcome), one.trouble ? h("small", {}, one.trouble) : ""],
    phases(one, most),
  ];
}

function phases(one, most) {
  const found = Object.entries(one.seconds);
  if (!found.length) return h("span", { class: "quiet" }, t("pass.unknown"));
  const bar = h("span", { class: "phases", "aria-hidden": "true" }, found.map(([phase, seconds]) => {
    const piece = h("span", { class: `phase ${phase}` });
    piece.style.width = `${(100 * seconds) / most}%`;
    return piece;
  }));
  const words = found.map(([phase, seconds]) => `${t(`phase.${phase}`)} ${duration(seconds)}`);
  return [bar, h("span", { class: "facts" }, words.map((word) => h("span", {}, word)))];
}

export function problems({ problems: found, total }) {
  const heads = ["where", "what", "mend"].map((name) => t(`problem.${name}`));
  const rows = found.map((one) => [
    [h("code", {}, place(one) || one.repository), h("small", {}, one.repository)],
    [h("b", { class: one.severity === "error" ? "warn" : "" }, t(`severity.${one.severity}`)), " ",
      one.what, h("small", {}, [one.id, one.why].filter(Boolean).join(" · "))],
    one.mend || ""]);
  const more = total - found.length;
  return h("div", {}, h("h1", {}, t("nav.problems")),
    rows.length ? table(t("nav.problems"), heads, rows) : h("p", {}, t("problems.none")),
    more ? h("p", { class: "quiet" }, t("problems.more", { number: number(more) })) : null);
}
