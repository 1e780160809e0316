"""Where requests go is told as it is, once; and who has a part in it is told with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from gitopsd.drift.impact import impacts, impacts_by_subject
from gitopsd.drift.render import LANGUAGES, Page, Words, page_html, page_markdown, page_text
from gitopsd.engine.judging import judge_target
from gitopsd.model.desired import DesiredTarget, DriftPolicy, ModeSpan
from gitopsd.model.drifthold import DriftHold
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ObservedTarget, Record
from gitopsd.model.ownership import DIGEST
from gitopsd.model.report import RouteImpact
from gitopsd.model.traffic import Doing, Route, RouteState
from gitopsd.planning import PlanOptions
from tests.unit.build import OWNER, found, group, ingress, live, live_group, member, service, wanted
from tests.unit.drift.staging import TODAY
from tests.unit.drift.test_shadowing import rival
from tests.unit.planning.test_left_routes import DEMO, after_hands, rule
from tests.unit.planning.test_left_routes import menu as edited_menu

KEY = "alb.ingress.kubernetes.io/actions.forward"
ALB = "metadata.annotations@alb.ingress.kubernetes.io/"
SERVICE = "metadata.annotations@service.beta.kubernetes.io/"
STOCK = group("warehouse", ("192.168.20.11", 8080, 100), ("192.168.20.12", 8080, 100))
MENU = ingress(groups=[STOCK.identity])
IDS = {STOCK.identity: "sgp-one"}
NOTHING = "No requests have changed their destination."
ALONE = [member("192.168.20.11", 8080, 100)]


def action(tea: int, stock: int) -> dict[str, str]:
    shares = [
        {"ServiceName": "tea-svc", "ServicePort": 80, "Weight": tea},
        {"ServerGroupID": "sgp-one", "Weight": stock},
    ]
    forward = {"type": "ForwardGroup", "ForwardConfig": {"ServerGroups": shares}}
    return {f"metadata.annotations@{KEY}": json.dumps([forward])}


def page(desired: DesiredTarget, observed: ObservedTarget) -> Page:
    judged = judge_target(desired, observed, OWNER, PlanOptions(TODAY))
    return Page(judged.assessment, (), judged.routes)


def text_of(told: Page, language: str = "en") -> str:
    return page_text(told, Words(language), width=4000)


def menu(edits: Mapping[str, Any] | None = None, members: Any = None, **more: Any) -> Page:
    seen = found(live(MENU, IDS, edits=edits), live_group(STOCK, members=members), **more)
    return page(wanted(MENU, STOCK), seen)


def only(told: Page) -> Route:
    (route,) = told.routes
    return route


@pytest.mark.parametrize(
    "edits",
    [
        {f"{ALB}canary": "true", f"{ALB}canary-by-header": "x-beta"},
        {f"{ALB}conditions.forward": '[{"type": "Header"}]'},
        {f"{ALB}listen-ports": '[{"HTTPS": 8443}]'},
        {f"{ALB}ssl-redirect": "true"},
        {"metadata.annotations@kubernetes.io/ingress.class": "nginx"},
        {"spec.tls": [{"hosts": ["demo.example.com"]}]},
    ],
    ids=["canary", "conditions", "listen-ports", "redirect", "class", "tls"],
)
def test_an_edit_of_an_ingress_that_may_move_traffic_makes_its_share_unknown(
    edits: dict[str, Any],
) -> None:
    item = MENU
    if "spec.tls" in edits:  # a field that is ours
        item = replace(MENU, manifest={**MENU.manifest, "spec": {
            **MENU.manifest["spec"], "tls": [{"hosts": ["other.example.com"]}]}})  # fmt: skip
    else:
        metadata = MENU.manifest["metadata"]
        ours = {path.partition("@")[2]: "as applied" for path in edits}
        annotations = {**metadata["annotations"], **ours}
        manifest = {**MENU.manifest, "metadata": {**metadata, "annotations": annotations}}
        item = replace(MENU, manifest=manifest)
    told = page(wanted(item, STOCK), found(live(item, IDS, edits=edits), live_group(STOCK)))
    assert (only(told).state, only(told).moved) == (RouteState.UNKNOWN, None)
    text = text_of(told)
    assert "Which share of the requests to demo.example.com/ goes elsewhere is not known." in text
    assert NOTHING not in text


@pytest.mark.parametrize("edits", [
    {f"{ALB}canary": "true"},
    {f"{ALB}listen-ports": '[{"HTTPS": 8443}]'},
    {f"{ALB}ssl-redirect": "true"},
])  # fmt: skip
def test_so_does_an_annotation_that_was_added_by_hand(edits: dict[str, Any]) -> None:
    told = menu(edits)
    assert only(told).moved is None
    assert NOTHING not in text_of(told)


@pytest.mark.parametrize("other", ["nginx", "other"])
def test_an_ingress_of_another_class_is_on_its_load_balancer_no_more(other: str) -> None:
    told = menu({"spec.ingressClassName": other})
    assert (only(told).state, only(told).moved) == (RouteState.GONE, 1)
    assert "100 % of the requests to demo.example.com/ now reach nobody" in text_of(told)


@pytest.mark.parametrize(
    ("more", "edits"),
    [
        ({"loadBalancerSourceRanges": ["0.0.0.0/0"]},
         {"spec.loadBalancerSourceRanges": ["10.0.0.0/8"]}),
        ({}, {"spec.externalTrafficPolicy": "Local"}),
        ({"annotations": {"service.beta.kubernetes.io/alibaba-cloud-loadbalancer-id": "lb-1"}},
         {f"{SERVICE}alibaba-cloud-loadbalancer-id": "lb-other"}),
    ],
    ids=["ranges", "policy", "balancer"],
)  # fmt: skip
def test_an_edit_of_a_service_that_may_move_traffic_makes_its_share_unknown(
    more: dict[str, Any], edits: dict[str, Any]
) -> None:
    item = service(**more)
    told = page(wanted(item), found(live(item, edits=edits)))
    assert only(told).moved is None
    text = text_of(told)
    assert "Which share of the connections to port 80/TCP goes elsewhere is not known." in text
    assert NOTHING not in text


def test_an_object_that_is_being_deleted_may_lose_its_traffic() -> None:
    record = Record(entries={MENU.identity: live(MENU, IDS).labels[DIGEST]})
    told = menu({"metadata.deletionTimestamp": "2026-11-22T07:00:00Z"}, record=record)
    assert only(told).moved is None
    text = text_of(told)
    assert "Which share of the requests to demo.example.com/ goes elsewhere is not known." in text
    assert NOTHING not in text


def test_an_attribute_of_a_group_makes_its_routes_unknown_and_its_scheduler_does_not() -> None:
    check = {"HealthCheckEnabled": True, "HealthCheckPath": "/other"}
    for attributes, moved in (({"HealthCheckConfig": check}, None), ({"Scheduler": "Wlc"}, 0)):
        stock = replace(STOCK, create={**STOCK.create, "Scheduler": "Wrr"})
        group_ = live_group(stock)
        group_ = replace(group_, attributes={**group_.attributes, **attributes})
        told = page(wanted(MENU, stock), found(live(MENU, IDS), group_))
        assert only(told).moved == moved, attributes
        assert (NOTHING in text_of(told)) is (moved == 0)


def test_a_stamp_taken_off_moves_nothing_and_that_is_said() -> None:
    told = menu({"metadata.labels@gitopsd.io/digest": "other"})
    assert only(told).moved == 0
    assert NOTHING in text_of(told)


def test_of_servers_that_could_not_be_read_it_is_not_said_that_nothing_moved() -> None:
    told = menu({"metadata.labels@gitopsd.io/digest": "other"})
    route = only(told)
    blind = replace(route, backends=tuple(replace(b, servers=None) for b in route.backends))
    assert NOTHING not in text_of(replace(told, routes=(blind,)))


def test_two_that_moved_a_route_are_both_told_with_what_is_true_now() -> None:
    told = menu(action(60, 40), ALONE)
    route = only(told)
    assert route.moved == Fraction(3, 10)
    found_ = impacts_by_subject([route])
    assert {subject: [i.moved for i in some] for subject, some in found_.items()} == {
        MENU.exposure: [30.0], STOCK.identity: [30.0]
    }  # fmt: skip
    assert found_[MENU.exposure][0].others == (str(STOCK.identity),)
    assert [impact.moved for impact in impacts([route])] == [30.0]
    assert "; also because of ServerGroup/shop/warehouse." in text_of(told)


def test_a_group_that_gets_no_requests_any_more_has_no_part_in_it() -> None:
    told = menu(action(80, 0), ALONE)
    assert set(impacts_by_subject(told.routes)) == {MENU.exposure}
    text = text_of(told)
    assert text.count("of the requests to") == 1
    assert "warehouse 192.168.20.11" not in text
    assert "That requests go elsewhere now has other causes." in text
    assert NOTHING not in text


def test_where_two_did_the_same_both_are_told() -> None:
    members: list[Any] = []
    for weights, subjects in (((80, 20), 1), ((0, 100), 2)):
        told = menu(action(*weights), members)
        assert len(impacts_by_subject(told.routes)) == subjects


def test_what_cancels_out_has_moved_nothing() -> None:
    told = menu(action(40, 10), None)
    assert (only(told).moved, only(told).movers) == (0, ())
    assert NOTHING in text_of(told)


def test_what_git_has_still_to_move_is_told_beside_drift() -> None:
    before = replace(MENU, drift=DriftPolicy())
    after = ingress(groups=[STOCK.identity], weight=30)
    seen = found(live(before, IDS), live_group(STOCK, members=ALONE))
    told = page(wanted(after, STOCK), seen)
    route = only(told)
    assert not route.pending
    assert {mover.doing for mover in route.movers} == {Doing.CHANGE, Doing.DRIFT}
    (impact,) = impacts_by_subject([route])[STOCK.identity]
    assert {share.backend: share.live for share in impact.shares}["tea-svc:80"] == 80.0
    assert "also because of a change in Git that is not applied yet." in text_of(told)


def span(server: str) -> ModeSpan:
    return ModeSpan(f"ServerGroup/servers[192.168.20.{server}:8080]", "Ignore", None, "repair")


def test_of_a_group_with_an_ignored_and_a_drifted_member_the_shares_are_the_real_ones() -> None:
    servers = (("192.168.20.11", 8080, 100), ("192.168.20.12", 8080, 100),
               ("192.168.20.13", 8080, 100))  # fmt: skip
    stock = replace(group("warehouse", *servers), drift=DriftPolicy("Correct", (span("11"),)))
    members = [member("192.168.20.12", 8080, 100), member("192.168.20.13", 8080, 300)]
    told = page(wanted(MENU, stock), found(live(MENU, IDS), live_group(stock, members=members)))
    (impact,) = impacts_by_subject(told.routes)[stock.identity]
    assert impact.others == ("ignored",)
    assert {s.backend: s.live for s in impact.shares}["warehouse 192.168.20.13:8080"] == 15.0
    text = text_of(told)
    assert "A part of where the requests to demo.example.com/ go is left so on purpose: " in text
    assert "ignored without an end, repair." in text


def test_drift_that_ignored_drift_has_left_without_effect_has_no_part() -> None:
    stock = replace(STOCK, drift=DriftPolicy("Correct", (span("12"),)))
    told = page(
        wanted(MENU, stock),
        found(live(MENU, IDS), live_group(stock, members=[member("192.168.20.11", 8080, 300)])),
    )
    assert only(told).moved == Fraction(1, 10)
    assert impacts_by_subject(told.routes) == {}
    assert "10 % of the requests to demo.example.com/ go elsewhere on purpose" in text_of(told)


def test_requests_that_reach_nobody_are_not_said_to_go_elsewhere_on_purpose() -> None:
    stock = replace(STOCK, drift=DriftPolicy("Ignore"))
    seen = found(live(MENU, IDS), live_group(STOCK, members=[]))
    text = text_of(page(wanted(MENU, stock), seen))
    assert "reach nobody, and that is left so on purpose: " in text
    assert "elsewhere" not in text


def test_of_a_cluster_that_is_another_no_share_is_told_as_left_on_purpose() -> None:
    stock = replace(STOCK, drift=DriftPolicy("Ignore"))
    seen = found(live(MENU, IDS), live_group(STOCK, members=[]), cluster_uid="uid-b")
    assert "on purpose" not in text_of(page(wanted(MENU, stock, cluster_uid="uid-a"), seen))


def test_what_is_ignored_is_told_with_its_exception_and_is_no_impact_of_drift() -> None:
    path = f"Ingress/metadata.annotations[{KEY}]"
    until = ModeSpan(path, "Ignore", "2026-12-01", "incident 4711")
    item = replace(MENU, drift=DriftPolicy("Correct", (until,)))
    seen = found(live(item, IDS, edits=action(60, 40)), live_group(STOCK))
    told = page(wanted(item, STOCK), seen)
    (mover,) = only(told).movers
    assert (mover.subject, mover.doing, mover.spans) == (MENU.exposure, Doing.IGNORED, (until,))
    assert impacts_by_subject(told.routes) == {}
    assert only(told).to_json()["ignored"][0]["exceptions"][0]["until"] == "2026-12-01"


def test_of_two_edited_routes_each_is_told_with_its_own_doing() -> None:
    path = "Ingress/spec.rules[demo.example.com/].backend"
    hold = ModeSpan(path, "Ignore", "2027-01-31", "tea is down")
    alpha = ("alpha.example.com", "/", "Prefix", "tea-svc")
    item = edited_menu(alpha, DEMO, drift=DriftPolicy("Correct", (hold,)))
    seen = after_hands(item, [rule(*alpha[:3], "x-svc"), rule(*DEMO[:3], "coffee-svc")])
    text = text_of(page(wanted(item), seen))
    assert (
        "100 % of the requests to alpha.example.com/ now go to x-svc:80 instead of tea-svc:80"
        in text
    )
    assert "100 % of the requests to demo.example.com/ go elsewhere on purpose" in text
    assert "requests to demo.example.com/ go elsewhere now" not in text
    assert "also because" not in text


def test_a_hold_is_told_with_its_end_and_reason() -> None:
    path = f"Ingress/metadata.annotations[{KEY}]"
    hold = DriftHold(MENU.exposure, path, "2026-11-30", "incident 4711")
    record = Record(annotations={hold.key: hold.text})
    seen = found(live(MENU, IDS, edits=action(60, 40)), live_group(STOCK), record=record)
    text = text_of(page(wanted(MENU, STOCK), seen))
    assert (
        "20 % of the requests to demo.example.com/ go elsewhere on purpose:"
        " ignored until 2026-11-30, incident 4711." in text
    )
    assert "drift mode Ignore" not in text


def test_who_gets_the_requests_is_named_before_those_who_lose_them() -> None:
    names = [Identity("ServerGroup", "shop", f"stock-{n}") for n in range(5)]
    stocks = [group(n.name, ("192.168.20.11", 8080, 100)) for n in names]
    item = ingress(groups=names)
    ids = {name: f"sgp-{name.name}" for name in names}
    groups = [live_group(one, ids[one.identity]) for one in stocks]
    seen = found(live(item, ids), *groups, neighbours=(rival(),))
    text = text_of(page(wanted(item, *stocks), seen))
    assert "go elsewhere now: Ingress/other/aaa 0 → 100 %, tea-svc:80" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_form_says_the_same_of_what_moved(language: Any) -> None:
    told, words = menu(action(60, 40), ALONE), Words(language)
    for text in (
        page_text(told, words, width=4000), page_markdown(told, words), page_html([told], words)
    ):  # fmt: skip
        assert words("traffic.also", told="", causes="").strip("; ；") in text
        assert words("traffic.none") not in text


def test_the_stored_form_tells_the_others() -> None:
    told = RouteImpact("a.test/", 30.0, others=("ServerGroup/shop/tea", "change"))
    assert told.to_json()["others"] == ["ServerGroup/shop/tea", "change"]
