"""The comparison of the replay sees what it has to see."""

from __future__ import annotations

import pytest

from tests.contract.kubernetes.matching import Pairing

UID_A, UID_B = "00000000-0000-0000-0000-00000000000a", "00000000-0000-0000-0000-00000000000b"


def test_values_that_differ_by_nature_may_differ_if_they_do_so_alike() -> None:
    pairing = Pairing()
    pairing.compare({"uid": UID_A, "resourceVersion": "5"}, {"uid": UID_B, "resourceVersion": "9"})
    pairing.compare({"message": f"uid {UID_A} at (5)"}, {"message": f"uid {UID_B} at (9)"})
    assert pairing.differences == []
    assert pairing.revisions_in_order()


@pytest.mark.parametrize(
    ("recorded", "ours"),
    [
        ([{"uid": UID_A}, {"uid": UID_A}], [{"uid": UID_A}, {"uid": UID_B}]),
        ([{"uid": UID_A}, {"uid": UID_B}], [{"uid": UID_A}, {"uid": UID_A}]),
        ([{"nodePort": 1}, {"nodePort": 1}], [{"nodePort": 1}, {"nodePort": 2}]),
        ({"a": 1}, {"a": True}),
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": [1]}, {"a": [1, 2]}),
        ({"creationTimestamp": "2026-01-01T00:00:00Z"}, {"creationTimestamp": "soon"}),
        ({"renewTime": "2026-01-01T00:00:00Z"}, {"renewTime": "2026-01-01T00:00:01Z"}),
        ({"message": f"uid {UID_A}"}, {"message": f"uid {UID_B}"}),
    ],
)
def test_anything_else_is_a_difference(recorded: object, ours: object) -> None:
    pairing = Pairing()
    pairing.compare(recorded, ours)
    assert pairing.differences


def test_revisions_have_to_rise_together() -> None:
    pairing = Pairing()
    pairing.compare([{"resourceVersion": "5"}, {"resourceVersion": "6"}],
                    [{"resourceVersion": "9"}, {"resourceVersion": "8"}])  # fmt: skip
    assert not pairing.revisions_in_order()
