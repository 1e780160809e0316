"""What drift says happens next is what the plan of the same look does, guards included."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from gitopsd.drift import with_outlook
from gitopsd.drift.render import LANGUAGES, Page, Words, page_html, page_markdown, page_text
from gitopsd.drift.render.page import sections
from gitopsd.engine.judging import judge_target
from gitopsd.engine.planning import plan_target
from gitopsd.engine.withheld import withheld_at
from gitopsd.model.approval import Approval
from gitopsd.model.desired import DesiredTarget, DriftPolicy, ModeSpan
from gitopsd.model.history import PassEntry, PassState
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ObservedTarget, Record
from gitopsd.model.outlook import Action, Outlook
from gitopsd.model.plan import Change, Guard, Hold, Operation, Plan, Step
from gitopsd.model.report import RemedyKind
from gitopsd.model.requests import SUSPEND, Suspension
from gitopsd.model.verdict import Cause, Difference
from gitopsd.planning import PlanOptions
from tests.unit.build import (
    OWNER,
    backend,
    found,
    group,
    ingress,
    live,
    live_group,
    member,
    service,
    wanted,
)
from tests.unit.drift.looks import drift, exposure, look

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
OPTIONS = PlanOptions(date(2026, 11, 22), now=NOW)
LOCAL = {"spec.externalTrafficPolicy": "Local"}


def outlooks(
    desired: DesiredTarget, observed: ObservedTarget, **more: Any
) -> dict[tuple[Identity, str], Outlook | None]:
    judged = judge_target(desired, observed, OWNER, OPTIONS, **more)
    return {(d.resource, d.path): d.outlook for d in drift_of(judged.assessment)}


def drift_of(assessment: Any) -> list[Difference]:
    found_ = [d for verdict in assessment.verdicts for d in verdict.differences]
    return [d for d in found_ if d.cause is Cause.DRIFT]


def one(desired: DesiredTarget, observed: ObservedTarget, **more: Any) -> Outlook:
    (outlook,) = outlooks(desired, observed, **more).values()
    assert outlook is not None
    return outlook


def flood() -> tuple[DesiredTarget, ObservedTarget]:
    items = [service(f"tea-{number}") for number in range(6)]
    return wanted(*items), found(*(live(item, edits=LOCAL) for item in items))


def page(desired: DesiredTarget, observed: ObservedTarget, **more: Any) -> Page:
    judged = judge_target(desired, observed, OWNER, OPTIONS, **more)
    return Page(judged.assessment, (), judged.routes)


def test_what_the_plan_does_is_promised() -> None:
    item = service()
    assert one(wanted(item), found(live(item, edits=LOCAL))) == Outlook(Action.CORRECT)


def test_what_a_mode_leaves_is_not_promised() -> None:
    item = service(drift=DriftPolicy("Report"))
    assert one(wanted(item), found(live(item, edits=LOCAL))).action is Action.LEAVE


def test_a_weight_of_0_set_by_hand_waits_for_a_person() -> None:
    item = group("warehouse", ("192.168.20.11", 8080, 100), ("192.168.20.12", 8080, 100))
    members = [member("192.168.20.11", 8080, 0), member("192.168.20.12", 8080)]
    seen = found(live_group(item, members=members))
    assert one(wanted(item), seen).action is Action.DECIDE


def test_a_step_that_a_guard_holds_is_told_with_the_guard_and_the_plan_to_approve() -> None:
    desired, observed = flood()
    plan = plan_target(desired, observed, OWNER, OPTIONS)
    for outlook in outlooks(desired, observed).values():
        assert outlook is not None
        assert (outlook.action, outlook.approve) == (Action.HOLD, plan.hash)
        assert outlook.hold is not None
        assert outlook.hold.guard is Guard.ALIKE


def test_once_approved_it_is_promised_again() -> None:
    desired, observed = flood()
    plan = plan_target(desired, observed, OWNER, OPTIONS)
    noted = {"gitopsd.io/approve": f"{plan.hash} 2026-11-22T08:30:00Z"}
    approved = replace(observed, record=Record(annotations=noted))
    assert set(outlooks(desired, approved).values()) == {Outlook(Action.CORRECT)}


def test_a_thing_without_our_labels_names_the_adoption_that_it_takes() -> None:
    item = service()
    labels = dict.fromkeys(OWNER.labels("tea"))
    edits = {f"metadata.labels@{key}": value for key, value in labels.items()}
    seen = found()
    stripped = live(item, edits=edits)
    seen = replace(seen, foreign={item.identity: stripped})
    for outlook in outlooks(wanted(item), seen).values():
        assert outlook is not None
        assert outlook.hold is not None
        assert outlook.hold.guard is Guard.ADOPTION
        assert outlook.approve == ""


def test_what_waits_for_a_held_step_is_told_with_the_guard_of_that_step() -> None:
    first = Hold(Guard.CAPACITY, "nobody would serve", f"--approve {'0' * 64}")
    waits = Hold(Guard.DEPENDENCY, "it needs a step that is held: …")
    owner, item = exposure("tea"), drift("tea")
    group_step = Step(Operation.UPDATE, "Members", exposure("other"), owner, hold=first)
    change = Change(item.path, item.found, item.wanted)
    needs = (group_step.key,)
    step = Step(Operation.UPDATE, "Service", item.resource, owner, (change,), hold=waits,
                needs=needs)  # fmt: skip
    told = with_outlook(look(item), Plan("acme", "edge", (group_step, step)))
    (found_,) = drift_of(told)
    assert found_.outlook == Outlook(Action.HOLD, first)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_names_the_guard_and_the_approval(language: Any) -> None:
    desired, observed = flood()
    words = Words(language)
    seen = page(desired, observed)
    name = plan_target(desired, observed, OWNER, OPTIONS).hash
    for text in (
        page_text(seen, words, width=4000),
        page_markdown(seen, words),
        page_html([seen], words),
    ):
        assert "alike" in text
        assert f"--approve {name}" in text
        assert words("action.correct") not in text


def test_the_commands_offered_are_those_that_help() -> None:
    desired, observed = flood()
    kinds = [remedy.kind for remedy in sections(page(desired, observed))[0].remedies]
    assert kinds[0] is RemedyKind.APPROVE
    assert RemedyKind.CORRECT not in kinds


def test_a_plan_that_was_approved_before_is_approved_again_by_a_request() -> None:
    desired, observed = flood()
    name = plan_target(desired, observed, OWNER, OPTIONS).hash
    used = Approval(name, "2026-11-21T08:00:00Z", "2026-11-21T08:00:05Z")
    seen = page(desired, replace(observed, record=Record(approvals=(used,))))
    assert sections(seen)[0].remedies[0].command == f"gitopsd approve {name} --target edge"
    assert f"gitopsd apply --approve {name}" not in page_text(seen, width=4000)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_correction_that_a_guard_would_hold_is_not_offered_and_the_way_out_is_named(
    language: Any,
) -> None:
    menu = replace(ingress(), drift=DriftPolicy("Report"))
    edits = {"metadata.annotations@alb.ingress.kubernetes.io/actions.forward": "[]"}
    desired, words = wanted(menu), Words(language)
    for there in (backend(80), None):
        seen = found(live(menu, edits=edits), services={("shop", "tea-svc"): there})
        told = page(desired, seen)
        kinds = {remedy.kind for remedy in sections(told)[0].remedies}
        assert (RemedyKind.CORRECT in kinds) == bool(there)
        text = page_text(told, words, width=4000)
        assert words("action.leave") in text
        assert (words("page.held-correct", guard="missing-backend") in text) == (there is None)
        assert ("Service shop/tea-svc" in text) == (there is None)


def test_where_nothing_is_written_for_now_nothing_is_promised() -> None:
    item = service()
    desired, observed = wanted(item), found(live(item, edits=LOCAL))
    why = "suspended: incident 4711"
    outlook = one(desired, observed, withheld=why)
    assert (outlook.action, outlook.withheld) == (Action.WITHHOLD, why)
    text = page_text(page(desired, observed, withheld=why))
    assert why in text
    assert "puts it right." not in text


def test_the_record_tells_why_nothing_is_written_for_now() -> None:
    noted = Suspension("incident", "2026-11-22T10:00:00Z").text
    suspended = Record(annotations={SUSPEND: noted})
    assert withheld_at(suspended, NOW).startswith("suspended until 2026-11-22T10:00:00Z")
    assert withheld_at(suspended, NOW.replace(hour=11)) == ""
    entry = PassEntry("2026-11-22T08:00:00Z", "abc", PassState.WITHHELD, trouble="window closed")
    assert withheld_at(Record(history=(entry,)), NOW) == "window closed"
    over = replace(entry, trouble=str(Suspension("incident")))
    assert withheld_at(Record(history=(over,)), NOW) == ""
    done = replace(entry, state=PassState.DONE, trouble="")
    assert withheld_at(Record(history=(entry, done)), NOW) == ""
    assert withheld_at(None, NOW) == ""


def test_of_fields_with_different_prospects_each_sentence_names_its_own() -> None:
    spans = (ModeSpan("Service/spec.sessionAffinity", "Report", None, "sticky on purpose"),)
    item = service(drift=DriftPolicy("Correct", spans))
    edits = {**LOCAL, "spec.sessionAffinity": "ClientIP"}
    text = page_text(page(wanted(item), found(live(item, edits=edits))), width=4000)
    assert (
        "What happens next: spec.externalTrafficPolicy: The next pass puts it right. "
        "spec.sessionAffinity: It is told and left as it is (drift mode Report)." in text
    )


def test_somebody_elses_member_is_left_to_a_person() -> None:
    item = group("warehouse", ("192.168.20.11", 8080, 100))
    strangers = [member("192.168.20.11", 8080), member("192.168.20.99", 8080, 50, "by hand")]
    seen = found(live_group(item, members=strangers))
    assert one(wanted(item), seen).action is Action.DECIDE


@pytest.mark.parametrize("mode", ["Correct", "Report"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_gitopsd_never_changes_is_not_blamed_on_the_drift_mode(
    language: Any, mode: Any
) -> None:
    item = replace(group("warehouse", ("192.168.20.11", 8080, 100)), drift=DriftPolicy(mode))
    strangers = [member("192.168.20.11", 8080), member("192.168.20.99", 8080, 50, "by hand")]
    told = every_form(wanted(item), found(live_group(item, members=strangers)), language)
    words = Words(language)
    for text in told:
        assert words("text.never") in text
        assert words("text.mode.Report") not in text
        assert words("action.decide") in text
        assert words("action.leave") not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_server_with_our_mark_that_the_spec_lacks_is_left_by_the_mode(language: Any) -> None:
    item = replace(group("warehouse", ("192.168.20.11", 8080, 100)), drift=DriftPolicy("Report"))
    members = [member("192.168.20.11", 8080), member("192.168.20.99", 8080, 50)]
    told = every_form(wanted(item), found(live_group(item, members=members)), language)
    words = Words(language)
    for text in told:
        assert words("text.mode.Report") in text
        assert words("text.never") not in text
        assert words("action.leave") in text


def every_form(desired: DesiredTarget, observed: ObservedTarget, language: Any) -> list[str]:
    seen, words = page(desired, observed), Words(language)
    return [page_text(seen, words, width=4000), page_markdown(seen, words),
            page_html([seen], words)]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_change_that_a_guard_holds_is_not_promised_either(language: Any) -> None:
    """The repository turned empty: nothing goes, whatever Git seems to ask for."""
    seen = page(wanted(emptied=True), found(live(service())))
    words = Words(language)
    for text in (
        page_text(seen, words, width=4000),
        page_markdown(seen, words),
        page_html([seen], words),
    ):
        assert words("change.hold", guard="emptied-repository") in text
        assert words("change.correct") not in text
        assert "gitopsd approve " in text
        assert "gitopsd apply --target" not in text


def test_a_zero_set_by_hand_can_be_raised_with_the_command_that_is_offered() -> None:
    item = group("warehouse", ("192.168.20.11", 8080, 100), ("192.168.20.12", 8080, 100))
    members = [member("192.168.20.11", 8080, 0), member("192.168.20.12", 8080)]
    (section,) = sections(page(wanted(item), found(live_group(item, members=members))))
    commands = [remedy.command for remedy in section.remedies]
    assert "gitopsd apply --correct --target edge --wait" in commands


def test_what_is_put_back_around_a_zero_does_not_promise_the_zero() -> None:
    item = ingress(services=[("tea-svc", 80), ("coffee-svc", 80)])
    key = "alb.ingress.kubernetes.io/actions.forward"
    action = item.manifest["metadata"]["annotations"][key]
    edited = action.replace('"Weight":80', '"Weight":77', 1).replace('"Weight":80', '"Weight":0')
    desired = wanted(item)
    observed = found(live(item, edits={f"metadata.annotations@{key}": edited}))
    assert one(desired, observed).action is Action.DECIDE
    text = page_text(page(desired, observed), width=4000)
    assert "the other weights are treated by the drift mode" in text
    assert "The next pass puts it right." not in text
