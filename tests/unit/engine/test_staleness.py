"""A plan is overtaken by what it compared, and by nothing else."""

from __future__ import annotations

from datetime import date

from gitopsd.engine.planning import plan_target
from gitopsd.engine.staleness import moved_since
from gitopsd.planning import PlanOptions
from tests.unit.build import OWNER, found, group, live, live_group, service, wanted

TODAY = date(2026, 11, 22)


def test_a_plan_is_overtaken_by_what_it_compared_and_by_nothing_else() -> None:
    before, after = service(), service(type="NodePort")
    seen = live(before)
    plan = plan_target(wanted(after), found(seen), OWNER, PlanOptions(TODAY))
    status = live(before, edits={"metadata.labels@service.beta.kubernetes.io/hash": "x"})
    assert moved_since(plan, found(status)) == ()
    edited_since = live(before, edits={"spec.externalTrafficPolicy": "Local"})
    assert "Service/shop/tea has changed" in moved_since(plan, found(edited_since))[0]
    assert moved_since(plan, found()) != ()


def test_a_plan_to_create_is_overtaken_by_an_object_of_that_name() -> None:
    plan = plan_target(wanted(service()), found(), OWNER, PlanOptions(TODAY))
    theirs = live(service(), edits={"metadata.labels@gitopsd.io/instance": None})
    assert moved_since(plan, found(foreign=[theirs])) != ()


def test_a_plan_for_a_group_is_overtaken_by_another_members_weight() -> None:
    one = group("warehouse", ("192.168.20.11", 8080, 100))
    two = group("warehouse", ("192.168.20.11", 8080, 50))
    plan = plan_target(wanted(two), found(live_group(one)), OWNER, PlanOptions(TODAY))
    assert moved_since(plan, found(live_group(one))) == ()
    other = group("warehouse", ("192.168.20.11", 8080, 70))
    assert moved_since(plan, found(live_group(other))) != ()


def test_a_plan_for_another_cluster_is_refused() -> None:
    seen = live(service("old"))
    plan = plan_target(wanted(), found(seen, cluster_uid="uid-1"), OWNER, PlanOptions(TODAY))
    assert "uid-2" in moved_since(plan, found(seen, cluster_uid="uid-2"))[0]
    assert moved_since(plan, found(seen, cluster_uid="uid-1")) == ()


def test_a_plan_for_a_known_cluster_is_refused_where_the_cluster_does_not_tell_its_uid() -> None:
    seen = live(service("old"))
    plan = plan_target(wanted(), found(seen, cluster_uid="uid-1"), OWNER, PlanOptions(TODAY))
    assert "does not tell its uid" in moved_since(plan, found(seen, cluster_uid=None))[0]


def test_a_plan_made_without_the_right_to_read_the_uid_does_not_ask_for_it() -> None:
    seen = live(service("old"))
    plan = plan_target(wanted(), found(seen, cluster_uid=None), OWNER, PlanOptions(TODAY))
    assert moved_since(plan, found(seen, cluster_uid=None)) == ()
