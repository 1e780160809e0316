"""The forms of the three kinds, by reflection: which fields stand where, and what they allow."""

from __future__ import annotations

import datetime
import difflib
import re
import types
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

import annotated_types
from pydantic.fields import FieldInfo

from gitopsd.model.identity import EXPOSURE, FLEET, SERVER_GROUP
from gitopsd.spec.document import Path
from gitopsd.spec.model import ExposureSpec, FleetSpec, ServerGroupSpec
from gitopsd.spec.part import Part
from gitopsd.spec.wording import brief

GROUP = "gitopsd.io"
#: The versions that this gitopsd reads.
VERSIONS = ("gitopsd.io/v1alpha1",)
#: The form of each kind's `spec`.
KINDS: dict[str, type[FleetSpec] | type[ExposureSpec] | type[ServerGroupSpec]] = {
    FLEET: FleetSpec,
    EXPOSURE: ExposureSpec,
    SERVER_GROUP: ServerGroupSpec,
}
#: Names that will get a meaning later (design §2), below `spec` of an Exposure; `*` is any entry.
RESERVED: frozenset[tuple[str, ...]] = frozenset(
    {
        ("loadBalancer", "id"),
        ("loadBalancer", "zones"),
        ("ports", "*", "serverGroup"),
        ("annotations",),
        ("perTarget",),
    }
)
#: Names of documents, and of Kubernetes namespaces.
DNS_1035 = re.compile(r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?")
DNS_1123 = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?")
_CUTOFF = 0.6


def dotted(path: Path) -> str:
    """A path as people write it: `spec.ports[0].port`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{brief(part)}" if text else brief(part)
    return text


def is_reserved(kind: str, path: Path) -> bool:
    """Whether this path below `spec` is a name that is kept for later."""
    pattern = tuple("*" if isinstance(part, int) else part for part in path)
    return kind == EXPOSURE and pattern in RESERVED


def closest(word: str, known: Iterable[str]) -> str | None:
    """The name that was probably meant, or None; case, hyphens and underscores come first."""
    names = {_plain(name): name for name in known}
    if (exact := names.get(_plain(word))) is not None:
        return exact
    near = difflib.get_close_matches(_plain(word)[:100], names, n=1, cutoff=_CUTOFF)
    return names[near[0]] if near else None


def fields_at(form: type[Part], path: Path) -> tuple[str, ...]:
    """The names that a mapping at `path` below `form` may hold; none where any name may stand."""
    names: dict[str, None] = {}
    for annotation in _annotations_at(form, path):
        if isinstance(annotation, type) and issubclass(annotation, Part):
            names |= dict.fromkeys(by_name(annotation))
    return tuple(names)


def range_at(form: type[Part], path: Path) -> tuple[int | None, int | None]:
    """The least and the greatest number that `path` allows."""
    least = greatest = None
    for mark in _marks_at(form, path):
        if isinstance(mark, annotated_types.Ge) and isinstance(mark.ge, int):
            least = mark.ge
        elif isinstance(mark, annotated_types.Le) and isinstance(mark.le, int):
            greatest = mark.le
    return least, greatest


def takes_date(form: type[Part], path: Path) -> bool:
    """Whether a day is what may stand at `path` below `form`."""
    return datetime.date in _annotations_at(form, path)


@cache
def homes(form: type[Part]) -> dict[str, str]:
    """Where each field name stands in `form`, for names that stand in one place only."""
    found: dict[str, list[str]] = {}
    for owner, name in _walk(form, "spec"):
        found.setdefault(name, []).append(owner)
    return {name: owners[0] for name, owners in found.items() if len(owners) == 1}


def _walk(form: type[Part], where: str) -> Iterator[tuple[str, str]]:
    for name, info in by_name(form).items():
        yield where, name
        for annotation in alternatives(info.annotation):
            entry = get_origin(annotation) is list
            for inner in alternatives(get_args(annotation)[0]) if entry else [annotation]:
                if isinstance(inner, type) and issubclass(inner, Part):
                    yield from _walk(inner, f"{where}.{name}" + ("[]" if entry else ""))


def _plain(word: str) -> str:
    return word.replace("-", "").replace("_", "").lower()


@cache
def by_name(form: type[Part]) -> dict[str, FieldInfo]:
    """The fields of a form by the name that users write."""
    return {info.alias or name: info for name, info in form.model_fields.items()}


def _annotations_at(form: type[Part], path: Path) -> list[Any]:
    """What may stand at `path`: unions flattened, Annotated opened."""
    here: list[Any] = [form]
    for part in path:
        here = [inner for outer in here for inner in _step(outer, part)]
    return here


def _step(annotation: Any, part: str | int) -> list[Any]:
    origin = get_origin(annotation)
    if origin is list and isinstance(part, int):
        return alternatives(get_args(annotation)[0])
    if origin is dict and isinstance(part, str):
        return alternatives(get_args(annotation)[1])
    if isinstance(annotation, type) and issubclass(annotation, Part):
        info = by_name(annotation).get(str(part))
        return alternatives(info.annotation) if info else []
    return []


def _marks_at(form: type[Part], path: Path) -> Iterator[Any]:
    """The constraints on a field: on the field itself and on the members of its union."""
    if not path:
        return
    for outer in _annotations_at(form, path[:-1]):
        if isinstance(outer, type) and issubclass(outer, Part):
            info = by_name(outer).get(str(path[-1]))
            if info is not None:
                yield from info.metadata
                yield from _union_marks(info.annotation)


def _union_marks(annotation: Any) -> Iterator[Any]:
    for member in get_args(annotation):
        if get_origin(member) is Annotated:
            for mark in member.__metadata__:
                yield from mark.metadata if isinstance(mark, FieldInfo) else [mark]


def alternatives(annotation: Any) -> list[Any]:
    """The types that may stand in a place: unions flattened, Annotated opened."""
    if get_origin(annotation) is Annotated:
        return alternatives(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return [inner for member in get_args(annotation) for inner in alternatives(member)]
    return [annotation]
