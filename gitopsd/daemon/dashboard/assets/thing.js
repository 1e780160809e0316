// One Exposure or ServerGroup: its traffic, what differs, and what it was compiled to, and why.

import { ago, chip } from "./chips.js";
import { breakable, h, shown, table } from "./dom.js";
import { drawings } from "./drawing.js";
import { reportItem } from "./reports.js";
import { age, number, t, when } from "./words.js";

export function thing(told) {
  const { subject } = told;
  return h("div", { class: "thing" },
    h("p", {}, h("a", { href: "#/", class: "back" }, `← ${t("back")}`)),
    h("div", { class: "head" },
      h("h1", {}, h("span", { class: "kind" }, `${subject.kind} `),
        h("span", { class: "quiet" }, `${subject.namespace}/`), subject.name),
      chip(subject.state)),
    h("p", { class: "quiet facts" },
      h("span", {}, `${t("column.target")} ${subject.repository}/${subject.target}`),
      subject.address && h("span", {}, h("code", {}, subject.address)),
      h("span", { title: told.revision }, t("target.revision", { revision: subject.revision })),
      subject.created && h("span", { title: subject.created },
        `${t("column.age")} ${age(subject.created)}`),
      ago("target.observed", told.observed)),
    told.held ? h("p", { class: "notice" }, told.held) : null,
    ...[problems, conditions, routes, differences, reports, steps, compiled]
      .map((part) => part(told)).filter(Boolean));
}

const section = (title, ...content) => h("section", {}, h("h2", {}, title), content);

function problems({ problems: found }) {
  if (!found.length) return null;
  return section(t("nav.problems"), h("ul", {}, found.map((problem) => h("li", {},
    h("code", {}, place(problem)), ` ${problem.what} `,
    h("span", { class: "quiet" }, problem.mend || "")))));
}

export function place({ file, line, column }) {
  return file ? [file, line, column].filter(Boolean).join(":") : "";
}

/** Nothing is stuck where drift is left alone, and what is asked here is whether a person decides. */
function asAsked(one) {
  return one.type === "Stalled" && one.reason === "LeftAlone" ? { ...one, status: "True" } : one;
}

function conditions({ conditions: found, verdict }) {
  const bad = { Ready: "False", Reconciling: "True", Stalled: "True" };
  const list = h("dl", {}, found.map(asAsked).map((one) => [
    h("dt", {}, t(`condition.${one.type}`)),
    h("dd", {}, h("span", { class: bad[one.type] === one.status ? "warn" : "" },
      h("b", {}, t(`truth.${one.status}`))), " ", one.message)]));
  const notes = verdict?.notes.length
    ? h("ul", {}, verdict.notes.map((note) => h("li", {}, note))) : null;
  const holds = [...(verdict?.holds || []), ...(verdict?.over || [])];
  const alone = holds.length ? [h("h3", {}, t("holds.exceptions")),
    h("ul", {}, holds.map((hold) => h("li", {}, h("code", {}, hold.path), ` ${hold.mode} `,
      hold.until ? t("until", { time: hold.until }) : "", " ", hold.reason)))] : null;
  return section(t("conditions"), [list, notes, alone].filter(Boolean));
}

function routes({ routes: found, routesTotal }) {
  if (!found.length) return null;
  const more = routesTotal - found.length;
  return section(t("routes"),
    found.map((route) => h("figure", {}, drawings(route.svg),
      route.told ? h("figcaption", { class: "warn" }, route.told) : null)),
    more ? h("p", { class: "quiet" }, t("routes.more", { number: number(more) })) : []);
}

function differences({ verdict }) {
  const found = verdict?.differences || [];
  if (!found.length) {
    return verdict ? section(t("differences"), h("p", {}, t("differences.none"))) : null;
  }
  const heads = ["field", "wanted", "found"].map((name) => t(`differences.${name}`));
  const rows = found.map((one) => [
    [h("code", {}, breakable(one.path || one.resource)), small(one.resource), ...aside(one)],
    shown(one.old, t("value.absent")),
    [h("span", { class: one.cause === "drift" ? "found" : "" },
      shown(one.new, t("value.absent"))),
    one.note ? small(one.note) : "",
    one.manager ? small(t("difference.by", { manager: one.manager, time: when(one.time) })) : ""],
  ]);
  return section(t("differences"), table(t("differences"), heads, rows, "sides"));
}

const small = (text) => h("small", {}, text);

function aside(one) {
  const told = [t(`difference.${one.cause}`)];
  if (one.cause === "drift" && one.mode !== "Correct") {
    told.push(t("difference.mode", { mode: one.mode }));
  }
  if (one.position) told.push(t("asked", { position: one.position }));
  return told.map(small);
}

function reports({ reports: found }) {
  if (!found.length) return null;
  return section(t("nav.reports"), h("ul", { class: "plain" }, found.map(reportItem)));
}

function steps({ steps: found }) {
  if (!found.length) return null;
  return section(t("steps"), h("ul", {}, found.map((step) => h("li", {}, h("code", {}, step.key),
    step.hold ? small(`${step.hold.reason}; ${step.hold.release}`) : ""))));
}

function compiled({ parts }) {
  if (!parts.length) return null;
  const heads = ["field", "value", "why"].map((name) => t(`compiled.${name}`));
  return section(t("compiled"), parts.map((part) => {
    const rows = part.fields.map((field) => [
      h("code", {}, breakable(field.path)),
      shown(field.value, t("value.absent")),
      field.because ? [field.because,
        small([field.rule, field.position].filter(Boolean).join(" · "))] : "",
    ]);
    const more = part.fieldsTotal - part.fields.length;
    return h("details", { open: true, "data-key": part.identity },
      h("summary", {}, part.identity,
        part.position ? h("span", { class: "quiet" }, ` ${part.position}`) : ""),
      table(part.identity, heads, rows, "why"),
      more ? h("p", { class: "quiet" }, t("compiled.more", { number: number(more) })) : []);
  }));
}
