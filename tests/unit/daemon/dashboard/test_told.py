"""What the page is told: rows, one thing, plans, passes, reports, holds, problems."""

from __future__ import annotations

import gc
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gitopsd.daemon.dashboard.rows import COLUMNS, STATES
from gitopsd.daemon.dashboard.texts import TEXTS
from gitopsd.daemon.dashboard.views import KEPT
from gitopsd.model.drifthold import DriftHold
from gitopsd.model.history import PassEntry, PassState
from gitopsd.model.identity import Identity
from gitopsd.model.observed import Gap, Record
from gitopsd.model.reason import Reason
from gitopsd.model.report import DriftReport, ReportState, Resolution
from gitopsd.model.requests import SUSPEND, Suspension
from tests.unit import build
from tests.unit.alerts.hours import drift
from tests.unit.daemon.dashboard.stage import NOW, PROBLEM, REVISION, Stage, addressed, shop

TEA = Identity("Exposure", "shop", "tea")


def told(stage: Stage, path: str) -> Any:
    """The JSON at a path, asked for as a browser on this machine does."""
    import orjson

    from gitopsd.daemon.dashboard.access import Request

    headers = {"host": "localhost"}
    name, _, query = path.partition("?")
    request = Request("GET", f"/api/v1/{name}", query, headers, "127.0.0.1", f"/api/v1/{name}")
    return orjson.loads(stage.app._answer(request).body)


@pytest.fixture
def stage() -> Stage:
    made = Stage(problems=(PROBLEM,))
    made.passed(*shop())
    return made


def rows(stage: Stage) -> dict[str, dict[str, str]]:
    content = told(stage, "exposures")
    assert content["columns"] == list(COLUMNS)
    found = [dict(zip(COLUMNS, row, strict=True)) for row in content["rows"]]
    return {row["name"]: row for row in found}


def test_every_exposure_has_a_row_with_state_revision_address_and_age(stage: Stage) -> None:
    found = rows(stage)
    assert {name: row["state"] for name, row in found.items()} == {
        "tea": "in sync", "cake": "drifted", "milk": "changed", "menu": "in sync",
        "warehouse": "in sync",
    }  # fmt: skip
    assert found["tea"] == {
        "repository": "acme", "target": "edge", "kind": "Exposure", "namespace": "shop",
        "name": "tea", "state": "in sync", "ready": "True", "reason": "Reachable",
        "revision": REVISION[:12], "address": "203.0.113.7", "created": "2026-11-01T08:00:00Z",
        "hosts": "80/TCP",
    }  # fmt: skip
    assert found["menu"]["hosts"] == "demo.example.com"
    assert found["milk"]["address"] == found["milk"]["created"] == ""
    assert {row["state"] for row in found.values()} <= set(STATES)


def test_each_field_of_what_was_compiled_says_which_rule_and_line_set_it(stage: Stage) -> None:
    (part,) = told(stage, "exposures/acme/edge/Exposure/shop/cake")["parts"]
    fields = {field["path"]: field for field in part["fields"]}
    assert part["identity"] == "Service/shop/cake"
    assert fields["spec.ports[0].port"]["value"] == 80
    assert fields["spec.ports[0].port"]["position"] == "shop/tea.yaml:11:5"
    assert fields["spec.ports[0].port"]["rule"] == "GR0201"
    assert fields["spec.type"]["because"]
    assert fields["metadata.labels[gitopsd.io/target]"]["rule"] == "GR0103"


def test_a_server_group_is_told_by_what_makes_it_and_its_servers(stage: Stage) -> None:
    content = told(stage, "exposures/acme/edge/ServerGroup/shop/warehouse")
    fields = {f["path"]: f["value"] for f in content["parts"][0]["fields"]}
    assert fields["create.Protocol"] == "HTTP"
    assert fields["servers[1].Weight"] == 50


def test_what_differs_is_told_with_both_sides_and_who(stage: Stage) -> None:
    content = told(stage, "exposures/acme/edge/Exposure/shop/cake")
    (found,) = content["verdict"]["differences"]
    assert (found["old"], found["new"], found["manager"]) == ("Cluster", "Local", "kubectl-edit")
    assert [step["key"] for step in content["steps"]] == ["update Service shop/cake"]


def test_the_traffic_is_drawn_with_the_health_of_its_servers(stage: Stage) -> None:
    (route,) = told(stage, "exposures/acme/edge/Exposure/shop/menu")["routes"]
    assert route["svg"].count("<svg") == 2
    assert "2 of 2 healthy" in route["svg"]
    chinese = told(stage, "exposures/acme/edge/Exposure/shop/menu?language=zh")["routes"][0]
    assert "2 台中 2 台健康" in chinese["svg"]


def test_a_plan_that_a_person_may_approve_is_told_with_the_command() -> None:
    stage = Stage()
    items = [build.service(f"tea-{n}") for n in range(12)]
    stage.passed(build.wanted(), build.found(*(addressed(item, "203.0.113.7") for item in items)))
    (plan,) = told(stage, "plans")["plans"]
    assert plan["awaitsApproval"]
    assert plan["command"] == f"gitopsd approve {plan['hash']} --target edge"
    assert len(plan["hash"]) == 64
    assert {hold["guard"] for hold in plan["holds"]} <= {"max-deletes", "max-delete-percent",
                                                        "emptied-repository"}  # fmt: skip
    assert plan["held"] == plan["steps"] == 12
    assert told(stage, "overview")["targets"][0]["plan"]["awaitsApproval"]


def test_an_approval_is_not_asked_for_where_it_does_not_help() -> None:
    stage = Stage()
    stage.passed(build.wanted(build.service("tea", "away")), build.found(namespaces=["shop"]))
    (plan,) = told(stage, "plans")["plans"]
    assert (plan["held"], plan["awaitsApproval"], plan["command"]) == (1, False, "")
    assert plan["holds"][0]["guard"] == "missing-namespace"
    assert rows(stage)["tea"]["state"] == "held"


def test_passes_are_told_with_the_seconds_of_their_phases_and_those_before_us() -> None:
    stage = Stage()
    desired, observed = shop()
    before = PassEntry("2026-11-20T08:00:00Z", "old", PassState.DONE, steps=(("done", 3),))
    record = Record(history=(before,))
    for minute in range(KEPT + 5):
        stage.now = NOW + timedelta(minutes=minute)
        stage.passed(desired, replace(observed, record=record))
    stage.app.views.pass_ended(("acme", "edge"), None, None)
    (target,) = told(stage, "passes")["targets"]
    assert len(target["passes"]) == KEPT + 1
    assert target["passes"][0]["state"] == "failed"
    assert target["passes"][1]["seconds"] == {"observe": 0.41, "plan": 0.05, "apply": 0.22}
    assert target["passes"][-1] == before.to_json() | {"outcome": "done: 3 done", "seconds": {}}


def report(name: str, **more: Any) -> DriftReport:
    subject = Identity("Exposure", "shop", name)
    times = {"first_seen": "2026-11-21T08:00:00Z", "opened_at": "2026-11-21T08:00:00Z"}
    return DriftReport(name, "acme", "edge", subject, subject, Reason.FIELD, **{**times, **more})


def test_open_reports_come_first_and_past_ones_say_how_they_ended() -> None:
    stage = Stage()
    past = report(
        "tea", state=ReportState.RESOLVED, resolved_at="2026-11-22T09:00:00Z",
        resolution=Resolution.CORRECTED,
    )  # fmt: skip
    stage.passed(*shop(), reports=[past, report("cake")])
    content = told(stage, "reports")
    assert [(one["fingerprint"], one["resolution"]) for one in content["reports"]] == [
        ("cake", ""), ("tea", "corrected"),
    ]  # fmt: skip
    assert told(stage, "overview")["targets"][0]["openReports"] == 1
    assert told(stage, "exposures/acme/edge/Exposure/shop/cake")["reports"]


def test_a_report_says_what_can_be_done_with_the_commands_while_it_is_open() -> None:
    stage = Stage()
    desired, observed = shop()
    past = report("tea", state=ReportState.RESOLVED, resolved_at="2026-11-22T09:00:00Z")
    stage.passed(desired, observed, reports=[report("cake", evidence=(drift("cake"),)), past])
    for path in ("reports", "exposures/acme/edge/Exposure/shop/cake"):
        first, *others = told(stage, path)["reports"]
        commands = {one["why"]: one["commands"] for one in first["remedies"]}
        assert commands["Look again."] == ["gitopsd drift --target edge"]
        assert ["gitopsd drift accept Exposure/shop/cake --target edge"] in commands.values()
        assert all(one["remedies"] == [] for one in others)
    chinese = told(stage, "reports?language=zh")["reports"][0]["remedies"]
    assert "重新检查：" in [one["why"] for one in chinese]


def test_reports_that_could_not_be_read_are_not_taken_for_none() -> None:
    stage = Stage()
    stage.passed(*shop(), reports=None)
    assert told(stage, "reports")["unknown"] == ["acme/edge"]


def test_a_suspension_and_holds_are_told_with_their_reasons() -> None:
    stage = Stage()
    desired, observed = shop()
    hold = DriftHold(TEA, "Service/spec.ports", "2026-12-01", "incident 7")
    notes = {SUSPEND: Suspension("moving house", "2026-12-24").text, hold.key: hold.text,
             "gitopsd.io/hold-000000000000": "nonsense"}  # fmt: skip
    stage.passed(desired, replace(observed, record=Record(annotations=notes)))
    (target,) = told(stage, "holds")["targets"]
    assert target["suspended"]["reason"] == "moving house"
    assert [one["reason"] for one in target["holds"]] == ["incident 7"]
    assert target["unreadable"] == ["gitopsd.io/hold-000000000000"]


def test_problems_of_specs_have_file_and_line(stage: Stage) -> None:
    (problem,) = told(stage, "problems")["problems"]
    place = problem["file"], problem["line"], problem["column"]
    assert place == ("shop/oats.yaml", 9, 12)


def test_what_could_not_be_read_makes_nothing_green() -> None:
    stage = Stage()
    desired, _ = shop()
    gap = Gap("Services", "Forbidden", frozenset({"Service", "Ingress", "ALB", "NLB"}))
    stage.passed(desired, build.found(gaps=(gap,)))
    assert {row["state"] for row in rows(stage).values()} == {"unknown"}
    assert told(stage, "overview")["targets"][0]["gaps"] == [
        {"what": "Services", "why": "Forbidden"}
    ]


def test_of_a_target_that_another_replica_keeps_nothing_old_is_told(stage: Stage) -> None:
    stage.target.held, stage.target.holder = False, "replica-1"
    assert rows(stage) == {}
    (target,) = told(stage, "overview")["targets"]
    assert (target["ours"], target["holder"]) == (False, "replica-1")
    stage.target.held = True
    assert rows(stage) == {}, "what was seen in an earlier term may have been put right since"


def test_a_pass_that_was_cut_short_leaves_what_is_shown(stage: Stage) -> None:
    before = told(stage, "exposures")
    stage.passed(*shop(), cut_short=True)
    assert told(stage, "exposures") == before


def test_the_list_is_another_only_when_a_row_is(stage: Stage) -> None:
    first = told(stage, "overview")
    stage.now += timedelta(minutes=5)
    stage.passed(*shop())
    second = told(stage, "overview")
    assert first["version"] != second["version"]
    assert first["rows"] == second["rows"]
    desired, observed = shop()
    stage.passed(desired, replace(observed, objects={}))
    assert told(stage, "overview")["rows"] != second["rows"]


def test_live_manifests_are_not_kept_for_the_page() -> None:
    stage = Stage()
    item = build.service()
    live = addressed(item, "203.0.113.7")
    mark = live.manifest["metadata"]["mark"] = {"only": "here"}
    stage.passed(build.wanted(item), build.found(live))
    del live
    gc.collect()
    kept = [one for one in gc.get_referrers(mark) if isinstance(one, dict) and "mark" in one]
    assert kept == []


def test_every_text_is_there_in_both_languages_with_the_same_places() -> None:
    import re

    for key, (english, chinese) in TEXTS.items():
        assert english, key
        assert chinese, key
        assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", chinese)), key
    assert {f"state.{state}" for state in STATES} <= TEXTS.keys()


def test_a_page_in_chinese_tells_conditions_and_the_reasons_of_fields_in_it(stage: Stage) -> None:
    path = "exposures/acme/edge/Exposure/shop/tea?language="
    chinese, english = told(stage, f"{path}zh"), told(stage, f"{path}en")
    messages = {one["type"]: one["message"] for one in chinese["conditions"]}
    assert messages == {
        "Ready": "203.0.113.7 可以访问，其后端也正常响应",
        "Reconciling": "无需处理",
        "Stalled": "没有等待人工处理的事项",
    }
    reasons = [
        [
            field["because"]
            for part in content["parts"]
            for field in part["fields"]
            if "rule" in field
        ]
        for content in (chinese, english)
    ]
    assert len(reasons[0]) == len(reasons[1]) > 5
    assert all(re.search("[一-鿿]", text) for text in reasons[0])
    assert not any(re.search("[一-鿿]", text) for text in reasons[1])
