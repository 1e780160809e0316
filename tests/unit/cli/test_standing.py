"""What `gitopsd status` calls wrong."""

from __future__ import annotations

import pytest

from gitopsd.cli.standing import Standing
from gitopsd.model.history import PassEntry, PassState
from gitopsd.model.observed import Gap, Record
from gitopsd.model.verdict import Assessment

GAP = Gap("the ALB server groups", "Forbidden.RAM (request 5F47)", frozenset({"ALB"}))


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        ("the ALB server groups could not be read: Forbidden.RAM (request 5F47)", 1),
        ("the ALB server groups could not be read: Forb…", 1),
        ("create Service shop/tea failed: quota", 2),
        ("", 2),
    ],
)
def test_what_the_last_pass_met_and_still_stands_is_told_once(trouble: str, told: int) -> None:
    last = PassEntry("2026-11-22T08:00:00Z", "a" * 40, PassState.FAILED, trouble=trouble)
    record = Record(history=(last,))
    standing = Standing("edge", record, Assessment("edge", (), (GAP,)), None, "")
    assert len(standing.wrong) == told
