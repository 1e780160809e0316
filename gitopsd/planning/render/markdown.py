"""Plans and outcomes as Markdown: a headline, the warnings, then the details folded away."""

from __future__ import annotations

from gitopsd.model.outcome import Outcome, StepState
from gitopsd.model.plan import Operation, Plan, Step
from gitopsd.planning.render.outcome import STATES, outcome_summary
from gitopsd.planning.render.sections import (
    ONLY_MARKS,
    WORDS,
    change_line,
    resource,
    sections,
    shown,
    summary,
    word,
    worth_showing,
)
from gitopsd.typography import ARROW, code, count, markdown

#: Width at which a value is shortened around what differs.
_VALUE = 80


def plan_markdown(plan: Plan) -> str:
    """The plan of one target as a section of a comment. Ends without a line break."""
    lines = [f"### {code(plan.target)}: {summary(plan)}", ""]
    if not plan.complete:
        lines += ["> **The observation is incomplete, so nothing is deleted.**", ""]
    for notice in plan.notices:
        place = f" ({code(str(notice.position))})" if notice.position else ""
        words = " ".join(text for text in (notice.what, notice.why, notice.mend) if text)
        lines.append(f"> {markdown(words)}{place}")
    if plan.notices:
        lines.append("")
    for step in plan.holds:
        lines += _hold(step)
    for section in sections(plan.steps):
        title = f"{code(str(section.subject))}: {count(len(section.steps), 'step')}"
        lines += [f"<details><summary>{_html(title)}</summary>", ""]
        for step in worth_showing(section):
            lines += _step(step)
        lines += ["</details>", ""]
    if plan.steps:
        lines.append(f"Plan {code(plan.hash)} of revision {code(plan.revision)}")
    return "\n".join(lines).rstrip()


def _html(text: str) -> str:
    """Inside <summary> Markdown is not read; the code span becomes its tag."""
    name, _, rest = text.partition(": ")
    inner = name.strip("` ").replace("&", "&amp;").replace("<", "&lt;")
    return f"<code>{inner}</code>: {rest}"


def _hold(step: Step) -> list[str]:
    if step.hold is None:
        return []
    text = f"- **held**: {word(step)} {code(resource(step))}: {markdown(step.hold.reason)}"
    release = f" To go on: {markdown(step.hold.release)}" if step.hold.release else ""
    return [text + release, ""]


def _step(step: Step) -> list[str]:
    symbol = WORDS[step.operation][0]
    held = " (held)" if step.hold else ""
    lines = [f"**{symbol if not held else '!'} {word(step)}** {code(resource(step))}{held}"]
    if step.why:
        lines += ["", markdown(step.why)]
    changes = shown(step)
    if step.operation is Operation.UPDATE and step.changes and not changes:
        lines += ["", ONLY_MARKS]
    if changes:
        lines += ["", "| | Path | From | To |", "|---|---|---|---|"]
    for change in changes:
        line = change_line(change, width=_VALUE)
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
