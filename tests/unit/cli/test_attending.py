from __future__ import annotations

from threading import Event

import pytest

from gitopsd.cli.attending import Ear, attend
from gitopsd.ports import Forbidden, Unreachable, WorldError


def test_a_target_that_says_nothing_is_given_up_and_the_others_are_told() -> None:
    never, told_of = Event(), Event()

    def hangs(ear: Ear) -> str:
        told_of.wait()
        ear.heard -= 1000  # so long ago that it was last heard
        never.wait()
        return ""

    def answers(_: Ear) -> str:
        told_of.set()
        return "well"

    told = dict(attend({"edge": hangs, "hub": answers}, silence=600))
    never.set()
    assert isinstance(told["edge"], Unreachable)
    assert "no answer for 600 seconds" in str(told["edge"])
    assert told["hub"] == "well"


def test_a_cluster_that_does_not_begin_to_answer_is_given_up_whatever_the_cloud_says() -> None:
    never = Event()

    def work(ear: Ear) -> str:
        ear.called("ALB", "ListServerGroups", Forbidden("alb", "no right"), 0.1)
        ear.begin()
        ear.asked -= 1000
        never.wait()
        return ""

    ((_, told),) = attend({"edge": work}, first=600, silence=6000)
    never.set()
    assert str(told).startswith("the cluster's API server: no answer for 600 seconds")


def test_a_cluster_that_has_begun_to_answer_is_given_its_time() -> None:
    ear = Ear()
    ear.begin()
    ear.called("Kubernetes", "get configmaps", None, 0.1)
    assert ear.given_up(4, 600)[0] == ear.heard + 600


def test_the_error_that_was_met_last_is_what_is_told() -> None:
    never = Event()
    refused = Unreachable("the API server", "connection refused")

    def work(ear: Ear) -> str:
        ear.called("Kubernetes", "list services", refused, 0.1)
        ear.heard -= 1000
        never.wait()
        return ""

    ((_, told),) = attend({"edge": work}, silence=600)
    never.set()
    assert told is refused


def test_what_a_work_raises_is_raised() -> None:
    def work(_: Ear) -> str:
        raise Unreachable("x", "y")

    with pytest.raises(WorldError):
        list(attend({"edge": work}))
