"""Sentences about what happens next: one for each consequence, with the fields that it is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gitopsd.drift.remedies import approval
from gitopsd.drift.render.language import Words
from gitopsd.drift.render.page import Page, Section
from gitopsd.model.approval import scope
from gitopsd.model.outlook import Action, Outlook
from gitopsd.model.plan import Chinese, Hold
from gitopsd.model.report import ReportState
from gitopsd.model.verdict import Cause, Difference, State

#: So many fields are named in a sentence.
_NAMED = 3
#: What becomes of a change of Git's; where no step is about it, there is nothing to say.
_BROUGHT = (Action.CORRECT, Action.HOLD, Action.WITHHOLD)


def will(section: Section, words: Words) -> tuple[str, ...]:
    """What gitopsd does by itself about what differs; where that is not alike, about which.

    About what could not be looked at nothing can be said.
    """
    if section.state is State.UNKNOWN:
        return ()
    groups: dict[str, list[Difference]] = {}
    for item in section.differences:
        if item.outlook and (text := _consequence(item, item.outlook, words)):
            groups.setdefault(text, []).append(item)
    counted = _of_rows(section, words)
    if len(groups) + len(counted) < 2:
        return (*groups, *counted)
    one = len({item.resource for found in groups.values() for item in found}) < 2
    told = ((_fields(found, words, one=one), text) for text, found in groups.items())
    rows = ((words("will.rows", number=n), text) for text, n in counted.items())
    return tuple(words("will.about", fields=about, text=text) for about, text in (*told, *rows))


def will_rows(section: Section, words: Words) -> list[tuple[str, str]]:
    """`will` by name; nothing where nothing differs."""
    actions = will(section, words)
    return [(words("fact.will"), words("space").join(actions))] if actions else []


@dataclass(frozen=True, slots=True)
class Held:
    """A guard's word on a page with the command that overrides it, or why nothing is written."""

    title: str
    reason: str
    release: str
    command: str = ""


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
                command = approval(outlook, scope(page.assessment.target, page.again))
                held_by = "page.held-correct" if outlook.left else "page.held"
                title = words(held_by, guard=outlook.hold.guard)
                yield Held(title, hold.reason, release, command)


def _consequence(item: Difference, outlook: Outlook, words: Words) -> str:
    guard = str(outlook.hold.guard) if outlook.hold else ""
    if item.cause is Cause.DRIFT:
        manual = item.manual and outlook.action is Action.DECIDE
        if manual and item.kept is not None:
            return words("action.manual-rest")
        return words("action.manual" if manual else f"action.{outlook.action}", guard=guard)
    brought = outlook.action in _BROUGHT
    return words(f"change.{outlook.action}", guard=guard) if brought else ""


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
