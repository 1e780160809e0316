"""What a comment says before its table: what was not seen, and what people have to do by hand."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from gitopsd.engine.previews import preview_target
from gitopsd.model.observed import Gap
from gitopsd.model.position import Position
from gitopsd.model.problem import Problem, Severity
from gitopsd.planning import PlanOptions
from gitopsd.planning.notices import notice
from gitopsd.planning.preview import Preview
from gitopsd.planning.render import plan_markdown, plan_text
from gitopsd.planning.render.comment import comment
from gitopsd.planning.render.preview import differences
from gitopsd.planning.render.review import Review
from tests.unit.build import OWNER, found, live, service, wanted

OPTIONS = PlanOptions(date(2026, 11, 22), revision="c0ffee")
GITHUB = 65_536
DOWN = Gap("the cluster", "Connection refused", frozenset({"Service", "Ingress"}))
NO_ALB = Gap("the groups of ALB", "Connection reset", frozenset({"ALB"}))
TEA, TEA_LOCAL = service("tea"), service("tea", externalTrafficPolicy="Local")


def previewed(*gaps: Gap, target: str = "edge", new: int = 0, **more: object) -> Preview:
    """A change of one Service, and of so many new ones, at a target with these gaps."""
    things = () if DOWN in gaps else (live(TEA),)
    observed = found(*things, gaps=gaps, **more)
    made = [service(f"s{number}") for number in range(new)]
    preview = preview_target(
        wanted(TEA_LOCAL, *made), wanted(TEA), observed, replace(OWNER, target=target), OPTIONS
    )
    return Preview(preview.plan, preview.before)


def told(*previews: Preview, limit: int = GITHUB, **more: object) -> tuple[str, str, str]:
    """The headline of a comment, what stands before its table, and the rest."""
    review = Review(previews, "main (1234567)", "c0ffee", **more)  # type: ignore[arg-type]
    text = comment(review, limit)
    assert len(text) <= limit
    head, _, rest = text.partition("\n")
    foremost, _, below = rest.partition("| Target ")
    return head, foremost, below


def noticed(preview: Preview, *notices: Problem) -> Preview:
    return replace(preview, plan=replace(preview.plan, notices=notices))


def test_a_target_that_does_not_answer_is_told_first_and_does_not_count_as_nothing() -> None:
    head, first, below = told(previewed(), previewed(DOWN, target="far"))
    assert head == "## gitopsd: 1 target not wholly seen, 1 to change"
    assert "> **Not wholly seen** `far`: the cluster could not be observed: Connection" in first
    assert re.search(r"^\| `edge` \| 0 \| 1 \| 0 \| 0 \| 0 \| `[0-9a-f]{64}` \|$", below, re.M)
    assert "\n| `far` | ? | ? | ? | ? | ? | ? |\n" in below
    assert "`?`: not known, because not everything could be observed there." in below


def test_a_comment_that_is_cut_still_tells_it() -> None:
    head, first, below = told(previewed(new=1_100), previewed(DOWN, target="far"))
    assert head.startswith("## gitopsd: 1 target not wholly seen, 1,100 to create")
    assert "> **Not wholly seen** `far`" in first
    assert "**Cut here**" in below
    assert "summary>far" not in below


def test_of_the_only_target_the_reason_is_told_first_too() -> None:
    head, first, _ = told(previewed(DOWN))
    assert head == "## gitopsd: 1 target not wholly seen, nothing can be planned"
    assert "Connection refused" in first


def test_where_one_api_of_the_cloud_does_not_answer_what_was_seen_is_counted_and_no_more() -> None:
    head, first, below = told(previewed(NO_ALB))
    assert head == "## gitopsd: 1 target not wholly seen, 1 to change"
    assert "> **Not wholly seen** `edge`: the groups of ALB could not be observed" in first
    assert "\n| `edge` | ? | 1 | ? | ? | ? | `" in below
    assert "<summary>edge: 1 to change, not wholly seen</summary>" in below


def test_where_the_others_need_nothing_that_is_said_of_the_others_only() -> None:
    idle = preview_target(wanted(TEA), wanted(TEA), found(live(TEA)), OWNER, OPTIONS)
    head, _, _ = told(idle, previewed(DOWN, target="far"))
    assert head == "## gitopsd: 1 target not wholly seen, nothing to do elsewhere"


def test_a_target_that_cannot_be_reached_at_all_stands_in_the_table() -> None:
    _, _, below = told(previewed(), unreached=[("far", "no such context")])
    assert "\n| `far` | ? | ? | ? | ? | ? | ? |\n" in below


def test_many_targets_and_many_gaps_are_bounded_and_counted() -> None:
    gaps = [DOWN, *(Gap(f"list {number}", "forbidden", frozenset()) for number in range(7))]
    many = [previewed(*gaps, target=f"far-{number}") for number in range(30)]
    wrong = Problem("GX0001", Severity.ERROR, "x" * 500, position=Position("a.yaml", 3, 1))
    head, first, _ = told(previewed(), *many, problems=[wrong] * 200)
    assert head.startswith("## gitopsd: 200 errors, 30 targets not wholly seen, ")
    assert first.count("> **Not wholly seen** `far-") == 10
    assert "> 20 more targets not wholly seen: see below." in first
    assert first.count("forbidden; 5 more could not be observed; what cannot be seen") == 10
    assert re.search(r"^> 1\d\d more errors: left out here\.$", first, re.M)
    assert len(first) < GITHUB // 3


def test_another_cluster_is_told_first_and_one_that_does_not_answer_is_not_called_so() -> None:
    pinned = replace(wanted(), cluster_uid="uid-1")
    other = preview_target(pinned, pinned, found(cluster_uid="uid-2"), OWNER, OPTIONS)
    head, first, _ = told(other)
    assert head == "## gitopsd: 1 target in another cluster, nothing can be planned"
    assert "> **Another cluster** `edge`: target edge is pinned to cluster uid-1, but" in first
    silent = preview_target(pinned, pinned, found(gaps=(DOWN,)), OWNER, OPTIONS)
    head, first, below = told(silent)
    assert head == "## gitopsd: 1 target not wholly seen, nothing can be planned"
    assert "Another cluster" not in first
    assert "This is not the cluster" not in below
    assert "Whether this is the cluster that fleet.yaml names is not known" in below


def test_what_the_change_leaves_to_be_done_by_hand_is_told_first() -> None:
    name = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-persistence-timeout"
    kept = service("tea", annotations={name: "300"})
    base, branch = wanted(kept), wanted(TEA)
    preview = preview_target(branch, base, found(live(kept)), OWNER, OPTIONS)
    _, first, _ = told(preview)
    assert "> **Notice** at `edge`: the load balancer of Service/shop/tea keeps what" in first
    assert "persistence-timeout: 0" in first
    same = preview_target(branch, branch, found(live(kept)), OWNER, OPTIONS)
    _, first, below = told(same)
    assert "**Notice**" not in first
    assert "persistence-timeout: 0" in below


def test_notices_are_told_first_up_to_ten_and_the_rest_below() -> None:
    notices = [notice("GX1003", id=f"sgp-{number}", members="10.0.0.9") for number in range(300)]
    _, first, below = told(noticed(previewed(new=1_100), *notices), limit=GITHUB)
    assert first.count("> **Notice** at `edge`: group sgp-") == 10
    assert "> 290 more notices: see below." in first
    assert below.count("> - group sgp-") > 100


@pytest.mark.parametrize("setting", [plan_text, plan_markdown])
def test_a_plan_of_what_was_seen_in_part_says_so_in_its_first_line(setting: object) -> None:
    preview = previewed(NO_ALB)
    text = setting(preview.plan)  # type: ignore[operator]
    assert text.splitlines()[0].endswith("1 to change, not wholly seen")


def test_of_what_was_not_seen_nobody_says_that_nothing_is_to_be_done_there() -> None:
    (sentence,) = differences(previewed(DOWN), "main")
    assert "what this change would do there is not known" in sentence
    partly, brought = differences(previewed(NO_ALB), "main")
    assert "there may be more to do than this" in partly
    assert brought == "1 step comes with this change"
