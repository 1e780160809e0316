"""Reading objects: paged lists, metadata only or whole, and single objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from gitopsd.adapters.kubernetes.connection import Connection
from gitopsd.adapters.kubernetes.errors import ListExpired, NoSuchObject
from gitopsd.adapters.kubernetes.request import JSON, METADATA, METADATA_LIST, Request
from gitopsd.adapters.kubernetes.resources import NAMESPACES, Resource

T = TypeVar("T")
#: Objects per page: what kubectl asks for, and small enough to hold decoded.
PAGE = 500
#: How often a list whose continue token expired is begun again.
_RESTARTS = 3


def collect(
    connection: Connection,
    resource: Resource,
    convert: Callable[[dict[str, Any]], T],
    *,
    namespace: str | None = None,
    selector: str = "",
    fields: str = "",
    metadata_only: bool = False,
) -> list[T]:
    """All objects of a list, page by page; only one page is held undecoded at a time.

    The pages are one consistent snapshot. When it has become too old to go on (410), the list
    starts anew. Without a `namespace` those of `connection` are listed one after another, if it is
    confined to some. Raises the errors of `ports`.
    """
    if namespace is None and resource is not NAMESPACES and connection.namespaces:
        return [
            item
            for one in connection.namespaces
            for item in collect(
                connection, resource, convert,
                namespace=one, selector=selector, fields=fields, metadata_only=metadata_only,
            )
        ]  # fmt: skip
    place = f"namespace {namespace}" if namespace else "all namespaces"
    base = Request(
        "GET",
        resource.collection(namespace),
        f"the list of {resource.plural} in {place}",
        "list",
        resource.plural,
        accept=METADATA_LIST if metadata_only else JSON,
    )
    chosen = (("labelSelector", selector), ("fieldSelector", fields))
    query = tuple((name, value) for name, value in chosen if value)
    for _ in range(_RESTARTS):
        try:
            return _pages(connection, base, query, convert)
        except ListExpired:
            continue
    return _pages(connection, base, query, convert)


def _pages(
    connection: Connection,
    base: Request,
    query: tuple[tuple[str, str], ...],
    convert: Callable[[dict[str, Any]], T],
) -> list[T]:
    def page(body: dict[str, Any]) -> tuple[list[T], str]:
        items = [convert(item) for item in body["items"] or ()]
        return items, str(body["metadata"].get("continue") or "")

    found: list[T] = []
    token = ""
    while True:
        more = (("continue", token),) if token else ()
        request = Request(
            base.method,
            base.path,
            base.about,
            base.verb,
            base.resource,
            query=(*query, ("limit", str(PAGE)), *more),
            accept=base.accept,
        )
        items, token = connection.fetch(request, page)
        found += items
        if not token:
            return found


def get(
    connection: Connection,
    resource: Resource,
    convert: Callable[[dict[str, Any]], T],
    namespace: str | None,
    name: str,
    *,
    metadata_only: bool = False,
) -> T | None:
    """One object, None when it does not exist. Raises the errors of `ports`."""
    place = f"{namespace}/{name}" if namespace else name
    request = Request(
        "GET",
        resource.item(namespace, name),
        f"{resource.kind} {place}",
        "get",
        resource.plural,
        accept=METADATA if metadata_only else JSON,
    )
    try:
        return connection.fetch(request, convert)
    except NoSuchObject:
        return None
