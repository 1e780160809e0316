"""A stored report reads back as it was, and what is none is refused by name."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitopsd.model.identity import Identity
from gitopsd.model.position import Position
from gitopsd.model.reason import Reason
from gitopsd.model.report import (
    DriftReport,
    Move,
    ReportState,
    Resolution,
    RouteImpact,
    Row,
    Share,
)
from gitopsd.model.stored import report_from_json
from gitopsd.model.verdict import Attribution, Cause, Difference

texts = st.text(max_size=12)
names = st.text("abcxyz-", min_size=1, max_size=8)
identities = st.builds(Identity, names, names, names)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
percents = st.none() | st.floats(0, 100)
differences = st.builds(
    Difference,
    identities,
    texts,
    values,
    values,
    st.just(Cause.DRIFT),
    st.sampled_from(["Correct", "Report", "Ignore"]),
    st.none() | st.builds(Attribution, texts, texts, texts),
    st.none() | st.builds(Position, names, st.integers(1, 99), st.integers(1, 99)),
    texts,
    st.booleans(),
    st.sampled_from(Reason),
)
shares = st.builds(Share, texts, percents, percents)
fingerprints = st.text("0123456789abcdef", min_size=16, max_size=16)
rows = st.builds(
    Row, fingerprints, identities, identities, st.sampled_from(Reason), st.integers(0, 9),
    st.sampled_from(ReportState),
)  # fmt: skip
reports = st.builds(
    DriftReport,
    fingerprint=fingerprints,
    instance=names,
    target=names,
    subject=st.none() | identities,
    resource=st.none() | identities,
    reason=st.sampled_from(Reason),
    evidence=st.lists(differences, max_size=3).map(tuple),
    state=st.sampled_from(ReportState),
    first_seen=texts,
    opened_at=texts,
    last_seen=texts,
    escalated_at=texts,
    resolved_at=texts,
    resolution=st.none() | st.sampled_from(Resolution),
    reopened=st.integers(0, 9),
    moves=st.lists(st.builds(Move, texts, texts), max_size=2).map(tuple),
    fighters=st.lists(names, max_size=2).map(tuple),
    impact=st.lists(
        st.builds(
            RouteImpact,
            texts,
            percents,
            st.lists(shares, max_size=2).map(tuple),
            others=st.lists(texts, max_size=2).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
    rows=st.lists(rows, max_size=2).map(tuple),
    paths=st.integers(0, 9),
    revision=texts,
)

STORED: dict[str, Any] = DriftReport(
    "0" * 16, "acme", "edge", None, None, Reason.MANY, paths=3
).to_json()


@given(reports)
def test_what_is_stored_reads_back_as_it_was(report: DriftReport) -> None:
    assert report_from_json(json.loads(json.dumps(report.to_json()))) == report


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"fingerprint": "../../etc"}, "fingerprint"),
        ({"fingerprint": None}, "fingerprint"),
        ({"reason": "because"}, "because"),
        ({"state": "Ajar"}, "Ajar"),
        ({"reopened": "often"}, "reopened"),
        ({"reopened": True}, "reopened"),
        ({"evidence": {}}, None),
        ({"evidence": "none"}, "evidence"),
        ({"evidence": ["none"]}, "evidence"),
        ({"evidence": [{"resource": "tea"}]}, "KIND/NAMESPACE/NAME"),
        ({"subject": "tea"}, "KIND/NAMESPACE/NAME"),
        ({"impact": [{"route": "/", "moved": "much"}]}, "moved"),
        ({"firstSeen": 7}, "firstSeen"),
    ],
)
def test_what_does_not_fit_is_named(change: dict[str, Any], named: str | None) -> None:
    if named is None:
        assert report_from_json({**STORED, **change}).evidence == ()
        return
    with pytest.raises(ValueError, match=named):
        report_from_json({**STORED, **change})


@pytest.mark.parametrize("content", [None, [], "text", 7])
def test_what_is_no_object_is_no_report(content: Any) -> None:
    with pytest.raises(ValueError, match="not an object"):
        report_from_json(content)


@given(st.dictionaries(st.sampled_from(sorted(STORED)), values, max_size=4))
def test_nothing_but_a_value_error_comes_of_nonsense(change: dict[str, Any]) -> None:
    try:
        report_from_json({**STORED, **change})
    except ValueError:
        return
