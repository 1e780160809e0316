"""What lost our marks before it left Git: told as long as it is there, and never deleted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gitopsd.model.desired import DesiredGroup, DesiredObject
from gitopsd.model.identity import Identity
from gitopsd.model.ownership import INSTANCE, LABELS, Owner
from gitopsd.model.plan import Guard
from gitopsd.model.problem import Problem
from gitopsd.profiles.names import group_name
from tests.scenarios.operating import eventually
from tests.scenarios.test_convergence import owned
from tests.scenarios.world import World, edit, make_object, objects, remove
from tests.unit.build import group, ingress, service, wanted

A = ("192.168.20.11", 8080, 100)
TEA, MILK = "tea", "milk"


def tea(space: str, name: str = TEA) -> DesiredObject:
    """A Service that no controller holds back when it is deleted."""
    return service(name, space, type="NodePort")


def stock(owner: Owner) -> DesiredGroup:
    item = group("warehouse", A, namespace=owner.instance)
    name = group_name(owner.instance, owner.instance, "warehouse")
    return replace(item, create={**item.create, "ServerGroupName": name})


def told(world: World) -> list[Problem]:
    return [notice for notice in world.plan(wanted()).notices if notice.id == "GX1018"]


def label(world: World, name: str, labels: dict[str, Any]) -> None:
    edit(world.sandbox, "Service", world.owner.instance, name, {"metadata": {"labels": labels}})


def there(world: World) -> set[str]:
    return set(objects(world.sandbox, "Service", world.owner.instance)) - {"tea-svc"}


def test_an_object_that_lost_our_label_is_told_until_it_is_gone(world: World) -> None:
    space = world.owner.instance
    assert world.apply(owned(world, tea(space), tea(space, MILK))).ok
    label(world, TEA, {INSTANCE: None})
    for _ in range(3):  # each pass remembers it for the next one
        world.apply(owned(world, tea(space, MILK)))
        (notice,) = told(world)
        assert f"Service/{space}/{TEA} is still there" in notice.what
        assert f"label service {TEA} {INSTANCE}={space};" in notice.mend
    milk = owned(world, tea(space, MILK))
    (verdict,) = (found for found in world.assess(milk).verdicts if found.differences)
    assert verdict.subject == Identity("Exposure", space, TEA)
    assert there(world) == {TEA, MILK}
    remove(world.sandbox, "Service", space, TEA)
    assert told(world) == []


def test_an_object_that_has_its_label_back_is_deleted(world: World) -> None:
    space = world.owner.instance
    world.apply(owned(world, tea(space)))
    label(world, TEA, dict.fromkeys(LABELS))
    assert world.apply(wanted()).ok
    command = told(world)[0].mend.partition(f"{TEA} ")[2].partition(";")[0]
    label(world, TEA, dict(pair.split("=") for pair in command.split()))
    assert world.apply(wanted()).ok
    assert there(world) == set()


def test_an_object_that_is_given_to_another_is_forgotten(world: World) -> None:
    space = world.owner.instance
    world.apply(owned(world, tea(space)))
    label(world, TEA, {INSTANCE: None})
    assert f"--overwrite {INSTANCE}=none" in told(world)[0].mend
    label(world, TEA, {INSTANCE: "none"})
    assert told(world) == []
    assert there(world) == {TEA}


def test_a_group_that_lost_our_tags_is_told_and_kept(world: World) -> None:
    item = stock(world.owner)
    assert world.apply(wanted(item)).ok
    (live,) = world.observe(wanted(item)).groups
    assert world.site.cloud_writer is not None
    world.site.cloud_writer.untag_group("ALB", live.id, [INSTANCE])
    assert world.apply(wanted()).ok
    (notice,) = told(world)
    assert (notice.subject, live.id in notice.what) == (item.identity, True)
    assert f"tag it with {INSTANCE}={world.owner.instance};" in notice.mend
    world.site.cloud_writer.tag_group("ALB", live.id, {INSTANCE: world.owner.instance})
    eventually(lambda: bool(world.observe(wanted()).groups))  # the filter by tags is slow
    assert world.apply(wanted()).ok
    assert (told(world), world.observe(wanted()).groups) == ([], ())


def test_a_group_stays_while_an_ingress_that_lost_our_labels_sends_to_it(world: World) -> None:
    space, item = world.owner.instance, stock(world.owner)
    assert world.apply(owned(world, ingress("menu", space, groups=[item.identity]), item)).ok
    edit(world.sandbox, "Ingress", space, "menu", {"metadata": {"labels": dict.fromkeys(LABELS)}})
    (step,) = world.plan(wanted()).steps
    assert step.hold is not None
    assert (step.kind, step.hold.guard) == ("ServerGroup", Guard.BACKEND)
    remove(world.sandbox, "Ingress", space, "menu")
    (step,) = world.plan(wanted()).steps
    assert step.hold is None


def test_what_somebody_else_made_under_the_name_of_ours_is_not_told(world: World) -> None:
    space = world.owner.instance
    world.apply(owned(world, tea(space)))
    remove(world.sandbox, "Service", space, TEA)
    theirs = tea(space).manifest
    make_object(world.sandbox, {**theirs, "metadata": {"name": TEA, "namespace": space}})
    assert told(world) == []
