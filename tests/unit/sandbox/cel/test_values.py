"""The values of expressions are those a real kube-apiserver told of them.

Each was the `messageExpression` of a rule that its own value broke, or could not be compared by.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gitopsd.sandbox.kubernetes.rules import Rules

RECORDED = Path(__file__).parents[3] / "conformance" / "kubernetes-expressions.json"
TOLD: dict[str, Any] = json.loads(RECORDED.read_text())


@pytest.mark.parametrize("expression", TOLD["answers"])
def test_an_expression_has_the_value_that_a_real_server_told(expression: str) -> None:
    rule = {
        "rule": f"dyn({expression}) == 'zzz'",
        "message": "R",
        "messageExpression": f'"%s".format([dyn({expression})])',
    }
    spec = {**TOLD["schema"], "x-kubernetes-validations": [rule]}
    rules = Rules({"type": "object", "properties": {"spec": spec}})
    told = [problem.message for problem in rules.problems({"spec": TOLD["object"]})]
    assert told == [TOLD["answers"][expression]]
