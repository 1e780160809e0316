// Drift reports: what is open, and what came to its end.

import { command } from "./command.js";
import { h, shown } from "./dom.js";
import { number, t, when } from "./words.js";

export function reports({ reports: found, total, unknown }) {
  const open = found.filter((report) => report.state === "Open");
  const past = found.filter((report) => report.state !== "Open");
  const more = total - found.length;
  return h("div", {}, h("h1", {}, t("nav.reports")),
    unknown.length
      ? h("p", { class: "notice" }, t("reports.unknown", { targets: unknown.join(", ") })) : null,
    found.length || unknown.length ? null : h("p", {}, t("reports.none")),
    part(t("reports.open"), open), part(t("reports.past"), past),
    more ? h("p", { class: "quiet" }, t("reports.more", { number: number(more) })) : null);
}

function part(title, found) {
  if (!found.length) return null;
  return h("section", {}, h("h2", {}, `${title} (${number(found.length)})`),
    h("ul", { class: "plain" }, found.map(reportItem)));
}

export function reportItem(report) {
  const [kind, namespace, name] = report.subject.split("/");
  const link = report.repository && name;
  const way = [report.repository, report.target, kind, namespace, name];
  const title = report.subject || report.summary;
  const end = report.resolution ? t(`resolution.${report.resolution}`) : "";
  const facts = [t("report.since", { time: when(report.firstSeen) })];
  if (report.resolvedAt) facts.push(t("report.ended", { time: when(report.resolvedAt), how: end }));
  if (report.reopened === 1) facts.push(t("report.again-once"));
  else if (report.reopened) facts.push(t("report.again", { number: report.reopened }));
  if (report.fighters.length) facts.push(t("report.fight", { names: report.fighters.join(", ") }));
  return h("li", {},
    h("details", { "data-key": `${report.target}/${report.fingerprint}` },
      h("summary", {}, h("b", {}, title), " ", h("span", {}, report.subject ? report.summary : ""),
        h("span", { class: "quiet facts" },
          [`${report.target}`, ...facts].map((fact) => h("span", {}, fact)))),
      link ? h("p", {}, h("a", { href: `#/thing/${way.map(encodeURIComponent).join("/")}` },
        report.subject)) : null,
      h("ul", {}, report.evidence.map(evidence)),
      h("ul", {}, report.rows.map((row) => h("li", {}, h("code", {}, row.resource), ` ${row.reason}`))),
      remedies(report.remedies)));
}

function remedies(found) {
  if (!found.length) return null;
  return h("div", {}, h("h3", {}, t("remedies")),
    found.map(({ why, commands }) => [h("p", {}, why), commands.map(command)]));
}

function evidence(one) {
  return h("li", {}, h("code", {}, one.path || one.resource), ": ",
    shown(one.old, t("value.absent")), " → ", shown(one.new, t("value.absent")),
    one.manager ? ` (${one.manager})` : "",
    one.position ? h("small", {}, t("asked", { position: one.position })) : "");
}
