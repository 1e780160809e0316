"""A plan for a terminal or a log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gitopsd.model.plan import Hold, Operation, Plan, Step
from gitopsd.model.problem import Problem
from gitopsd.planning.render.essence import is_new
from gitopsd.planning.render.sections import (
    HELD_SYMBOL,
    WORDS,
    ChangeLine,
    Section,
    about_marks,
    change_line,
    explained,
    resource,
    sections,
    shared_holds,
    shown,
    summary,
    told_new,
    unknown_ids,
    warning,
    word,
    worth_showing,
)
from gitopsd.profiles.annotations import ACTIONS
from gitopsd.typography import (
    ARROW,
    PLAIN,
    Meaning,
    Palette,
    clean,
    count,
    fold,
    hang,
    pad,
    width_of,
    wrap,
)

_STEP = "    "
_DETAIL = "        "
#: A path longer than this pushes its own values only, not the column of its neighbours.
_PATH_COLUMN = 44


def plan_text(
    plan: Plan,
    *,
    palette: Palette = PLAIN,
    width: int = 100,
    full: bool = False,
    base: str = "",
    named: bool = True,
) -> str:
    """The plan of one target: a summary line, then per document what happens, then notices.

    What holds several steps is told once, before them. What is new has one line, with `full` one
    for each field; `full` also shows values in their whole length. `base` is put before the names
    of files, and `named` says the plan's hash. The text ends without a line break.
    """
    lines = [f"{palette.paint(clean(plan.target), Meaning.STRONG)}: {summary(plan)}"]
    if text := warning(plan):
        lines += _held_back(text, palette, width)
    paper = _Paper(palette, width, full, base, shared_holds(plan.steps))
    lines += paper.holds()
    apart = True
    for section in sections(plan.steps):
        steps = worth_showing(section, full=full)
        brief = not full and all(paper.brief(step) for step in steps)
        if apart or not brief:
            lines.append("")
        apart = not brief  # a list of nothing but new things has no gaps
        lines.append("  " + palette.paint(clean(str(section.subject)), Meaning.STRONG))
        for step in steps:
            lines += paper.step(step, section)
    if plan.notices:
        lines += ["", "  Notices"]
        for notice in plan.notices:
            lines += notice_lines(notice, palette, width, base)
    if plan.steps and named:
        lines += ["", palette.paint(f"  plan {plan.hash}", Meaning.QUIET)]
    return "\n".join(lines)


def notice_lines(notice: Problem, palette: Palette, width: int, base: str = "") -> list[str]:
    """A notice with what it means and what to do about it."""
    first, *rest = hang(f"{_STEP}{HELD_SYMBOL} ", notice.what, width)
    lines = [palette.paint(first, Meaning.WARNING), *rest]
    for text in (notice.why, notice.mend):
        lines += wrap(text, _STEP + "  ", width)
    if notice.position:
        where = clean(notice.position.below(base))
        lines.append(palette.paint(f"{_STEP}  {where}", Meaning.QUIET))
    return lines


def _held_back(text: str, palette: Palette, width: int) -> list[str]:
    return [palette.paint(line, Meaning.WARNING) for line in hang("  ! ", text, width)]


@dataclass(frozen=True, slots=True)
class _Paper:
    """How steps are set, and the holds that were told before them."""

    palette: Palette
    width: int
    full: bool
    base: str
    shared: Mapping[Hold, int]

    def brief(self, step: Step) -> bool:
        """Whether the step is one line: it makes something new, or takes it away and is held."""
        if step.hold:
            return step.hold in self.shared and step.operation is Operation.DELETE
        return is_new(step)

    def holds(self) -> list[str]:
        """What holds several steps at once."""
        lines = []
        for hold, number in self.shared.items():
            head = f"{count(number, 'step')} held [{hold.guard}]: "
            lines += ["", *_held_back(head + hold.reason, self.palette, self.width)]
            lines += self._way_on(hold, "    ")
        return lines

    def step(self, step: Step, section: Section) -> list[str]:
        """A step with why it is there, why it is held, and what it changes."""
        lines = _headline(step, section, self.palette, self.width, self.full)
        if self.brief(step) and step.hold and not self.full:
            return lines
        if why := explained(step):
            lines += [self.palette.paint(line, Meaning.QUIET)
                      for line in wrap(why, _DETAIL, self.width)]  # fmt: skip
        if step.hold and step.hold not in self.shared:
            text = f"{step.hold.reason} [{step.hold.guard}]"
            lines += [*hang(f"{_DETAIL}why: ", text, self.width), *self._way_on(step.hold, _DETAIL)]
        if step.waived:
            text = f"approved, although {step.waived.reason} [{step.waived.guard}]"
            lines += wrap(text, _DETAIL, self.width)
        if self.full or not is_new(step):
            lines += _changes(step, self.palette, self.width, self.full)
        if unknown := unknown_ids(step):
            text = f"known after apply: the id of {', '.join(unknown)}"
            quiet = wrap(text, _DETAIL, self.width)
            lines += [self.palette.paint(line, Meaning.QUIET) for line in quiet]
        return lines

    def _way_on(self, hold: Hold, indent: str) -> list[str]:
        lines = []
        if hold.position:
            where = f"{indent}at: {clean(hold.position.below(self.base))}"
            lines.append(self.palette.paint(where, Meaning.QUIET))
        if hold.release:
            lines += hang(f"{indent}to go on: ", hold.release, self.width)
        return lines


def _headline(step: Step, section: Section, palette: Palette, width: int, full: bool) -> list[str]:
    """What is done to what; of something new, what it is."""
    symbol, _, _, meaning = WORDS[step.operation]
    verb = word(step)
    text = resource(step)
    if is_new(step) and not full and (about := told_new(step, section)):
        text += f": {about}"
    if step.hold:
        head, meaning = f"{HELD_SYMBOL} held    {verb} ", Meaning.WARNING
    else:
        head = f"{symbol} {verb:<7} "
    first, *rest = hang(_STEP + head, text, width, indent=_DETAIL)
    return [_STEP + palette.paint(head, meaning) + first[len(_STEP + head) :], *rest]


def _changes(step: Step, palette: Palette, width: int, full: bool) -> list[str]:
    """The fields that move. Of what is taken over from others every value is shown as it is."""
    raw = full or step.operation is Operation.ADOPT
    room = max(width - len(_DETAIL) - _PATH_COLUMN, 40)
    changes = [change_line(change, width=room, full=raw) for change in shown(step, full=full)]
    column = max((len(line.path) for line in changes if len(line.path) <= _PATH_COLUMN), default=0)
    lines = [text for line in changes for text in _change(line, column, palette, width, raw)]
    if _only_marks(step) and not changes:
        quiet = wrap(about_marks(step), _DETAIL, width)
        lines += [palette.paint(text, Meaning.QUIET) for text in quiet]
    return lines


def _only_marks(step: Step) -> bool:
    return step.operation is Operation.UPDATE and bool(step.changes)


def _change(line: ChangeLine, column: int, palette: Palette, width: int, raw: bool) -> list[str]:
    """One field. A note about weights says what the values mean: below it they stand with `raw`."""
    path = clean(line.path)
    mark = palette.paint(line.symbol, line.meaning)
    below = _DETAIL + "    "
    if line.note:
        values = _below(line, below + "  ", width) if raw or ACTIONS not in line.path else []
        lines = _beside(path, clean(line.note), mark, column, width) or [
            f"{_DETAIL}{mark} {path}", *wrap(line.note, below, width)
        ]  # fmt: skip
        return lines + [palette.paint(text, Meaning.QUIET) for text in values]
    together = f" {ARROW} ".join(part for part in (line.old, line.new) if part)
    return _beside(path, together, mark, column, width) or [
        f"{_DETAIL}{mark} {path}", *_below(line, below, width)
    ]  # fmt: skip


def _beside(path: str, text: str, mark: str, column: int, width: int) -> list[str]:
    """Path and text on one line; nothing when they do not fit."""
    rest = f"{pad(path, column)}  {text}"
    fits = len(_DETAIL) + 2 + width_of(rest) <= width
    return [f"{_DETAIL}{mark} {rest}"] if fits else []


def _below(line: ChangeLine, indent: str, width: int) -> list[str]:
    """The values below their path: the old one, then the new one behind an arrow."""
    if not (line.old and line.new):
        return fold(line.old or line.new, indent, width)
    first, *rest = fold(line.new, indent, width)
    arrow = f"{indent[:-2]}{ARROW} {first[len(indent) :]}"
    return [*fold(line.old, indent, width), arrow, *rest]
