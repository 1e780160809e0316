"""A controller that fails on what is there is told, until it tells that it is done."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gitopsd.drift.render import Page, Words, page_text
from gitopsd.engine.hearing import kinds_heard, tells
from gitopsd.engine.judging import assess_target
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ControllerEvent
from gitopsd.model.verdict import Assessment, State, Verdict, WaitingFor
from tests.unit.build import OWNER, found, ingress, live, service, wanted

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MENU = ingress()
ALB, OTHER = Identity("AlbConfig", "", "alb"), Identity("AlbConfig", "", "other")
WHY = "listenerPort 443 apply error: empty https listener default certs"


def event(
    about: Identity, ago: int, reason: str = "FailedApplyModel", message: str = WHY, uid: str = ""
) -> ControllerEvent:
    """What was told of it so many minutes ago."""
    time = (NOW - timedelta(minutes=ago)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return ControllerEvent(about, uid, reason, message, time, reason.startswith("Failed"))


def done(about: Identity, ago: int) -> ControllerEvent:
    return event(about, ago, "SuccessfullyReconciled", "Successfully reconciled")


def assessed(*told: ControllerEvent, unheard: str = "") -> Assessment:
    seen = live(MENU)
    status = {"loadBalancer": {"ingress": [{"hostname": "alb-1.example.com"}]}}
    seen = replace(seen, manifest={**seen.manifest, "status": status})
    return assess_target(wanted(MENU), found(seen, told=told, unheard=unheard), OWNER, NOW)


def verdict(*told: ControllerEvent) -> Verdict:
    (only,) = assessed(*told).verdicts
    return only


def test_what_a_controller_fails_on_is_in_sync_and_waits() -> None:
    found = verdict(done(MENU.identity, 40), event(MENU.identity, 3))
    assert (found.state, found.green) == (State.IN_SYNC, False)
    (waiting,) = found.waiting
    assert (waiting.what, waiting.resource) == (WaitingFor.FAILURE, MENU.identity)
    assert waiting.detail == f"FailedApplyModel: {WHY}"


@pytest.mark.parametrize(
    "told",
    [
        (),
        (event(MENU.identity, 3), done(MENU.identity, 2)),
        (event(MENU.identity, 31),),
        (event(MENU.identity, 3, uid="of an earlier one"),),
        (event(Identity("Ingress", "shop", "other"), 3),),
        (event(MENU.identity, 3), event(ALB, 3), done(ALB, 2)),
    ],
)
def test_what_is_done_is_not_waited_for(told: tuple[ControllerEvent, ...]) -> None:
    assert verdict(*told).green


@pytest.mark.parametrize(
    "told",
    [
        (event(ALB, 3), done(ALB, 5)),
        (event(ALB, 3, message="another trouble"), done(ALB, 2)),
        (event(ALB, 3), done(OTHER, 2)),
        (event(ALB, 3), done(ALB, 2), event(OTHER, 3)),
    ],
)
def test_what_an_alb_has_done_of_other_troubles_ends_nothing(
    told: tuple[ControllerEvent, ...],
) -> None:
    assert not verdict(event(MENU.identity, 3), *told).green


def test_the_same_failure_reads_the_same_each_time() -> None:
    one = event(MENU.identity, 3, message=f"{WHY}, RequestId: 0A1B-2C3D")
    two = event(MENU.identity, 2, message=f"{WHY}, RequestId: 9Z8Y-7X6W")
    assert verdict(one).waiting == verdict(two).waiting
    assert verdict(one, event(ALB, 3, message=f"{WHY}, RequestId: 77"), done(ALB, 1)).green


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "The controller has failed on Ingress/shop/"), ("zh", "此后未报告成功")],
)
def test_it_is_told_in_a_sentence(language: str, words: str) -> None:
    text = page_text(Page(assessed(event(MENU.identity, 3))), width=400, words=Words(language))
    assert words in text
    assert "empty https listener default certs" in text


def test_that_events_could_not_be_read_is_told_and_makes_no_verdict_doubtful() -> None:
    seen = assessed(unheard="Whether controllers fail on what is there, because their Events could"
                    " not be read: 403")  # fmt: skip
    assert seen.verdicts[0].green
    assert seen.gaps == ()
    assert seen.to_json()["unheard"].endswith("403")
    assert "Not looked for this time:" in page_text(Page(seen), width=400)
    chinese = page_text(Page(seen), width=400, words=Words("zh"))
    assert "控制器处理是否失败，因为未能读取其 Event：403" in chinese


def test_only_what_bears_on_what_is_wanted_is_heard() -> None:
    desired = wanted(MENU)
    assert kinds_heard(desired) == ("AlbConfig", "Ingress")
    assert kinds_heard(wanted(service())) == ("Service",)
    assert kinds_heard(wanted()) == ()
    for heard in (event(MENU.identity, 1), done(MENU.identity, 1), event(ALB, 1), done(ALB, 1)):
        assert tells(heard, desired)
    for other in (
        event(Identity("Ingress", "shop", "other"), 1),
        replace(event(MENU.identity, 1), reason="DriftFound"),
        event(MENU.identity, 1, "Sync", "Scheduled for sync"),
    ):
        assert not tells(other, desired)
