"""A plan for a terminal or a log."""

from __future__ import annotations

from gitopsd.model.plan import Operation, Plan, Step
from gitopsd.model.problem import Problem
from gitopsd.planning.render.sections import (
    HELD_SYMBOL,
    ONLY_MARKS,
    WORDS,
    ChangeLine,
    change_line,
    resource,
    sections,
    shown,
    summary,
    unknown_ids,
    word,
    worth_showing,
)
from gitopsd.typography import ARROW, PLAIN, Meaning, Palette, clean, fold, wrap

_STEP = "    "
_DETAIL = "        "
#: A path longer than this pushes its own values only, not the column of its neighbours.
_PATH_COLUMN = 44


def plan_text(plan: Plan, *, palette: Palette = PLAIN, width: int = 100, full: bool = False) -> str:
    """The plan of one target: a summary line, then per document what happens, then notices.

    `full` shows values in their whole length. The text ends without a line break.
    """
    lines = [f"{palette.paint(clean(plan.target), Meaning.STRONG)}: {summary(plan)}"]
    if not plan.complete:
        lines += _held_back("The observation is incomplete, so nothing is deleted.", palette, width)
    for section in sections(plan.steps):
        lines += ["", "  " + palette.paint(clean(str(section.subject)), Meaning.STRONG)]
        for step in worth_showing(section, full=full):
            lines += _step(step, palette, width, full)
    if plan.notices:
        lines += ["", "  Notices"]
        for notice in plan.notices:
            lines += notice_lines(notice, palette, width)
    if plan.steps:
        lines += ["", palette.paint(f"  plan {plan.hash}", Meaning.QUIET)]
    return "\n".join(lines)


def notice_lines(notice: Problem, palette: Palette, width: int) -> list[str]:
    """A notice with what it means and what to do about it."""
    first, *rest = wrap(f"{HELD_SYMBOL} {notice.what}", _STEP, width)
    lines = [palette.paint(first, Meaning.WARNING), *rest]
    for text in (notice.why, notice.mend):
        lines += wrap(text, _STEP + "  ", width)
    if notice.position:
        lines.append(palette.paint(f"{_STEP}  {clean(str(notice.position))}", Meaning.QUIET))
    return lines


def _held_back(text: str, palette: Palette, width: int) -> list[str]:
    return [palette.paint(line, Meaning.WARNING) for line in wrap(f"! {text}", "  ", width)]


def _step(step: Step, palette: Palette, width: int, full: bool) -> list[str]:
    symbol, _, _, meaning = WORDS[step.operation]
    verb = word(step)
    if step.hold:
        head = palette.paint(f"{HELD_SYMBOL} held    {verb} ", Meaning.WARNING)
    else:
        head = palette.paint(f"{symbol} {verb:<7} ", meaning)
    lines = [f"{_STEP}{head}{clean(resource(step))}"]
    if step.why:
        lines += [palette.paint(line, Meaning.QUIET) for line in wrap(step.why, _DETAIL, width)]
    if step.hold:
        lines += wrap(f"why: {step.hold.reason} [{step.hold.guard}]", _DETAIL, width)
        if step.hold.release:
            lines += wrap(f"to go on: {step.hold.release}", _DETAIL, width)
    room = max(width - len(_DETAIL) - _PATH_COLUMN, 40)
    changes = [change_line(change, width=room, full=full) for change in shown(step, full=full)]
    column = max((len(line.path) for line in changes if len(line.path) <= _PATH_COLUMN), default=0)
    for line in changes:
        lines += _change(line, column, palette, width, full)
    if _only_marks(step) and not changes:
        lines.append(palette.paint(f"{_DETAIL}{ONLY_MARKS}", Meaning.QUIET))
    if unknown := unknown_ids(step):
        text = f"known after apply: the id of {', '.join(unknown)}"
        lines += [palette.paint(line, Meaning.QUIET) for line in wrap(text, _DETAIL, width)]
    return lines


def _only_marks(step: Step) -> bool:
    return step.operation is Operation.UPDATE and bool(step.changes)


def _change(line: ChangeLine, column: int, palette: Palette, width: int, full: bool) -> list[str]:
    values = f" {ARROW} ".join(part for part in (line.old, line.new) if part)
    path = clean(line.path)
    plain = f"{_DETAIL}{line.symbol} {path.ljust(column)}  {values}"
    head = f"{_DETAIL}{palette.paint(line.symbol, line.meaning)} "
    below = _DETAIL + "    "
    if line.note:
        # The note says what the raw values mean; those stand below it for who wants all.
        plain = f"{_DETAIL}  {path.ljust(column)}  {clean(line.note)}"
        one = f"{head}{path.ljust(column)}  {clean(line.note)}"
        lines = [one] if len(plain) <= width else [head + path, *wrap(line.note, below, width)]
        raw = fold(values, below + "  ", width) if full else []
        return lines + [palette.paint(text, Meaning.QUIET) for text in raw]
    if len(plain) <= width:
        return [f"{head}{path.ljust(column)}  {values}"]
    if line.old and line.new:
        return [f"{head}{path}", below + line.old, f"{_DETAIL}  {ARROW} {line.new}"]
    return [f"{head}{path}", *fold(values, below, width)]
