"""Plan files: what `plan --out` writes, and what `apply PLANFILE` accepts.

A file carries the plans of all targets, where each of them applies, and a checksum of all of it:
the plan's hash names what will be done but not how it is sent, so that an edit of either is seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from gitopsd.cli.failures import Refusal
from gitopsd.cli.outputs import API_VERSION, envelope, problems_json, to_json
from gitopsd.cli.targets import Failure
from gitopsd.model.approval import Approval
from gitopsd.model.digest import full_digest
from gitopsd.model.identity import Identity
from gitopsd.model.plan import FORMAT, Change, Guard, Hold, Operation, Plan, Step
from gitopsd.model.position import Position
from gitopsd.model.problem import Problem
from gitopsd.wiring.sites import Place

_ANEW = "make the plan again: gitopsd plan --out FILE"


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """The plan of one target and the place it was made for."""

    plan: Plan
    place: Place


def plan_document(
    saved: Sequence[SavedPlan], problems: Sequence[Problem], failures: Sequence[Failure]
) -> dict[str, Any]:
    """The output of `plan -o json` and the content of a plan file."""
    content = {
        "plans": [{**item.plan.to_json(), "site": _site(item)} for item in saved],
        "problems": problems_json(problems),
        "failures": [failure.to_json() for failure in failures],
    }
    return envelope("Plan", {**content, "checksum": full_digest(content)})


def write_plan_file(path: Path, document: dict[str, Any]) -> None:
    """Write a plan file, whole or not at all. Raises Refusal."""
    beside = path.with_name(path.name + ".part")
    try:
        beside.write_text(to_json(document) + "\n", encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        raise Refusal(f"the plan cannot be saved to {path}: {error.strerror}") from error


def read_plan_file(path: Path) -> tuple[SavedPlan, ...]:
    """Read a plan file back. Raises Refusal for one that is not what `plan --out` wrote."""
    try:
        document = orjson.loads(path.read_bytes())
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error.strerror}") from error
    except orjson.JSONDecodeError as error:
        if path.suffix in (".yaml", ".yml"):
            mend = "name the folder that it is in: specs are read together with fleet.yaml"
            raise Refusal(f"{path} is not a plan file, which is JSON", mend) from error
        raise Refusal(f"{path} is not a plan file: {error}", _ANEW) from error
    _check(path, document)
    try:
        return tuple(SavedPlan(_plan(item), _place(item)) for item in document["plans"])
    except (KeyError, TypeError, ValueError) as error:
        raise Refusal(f"{path} is not a plan file of this gitopsd: {error!r}", _ANEW) from error


def _check(path: Path, document: Any) -> None:
    if not isinstance(document, dict) or document.get("kind") != "Plan":
        raise Refusal(f"{path} is not a plan file", _ANEW)
    version = document.get("apiVersion")
    plans = document.get("plans")
    formats = {item.get("format") for item in plans} if isinstance(plans, list) else {None}
    if version != API_VERSION or formats - {FORMAT}:
        found = ", ".join(str(item) for item in sorted(formats, key=str))
        raise Refusal(
            f"{path} was written by another version of gitopsd (output {version}, plan format "
            f"{found}; this one reads {API_VERSION}, plan format {FORMAT})",
            _ANEW,
        )
    content = {name: document.get(name) for name in ("plans", "problems", "failures")}
    if document.get("checksum") != full_digest(content):
        raise Refusal(
            f"{path} was changed after it was written: its checksum does not fit its content",
            f"a plan is applied as it was made, or not at all; {_ANEW}",
        )


def _site(saved: SavedPlan) -> dict[str, Any]:
    facts = asdict(saved.place)
    return {
        "kubeContext": facts["kube_context"],
        "clusterUid": saved.plan.cluster_uid,
        "region": facts["region"],
        "credentials": {"profile": facts["profile"], "roleArn": facts["role_arn"]},
        "cloud": facts["cloud"],
    }


def _place(item: dict[str, Any]) -> Place:
    site = item["site"]
    keys = site["credentials"]
    return Place(
        item["target"],
        site["kubeContext"],
        site["region"],
        keys["profile"],
        keys["roleArn"],
        site["cloud"],
    )


def _plan(item: dict[str, Any]) -> Plan:
    plan = Plan(
        item["instance"],
        item["target"],
        tuple(_step(step) for step in item["steps"]),
        tuple(Problem.from_json(notice) for notice in item["notices"]),
        revision=item["revision"],
        complete=item["complete"],
        fleet=item["fleet"],
        settled={Identity.parse(name): value for name, value in item["settled"].items()},
        cluster_uid=item["clusterUid"],
        wrong_cluster=item["wrongCluster"],
        fields={Identity.parse(name): value for name, value in item["fields"].items()},
        approval=Approval.from_json(item["approval"]) if item["approval"] else None,
    )
    if plan.hash != item["hash"]:
        raise ValueError(f"the steps of {plan.target} do not fit the hash {item['hash']}")
    return plan


def _step(item: dict[str, Any]) -> Step:
    namespace, name, kind = item["namespace"], item["name"], item["kind"]
    return Step(
        Operation(item["operation"]),
        kind,
        Identity("ServerGroup" if kind == "Members" else kind, namespace, name),
        Identity.parse(item["owner"]),
        tuple(
            Change(change["path"], change["from"], change["to"], change.get("note", ""))
            for change in item["changes"]
        ),
        expects=item["expects"],
        group_id=item["groupId"],
        payload=item["payload"],
        needs=tuple(item["needs"]),
        hold=_hold(item.get("hold")),
        why=item.get("why", ""),
        waived=_hold(item.get("waived")),
    )


def _hold(item: dict[str, Any] | None) -> Hold | None:
    if item is None:
        return None
    place = item.get("position")
    position = Position.parse(place) if place else None
    return Hold(Guard(item["guard"]), item["reason"], item["release"], position)
