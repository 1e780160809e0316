"""Sentences about what happens next: one for each consequence, with the fields that it is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gitopsd.drift.render.language import Words
from gitopsd.drift.render.page import Page, Section
from gitopsd.model.outlook import Action, Outlook
from gitopsd.model.plan import Chinese, Hold
from gitopsd.model.report import ReportState
from gitopsd.model.verdict import Cause, Difference

#: So many fields are named in a sentence.
_NAMED = 3


def will(section: Section, words: Words) -> tuple[str, ...]:
    """What gitopsd does by itself about what drifted; where that differs, about which fields."""
    groups: dict[str, list[Difference]] = {}
    for item in section.differences:
        if item.cause is Cause.DRIFT and item.outlook:
            text = _consequence(item.outlook, words, manual=item.manual)
            groups.setdefault(text, []).append(item)
    counted = _of_rows(section, words)
    if len(groups) + len(counted) < 2:
        return (*groups, *counted)
    one = len({item.resource for found in groups.values() for item in found}) < 2
    told = ((_fields(found, words, one=one), text) for text, found in groups.items())
    rows = ((words("will.rows", number=n), text) for text, n in counted.items())
    return tuple(words("will.about", fields=about, text=text) for about, text in (*told, *rows))


def will_rows(section: Section, words: Words) -> list[tuple[str, str]]:
    """`will` by name; nothing where nothing drifted."""
    actions = will(section, words)
    return [(words("fact.will"), words("space").join(actions))] if actions else []


@dataclass(frozen=True, slots=True)
class Held:
    """A guard's word on a page, or (without a guard) why nothing is written."""

    title: str
    reason: str
    release: str


def held(page: Page, words: Words) -> tuple[Held, ...]:
    """What keeps drift at a target from being put right, each thing once."""
    return tuple(dict.fromkeys(_held(page, words)))


def _held(page: Page, words: Words) -> Iterator[Held]:
    for verdict in page.assessment.verdicts:
        for outlook in (item.outlook for item in verdict.differences):
            if outlook and outlook.withheld:
                yield Held(words("page.withheld"), words.quoted(outlook.withheld), "")
            if outlook and outlook.hold:
                hold: Hold | Chinese = outlook.hold
                if words.language == "zh" and outlook.hold.chinese:
                    hold = outlook.hold.chinese
                release = words("page.go-on", release=hold.release) if hold.release else ""
                yield Held(words("page.held", guard=outlook.hold.guard), hold.reason, release)


def _consequence(outlook: Outlook, words: Words, *, manual: bool) -> str:
    if manual and outlook.action is Action.DECIDE:
        return words("action.manual")
    guard = str(outlook.hold.guard) if outlook.hold else ""
    return words(f"action.{outlook.action}", guard=guard)


def _of_rows(section: Section, words: Words) -> dict[str, int]:
    """The consequences of the findings in a report about many, and of how many."""
    counted: dict[str, int] = {}
    for row in (row for report in section.reports for row in report.rows):
        if row.action and row.state is ReportState.OPEN:
            text = words(f"rows.{row.action}")
            counted[text] = counted.get(text, 0) + 1
    return counted


def _fields(found: Iterable[Difference], words: Words, *, one: bool) -> str:
    names = list(dict.fromkeys(_field(item, words, one=one) for item in found))
    more = [words("will.more", number=len(names) - _NAMED)] if len(names) > _NAMED else []
    return words.list([*names[:_NAMED], *more])


def _field(item: Difference, words: Words, *, one: bool) -> str:
    """The path as `gitopsd drift hold --path` takes it, or of the one resource without its kind."""
    path = item.path or words("table.whole")
    return path if one else f"{item.resource.kind}/{path}"
