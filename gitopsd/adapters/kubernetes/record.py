"""A target's record, kept in ConfigMaps.

The first is `gitopsd-<instance>-<target>`; when the entries do not fit into one, more follow as
`…-1`, `…-2`. All carry the labels managed-by, instance and target, and `gitopsd.io/record: "true"`.
Their data is JSON without blanks:

- `record.json`, in the first only: `{"approvals": [{"given": …, "hash": …, "used": …}…],
  "fleet": …, "planHash": …, "revision": …, "time": …, "trouble": …, "windows": {"change": …}}`;
- `history.json`, in the first only: the last passes, as `model.history.PassEntry.to_json`;
- `entries.json`, in each: `{"Service/shop/tea": digest, …}`, sorted;
- `fields.json`, where drift is left alone: `{"Service/shop/tea": memory of its fields, …}`, or a
  note of what was begun, for things whose entry stands in the same part.

People put their requests on the first as annotations under `gitopsd.io/` (design §6); those are
read and left as they are.

What is ours and what may be deleted never rests on the record (design §5), so a part that is
missing or cannot be read is taken for empty, and mended by the next write.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from gitopsd.adapters.kubernetes.connection import Connection
from gitopsd.adapters.kubernetes.reads import collect, get
from gitopsd.adapters.kubernetes.resources import CONFIG_MAPS
from gitopsd.adapters.kubernetes.writes import apply_manifest, delete
from gitopsd.model.approval import Approval
from gitopsd.model.desired import Manifest
from gitopsd.model.digest import canonical
from gitopsd.model.history import PassEntry
from gitopsd.model.identity import Identity
from gitopsd.model.observed import Record
from gitopsd.model.ownership import INSTANCE, MANAGED_BY, MANAGER, TARGET, Owner
from gitopsd.model.windows import Window
from gitopsd.ports import Missing, Overtaken

RECORD_LABEL = "gitopsd.io/record"
_HEAD = "record.json"
_ENTRIES = "entries.json"
_FIELDS = "fields.json"
_HISTORY = "history.json"
_REQUESTS = "gitopsd.io/"
#: A ConfigMap holds at most 1 MiB; the rest is room for labels, names and annotations.
_LIMIT = 900_000


@dataclass(frozen=True, slots=True)
class _Part:
    """One ConfigMap of a record."""

    name: str
    target: str
    data: dict[str, str]
    uid: str
    version: str
    annotations: dict[str, str]
    annotated: dict[str, str]


def record_name(owner: Owner) -> str:
    """The name of the record's first ConfigMap; requests to the operator are annotations on it."""
    return f"{MANAGER}-{owner.instance}-{owner.target}"


def read_record(
    connection: Connection, owner: Owner, namespace: str
) -> tuple[Record | None, frozenset[str]]:
    """The record as it stands, None when there is none, and the other targets recorded here.

    Raises the errors of `ports`.
    """
    every = _read_parts(connection, owner.instance, namespace)
    parts = {name: part for name, part in every.items() if part.target == owner.target}
    others = frozenset(part.target for part in every.values()) - {owner.target}
    head = parts.get(record_name(owner))
    if head is None:
        return None, others
    record = _decode(head.data, [part.data for part in parts.values()])
    return replace(record, annotations=head.annotations, annotated=head.annotated), others


def read_requests(connection: Connection, owner: Owner, namespace: str) -> dict[str, str] | None:
    """The requests on a record, without its content; None when there is no record."""

    def asked(item: dict[str, Any]) -> dict[str, str]:
        return _requests(item["metadata"].get("annotations") or {})

    name = record_name(owner)
    return get(connection, CONFIG_MAPS, asked, namespace, name, metadata_only=True)


def write_record(connection: Connection, owner: Owner, record: Record, namespace: str) -> None:
    """Write those ConfigMaps whose content differs, and remove parts that are not needed any more.

    The first one goes last: until it is written the old head stands, and its revision with it.
    Raises Missing when the namespace is not there, Overtaken when another's ConfigMap has the name.
    """
    every = _read_parts(connection, owner.instance, namespace)
    parts = {name: part for name, part in every.items() if part.target == owner.target}
    wanted = {
        record_name(owner) + (f"-{number}" if number else ""): data
        for number, data in enumerate(_encode(record, _LIMIT))
    }
    for name, data in reversed(wanted.items()):
        there = parts.get(name)
        if there is None or _lasting(there.data) != _lasting(data):
            manifest = _manifest(owner, namespace, name, data)
            _apply(connection, manifest, there.uid if there else None)
    for name in sorted(parts.keys() - wanted.keys()):
        part = parts[name]
        delete(connection, CONFIG_MAPS, namespace, name, uid=part.uid, version=part.version)


def _apply(connection: Connection, manifest: Manifest, uid: str | None) -> None:
    try:
        apply_manifest(connection, CONFIG_MAPS, manifest, uid=uid, version=None)
    except Overtaken as error:
        mend = "rename the instance or the target, or remove the ConfigMap if nobody needs it"
        raise Overtaken(error.about, error.detail, mend) from error
    except Missing as error:
        namespace = manifest["metadata"]["namespace"]
        mend = f"kubectl create namespace {namespace}"
        raise Missing(f"namespace {namespace} for the record", error.detail, mend) from error


def _read_parts(connection: Connection, instance: str, namespace: str) -> dict[str, _Part]:
    def part(item: dict[str, Any]) -> _Part:
        metadata = item["metadata"]
        return _Part(
            metadata["name"],
            metadata["labels"].get(TARGET, ""),
            item.get("data") or {},
            metadata["uid"],
            metadata["resourceVersion"],
            _requests(metadata.get("annotations") or {}),
            _times(metadata.get("managedFields") or ()),
        )

    selector = f"{MANAGED_BY}={MANAGER},{INSTANCE}={instance},{RECORD_LABEL}=true"
    found = collect(connection, CONFIG_MAPS, part, namespace=namespace, selector=selector)
    return {part.name: part for part in found}


def _requests(annotations: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in annotations.items() if key.startswith(_REQUESTS)}


def _times(managed: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """When each request was written, as far as managedFields tell.

    A manager has one time for all it holds, that of its last change. Where several hold a field
    they agree on its value, so the earliest of their times is the closest one.
    """
    times: dict[str, str] = {}
    for entry in managed:
        fields = entry.get("fieldsV1", {}).get("f:metadata", {}).get("f:annotations", {})
        for name in fields:
            key, time = name.removeprefix("f:"), entry.get("time", "")
            if key.startswith(_REQUESTS) and time:
                times[key] = min(times.get(key, time), time)
    return times


def _manifest(owner: Owner, namespace: str, name: str, data: dict[str, str]) -> Manifest:
    labels = {
        MANAGED_BY: MANAGER,
        INSTANCE: owner.instance,
        TARGET: owner.target,
        RECORD_LABEL: "true",
    }
    return {
        "apiVersion": CONFIG_MAPS.api_version,
        "kind": CONFIG_MAPS.kind,
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "data": data,
    }


def _encode(record: Record, limit: int) -> list[dict[str, str]]:
    """The data of each ConfigMap; the entries of one take at most `limit` bytes."""
    head: dict[str, Any] = {
        "approvals": [approval.to_json() for approval in record.approvals],
        "fleet": record.fleet,
        "planHash": record.plan_hash,
        "revision": record.revision,
        "time": record.time,
    }
    if record.trouble:
        head["trouble"] = record.trouble
    if record.windows:
        head["windows"] = {str(cause): window.to_json() for cause, window in record.windows.items()}
    chunks = [_texts(chunk, record) for chunk in _chunks(record, limit)]
    first = {_HEAD: canonical(head).decode()}
    if record.history:
        first[_HISTORY] = canonical([entry.to_json() for entry in record.history]).decode()
    return [first | chunks[0], *chunks[1:]]


def _texts(chunk: dict[str, str], record: Record) -> dict[str, str]:
    texts = {_ENTRIES: canonical(chunk).decode()}
    fields = {
        str(identity): text for identity, text in record.fields.items() if str(identity) in chunk
    }
    return texts | {_FIELDS: canonical(fields).decode()} if fields else texts


def _chunks(record: Record, limit: int) -> Iterator[dict[str, str]]:
    chunk: dict[str, str] = {}
    size = 0
    for identity in sorted(record.entries):
        key, digest = str(identity), record.entries[identity]
        cost = len(key) + len(digest) + len('"":"",')
        if identity in record.fields:
            cost += len(key) + len(record.fields[identity]) + len('"":"",')
        if chunk and size + cost > limit:
            yield chunk
            chunk, size = {}, 0
        chunk[key] = digest
        size += cost
    yield chunk


def _decode(head: dict[str, str], parts: list[dict[str, str]]) -> Record:
    told = _json(head.get(_HEAD, ""))
    approvals, nonsense = _approvals(told.get("approvals"))
    return Record(
        fleet=str(told.get("fleet", "")),
        revision=str(told.get("revision", "none")),
        plan_hash=str(told.get("planHash", "")),
        time=str(told.get("time", "")),
        entries=_identified(parts, _ENTRIES),
        approvals=approvals,
        fields=_identified(parts, _FIELDS),
        history=tuple(_passes(head.get(_HISTORY, ""))),
        trouble=str(told.get("trouble", "")),
        nonsense=nonsense,
        windows=dict(_windows(told.get("windows"))),
    )


def _approvals(told: Any) -> tuple[tuple[Approval, ...], int]:
    """The approvals that can be read, and how many cannot."""
    entries = told if isinstance(told, list) else [] if told is None else [told]
    found: list[Approval] = []
    for entry in entries:
        try:
            found.append(Approval.from_json(entry))
        except (KeyError, ValueError, TypeError, AttributeError):
            continue
    return tuple(found), len(entries) - len(found)


def _passes(text: str) -> Iterator[PassEntry]:
    """The history, without entries that make no sense."""
    entries = _list(text)
    for entry in entries:
        try:
            yield PassEntry.from_json(entry)
        except (KeyError, ValueError, TypeError, AttributeError):
            continue


def _windows(told: Any) -> Iterator[tuple[str, Window]]:
    """The windows that can be read, by their causes."""
    for cause, window in told.items() if isinstance(told, dict) else ():
        try:
            yield cause, Window.from_json(window)
        except (KeyError, TypeError, AttributeError):
            continue


def _identified(parts: list[dict[str, str]], name: str) -> dict[Identity, str]:
    """One of the maps that are spread over the parts."""
    found: dict[Identity, str] = {}
    for part in parts:
        for key, text in _json(part.get(name, "")).items():
            names = key.split("/")
            if len(names) == 3:
                found[Identity(*names)] = str(text)
    return found


def _lasting(data: dict[str, str]) -> list[Any]:
    """What counts as our content: all but the time, in whatever order and blanks it is written.

    Keys that others have put into the ConfigMap are theirs.
    """
    head = _json(data.get(_HEAD, ""))
    head.pop("time", None)
    entries, fields = _json(data.get(_ENTRIES, "")), _json(data.get(_FIELDS, ""))
    return [head, entries, fields, _list(data.get(_HISTORY, ""))]


def _json(text: str) -> dict[str, Any]:
    """A JSON object; whatever else somebody has put there counts as empty."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _list(text: str) -> list[Any]:
    """A JSON list; as `_json`."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return []
    return value if isinstance(value, list) else []
