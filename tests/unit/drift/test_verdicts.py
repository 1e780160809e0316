"""Every verdict, with its evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from gitopsd.drift.findings import findings
from gitopsd.engine.judging import assess_target
from gitopsd.model.desired import DesiredObject, DesiredTarget, MemberKey
from gitopsd.model.health import HealthState, MemberHealth
from gitopsd.model.identity import Identity
from gitopsd.model.observed import HEALTH, Gap, ObservedObject, ObservedTarget
from gitopsd.model.ownership import DIGEST
from gitopsd.model.reason import Reason
from gitopsd.model.verdict import Assessment, Cause, State, Verdict, WaitingFor
from tests.unit.build import (
    OWNER,
    found,
    group,
    ignoring,
    ingress,
    live,
    live_group,
    member,
    service,
    wanted,
)

TODAY = date(2026, 11, 22)
TEA = Identity("Exposure", "shop", "tea")
WAREHOUSE = Identity("ServerGroup", "shop", "warehouse")
WINE = ("192.168.20.11", 80, "192.168.20.11")


def assess(desired: DesiredTarget, observed: ObservedTarget) -> Assessment:
    return assess_target(desired, observed, OWNER, TODAY)


def verdict(desired: DesiredTarget, observed: ObservedTarget) -> Verdict:
    (one,) = assess(desired, observed).verdicts
    return one


def test_what_stands_as_applied_is_in_sync() -> None:
    item, stock = service(), group("warehouse", ("192.168.20.11", 80, 100))
    result = assess(wanted(item, stock), found(live(item), live_group(stock)))
    assert [v.state for v in result.verdicts] == [State.IN_SYNC, State.IN_SYNC]
    assert not result.drifted


def test_what_git_asks_for_and_is_there_already_is_in_sync_though_the_digest_is_old() -> None:
    item, stock = service(), group("warehouse", ("192.168.20.11", 80, 100))
    applied = live(item)
    applied.manifest["metadata"]["labels"][DIGEST] = "old"
    result = assess(wanted(item, stock), found(applied, live_group(stock, tags={DIGEST: "old"})))
    assert [v.state for v in result.verdicts] == [State.IN_SYNC, State.IN_SYNC]
    assert [v.differences for v in result.verdicts] == [(), ()]
    assert all("renews its digest" in v.notes[0] for v in result.verdicts)


def test_a_digest_that_somebody_edited_is_drift() -> None:
    item = service()
    edits = {f"metadata.labels@{DIGEST}": "other"}
    assert verdict(wanted(item), found(live(item, edits=edits))).state is State.DRIFTED


def test_a_drift_verdict_always_carries_evidence() -> None:
    item = service()
    result = verdict(wanted(item), found(live(item, edits={"spec.type": "NodePort"})))
    assert result.state is State.DRIFTED
    (difference,) = result.differences
    assert (difference.wanted, difference.found) == ("LoadBalancer", "NodePort")
    assert difference.who is not None


def test_a_new_compile_of_the_same_spec_shows_as_change_and_not_as_drift() -> None:
    before, after = service(), service(internalTrafficPolicy="Local")
    result = verdict(wanted(after), found(live(before)))
    assert result.state is State.CHANGED
    assert {d.cause for d in result.differences} == {Cause.CHANGE}


def test_what_could_not_be_seen_is_unknown_and_never_green() -> None:
    item = service()
    gaps = (Gap("services", "503", frozenset({"Service"})),)
    assert verdict(wanted(item), found(live(item), gaps=gaps)).state is State.UNKNOWN


def test_a_document_with_errors_is_unknown() -> None:
    result = verdict(wanted(held=[TEA]), found(live(service())))
    assert result.state is State.UNKNOWN
    assert "errors" in result.notes[0]


def test_ignored_drift_is_not_told_and_reported_drift_is() -> None:
    edits: dict[str, Any] = {"spec.externalTrafficPolicy": "Local"}
    quiet = service(drift=ignoring("Service/spec.externalTrafficPolicy"))
    assert verdict(wanted(quiet), found(live(quiet, edits=edits))).state is State.IN_SYNC
    told = service(drift=ignoring("Service/spec.externalTrafficPolicy", "Report"))
    result = verdict(wanted(told), found(live(told, edits=edits)))
    assert result.state is State.DRIFTED
    assert result.differences[0].mode == "Report"


def test_what_git_took_out_is_a_change_of_its_exposure() -> None:
    result = verdict(wanted(), found(live(service())))
    assert (result.subject, result.state) == (TEA, State.CHANGED)


def test_a_stranger_in_a_group_is_drift() -> None:
    item = group("warehouse", ("192.168.20.11", 80, 100))
    mine, other = member("192.168.20.11", 80), member("192.168.20.66", 80, 100, "")
    result = verdict(wanted(item), found(live_group(item, members=[mine, other])))
    assert result.state is State.DRIFTED
    assert "somebody else" in result.differences[0].note


def addressed(item: DesiredObject) -> ObservedObject:
    """The live object after its controller has given it an address."""
    status = {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}
    seen = live(item, {WAREHOUSE: "sgp-one"})
    return replace(seen, manifest={**seen.manifest, "status": status})


def test_what_a_controller_has_not_done_yet_is_waited_for_and_is_no_drift() -> None:
    item = service()
    result = verdict(wanted(item), found(live(item)))
    assert (result.state, result.green) == (State.IN_SYNC, False)
    assert [found.what for found in result.waiting] == [WaitingFor.ADDRESS]
    assert "has no address yet" in result.notes[0]
    assert verdict(wanted(item), found(addressed(item))).green


def test_a_group_that_no_load_balancer_uses_yet_is_waited_for() -> None:
    stock, item = group("warehouse", ("192.168.20.11", 80, 100)), ingress(groups=[WAREHOUSE])
    idle = live_group(stock, related=())

    def told(seen: ObservedObject) -> list[WaitingFor]:
        verdicts = assess(wanted(item, stock), found(seen, idle)).verdicts
        return [found.what for v in verdicts for found in v.waiting]

    assert told(addressed(item)) == [WaitingFor.USE]
    assert told(live(item, {WAREHOUSE: "sgp-one"})) == [WaitingFor.ADDRESS]


def test_members_that_the_cloud_still_works_on_are_waited_for() -> None:
    stock = group("warehouse", ("192.168.20.11", 80, 100))
    adding = replace(member("192.168.20.11", 80), status="Adding")
    [waiting] = verdict(wanted(stock), found(live_group(stock, members=[adding]))).waiting
    assert (waiting.what, waiting.detail) == (WaitingFor.MEMBERS, "192.168.20.11:80")


def test_an_object_that_somebody_is_deleting_has_drifted() -> None:
    item = service()
    edits = {"metadata.deletionTimestamp": "2026-11-22T08:00:00Z"}
    result = verdict(wanted(item), found(live(item, edits=edits)))
    assert result.state is State.DRIFTED
    assert [d.reason for d in result.differences] == [Reason.DELETED]


def test_another_cluster_than_the_pinned_one_is_never_green() -> None:
    item = service()
    result = assess(wanted(item, cluster_uid="a"), found(live(item), cluster_uid="b"))
    assert [v.state for v in result.verdicts] == [State.UNKNOWN]


SILENT = {"sgp-one": {MemberKey(*WINE): MemberHealth(HealthState.UNHEALTHY, "CONNECT_TIMEOUT")}}


FINE = MemberHealth(HealthState.NORMAL)


def test_a_member_that_does_not_answer_is_drift_of_its_own_kind() -> None:
    stock = group("warehouse", ("192.168.20.11", 80, 100))
    seen = live_group(stock)
    result = verdict(wanted(stock), found(seen, health=SILENT))
    assert result.state is State.DRIFTED
    [difference] = result.differences
    assert (difference.reason, difference.mode) == (Reason.MEMBER_SILENT, "Report")
    assert difference.path == "servers[192.168.20.11:80].health"
    assert "CONNECT_TIMEOUT" in difference.found


def test_a_member_that_is_known_not_to_answer_can_be_ignored() -> None:
    policy = ignoring("ServerGroup/servers[192.168.20.11:80].health")
    stock = group("warehouse", ("192.168.20.11", 80, 100), drift=policy)
    assert verdict(wanted(stock), found(live_group(stock), health=SILENT)).state is State.IN_SYNC


def test_who_did_not_ask_the_listeners_says_so() -> None:
    stock = group("warehouse", ("192.168.20.11", 80, 100))
    assert Reason.MEMBER_SILENT in assess(wanted(stock), found(live_group(stock))).blind
    asked = found(live_group(stock), health=SILENT)
    assert Reason.MEMBER_SILENT not in assess(wanted(stock), asked).blind
    idle = found(live_group(stock, related=()))
    assert Reason.MEMBER_SILENT not in assess(wanted(stock), idle).blind


def test_a_group_whose_members_nobody_speaks_for_is_never_green() -> None:
    stock = group("warehouse", ("192.168.20.11", 80, 100))
    for seen in (
        found(live_group(stock), health={"sgp-one": {}}),
        found(live_group(stock), gaps=(Gap("health", "403", frozenset({HEALTH})),)),
    ):
        result = verdict(wanted(stock), seen)
        assert (result.state, result.green) == (State.IN_SYNC, False)
        assert [waiting.what for waiting in result.waiting] == [WaitingFor.HEALTH]
    heard = found(live_group(stock), health={"sgp-one": {MemberKey(*WINE): FINE}})
    assert verdict(wanted(stock), heard).green


def test_a_server_that_was_down_is_not_taken_for_mended_while_nobody_speaks_for_it() -> None:
    stock = group("warehouse", ("192.168.20.11", 80, 100))
    unheard = assess(wanted(stock), found(live_group(stock), health={"sgp-one": {}}))
    assert not findings(unheard, OWNER).judged(stock.identity, Reason.MEMBER_SILENT)
    assert findings(unheard, OWNER).judged(stock.identity, Reason.FIELD)
