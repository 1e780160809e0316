"""The schemas of how targets stand, of their last passes, and of requests to the operator."""

from __future__ import annotations

from gitopsd.cli.schemas.findings import FAILURES
from gitopsd.cli.schemas.shapes import MAP, STRING, Schema, array, nullable, record, texts

PASS: Schema = record(
    {
        **texts("time", "revision"),
        "state": {"enum": ["in sync", "done", "held", "withheld", "interrupted", "failed"]},
        **texts("plan", "approval"),
        "steps": {**MAP, "description": "How many steps ended in which state."},
        "trouble": STRING,
    },
    text="A pass, and as many after it as ended in the same way and wrote nothing.",
)

STATUS: Schema = {
    "targets": array(
        record(
            {
                **texts("target", "revision", "time"),
                "lastPass": nullable(PASS),
                "drift": {**MAP, "description": "How many specs have which verdict."},
                "suspended": nullable(record(texts("reason", "until", "since"))),
                "holder": nullable({**STRING, "description": "Who may write; empty: nobody."}),
                "wrong": array(STRING),
            }
        )
    ),
    "failures": FAILURES,
}

HISTORY: Schema = {
    "targets": array(record({"target": STRING, "passes": array(PASS)})),
    "failures": FAILURES,
}

REQUEST: Schema = {
    "key": {**STRING, "description": "The annotation on the target's record."},
    "requests": array(record(texts("target", "done"))),
    "failures": FAILURES,
}
