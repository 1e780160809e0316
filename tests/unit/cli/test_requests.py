"""`status`, `history` and the requests to the operator, over a record in a sandbox."""

from __future__ import annotations

import json
import shlex
import socket
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from gitopsd.cli import attending
from gitopsd.cli.schemas import SCHEMAS
from gitopsd.model.approval import APPROVE
from gitopsd.model.requests import SUSPEND, SYNC, suspension_in
from tests.unit.cli.conftest import Gitopsd
from tests.unit.cli.stage import Stage

RECORD = "gitopsd-acme-hangzhou"


@pytest.fixture
def applied(gitopsd: Gitopsd, stage: Stage, repo: Path) -> Path:
    assert gitopsd("apply", repo, "--yes", "--cache-dir", repo / ".cache").code == 0
    return repo


def annotations(stage: Stage) -> dict[str, str]:
    found = stage.sandbox.cluster.get("configmaps", "gitopsd-system", RECORD)
    assert found is not None
    return found["metadata"].get("annotations") or {}


def fits(name: str, content: Any) -> Any:
    jsonschema.validate(content, SCHEMAS[name])
    return content


def test_requests_are_annotations_on_the_record(
    gitopsd: Gitopsd, stage: Stage, applied: Path
) -> None:
    assert gitopsd("sync", applied).code == 0
    said = gitopsd("suspend", applied, "--reason", "incident 4711", "--until", "2h")
    assert said.out.startswith("hangzhou: suspended until 20")
    assert gitopsd("approve", "a" * 64, applied).code == 0
    notes = annotations(stage)
    assert notes[SYNC].endswith("Z")
    assert notes[APPROVE].startswith("a" * 64 + " 20")
    suspension = suspension_in(notes)
    assert suspension is not None
    assert suspension.reason == "incident 4711"
    said = gitopsd("resume", applied, "-o", "json")
    assert fits("request", said.json)["requests"] == [{"target": "hangzhou", "done": "resumed"}]
    assert SUSPEND not in annotations(stage)
    assert "it was not suspended" in gitopsd("resume", applied).out


def test_a_request_before_the_first_apply_says_what_to_do(
    gitopsd: Gitopsd, stage: Stage, repo: Path
) -> None:
    said = gitopsd("sync", repo)
    assert said.code == 1
    assert "no record yet" in said.err
    assert "apply once" in said.err


def test_what_is_no_hash_or_no_time_is_refused(
    gitopsd: Gitopsd, stage: Stage, applied: Path
) -> None:
    assert "64 digits" in gitopsd("approve", "abc", applied).err
    said = gitopsd("suspend", applied, "--reason", "x", "--until", "soon")
    assert said.code == 1
    assert "is no time" in said.err
    assert annotations(stage) == {}


def test_history_tells_what_each_pass_did(gitopsd: Gitopsd, stage: Stage, applied: Path) -> None:
    assert gitopsd("apply", applied, "--yes").code == 0
    stage.edit_service("checkout", {"spec": {"externalTrafficPolicy": "Local"}})
    assert gitopsd("apply", applied, "--yes").code == 0
    (told,) = fits("history", gitopsd("history", applied, "-o", "json").json)["targets"]
    latest, first = told["passes"]
    assert latest["steps"] == {"done": 1}
    assert first["state"] == "done"
    assert latest["plan"] != first["plan"]
    assert "hangzhou" in gitopsd("history", applied, "--last", "1").out


def test_status_is_a_line_for_a_target_that_is_well(
    gitopsd: Gitopsd, stage: Stage, applied: Path
) -> None:
    said = gitopsd("status", applied)
    assert said.code == 0, said.out
    head, line = said.out.splitlines()
    assert head.split()[0] == "TARGET"
    assert line.split()[0] == "hangzhou"
    assert line.split()[-3:] == ["none", "no", "nobody"]


def test_status_has_a_line_for_each_thing_that_is_wrong(
    gitopsd: Gitopsd, stage: Stage, applied: Path
) -> None:
    gitopsd("suspend", applied, "--reason", "incident 4711", "--until", "2h")
    stage.edit_service("checkout", {"spec": {"externalTrafficPolicy": "Local"}})
    said = gitopsd("status", applied)
    assert said.code == 1
    assert "1 drifted" in said.out
    assert "suspended until" in said.out
    assert "incident 4711" in said.out
    (target,) = fits("status", gitopsd("status", applied, "-o", "json").json)["targets"]
    assert target["suspended"]["reason"] == "incident 4711"
    assert len(target["wrong"]) == 2


def test_whatever_stands_in_the_annotation_suspends() -> None:
    for text in ("maintenance", "[]", "{", '{"until": "whenever"}', ""):
        assert suspension_in({SUSPEND: text}) is not None
    assert suspension_in({}) is None
    good = suspension_in({SUSPEND: json.dumps({"reason": "x", "until": "2027-01-31"})})
    assert str(good) == "suspended until 2027-01-31: x"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("suspend", "--reason", "incident 4711"), 1),
        (("resume",), 1),
        (("sync",), 1),
        (("approve", "a" * 64), 1),
        (("history",), 1),
        (("drift", "hold", "--list"), 2),
        (("reports", "--reports", "cluster"), 1),
        (("plan",), 1),
        (("status",), 2),
    ],
)
def test_a_fleet_with_errors_is_told_and_no_command_says_that_it_did_anything(
    gitopsd: Gitopsd, stage: Stage, applied: Path, command: tuple[str, ...], code: int
) -> None:
    fleet = applied / "fleet.yaml"
    fleet.write_text(fleet.read_text().replace("targets:", "tragets:"))
    said = gitopsd(*command, applied)
    assert said.code == code
    assert "fleet.yaml:5:" in said.err
    assert "no target is known" in said.err
    assert annotations(stage) == {}


def test_a_folder_without_a_fleet_is_told(gitopsd: Gitopsd, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for command, code in (("sync", 1), ("status", 2), ("history", 1)):
        said = gitopsd(command, tmp_path / "empty")
        assert said.code == code
        assert "GX0043" in said.err
        assert said.out == ""


def test_whoever_cannot_suspend_without_a_fleet_is_told_how(
    gitopsd: Gitopsd, stage: Stage, applied: Path
) -> None:
    """The command that is offered does what `suspend` would have done."""
    (applied / "fleet.yaml").write_text("kind: Fleet\n")
    scope = ("--instance", "acme", "--target", "hangzhou")
    said = gitopsd("suspend", applied, *scope, "--reason", "it's 4711")
    assert said.code == 1
    words = shlex.split(said.err[said.err.index("kubectl annotate") :])
    expected = ["kubectl", "annotate", "--overwrite", "--namespace", "gitopsd-system", "configmap"]
    assert words[:-1] == [*expected, RECORD]
    key, _, text = words[-1].partition("=")
    suspension = suspension_in({key: text})
    assert suspension is not None
    assert suspension.reason == "it's 4711"
    assert "gitopsd.io/suspend-" in gitopsd("resume", applied, *scope).err


def test_errors_beside_the_fleet_are_told_by_status(
    gitopsd: Gitopsd, stage: Stage, applied: Path
) -> None:
    (applied / "more.yaml").write_text("kind: Exposure\n")
    said = gitopsd("status", applied)
    assert said.code == 1
    assert "more.yaml:1:1" in said.err
    assert "hangzhou" in said.out


def test_a_cluster_that_hangs_is_named_and_given_up_soon(
    gitopsd: Gitopsd, stage: Stage, applied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attending, "FIRST", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as hangs:
        kubeconfig = tmp_path / "kubeconfig"
        cluster = {"server": f"http://127.0.0.1:{hangs.getsockname()[1]}"}
        content = {
            "clusters": [{"name": "c", "cluster": cluster}],
            "users": [{"name": "u", "user": {"token": "x"}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }
        kubeconfig.write_text(json.dumps(content))
        for code, *command in (
            (2, "status"), (1, "history"), (1, "sync"), (1, "resume"),
            (1, "suspend", "--reason", "incident 4711"), (1, "approve", "a" * 64),
        ):  # fmt: skip
            said = gitopsd(*command, applied, "--kubeconfig", kubeconfig)
            assert said.code == code
            assert "hangzhou: the cluster's API server: no answer for 0.5 seconds" in said.err
    assert annotations(stage) == {}
