"""What was found is told in a line that says what it means, and never by values cut apart."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from gitopsd.alerts import Rules
from gitopsd.alerts.composing import lines_of
from gitopsd.drift.render import Words
from gitopsd.model.reason import Reason
from gitopsd.model.verdict import Difference
from tests.unit.alerts.hours import Hours, drift, verdict

KEY = "metadata.annotations[alb.ingress.kubernetes.io/actions.tea]"


def action(**weights: int) -> str:
    entries = [{"ServerGroupID": f"sgp-{name}", "Weight": part} for name, part in weights.items()]
    return json.dumps([{"Type": "ForwardGroup", "ForwardConfig": {"ServerGroups": entries}}])


def told(item: Difference, language: str) -> list[str]:
    world = [verdict("tea", item)]
    [report] = Hours(Rules("ops"), lambda _: world).run(timedelta(minutes=1)).reports
    return [line.code for line in lines_of(report, Words(language)) if not line.text]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", f"{KEY}: sgp-old weight 50 → absent, sgp-new weight 50 → 100"),
        ("zh", f"{KEY}: sgp-old 权重 50 → 无、sgp-new 权重 50 → 100"),
    ],
)
def test_a_changed_action_is_told_by_the_weights_that_moved(language: str, said: str) -> None:
    item = replace(drift("tea"), path=KEY, wanted=action(old=50, new=50), found=action(new=100))
    assert told(item, language) == [said]


def test_what_was_added_is_told_with_its_value() -> None:
    added = replace(
        drift("tea", "ClientIP"), path="spec.sessionAffinity", wanted=None, reason=Reason.ADDITION
    )
    assert told(added, "en") == ["spec.sessionAffinity: ClientIP"]
    long = replace(added, found="x" * 200)
    assert len(told(long, "en")[0]) < 100
