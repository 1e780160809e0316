"""What is ignored, what others may take and what was last seen is told apart, in every form."""

from __future__ import annotations

import json
from dataclasses import replace
from html import unescape
from typing import Any

import pytest

from gitopsd.diff import compare_target
from gitopsd.drift import assess
from gitopsd.drift.impact import impacts_by_subject
from gitopsd.drift.life import advance
from gitopsd.drift.render import LANGUAGES, Page, Words, page_html, page_markdown, page_text
from gitopsd.drift.traffic import traffic
from gitopsd.engine.judging import plan_and_assess
from gitopsd.model.desired import DesiredObject, DriftPolicy, ModeSpan
from gitopsd.model.observed import Gap, ObservedTarget, Record
from gitopsd.model.ownership import DIGEST
from gitopsd.model.verdict import State
from gitopsd.planning import PlanOptions
from gitopsd.planning.render import plan_markdown, plan_text
from tests.unit.build import OWNER, found, group, ingress, live, live_group, service, wanted
from tests.unit.drift.staging import FIRST, TODAY
from tests.unit.drift.test_shadowing import rival

KEY = "alb.ingress.kubernetes.io/actions.forward"
STOCK = group("warehouse", ("192.168.20.11", 8080, 100))
MENU = ingress(groups=[STOCK.identity])
IDS = {STOCK.identity: "sgp-one"}


def seen(item: DesiredObject, *weights: int, **more: Any) -> ObservedTarget:
    text = item.manifest["metadata"]["annotations"][KEY].replace("<shop/warehouse>", "sgp-one")
    action = json.loads(text)
    for entry, weight in zip(action[0]["ForwardConfig"]["ServerGroups"], weights, strict=False):
        entry["Weight"] = weight
    edits = {f"metadata.annotations@{KEY}": json.dumps(action)} if weights else None
    return found(live(item, IDS, edits=edits), live_group(STOCK), **more)


def page(item: DesiredObject, observed: ObservedTarget, before: Page | None = None) -> Page:
    """What is known of a target, with its reports followed from an earlier look."""
    desired = wanted(item, STOCK)
    comparison = compare_target(desired, observed, OWNER, today=TODAY)
    assessment = assess(comparison, desired, observed, today=TODAY)
    routes = traffic(comparison, desired, observed, today=TODAY)
    known = before.reports if before else ()
    told = advance(known, assessment, OWNER, FIRST, impacts=impacts_by_subject(routes))
    return Page(assessment, tuple(told.reports.values()), routes)


def forms(told: Page, language: str = "en") -> dict[str, str]:
    """The page in every form, with blanks and line breaks evened out."""
    words = Words(language)
    made = {
        "text": page_text(told, words, width=400),
        "markdown": page_markdown(told, words),
        "html": unescape(page_html([told], words)),
    }
    return {form: " ".join(text.replace("\\", "").split()) for form, text in made.items()}


def ignoring(until: str | None = "2026-12-01") -> DesiredObject:
    path = f"Ingress/metadata.annotations[{KEY}]"
    span = ModeSpan(path, "Ignore", until, "incident 4711")
    return replace(MENU, drift=DriftPolicy("Correct", (span,)))


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_ignored_traffic_is_told_with_its_end_and_reason_and_never_as_drift(form: str) -> None:
    told = page(ignoring(), seen(ignoring(), 60, 40))
    assert {v.state for v in told.assessment.verdicts} == {State.IN_SYNC}
    assert told.reports == ()
    text = forms(told)[form]
    assert (
        "20 % of the requests to demo.example.com/ go elsewhere on purpose:"
        " ignored until 2026-12-01, incident 4711." in text
    )
    assert form == "html" or "now go to" not in text  # its drawing says where they go
    assert "also because of" not in text
    assert "No requests have changed" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_that_it_is_ignored(language: str) -> None:
    endless = page(ignoring(None), seen(ignoring(None), 60, 40))
    for text in forms(endless, language).values():
        assert "incident 4711" in text


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
@pytest.mark.parametrize(
    ("other", "words"),
    [
        (rival(), "100 % of the requests to demo.example.com/ go elsewhere now:"),
        (rival(path="/sub"), "Some of the requests to demo.example.com/ go to Ingress/other/aaa,"),
        (
            rival(**{"alb.ingress.kubernetes.io_canary": "true"}),
            "Some of the requests to demo.example.com/ may go to Ingress/other/aaa:",
        ),
    ],
    ids=["all", "part", "perhaps"],
)
def test_what_another_object_takes_is_told_with_route_object_and_certainty(
    other: Any, words: str, form: str
) -> None:
    text = forms(page(MENU, seen(MENU, neighbours=(other,))))[form]
    assert words in text
    assert "Ingress/other/aaa" in text
    assert "No requests have changed" not in text


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_what_cannot_be_looked_at_is_told_as_last_seen(form: str) -> None:
    before = page(MENU, seen(MENU, 60, 40))
    gaps = (Gap("the ingresses", "503", frozenset({"Ingress"})),)
    blind = replace(seen(MENU), objects={}, gaps=gaps)
    after = page(MENU, blind, before)
    assert [report.open for report in after.reports] == [True]
    text = forms(after)[form]
    assert "was last seen at 2026-11-22 06:31 UTC; this time it could not be looked at" in text
    assert "The next pass puts it right" not in text
    assert "drift accept" not in text
    assert "was last seen" not in forms(before)[form]


@pytest.mark.parametrize(("digest", "word"), [(None, "taken off"), ("other", "edited")])
def test_what_became_of_a_mark_is_said_alike_by_drift_and_plan(
    digest: str | None, word: str
) -> None:
    item = service()
    record = Record(entries={item.identity: live(item).labels[DIGEST]})
    edited = live(item, edits={f"metadata.labels@{DIGEST}": digest})
    seen = found(edited, record=record)
    options = PlanOptions(TODAY)
    plan, assessment = plan_and_assess(wanted(item), seen, OWNER, options)
    told = f"our mark was {word}"
    assert f"[gitopsd.io/digest]  {told}" in plan_text(plan)
    assert f"[gitopsd.io/digest]  {told}" in page_text(Page(assessment))
    assert "upgraded" not in plan_text(plan)
    assert told in plan_markdown(plan)
    assert told in page_markdown(Page(assessment))
