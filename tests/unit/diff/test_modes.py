"""One rule says what is told and what is written; exceptions end; memories of fields hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitopsd.diff import compare_target
from gitopsd.diff.fields import recall, remember
from gitopsd.diff.holding import lapsed, with_holds
from gitopsd.diff.manifest import found_view, wanted_view
from gitopsd.diff.modes import Treatment, leaves_drift, mode_of, treatment
from gitopsd.diff.places import near_places, place_in, places_of
from gitopsd.model.desired import DriftPolicy, ModeSpan
from gitopsd.model.drifthold import DriftHold, holds_in
from gitopsd.model.identity import Identity
from gitopsd.model.observed import Record
from gitopsd.model.verdict import Cause, Difference, Mode
from tests.unit.build import OWNER, found, group, live, service, wanted

TEA = Identity("Exposure", "shop", "tea")
KEY = "service.beta.kubernetes.io/backend-type"


@pytest.mark.parametrize(
    ("cause", "mode", "manual", "told", "written"),
    [
        (Cause.CHANGE, "Correct", False, True, True),
        (Cause.CHANGE, "Report", False, True, True),
        (Cause.CHANGE, "Ignore", False, True, True),
        (Cause.DRIFT, "Correct", False, True, True),
        (Cause.DRIFT, "Report", False, True, False),
        (Cause.DRIFT, "Ignore", False, False, False),
        (Cause.DRIFT, "Correct", True, True, False),
        (Cause.DRIFT, "Ignore", True, False, False),
    ],
)
def test_a_mode_says_what_is_told_and_what_is_written(
    cause: Cause, mode: Mode, manual: bool, told: bool, written: bool
) -> None:
    difference = Difference(TEA, "spec.type", 1, 2, cause, mode, manual=manual)
    assert treatment(difference) == Treatment(told, written)
    assert treatment(difference, correct=True) == Treatment(told, written=True)


@pytest.mark.parametrize(
    ("until", "now", "mode"),
    [
        ("2026-11-22", date(2026, 11, 22), "Ignore"),
        ("2026-11-22", datetime(2026, 11, 22, 23, 59, tzinfo=UTC), "Ignore"),
        ("2026-11-22", date(2026, 11, 23), "Correct"),
        ("2026-11-22T10:00:00Z", datetime(2026, 11, 22, 9, 59, tzinfo=UTC), "Ignore"),
        ("2026-11-22T10:00:00Z", datetime(2026, 11, 22, 10, tzinfo=UTC), "Correct"),
        ("2026-11-22T10:00:00Z", date(2026, 11, 22), "Ignore"),
        (None, date(2999, 1, 1), "Ignore"),
    ],
)
def test_an_exception_holds_through_its_day_or_until_its_time(
    until: str | None, now: date, mode: Mode
) -> None:
    policy = DriftPolicy("Correct", (ModeSpan("Service/spec", "Ignore", until),))
    assert mode_of(policy, "Service", "spec.type", now) == mode


def test_a_hold_counts_for_what_it_names_and_for_nothing_else() -> None:
    hold = DriftHold(TEA, "Service/spec", "2026-12-01", "incident")
    record = Record(annotations={hold.key: hold.text})
    held = with_holds(wanted(service("tea"), service("bar"), group("tea")), record)
    spans = {str(i): [s.path for s in o.drift.spans] for i, o in held.objects.items()}
    assert spans == {"Service/shop/tea": ["Service/spec"], "Service/shop/bar": []}
    assert all(not item.drift.spans for item in held.groups.values())
    assert lapsed(record, date(2026, 12, 1)) == ()
    assert lapsed(record, date(2026, 12, 2)) == (hold,)


ENDS = st.sampled_from(["2026-12-01", "2026-12-01T00:00:00Z"])


@given(st.text(max_size=30), st.text(max_size=300), ENDS)
def test_a_hold_is_read_back_as_it_was_written(path: str, reason: str, until: str) -> None:
    hold = DriftHold(TEA, path, until, reason, "2026-11-22T08:00:00Z")
    assert holds_in({hold.key: hold.text}).readable == (hold,)


@given(st.text() | st.dictionaries(st.text(max_size=7), st.none() | st.text()).map(str))
def test_what_is_no_hold_is_named_and_breaks_nothing(text: str) -> None:
    assert holds_in({"gitopsd.io/hold-x": text, "gitopsd.io/approve": "y"}).unreadable == (
        "gitopsd.io/hold-x",
    )


def test_a_memory_tells_who_moved_which_field() -> None:
    before = service(annotations={KEY: "eni"})
    memory = recall(remember(before.manifest))
    assert memory is not None
    after = wanted_view(service(externalTrafficPolicy="Local").manifest)
    edited = live(before, edits={"spec.type": "NodePort", f"metadata.annotations@{KEY}": None})
    seen = found_view(after, edited.manifest)
    moved = {
        keys[-1]: memory.moved(keys, after, seen)
        for keys in (
            ("spec", "externalTrafficPolicy"),
            ("spec", "type"),
            ("metadata", "annotations", KEY),
            ("spec", "ports", "80/TCP", "name"),
            ("spec", "ports", "80/TCP"),
        )
    }
    told = {name: (one.git, one.reality) for name, one in moved.items()}
    assert told == {
        "externalTrafficPolicy": (True, False),
        "type": (False, True),
        KEY: (True, True),
        "name": (False, False),
        "80/TCP": (False, False),
    }


@pytest.mark.parametrize("text", [None, "", "0:AAAA", "1:AAAA", "2:%%%", "nonsense"])
def test_a_memory_of_another_form_is_none(text: str | None) -> None:
    remembered = recall(text)
    assert remembered is None or remembered.values == {}


def test_places_are_known_with_and_without_their_kind() -> None:
    item = service()
    seen = live(item, edits={"spec.externalIPs": ["192.0.2.1"]})
    comparison = compare_target(wanted(item), found(seen), OWNER, today=date(2026, 11, 22))
    places = places_of(comparison, TEA)
    assert [place_in(places, text) for text in ("spec.ports", "Service/spec.ports[80/TCP].name",
            "Service", "Service/", "spec.externalIPs", "spec.prots", "Ingress/spec.rules")] == [
        "Service/spec.ports", "Service/spec.ports[80/TCP].name", "Service", "Service",
        "Service/spec.externalIPs", None, None,
    ]  # fmt: skip
    assert near_places(places, "spec.prots")[0] == "Service/spec.ports"


def test_a_place_in_a_group_is_an_attribute_or_a_member() -> None:
    stock = group("warehouse", ("192.168.20.11", 8080, 100))
    comparison = compare_target(wanted(stock), found(), OWNER, today=date(2026, 11, 22))
    places = places_of(comparison, stock.identity)
    for text in ("servers[192.168.20.11:8080].weight", "HealthCheckConfig", "servers"):
        assert place_in(places, text) == f"ServerGroup/{text}"
    assert place_in(places, "servers[192.168.20.99:1].weight") is None


def span(path: str, mode: Mode, source: Literal["spec", "hold"] = "spec") -> ModeSpan:
    return ModeSpan(path, mode, "2026-11-22", source=source)


def test_a_path_may_be_corrected_where_the_rest_is_left() -> None:
    policy = DriftPolicy("Report", (span("Service/spec.ports", "Correct"),))
    now, later = date(2026, 11, 22), date(2026, 11, 23)
    assert mode_of(policy, "Service", "spec.ports[443/TCP].targetPort", now) == "Correct"
    assert mode_of(policy, "Service", "spec.selector", now) == "Report"
    assert mode_of(policy, "Service", "spec.ports", later) == "Report"


def test_what_is_corrected_by_itself_needs_no_memory_of_its_fields() -> None:
    correct = DriftPolicy("Correct", (span("Service/spec.ports", "Correct"),))
    assert not leaves_drift(correct, date(2026, 11, 22))
    assert leaves_drift(replace(correct, mode="Report"), date(2026, 11, 22))


@pytest.mark.parametrize("mode", ["Correct", "Report"])
def test_a_hold_on_the_whole_wins_over_what_git_says_of_a_part(mode: Mode) -> None:
    spans = (span("Service/spec.ports", mode), span("Service", "Ignore", "hold"))
    policy = DriftPolicy("Correct", spans)
    assert mode_of(policy, "Service", "spec.ports", date(2026, 11, 22)) == "Ignore"
    assert mode_of(policy, "Service", "spec.ports", date(2026, 11, 23)) == "Correct"
