"""Members come before others go, and in turns where a group has no room for both."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gitopsd.engine.planning import plan_target
from gitopsd.model.desired import DesiredGroup
from gitopsd.model.health import HealthState, MemberHealth
from gitopsd.model.observed import ObservedGroup
from gitopsd.model.plan import Guard, Operation, Plan, Step
from gitopsd.planning import PlanOptions
from gitopsd.planning.members import turns_of
from gitopsd.planning.render.text import plan_text
from tests.unit.build import OWNER, found, group, live_group, member, wanted
from tests.unit.planning.test_planner import TODAY, A, B, guards

C = ("192.168.20.13", 8080, 100)
NORMAL = MemberHealth(HealthState.NORMAL)
SILENT = MemberHealth(HealthState.UNHEALTHY, "CONNECT_TIMEOUT")


def plan(item: DesiredGroup, live: ObservedGroup, **more: Any) -> Plan:
    return plan_target(wanted(item), found(live, **more), OWNER, PlanOptions(TODAY))


def members(result: Plan) -> list[Step]:
    return [step for step in result.steps if step.kind == "Members"]


@given(st.integers(0, 500), st.integers(0, 500), st.integers(-50, 500))
def test_turns_bring_all_and_never_more_than_there_is_room_for(
    add: int, remove: int, room: int
) -> None:
    turns = list(turns_of(add, remove, room))
    assert sum(come for come, _ in turns) == add
    assert len(turns) <= 3 + add // 40
    free = max(room, 0)
    for number, (come, go) in enumerate(turns):
        fits = come <= free
        assert fits or number == len(turns) - 1  # then the cloud says whether it has the quota
        free += go - come
    if add <= remove + max(room, 0):
        assert sum(go for _, go in turns) == remove
        assert free >= 0


@given(st.integers(1, 500), st.integers(0, 400))
def test_no_more_leave_than_came_but_the_few_that_make_room(count: int, room: int) -> None:
    missing, worst = 0, 0
    for come, go in turns_of(count, count, room):
        missing += go - come
        worst = max(worst, missing)
    assert missing == 0
    assert worst <= 40


def full(port: int, count: int = 400) -> DesiredGroup:
    servers = [(f"10.{n // 250}.1.{n % 250}", port, 100) for n in range(count)]
    return replace(group("warehouse", *servers, protocol="TCP"), product="NLB")


def test_a_full_group_has_steps_whose_needs_always_come_before_them() -> None:
    result = plan(full(9090), live_group(full(8080)))
    steps = members(result)
    assert [step.operation for step in steps][:3] == ["delete", "create", "delete"]
    done: set[str] = set()
    for step in result.steps:
        assert set(step.needs) <= done
        done.add(step.key)
    assert len(done) == len(result.steps)


def test_a_held_turn_holds_those_after_it() -> None:
    before = full(8080)
    live = live_group(before)
    held = plan(replace(full(9090), members=()), live)
    assert {step.hold.guard for step in members(held) if step.hold} == {Guard.CAPACITY}


def test_of_those_that_leave_the_ones_that_serve_nothing_go_first() -> None:
    item = full(9090)
    seen = [member(m.server_id, 8080, 0 if n == 399 else 100) for n, m in enumerate(item.members)]
    first = members(plan(item, live_group(item, members=seen)))[0]
    assert first.payload["servers"][0]["ServerId"] == item.members[399].server_id


def test_who_leaves_names_who_must_answer_before() -> None:
    before = group("warehouse", A)
    after = group("warehouse", B, (C[0], 8080, 0))
    (_, leaving) = members(plan(after, live_group(before)))
    assert leaving.payload["awaits"] == ["192.168.20.12:8080"]


def test_members_of_an_nlb_are_not_said_to_be_remote() -> None:
    item = replace(group("warehouse", A, protocol="TCP"), product="NLB")
    result = plan_target(wanted(item), found(), OWNER, PlanOptions(TODAY))
    (step,) = members(result)
    assert step.changes[0].new == {"weight": 100}
    assert "RemoteIpEnabled" not in step.payload["servers"][0]
    alb = plan_target(wanted(group("warehouse", A)), found(), OWNER, PlanOptions(TODAY))
    assert members(alb)[0].changes[0].new == {"weight": 100, "remote": True}


def local(*servers: tuple[str, int, int]) -> ObservedGroup:
    item = group("warehouse", *servers)
    seen = [replace(member(*server), remote=False) for server in servers]
    return live_group(item, members=seen)


def test_members_that_must_come_anew_do_so_half_at_a_time() -> None:
    item = group("warehouse", A, B, C)
    first, second = members(plan(item, local(A, B, C)))
    assert [len(step.payload["servers"]) for step in (first, second)] == [2, 1]
    assert first.key in second.needs
    assert not plan(item, local(A, B, C)).holds


def test_the_only_member_is_not_taken_out_for_a_moment_unasked() -> None:
    held = plan(group("warehouse", A), local(A))
    assert set(guards(held).values()) >= {Guard.CAPACITY}


def leaving(health: dict[str, MemberHealth], **more: Any) -> Plan:
    """A leaves and B stays; `health` is what listeners say, by address."""
    item, live = group("warehouse", B), live_group(group("warehouse", A, B), **more)
    said = {m.key: health[m.key.server_id] for m in live.members if m.key.server_id in health}
    return plan(item, live, health={live.id: said})


def test_the_last_member_that_answers_is_not_removed_unasked() -> None:
    assert Guard.CAPACITY in guards(leaving({A[0]: NORMAL, B[0]: SILENT})).values()
    hold = leaving({A[0]: NORMAL, B[0]: SILENT}).holds[0].hold
    assert hold is not None
    assert "answers its health checks" in hold.reason


def test_a_member_may_leave_where_others_answer_or_nobody_does() -> None:
    for one, other in ((NORMAL, NORMAL), (SILENT, NORMAL), (SILENT, SILENT)):
        assert guards(leaving({A[0]: one, B[0]: other})) == {}
    unknown = MemberHealth(HealthState.INITIAL)
    assert guards(leaving({A[0]: NORMAL, B[0]: unknown})) == {}


def test_a_group_that_nothing_uses_may_be_emptied() -> None:
    before = live_group(group("warehouse", A), related=[])
    assert plan(group("warehouse"), before).holds == ()


def test_weights_that_all_become_zero_are_held_by_what_the_plan_leaves() -> None:
    before = live_group(group("warehouse", A, B))
    drained = group("warehouse", (A[0], 8080, 0), (B[0], 8080, 0))
    assert Guard.CAPACITY in guards(plan(drained, before)).values()
    one = group("warehouse", (A[0], 8080, 0), B)
    assert guards(plan(one, before)) == {}


def test_every_turn_is_shown_to_who_reads_the_plan() -> None:
    result = plan(full(9090), live_group(full(8080)))
    text = plan_text(result)
    turns = [step for step in members(result) if step.operation is Operation.CREATE]
    assert text.count("+ add ") == len(turns) == 10
    assert "no room for the old and the new" in text
