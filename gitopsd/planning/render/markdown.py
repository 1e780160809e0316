"""Plans and outcomes as Markdown: a headline, the warnings, then the details folded away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gitopsd.model.outcome import Outcome, StepState
from gitopsd.model.plan import Hold, Operation, Plan, Step
from gitopsd.planning.render.essence import is_new
from gitopsd.planning.render.outcome import STATES, outcome_summary
from gitopsd.planning.render.sections import (
    WORDS,
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
    warning,
    word,
    worth_showing,
)
from gitopsd.typography import ARROW, code, count, markdown

#: Width at which a value is shortened around what differs.
_VALUE = 80
#: New things that are folded together.
_TOGETHER = 100
#: Notices that are a part together.
_NOTICES = 20


def plan_markdown(plan: Plan, *, full: bool = False, named: bool = True) -> str:
    """The plan of one target as a section of a comment. Ends without a line break.

    What is new stands in one folded list, a line for each; with `full` its fields are there too.
    `named` says the plan's hash at the end.
    """
    lines = [f"### {code(plan.target)}: {summary(plan)}", ""]
    for part in plan_parts(plan, full=full):
        lines += part
    if plan.steps and named:
        lines.append(f"Plan {code(plan.hash)} of revision {code(plan.revision)}")
    return "\n".join(lines).rstrip()


def plan_parts(plan: Plan, *, full: bool = False) -> Iterator[list[str]]:
    """What a plan says below its headline, in parts that can be left out one by one.

    Each part opens and closes what it folds, and ends with an empty line.
    """
    if text := warning(plan):
        yield [f"> **{markdown(text)}**", ""]
    notices = []
    for notice in plan.notices:
        place = f" ({code(str(notice.position))})" if notice.position else ""
        more = "; ".join(markdown(text) for text in (notice.why, notice.mend) if text)
        notices.append("> - " + ": ".join(filter(None, (markdown(notice.what) + place, more))))
    for first in range(0, len(notices), _NOTICES):
        yield [*notices[first : first + _NOTICES], ""]
    shared = shared_holds(plan.steps)
    for hold, number in shared.items():
        yield _hold(hold, count(number, "step"))
    for step in plan.holds:
        if step.hold and step.hold not in shared:
            yield _hold(step.hold, f"{word(step)} {code(resource(step))}")
    all_sections = sections(plan.steps)
    if not full:
        yield from _new_things(all_sections)
    for section in all_sections:
        if part := _section(section, full):
            yield part


def _new_things(found: Sequence[Section]) -> Iterator[list[str]]:
    """What is made, one line each, some of them a part; what is held has been told above."""
    made = [
        f"- **{WORDS[step.operation][0]} {word(step)}** {code(resource(step))}: "
        f"{markdown(told_new(step, section))}"
        for section in found
        for step in worth_showing(section)
        if is_new(step) and not step.hold
    ]
    for first in range(0, len(made), _TOGETHER):
        some = made[first : first + _TOGETHER]
        which = f"{first + 1:,} to {first + len(some):,} of " if len(some) < len(made) else ""
        title = f"{which}{len(made):,} to create"
        yield [f"<details><summary>{title}</summary>", "", *some, "", "</details>", ""]


def _section(section: Section, full: bool) -> list[str]:
    """A document with its steps; what `_new_things` tells is left out."""
    steps = [step for step in worth_showing(section, full=full) if full or not is_new(step)]
    if not steps:
        return []
    title = f"{code(str(section.subject))}: {count(len(steps), 'step')}"
    lines = [f"<details><summary>{_html(title)}</summary>", ""]
    for step in steps:
        lines += _step(step, full)
    return [*lines, "</details>", ""]


def _html(text: str) -> str:
    """Inside <summary> Markdown is not read; the code span becomes its tag."""
    name, _, rest = text.partition(": ")
    inner = name.strip("` ").replace("&", "&amp;").replace("<", "&lt;")
    return f"<code>{inner}</code>: {rest}"


def _hold(hold: Hold, what: str) -> list[str]:
    text = f"- **held** ({hold.guard}): {what}: {markdown(hold.reason)}"
    place = f" ({code(str(hold.position))})" if hold.position else ""
    release = f"; to go on: {markdown(hold.release)}" if hold.release else ""
    return [text + place + release, ""]


def _step(step: Step, full: bool) -> list[str]:
    symbol = WORDS[step.operation][0]
    held = " (held)" if step.hold else ""
    lines = [f"**{symbol if not held else '!'} {word(step)}** {code(resource(step))}{held}"]
    if why := explained(step):
        lines += ["", markdown(why)]
    if step.waived:
        lines += ["", f"approved, although {markdown(step.waived.reason)}"]
    changes = shown(step, full=full)
    if step.operation is Operation.UPDATE and step.changes and not changes:
        lines += ["", about_marks(step)]
    if changes:
        lines += ["", "| | Path | From | To |", "|---|---|---|---|"]
    for change in changes:
        line = change_line(change, width=_VALUE, full=full or step.operation is Operation.ADOPT)
        old = code(line.old) if line.old else ""
        new = code(line.new) if line.new else ""
        note = f" {markdown(line.note)}" if line.note else ""
        lines.append(f"| {line.symbol} | {code(line.path)}{note} | {old} | {new} |")
    return [*lines, ""]


def outcome_markdown(outcome: Outcome) -> str:
    """What became of the plan at one target as a section of a comment."""
    lines = [f"### {code(outcome.plan.target)}: {outcome_summary(outcome)}", ""]
    for result in outcome.results:
        if result.state is StepState.DONE:
            continue
        symbol, state, _ = STATES[result.state]
        words = f" {ARROW} ".join(text for text in (result.detail, result.mend) if text)
        what = f"{word(result.step)} {resource(result.step)}"
        lines.append(f"- {symbol} **{state}** {code(what)}: {markdown(words)}")
    lines += [f"- ! {markdown(note)}" for note in outcome.notes]
    return "\n".join(lines).rstrip()
