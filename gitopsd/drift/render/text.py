"""An assessment as text for people: for a terminal or a log."""

from __future__ import annotations

from gitopsd.drift.render.flows import impacts_of
from gitopsd.drift.render.language import ENGLISH, Words
from gitopsd.drift.render.page import Page, Section, sections
from gitopsd.drift.render.phrases import (
    advice,
    blind_to,
    ended,
    ended_name,
    facts,
    fight_rows,
    note_of,
    says_values,
    since_rows,
    state_of_section,
    summary,
    title,
    told,
    waits,
)
from gitopsd.drift.render.prospects import held, will_rows
from gitopsd.model.verdict import Cause, Difference, State
from gitopsd.typography import (
    ABSENT,
    ARROW,
    PLAIN,
    Meaning,
    Palette,
    clean,
    hang,
    shorten_pair,
    value,
    width_of,
    wrap,
)

#: Per state: symbol and colour.
SYMBOLS: dict[State, tuple[str, Meaning]] = {
    State.UNKNOWN: ("?", Meaning.ERROR),
    State.DRIFTED: ("!", Meaning.WARNING),
    State.CHANGED: ("~", Meaning.CHANGE),
    State.IN_SYNC: ("✓", Meaning.GOOD),
}
#: Before what could not be read, and before what holds back what would put things right.
GAP, HELD = "?", "‖"
#: What is as asked for, and somebody has still to catch up or to say how it is.
_WAITING = "…", Meaning.CHANGE
_VALUE = 72
_FACT = "        "
#: What can be done about each of so many is told; of more it would bury what moved.
_FEW = 3


def symbol_of(item: Section) -> tuple[str, Meaning]:
    """The symbol and colour of a section: what is waited for is not green."""
    if item.state is State.IN_SYNC and item.waiting:
        return _WAITING
    return SYMBOLS[item.state]


def _rows(item: Section, words: Words) -> list[tuple[str, str]]:
    return [*since_rows(item, words), *fight_rows(item, words), *will_rows(item, words)]


def page_text(
    page: Page,
    words: Words = ENGLISH,
    *,
    palette: Palette = PLAIN,
    width: int = 100,
    full: bool = False,
    base: str = "",
) -> str:
    """The verdicts of one target; subjects in sync only with `full`. No final line break.

    `base` is put before the names of files, so that they can be opened from here.
    """
    setting = _Setting(words, palette, width, full, base)
    assessment = page.assessment
    target = palette.paint(clean(assessment.target), Meaning.STRONG)
    lines = [f"{target}{words('colon')}{summary(assessment, words)}"]
    for gap in assessment.gaps:
        text = words("text.gap", what=words.quoted(gap.what), why=words.quoted(gap.why))
        lines += setting.painted(hang(f"  {GAP} ", text, width), Meaning.ERROR)
    for one in held(page, words):
        text = f"{one.title}{words('colon')}{one.reason}"
        lines += setting.painted(hang(f"  {HELD} ", text, width), Meaning.WARNING)
        lines += wrap(one.release, "    ", width) if one.release else []
        lines += [f"    {clean(one.command)}"] if one.command else []
    found = sections(page, everything=full)
    brief = not full and sum(bool(item.reports) for item in found) > _FEW
    for item in found:
        lines += setting.section(item, page, brief=brief)
    if brief:
        lines += ["", *wrap(words("text.more"), "  ", width)]
    if unseen := blind_to(page, words):
        lines += ["", *wrap(unseen, "  ", width)]
    return "\n".join(lines)


class _Setting:
    """How wide, how coloured, in which words; and the setting of each part in that way."""

    def __init__(self, words: Words, palette: Palette, width: int, full: bool, base: str) -> None:
        self.words = words
        self.palette = palette
        self.width = width
        self.full = full
        self.base = base

    def painted(self, lines: list[str], meaning: Meaning) -> list[str]:
        return [self.palette.paint(line, meaning) for line in lines]

    def section(self, item: Section, page: Page, *, brief: bool) -> list[str]:
        """A subject; `brief` leaves out what people can do about it."""
        symbol, meaning = symbol_of(item)
        name = self.palette.paint(clean(title(item, self.words)), Meaning.STRONG)
        state = f"{self.words('colon')}{state_of_section(item, self.words)}"
        lines = ["", f"  {self.palette.paint(symbol, meaning)} {name}{state}"]
        for note in (*waits(item, self.words), *map(self.words.quoted, item.notes)):
            lines += wrap(note, "    ", self.width)
        if item.state is not State.IN_SYNC or item.ignored:
            for text in impacts_of(item, self.words):
                lines += self.painted(wrap(text, "    ", self.width), meaning)
        for cause in Cause:
            found = [d for d in told(item, full=self.full) if d.cause is cause]
            if found:
                lines.append(f"    {self.words(f'text.cause.{cause}')}")
            for difference in found:
                lines += self.difference(difference)
        if item.ended:
            lines.append(f"    {self.words('text.ended')}")
        for one in item.ended:
            name = clean(ended_name(one, self.words))
            lines += hang(f"      {name}  ", clean(ended(one, self.words, self.base)), self.width)
        lines += self._reports(item)
        return lines if brief or not item.reports else [*lines, *self._advice(item, page)]

    def _reports(self, item: Section) -> list[str]:
        """What reports say beside their evidence: since when, and what gitopsd will do."""
        lines: list[str] = []
        for row in (row for report in item.reports for row in report.rows):
            reason = self.words(f"reason.{row.reason}")
            lines += hang(f"      {clean(str(row.resource))}  ", reason, self.width)
        for name, text in _rows(item, self.words):
            lines += hang(f"    {name}{self.words('colon')}", text, self.width)
        return lines

    def _advice(self, item: Section, page: Page) -> list[str]:
        """What people can do: commands, which are never broken; with `full` also why."""
        lines = [f"    {self.words('remedies')}{self.words('colon').rstrip()}"]
        for why, commands in advice(item, page, self.words).items():
            if self.full or not commands:
                lines += wrap(why, "      ", self.width)
            lines += [f"      {clean(command)}" for command in commands]
        return lines

    def difference(self, item: Difference) -> list[str]:
        old, new = self._values(item)
        if item.cause is Cause.CHANGE:
            old, new = new, old  # what stands there now becomes what Git says
        head = "      " + "  ".join(clean(part) for part in (str(item.resource), item.path) if part)
        note = clean(note_of(item, self.words))
        words = note or ("" if item.path or self.full else self._whole(item))
        text = words or f"{old} {ARROW} {new}"
        if width_of(f"{head}  {text}") <= self.width:
            lines = [f"{head}  {text}"]
        elif words:
            lines = [head, *wrap(words, _FACT, self.width)]
        else:
            lines = [head, f"{_FACT}{old}", f"{_FACT[:-2]}{ARROW} {new}"]
        if note and item.path and (self.full or not says_values(item)):
            lines.append(self.palette.paint(f"{_FACT}{old} {ARROW} {new}", Meaning.QUIET))
        return [*lines, *self._facts(item)]

    def _facts(self, item: Difference) -> list[str]:
        found = facts(item, self.words, self.base)
        together = self.words("semicolon").join(found)
        if len(_FACT) + width_of(together) <= self.width:
            found = (together,) if together else ()
        lines = [line for fact in found for line in wrap(fact, _FACT, self.width)]
        return self.painted(lines, Meaning.QUIET)

    def _whole(self, item: Difference) -> str:
        """What is told of a thing that is there as a whole or not at all."""
        if item.found is None:
            was = item.cause is Cause.DRIFT or item.note  # a note says how it went
            return self.words("text.gone" if was else "text.unborn")
        return self.words("text.unwanted")

    def _values(self, item: Difference) -> tuple[str, str]:
        absent = f"({self.words('value.absent')})"
        old, new = (
            absent if text == ABSENT else text for text in (value(item.wanted), value(item.found))
        )
        return (old, new) if self.full else shorten_pair(old, new, _VALUE)
