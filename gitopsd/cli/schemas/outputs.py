"""The JSON Schema of each output, by the name that `gitopsd schema` knows it by."""

from __future__ import annotations

from gitopsd.cli.outputs import API_VERSION
from gitopsd.cli.schemas.drift import DIFFERENCE, REPORT, VERDICT
from gitopsd.cli.schemas.findings import FAILURES, PROBLEM
from gitopsd.cli.schemas.plans import BASE, OUTCOME, PLAN
from gitopsd.cli.schemas.routes import ROUTE
from gitopsd.cli.schemas.shapes import (
    ANY,
    HASH,
    MAP,
    NUMBER,
    STRING,
    Schema,
    array,
    record,
    texts,
)
from gitopsd.cli.schemas.states import HISTORY, REQUEST, STATUS

_DIALECT: Schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"}

_GAP = record(texts("what", "why"), text="Something that could not be observed.")

_RENDERED = record(
    {
        "name": STRING,
        "objects": array(MAP),
        "serverGroups": array(
            record(
                {
                    **texts("namespace", "name"),
                    "product": {"enum": ["ALB", "NLB"]},
                    "create": {
                        **MAP,
                        "description": "Parameters of CreateServerGroup; Tag has all our marks but"
                        " gitopsd.io/digest, which is added when ids are known, as on objects.",
                    },
                    "servers": array(MAP),
                    "explain": MAP,
                },
                optional=("explain",),
            )
        ),
    }
)


def _output(kind: str, text: str, properties: Schema, optional: tuple[str, ...] = ()) -> Schema:
    head: Schema = {"apiVersion": {"const": API_VERSION}, "kind": {"const": kind}}
    return {
        **_DIALECT,
        "title": f"gitopsd {kind}",
        **record({**head, **properties}, optional, text=text),
    }


#: Name in `gitopsd schema NAME` -> the schema of that output.
SCHEMAS: dict[str, Schema] = {
    "problem": {**_DIALECT, **PROBLEM},
    "validation": _output(
        "Validation",
        "gitopsd validate -o json; ignored are documents of other API groups",
        {
            "problems": array(PROBLEM),
            **dict.fromkeys(("errors", "warnings"), NUMBER),
            **dict.fromkeys(("exposures", "serverGroups", "files", "ignoredDocuments"), NUMBER),
        },
    ),
    "render": _output(
        "Rendering",
        "gitopsd render -o json; an id that is not known yet is <namespace/name>",
        {"targets": array(_RENDERED), "problems": array(PROBLEM)},
    ),
    "plan": _output(
        "Plan",
        "gitopsd plan -o json, and the file of plan --out",
        {
            "plans": array(PLAN),
            "problems": array(PROBLEM),
            "failures": FAILURES,
            "checksum": {
                **HASH,
                "description": "SHA-256 of plans, problems and failures, against edits.",
            },
            "base": BASE,
        },
        optional=("base",),
    ),
    "apply": _output(
        "Outcome",
        "gitopsd apply -o json",
        {
            "outcomes": array(OUTCOME),
            "problems": array(PROBLEM),
            "failures": FAILURES,
        },
    ),
    "drift": _output(
        "Drift",
        "gitopsd drift -o json",
        {
            "targets": array(
                record(
                    {
                        "target": STRING,
                        "verdicts": array(VERDICT),
                        "gaps": array(_GAP),
                        "blind": {
                            **array(STRING),
                            "description": "Reasons that could not be looked for.",
                        },
                        "unheard": {
                            **STRING,
                            "description": "Why nobody knows whether controllers fail, or empty.",
                        },
                        "routes": array(ROUTE),
                        "reports": array(REPORT),
                    }
                )
            ),
            "reporting": array(
                record(
                    {
                        "target": STRING,
                        "events": {**MAP, "description": "What happened to how many reports."},
                        "unreadable": array(STRING),
                    }
                )
            ),
            "problems": array(PROBLEM),
            "failures": FAILURES,
        },
    ),
    "holds": _output(
        "Holds",
        "gitopsd drift hold -o json",
        {
            "done": {"enum": ["held", "released", ""], "description": "Empty for --list."},
            "holds": array(
                record(texts("target", "subject", "path", "until", "reason", "since"))
            ),
        },
    ),
    "acceptance": _output(
        "Acceptance",
        "gitopsd drift accept -o json; `patch` is empty when nothing was accepted",
        {
            **texts("target", "subject", "file", "patch"),
            "edits": array(
                record(
                    {
                        "operation": {"enum": ["put", "remove", "insert"]},
                        "path": STRING,
                        "value": ANY,
                    },
                    optional=("value",),
                )
            ),
            "accepted": array(DIFFERENCE),
            "refused": array(record({"difference": DIFFERENCE, "why": STRING})),
            "notes": array(STRING),
            "commit": {"type": ["string", "null"], "description": "made by --commit"},
            "pullRequest": {"type": ["string", "null"], "description": "of --pull-request"},
        },
    ),
    "reports": _output(
        "Reports",
        "gitopsd reports -o json",
        {"reports": array(REPORT), "unreadable": array(STRING), "failures": FAILURES},
    ),
    "status": _output("Status", "gitopsd status -o json", STATUS),
    "history": _output("History", "gitopsd history -o json", HISTORY),
    "request": _output("Request", "gitopsd sync, suspend, resume and approve -o json", REQUEST),
    "version": _output("Version", "gitopsd version -o json", texts("version", "python")),
}  # fmt: skip
