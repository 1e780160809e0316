"""A record is read back as it was written, in however many ConfigMaps."""

from __future__ import annotations

from dataclasses import replace

import orjson
from hypothesis import given
from hypothesis import strategies as st

from gitopsd.adapters.kubernetes.record import _decode, _encode, _lasting, record_name
from gitopsd.model.approval import Approval
from gitopsd.model.identity import Identity
from gitopsd.model.observed import Record
from gitopsd.model.ownership import Owner

names = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=20)
identities = st.builds(
    Identity, st.sampled_from(["Service", "Ingress", "ServerGroup"]), names, names
)
texts = st.text(max_size=20)
digests = st.text("0123456789abcdef", min_size=40, max_size=40)
applied = st.dictionaries(identities, st.tuples(digests, st.none() | digests))
records = st.builds(
    lambda things, **more: Record(
        entries={identity: digest for identity, (digest, _) in things.items()},
        fields={identity: fields for identity, (_, fields) in things.items() if fields},
        **more,
    ),
    applied,
    fleet=names,
    revision=texts,
    plan_hash=texts,
    time=texts,
    approvals=st.lists(st.builds(Approval, texts, texts, texts, st.booleans()), max_size=3).map(
        tuple
    ),
)


@given(records, st.integers(1, 500))
def test_a_record_survives_being_written(record: Record, limit: int) -> None:
    parts = _encode(record, limit)
    assert _decode(parts[0], parts) == record


@given(records, st.integers(200, 500))
def test_no_part_is_larger_than_the_limit(record: Record, limit: int) -> None:
    for part in _encode(record, limit):
        size = len(part["entries.json"].encode()) + len(part.get("fields.json", "").encode())
        assert size <= limit + 2 * len("{}")


@given(records)
def test_another_time_is_not_another_content(record: Record) -> None:
    later = replace(record, time="later")
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


def test_approvals_that_make_no_sense_are_counted_and_left_out() -> None:
    sound = Approval("a" * 64, "2026-11-22T08:00:00Z", bare=True)
    odd = [7, {}, {"hash": 7}, {"hash": "a", "used": "x" * 65}, {"hash": "a", "given": ["b"]}]
    head = {"record.json": orjson.dumps({"approvals": [*odd, sound.to_json()]}).decode()}
    record = _decode(head, [])
    assert (record.approvals, record.nonsense) == ((sound,), len(odd))
    spoilt = _decode({"record.json": '{"approvals": "x"}'}, [])
    assert (spoilt.approvals, spoilt.nonsense) == ((), 1)


def test_the_record_is_named_after_instance_and_target() -> None:
    assert record_name(Owner("acme", "hangzhou-edge")) == "gitopsd-acme-hangzhou-edge"
