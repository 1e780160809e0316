"""A record is read back as it was written, in however many ConfigMaps."""

from __future__ import annotations

import orjson
from hypothesis import given
from hypothesis import strategies as st

from gitopsd.adapters.kubernetes.record import _decode, _encode, _lasting, record_name
from gitopsd.model.identity import Identity
from gitopsd.model.observed import Record
from gitopsd.model.ownership import Owner

names = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=20)
identities = st.builds(
    Identity, st.sampled_from(["Service", "Ingress", "ServerGroup"]), names, names
)
texts = st.text(max_size=20)
records = st.builds(
    Record,
    fleet=names,
    revision=texts,
    plan_hash=texts,
    time=texts,
    entries=st.dictionaries(identities, st.text("0123456789abcdef", min_size=40, max_size=40)),
    approvals=st.lists(texts, max_size=3).map(tuple),
)


@given(records, st.integers(1, 500))
def test_a_record_survives_being_written(record: Record, limit: int) -> None:
    parts = _encode(record, limit)
    assert _decode(parts[0], parts) == record


@given(records, st.integers(100, 500))
def test_no_part_is_larger_than_the_limit(record: Record, limit: int) -> None:
    for part in _encode(record, limit):
        assert len(part["entries.json"].encode()) <= limit + len("{}")


@given(records)
def test_another_time_is_not_another_content(record: Record) -> None:
    later = Record(
        record.fleet, record.revision, record.plan_hash, "later", record.entries, record.approvals
    )
    assert _lasting(_encode(record, 900)[0]) == _lasting(_encode(later, 900)[0])


anything = st.text() | st.recursive(
    st.none() | st.integers(0, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=5,
).map(lambda value: orjson.dumps(value).decode())
heads = anything | st.builds('{{"approvals":{0},"fleet":{0},"time":{0}}}'.format, anything)


@given(heads, anything)
def test_a_record_spoilt_by_somebody_reads_as_far_as_it_can(head: str, entries: str) -> None:
    _decode({"record.json": head, "entries.json": entries}, [{"entries.json": entries}])


def test_the_record_is_named_after_instance_and_target() -> None:
    assert record_name(Owner("acme", "hangzhou-edge")) == "gitopsd-acme-hangzhou-edge"
