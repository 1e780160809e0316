"""Numbers given out: the static band last, what is free exactly once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitopsd.sandbox.kubernetes.allocation import Allocation
from gitopsd.sandbox.kubernetes.cluster import Cluster
from gitopsd.sandbox.kubernetes.pools import Pool, PortOperation, static_band


@pytest.mark.parametrize(
    ("size", "share", "most", "band"),
    [
        (2768, 32, 128, 86),
        (65536, 16, 256, 256),
        (40, 32, 128, 16),
        (17, 32, 128, 16),
        (16, 32, 128, 0),
        (0, 32, 128, 0),
    ],
)
def test_the_static_band_is_a_share_of_the_range_within_limits(
    size: int, share: int, most: int, band: int
) -> None:
    assert static_band(size, share=share, most=most) == band


@given(st.integers(1, 60), st.data())
def test_every_free_value_is_given_once_and_the_band_last(size: int, data: st.DataObject) -> None:
    band = data.draw(st.integers(0, size - 1))
    held = data.draw(st.sets(st.integers(100, 99 + size)))
    pool = Pool(100, size, band, dict.fromkeys(held, "x"))
    pool.cursor = data.draw(st.integers(0, size - band - 1))
    given_out: list[int] = []
    while (value := pool.next_free(frozenset())) is not None:
        pool.holders[value] = "y"
        given_out.append(value)
    assert sorted(given_out) == sorted(set(range(100, 100 + size)) - held)
    in_band = [value < 100 + band for value in given_out]
    assert in_band == sorted(in_band)


def test_a_number_that_the_client_names_later_is_not_made_up_before() -> None:
    operation = PortOperation(Pool(30000, 3), Pool(0, 0), frozenset({30000, 30001}), dry_run=False)
    assert operation.allocate_next() == 30002
    assert operation.allocate(30001) == ""
    assert operation.allocate(30001) == "provided port is already allocated"


def test_what_clients_like_to_name_stays_free_however_many_services_there_are() -> None:
    cluster = Cluster(allocation=Allocation())
    cluster.create("namespaces", {"metadata": {"name": "n"}})
    for number in range(100):
        cluster.create(
            "services",
            {
                "metadata": {"name": f"s{number}", "namespace": "n"},
                "spec": {"type": "NodePort", "ports": [{"port": 80}]},
            },
        )
    spec = cluster.get("services", "n", "s0")["spec"]
    assert (spec["clusterIP"], spec["ports"][0]["nodePort"]) == ("10.96.1.1", 30086)
    wanted = {
        "metadata": {"name": "dns", "namespace": "n"},
        "spec": {
            "type": "NodePort",
            "clusterIP": "10.96.0.10",
            "ports": [{"port": 53, "nodePort": 30080}],
        },
    }
    assert cluster.create("services", wanted)["spec"]["ports"][0]["nodePort"] == 30080
