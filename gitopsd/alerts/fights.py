"""What is said of managers who keep overwriting each other (`drift.fights` recognises them).

None of it moves from blow to blow, but for the line of a summary: what is put right for now is
overwritten soon.
"""

from __future__ import annotations

from collections.abc import Iterable

from gitopsd.alerts.wording import MANAGER_WIDTH, name_of, say
from gitopsd.drift.render import Words
from gitopsd.model.message import Line
from gitopsd.model.report import DriftReport, ReportState, Row, row_parts
from gitopsd.typography import clean, shorten

#: So many of the fields are named.
_FIELDS = 3


def managers_of(report: DriftReport, words: Words) -> str:
    """Those who fight, as a title names them."""
    return words.list(map(name_of, report.fighters))


def fight_summary(report: DriftReport, words: Words) -> str:
    """Who overwrites whom, in a line, and whether it is put right for now."""
    fields = _listed((path or str(report.resource) for path in report.fought), words)
    key = "summary.calm" if report.calm_since else "summary.fight"
    return say(words, key, fields=fields, managers=words.list(report.fighters))


def fight_line(report: DriftReport, words: Words) -> Line:
    """Who overwrites whom, and at which fields; of many findings each field is named once."""
    paths = (path if report.resource else row_parts(path)[1] for path in report.fought)
    fields = _listed(dict.fromkeys(path for path in paths if path), words)
    names = words.list(shorten(one, MANAGER_WIDTH) for one in report.fighters)
    told = names + (words("brackets", inner=fields) if fields else "")
    return Line(say(words, "line.fight"), clean(told))


def fought_subject(report: DriftReport, words: Words) -> str:
    """`30 findings`, or `2 of 30 findings`: how many of many are fought over."""
    number, fought = len(told_rows(report)), len(_things(report))
    key = "subject.many" if fought >= number else "subject.part"
    return say(words, key, number=number, fought=fought)


def told_rows(report: DriftReport) -> list[Row]:
    """The rows of a report about many that go on; what is fought over does, between blows too."""
    things = _things(report)
    rows = [
        row
        for row in report.rows
        if row.state is ReportState.OPEN or (report.open and str(row.resource) in things)
    ]
    return sorted(rows, key=lambda row: str(row.resource) not in things) if things else rows


def _things(report: DriftReport) -> set[str]:
    return {row_parts(path)[0] for path in report.fought}


def _listed(fields: Iterable[str], words: Words) -> str:
    """The first of them, and how many more there are."""
    every = list(fields)
    more = len(every) - _FIELDS
    rest = [words("will.more", number=more)] if more > 0 else []
    return words.list((*every[:_FIELDS], *rest))
