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


def version(name: str, member: str, **more: bool) -> dict[str, Any]:
    known = {member: {"type": "string", "default": name}, "size": {"type": "integer"}}
    schema = {"type": "object", "properties": {"spec": {"type": "object", "properties": known}}}
    return {"name": name, "served": True, "schema": {"openAPIV3Schema": schema}, **more}


def test_an_object_is_read_by_the_version_that_it_was_written_in(tmp_path: Path) -> None:
    cluster, journal = opened(tmp_path)
    names = {"plural": "gears", "singular": "gear", "kind": "Gear", "listKind": "GearList"}
    spec = {"group": "example.com", "scope": "Cluster", "names": names}
    old, new = version("v1beta1", "mode", storage=True), version("v1", "speed", storage=False)
    definitions = "customresourcedefinitions.apiextensions.k8s.io"
    about = {"metadata": {"name": "gears.example.com"}, "spec": {**spec, "versions": [old, new]}}
    cluster.create(definitions, about)
    gear = {"kind": "Gear", "metadata": {"name": "g"}, "spec": {"size": 1}}
    cluster.create("gears.example.com", {"apiVersion": "example.com/v1beta1", **gear})
    moved = {"versions": [{**old, "storage": False}, {**new, "storage": True}]}
    cluster.patch(definitions, "", "gears.example.com", {"spec": moved})
    again, second = opened(tmp_path)
    for found in (cluster, again):
        resource = found.registry.find("example.com", "v1", "gears")
        record = found.record(resource, "", "g") if resource else None
        assert resource
        assert record
        assert record.version == "example.com/v1beta1"
        assert resource.seen(record)["spec"] == {"size": 1}
        assert found.list("gears.example.com")[0]["spec"] == {"size": 1, "mode": "v1beta1"}
    journal.close()
    second.close()
