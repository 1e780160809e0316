"""Lists: selection, pages of one consistent state, and the bytes they are written as."""

from __future__ import annotations

import base64
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from gitopsd.sandbox.kubernetes import errors
from gitopsd.sandbox.kubernetes.decoding import Decoder
from gitopsd.sandbox.kubernetes.gotext import json_kind
from gitopsd.sandbox.kubernetes.negotiation import Wanted
from gitopsd.sandbox.kubernetes.parsing import parse_json
from gitopsd.sandbox.kubernetes.resources import Resource
from gitopsd.sandbox.kubernetes.scalars import DecodeError
from gitopsd.sandbox.kubernetes.schema import INT64, STRING, struct
from gitopsd.sandbox.kubernetes.selectors import (
    Selection,
    SelectorError,
    parse_fields,
    parse_labels,
)
from gitopsd.sandbox.kubernetes.store import HistoryGoneError, Record, Store

_FORMAT: Final = "meta.k8s.io/v1"
_BASE64: Final = frozenset(string.ascii_letters + string.digits + "-_")
_EXPIRED: Final = (
    "The provided continue parameter is too old to display a consistent list result. You can start "
    "a new list without the continue parameter, or use the continue token in this response to "
    "retrieve the remainder of the results. Continuing with the provided token results in an "
    "inconsistent list - objects that were created, modified, or deleted between the time the first"
    " chunk was returned and now may show up in the list."
)


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What is listed: a namespace ("" for all), a selection, a page size and where it goes on."""

    namespace: str = ""
    selection: Selection = field(default_factory=Selection)
    limit: int = 0
    token: str = ""
    resource_version: str = ""
    match: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A list or a page of one: its records and the members of the list's metadata."""

    records: list[Record]
    metadata: dict[str, Any]


def check_syntax(labels: str, fields: str) -> None:
    """Refuse selectors that cannot be read, whatever they select by.

    Raises:
        errors.ApiError: 400 in the server's words.
    """
    try:
        parse_labels(labels)
        parse_fields(fields, None)
    except SelectorError as error:
        raise errors.bad_request(str(error)) from error


def parse_selection(resource: Resource, labels: str, fields: str) -> Selection:
    """The selection two selector texts describe.

    Raises:
        errors.ApiError: 400 in the server's words.
    """
    if not labels and not fields:
        return Selection()
    known = {"metadata.name": None, "metadata.namespace": None, **resource.selectable}
    if not resource.namespaced:
        del known["metadata.namespace"]
    try:
        requirements = parse_labels(labels)
    except SelectorError as error:
        raise errors.bad_request(str(error)) from error
    try:
        terms = parse_fields(
            fields, known, lists_known=not (resource.untyped or resource.selectable)
        )
    except SelectorError as error:
        raise errors.bad_request(str(error)) from error
    read = Record.item if resource.is_alias else resource.seen
    return Selection(requirements, terms, resource.selectable, read)


def list_page(store: Store, resource: Resource, query: ListQuery) -> Page:
    """The records a list answers with.

    Raises:
        errors.ApiError: 400 for a bad token or version, 410 for a state that is forgotten.
    """
    revision, start, first = store.revision, "", True
    if query.token:
        at, start = _decoded(query.token)
        if query.resource_version not in ("", "0"):
            why = "specifying resource version is not allowed when using continue"
            raise errors.bad_request(why)
        first = False
        revision = at if at > 0 else store.revision
    elif query.resource_version not in ("", "0") and (
        query.match == "Exact" or (query.limit and not query.match)
    ):
        revision = _exact(store, query.resource_version)
    else:
        check_not_ahead(store, query.resource_version, waits=not query.limit)
    prefix = query.namespace + "/" if query.namespace else ""
    try:
        records = store.records(
            resource.collection,
            namespace=query.namespace,
            start=prefix + start if start else "",
            at=revision,
        )
    except HistoryGoneError as error:
        token = _encoded(-1, start, first=False) if query.token else ""
        message = (
            _EXPIRED if query.token else "The resourceVersion for the provided list is too old."
        )
        raise errors.expired(message, token) from error
    return _paged(records, query, revision, prefix, first=first)


def _paged(
    records: list[Record], query: ListQuery, revision: int, prefix: str, *, first: bool
) -> Page:
    metadata: dict[str, Any] = {"resourceVersion": str(revision)}
    everything = query.selection.everything
    if not query.limit:
        if not everything:
            records = [record for record in records if query.selection.matches(record)]
        return Page(records, metadata)
    found: list[Record] = []
    for index, record in enumerate(records):
        if everything or query.selection.matches(record):
            found.append(record)
        if len(found) == query.limit:
            left = len(records) - index - 1
            if left:
                following = record.key.removeprefix(prefix) + "\0"
                metadata["continue"] = _encoded(revision, following, first=first)
                if everything:
                    metadata["remainingItemCount"] = left
            break
    return Page(found, metadata)


def _encoded(revision: int, start: str, *, first: bool) -> str:
    """A continue token; from the second page on the start has a leading slash, as on the server."""
    body = {"v": _FORMAT, "rv": revision, "start": start if first else "/" + start}
    return base64.urlsafe_b64encode(orjson.dumps(body)).rstrip(b"=").decode()


def _decoded(token: str) -> tuple[int, str]:
    bad = next((at for at, char in enumerate(token) if char not in _BASE64), None)
    if bad is None and len(token) % 4 == 1:
        bad = len(token) - 1
    if bad is not None:
        why = f"continue key is not valid: illegal base64 data at input byte {bad}"
        raise errors.bad_request(f"invalid continue token: {why}")
    try:
        return _read_token(parse_json(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))))
    except (DecodeError, ValueError) as error:  # also what is no base64
        why = f"invalid continue token: continue key is not valid: {error}"
        raise errors.bad_request(why) from error


_TOKEN: Final = struct("continueToken", {"v": STRING, "rv": INT64, "start": STRING})


def _read_token(body: Any) -> tuple[int, str]:
    """The revision and the start that a token says.

    Raises:
        DecodeError: one of them is of another type.
        ValueError: something is missing.
    """
    if not isinstance(body, dict | None):
        into = "Go value of type storage.continueToken"
        raise ValueError(f"json: cannot unmarshal {json_kind(body)} into {into}")
    told = Decoder().read(_TOKEN, body or {})
    version = told.get("v", "")
    if version != _FORMAT:
        raise ValueError(f"server does not recognize this encoded version {version}")
    if not told.get("rv"):
        raise ValueError(f"incorrect encoded start resourceVersion (version {version})")
    if not told.get("start"):
        raise ValueError(f"encoded start key empty (version {version})")
    return told["rv"], told["start"].removeprefix("/")


def parse_revision(text: str) -> int:
    """A resourceVersion as a number; "" is 0.

    Raises:
        errors.ApiError: 400.
    """
    try:
        return _revision(text)
    except ValueError as error:
        raise errors.bad_request(f"invalid resource version: {error}") from error


def watched_revision(text: str) -> int:
    """The same for a watch, where the server takes what is no number for a failure of its own.

    Raises:
        errors.ApiError: 500.
    """
    try:
        return _revision(text)
    except ValueError as error:
        raise errors.ApiError(500, "", str(error)) from error


def _revision(text: str) -> int:
    if text and not text.isdecimal():
        why = f'Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid syntax'
        raise ValueError(f"resourceVersion: {why}")
    return int(text or 0)


def _exact(store: Store, text: str) -> int:
    check_not_ahead(store, text)
    return parse_revision(text)


def check_not_ahead(store: Store, text: str, *, waits: bool = True) -> None:
    """Refuse a resourceVersion that was not given out yet; who `waits` for it may come back.

    Raises:
        errors.ApiError: 504, or 400 for what is no number.
    """
    asked = parse_revision(text)
    if asked > store.revision:
        cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
        raise errors.ApiError(
            504,
            "Timeout",
            f"Timeout: Too large resource version: {asked}, current: {store.revision}",
            {"causes": [cause], "retryAfterSeconds": int(waits)},
            headers={"Retry-After": "1"} if waits else {},
        )


def item_bytes(resource: Resource, record: Record, *, identified: bool = True) -> bytes:
    """A record as JSON in the version of the resource, with kind and apiVersion or without."""
    tail = record.tail
    if resource.from_storage is not None:
        item = resource.seen(record)
        own = {name: value for name, value in item.items() if name not in ("kind", "apiVersion")}
        tail = orjson.dumps(own)[1:]
    return (identity_bytes(resource) if identified else b"{") + tail


def identity_bytes(resource: Resource) -> bytes:
    """The opening of an object's JSON: its kind and apiVersion."""
    names = ("apiVersion", "kind") if resource.untyped else ("kind", "apiVersion")
    values = {"kind": resource.kind, "apiVersion": resource.api_version}
    return orjson.dumps({name: values[name] for name in names})[:-1] + b","


def metadata_bytes(record: Record, version: str = "v1") -> bytes:
    """The PartialObjectMetadata of a record as JSON, in a version of meta.k8s.io."""
    head = f'{{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/{version}","metadata":'
    return head.encode() + orjson.dumps(record.item()["metadata"]) + b"}"


def list_bytes(head: Mapping[str, Any], items: Iterator[bytes]) -> Iterator[bytes]:
    """A list's JSON in pieces: its head, then the items, then the end."""
    yield orjson.dumps(head)[:-1] + b',"items":['
    separator = b""
    for item in items:
        yield separator + item
        separator = b","
    yield b"]}"


def page_bytes(resource: Resource, page: Page, wanted: Wanted) -> Iterator[bytes]:
    """A page's JSON in pieces, as whole objects or as their metadata."""
    if wanted.form == "metadata":
        version = f"meta.k8s.io/{wanted.version}"
        head = {"kind": "PartialObjectMetadataList", "apiVersion": version}
        if not page.records:
            return iter((orjson.dumps({**head, "metadata": page.metadata, "items": None}),))
        items = (metadata_bytes(record, wanted.version) for record in page.records)
        return list_bytes({**head, "metadata": page.metadata}, items)
    head = {"kind": resource.list_name, "apiVersion": resource.api_version}
    items = (item_bytes(resource, record, identified=resource.untyped) for record in page.records)
    # Lists of custom resources name their continuation even where there is none.
    metadata = {"continue": "", **page.metadata} if resource.untyped else page.metadata
    return list_bytes({**head, "metadata": metadata}, items)
