"""`gitopsd drift hold` leaves a change by hand alone for a time, and for no longer."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from gitopsd.cli.failures import Refusal
from gitopsd.cli.holding import until_of
from gitopsd.cli.schemas import SCHEMAS
from gitopsd.model.drifthold import MOST, DriftHold
from gitopsd.model.identity import Identity
from tests.unit.cli.conftest import Gitopsd
from tests.unit.cli.stage import Stage

RECORD = "gitopsd-acme-hangzhou"
LOCAL = {"spec": {"externalTrafficPolicy": "Local"}}
WHY = ("--until", "2h", "--reason", "incident 4711")


@pytest.fixture
def applied(gitopsd: Gitopsd, stage: Stage, repo: Path) -> Path:
    """A repository that has been applied, and a Service that somebody then edited."""
    assert gitopsd("apply", repo, "--yes", "--cache-dir", repo / ".cache").code == 0
    stage.edit_service("checkout", LOCAL)
    return repo


def policy(stage: Stage) -> Any:
    found = stage.service("checkout")
    assert found is not None
    return found["spec"]["externalTrafficPolicy"]


def put(stage: Stage, *holds: DriftHold) -> None:
    notes = {hold.key: hold.text for hold in holds}
    stage.sandbox.cluster.patch(
        "configmaps", "gitopsd-system", RECORD, {"metadata": {"annotations": notes}}, manager="me"
    )


def annotations(stage: Stage) -> dict[str, str]:
    found = stage.sandbox.cluster.get("configmaps", "gitopsd-system", RECORD)
    assert found is not None
    return found["metadata"].get("annotations") or {}


def test_a_held_change_is_left_until_it_is_released(
    gitopsd: Gitopsd, stage: Stage, applied: Path
) -> None:
    said = gitopsd("drift", "hold", "checkout", applied, "--path",
                   "spec.externalTrafficPolicy", *WHY)  # fmt: skip
    assert said.code == 0
    assert "Service/spec.externalTrafficPolicy of Exposure/default/checkout" in said.out
    assert gitopsd("apply", applied, "--yes").code == 0
    assert policy(stage) == "Local"
    seen = gitopsd("drift", applied)
    assert seen.code == 0
    assert "incident 4711" in seen.out
    listed = gitopsd("drift", "hold", "--list", applied, "-o", "json").json
    jsonschema.validate(listed, SCHEMAS["holds"])
    assert [hold["reason"] for hold in listed["holds"]] == ["incident 4711"]
    assert gitopsd("drift", "hold", "--release", "checkout", applied).code == 0
    assert annotations(stage) == {}
    assert gitopsd("drift", applied).code == 1
    assert gitopsd("apply", applied, "--yes").code == 0
    assert policy(stage) == "Cluster"
    assert "nothing is held" in gitopsd("drift", "hold", "--list", applied).err


def test_a_hold_that_is_over_is_told_then_dropped(
    gitopsd: Gitopsd, stage: Stage, applied: Path
) -> None:
    exposure = Identity("Exposure", "default", "checkout")
    path = "Service/spec.externalTrafficPolicy"
    put(stage, DriftHold(exposure, path, "2026-01-01T00:00:00Z", "long ago"))
    said = gitopsd("drift", applied)
    assert said.code == 1
    assert "the hold on Service/spec.externalTrafficPolicy (long ago) has ended" in said.out
    json_said = gitopsd("drift", applied, "-o", "json").json
    jsonschema.validate(json_said, SCHEMAS["drift"])
    (over,) = [span for v in json_said["targets"][0]["verdicts"] for span in v["over"]]
    assert (over["source"], over["reason"]) == ("hold", "long ago")
    done = gitopsd("apply", applied, "--yes")
    assert "(long ago) has ended" in done.out
    assert policy(stage) == "Cluster"
    assert annotations(stage) == {}
    assert "long ago" not in gitopsd("plan", applied).out


def test_what_was_held_is_accepted_as_soon_as_the_hold_is_over(
    gitopsd: Gitopsd, stage: Stage, applied: Path
) -> None:
    stage.edit_service("checkout", {"spec": {"selector": {"app": "other"}}})
    exposure = Identity("Exposure", "default", "checkout")
    ended = datetime.now(UTC).isoformat(timespec="seconds")
    put(stage, DriftHold(exposure, "Service/spec.selector", ended, "incident"))
    accept = ("drift", "accept", "checkout", applied, "--path", "Service/spec.selector.app")
    assert "app: other" in gitopsd(*accept).out


def test_an_exception_in_git_that_is_over_is_told_with_its_line(
    gitopsd: Gitopsd, stage: Stage, applied: Path
) -> None:
    file = applied / "exposures.yaml"
    entry = "{path: Service/spec.externalTrafficPolicy, until: 2026-01-01, reason: migration}"
    file.write_text(
        file.read_text().replace(
            "  ports: [{name: https", f"  drift: {{ignore: [{entry}]}}\n  ports: [{{name: https", 1
        )
    )
    said = gitopsd("drift", applied)
    assert "the exception for Service/spec.externalTrafficPolicy (migration; " in said.out
    assert "has ended (until 2026-01-01)" in " ".join(said.out.split())
    assert "(migration; exposures.yaml:7:" in gitopsd("plan", applied).out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("chekout", "--path", "spec.ports", *WHY), "is it Exposure/default/checkout"),
        (("checkout", "--path", "spec.prots", *WHY), "for example: Service/spec.ports"),
        (("checkout", "--path", "Ingress/spec.rules", *WHY), "leads to nothing"),
        (("checkout", "--path", "spec.ports", "--until", "soon", "--reason", "x"), "is no time"),
        (("checkout", "--path", "spec.ports", "--until", "90d", "--reason", "x"), "31 days"),
        (("checkout", "--path", "spec.ports", "--until", "2020-01-01", "--reason", "x"), "over"),
        (("checkout", "--path", "spec.ports", "--until", "2h"), "needs --reason"),
        (("--release", "checkout"), "is not held"),
    ],
)
def test_what_cannot_be_held_is_refused_in_words(
    gitopsd: Gitopsd, stage: Stage, applied: Path, words: Any, told: str
) -> None:
    before = annotations(stage)
    said = gitopsd("drift", "hold", *words, applied)
    assert said.code == 2
    assert told in said.err
    assert annotations(stage) == before


BACKEND = "Ingress/spec.rules[tea.example.com/].Prefix.backend"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (BACKEND, BACKEND),
        ("Ingress/spec.rules[tea.example.com/].backend", BACKEND),
        ("Ingress/spec.rules[0].http.paths[0].backend.service.port.number", BACKEND),
        ("Ingress/spec.rules[0]", "Ingress/spec.rules[tea.example.com/]"),
        ("Ingress/spec.rules", "Ingress/spec.rules"),
    ],
)
def test_a_hold_on_a_route_is_kept_by_its_name_however_it_was_asked_for(
    gitopsd: Gitopsd, stage: Stage, applied: Path, text: str, path: str
) -> None:
    said = gitopsd("drift", "hold", "tea", applied, "--path", text, *WHY)
    assert said.code == 0, said.err
    assert f"{path} of Exposure/default/tea" in " ".join(said.out.split())
    said = gitopsd("drift", "hold", "--release", "tea", applied, "--path", text)
    assert said.code == 0, said.err
    assert annotations(stage) == {}


@pytest.mark.parametrize("text", ["spec.rules[7].http.paths[0].backend", "spec.rules[x/].backend"])
def test_a_route_that_is_not_there_cannot_be_held(
    gitopsd: Gitopsd, applied: Path, text: str
) -> None:
    said = gitopsd("drift", "hold", "tea", applied, "--path", f"Ingress/{text}", *WHY)
    assert said.code == 2
    assert "leads to nothing" in said.err


def test_before_the_first_apply_there_is_nothing_to_hold(
    gitopsd: Gitopsd, stage: Stage, repo: Path
) -> None:
    said = gitopsd("drift", "hold", "checkout", repo, "--path", "spec.ports", *WHY)
    assert said.code == 2
    assert "no record yet" in said.err


def test_only_so_many_things_are_held(gitopsd: Gitopsd, stage: Stage, applied: Path) -> None:
    exposure = Identity("Exposure", "default", "tea")
    until = datetime.now(UTC).date().isoformat()
    put(stage, *(DriftHold(exposure, f"Service/spec.{n}", until, "x") for n in range(MOST)))
    said = gitopsd("drift", "hold", "checkout", applied, "--path", "spec.ports", *WHY)
    assert said.code == 2
    assert f"{MOST} things are held" in said.err


def test_an_annotation_that_is_no_hold_is_named_and_protects_nothing(
    gitopsd: Gitopsd, stage: Stage, applied: Path
) -> None:
    notes = {"gitopsd.io/hold-mine": json.dumps({"path": "Service"})}
    patch = {"metadata": {"annotations": notes}}
    stage.sandbox.cluster.patch("configmaps", "gitopsd-system", RECORD, patch, manager="me")
    assert "gitopsd.io/hold-mine" in gitopsd("plan", applied, "-v").out
    assert "gitopsd.io/hold-mine is no hold" in gitopsd("drift", "hold", "--list", applied).err
    assert gitopsd("apply", applied, "--yes").code == 0
    assert policy(stage) == "Cluster"
    assert annotations(stage) == notes


NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("2h", "2026-11-22T10:00:00Z"),
        ("1d12h30m", "2026-11-23T20:30:00Z"),
        ("2026-11-22", "2026-11-22"),
        ("2026-11-22T18:00:00+08:00", "2026-11-22T10:00:00Z"),
    ],
)
def test_an_end_is_a_span_a_day_or_a_time(text: str, until: str) -> None:
    assert until_of(text, NOW) == until


@pytest.mark.parametrize("text", ["", "h", "0m", "2026-11-22T18:00:00", "2026-13-01", "9999d"])
def test_what_is_no_end_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        until_of(text, NOW)
