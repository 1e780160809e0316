"""What is written to disk is there after any end of the process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gitopsd.sandbox.kubernetes.cluster import Cluster
from gitopsd.sandbox.kubernetes.journal import Journal


def opened(directory: Path) -> tuple[Cluster, Journal]:
    cluster = Cluster()
    return cluster, Journal(directory, cluster)


def filled(cluster: Cluster) -> list[dict[str, Any]]:
    cluster.create("namespaces", {"metadata": {"name": "n"}})
    for name in ("a", "b"):
        item = {
            "metadata": {"name": name, "namespace": "n"},
            "spec": {"type": "NodePort", "ports": [{"port": 80}]},
        }
        cluster.create("services", item)
    cluster.delete("services", "n", "a")
    cluster.patch("services", "n", "b", {"metadata": {"labels": {"x": "y"}}})
    return cluster.list("services")


def test_a_killed_process_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    cluster, _journal = opened(tmp_path)
    services = filled(cluster)
    again, journal = opened(tmp_path)
    assert again.list("services") == services
    assert again.store.revision == cluster.store.revision
    journal.close()
    _journal.close()


def test_a_line_cut_short_is_ignored(tmp_path: Path) -> None:
    cluster, journal = opened(tmp_path)
    services = filled(cluster)
    with (tmp_path / "cluster.changes.jsonl").open("ab") as file:
        file.write(b'{"c":"services","revision":99,"o":{"meta')
    again, second = opened(tmp_path)
    assert again.list("services") == services
    journal.close()
    second.close()


def test_closing_folds_the_changes_into_the_snapshot(tmp_path: Path) -> None:
    cluster, journal = opened(tmp_path)
    services = filled(cluster)
    journal.close()
    assert (tmp_path / "cluster.changes.jsonl").read_bytes() == b""
    again, second = opened(tmp_path)
    assert again.list("services") == services
    second.close()


def test_addresses_in_use_are_known_after_a_restart(tmp_path: Path) -> None:
    cluster, journal = opened(tmp_path)
    (kept,) = filled(cluster)
    journal.close()
    again, second = opened(tmp_path)
    spec = {"type": "NodePort", "ports": [{"port": 80}]}
    fresh = again.create("services", {"metadata": {"name": "c", "namespace": "n"}, "spec": spec})
    assert fresh["spec"]["clusterIP"] != kept["spec"]["clusterIP"]
    assert fresh["spec"]["ports"][0]["nodePort"] != kept["spec"]["ports"][0]["nodePort"]
    second.close()


def test_files_with_secrets_are_for_their_owner_only(tmp_path: Path) -> None:
    _cluster, journal = opened(tmp_path)
    journal.close()
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
