"""A saved plan, read back: whole, of this version, and not edited by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gitopsd.model.digest import canonical, full_digest
from gitopsd.model.identity import Identity
from gitopsd.model.plan import FORMAT, Change, Guard, Hold, Operation, Plan, Step
from gitopsd.model.position import Position
from gitopsd.model.problem import Problem, Severity

#: Largest plan file that is read; ten thousand objects make about 30 MB.
MAX_BYTES = 256 * 1024 * 1024
_SEAL = "seal"


def write_plans(plans: tuple[Plan, ...]) -> bytes:
    """The file of `plan --out`: the plans of all targets, and a seal over every byte of them.

    The plan's hash names what will be done; the seal also covers how (payloads, expectations), so
    that an edited file is recognised even where the hash does not look.
    """
    body = {"kind": "gitopsd-plan", "format": FORMAT, "plans": [plan.to_json() for plan in plans]}
    return canonical({**body, _SEAL: full_digest(body)}) + b"\n"


def read_plans(content: bytes, file: str) -> tuple[Plan, ...] | Problem:
    """The plans in a file, or what is wrong with it. `file` is its name, for messages."""
    body = _body(content, file)
    if isinstance(body, Problem):
        return body
    try:
        plans = tuple(_plan(entry) for entry in body["plans"])
    except (KeyError, TypeError, ValueError) as error:
        return _problem("GX0911", file, f"it is incomplete: {error}")
    for plan, entry in zip(plans, body["plans"], strict=True):
        if plan.hash != entry["hash"]:
            return _problem("GX0913", file, "a plan does not match its hash")
    return plans


def _body(content: bytes, file: str) -> dict[str, Any] | Problem:
    """The file's JSON, of this version and with its seal unbroken."""
    try:
        body = json.loads(content)
    except ValueError as error:
        return _problem("GX0911", file, f"it is not JSON: {error}")
    if not isinstance(body, dict) or body.get("kind") != "gitopsd-plan":
        return _problem("GX0911", file, "it was not written by `gitopsd plan --out`")
    if body.get("format") != FORMAT:
        found = body.get("format")
        return _problem("GX0912", file, f"its format is {found}, this gitopsd reads {FORMAT}")
    if body.pop(_SEAL, None) != full_digest(body):
        return _problem("GX0913", file, "its content does not match its seal")
    return body


_TEXTS = {
    "GX0911": ("is no plan", "only a whole plan can be applied", "make it again"),
    "GX0912": (
        "was made by another version of gitopsd",
        "what its fields mean may have changed",
        "make it again with this version",
    ),
    "GX0913": (
        "has been changed since it was saved",
        "what was reviewed is not what would be done",
        "make it again, and have it reviewed again",
    ),
}


def _problem(number: str, file: str, detail: str) -> Problem:
    what, why, mend = _TEXTS[number]
    mend += ": gitopsd plan --out " + file
    return Problem(number, Severity.ERROR, f"{file} {what}: {detail}", why, mend, Position(file))


def _plan(entry: Mapping[str, Any]) -> Plan:
    notices = tuple(
        Problem(n["id"], Severity(n["severity"]), n["what"], n.get("why", ""), n.get("mend", ""))
        for n in entry["notices"]
    )
    settled = {Identity.parse(key): value for key, value in entry["settled"].items()}
    return Plan(
        entry["instance"],
        entry["target"],
        tuple(_step(step) for step in entry["steps"]),
        notices,
        entry["revision"],
        entry["complete"],
        entry["fleet"],
        settled,
        entry["clusterUid"],
    )


def _step(entry: Mapping[str, Any]) -> Step:
    hold = entry.get("hold")
    kind = entry["kind"]
    resource = "ServerGroup" if kind == "Members" else kind
    return Step(
        Operation(entry["operation"]),
        kind,
        Identity(resource, entry["namespace"], entry["name"]),
        Identity.parse(entry["owner"]),
        tuple(Change(c["path"], c["from"], c["to"], c.get("note", "")) for c in entry["changes"]),
        entry["expects"],
        entry["groupId"],
        entry["payload"],
        tuple(entry["needs"]),
        Hold(Guard(hold["guard"]), hold["reason"], hold["release"]) if hold else None,
        entry.get("why", ""),
    )
