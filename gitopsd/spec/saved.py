"""Contents that were read before, as bytes: what one process read, the next need not read again.

Only contents without a mistake are kept: their specs and positions are plain data. Whatever cannot
be understood (another version, a damaged file) is taken for nothing, and read anew.
"""

from __future__ import annotations

from typing import Any

import orjson
from pydantic import ValidationError

from gitopsd.model.identity import Identity
from gitopsd.spec.contents import Contents, Found, SpecCache
from gitopsd.spec.document import Path
from gitopsd.spec.forms import KINDS


def dump(cache: SpecCache, reader: str) -> bytes:
    """The contents without mistakes. `reader` names the program that read them."""
    kept = {
        blob_id: [contents.ignored, [_plain(found) for found in contents.found]]
        for blob_id, contents in cache.items()
        if _clean(contents)
    }
    return orjson.dumps({"reader": reader, "contents": kept})


def load(data: bytes, reader: str) -> SpecCache:
    """What `dump` wrote, if the same reader wrote it; else an empty cache."""
    cache = SpecCache()
    try:
        body = orjson.loads(data)
        if body["reader"] != reader:
            return cache
        paths: dict[Path, Path] = {}
        for blob_id, (ignored, documents) in body["contents"].items():
            found = tuple(_found(document, paths) for document in documents)
            cache.put(blob_id, Contents(found, ignored=ignored))
    except (ValueError, TypeError, KeyError, ValidationError):
        return SpecCache()
    return cache


def _clean(contents: Contents) -> bool:
    return (
        contents.complete
        and not contents.problems
        and all(found.spec is not None and not found.problems for found in contents.found)
    )


def _plain(found: Found) -> list[Any]:
    (identity,) = found.identities
    spec = found.spec
    assert spec is not None  # noqa: S101 - `_clean` has seen to it
    value = spec.model_dump(mode="json", by_alias=True, exclude_unset=True)
    positions = [[list(path), *place] for path, place in found.positions.items()]
    return [identity.kind, identity.namespace, identity.name, value, found.place, positions]


def _found(document: list[Any], paths: dict[Path, Path]) -> Found:
    kind, namespace, name, value, place, positions = document
    places = {}
    for keys, line, column in positions:
        path = tuple(keys)
        places[paths.setdefault(path, path)] = (line, column)
    spec = KINDS[kind].model_validate(value, by_alias=True, by_name=False)
    return Found((Identity(kind, namespace, name),), spec, tuple(place), places)
