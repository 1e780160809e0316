"""Contents that were read before, as bytes: what one process read, the next need not read again.

Only contents without a mistake are kept: their specs and positions are plain data. Whatever cannot
be understood (another version, a damaged file) is taken for nothing, and read anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import orjson
from pydantic import ValidationError

from gitopsd.model.identity import Identity
from gitopsd.spec.contents import Contents, Found, SpecCache
from gitopsd.spec.document import Path
from gitopsd.spec.forms import KINDS
from gitopsd.spec.places import FoldedPlaces

#: The paths of a document, counted in the order in which it has them.
_Form = dict[Path, int]


def dump(cache: SpecCache, reader: str) -> bytes:
    """The contents without mistakes. `reader` names the program that read them."""
    forms: dict[tuple[Path, ...], int] = {}
    kept = {
        blob_id: [contents.ignored, [_plain(found, forms) for found in contents.found]]
        for blob_id, contents in cache.items()
        if _clean(contents)
    }
    return orjson.dumps({"reader": reader, "forms": list(forms), "contents": kept})


def load(data: bytes, reader: str) -> SpecCache:
    """What `dump` wrote, if the same reader wrote it; else an empty cache."""
    cache = SpecCache()
    try:
        body = orjson.loads(data)
        if body["reader"] != reader:
            return cache
        forms = [_counted(form) for form in body["forms"]]
        for blob_id, (ignored, documents) in body["contents"].items():
            found = tuple(_found(document, forms) for document in documents)
            cache.put(blob_id, Contents(found, ignored=ignored))
    except (ValueError, TypeError, KeyError, IndexError, ValidationError):
        return SpecCache()
    return cache


def _clean(contents: Contents) -> bool:
    return (
        contents.complete
        and not contents.problems
        and all(found.spec is not None and not found.problems for found in contents.found)
    )


def _plain(found: Found, forms: dict[tuple[Path, ...], int]) -> list[Any]:
    """A document as plain values. Documents that look alike name the same one of `forms`."""
    (identity,) = found.identities
    spec = found.spec
    assert spec is not None  # noqa: S101 - `_clean` has seen to it
    value = spec.model_dump(mode="json", by_alias=True, exclude_unset=True)
    form = forms.setdefault(tuple(found.positions), len(forms))
    numbers = list(chain.from_iterable(found.positions.values()))
    return [identity.kind, identity.namespace, identity.name, value, found.place, form, numbers]


def _counted(form: list[list[str | int]]) -> _Form:
    return {tuple(path): number for number, path in enumerate(form)}


def _found(document: list[Any], forms: Sequence[_Form]) -> Found:
    kind, namespace, name, value, place, form, numbers = document
    if len(numbers) != 2 * len(forms[form]):
        raise ValueError
    spec = KINDS[kind].model_validate(value, by_alias=True, by_name=False)
    places = FoldedPlaces(forms[form], numbers)
    return Found((Identity(kind, namespace, name),), spec, tuple(place), places)
