"""Looking around a target: what is asked for, and what a refusal or an outage means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gitopsd.engine.neighbourhood import look_around
from gitopsd.model.desired import DesiredTarget, Manifest
from gitopsd.model.observed import ObservedObject
from gitopsd.model.ownership import Owner
from gitopsd.ports import Forbidden, Unreachable
from tests.unit.build import OWNER, found, ingress, live, service, wanted

LB = {"metadata.labels@service.k8s.alibaba/loadbalancer-id": "lb-1"}


class Lists:
    """A cluster in which only lists of neighbours are asked for."""

    def __init__(self, *items: ObservedObject, error: Exception | None = None) -> None:
        self.items, self.error, self.asked = items, error, list[str]()

    def neighbours(
        self, kind: str, owner: Owner, keep: Callable[[Manifest], bool]
    ) -> tuple[ObservedObject, ...]:
        self.asked.append(kind)
        if self.error:
            raise self.error
        return tuple(i for i in self.items if i.identity.kind == kind and keep(i.manifest))


def around(desired: DesiredTarget, cluster: Any, *things: ObservedObject) -> Any:
    return look_around(desired, found(*things), cluster, OWNER)


def test_only_what_can_stand_in_the_way_is_asked_for() -> None:
    cluster = Lists()
    assert around(wanted(service()), cluster, live(service())).neighbours == ()
    assert cluster.asked == []
    around(wanted(ingress()), cluster)
    assert cluster.asked == ["Ingress"]
    around(wanted(service()), cluster, live(service(), edits=LB))
    assert cluster.asked == ["Ingress", "Service"]


def test_of_what_is_listed_only_rivals_are_kept() -> None:
    same, other = live(ingress("same")), live(ingress("other"))
    other.manifest["spec"]["ingressClassName"] = "nginx"
    [kept] = around(wanted(ingress()), Lists(same, other)).neighbours
    assert kept is same


def test_without_the_right_to_look_nobody_has_looked_and_that_is_no_gap() -> None:
    seen = around(wanted(ingress()), Lists(error=Forbidden("ingresses", "no")))
    assert seen.neighbours is None
    assert seen.complete


@pytest.mark.parametrize("error", [Unreachable("ingresses", "503")])
def test_an_outage_is_a_gap_that_makes_no_kind_unknown(error: Exception) -> None:
    seen = around(wanted(ingress()), Lists(error=error))
    assert seen.neighbours is None
    assert not seen.complete
    assert not seen.unknown("Ingress")
