"""The JSON that commands print: an envelope that tells what it is, and its JSON Schema.

A reader checks `apiVersion` and `kind` before anything else. Within a version fields are added,
never renamed or removed, so the schemas allow fields they do not know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from gitopsd.cli.shapes import (
    ANY as _ANY,
)
from gitopsd.cli.shapes import (
    HASH as _HASH,
)
from gitopsd.cli.shapes import (
    MAP as _MAP,
)
from gitopsd.cli.shapes import (
    NUMBER as _NUMBER,
)
from gitopsd.cli.shapes import (
    ROUTE,
    Schema,
)
from gitopsd.cli.shapes import (
    STRING as _STRING,
)
from gitopsd.cli.shapes import (
    array as _list,
)
from gitopsd.cli.shapes import (
    record as _object,
)
from gitopsd.cli.shapes import (
    texts as _texts,
)
from gitopsd.model.problem import Problem
from gitopsd.model.reason import Reason
from gitopsd.model.report import Action, ReportState
from gitopsd.model.verdict import WaitingFor

#: Version of all outputs. Not the group of specs: an output is never taken for one.
API_VERSION = "output.gitopsd.io/v1"


def envelope(kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """An output of this kind, the envelope's fields first."""
    return {"apiVersion": API_VERSION, "kind": kind, **content}


def problems_json(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Problems in the form of `gitopsd schema problem`."""
    return [problem.to_json() for problem in problems]


def to_json(content: Mapping[str, Any]) -> str:
    """The text that is printed: indented, in the order in which it was built."""
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode()


PROBLEM: Schema = _object(
    {
        "id": {"type": "string", "pattern": "^GX[0-9]{4}$"},
        "severity": {"enum": ["error", "warning"]},
        "what": _STRING,
        **_texts("why", "mend", "target", "subject", "file"),
        "line": _NUMBER,
        "column": _NUMBER,
    },
    optional=("why", "mend", "target", "subject", "file", "line", "column"),
    text="A finding: what is wrong, why it matters, how to mend it, and where it stands.",
)

_GAP = _object(_texts("what", "why"), text="Something that could not be observed.")

_HOLD = _object(
    _texts("guard", "reason", "release", "position"),
    optional=("position",),
    text="Why a step is held, what lets it go on, and the spec line behind it.",
)

_CHANGE = _object(
    {"path": _STRING, "from": _ANY, "to": _ANY, "note": _STRING},
    optional=("note",),
    text='A field that moves; null is absent, path "" is the whole thing.',
)

_APPROVAL = _object(
    {"hash": _HASH, **_texts("given", "used")},
    text="A person's word for this plan, when it was given and, in a record, when it was used.",
)

_STEP = _object(
    {
        "key": _STRING,
        "operation": {"enum": ["create", "adopt", "update", "replace", "delete", "release"]},
        "kind": {"enum": ["ServerGroup", "Members", "Service", "Ingress"]},
        **_texts("namespace", "name", "owner"),
        "changes": _list(_CHANGE),
        "expects": _STRING,
        "groupId": {"type": ["string", "null"]},
        "payload": _MAP,
        "needs": _list(_STRING),
        "why": _STRING,
        "hold": _HOLD,
        "waived": {**_HOLD, "description": "A hold that an approval let go."},
    },
    optional=("why", "hold", "waived"),
    text="One thing to do to one resource.",
)

_SITE = _object(
    {
        "kubeContext": {"type": ["string", "null"]},
        "clusterUid": {"type": ["string", "null"]},
        "region": _STRING,
        "credentials": _MAP,
        "cloud": {"type": "boolean"},
    },
    text="Where the plan applies: names of contexts and credentials, never secrets.",
)

_PLAN = _object(
    {
        "format": _NUMBER,
        **_texts("instance", "target", "revision", "fleet"),
        "hash": _HASH,
        "complete": {"type": "boolean"},
        "clusterUid": {"type": ["string", "null"]},
        "wrongCluster": {"type": "boolean"},
        "approval": {"anyOf": [_APPROVAL, {"type": "null"}]},
        "settled": _MAP,
        "fields": _MAP,
        "steps": _list(_STEP),
        "notices": _list(PROBLEM),
        "site": _SITE,
    },
    text="What one pass at one target does; `hash` names it and is what `--approve` takes.",
)

_DIFFERENCE = _object(
    {
        **_texts("resource", "path"),
        "old": _ANY,
        "new": _ANY,
        "cause": {"enum": ["change", "drift"]},
        "mode": {"enum": ["Correct", "Report", "Ignore"]},
        "reason": {
            "enum": [str(reason) for reason in Reason],
            "description": "What kind of drift it is.",
        },
        "manual": {"const": True, "description": "A weight set to 0 by somebody: never raised."},
        **_texts("manager", "operation", "time", "position", "note"),
    },
    optional=("reason", "manual", "manager", "operation", "time", "position", "note"),
    text="A path where the wanted value (old) and the found one (new) differ; null is absent.",
)

_EXCEPTION = _object(
    {
        **_texts("path", "until", "reason", "position"),
        "mode": {"enum": ["Report", "Ignore"]},
        "source": {"enum": ["spec", "hold"]},
    },
    text="An exception of the drift policy: one in a spec, at `position`, or a hold.",
)

_VERDICT = _object(
    {
        "subject": _STRING,
        "state": {"enum": ["in sync", "changed", "drifted", "unknown"]},
        "differences": _list(_DIFFERENCE),
        "notes": _list(_STRING),
        "over": _list(_EXCEPTION),
        "holds": _list(_EXCEPTION),
        "waiting": _list(
            _object(
                {
                    "for": {"enum": [str(what) for what in WaitingFor]},
                    **_texts("resource", "detail"),
                },
                text="What a controller or the cloud has not done yet.",
            )
        ),
    }
)

_REPORT = _object(
    {
        "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
        **_texts("instance", "target", "subject", "resource"),
        "reason": {"enum": [str(reason) for reason in Reason]},
        "state": {"enum": [str(state) for state in ReportState]},
        **_texts("summary", "firstSeen", "openedAt", "lastSeen", "escalatedAt", "resolvedAt"),
        **_texts("resolution", "revision"),
        **dict.fromkeys(("reopened", "paths"), _NUMBER),
        "fighters": _list(_STRING),
        "actions": _list({"enum": [str(action) for action in Action]}),
        "evidence": _list(_DIFFERENCE),
        **dict.fromkeys(("impact", "moves", "rows"), _list(_MAP)),
    },
    text="A drift report; times are RFC 3339 or empty.",
)

_FAILURES = _list(_object(_texts("target", "what")))

_RENDERED = _object(
    {
        "name": _STRING,
        "objects": _list(_MAP),
        "serverGroups": _list(
            _object(
                {
                    **_texts("namespace", "name"),
                    "product": {"enum": ["ALB", "NLB"]},
                    "create": {
                        **_MAP,
                        "description": "Parameters of CreateServerGroup; Tag has all our marks but"
                        " gitopsd.io/digest, which is added when ids are known, as on objects.",
                    },
                    "servers": _list(_MAP),
                    "explain": _MAP,
                },
                optional=("explain",),
            )
        ),
    }
)


def _output(kind: str, text: str, properties: Schema) -> Schema:
    head: Schema = {"apiVersion": {"const": API_VERSION}, "kind": {"const": kind}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"gitopsd {kind}",
        **_object({**head, **properties}, text=text),
    }


#: Name in `gitopsd schema NAME` -> the schema of that output.
SCHEMAS: dict[str, Schema] = {
    "problem": {"$schema": "https://json-schema.org/draft/2020-12/schema", **PROBLEM},
    "validation": _output(
        "Validation",
        "gitopsd validate -o json; ignored are documents of other API groups",
        {
            "problems": _list(PROBLEM),
            **dict.fromkeys(("errors", "warnings"), _NUMBER),
            **dict.fromkeys(("exposures", "serverGroups", "files", "ignoredDocuments"), _NUMBER),
        },
    ),
    "render": _output(
        "Rendering",
        "gitopsd render -o json; an id that is not known yet is <namespace/name>",
        {"targets": _list(_RENDERED), "problems": _list(PROBLEM)},
    ),
    "plan": _output(
        "Plan",
        "gitopsd plan -o json, and the file of plan --out",
        {
            "plans": _list(_PLAN),
            "problems": _list(PROBLEM),
            "failures": _FAILURES,
            "checksum": {**_HASH, "description": "SHA-256 of the rest, against edits."},
        },
    ),
    "apply": _output(
        "Outcome",
        "gitopsd apply -o json",
        {
            "outcomes": _list(
                _object(
                    {
                        "target": _STRING,
                        "hash": _HASH,
                        "results": _list(
                            _object(
                                {
                                    "key": _STRING,
                                    "state": {
                                        "enum": ["done", "failed", "waiting", "overtaken",
                                                 "blocked", "held", "interrupted"]
                                    },
                                    **_texts("detail", "mend"),
                                },
                                optional=("detail", "mend"),
                            )
                        ),
                        "notes": _list(_STRING),
                    }
                )
            ),
            "problems": _list(PROBLEM),
            "failures": _FAILURES,
        },
    ),
    "drift": _output(
        "Drift",
        "gitopsd drift -o json",
        {
            "targets": _list(
                _object(
                    {
                        "target": _STRING,
                        "verdicts": _list(_VERDICT),
                        "gaps": _list(_GAP),
                        "blind": {
                            **_list(_STRING),
                            "description": "Reasons that could not be looked for.",
                        },
                        "routes": _list(ROUTE),
                        "reports": _list(_REPORT),
                    }
                )
            ),
            "reporting": _list(
                _object(
                    {
                        "target": _STRING,
                        "events": {**_MAP, "description": "What happened to how many reports."},
                        "unreadable": _list(_STRING),
                    }
                )
            ),
            "problems": _list(PROBLEM),
            "failures": _FAILURES,
        },
    ),
    "holds": _output(
        "Holds",
        "gitopsd drift hold -o json",
        {
            "done": {"enum": ["held", "released", ""], "description": "Empty for --list."},
            "holds": _list(
                _object(_texts("target", "subject", "path", "until", "reason", "since"))
            ),
        },
    ),
    "acceptance": _output(
        "Acceptance",
        "gitopsd drift accept -o json; `patch` is empty when nothing was accepted",
        {
            **_texts("target", "subject", "file", "patch"),
            "edits": _list(
                _object(
                    {
                        "operation": {"enum": ["put", "remove", "insert"]},
                        "path": _STRING,
                        "value": _ANY,
                    },
                    optional=("value",),
                )
            ),
            "accepted": _list(_DIFFERENCE),
            "refused": _list(_object({"difference": _DIFFERENCE, "why": _STRING})),
            "notes": _list(_STRING),
            "commit": {"type": ["string", "null"], "description": "made by --commit"},
        },
    ),
    "reports": _output(
        "Reports",
        "gitopsd reports -o json",
        {"reports": _list(_REPORT), "unreadable": _list(_STRING), "failures": _FAILURES},
    ),
    "version": _output("Version", "gitopsd version -o json", _texts("version", "python")),
}  # fmt: skip
