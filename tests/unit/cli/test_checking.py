"""plan --check=cloud: what the cloud would refuse is known before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gitopsd.engine.checking import ask_about
from gitopsd.engine.planning import plan_target
from gitopsd.planning import PlanOptions
from gitopsd.sandbox.cloud import Fault
from tests.unit.build import OWNER, found, group, live_group, wanted
from tests.unit.cli.conftest import Gitopsd
from tests.unit.cli.stage import Stage

Refuse = Callable[..., None]


@pytest.fixture
def refuse(stage: Stage) -> Refuse:
    """Make the sandbox's cloud refuse an operation."""

    def add(kind: str, operation: str, **more: Any) -> None:
        stage.sandbox.cloud.faults.append(Fault(kind, operation, **more))

    return add


def group_ids(stage: Stage) -> set[str]:
    return {group["ServerGroupId"] for group in stage.sandbox.cloud.groups.all()}


def test_a_plan_that_the_cloud_would_take_says_nothing_and_writes_nothing(
    gitopsd: Gitopsd, repo: Path, stage: Stage
) -> None:
    before = group_ids(stage)
    said = gitopsd("plan", repo, "--check=cloud")
    assert (said.code, group_ids(stage)) == (0, before)
    assert "would refuse" not in said.out
    assert gitopsd("apply", repo, "--yes").code == 0
    local_group(repo)
    made = group_ids(stage)
    assert gitopsd("plan", repo, "--check=cloud", "--detailed-exitcode").code == 2
    assert group_ids(stage) == made


def local_group(repo: Path) -> None:
    """Another weight, another member in the place of one, another health check."""
    path = repo / "warehouse.yaml"
    text = path.read_text().replace("20.12, port: 8080, weight: 50", "20.13, port: 8080")
    text = text.replace("20.11, port: 8080}", "20.11, port: 8080, weight: 7}")
    path.write_text(text + "  healthCheck: {path: /ready}\n")


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        ("UpdateServerGroupAttribute", "refuse to change ServerGroup default/warehouse"),
        ("AddServersToServerGroup", "refuse to add members of ServerGroup default/warehouse"),
        ("RemoveServersFromServerGroup", "refuse to remove members of ServerGroup"),
        ("UpdateServerGroupServersAttribute", "refuse to change members of ServerGroup"),
    ],
)
def test_what_the_cloud_would_refuse_is_told_step_by_step(
    gitopsd: Gitopsd, repo: Path, stage: Stage, refuse: Refuse, operation: str, words: str
) -> None:
    gitopsd("apply", repo, "--yes")
    local_group(repo)
    refuse("forbidden", operation, times=9)
    said = gitopsd("plan", repo, "--check=cloud")
    assert said.code == 1
    assert words in " ".join(said.out.split())
    assert said.out.count("would refuse") == 1


def test_a_refusal_stands_in_every_form_of_the_plan_and_leaves_its_hash(
    gitopsd: Gitopsd, repo: Path, stage: Stage, refuse: Refuse
) -> None:
    plain = gitopsd("plan", repo, "-o", "json").json["plans"][0]
    refuse("quota", "CreateServerGroup", times=9)
    asked = gitopsd("plan", repo, "--check=cloud", "-o", "json")
    (found,) = [n for n in asked.json["plans"][0]["notices"] if n["id"] == "GX1012"]
    assert asked.code == 1
    assert "Quota" in found["what"]
    assert found["subject"] == "ServerGroup/default/warehouse"
    assert asked.json["plans"][0]["hash"] == plain["hash"]
    assert "would refuse" in gitopsd("plan", repo, "--check=cloud", "-o", "markdown").out


def extent(gitopsd: Gitopsd, repo: Path) -> str:
    """What the plan says about what the cloud was asked."""
    (plan,) = gitopsd("plan", repo, "--check=cloud", "-o", "json").json["plans"]
    (found,) = [n["what"] for n in plan["notices"] if n["id"] == "GX1016"] or [""]
    return str(found)


def test_what_the_cloud_was_not_asked_is_told_in_every_form(
    gitopsd: Gitopsd, repo: Path, stage: Stage
) -> None:
    told = (
        "asked the cloud about 1 of 6 steps; not asked:"
        " members of groups that are yet to be made (1),"
        " tags, by which groups are marked, taken over and let go (1),"
        " Services and Ingresses, which are the cluster's (3)"
    )
    assert extent(gitopsd, repo) == told
    for form in ("text", "markdown"):
        out = gitopsd("plan", repo, "--check=cloud", "-o", form).out
        assert told in " ".join(out.split())
    gitopsd("apply", repo, "--yes")
    assert extent(gitopsd, repo) == ""  # nothing to do, and nothing to ask
    local_group(repo)
    assert extent(gitopsd, repo).startswith("asked the cloud about 4 of 5 steps; not asked: tags")


def test_the_deletion_of_a_group_that_nothing_uses_is_asked(
    gitopsd: Gitopsd, repo: Path, stage: Stage, refuse: Refuse
) -> None:
    lonely = (repo / "warehouse.yaml").read_text().replace("warehouse", "lonely")
    (repo / "lonely.yaml").write_text(lonely)
    gitopsd("apply", repo, "--yes")
    (repo / "lonely.yaml").unlink()
    there = group_ids(stage)
    assert extent(gitopsd, repo) == "asked the cloud about 1 of 1 step"
    refuse("forbidden", "DeleteServerGroup", times=9)
    said = gitopsd("plan", repo, "--check=cloud")
    assert (said.code, group_ids(stage)) == (1, there)
    assert "refuse to delete ServerGroup default/lonely" in " ".join(said.out.split())


def test_the_deletion_of_a_group_in_use_is_told_as_not_asked() -> None:
    stock = group("warehouse", ("192.168.20.11", 8080, 100))
    seen = found(live_group(stock, related=["alb-1"]))
    plan = plan_target(wanted(), seen, OWNER, PlanOptions(date(2026, 11, 22)))
    check = ask_about(plan, seen, None, "token", lambda _: None)
    assert (check.asked, check.unasked) == (
        0,
        {"deletion of groups that a load balancer still uses": 1},
    )
