"""The schemas of what every output can tell: problems, and targets that could not be reached."""

from __future__ import annotations

from gitopsd.cli.schemas.shapes import NUMBER, STRING, Schema, array, record, texts

PROBLEM: Schema = record(
    {
        "id": {"type": "string", "pattern": "^GX[0-9]{4}$"},
        "severity": {"enum": ["error", "warning"]},
        "what": STRING,
        **texts("why", "mend", "target", "subject", "file"),
        "line": NUMBER,
        "column": NUMBER,
    },
    optional=("why", "mend", "target", "subject", "file", "line", "column"),
    text="A finding: what is wrong, why it matters, how to mend it, and where it stands.",
)

FAILURES = array(record(texts("target", "what")))
