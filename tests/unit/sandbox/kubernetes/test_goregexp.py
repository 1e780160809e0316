"""Regular expressions as Go reads them, against what a real kube-apiserver makes of patterns."""

from __future__ import annotations

import json
from pathlib import Path

from gitopsd.sandbox.kubernetes.goregexp import ExpressionError, compiled

RECORDED = json.loads(
    (Path(__file__).parents[3] / "conformance" / "kubernetes-patterns.json").read_text()
)


def _refusal(pattern: str) -> str | None:
    try:
        compiled(pattern)
    except ExpressionError as error:
        return str(error)
    return None


def test_patterns_are_refused_in_gos_words() -> None:
    told = {pattern: _refusal(pattern) for pattern in RECORDED["refused"]}
    assert told == RECORDED["refused"]


def test_patterns_find_what_they_find_in_go() -> None:
    found = {
        pattern: [value for value in RECORDED["values"] if compiled(pattern).search(value)]
        for pattern in RECORDED["accepted"]
    }
    assert found == RECORDED["accepted"]
