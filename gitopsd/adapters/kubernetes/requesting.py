"""Requests on a target's record: annotations, written one by one under the caller's own rights."""

from __future__ import annotations

from typing import Any, NamedTuple

from gitopsd.adapters.kubernetes.connection import Connection
from gitopsd.adapters.kubernetes.reads import get
from gitopsd.adapters.kubernetes.request import MERGE, Request
from gitopsd.adapters.kubernetes.resources import CONFIG_MAPS
from gitopsd.ports import Missing, Overtaken

#: A manager of its own, so that managedFields tell when a request was written and not when a pass
#: last wrote.
_MANAGER = "gitopsd-request"
#: Attempts at a record that passes write to at the same time.
_ATTEMPTS = 5


class _Found(NamedTuple):
    uid: str
    version: str
    annotations: dict[str, str]


def write_request(
    connection: Connection,
    record: tuple[str, str],
    key: str,
    *,
    before: str | None,
    after: str | None,
) -> None:
    """Set the annotation `key` of a record (namespace and name) from `before` to `after`.

    The patch names uid and resourceVersion, so that nobody's newer request is lost; a record that
    has moved otherwise is read again. Raises Overtaken, Missing and the other errors of `ports`.
    """
    for attempt in range(_ATTEMPTS):
        found = _read(connection, record)
        stands = found.annotations.get(key)
        if stands == after:
            return
        if stands != before:
            detail = f"{key} says {stands!r} now"
            raise Overtaken(f"ConfigMap {'/'.join(record)}", detail, "look again, then repeat it")
        try:
            _write(connection, record, found, {key: after})
        except Overtaken:
            if attempt + 1 == _ATTEMPTS:
                raise
        else:
            return


def _read(connection: Connection, record: tuple[str, str]) -> _Found:
    def found(item: dict[str, Any]) -> _Found:
        metadata = item["metadata"]
        annotations = metadata.get("annotations") or {}
        return _Found(metadata["uid"], metadata["resourceVersion"], annotations)

    told = get(connection, CONFIG_MAPS, found, *record, metadata_only=True)
    if told is None:
        raise Missing(
            f"ConfigMap {'/'.join(record)}",
            "the target has no record yet, so there is nothing to put a request on",
            "apply once",
        )
    return told


def _write(
    connection: Connection,
    record: tuple[str, str],
    found: _Found,
    annotations: dict[str, str | None],
) -> None:
    about = f"{CONFIG_MAPS.kind} {'/'.join(record)}"
    metadata = {
        "uid": found.uid,
        "resourceVersion": found.version,
        "annotations": annotations,
    }
    request = Request(
        "PATCH",
        CONFIG_MAPS.item(*record),
        about,
        "patch",
        CONFIG_MAPS.plural,
        query=(("fieldManager", _MANAGER), ("fieldValidation", "Strict")),
        body={"metadata": metadata},
        content_type=MERGE,
    )
    connection.send(request)
