"""Who is named for what an apply of ours carries along."""

from __future__ import annotations

import pytest

from gitopsd.diff.authors import authors_of, credited
from gitopsd.model.identity import Identity
from gitopsd.model.verdict import Attribution, Cause, Difference

INGRESS = Identity("Ingress", "shop", "menu")
OURS = Attribution("gitopsd", "Apply", "2026-11-22T08:00:00Z")
ALICE = Attribution("alice", "Update", "2026-11-22T07:00:00Z")
BOB = Attribution("bob", "Update", "2026-11-22T09:00:00Z")
EARLIER = Attribution("bob", "Update", "2026-11-22T06:00:00Z")
PART = "spec.rules[demo.example.com/].Prefix.backend"
FIELD = "metadata.annotations[alb.ingress.kubernetes.io/order]"


def told(path: str, who: Attribution | None, found: str = "coffee-svc:80") -> Difference:
    return Difference(INGRESS, path, "tea-svc:80", found, Cause.DRIFT, who=who)


@pytest.mark.parametrize(
    ("path", "now", "named"),
    [
        (PART, OURS, ALICE),
        (PART, None, ALICE),
        (PART, EARLIER, ALICE),
        (PART, BOB, None),
        (FIELD, OURS, ALICE),
        (FIELD, BOB, BOB),
    ],
)
def test_nobody_is_named_for_what_somebody_else_may_have_written_since(
    path: str, now: Attribution | None, named: Attribution | None
) -> None:
    memory = authors_of([told(path, ALICE)])
    (item,) = credited([told(path, now)], memory)
    assert item.who == named


def test_another_value_is_its_writers() -> None:
    memory = authors_of([told(PART, ALICE)])
    (item,) = credited([told(PART, BOB, "bar-svc:80")], memory)
    assert item.who == BOB
