"""Server groups in use: tags taken off, members that do not answer, full groups, adoption."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from gitopsd.adapters.alibaba.api import ProductApi
from gitopsd.diff import compare_target
from gitopsd.model.desired import DesiredGroup, DesiredTarget, Member
from gitopsd.model.health import HealthState
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ObservedGroup
from gitopsd.model.outcome import Outcome, StepState
from gitopsd.model.ownership import RELEASED
from gitopsd.model.plan import Guard
from gitopsd.model.reason import Reason
from gitopsd.model.verdict import State
from gitopsd.planning import members
from tests.scenarios.test_convergence import ACTION, A, B, C, live_groups, owned, shop
from tests.scenarios.world import TODAY, Crash, World, crashing, objects
from tests.unit.build import group, ignoring, ingress, service, wanted


@pytest.fixture(autouse=True)
def the_cloud_is_quick_again(world: World) -> Iterator[None]:
    settings = world.sandbox.cloud.settings
    delay, lag = settings.probe_delay, settings.tag_lag
    yield
    settings.probe_delay, settings.tag_lag = delay, lag


def warehouse(world: World) -> Identity:
    return Identity("ServerGroup", world.owner.instance, "warehouse")


def named(world: World) -> str:
    """What the live Ingress says of its backends."""
    menu = objects(world.sandbox, "Ingress", world.owner.instance)["menu"]
    return str(menu["metadata"]["annotations"][ACTION])


def all_groups(world: World) -> list[Any]:
    """Every group of this world's name, whatever its tags."""
    name = f"gitopsd-acme-{world.owner.instance}-"
    every = world.sandbox.cloud.groups.all()
    return [each for each in every if each["ServerGroupName"].startswith(name)]


def held(outcome: Outcome) -> set[Guard]:
    return {step.hold.guard for step in outcome.plan.steps if step.hold}


def servers(world: World, group_id: str) -> set[tuple[str, int]]:
    members = world.sandbox.cloud.groups.members(group_id)
    return {(member["ServerId"], member["Port"]) for member in members}


STRIPPED = [
    ("gitopsd.io/instance",),
    ("gitopsd.io/target",),
    ("gitopsd.io/group",),
    ("gitopsd.io/instance", "gitopsd.io/target", "gitopsd.io/group"),
    (
        "gitopsd.io/instance",
        "gitopsd.io/target",
        "gitopsd.io/group",
        "gitopsd.io/shape",
        "gitopsd.io/digest",
    ),
]


def strip(world: World, keys: tuple[str, ...]) -> ObservedGroup:
    (made,) = live_groups(world)
    left = {key: value for key, value in made.tags.items() if key not in keys}
    world.sandbox.cloud.groups.set_tags(made.id, left)
    assert isinstance(made, ObservedGroup)
    return made


@pytest.mark.parametrize("keys", STRIPPED, ids=lambda keys: "+".join(k[11:] for k in keys))
def test_a_group_without_its_tags_serves_on_and_is_taken_back_only_when_asked(
    world: World, keys: tuple[str, ...]
) -> None:
    desired = shop(world, A, B)
    world.apply(desired)
    made, before = strip(world, keys), named(world)
    (verdict,) = [v for v in world.assess(desired).verdicts if v.state is not State.IN_SYNC]
    assert verdict.state is State.DRIFTED
    assert {d.reason for d in verdict.differences} == {Reason.STAMP}
    assert {d.path for d in verdict.differences} == {f"tags[{key}]" for key in keys}
    outcome = world.apply(desired)
    assert held(outcome) >= {Guard.ADOPTION}
    assert outcome.plan.notices == ()
    assert all(result.state is StepState.HELD for result in outcome.results)
    assert named(world) == before
    assert [each["ServerGroupId"] for each in all_groups(world)] == [made.id]
    taken = world.apply(desired, adopt=frozenset({warehouse(world)}))
    assert taken.ok, taken.to_json()
    assert named(world) == before
    assert world.plan(desired).empty
    assert {v.state for v in world.assess(desired).verdicts} == {State.IN_SYNC}
    assert [each["ServerGroupId"] for each in all_groups(world)] == [made.id]


def test_a_group_deleted_by_hand_is_drift_of_the_group_and_of_who_names_it(world: World) -> None:
    desired = shop(world, A, B)
    world.apply(desired)
    (made,) = live_groups(world)
    world.sandbox.cloud.groups.delete(made.id)
    verdicts = [v for v in world.assess(desired).verdicts if v.state is not State.IN_SYNC]
    assert {v.subject.kind: v.state for v in verdicts} == {
        "Exposure": State.DRIFTED,
        "ServerGroup": State.DRIFTED,
    }
    (told,) = next(v for v in verdicts if v.subject.kind == "Exposure").differences
    assert told.note == f"{warehouse(world)} is gone, and will have another id"
    assert world.apply(desired).ok
    assert world.plan(desired).empty
    assert {v.state for v in world.assess(desired).verdicts} == {State.IN_SYNC}


def test_git_moves_on_while_a_group_without_its_tags_waits_for_a_person(world: World) -> None:
    world.apply(shop(world, A, B))
    made = strip(world, STRIPPED[3])
    moved = shop(world, A, C, weight=60)
    assert not world.apply(moved).ok
    assert servers(world, made.id) == {A[:2], B[:2]}
    assert made.id in named(world)
    assert world.apply(moved, adopt=frozenset({warehouse(world)})).ok
    assert servers(world, made.id) == {A[:2], C[:2]}
    assert world.plan(moved).empty


def test_a_group_that_the_tag_filter_does_not_show_yet_is_ours_all_the_same(world: World) -> None:
    desired = shop(world, A, B)
    world.apply(desired)
    strip(world, STRIPPED[0])
    world.sandbox.cloud.settings.tag_lag = 3600
    assert world.apply(desired, adopt=frozenset({warehouse(world)})).ok
    assert live_groups(world) == []
    assert world.plan(desired).empty
    assert {v.state for v in world.assess(desired).verdicts} == {State.IN_SYNC}


@pytest.mark.parametrize("after", [False, True], ids=["before-effect", "after-effect"])
def test_killed_while_a_group_is_taken_back_the_next_pass_converges(
    world: World, after: bool
) -> None:
    world.apply(shop(world, A, B))
    made = strip(world, STRIPPED[4])
    desired, allowed = shop(world, A, C), {"adopt": frozenset({warehouse(world)})}
    for at in range(1, 9):
        try:
            site = crashing(world.site, at, after=after)
            world.apply(desired, site=site, workers=1, **allowed)
        except Crash:
            continue
        break
    assert world.apply(desired, **allowed).ok
    assert world.plan(desired).empty
    assert [each["ServerGroupId"] for each in all_groups(world)] == [made.id]


def test_a_group_of_the_same_name_that_was_never_ours_is_nobodys_stray(world: World) -> None:
    desired = shop(world, A)
    (item,) = desired.groups.values()
    theirs = world.sandbox.cloud.groups.create(
        "alb", str(item.create["ServerGroupName"]), VpcId="vpc-1", ServerGroupType="Ip"
    )
    assert world.apply(desired).ok
    (made,) = live_groups(world)
    assert made.id != theirs


def put_to_use(world: World) -> ObservedGroup:
    """A listener forwards to the group from now on, whenever the controller follows the Ingress."""
    (made,) = live_groups(world)
    assert isinstance(made, ObservedGroup)
    balancers = world.sandbox.cloud.balancers
    balancers.add_listener(balancers.add("alb", "front", "vpc-1"), 80, "HTTP", group_ids=[made.id])
    return made


def swap(world: World, *, answering: float) -> tuple[World, DesiredTarget]:
    """A group in use whose only member is about to change; waits at most `answering` seconds."""
    assert world.apply(shop(world, A)).ok
    put_to_use(world)
    times = replace(world.times, answering=answering)
    return replace(world, times=times), shop(world, B)


def test_an_old_member_stays_until_the_new_one_answers(world: World) -> None:
    hasty, desired = swap(world, answering=0.2)
    world.sandbox.cloud.settings.probe_delay = 3600
    outcome = hasty.apply(desired)
    (waiting,) = [r for r in outcome.results if r.state is StepState.WAITING]
    assert waiting.step.operation == "delete"
    assert f"{B[0]}:{B[1]}: Initial" in waiting.detail
    (made,) = live_groups(world)
    assert servers(world, made.id) == {A[:2], B[:2]}
    world.sandbox.cloud.settings.probe_delay = 0.0
    assert world.apply(desired).ok
    assert servers(world, made.id) == {B[:2]}
    assert world.plan(desired).empty


def test_the_last_member_that_answers_leaves_only_when_a_person_says_so(world: World) -> None:
    hasty, desired = swap(world, answering=0.2)
    world.sandbox.cloud.settings.probe_delay = 3600
    hasty.apply(desired)
    (made,) = live_groups(world)
    world.sandbox.cloud.settings.probe_delay = 0.0
    world.sandbox.cloud.groups.set_health(made.id, B[0], B[1])
    stuck = hasty.apply(desired)
    assert Guard.CAPACITY in held(stuck)
    assert servers(world, made.id) == {A[:2], B[:2]}
    observed, plan = world.observe(desired), world.plan(desired, approve=stuck.plan.hash)
    assert hasty.execute(plan, observed).ok
    assert servers(world, made.id) == {B[:2]}


def test_a_member_that_does_not_answer_itself_need_not_wait_for_others(world: World) -> None:
    hasty, desired = swap(world, answering=0.2)
    (made,) = live_groups(world)
    world.sandbox.cloud.groups.set_health(made.id, A[0], A[1])
    world.sandbox.cloud.settings.probe_delay = 3600
    assert hasty.apply(desired).ok
    assert servers(world, made.id) == {B[:2]}


def test_where_no_listener_uses_a_group_being_available_is_enough(world: World) -> None:
    name = world.owner.instance
    world.apply(owned(world, group("warehouse", A, namespace=name)))
    world.sandbox.cloud.settings.probe_delay = 3600
    hasty = replace(world, times=replace(world.times, answering=0.2))
    assert hasty.apply(owned(world, group("warehouse", B, namespace=name))).ok


def test_members_that_do_not_answer_are_told_to_who_asks(world: World) -> None:
    desired = shop(world, A, B)
    world.apply(desired)
    made = put_to_use(world)
    world.sandbox.cloud.groups.set_health(made.id, B[0], B[1], reason="CONNECT_FAILED")
    observed = world.observe(desired, health=True)
    compared = compare_target(desired, observed, world.owner, today=TODAY)
    ((silent, health),) = compared.groups[0].unhealthy
    assert (silent.key.server_id, health.state, health.reason) == (
        B[0],
        HealthState.UNHEALTHY,
        "CONNECT_FAILED",
    )
    assert world.observe(desired).health == {}


def test_a_pass_with_nothing_to_do_asks_the_cloud_for_two_lists_of_groups_and_one_of_members(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = world.owner.instance
    one, other = (group(of, A, namespace=name) for of in ("warehouse", "cellar"))
    world.apply(owned(world, one))
    put_to_use(world)
    desired = owned(world, one, other)
    world.apply(desired)
    call, calls = ProductApi.call, []

    def counted(api: ProductApi, operation: str, *args: Any, **more: Any) -> Any:
        calls.append((api.product, operation))
        return call(api, operation, *args, **more)

    monkeypatch.setattr(ProductApi, "call", counted)
    assert world.plan(desired).empty
    assert sorted(calls) == [("ALB", "list"), ("ALB", "list-servers"), ("NLB", "list")]
    calls.clear()
    world.observe(desired, health=True)
    more = [("ALB", "health"), ("ALB", "list"), ("ALB", "list-servers"), ("ALB", "listeners")]
    assert sorted(calls) == [*more, ("NLB", "list")]


def nlb(world: World, port: int, count: int) -> DesiredTarget:
    """An NLB group with so many members, all on one port."""
    item = group("warehouse", namespace=world.owner.instance, protocol="TCP")
    ips = [f"10.{number // 250}.1.{number % 250 + 1}" for number in range(count)]
    members = tuple(Member(ip, port, "Ip", ip, 100) for ip in ips)
    check = {"HealthCheckEnabled": True}
    create = {**item.create, "HealthCheckConfig": check}
    return owned(world, replace(item, product="NLB", create=create, members=members))


@pytest.fixture
def small_groups(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """An NLB group holds a hundred servers, which is quicker to fill than four hundred."""
    monkeypatch.setitem(world.sandbox.cloud.settings.quotas, "nlb.servers_per_group", 100)
    monkeypatch.setattr(members, "SERVERS_PER_GROUP", {"ALB": 1000, "NLB": 100})


@pytest.mark.usefixtures("small_groups")
@pytest.mark.parametrize("count", [100, 80])
def test_a_full_group_changes_all_its_members_in_turns(world: World, count: int) -> None:
    assert world.apply(nlb(world, 8080, count)).ok
    (made,) = [g for g in world.observe(wanted()).groups if g.product == "NLB"]
    fewest: list[int] = []
    cloud = world.site.cloud_writer
    assert cloud is not None

    class Counting:
        def __getattr__(self, name: str) -> Any:
            if name in ("add_servers", "remove_servers"):
                fewest.append(len(servers(world, made.id)))
            return getattr(cloud, name)

    site = replace(world.site, cloud_writer=Counting())
    outcome = world.apply(nlb(world, 9090, count), site=site)
    assert outcome.ok, outcome.to_json()
    assert min(fewest) >= 60
    assert {port for _, port in servers(world, made.id)} == {9090}
    assert len(servers(world, made.id)) == count
    assert world.plan(nlb(world, 9090, count)).empty


def test_a_released_group_no_longer_says_that_its_members_are_ours(world: World) -> None:
    name = world.owner.instance
    kept = group("warehouse", A, namespace=name, retain=True)
    world.apply(owned(world, kept))
    (made,) = live_groups(world)
    assert world.apply(wanted()).ok
    (member,) = world.sandbox.cloud.groups.members(made.id)
    assert (member["Description"], member["Weight"]) == (RELEASED, 100)
    assert world.sandbox.cloud.groups.get(made.id)["Tags"] == []
    assert world.apply(owned(world, kept)).ok
    (again,) = live_groups(world)
    assert again.id != made.id
    adopter = owned(world, group("other", A, namespace=name, adopt_id=made.id))
    assert held(world.apply(adopter)) >= {Guard.ADOPTION}


def theirs(world: World, name: str) -> str:
    """A group that somebody else made, with a member of theirs."""
    made = world.sandbox.cloud.groups.create(
        "alb", name, VpcId="vpc-1", ServerGroupType="Ip", Protocol="HTTP"
    )
    world.sandbox.cloud.groups.add_member(made, C[0], C[1], Description="by hand")
    return made


def adopting(world: World, group_id: str | None, protocol: str = "HTTP") -> DesiredTarget:
    stock = group(
        "warehouse", A, namespace=world.owner.instance, adopt_id=group_id, protocol=protocol
    )
    front = ingress("menu", world.owner.instance, groups=[stock.identity])
    return owned(world, service("tea", world.owner.instance), stock, front)


def attribute(world: World, group_id: str, name: str) -> Any:
    return world.sandbox.cloud.groups.get(group_id)[name]


@pytest.mark.parametrize("then", ["another", "none", "gone"])
def test_a_group_that_was_adopted_is_let_go_and_never_deleted(world: World, then: str) -> None:
    first = theirs(world, "theirs-one")
    world.apply(adopting(world, first))
    assert world.plan(adopting(world, first)).empty
    assert first in named(world)
    after = {
        "another": lambda: adopting(world, theirs(world, "theirs-two")),
        "none": lambda: adopting(world, None),
        "gone": wanted,
    }[then]()
    outcome = world.apply(after)
    assert outcome.ok, outcome.to_json()
    assert world.plan(after).empty
    assert attribute(world, first, "Tags") == []
    described = {m["Description"] for m in world.sandbox.cloud.groups.members(first)}
    assert described == {"by hand", RELEASED}
    if then != "gone":
        (now,) = live_groups(world)
        assert now.id != first
        assert now.id in named(world)
        assert first not in named(world)


def test_adoption_leaves_the_group_its_name(world: World) -> None:
    first = theirs(world, "theirs-one")
    desired = adopting(world, first)
    assert world.apply(desired).ok
    assert attribute(world, first, "ServerGroupName") == "theirs-one"
    assert world.plan(desired).empty


def test_an_adopted_group_that_lost_its_tags_is_drift_and_gets_them_back(world: World) -> None:
    desired = adopting(world, theirs(world, "theirs-one"))
    world.apply(desired)
    made = strip(world, STRIPPED[3])
    (verdict,) = [v for v in world.assess(desired).verdicts if v.state is not State.IN_SYNC]
    assert verdict.state is State.DRIFTED
    reasons = {d.reason for d in verdict.differences}
    assert reasons == {Reason.STAMP, Reason.MEMBER_FOREIGN}
    assert world.apply(desired).ok
    tags = {tag["Key"]: tag["Value"] for tag in attribute(world, made.id, "Tags")}
    assert tags == made.tags
    assert world.plan(desired).empty


def checked(world: World, interval: int) -> DesiredGroup:
    policy = ignoring("ServerGroup/HealthCheckConfig.HealthCheckPath", "Report")
    item = group("warehouse", A, namespace=world.owner.instance, drift=policy)
    check = {**item.create["HealthCheckConfig"], "HealthCheckInterval": interval}
    return replace(item, create={**item.create, "HealthCheckConfig": check})


def test_a_reported_leaf_of_a_health_check_survives_the_correction_of_another(
    world: World,
) -> None:
    desired = owned(world, checked(world, 5))
    world.apply(desired)
    (made,) = live_groups(world)
    by_hand = {"HealthCheckPath": "/by-hand", "HealthCheckInterval": 9}
    world.sandbox.cloud.groups.set_attributes(made.id, HealthCheckConfig=by_hand)
    assert world.apply(desired).ok
    check = attribute(world, made.id, "HealthCheckConfig")
    assert (check["HealthCheckPath"], check["HealthCheckInterval"]) == ("/by-hand", 5)
    assert world.plan(desired).empty
    assert world.apply(desired, correct=True).ok
    assert attribute(world, made.id, "HealthCheckConfig")["HealthCheckPath"] == "/healthz"


def test_a_group_is_not_deleted_while_an_ingress_that_stays_names_it(world: World) -> None:
    world.apply(shop(world, A))
    (made,) = live_groups(world)
    kept = Identity("Exposure", world.owner.instance, "menu")
    without = replace(wanted(), held=frozenset({kept}))
    outcome = world.apply(without)
    (hold,) = [s.hold for s in outcome.plan.steps if s.kind == "ServerGroup" and s.hold]
    assert hold.guard is Guard.CAPACITY
    assert "menu" in hold.reason
    assert world.sandbox.cloud.groups.exists(made.id)
