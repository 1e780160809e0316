"""Several findings in one message: what they are about, in the order in which they matter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gitopsd.alerts import Rules, Scene, Style, decide
from gitopsd.alerts.composing import item_of
from gitopsd.alerts.digests import digest_lines, digest_title, state_title
from gitopsd.drift.life import resolved
from gitopsd.drift.render import Words
from gitopsd.model.message import Item, News
from gitopsd.model.report import DriftReport, Resolution, RouteImpact
from gitopsd.model.verdict import Attribution
from tests.unit.alerts.hours import START, Hours, drift, verdict

EN, ZH = Words("en"), Words("zh")
MINUTE = timedelta(minutes=1)
DOCS = Path(__file__).parents[3] / "docs/alerts.md"


def reports(*names: str) -> list[DriftReport]:
    who = Attribution("kubectl-edit", "Update", "2026-11-22T09:01:00Z")
    world = [verdict(name, drift(name, who=who)) for name in names]
    found = Hours(Rules("x"), lambda _: world).run(MINUTE).reports
    return sorted(found, key=lambda report: str(report.subject))


def fought(report: DriftReport, manager: str = "helm", calm: str = "") -> DriftReport:
    return replace(report, fighters=("gitopsd", manager), fought=("spec.type",), calm_since=calm)


def items(found: Sequence[DriftReport], words: Words = EN) -> list[Item]:
    news = [News.OPENED if report.open else News.RESOLVED for report in found]
    return [item_of(one, report, words) for one, report in zip(news, found, strict=True)]


def lines(found: Sequence[DriftReport], words: Words = EN) -> list[str]:
    scene = Scene("shop", "acme", "edge")
    told = digest_lines(items(found, words), [scene], words)
    return [f"{line.text} {line.code}".strip() for line in told]


def test_a_fight_over_many_things_is_one_line_and_leads() -> None:
    plain, *fights = reports("coffee", *(f"tea-{number:02}" for number in range(15)))
    found = [plain, *map(fought, fights)]
    assert digest_title(items(found), EN) == (
        "End the fight: gitopsd, helm keep overwriting each other on Exposure/shop/tea-00;"
        " decide about 15 more at edge"
    )
    assert lines(found)[2:] == [
        "gitopsd, helm keep overwriting each other at edge: Exposure/shop/tea-00,"
        " Exposure/shop/tea-01, Exposure/shop/tea-02, Exposure/shop/tea-03, Exposure/shop/tea-04,"
        " 10 more",
        "Exposure/shop/coffee @ edge: spec.type: ClusterIP → NodePort (kubectl-edit)",
        "All of it: gitopsd drift --target edge",
    ]
    assert lines(found, ZH)[2].startswith(
        "gitopsd、helm 在 edge 反复相互覆盖： Exposure/shop/tea-00"
    )


def test_what_is_over_does_not_read_as_if_it_were_still_so() -> None:
    over, corrected, still = reports("a", "b", "c")
    over = resolved(over, Resolution.GONE, START)
    corrected = resolved(corrected, Resolution.CORRECTED, START)
    told = lines([over, corrected, still])[1:]
    assert told[2].startswith("Nothing to do: 2")
    assert told[3].startswith(
        "Exposure/shop/a @ edge, over (it is no longer so); it was: spec.type: ClusterIP → NodePort"
    )
    assert told[4].startswith("Exposure/shop/b @ edge, over (gitopsd put it right); it was:")


def test_a_digest_with_one_thing_to_decide_leads_with_it() -> None:
    over, still = reports("a", "b")
    found = [resolved(over, Resolution.GONE, START), still]
    assert digest_title(items(found), EN) == (
        "Decide: Exposure/shop/b at edge is not as Git wants it"
    )


def test_the_state_of_a_target_leads_with_what_is_urgent() -> None:
    found = reports(*(f"tea-{number}" for number in range(5)))
    assert state_title(items(found), "edge", EN) == "Decide about drift at edge: 5 open"
    stolen = replace(found[3], impact=(RouteImpact("demo.example.com/", 80.0),))
    assert state_title(items([*found[:3], stolen]), "edge", EN) == (
        "Act now: 80 % of the traffic of Exposure/shop/tea-3 at edge goes elsewhere"
    )
    assert state_title([], "edge", EN) == "edge is as Git wants it"


def test_a_report_about_many_says_how_many_it_leaves_out() -> None:
    world = [verdict(f"t{number:02}", drift(f"t{number:02}")) for number in range(31)]
    [(_, message)] = Hours(Rules("ops"), lambda _: world).run(5 * MINUTE).messages
    told = list(message.plain())
    assert sum("Service/shop/t" in line for line in told) == 10
    assert "21 more" in told


def test_the_example_in_the_docs_is_what_is_sent() -> None:
    shown = re.search(r"```text\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.S)
    assert shown
    found = tuple(replace(r, opened_at="2026-11-22T09:01:00Z") for r in reports("tea"))
    scene = Scene("shop", "acme", "edge", found)
    [parcel] = decide(Rules("ops"), [scene], {}, START + 10 * MINUTE).parcels
    assert shown[1].splitlines() == [parcel.message.title, *parcel.message.plain()]


@pytest.mark.parametrize("style", [Style.STREAM, Style.THREAD])
def test_a_managers_name_has_its_bounds(style: Style) -> None:
    who = Attribution("m" * 128, "Update", "2026-11-22T09:01:00Z")
    hours = Hours(Rules("ops", style), lambda _: [verdict("tea", drift("tea", who=who))])
    [(_, message)] = hours.run(5 * MINUTE).messages
    assert "m" * 41 not in message.title + "\n".join(message.plain()) + message.items[0].summary
