"""From news to words: what to do comes first, then what was found, then where to look."""

from __future__ import annotations

from collections.abc import Iterator

from gitopsd.alerts.fights import (
    fight_line,
    fight_summary,
    fought_subject,
    managers_of,
    told_rows,
)
from gitopsd.alerts.severity import moved_of, severity_of, severity_while_open
from gitopsd.alerts.wording import MANAGER_WIDTH, say
from gitopsd.drift.remedies import remedies
from gitopsd.drift.render import Words
from gitopsd.drift.render.phrases import ended, ended_name, note_of, says_values, when
from gitopsd.model.approval import by_instance, scope
from gitopsd.model.message import Item, Line, News, Severity
from gitopsd.model.outlook import Action
from gitopsd.model.ownership import MANAGER
from gitopsd.model.reason import Reason
from gitopsd.model.report import DriftReport, RemedyKind, ReportState, Resolution
from gitopsd.model.verdict import Difference
from gitopsd.typography import clean, shorten, shorten_pair, value

#: So much of one finding is told in a message, and of a report about many.
EVIDENCE, ROWS = 3, 10
#: Characters of a value, and of what values mean.
_VALUE, _NOTE = 60, 200
REMEDIES = 2
#: News whose title says how things stand.
_STATES = (News.OPENED, News.UPDATED, News.REOPENED, News.WORSE, News.FIGHT)
#: What can be done only while a difference stands, and so not between two blows of a fight.
_STANDING = (RemedyKind.ACCEPT, RemedyKind.HOLD)


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
        told = (many, fight_summary(report, words)) if report.fighters else (many,)
        return words("semicolon").join(told)
    if report.fighters:
        return fight_summary(report, words)
    first = report.evidence[0]
    who = words("brackets", inner=first.who.manager) if first.who else ""
    if report.paths > 1:
        return say(words, "summary.more", what=report.moved, number=report.paths) + who
    return report.moved + who


def title_of(news: News, report: DriftReport, words: Words) -> str:
    """What to do, and about what."""
    values: dict[str, str | int] = {"subject": subject_of(report, words), "target": report.target}
    if news is News.RESOLVED and report.resolution is Resolution.REPLACED:
        return say(words, "title.replaced", **values)
    if severity_of(report) is Severity.CRITICAL and (key := _critical(news, report)):
        return say(words, key, part=words.percent(round(moved_of(report))), **values)
    if news in _STATES and report.fighters:
        return _fight_title(news, report, words)
    if news in (News.OPENED, News.UPDATED) or (news is News.WORSE and not report.escalated_at):
        if report.subject is None:
            return say(words, "title.opened.many", **values)
        word = severity_of(report).word
        if word == Severity.INFO.word and Action.WITHHOLD in report.actions:
            word = "withheld"
        return say(words, f"title.opened.{word}", **values)
    values |= {"time": when(report.opened_at), "number": max(report.reopened, 1)}
    return say(words, f"title.{news}", **values)


def _fight_title(news: News, report: DriftReport, words: Words) -> str:
    """What to do about a fight, whatever brings it up."""
    late = news is News.WORSE and report.escalated_at
    return say(
        words,
        "title.fight.late" if late else "title.fight",
        managers=managers_of(report, words),
        subject=str(report.subject) if report.subject else fought_subject(report, words),
        target=report.target,
        time=when(report.opened_at),
    )


def _critical(news: News, report: DriftReport) -> str:
    """The key of an alarm's title; "" where the news itself says more."""
    if news in (News.FIGHT, News.CORRECTED, News.RESOLVED):
        return ""
    if report.subject is None:
        return "title.many.critical"
    return "title.reopened.critical" if news is News.REOPENED else "title.opened.critical"


def subject_of(report: DriftReport, words: Words) -> str:
    """`Exposure/shop/tea`, or how many findings."""
    if report.subject is not None:
        return str(report.subject)
    return say(words, "subject.many", number=len(told_rows(report)) or len(report.rows))


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
    left_out = (RemedyKind.LOOK, *(() if holds else (RemedyKind.HOLD,)))
    left_out += _STANDING if MANAGER in report.fighters else ()
    for remedy in remedies(report, again)[:most]:
        if remedy.kind not in left_out:
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
    if report.fighters:
        yield fight_line(report, words)
    if report.evidence:
        yield Line(words(f"reason.{report.reason}"))
    for item in report.evidence[:most]:
        yield Line("", _difference(report, item, words))
    if report.paths > most and report.evidence:
        yield Line(words("markdown.cut", number=report.paths - most).replace("`", ""))
    yield from _kept_back(report, words)
    if names := list(dict.fromkeys(item.who.manager for item in report.evidence if item.who)):
        told = [shorten(clean(name), MANAGER_WIDTH) for name in names[:most]]
        if more := len(names) - len(told):
            told.append(words("will.more", number=more))
        yield Line(say(words, "line.who"), ", ".join(told))
    moved = [impact for impact in report.impact if impact.moved]
    for impact in sorted(moved, key=lambda one: -(one.moved or 0))[:most]:
        part = words.percent(round(impact.moved or 0, 1))
        yield Line(say(words, "line.impact", part=part), clean(impact.route))
    rows = told_rows(report)
    for row in rows[:ROWS]:
        yield Line(words(f"reason.{row.reason}"), str(row.resource))
    if len(rows) > ROWS:
        yield Line(words("will.more", number=len(rows) - ROWS))


def _difference(report: DriftReport, item: Difference, words: Words) -> str:
    """What differs, in a line: what the values mean, where that says more than they do."""
    if item.reason is Reason.EXPIRED:
        return clean(f"{ended_name(item, words)}: {ended(item, words)}")
    path = clean(item.path or str(item.resource))
    if says_values(item) and (note := note_of(item, words)):
        return f"{path}: {shorten(clean(note), _NOTE)}"
    wanted, found = shorten_pair(value(item.wanted), value(item.found), _VALUE)
    if not item.path or report.reason is Reason.DELETED:
        return path
    return f"{path}: {found}" if report.reason is Reason.ADDITION else f"{path}: {wanted} → {found}"


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
