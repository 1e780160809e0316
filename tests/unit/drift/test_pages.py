"""No text can break out of a page: what others write stays text, in every form."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from fractions import Fraction
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from gitopsd.drift.render import LANGUAGES, Page, Words, page_html, page_markdown, route_svg
from gitopsd.drift.render.markup import Markup, element, join
from gitopsd.drift.traffic import shadowed
from gitopsd.model.identity import Identity
from gitopsd.model.observed import Gap
from gitopsd.model.position import Position
from gitopsd.model.traffic import (
    Backend,
    Balancer,
    Place,
    Route,
    RouteState,
    Shadow,
    Share,
    Takes,
)
from gitopsd.model.verdict import Assessment, Attribution, Cause, Difference, State, Verdict
from gitopsd.typography import clean
from tests.unit.drift.staging import PAGES, drifted

HOSTILE = st.one_of(
    st.text(min_size=1, max_size=40),
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            "\"><img src=x onerror='alert(1)'>",
            "</style></svg></head><b>",
            "&lt;b&gt; &#60;",
            "]]> --> <!-- x",
            "a|b\n|c| `d` ``e`` </details> <details>",
            "[x](https://example.org) @team #12",
            "\x00\x1b[2J\u202e\ud800\ufffe",
        ]
    ),
)
LINKS = re.compile(
    r"(?:src|href|action|data|poster)\s*=\s*\"(?!#)|url\(|@import|<script|<link", re.IGNORECASE
)
#: All elements that a page is made of; none of them runs or loads anything.
TAGS = (
    "html head meta title style body header main nav article div span p b h1 h2 h3 ul ol li a dl dt"
    " dd table thead tbody tr th td code small wbr figure svg desc rect path text details summary"
)
some_page = cache(drifted)


def hostile(text: str) -> Page:
    """A page with the text wherever others could put one."""
    base = some_page()
    subject = Identity("Exposure", text, text)
    difference = Difference(
        Identity("Ingress", text, text), text, {text: text}, text, Cause.DRIFT, "Report",
        Attribution(text, text, text), Position(text, 1, 1), text,
    )  # fmt: skip
    change = replace(difference, cause=Cause.CHANGE, path=f"{text}.x", wanted=None)
    verdict = Verdict(subject, State.DRIFTED, (difference, change), (text,))
    return Page(
        Assessment(text, (verdict,), (Gap(text, text),)),
        (),
        tuple(named(route, subject, text) for route in base.routes if route.moved),
        text,
        text,
    )


def named(route: Route, subject: Identity, text: str) -> Route:
    backends = tuple(replace(backend, name=text, id=text) for backend in route.backends)
    return replace(
        route, exposure=subject, balancer=Balancer("ALB", text), host=text, path=text,
        path_type=text, backends=backends,
    )  # fmt: skip


@settings(max_examples=40)
@given(HOSTILE)
def test_an_html_page_is_well_formed_and_holds_the_text_as_text(text: str) -> None:
    page = page_html([hostile(text)])
    root = ET.fromstring(page.partition("\n")[2])
    tags = {node.tag for node in root.iter()}
    assert tags <= set(TAGS.split())
    attributes = {key for node in root.iter() for key in node.attrib}
    assert not any(key.startswith("on") for key in attributes)
    assert not LINKS.search(re.sub(r">[^<]*<", "><", page))
    shown = "".join(root.find("head/title").itertext())  # type: ignore[union-attr]
    assert clean(text).split() == shown.removesuffix(": drift").split()


@settings(max_examples=40)
@given(HOSTILE)
def test_a_drawing_is_well_formed_whatever_names_are_in_it(text: str) -> None:
    for route in hostile(text).routes[:1]:
        root = ET.fromstring(route_svg(route))
        allowed = {"svg", "style", "title", "desc", "rect", "path", "text"}
        assert {node.tag.rpartition("}")[2] for node in root.iter()} <= allowed


@settings(max_examples=40)
@given(HOSTILE)
def test_a_markdown_cell_cannot_be_broken_out_of(text: str) -> None:
    lines = page_markdown(hostile(text)).splitlines()
    rows = [line for line in lines if line.startswith("| ")]
    assert rows
    for row in rows:
        assert len(re.findall(r"(?<!\\)\|", row)) == 6
    prose = re.sub(r"(`+).+?\1(?!`)", "", "\n".join(line for line in lines if line not in rows))
    known = r"</?details>|</?summary>|<!-- -->|\\<"
    assert "<" not in re.sub(known, "", prose)


def test_a_page_loads_nothing_and_runs_nothing() -> None:
    for make in PAGES.values():
        for language in LANGUAGES:
            page = page_html([make()], Words(language))
            ET.fromstring(page.partition("\n")[2])
            assert "http://" not in page
            assert "https://" not in page
            assert not LINKS.search(page)


def test_the_ids_of_a_page_are_unique_and_its_links_lead_somewhere() -> None:
    root = ET.fromstring(page_html([drifted(), drifted()]).partition("\n")[2])
    ids = [node.attrib["id"] for node in root.iter() if "id" in node.attrib]
    assert len(ids) == len(set(ids))
    links = {node.attrib["href"] for node in root.iter("a")}
    assert links <= {f"#{name}" for name in ids}
    named_by = [node.attrib.get("aria-labelledby", "") for node in root.iter()]
    assert {name for text in named_by for name in text.split()} <= set(ids)


def test_of_very_many_findings_all_are_named_and_the_worst_are_told_in_full() -> None:
    base = drifted()
    subjects = [Identity("Exposure", "shop", f"app-{n}") for n in range(250)]
    gone = Difference(subjects[0], "", {}, None, Cause.DRIFT)
    verdicts = tuple(Verdict(subject, State.DRIFTED, (gone,)) for subject in subjects)
    page = replace(base, assessment=Assessment("edge", verdicts), reports=(), routes=())
    root = ET.fromstring(page_html([page]).partition("\n")[2])
    assert len(root.findall(".//article")) == 100
    assert len(root.findall(".//nav/ol/li")) == 250


def test_a_page_says_its_language() -> None:
    assert '<html lang="zh-CN">' in page_html([drifted()], Words("zh"))
    assert '<html lang="en">' in page_html([drifted()])


def test_markup_is_kept_and_text_is_escaped() -> None:
    made = element("p", "a < b", Markup("<b>c</b>"), title='"x" & y', class_="k", id=None)
    assert made == '<p title=\'"x" &amp; y\' class="k">a &lt; b<b>c</b></p>'
    assert join("<", element("wbr")) == "&lt;<wbr/>"


def test_a_long_comment_is_cut_between_findings_and_says_so() -> None:
    subject = Identity("Exposure", "shop", "tea")
    long = Difference(subject, "a" * 50, "b" * 400, "c" * 400, Cause.DRIFT)
    verdicts = tuple(
        Verdict(Identity("Exposure", "shop", f"app-{n}"), State.DRIFTED, (long,))
        for n in range(200)
    )
    text = page_markdown(Page(Assessment("edge", verdicts)))
    assert len(text) < 65_536
    assert re.search(r"\*\d+ more are left out here", text)
    assert text.count("<details>") == text.count("</details>")


def test_where_another_takes_every_request_ours_is_drawn_as_not_reached_and_not_as_gone() -> None:
    item, share = Identity("Ingress", "shop", "tea"), Share(30, Fraction(1))
    ours = Backend(Place.PODS, "tea-svc:80", share, share)
    balancer = Balancer("ALB", "alb-1")
    route = Route(item, item, balancer, RouteState.AS_WANTED, (ours,), Fraction(0), "a", "/")
    thief = Shadow(Identity("Ingress", "other", "thief"), Takes.ALL)
    for language, told in (("en", "not reached"), ("zh", "请求不会到达")):
        svg = ET.fromstring(route_svg(shadowed(route, (thief,)), Words(language)))
        lines = [text.text for text in svg.iter("{http://www.w3.org/2000/svg}text")]
        assert told in lines
        assert Words(language)("draw.gone") not in lines
        assert not any("30" in (line or "") for line in lines)
