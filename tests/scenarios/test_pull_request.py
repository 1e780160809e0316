"""A change that a guard holds, from the pull request's comment over the approval to the cluster."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gitopsd.adapters.forges import FORGES
from gitopsd.cli.root import run
from gitopsd.sandbox.embedded import Sandbox
from tests.contract.forges.gitlab import GitLabReceiver
from tests.contract.forges.receiving import Account
from tests.contract.forges.repos import GiteaReceiver, GitHubReceiver
from tests.contract.git.authoring import git
from tests.contract.git.serving import Server
from tests.scenarios.operating import Shop, eventually, followed, open_shop, replica
from tests.scenarios.world import objects

pytestmark = pytest.mark.usefixtures("keys")

RECEIVERS: dict[str, type[Any]] = {
    "github": GitHubReceiver,
    "gitlab": GitLabReceiver,
    "gitea": GiteaReceiver,
}


@dataclass
class Desk:
    """Somebody who works on the repository, and the pipelines of the pull request."""

    shop: Shop
    kind: str
    forge: Any
    number: int = 0

    @property
    def folder(self) -> Path:
        return self.shop.author.folder

    def branch(self, *gone: str, name: str = "change") -> None:
        """Push a branch that takes Exposures away, and open the pull request."""
        git(self.folder, "checkout", "-q", "-b", name, "main")
        for one in gone:
            (self.folder / f"{one}.yaml").unlink()
        commit = self.shop.author.commit()
        self.number = self.forge.pull(name, commit)

    def ci(self) -> int:
        """Run the pipeline on what merging would give."""
        arguments = ["--base", "main", "--forge", self.kind, "--forge-url", self.forge.url]
        arguments += ["--forge-repo", "acme/exposures", "--pull-request", str(self.number)]
        return run(["ci", *arguments, str(self.folder)])

    @property
    def comment(self) -> str:
        (body,) = self.forge.bodies(self.number)
        return str(body)

    @property
    def command(self) -> list[str]:
        """The command that the comment tells people to give."""
        (fence,) = re.findall("^```sh\n(.*?)^```$", self.comment, flags=re.M | re.S)
        (line,) = fence.splitlines()
        return shlex.split(line)

    def merge(self, *how: str, name: str = "change") -> str:
        git(self.folder, "checkout", "-q", "main")
        git(self.folder, "merge", "-q", *how, name)
        if "--squash" in how:
            git(self.folder, "commit", "-q", "-m", "squashed")
        git(self.folder, "push", "-q", "origin", "main")
        return git(self.folder, "rev-parse", "HEAD")


@pytest.fixture(params=sorted(RECEIVERS))
def desk(
    request: pytest.FixtureRequest,
    sandbox: Sandbox,
    tmp_path: Path,
    server: Server,
    namespace: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Desk]:
    monkeypatch.setenv("GITOPSD_KUBECONFIG", str(sandbox.kubeconfig))
    monkeypatch.setenv("GITOPSD_ALB_ENDPOINT", sandbox.alb)
    monkeypatch.setenv("GITOPSD_NLB_ENDPOINT", sandbox.nlb)
    monkeypatch.setenv("GITOPSD_FORGE_TOKEN", "t0ken")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for forge in FORGES.values():
        monkeypatch.setattr(forge, "PACE", 0.0)
    shop = open_shop(tmp_path, server, namespace)
    fleet = shop.author.folder / "fleet.yaml"
    fleet.write_text(fleet.read_text() + "  guards: {maxDeletes: 1}\n")
    for name in ("tea", "coffee", "cocoa"):
        shop.expose(name=name)
    with RECEIVERS[request.param]() as receiver:
        receiver.accounts["t0ken"] = Account(41, "gitopsd")
        yield Desk(shop, request.param, receiver)


def services(sandbox: Sandbox, desk: Desk) -> set[str]:
    return set(objects(sandbox, "Service", desk.shop.namespace)) - {"tea-svc"}


def test_what_was_approved_on_the_pull_request_is_what_the_operator_does_after_the_merge(
    sandbox: Sandbox, tmp_path: Path, desk: Desk
) -> None:
    with replica(sandbox, tmp_path, [followed(desk.shop)]) as one:
        one.log.wait("pass.ended", done=3)
        desk.branch("coffee", "cocoa")

        assert desk.ci() == 1  # a guard holds it
        assert desk.comment.splitlines()[1] == "## gitopsd: 2 held"
        assert "2 steps (max-deletes)" in desk.comment
        # About nodes, as before: a warning that names other Exposures now is no news.
        assert "no label that tells them apart" not in desk.comment
        program, *approve = desk.command
        assert (program, approve[0], approve[2:4]) == ("gitopsd", "approve", ["--target", "edge"])
        assert f"`{approve[1]}`" in desk.comment

        assert run(approve) == 0
        assert desk.ci() == 0  # and the pipeline is green
        assert "## gitopsd: 2 to delete" in desk.comment
        assert "The plan of `edge` is approved" in desk.comment
        assert f"`{approve[1]}`" in desk.comment  # under the same name

        merged = desk.merge("--no-ff", "-m", "Merge pull request")
        one.operator.look()
        one.log.wait("pass.ended", revision=merged, done=2)
        eventually(lambda: services(sandbox, desk) == {"tea"})


@pytest.mark.parametrize("desk", ["github"], indirect=True)
def test_a_squashed_merge_is_the_same_plan_for_apply_too(sandbox: Sandbox, desk: Desk) -> None:
    assert run(["apply", "--yes", str(desk.folder)]) == 0
    desk.branch("coffee", "cocoa")
    assert desk.ci() == 1
    assert run(desk.command[1:]) == 0
    desk.merge("--squash")
    assert run(["apply", "--yes", str(desk.folder)]) == 0
    eventually(lambda: services(sandbox, desk) == {"tea"})


@pytest.mark.parametrize("desk", ["github"], indirect=True)
def test_what_is_more_than_was_approved_stays_held(sandbox: Sandbox, desk: Desk) -> None:
    assert run(["apply", "--yes", str(desk.folder)]) == 0
    desk.branch("coffee", "cocoa")
    assert desk.ci() == 1
    assert run(desk.command[1:]) == 0
    (desk.folder / "tea.yaml").unlink()  # pushed after the approval
    desk.shop.author.commit()
    assert desk.ci() == 1
    assert "## gitopsd: 3 held" in desk.comment
    desk.merge("--no-ff", "-m", "Merge pull request")
    assert run(["apply", "--yes", str(desk.folder)]) == 1
    assert services(sandbox, desk) == {"tea", "coffee", "cocoa"}


@pytest.mark.parametrize("desk", ["github"], indirect=True)
def test_two_pull_requests_are_approved_and_each_approval_is_used(
    sandbox: Sandbox, desk: Desk
) -> None:
    for name in ("milk", "mate"):
        desk.shop.expose(name=name)
    assert run(["apply", "--yes", str(desk.folder)]) == 0
    changes = {"first": ("coffee", "cocoa"), "second": ("milk", "mate")}
    for name, gone in changes.items():
        desk.branch(*gone, name=name)
        assert desk.ci() == 1
        assert run(desk.command[1:]) == 0
    for number, name in enumerate(changes, 1):
        git(desk.folder, "checkout", "-q", name)
        desk.number = number
        assert desk.ci() == 0
    for name in changes:
        desk.merge("--no-ff", "-m", "Merge pull request", name=name)
        assert run(["apply", "--yes", str(desk.folder)]) == 0
    eventually(lambda: services(sandbox, desk) == {"tea"})
