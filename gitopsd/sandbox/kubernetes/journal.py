"""The cluster on disk: a snapshot and, after it, one line per change.

A line is written with every change, so a process that is killed loses nothing that was answered;
a last line that is cut short is ignored. At start and stop the lines are folded into a new
snapshot, which replaces the old one in one step.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import orjson

from gitopsd.sandbox.kubernetes.cluster import Cluster
from gitopsd.sandbox.kubernetes.files import write_private
from gitopsd.sandbox.kubernetes.store import Event, Record, record_of

_SNAPSHOT: Final = "cluster.jsonl"
_CHANGES: Final = "cluster.changes.jsonl"


class Journal:
    """Keeps a cluster in a directory; opening it fills the cluster, which has to be empty."""

    def __init__(self, directory: Path, cluster: Cluster) -> None:
        self._snapshot = directory / _SNAPSHOT
        self._changes = directory / _CHANGES
        self._cluster = cluster
        self.found = self._snapshot.exists()
        cluster.restore(_entries(self._snapshot, self._changes))
        self._file = self._fold()
        self._unsubscribe = cluster.store.subscribe(self._write)

    def _fold(self) -> Any:
        with self._cluster.lock:
            store = self._cluster.store
            lines = [orjson.dumps({"revision": store.revision})]
            lines.extend(_line(name, record) for name, record in store.everything())
            write_private(self._snapshot, b"\n".join(lines) + b"\n")
        write_private(self._changes, b"")
        return self._changes.open("ab", buffering=0)

    def _write(self, event: Event) -> None:
        if event.change == "DELETED":
            gone = {"c": event.collection, "k": event.record.key, "revision": event.revision}
            self._file.write(orjson.dumps(gone) + b"\n")
        else:
            self._file.write(_line(event.collection, event.record) + b"\n")

    def close(self) -> None:
        """Fold the changes into the snapshot and stop writing."""
        self._unsubscribe()
        self._file.close()
        self._fold().close()


def _line(collection: str, record: Record) -> bytes:
    head = orjson.dumps({"c": collection, "v": record.version, "revision": record.revision})
    return head[:-1] + b',"o":{' + record.tail + b"}"


def _entries(*files: Path) -> Iterator[tuple[str, Record | None, str, int]]:
    for path in files:
        if not path.exists():
            continue
        for line in path.read_bytes().splitlines():
            try:
                entry = orjson.loads(line)
            except orjson.JSONDecodeError:
                break  # the line being written when the process ended
            revision = entry["revision"]
            if "o" in entry:
                record = record_of(entry["o"], revision, entry.get("v", ""))
                yield entry["c"], record, record.key, revision
            else:
                yield entry.get("c", ""), None, entry.get("k", ""), revision
