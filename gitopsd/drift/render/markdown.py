"""A page as Markdown, for an issue or a comment: what happened and what to do first."""

from __future__ import annotations

from gitopsd.drift.render.finding import Finding, Page, findings
from gitopsd.drift.render.language import ENGLISH, Words
from gitopsd.drift.render.phrases import (
    advice,
    fact_rows,
    facts,
    impacts_of,
    note_of,
    reasons,
    summary,
    told,
)
from gitopsd.drift.render.text import SYMBOLS
from gitopsd.model.verdict import Cause, Difference
from gitopsd.typography import ABSENT, code, markdown, shorten_pair, value

#: A forge cuts a comment off at 65,536 characters (GitHub; others allow more): whole findings are
#: left out before that, and counted.
_LIMIT = 60_000
_VALUE = 72


def page_markdown(page: Page, words: Words = ENGLISH) -> str:
    """The findings of one target as a section of an issue. No final line break."""
    assessment = page.assessment
    title = f"### {code(assessment.target)}{words('colon')}{summary(assessment, words)}"
    parts = [title]
    for gap in assessment.gaps:
        name = f"**{words('page.gap')}{words('colon').rstrip()}**"
        parts.append(f"> {name} {markdown(gap.what)}{words('colon')}{markdown(gap.why)}")
    found = [_finding(item, page, words) for item in findings(page)]
    room = _LIMIT - sum(map(len, parts))
    for number, text in enumerate(found):
        room -= len(text) + 2
        if room < 0:
            parts.append(f"*{words('markdown.cut', number=len(found) - number)}*")
            break
        parts.append(text)
    return "\n\n".join(parts)


def _finding(item: Finding, page: Page, words: Words) -> str:
    symbol, _ = SYMBOLS[item.state]
    name = code(str(item.subject)) if item.subject else words("reason.many")
    state = words(f"state.{item.state}")
    parts = [f"#### {symbol} {name}{words('colon')}{state}"]
    parts += [f"**{markdown(text)}**" for text in impacts_of(item, words) if item.impact]
    if text := words("space").join(reasons(item, words)):
        parts.append(markdown(text))
    parts += [markdown(note) for note in item.notes]
    rows = fact_rows(item, words)
    if rows:
        parts.append("\n".join(f"- {name}{words('colon')}{markdown(v)}" for name, v in rows))
    parts += _table(told(item), words)
    parts += _many(item, words)
    if steps := advice(item, page.assessment.target, words):
        lines = [
            f"- {markdown(why)}" + (f" {code(command)}" if command else "")
            for why, command in steps
        ]
        parts.append("\n".join([f"**{words('remedies')}**", "", *lines]))
    return "\n\n".join(parts)


def _table(differences: tuple[Difference, ...], words: Words) -> list[str]:
    if not differences:
        return []
    names = [words(f"table.{key}") for key in ("resource", "path", "wanted", "found")]
    rows = [_row(difference, words) for difference in differences]
    return ["\n".join([f"| {' | '.join(names)} | |", "|---|---|---|---|---|", *rows])]


def _row(item: Difference, words: Words) -> str:
    old, new = (words("value.absent") if text == ABSENT else text for text in _values(item))
    cause = words("state.changed") if item.cause is Cause.CHANGE else ""
    found = (text for text in (note_of(item, words), cause, *facts(item, words)) if text)
    about = markdown(words("semicolon").join(found))
    path = code(item.path) if item.path else words("table.whole")
    return f"| {code(str(item.resource))} | {path} | {code(old)} | {code(new)} | {about} |"


def _values(item: Difference) -> tuple[str, str]:
    return shorten_pair(value(item.wanted), value(item.found), _VALUE)


def _many(item: Finding, words: Words) -> list[str]:
    """The findings inside a report about many."""
    rows = [row for report in item.reports for row in report.rows]
    if not rows:
        return []
    names = [words(f"table.{key}") for key in ("resource", "reason", "paths")]
    lines = [
        f"| {code(str(row.resource))} | {words(f'reason.{row.reason}')} | {row.paths} |"
        for row in rows
    ]
    return ["\n".join([f"| {' | '.join(names)} |", "|---|---|---|", *lines])]
