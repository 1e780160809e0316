"""One self-contained HTML page: no script, nothing loaded, readable from a file and on paper."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from gitopsd.drift.render.flows import impacts_of, overall
from gitopsd.drift.render.language import ENGLISH, Words
from gitopsd.drift.render.markup import Markup, element, join
from gitopsd.drift.render.page import Page, Section, sections
from gitopsd.drift.render.phrases import (
    advice,
    blind_to,
    ended,
    ended_name,
    fact_rows,
    headline,
    note_of,
    policy,
    reasons,
    state_of_section,
    tally,
    title,
    waits,
    when,
    writers,
)
from gitopsd.drift.render.prospects import held, will_rows
from gitopsd.drift.render.style import DRAWING, PAGE, PALETTE
from gitopsd.drift.render.svg import route_figures
from gitopsd.model.report import DriftReport
from gitopsd.model.traffic import Route, RouteState
from gitopsd.model.verdict import Cause, Difference, State
from gitopsd.typography import shorten, shorten_pair, value

#: A policy that forbids the page to load or run anything, whatever a value in it says.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
#: These are counted where there are none, too.
_ALWAYS = frozenset(State)
_VALUE = 160
#: So many are told in full, the worst first; the rest is named, so that a browser can bear it.
_DETAILED = 100


def page_html(pages: Sequence[Page], words: Words = ENGLISH) -> str:
    """One whole document, with a part for each target."""
    targets = words.list(page.assessment.target for page in pages)
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", words("page.title", target=targets)),
        element("style", Markup(PALETTE + DRAWING + PAGE)),
    )
    body = element("body", *(_target(f"t{n}", page, words) for n, page in enumerate(pages, 1)))
    language = "zh-CN" if words.language == "zh" else "en"
    return "<!DOCTYPE html>\n" + element("html", head, body, lang=language) + "\n"


def _target(name: str, page: Page, words: Words) -> Markup:
    """One target: how it stands as a whole, then each thing that is worth a look."""
    found = {f"{name}-f{n}": item for n, item in enumerate(sections(page), 1)}
    drawn: dict[Route, str] = {}
    told = list(found.items())[:_DETAILED]
    articles = [_article(place, item, page, drawn, words) for place, item in told]
    main = element("main", _contents(found, words), *articles, *_quiet(page, words))
    return join(_header(page, words), main)


def _header(page: Page, words: Words) -> Markup:
    told = [words("page.at", time=when(page.at))] if page.at else []
    told += [words("page.revision", revision=page.revision)] if page.revision else []
    return element(
        "header",
        element("p", f"{words('page.kicker')} · {page.assessment.target}", class_="kicker"),
        element("h1", headline(page, words)),
        *(element("p", text, class_="lead") for text in [overall(page, words)] if text),
        element("p", *(element("span", text) for text in told), class_="facts"),
        _tally(page, words),
        *_gaps(page, words),
        *_held(page, words),
    )


def _tally(page: Page, words: Words) -> Markup:
    """How many subjects have each state."""
    items = []
    for state, subjects in tally(page.assessment).items():
        if subjects or state in _ALWAYS:
            name = f"{state.replace(' ', '-')}{'' if subjects else ' none'}"
            told = words(f"state.{state}")
            items.append(element("li", element("b", f"{len(subjects):,}"), told, class_=name))
    return element("ul", *items, class_="tally", aria_label=words("page.counted"))


def _gaps(page: Page, words: Words) -> Iterator[Markup]:
    for gap in page.assessment.gaps:
        yield element(
            "div",
            element("b", f"{words('page.gap')}{words('colon')}{words.quoted(gap.what)}"),
            element("p", words.quoted(gap.why)),
            element("p", words("page.gaps-mean")),
            class_="notice",
        )


def _held(page: Page, words: Words) -> Iterator[Markup]:
    for one in held(page, words):
        told = (element("p", text) for text in (one.reason, one.release) if text)
        yield element("div", element("b", one.title), *told, class_="notice")


def _contents(found: Mapping[str, Section], words: Words) -> Markup:
    """Links to the findings, where there are several."""
    if len(found) < 2:
        return Markup()
    items = []
    for number, (place, item) in enumerate(found.items()):
        name = title(item, words)
        link = element("a", name, href=f"#{place}") if number < _DETAILED else join(name)
        about = state_of_section(item, words)
        if item.moved:
            about += f" · {words('page.moved', part=words.percent(item.moved))}"
        items.append(element("li", link, element("span", f" {about}", class_="kind")))
    heading = words("page.contents")
    return element("nav", element("h3", heading), element("ol", *items), aria_label=heading)


def _article(name: str, item: Section, page: Page, drawn: dict[Route, str], words: Words) -> Markup:
    """A finding; `drawn` holds the routes that stand on the page already, and where."""
    kind, _, rest = title(item, words).partition("/")
    about = join(element("span", f"{kind} ", class_="kind"), rest) if rest else kind
    ready = item.state is not State.IN_SYNC or not item.waiting
    style = f"chip {item.state.replace(' ', '-')}" if ready else "chip changed"
    heading = element("h2", about, id=f"{name}-title")
    chip = element("span", state_of_section(item, words), class_=style)
    return element(
        "article",
        element("div", heading, chip, class_="head"),
        *(
            element("p", text, class_="lead" if item.moved else "why")
            for text in impacts_of(item, words)
        ),
        element("p", words("space").join(reasons(item, words)), class_="why"),
        *(element("p", note) for note in (*waits(item, words), *map(words.quoted, item.notes))),
        *_figures(name, item, drawn, words),
        *_facts(item, words),
        *_rows_table(item.reports, words),
        *_table(item, words),
        *_run_out(item, words),
        *_advice(item, page, words),
        id=name,
        aria_labelledby=f"{name}-title",
    )


def _figures(name: str, item: Section, drawn: dict[Route, str], words: Words) -> Iterator[Markup]:
    """The routes that do not stand as wanted; where none of them moved, the first of all."""
    known = [route for route in item.routes if route.state is not RouteState.UNKNOWN]
    moved = [route for route in known if route.moved != 0]
    for number, route in enumerate(moved or known[:1], 1):
        place = f"{name}-{number}"
        if route in drawn:
            link = element("a", words("page.drawn"), href=f"#{drawn[route]}")
            yield element("p", link, class_="why")
        else:
            drawn[route] = place
            yield element("figure", route_figures(route, words, place), id=place)


def _facts(item: Section, words: Words) -> Iterator[Markup]:
    rows = [*fact_rows(item, words), *will_rows(item, words)]
    if rows:
        yield element("dl", *(join(element("dt", k), element("dd", v)) for k, v in rows))


def _table(section: Section, words: Words) -> Iterator[Markup]:
    if not section.differences:
        return
    wrote = writers(section, words)
    names = [words(f"table.{key}") for key in ("path", "wanted", "found")]
    head = element("tr", *(element("th", name, scope="col") for name in names))
    wrote = wrote if len(set(wrote.values())) > 1 else {}
    keys = ((item.resource, item.path, item.reason) for item in section.differences)
    rows = (
        _difference(item, names, words, wrote.get(key, ""))
        for item, key in zip(section.differences, keys, strict=True)
    )
    table = element("table", element("thead", head), element("tbody", *rows))
    yield element("div", table, class_="scroll")


def _run_out(section: Section, words: Words) -> Iterator[Markup]:
    """The exceptions of the drift policy that have run out."""
    if section.ended:
        yield element("p", words("text.ended"))
        rows = (
            element("li", element("code", ended_name(item, words)), " ", ended(item, words))
            for item in section.ended
        )
        yield element("ul", *rows)


def _difference(item: Difference, names: list[str], words: Words, by: str) -> Markup:
    """A row; `by` is who wrote it, where that is not the same for all rows."""
    wanted, found = _values(item, words)
    below = [str(item.resource)]
    if by:
        below.append(words("text.by", who=by))
    below += policy(item, words)
    if item.position:
        below.append(words("fact.asked", position=str(item.position)))
    path = element("code", _breakable(item.path)) if item.path else words("table.whole")
    place = join(path, *(element("small", text) for text in below))
    note = note_of(item, words)
    about = element("small", note) if note else ""
    moved = "found" if item.cause is Cause.DRIFT else "pending"
    return element(
        "tr",
        element("td", place),
        element("td", element("code", wanted), data_name=names[1]),
        element("td", element("code", found), about, data_name=names[2], class_=moved),
    )


def _breakable(path: str) -> Markup:
    """A path that may break behind its dots and slashes."""
    pieces = re.split(r"(?<=[./\[])", path)
    return join(*(part for p in pieces for part in (p, element("wbr"))))


def _values(item: Difference, words: Words) -> tuple[str, str]:
    """What is wanted and what is found, no longer than a table can bear."""
    if item.wanted is None or item.found is None:
        sides = [
            words("value.absent") if s is None else value(s) for s in (item.wanted, item.found)
        ]
        return shorten(sides[0], _VALUE), shorten(sides[1], _VALUE)
    return shorten_pair(value(item.wanted), value(item.found), _VALUE)


def _rows_table(reports: tuple[DriftReport, ...], words: Words) -> Iterator[Markup]:
    """The findings inside a report about many."""
    rows = [row for report in reports for row in report.rows]
    if not rows:
        return
    names = [words(f"table.{key}") for key in ("resource", "reason", "paths")]
    head = element("tr", *(element("th", name, scope="col") for name in names))
    body = (
        element(
            "tr",
            element("td", element("code", str(row.resource))),
            element("td", words(f"reason.{row.reason}"), data_name=names[1]),
            element("td", f"{row.paths:,}", data_name=names[2]),
        )
        for row in rows
    )
    table = element("table", element("thead", head), element("tbody", *body))
    yield element("div", table, class_="scroll")


def _advice(item: Section, page: Page, words: Words) -> Iterator[Markup]:
    steps = advice(item, page, words)
    if steps:
        yield element("h3", words("remedies"))
        lines = (
            element("li", why, *(element("code", command) for command in commands))
            for why, commands in steps.items()
        )
        yield element("ul", *lines, class_="do")


def _quiet(page: Page, words: Words) -> Iterator[Markup]:
    """What needs nobody's attention: reports that came to their end, and what is in sync."""
    ended = page.resolved
    if ended:
        lines = (element("li", _ended(report, words)) for report in ended)
        count = words("page.resolved-list", number=len(ended))
        yield element("details", element("summary", count), element("ul", *lines))
    fine = tally(page.assessment)[State.IN_SYNC]
    if fine:
        names = (element("li", str(subject)) for subject in fine)
        count = words("page.fine-list", number=len(fine))
        yield element("details", element("summary", count), element("ul", *names))
    if unseen := blind_to(page, words):
        yield element("p", unseen, class_="kicker")


def _ended(report: DriftReport, words: Words) -> str:
    how = words(f"resolution.{report.resolution}") if report.resolution else ""
    told = (str(report.subject or words("reason.many")), when(report.resolved_at), how)
    return words.list(text for text in told if text)
