"""What we last applied, field by field, in few bytes: the memory behind "who moved first".

Where drift is left alone, a commit must be told from an edit for each field (design §5, "Modes"),
and neither the live object nor managedFields still knows what Git used to say. So the target's
record keeps, for Ingresses and for Services whose drift is left, four bytes of every field's path
and four of its value (docs/adr/0011). Nothing about owning or deleting rests on them.

A field is what the API server merges on its own: a label, an annotation, a member of a Service
port, a port as a whole, and otherwise a member of the spec. The rules of an Ingress are one field,
in which a commit may add a route while somebody has edited another: they are remembered by their
parts, what each route sends to and which stands before which (`diff.routes`). Beside an action
stands the weight of each of its destinations, and so it does beside the route that it decides for:
Git may call it otherwise than what is found there (`diff.zeros`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from gitopsd.diff.actions import is_action, weights_in
from gitopsd.diff.leading import led_in
from gitopsd.diff.manifest import wanted_view
from gitopsd.diff.routes import ORDER, RULES, backends_in, by_route, order_of
from gitopsd.model.desired import Manifest
from gitopsd.model.digest import canonical
from gitopsd.model.ownership import DIGEST

Keys = tuple[str | int, ...]
K = TypeVar("K")

#: Says how the bytes were made; a memory of another form counts as none.
_FORM = "5:"
#: Ends them, where who made what is remembered behind (`diff.authors`).
AUTHORS = "|"
_BYTES = 4
_ORDER = (*RULES, ORDER)


def field_of(keys: tuple[K, ...]) -> tuple[K, ...]:
    """The field that the path `keys` lies in, by its keys in a view (`diff.manifest`)."""
    if keys[0] == "metadata":
        return keys[:3]
    return keys[:4] if keys[:2] == ("spec", "ports") else keys[:2]


def _parts(keys: Keys, *sides: Mapping[str, Any]) -> set[Keys]:
    """What is remembered by itself of what `keys` leads to: its field, or the backends below it."""
    if keys[:2] != RULES:
        return {field_of(keys)}
    every = (part for side in sides for part, _ in backends_in(side["spec"].get(RULES[1], {})))
    return {part for part in every if part[: len(keys)] == keys[: len(part)]}


@dataclass(frozen=True, slots=True)
class Moved:
    """Who has moved a field since it was last applied: Git, reality, or both."""

    git: bool
    reality: bool


@dataclass(frozen=True, slots=True)
class AppliedFields:
    """The fields of one object as they were last applied: digests of paths, and of values."""

    values: Mapping[bytes, bytes]

    def moved(self, keys: Keys, wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Moved:
        """Who has moved what `keys` leads to, or the field around it.

        Both sides are views of the object, with their rules, if any, by route.
        """
        if keys == _ORDER:
            return Moved(self._reordered(wanted), self._reordered(found))
        parts = [(self.values_of(part), part) for part in _parts(keys, wanted, found)]
        by_git, by_others = (
            any(before != _value(side, part) for before, part in parts) for side in (wanted, found)
        )
        return Moved(by_git, by_others)

    def _reordered(self, view: Mapping[str, Any]) -> bool:
        """Whether routes that are remembered stand in another order in a view."""
        numbers = {_digest(number): number for number in range(len(self.values))}
        known = (self.values_of((*_ORDER, name)) for name in order_of(view["spec"][RULES[1]]))
        there = [numbers[number] for number in known if number in numbers]
        return there != sorted(there)

    def values_of(self, keys: Keys) -> bytes | None:
        """The digest of the value that the field `keys` had; None where it had none."""
        return self.values.get(_digest(list(keys)))

    def differs(self, before: bytes | None, value: Any) -> bool:
        """Whether a value is another than the one whose digest is `before`; None is no value."""
        return before != (None if value is None else _digest(value))

    def agrees(self, manifest: Manifest, told: Callable[[Any], bool]) -> bool:
        """Whether it has the fields of what was applied, with the same values.

        As far as `told`, which is asked for the keys of each field with its value.
        """
        pairs = list(_fields_of(manifest))
        return len(pairs) == len(self.values) and all(
            self.values.get(_digest(list(keys))) == _digest(value)
            for keys, value in pairs
            if told([*keys, value])
        )


def remember(manifest: Manifest) -> str:
    """The memory of what `manifest` sets, for the record; ids in it are resolved."""
    return packed(_fields_of(manifest))


def packed(fields: Iterable[tuple[Keys, Any]]) -> str:
    """Fields and their values, as they are remembered."""
    pairs = sorted(_digest(list(keys)) + _digest(value) for keys, value in fields)
    return _FORM + base64.urlsafe_b64encode(b"".join(pairs)).decode().rstrip("=")


def recall(text: str | None) -> AppliedFields | None:
    """What `remember` wrote; None for nothing, for another form, and for what somebody spoilt."""
    data = _data(text)
    if data is None:
        return None
    pairs = [data[at : at + 2 * _BYTES] for at in range(0, len(data), 2 * _BYTES)]
    return AppliedFields({pair[:_BYTES]: pair[_BYTES:] for pair in pairs})


def legible(text: str | None) -> bool:
    """Whether `recall` could read it."""
    return _data(text) is not None


def _data(text: str | None) -> bytes | None:
    if text is None or not text.startswith(_FORM):
        return None
    body = text.removeprefix(_FORM).partition(AUTHORS)[0]
    try:
        return base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    except (ValueError, binascii.Error):
        return None


def _fields_of(manifest: Manifest) -> Iterator[tuple[Keys, Any]]:
    whole = wanted_view(manifest)
    view, _ = by_route(whole, whole)
    return _fields(view)


def _fields(view: Mapping[str, Any]) -> Iterator[tuple[Keys, Any]]:
    for part in ("labels", "annotations"):
        for key, value in view["metadata"][part].items():
            if key != DIGEST:  # says when all others moved
                yield ("metadata", part, key), value
            if is_action(key):
                weights = weights_in(value) or {}
                yield from ((("metadata", part, key, name), to) for name, to in weights.items())
    for name, value in view["spec"].items():
        if name == "ports":
            yield from _below(("spec", name), value, 2)
        elif ("spec", name) == RULES:
            yield from backends_in(value)
            yield from _shares(view)
            yield from (((*_ORDER, one), number) for number, one in enumerate(order_of(value)))
        else:
            yield ("spec", name), value


def _shares(view: Mapping[str, Any]) -> Iterator[tuple[Keys, Any]]:
    """What each route of an Ingress gives by its action, whatever that is called."""
    for route, led in led_in(view).items():
        if led.action is not None:
            yield from (((*route, name), share) for name, share in led.shares.items())


def _below(keys: Keys, value: Any, depth: int) -> Iterator[tuple[Keys, Any]]:
    """Everything in a mapping of mappings, down to a depth."""
    if depth and isinstance(value, Mapping):
        for key, inner in value.items():
            yield (*keys, key), inner
            yield from _below((*keys, key), inner, depth - 1)


def _value(view: Mapping[str, Any], field: Keys) -> bytes | None:
    node: Any = view
    for key in field:
        if not isinstance(node, Mapping) or key not in node:
            return None
        node = node[key]
    return _digest(node)


def _digest(value: Any) -> bytes:
    return hashlib.sha256(canonical(value)).digest()[:_BYTES]
