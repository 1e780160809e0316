"""What became of a plan, for a terminal or a log."""

from __future__ import annotations

from gitopsd.model.outcome import Outcome, StepResult, StepState
from gitopsd.planning.render.sections import resource, shared_holds
from gitopsd.planning.render.sections import word as verb
from gitopsd.typography import PLAIN, Meaning, Palette, clean, count, hang, wrap

#: Per state: symbol, how it is counted, and its colour. In the order in which people care.
STATES: dict[StepState, tuple[str, str, Meaning]] = {
    StepState.DONE: ("✓", "done", Meaning.GOOD),
    StepState.FAILED: ("✗", "failed", Meaning.ERROR),
    StepState.OVERTAKEN: ("✗", "overtaken", Meaning.ERROR),
    StepState.BLOCKED: ("!", "blocked", Meaning.WARNING),
    StepState.INTERRUPTED: ("!", "not begun", Meaning.WARNING),
    StepState.HELD: ("!", "held", Meaning.WARNING),
    StepState.WAITING: ("…", "waiting", Meaning.WARNING),
}


def outcome_summary(outcome: Outcome) -> str:
    """`5 steps done, 1 failed, 2 blocked`; for a plan without steps what that means."""
    if not outcome.results:
        return "nothing to do" if outcome.plan.complete else "nothing could be planned"
    counts = [(outcome.count(state), word) for state, (_, word, _) in STATES.items()]
    parts = [f"{number:,} {word}" for number, word in counts if number]
    total = len(outcome.results)
    return f"{total:,} {'step' if total == 1 else 'steps'}: " + ", ".join(parts)


def outcome_text(
    outcome: Outcome, *, palette: Palette = PLAIN, width: int = 100, full: bool = False
) -> str:
    """What became of each step that was not simply done; with `full`, of those too."""
    lines = [f"{palette.paint(clean(outcome.plan.target), Meaning.STRONG)}: "]
    lines[0] += outcome_summary(outcome)
    shared = {} if full else shared_holds(result.step for result in outcome.results)
    for hold, number in shared.items():
        head = palette.paint(f"! {'held':<9}", Meaning.WARNING)
        lines += [f"  {head} {count(number, 'step')}", *wrap(hold.reason, "      ", width)]
        if hold.release:
            lines += hang("      to go on: ", hold.release, width)
    for result in outcome.results:
        if full or (result.state is not StepState.DONE and result.step.hold not in shared):
            lines += _result(result, palette, width)
    for note in outcome.notes:
        lines += [palette.paint(line, Meaning.WARNING) for line in hang("  ! ", note, width)]
    return "\n".join(lines)


def _result(result: StepResult, palette: Palette, width: int) -> list[str]:
    symbol, word, meaning = STATES[result.state]
    action = f"{verb(result.step)} {clean(resource(result.step))}"
    lines = [f"  {palette.paint(f'{symbol} {word:<9}', meaning)} {action}"]
    detail, mend = result.detail, result.mend
    if result.state is StepState.HELD and result.step.hold and not detail:
        detail, mend = result.step.hold.reason, mend or result.step.hold.release
    if detail:
        lines += wrap(detail, "      ", width)
    if mend:
        lines += hang("      to go on: ", mend, width)
    return lines
