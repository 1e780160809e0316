"""An assessment as text for people: for a terminal, and as Markdown for an issue or a comment."""

from __future__ import annotations

from gitopsd.model.ownership import DIGEST
from gitopsd.model.paths import join
from gitopsd.model.verdict import Assessment, Attribution, Cause, Difference, State, Verdict
from gitopsd.typography import (
    ARROW,
    PLAIN,
    Meaning,
    Palette,
    clean,
    code,
    hang,
    markdown,
    shorten_pair,
    value,
    width_of,
    wrap,
)

#: Per state: symbol and colour, the worst first; in this order they are counted.
STATES: dict[State, tuple[str, Meaning]] = {
    State.UNKNOWN: ("?", Meaning.ERROR),
    State.DRIFTED: ("!", Meaning.WARNING),
    State.CHANGED: ("~", Meaning.CHANGE),
    State.IN_SYNC: ("✓", Meaning.GOOD),
}
_MODES = {
    "Report": "reported and left as it is (drift mode Report)",
    "Ignore": "ignored (drift mode Ignore)",
}
_CAUSES = {
    Cause.DRIFT: "changed behind Git's back (wanted → found)",
    Cause.CHANGE: "changed in Git, not applied yet (found → wanted)",
}
_DIGESTS = frozenset({join(("metadata", "labels", DIGEST)), join(("tags", DIGEST))})
_VALUE = 72
_FACT = "        "


def summary(assessment: Assessment) -> str:
    """`1 drifted, 1 changed, 5 in sync`; `nothing is declared here` for an empty target."""
    counts = [(assessment.count(state), state) for state in STATES]
    text = ", ".join(f"{number:,} {state}" for number, state in counts if number)
    if assessment.gaps:
        return f"{text}; not everything could be read" if text else "nothing could be read"
    return text or "nothing is declared here"


def drift_text(
    assessment: Assessment, *, palette: Palette = PLAIN, width: int = 100, full: bool = False
) -> str:
    """The verdicts of one target; subjects in sync only with `full`. No final line break."""
    lines = [f"{palette.paint(clean(assessment.target), Meaning.STRONG)}: {summary(assessment)}"]
    for gap in assessment.gaps:
        gone = hang("  ? ", f"could not be read: {gap.what}: {gap.why}", width)
        lines += [palette.paint(line, Meaning.ERROR) for line in gone]
    for verdict in assessment.verdicts:
        if full or verdict.state is not State.IN_SYNC or verdict.differences or verdict.notes:
            lines += _verdict(verdict, palette, width, full)
    return "\n".join(lines)


def _verdict(verdict: Verdict, palette: Palette, width: int, full: bool) -> list[str]:
    symbol, meaning = STATES[verdict.state]
    name = palette.paint(clean(str(verdict.subject)), Meaning.STRONG)
    lines = ["", f"  {palette.paint(symbol, meaning)} {name}: {verdict.state}"]
    for note in verdict.notes:
        lines += wrap(clean(note), "    ", width)
    for cause, title in _CAUSES.items():
        found = [item for item in told(verdict, full=full) if item.cause is cause]
        if found:
            lines.append(f"    {title}")
        for item in found:
            lines += _difference(item, palette, width, full)
    return lines


def told(verdict: Verdict, *, full: bool = False) -> tuple[Difference, ...]:
    """The differences that tell a reader something: not our digest, unless it is all there is."""
    rest = tuple(item for item in verdict.differences if item.path not in _DIGESTS)
    return verdict.differences if full or not rest else rest


def _difference(item: Difference, palette: Palette, width: int, full: bool) -> list[str]:
    old, new = _values(item, None if full else _VALUE)
    if item.cause is Cause.CHANGE:
        old, new = new, old  # what stands there now becomes what Git says
    head = "      " + "  ".join(clean(part) for part in (str(item.resource), item.path) if part)
    words = clean(item.note) or ("" if item.path or full else _whole(item))
    text = words or f"{old} {ARROW} {new}"
    if width_of(f"{head}  {text}") <= width:
        lines = [f"{head}  {text}"]
    elif words:
        lines = [head, *wrap(words, _FACT, width)]
    else:
        lines = [head, f"{_FACT}{old}", f"{_FACT[:-2]}{ARROW} {new}"]
    if item.note and item.path and full:
        lines.append(palette.paint(f"{_FACT}{old} {ARROW} {new}", Meaning.QUIET))
    if facts_of := facts(item):
        together = "; ".join(facts_of)
        told_as = (together,) if len(_FACT) + width_of(together) <= width else facts_of
        found = [line for fact in told_as for line in wrap(fact, _FACT, width)]
        lines += [palette.paint(line, Meaning.QUIET) for line in found]
    return lines


def _whole(item: Difference) -> str:
    """What is told of a thing that is there as a whole or not at all."""
    if item.found is None:
        return "is gone" if item.cause is Cause.DRIFT else "does not exist yet"
    return "is there, and nothing asks for it"


def _values(item: Difference, width: int | None) -> tuple[str, str]:
    old, new = value(item.wanted), value(item.found)
    return shorten_pair(old, new, width) if width else (old, new)


def facts(item: Difference) -> tuple[str, ...]:
    """What is known about a difference beside its values and cause: who, mode, spec line."""
    found = []
    if item.cause is Cause.DRIFT:
        if item.who:
            found.append(f"by {who(item.who)}")
        if item.mode in _MODES:
            found.append(_MODES[item.mode])
        if item.manual:
            found.append("set to 0 by hand: never corrected by itself")
    if item.position:
        asked = "asked for" if item.wanted is not None else "belongs to what is asked for"
        found.append(f"{asked} at {clean(str(item.position))}")
    return tuple(found)


def who(attribution: Attribution) -> str:
    """`kubectl-edit (Update) at 2027-01-30T12:04:05Z`."""
    time = f" at {attribution.time}" if attribution.time else ""
    return clean(f"{attribution.manager} ({attribution.operation}){time}")


def drift_markdown(assessment: Assessment) -> str:
    """The verdicts of one target as a section of an issue. No final line break."""
    lines = [f"### {code(assessment.target)}: {summary(assessment)}", ""]
    for gap in assessment.gaps:
        lines.append(f"> **Could not be read:** {markdown(gap.what)}: {markdown(gap.why)}")
    if assessment.gaps:
        lines.append("")
    for verdict in assessment.verdicts:
        if verdict.state is State.IN_SYNC and not verdict.differences:
            continue
        symbol, _ = STATES[verdict.state]
        lines += [f"#### {symbol} {code(str(verdict.subject))}: {verdict.state}", ""]
        lines += [f"{markdown(note)}\n" for note in verdict.notes]
        if verdict.differences:
            lines += ["| Resource | Path | Wanted | Found | |", "|---|---|---|---|---|"]
        lines += [_row(difference) for difference in told(verdict)]
        lines.append("")
    return "\n".join(lines).rstrip()


def _row(item: Difference) -> str:
    old, new = _values(item, _VALUE)
    cause = "changed in Git" if item.cause is Cause.CHANGE else ""
    about = markdown("; ".join(text for text in (item.note, cause, *facts(item)) if text))
    path = code(item.path) if item.path else "the whole"
    return f"| {code(str(item.resource))} | {path} | {code(old)} | {code(new)} | {about} |"
