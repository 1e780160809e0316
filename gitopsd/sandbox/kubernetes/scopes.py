"""Where a write is told about who manages which fields, and how each version sees it.

A resource may have versions whose types differ. Who manages fields in another version is told by
that version's type; an object that has what a version does not know cannot be told in it at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gitopsd.sandbox.kubernetes.fieldsets import LEAF, Node, children, is_member, without_below
from gitopsd.sandbox.kubernetes.managed import Managed, Manager
from gitopsd.sandbox.kubernetes.merging import Comparison, compare
from gitopsd.sandbox.kubernetes.resources import Sibling
from gitopsd.sandbox.kubernetes.schema import Type
from gitopsd.sandbox.kubernetes.structure import StructureError, check

Object = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scope:
    """Where ownership is kept: the type, its version, the subresource and what is never owned.

    `ignored` are fields that a write through this endpoint cannot change. `now` is the time of the
    operation as the API writes it. `zero` is the object before creation. `siblings` are the
    versions of a resource that has them; without them every entry is read by `type`.
    """

    type: Type
    api_version: str
    subresource: str
    ignored: Node
    zero: Object
    now: str
    whole: Type | None = None
    siblings: Mapping[str, Sibling] = field(default_factory=dict)

    def type_of(self, version: str) -> Type:
        """The type of a version."""
        return self.siblings[version].type if version in self.siblings else self.type

    def check_typed(self, item: Object, what: str) -> None:
        """Refuse an object that does not fit its own version, as one of an earlier type may not.

        Raises:
            StructureError: saying `what` it is and what does not fit.
        """
        if not self.siblings:
            return
        try:
            check(self.type, item, doubles=True)
        except StructureError as error:
            raise StructureError(what.format(self.about(item)) + str(error)) from error

    def about(self, item: Object) -> str:
        """How refusals name an object."""
        metadata = item.get("metadata") or {}
        told = (metadata.get(one) for one in ("name", "namespace"))
        name, namespace = (one if isinstance(one, str) else "" for one in told)
        group, _, version = self.api_version.rpartition("/")
        return f"{namespace}/{name}; {group}/{version}, Kind={item.get('kind', '')}"

    def told(self, live: Object, managed: Managed) -> Managed:
        """The entries by today's types, which may have become others since they were written.

        Raises:
            StructureError: one of the versions in which fields are managed cannot tell the object.
        """
        if not self.siblings:
            return managed
        for version in self._others(managed):
            self._check_as(version, live)
        return {
            key: replace(entry, fields=_owned_as(self.type_of(entry.version), entry.fields))
            for key, entry in managed.items()
        }

    def changes(
        self, live: Object, new: Object, managed: Managed, key: Manager
    ) -> dict[str, Comparison]:
        """What a write by `key` changes, by the version that it is told in: its own and others'.

        Raises:
            StructureError: one of them cannot tell the objects.
        """
        own = _changed(self.type, self.ignored, live, new)
        if not self.siblings:
            versions = {entry.version for entry in managed.values()}
            return {**dict.fromkeys(versions, own), self.api_version: own}
        changes = {self.api_version: own}
        for version in self._others(managed, key):
            self._check_as(version, live, "failed to convert old object: ")
            self._check_as(version, new, "failed to convert new object: ")
            sibling = self.siblings[version]
            ignored = sibling.ignored.get(self.subresource, {})
            changes[version] = _changed(sibling.type, ignored, live, new)
        return changes

    def check_last(self, merged: Object, managed: Managed, key: Manager) -> None:
        """Refuse to drop what `key` applied in a version that cannot tell what there is now.

        Raises:
            StructureError: as above.
        """
        if not self.siblings:
            return
        last, failed = managed[key].version, "failed to prune fields: "
        if last != self.api_version:
            why = "failed to convert merged object to last applied version: "
            self._check_as(last, merged, failed + why)
        for version in self._others(managed, key):
            why = f"failed to convert merged object at version {version}: "
            self._check_as(version, merged, f"{failed}failed add back owned items: {why}")

    def _others(self, managed: Managed, key: Manager | None = None) -> Iterator[str]:
        """Other versions in which others than `key` manage fields."""
        told = {entry.version for other, entry in managed.items() if other != key}
        yield from sorted(told - {self.api_version})

    def _check_as(self, version: str, item: Object, tried: str = "") -> None:
        sibling = self.siblings.get(version)
        if sibling is None:
            why = f"request to convert CR to an invalid group/version: {version}"
            raise StructureError(tried + why)
        try:
            check(sibling.type, item)
        except StructureError as error:
            raise StructureError(f"{tried}{error}") from error


def _changed(type_: Type, ignored: Node, old: Any, new: Any) -> Comparison:
    """What changed by a type, without what cannot be changed where it was written."""
    change = compare(type_, old, new)
    if not ignored:
        return change
    return Comparison(*(without_below(node or {}, ignored) for node in change))


def _owned_as(type_: Type, node: Node) -> Node:
    """The fields of an entry by a type that may be younger: what became atomic is owned whole."""
    if is_member(node) and not any(children(node)):
        return node
    if type_.form in ("object", "map", "list") and type_.atomic:
        return LEAF
    below: Node = dict(node)
    for element, child in children(node):
        known = type_.child(element.removeprefix("f:")) if element[:2] == "f:" else type_.element
        if known is not None:
            below[element] = _owned_as(known, child)
    return below
