"""The schemas of a plan, of its steps and of what came of them."""

from __future__ import annotations

from gitopsd.cli.schemas.findings import PROBLEM
from gitopsd.cli.schemas.shapes import ANY, HASH, MAP, NUMBER, STRING, array, record, texts

HOLD = record(
    texts("guard", "reason", "release", "position"),
    optional=("position",),
    text="Why a step is held, what lets it go on, and the spec line behind it.",
)

_CHANGE = record(
    {"path": STRING, "from": ANY, "to": ANY, "note": STRING},
    optional=("note",),
    text='A field that moves; null is absent, path "" is the whole thing.',
)

_APPROVAL = record(
    {"hash": HASH, **texts("given", "used")},
    text="A person's word for this plan, when it was given and, in a record, when it was used.",
)

_STEP = record(
    {
        "key": STRING,
        "operation": {"enum": ["create", "adopt", "update", "replace", "delete", "release"]},
        "kind": {"enum": ["ServerGroup", "Members", "Service", "Ingress"]},
        **texts("namespace", "name", "owner"),
        "changes": array(_CHANGE),
        "expects": STRING,
        "groupId": {"type": ["string", "null"]},
        "payload": MAP,
        "needs": array(STRING),
        "why": STRING,
        "hold": HOLD,
        "waived": {**HOLD, "description": "A hold that an approval let go."},
    },
    optional=("why", "hold", "waived"),
    text="One thing to do to one resource.",
)

_SITE = record(
    {
        "kubeContext": {"type": ["string", "null"]},
        "clusterUid": {"type": ["string", "null"]},
        "region": STRING,
        "credentials": MAP,
        "cloud": {"type": "boolean"},
    },
    text="Where the plan applies: names of contexts and credentials, never secrets.",
)

PLAN = record(
    {
        "format": NUMBER,
        **texts("instance", "target", "revision", "fleet"),
        "hash": HASH,
        "complete": {"type": "boolean"},
        "clusterUid": {"type": ["string", "null"]},
        "wrongCluster": {"type": "boolean"},
        "approval": {"anyOf": [_APPROVAL, {"type": "null"}]},
        "settled": MAP,
        "fields": MAP,
        "steps": array(_STEP),
        "notices": array(PROBLEM),
        "site": _SITE,
    },
    text="What one pass at one target does; `hash` names it and is what `--approve` takes.",
)

BASE = record(
    {
        **texts("name", "revision"),
        "ahead": {"type": "boolean"},
        "offline": {"type": "boolean"},
        "targets": array(
            record(
                {
                    "target": STRING,
                    "brought": array(STRING),
                    "pending": array(STRING),
                    "dropped": array(_STEP),
                    "steps": array(_STEP),
                },
                optional=("steps",),
                text="Keys of steps that come with the change and that are due anyway, steps that"
                " are not due any more; with --offline all steps, which are in no plan.",
            )
        ),
    },
    text="With --base: the revision that is compared with.",
)

OUTCOME = record(
    {
        "target": STRING,
        "hash": HASH,
        "results": array(
            record(
                {
                    "key": STRING,
                    "state": {
                        "enum": [
                            "done",
                            "failed",
                            "waiting",
                            "overtaken",
                            "blocked",
                            "held",
                            "interrupted",
                        ]
                    },
                    **texts("detail", "mend"),
                },
                optional=("detail", "mend"),
            )
        ),
        "notes": array(STRING),
    }
)
