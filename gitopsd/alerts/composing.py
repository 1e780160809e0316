"""From news to words: what to do comes first, then what was found, then where to look."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitopsd.alerts.severity import moved_of, severity_of, severity_while_open
from gitopsd.alerts.texts import TEXTS
from gitopsd.drift.remedies import remedies
from gitopsd.drift.render import LANGUAGES, Words
from gitopsd.drift.render.phrases import ended, ended_name, when
from gitopsd.model.approval import by_instance, scope
from gitopsd.model.message import Item, Line, News, Severity
from gitopsd.model.outlook import Action
from gitopsd.model.reason import Reason
from gitopsd.model.report import DriftReport, RemedyKind, ReportState, Resolution
from gitopsd.typography import clean, shorten, shorten_pair, value

#: So much of one finding is told in a message, and of a report about many.
EVIDENCE, ROWS = 3, 10
#: Characters of a value.
_VALUE = 60
#: Characters of a manager's name.
_MANAGER = 40
REMEDIES = 2


def say(words: Words, key: str, **values: str | int) -> str:
    """A text of messages, in the language of `words`."""
    return TEXTS[key][LANGUAGES.index(words.language)].format(**values)


def item_of(news: News, report: DriftReport, words: Words) -> Item:
    """A piece of news with its title."""
    title, told = title_of(news, report, words), summary_of(report, words)
    was = severity_while_open(report)
    return Item(news, severity_of(report), report, title, told, was)


def summary_of(report: DriftReport, words: Words) -> str:
    """What moved, in a line: `DriftReport.summary` in the language of `words`."""
    if words.language == "en":
        return report.summary
    if not report.evidence:
        still = [row for row in report.rows if row.state is ReportState.OPEN]
        subjects = len({row.subject for row in still or report.rows})
        number = len(report.rows)
        many = say(words, "summary.many", open=len(still), number=number, subjects=subjects)
        return words("semicolon").join((many, _fight(report, words))) if report.fighters else many
    if report.fighters:
        return _fight(report, words)
    first = report.evidence[0]
    who = words("brackets", inner=first.who.manager) if first.who else ""
    if report.paths > 1:
        return say(words, "summary.more", what=report.moved, number=report.paths) + who
    return report.moved + who


def _fight(report: DriftReport, words: Words) -> str:
    """Who overwrites whom, at the first of the fields."""
    fields = [path or str(report.resource) for path in report.fought[:EVIDENCE]]
    if more := len(report.fought[EVIDENCE:]):
        fields.append(words("will.more", number=more))
    key = "summary.calm" if report.calm_since else "summary.fight"
    return say(words, key, fields=words.list(fields), managers=words.list(report.fighters))


def title_of(news: News, report: DriftReport, words: Words) -> str:
    """What to do, and about what."""
    values: dict[str, str | int] = {"subject": subject_of(report, words), "target": report.target}
    if news is News.RESOLVED and report.resolution is Resolution.REPLACED:
        return say(words, "title.replaced", **values)
    if severity_of(report) is Severity.CRITICAL and (key := _critical(news, report)):
        return say(words, key, part=words.percent(round(moved_of(report))), **values)
    if news in (News.OPENED, News.UPDATED) or (news is News.WORSE and not report.escalated_at):
        if report.subject is None:
            return say(words, "title.opened.many", **values)
        word = severity_of(report).word
        if word == Severity.INFO.word and Action.WITHHOLD in report.actions:
            word = "withheld"
        return say(words, f"title.opened.{word}", **values)
    managers = words.list(map(name_of, report.fighters))
    return say(
        words,
        f"title.{news}",
        managers=managers,
        time=when(report.opened_at),
        number=max(report.reopened, 1),
        **values,
    )


def _critical(news: News, report: DriftReport) -> str:
    """The key of an alarm's title; "" where the news itself says more."""
    if news in (News.FIGHT, News.CORRECTED, News.RESOLVED):
        return ""
    if report.subject is None:
        return "title.many.critical"
    return "title.reopened.critical" if news is News.REOPENED else "title.opened.critical"


def name_of(manager: str) -> str:
    """What a manager is called, fit for a title: whoever writes chooses it, and may mean harm."""
    return re.sub(r"[^\w.:/ -]", "·", clean(manager))[:_MANAGER]


def subject_of(report: DriftReport, words: Words) -> str:
    """`Exposure/shop/tea`, or how many findings."""
    if report.subject is not None:
        return str(report.subject)
    going_on = sum(row.state is ReportState.OPEN for row in report.rows)
    return say(words, "subject.many", number=going_on or len(report.rows))


def lines_of(
    report: DriftReport,
    words: Words,
    *,
    evidence: int = EVIDENCE,
    named: str = "",
    holds: bool = True,
) -> Iterator[Line]:
    """What to do about one finding, what was found, and where all of it is told.

    `named` is the instance that commands have to name (`Scene.named`); `holds` whether those stand
    there that name fields.
    Nothing in it moves while nothing has happened: it is compared with what stands there.
    """
    again, most = by_instance(named), REMEDIES if evidence <= EVIDENCE else None
    for remedy in remedies(report, again)[:most]:
        if remedy.kind is not RemedyKind.LOOK and (holds or remedy.kind is not RemedyKind.HOLD):
            yield Line(words(f"remedy.{remedy.kind}"), remedy.command)
    if report.open:
        yield from _found(report, words, evidence)
        if report.opened_at:
            yield Line(say(words, "line.since", time=when(report.opened_at)))
    elif report.resolution is not None:
        how = words(f"resolution.{report.resolution}")
        if report.resolution is Resolution.CORRECTED:
            yield from _found(report, words, evidence)
        yield Line(say(words, "line.ended", time=when(report.resolved_at), how=how))
    if report.open:
        yield Line(say(words, "line.more"), f"gitopsd drift {scope(report.target, again)} -v")


def _found(report: DriftReport, words: Words, most: int) -> Iterator[Line]:
    if report.evidence:
        yield Line(words(f"reason.{report.reason}"))
    for item in report.evidence[:most]:
        if item.reason is Reason.EXPIRED:
            yield Line("", clean(f"{ended_name(item, words)}: {ended(item, words)}"))
            continue
        wanted, found = shorten_pair(value(item.wanted), value(item.found), _VALUE)
        path = item.path or str(item.resource)
        whole = not item.path or report.reason in (Reason.ADDITION, Reason.DELETED)
        yield Line("", clean(path) if whole else f"{clean(path)}: {wanted} → {found}")
    if report.paths > most and report.evidence:
        yield Line(words("markdown.cut", number=report.paths - most).replace("`", ""))
    yield from _kept_back(report, words)
    if names := list(dict.fromkeys(item.who.manager for item in report.evidence if item.who)):
        told = [shorten(clean(name), _MANAGER) for name in names[:most]]
        if more := len(names) - len(told):
            told.append(words("will.more", number=more))
        yield Line(say(words, "line.who"), ", ".join(told))
    moved = [impact for impact in report.impact if impact.moved]
    for impact in sorted(moved, key=lambda one: -(one.moved or 0))[:most]:
        part = words.percent(round(impact.moved or 0, 1))
        yield Line(say(words, "line.impact", part=part), clean(impact.route))
    rows = [row for row in report.rows if row.state is ReportState.OPEN]
    for row in rows[:ROWS]:
        yield Line(words(f"reason.{row.reason}"), str(row.resource))
    if len(rows) > ROWS:
        yield Line(words("will.more", number=len(rows) - ROWS))


def _kept_back(report: DriftReport, words: Words) -> Iterator[Line]:
    """Why what would be put right is not, each reason once."""
    outlooks = [item.outlook for item in report.standing if item.outlook]
    zh = words.language == "zh"
    held = (
        ("line.held-correct" if one.left else "line.held", one.hold) for one in outlooks if one.hold
    )
    said = ((line, h.chinese.reason if zh and h.chinese else h.reason) for line, h in held)
    for line, reason in dict.fromkeys(said):
        yield Line(say(words, line), clean(reason))
    for reason in dict.fromkeys(one.withheld for one in outlooks if one.withheld):
        yield Line(say(words, "line.withheld"), clean(words.quoted(reason)))
