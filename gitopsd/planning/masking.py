"""Leaving fields as they are: reported and ignored drift in an object that is applied anyway.

Server-side apply removes an owned field that is left out, so a field of ours that must stay as
somebody made it is sent with its live value; once another manager owns it, it is left out (design
§5; recorded exchange "apply-leaves-out-owned-required").
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gitopsd.diff.fields import field_of
from gitopsd.diff.manifest import port_key
from gitopsd.diff.ownership import Entry, applied, entries, holders
from gitopsd.diff.routes import RULES, composed, redirected
from gitopsd.model.desired import Manifest
from gitopsd.model.observed import ObservedObject
from gitopsd.model.paths import split
from gitopsd.model.verdict import Difference

#: The keys of a field, as texts: what the API server merges on its own (`diff.fields`).
Field = tuple[str, ...]


def masked(
    manifest: Manifest,
    live: ObservedObject,
    kept: Iterable[Difference],
    write: Iterable[Difference] = (),
) -> Manifest:
    """The manifest to send so that what `kept` tells stays as it is found, and `write` is done.

    A field that is kept in part and written in part is composed of both.
    """
    sent, found, owned = _Keyed(manifest), _Keyed(live.manifest), entries(live)
    written = {_field(difference) for difference in write}
    parts: dict[Field, list[Difference]] = {}
    for difference in kept:
        parts.setdefault(_field(difference), []).append(difference)
    for field, differences in parts.items():
        ours, name = sent.parent(field), field[-1]
        unasked = ours is not None and name not in ours
        added = unasked and all(d.wanted is None for d in differences)
        if ours is None or (added and not _ours_alone(owned, field)):
            continue  # an addition of somebody else: it is not in the manifest at all
        theirs = found.parent(field) or {}
        if field in written:
            below = [(split(item.path)[len(field) :], item.found) for item in differences]
            if field == RULES:
                ours[name] = composed(ours.get(name), theirs.get(name), (keys for keys, _ in below))
            else:
                ours[name] = _composed(ours.get(name), below)
        elif name in theirs and not _by_others(owned, field):
            ours[name] = theirs[name]
        else:
            ours.pop(name, None)
    return sent.manifest()


def carried(
    live: ObservedObject, kept: Iterable[Difference], write: Iterable[Difference]
) -> tuple[Difference, ...]:
    """What of that our own apply will hold as somebody left it, because it is sent along."""
    some, owned = tuple(write), entries(live)
    written = {_field(item) for item in some}
    left = [d for d in kept if _field(d) in written or not _by_others(owned, _field(d))]
    return (*left, *(item for item in some if item.kept is not None))


def with_zeros(manifest: Manifest, write: Iterable[Difference]) -> Manifest:
    """The manifest with the actions in which a 0 that somebody set by hand stays as it is.

    Routes that would lead to nothing else lead to such an action.
    """
    zeros = {split(item.path): item.wanted for item in write if item.kept is not None}
    if not zeros:
        return manifest
    metadata, spec = manifest["metadata"], manifest["spec"]
    backends = dict(_leaves(zeros))
    actions = {keys[-1]: value for keys, value in zeros.items() if keys[:2] != RULES}
    annotations = {**(metadata.get("annotations") or {}), **actions}
    return {
        **manifest,
        "metadata": {**metadata, "annotations": annotations} if annotations else metadata,
        "spec": {**spec, "rules": redirected(spec.get("rules"), backends)},
    }


def _leaves(values: Mapping[Field, Any]) -> Iterator[tuple[Field, Any]]:
    """Values by their keys, down to those that hold no others."""
    for keys, value in values.items():
        if isinstance(value, Mapping):
            yield from _leaves({(*keys, name): below for name, below in value.items()})
        else:
            yield keys, value


def _field(difference: Difference) -> Field:
    return tuple(map(str, field_of(split(difference.path))))


def _ours_alone(owned: Sequence[Entry], field: Field) -> bool:
    """Whether a field goes with our next apply that leaves it out."""
    held = holders(owned, field)
    return bool(held) and all(map(applied, held))


def _by_others(owned: Sequence[Entry], field: Field) -> bool:
    return any(not applied(holder) for holder in holders(owned, field))


class _Keyed:
    """A manifest whose maps may be changed, with its Service ports by `443/TCP`."""

    def __init__(self, manifest: Manifest) -> None:
        metadata, spec = manifest["metadata"], manifest.get("spec", {})
        self._rest = manifest
        self._labels = dict(metadata.get("labels") or {})
        self._annotations = dict(metadata.get("annotations") or {})
        self._spec = {name: value for name, value in spec.items() if name != "ports"}
        self._ports = {port_key(port): dict(port) for port in spec.get("ports") or []}

    def parent(self, field: Field) -> dict[str, Any] | None:
        """The map that holds a field; None when there is none."""
        if field[:2] == ("metadata", "labels"):
            return self._labels
        if field[:2] == ("metadata", "annotations"):
            return self._annotations
        if field[:2] == ("spec", "ports"):
            return self._ports if len(field) == 3 else self._ports.get(field[2])
        return self._spec

    def manifest(self) -> Manifest:
        """The manifest again; empty maps and lists are left out."""
        metadata = {**self._rest["metadata"]}
        for part, values in (("labels", self._labels), ("annotations", self._annotations)):
            metadata.pop(part, None)
            if values:
                metadata[part] = values
        spec: dict[str, Any] = dict(self._spec)
        if self._ports:
            spec["ports"] = list(self._ports.values())
        return {**self._rest, "metadata": metadata, "spec": spec}


def _composed(value: Any, kept: Iterable[tuple[Field, Any]]) -> Any:
    """What is wanted of a field, with some places below it as they were found.

    From the last place to the first, so that items that go do not move those still to come.
    """
    result = copy.deepcopy(value)
    for (*above, last), found in sorted(kept, key=lambda item: _order(item[0]), reverse=True):
        node = result
        for key in above:
            node = node[int(key)] if isinstance(node, list) else node[key]
        _put(node, last, found)
    return result


def _order(keys: Field) -> tuple[tuple[int, str], ...]:
    return tuple((int(key) if key.isdigit() else -1, key) for key in keys)


def _put(node: Any, key: str, found: Any) -> None:
    if isinstance(node, list):
        at = int(key)
        node[at : at + 1] = [] if found is None else [found]
    elif found is None:
        node.pop(key, None)
    else:
        node[key] = found
