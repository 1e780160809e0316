"""A page as Markdown, for an issue or a comment: what happened and what to do first."""

from __future__ import annotations

from gitopsd.drift.render.flows import impacts_of
from gitopsd.drift.render.language import ENGLISH, Words
from gitopsd.drift.render.page import Page, Section, sections
from gitopsd.drift.render.phrases import (
    advice,
    blind_to,
    ended,
    ended_name,
    fact_rows,
    facts,
    note_of,
    reasons,
    state_of_section,
    summary,
    title,
    told,
    waits,
)
from gitopsd.drift.render.prospects import held, will
from gitopsd.drift.render.text import symbol_of
from gitopsd.model.verdict import Cause, Difference
from gitopsd.typography import ABSENT, code, markdown, shorten_pair, value

#: A forge cuts a comment off at 65,536 characters (GitHub; others allow more): whole findings are
#: left out before that, and counted.
_LIMIT = 60_000
_VALUE = 72


def page_markdown(page: Page, words: Words = ENGLISH) -> str:
    """The findings of one target as a section of an issue. No final line break."""
    assessment = page.assessment
    head = f"### {code(assessment.target)}{words('colon')}{summary(assessment, words)}"
    parts = [head]
    for gap in assessment.gaps:
        name = f"**{words('page.gap')}{words('colon').rstrip()}**"
        what, why = (markdown(words.quoted(text)) for text in (gap.what, gap.why))
        parts.append(f"> {name} {what}{words('colon')}{why}")
    for one in held(page, words):
        text = words("space").join(filter(None, (one.reason, one.release and f"({one.release})")))
        parts.append(f"> **{one.title}{words('colon').rstrip()}** {markdown(text)}")
    found = [_section(item, page, words) for item in sections(page)]
    room = _LIMIT - sum(map(len, parts))
    for number, text in enumerate(found):
        room -= len(text) + 2
        if room < 0:
            parts.append(f"*{words('markdown.cut', number=len(found) - number)}*")
            break
        parts.append(text)
    if unseen := blind_to(page, words):
        parts.append(f"*{markdown(unseen)}*")
    return "\n\n".join(parts)


def _section(item: Section, page: Page, words: Words) -> str:
    """What it means and what to do in the open, the evidence folded away."""
    symbol, _ = symbol_of(item)
    name = code(title(item, words)) if item.subject else title(item, words)
    parts = [f"#### {symbol} {name}{words('colon')}{state_of_section(item, words)}"]
    moved = item.impact or item.ignored
    parts += [f"**{markdown(text)}**" for text in impacts_of(item, words) if moved]
    if lead := (*reasons(item, words), *will(item, words)):
        parts.append(words("space").join(markdown(text) for text in lead))
    parts += [markdown(note) for note in (*waits(item, words), *map(words.quoted, item.notes))]
    if steps := advice(item, page, words):
        lines = [
            "- " + words("space").join((markdown(why), *map(code, commands)))
            for why, commands in steps.items()
        ]
        parts.append("\n".join([f"**{words('remedies')}**", "", *lines]))
    if item.ended:
        rows = (f"- {code(ended_name(one, words))}{words('colon')}{markdown(ended(one, words))}"
                for one in item.ended)  # fmt: skip
        parts.append("\n".join([f"**{words('text.ended')}**", "", *rows]))
    evidence = [*_facts(item, words), *_table(told(item), words), *_many(item, words)]
    if evidence:
        parts.append(f"<details><summary>{words('markdown.evidence')}</summary>")
        parts += [*evidence, "</details>"]
    return "\n\n".join(parts)


def _facts(item: Section, words: Words) -> list[str]:
    rows = fact_rows(item, words)
    lines = [f"- {name}{words('colon')}{markdown(text)}" for name, text in rows]
    return ["\n".join(lines)] if lines else []


def _table(differences: tuple[Difference, ...], words: Words) -> list[str]:
    if not differences:
        return []
    names = [words(f"table.{key}") for key in ("resource", "path", "wanted", "found")]
    rows = [_row(difference, words) for difference in differences]
    return ["\n".join([f"| {' | '.join(names)} | |", "|---|---|---|---|---|", *rows])]


def _row(item: Difference, words: Words) -> str:
    old, new = (words("value.absent") if text == ABSENT else text for text in _values(item))
    cause = words("markdown.change") if item.cause is Cause.CHANGE else ""
    found = (text for text in (note_of(item, words), cause, *facts(item, words)) if text)
    about = markdown(words("semicolon").join(found))
    path = code(item.path) if item.path else words("table.whole")
    return f"| {code(str(item.resource))} | {path} | {code(old)} | {code(new)} | {about} |"


def _values(item: Difference) -> tuple[str, str]:
    return shorten_pair(value(item.wanted), value(item.found), _VALUE)


def _many(item: Section, words: Words) -> list[str]:
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
