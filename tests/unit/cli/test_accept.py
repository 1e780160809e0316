"""drift accept against a sandbox: an edit by hand, taken into Git, and nothing left to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from gitopsd.adapters.alibaba import AlibabaCloud
from gitopsd.cli.schemas import SCHEMAS
from gitopsd.model.ownership import INSTANCE, Owner
from tests.contract.git.authoring import git
from tests.scenarios.world import connect_world
from tests.unit.cli.conftest import Gitopsd
from tests.unit.cli.stage import Stage, local

ACTION = "alb.ingress.kubernetes.io/actions.forward"
INGRESSES = "ingresses.networking.k8s.io"
SELECTOR = {"spec": {"selector": {"app": "other"}}}


@pytest.fixture
def applied(gitopsd: Gitopsd, repo: Path, stage: Stage) -> Path:
    """A repository whose specs have been applied, under Git."""
    git(repo, "init", "-q", "-b", "main")
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "first")
    assert gitopsd("apply", repo, "--yes").code == 0
    return repo


def test_what_was_edited_by_hand_is_written_and_nothing_is_left_to_do(
    gitopsd: Gitopsd, applied: Path, stage: Stage
) -> None:
    ingress: Any = stage.sandbox.cluster.get(INGRESSES, "default", "tea")
    text = ingress["metadata"]["annotations"][ACTION].replace('"Weight":20', '"Weight":35')
    patch = {"metadata": {"annotations": {ACTION: text}}}
    stage.sandbox.cluster.patch(INGRESSES, "default", "tea", patch, manager="kubectl-edit")
    assert gitopsd("drift", applied).code == 1
    said = gitopsd("drift", "accept", "tea", applied, "--write")
    assert (said.code, said.out) == (0, f"changed {applied / 'exposures.yaml'}\n")
    assert "weight: 35}" in (applied / "exposures.yaml").read_text()
    drift = gitopsd("drift", applied)
    assert (drift.code, "3 in sync" in drift.out) == (0, True)
    plan = " ".join(gitopsd("plan", applied).out.split())
    assert "only its marks: what is asked for stands there (drift was taken into Git" in plan
    assert gitopsd("apply", applied, "--yes").code == 0
    after: Any = stage.sandbox.cluster.get(INGRESSES, "default", "tea")
    assert after["metadata"]["annotations"][ACTION] == text
    assert gitopsd("plan", applied, "--detailed-exitcode").code == 0


def test_of_two_edits_the_one_that_is_not_accepted_stays_drift(
    gitopsd: Gitopsd, applied: Path, stage: Stage
) -> None:
    """Git has moved too by then, and yet it did not ask for the other one."""
    port = {"name": "https", "port": 443, "targetPort": 9443, "protocol": "TCP"}
    stage.edit_service("checkout", {"spec": {"ports": [port], **SELECTOR["spec"]}})
    path = "Service/spec.ports[443/TCP].targetPort"
    assert gitopsd("drift", "accept", "checkout", applied, "--path", path, "--write").code == 0
    found = gitopsd("drift", applied, "-o", "json").json["targets"][0]["verdicts"]
    (checkout,) = (v for v in found if v["subject"] == "Exposure/default/checkout")
    told = {item["path"]: item["cause"] for item in checkout["differences"]}
    assert told.pop("metadata.labels[gitopsd.io/digest]", "change") == "change"
    assert set(told.values()) == {"drift"}
    assert all(path.startswith("spec.selector") for path in told)
    plan = gitopsd("plan", applied).out
    assert "spec.selector" in plan
    assert "targetPort" not in plan


def test_the_patch_is_what_git_applies(gitopsd: Gitopsd, applied: Path, stage: Stage) -> None:
    stage.edit_service("checkout", SELECTOR)
    said = gitopsd("drift", "accept", "Service/default/checkout", applied)
    assert (said.code, git(applied, "status", "--porcelain")) == (0, "")
    git(applied, "apply", given=said.out.encode())
    assert gitopsd("drift", applied).code == 0
    assert gitopsd("drift", "accept", "checkout", applied).out == ""


def test_what_others_claim_is_refused_as_what_drift_tells(
    gitopsd: Gitopsd, applied: Path, stage: Stage
) -> None:
    ours: Any = stage.sandbox.cluster.get(INGRESSES, "default", "tea")
    theirs = {**ours, "metadata": {"name": "a-shadow", "namespace": "default"}}
    stage.sandbox.cluster.create(INGRESSES, theirs, manager="kubectl-create")
    assert gitopsd("drift", applied).code == 1
    said = gitopsd("drift", "accept", "tea", applied)
    assert (said.code, said.out) == (1, "")
    assert "stays drift: Ingress/default/a-shadow claims it too" in " ".join(said.err.split())


def test_a_commit_leaves_the_folder_as_it_is(
    gitopsd: Gitopsd, applied: Path, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Ann")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "ann@example.com")
    stage.edit_service("checkout", SELECTOR)
    arguments = ("drift", "accept", "checkout", applied, "--commit", "--branch", "keep")
    said = gitopsd(*arguments)
    assert (said.code, git(applied, "status", "--porcelain")) == (0, "")
    assert said.out == f"{git(applied, 'rev-parse', 'keep')} on branch keep\n"
    assert "Exposure/default/checkout" in git(applied, "log", "-1", "--format=%B", "keep")
    assert gitopsd("drift", "--repo", applied, "--revision", "keep").code == 0
    assert "nothing to accept" in gitopsd(*arguments).err
    refused = gitopsd(*arguments[:-1], "main")
    assert (refused.code, "checked out" in refused.err) == (2, True)


def test_what_was_deleted_by_hand_leaves_git(gitopsd: Gitopsd, applied: Path, stage: Stage) -> None:
    stage.sandbox.cluster.delete("services", "default", "checkout")
    said = gitopsd("drift", "accept", "checkout", applied, "--write")
    assert (said.code, "whole document" in said.err) == (0, True)
    assert "name: checkout" not in (applied / "exposures.yaml").read_text()
    assert gitopsd("drift", applied).code == 0
    assert gitopsd("plan", applied, "--detailed-exitcode").code == 0


def test_a_folder_inside_a_repository_gives_a_patch_for_the_repository(
    gitopsd: Gitopsd, repo: Path, stage: Stage
) -> None:
    git(repo.parent, "init", "-q", "-b", "main")
    git(repo.parent, "add", "repo")
    git(repo.parent, "commit", "-q", "-m", "first")
    assert gitopsd("apply", repo, "--yes").code == 0
    stage.edit_service("checkout", SELECTOR)
    patch = gitopsd("drift", "accept", "checkout", repo).out
    assert "--- a/repo/exposures.yaml\n" in patch
    assert gitopsd("drift", "accept", "checkout", "repo", "--repo", repo.parent).out == patch
    git(repo.parent, "apply", given=patch.encode())
    assert gitopsd("drift", repo).code == 0


def test_what_counts_as_a_change_is_accepted_by_its_path(
    gitopsd: Gitopsd, applied: Path, stage: Stage
) -> None:
    local(applied, "port: 443, targetPort: 8443", "port: 443, targetPort: 9443")
    said = gitopsd("drift", "accept", "checkout", applied)
    assert (said.code, said.out) == (0, "")
    assert "--path takes it all the same: " in said.err
    path = "Service/spec.ports[443/TCP].targetPort"
    said = gitopsd("drift", "accept", "checkout", applied, "--path", path)
    assert said.code == 0
    assert "targetPort: 8443" in said.out


def test_what_no_spec_can_say_is_told_and_the_rest_is_printed(
    gitopsd: Gitopsd, applied: Path, stage: Stage
) -> None:
    foreign = {"metadata": {"annotations": {"service.beta.kubernetes.io/foo": "x"}}}
    stage.edit_service("checkout", SELECTOR | foreign)
    said = gitopsd("drift", "accept", "checkout", applied, "-o", "json")
    jsonschema.validate(said.json, SCHEMAS["acceptance"])
    assert said.code == 1
    assert [edit["path"] for edit in said.json["edits"]] == ["spec.pods.selector.app"]
    assert [item["why"] for item in said.json["refused"]] == ["no field of an Exposure asks for it"]
    text = gitopsd("drift", "accept", "checkout", applied)
    assert "stays drift: no field of an Exposure asks for it" in text.err


def test_members_are_written_and_taken_over_by_adopting(
    gitopsd: Gitopsd, applied: Path, stage: Stage
) -> None:
    added = {
        "ServerId": "192.168.20.99",
        "ServerIp": "192.168.20.99",
        "ServerType": "Ip",
        "Port": 80,
        "Weight": 7,
        "RemoteIpEnabled": True,
    }
    cloud = connect_world(stage.sandbox, Owner("acme", "hangzhou")).site.cloud_writer
    assert isinstance(cloud, AlibabaCloud)
    (group,) = cloud.find("ALB", {"gitopsd.io/group": "default/warehouse"})
    cloud.add_servers("ALB", group.id, [added], "by-hand")
    said = gitopsd("drift", "accept", "warehouse", applied, "--write")
    assert said.code == 0
    assert "apply --adopt ServerGroup/default/warehouse" in said.err
    assert "{ip: 192.168.20.99, port: 80, weight: 7}" in (applied / "warehouse.yaml").read_text()
    assert gitopsd("drift", applied).code == 0
    adopt = ("--adopt", "ServerGroup/default/warehouse")
    assert gitopsd("apply", applied, "--yes", *adopt).code == 0
    assert gitopsd("plan", applied, "--detailed-exitcode").code == 0


WRONG = (
    (("chekout",), "is it Exposure/default/checkout?"),
    (("checkout", "--path", "spec.rules"), "nothing differs at spec.rules"),
    (("checkout", "--commit"), "needs --branch"),
    (("checkout", "--branch", "x"), "about --commit"),
    (("checkout", "--write", "--commit", "--branch", "x"), "choose one"),
    (("Ingress/default/checkout",), "no Exposure makes Ingress/default/checkout"),
)


def test_a_wrong_call_says_what_is_wrong(gitopsd: Gitopsd, applied: Path, stage: Stage) -> None:
    stage.edit_service("checkout", SELECTOR)
    for (name, *rest), words in WRONG:
        said = gitopsd("drift", "accept", name, applied, *rest)
        assert (said.code, said.out) == (2, "")
        assert words in said.err


def test_a_folder_that_is_called_accept_is_still_a_folder(gitopsd: Gitopsd, tmp_path: Path) -> None:
    (tmp_path / "accept").mkdir()
    assert "NAME" in gitopsd("drift", "accept").err
    assert "NAME" not in gitopsd("drift", tmp_path / "accept").err


def test_an_edit_is_taken_in_though_our_marks_are_off_as_well(
    gitopsd: Gitopsd, applied: Path, stage: Stage
) -> None:
    """Drift offers it, beside the way to put the marks back."""
    stage.edit_service("checkout", {"metadata": {"labels": {INSTANCE: None}}})
    (port,) = (stage.service("checkout") or {})["spec"]["ports"]
    stage.edit_service("checkout", {"spec": {"ports": [{**port, "targetPort": 9443}]}})
    said = gitopsd("drift", "accept", "checkout", applied, "--write")
    assert "9443" in (applied / "exposures.yaml").read_text()
    assert "no spec.ports" not in said.err
