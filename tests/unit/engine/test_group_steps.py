"""Whose answer the removal of members waits for."""

from __future__ import annotations

import pytest

from gitopsd.engine.group_steps import arriving_members, silent_members
from gitopsd.model.desired import MemberKey
from gitopsd.model.health import HealthState, MemberHealth
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ObservedMember
from gitopsd.model.plan import Operation, Step

NORMAL, INITIAL, UNHEALTHY, UNUSED, UNAVAILABLE = (
    MemberHealth(state)
    for state in (
        HealthState.NORMAL,
        HealthState.INITIAL,
        HealthState.UNHEALTHY,
        HealthState.UNUSED,
        HealthState.UNAVAILABLE,
    )
)
IDENTITY = Identity("ServerGroup", "shop", "warehouse")
STEP = Step(
    Operation.DELETE,
    "Members",
    IDENTITY,
    IDENTITY,
    payload={"servers": [{"ServerId": "old", "Port": 80}], "awaits": ["new:80", "old:80"]},
)


@pytest.mark.parametrize(
    ("old", "new", "waits"),
    [
        (NORMAL, NORMAL, False),
        (NORMAL, INITIAL, True),
        (NORMAL, UNHEALTHY, True),
        (INITIAL, INITIAL, True),
        (NORMAL, UNAVAILABLE, False),
        (UNHEALTHY, UNHEALTHY, False),
        (UNUSED, INITIAL, False),
        (UNAVAILABLE, UNAVAILABLE, False),
    ],
)
def test_who_serves_leaves_only_when_those_that_stay_answer(
    old: MemberHealth, new: MemberHealth, waits: bool
) -> None:
    health = {MemberKey("old", 80): old, MemberKey("new", 80): new}
    assert bool(silent_members(STEP, health)) is waits


def test_a_member_that_nobody_wants_to_serve_is_not_waited_for() -> None:
    health = {
        MemberKey("old", 80): NORMAL,
        MemberKey("new", 80): NORMAL,
        MemberKey("by-hand", 80): UNHEALTHY,
    }
    assert silent_members(STEP, health) == []


def test_where_no_listener_tells_nobody_waits() -> None:
    assert silent_members(STEP, {}) == []


@pytest.mark.parametrize(
    ("name", "status", "waits"),
    [
        ("new", "Adding", True),
        ("new", "Available", False),
        ("new", "Configuring", False),
        ("by-hand", "Adding", False),
    ],
)
def test_a_member_that_is_to_serve_must_have_arrived(name: str, status: str, waits: bool) -> None:
    members = [
        ObservedMember(MemberKey("old", 80), "Ecs", 100),
        ObservedMember(MemberKey(name, 80), "Ecs", 100, status=status),
    ]
    assert bool(arriving_members(STEP, members)) is waits
