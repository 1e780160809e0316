"""The schemas of differences, verdicts and drift reports."""

from __future__ import annotations

from gitopsd.cli.schemas.plans import HOLD
from gitopsd.cli.schemas.shapes import ANY, HASH, MAP, NUMBER, STRING, array, record, texts
from gitopsd.model.outlook import Action
from gitopsd.model.reason import Reason
from gitopsd.model.report import ReportState
from gitopsd.model.verdict import WaitingFor

_ACTION = {
    "enum": [str(action) for action in Action],
    "description": "What gitopsd does about it.",
}

DIFFERENCE = record(
    {
        **texts("resource", "path"),
        "old": ANY,
        "new": ANY,
        "cause": {"enum": ["change", "drift"]},
        "mode": {"enum": ["Correct", "Report", "Ignore"]},
        "reason": {
            "enum": [str(reason) for reason in Reason],
            "description": "What kind of drift it is.",
        },
        "manual": {"const": True, "description": "A weight set to 0 by somebody: never raised."},
        **texts("manager", "operation", "time", "position", "note"),
        "action": _ACTION,
        "hold": {**HOLD, "description": "The guard that holds what would put it right."},
        "approve": {**HASH, "description": "The plan whose approval lets that go."},
        "withheld": {**STRING, "description": "Why nothing is written at the target for now."},
    },
    optional=(
        "reason",
        "manual",
        "manager",
        "operation",
        "time",
        "position",
        "note",
        "action",
        "hold",
        "approve",
        "withheld",
    ),
    text="A path where the wanted value (old) and the found one (new) differ; null is absent.",
)

EXCEPTION = record(
    {
        **texts("path", "until", "reason", "position"),
        "mode": {"enum": ["Correct", "Report", "Ignore"]},
        "source": {"enum": ["spec", "hold"]},
    },
    text="An exception of the drift policy: one in a spec, at `position`, or a hold.",
)

VERDICT = record(
    {
        "subject": STRING,
        "state": {"enum": ["in sync", "changed", "drifted", "unknown"]},
        "green": {
            "type": "boolean",
            "description": "In sync, and nobody is waited for, to catch up or to tell its health.",
        },
        "differences": array(DIFFERENCE),
        "notes": array(STRING),
        "over": array(EXCEPTION),
        "holds": array(EXCEPTION),
        "waiting": array(
            record(
                {
                    "for": {"enum": [str(what) for what in WaitingFor]},
                    **texts("resource", "detail"),
                },
                text="What a controller or the cloud has not done yet.",
            )
        ),
    }
)

REPORT = record(
    {
        "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
        **texts("instance", "target", "subject", "resource"),
        "reason": {"enum": [str(reason) for reason in Reason]},
        "state": {"enum": [str(state) for state in ReportState]},
        **texts("summary", "firstSeen", "openedAt", "lastSeen", "escalatedAt", "resolvedAt"),
        **texts("resolution", "revision"),
        **dict.fromkeys(("reopened", "paths"), NUMBER),
        "fighters": array(STRING),
        "fought": array(STRING),
        "calmSince": STRING,
        "actions": array(_ACTION),
        "evidence": array(DIFFERENCE),
        **dict.fromkeys(("impact", "moves", "rows"), array(MAP)),
    },
    text="A drift report; times are RFC 3339 or empty.",
)
