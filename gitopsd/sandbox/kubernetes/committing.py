"""From a new state to a stored record: values given out, rules checked, nothing stored in vain."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from gitopsd.sandbox.kubernetes import errors
from gitopsd.sandbox.kubernetes.allocation import Allocation
from gitopsd.sandbox.kubernetes.checking import creation_problems, update_problems
from gitopsd.sandbox.kubernetes.errors import FieldProblem
from gitopsd.sandbox.kubernetes.gotext import quote
from gitopsd.sandbox.kubernetes.resources import Item, Resource, Subresource
from gitopsd.sandbox.kubernetes.states import (
    NAMESPACES,
    changed,
    confined,
    held,
    in_order,
    keep_times,
)
from gitopsd.sandbox.kubernetes.store import Record, Store, record_of

_MODIFIED: Final = (
    "the object has been modified; please apply your changes to the latest version and try again"
)
_NAME_LETTERS: Final = "bcdfghjklmnpqrstvwxz2456789"
_LONGEST_NAME: Final = 63


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """How a write is meant.

    `manager` owns what changes. `validation` is Ignore, Warn or Strict and says what unknown
    members lead to, and `doubled`: sentences about those that the body gives twice. `force` takes
    over fields of others in an apply. `check_create` is called when a write turns out to create,
    and refuses by raising.
    """

    manager: str = "unknown"
    dry_run: bool = False
    force: bool = False
    validation: str = "Warn"
    doubled: tuple[str, ...] = ()
    check_create: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A write's result: the record to answer with, whether it is new, and warnings to send."""

    record: Record
    created: bool = False
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class Committer:
    """Stores new states; `clock` tells the time they are stamped with.

    `chance` gives uids and the ends of generated names. `warnings` collects what the current write
    has to tell its client.
    """

    store: Store
    allocation: Allocation
    clock: Callable[[], datetime]
    chance: random.Random
    warnings: list[str] = field(default_factory=list)

    def begin(self) -> list[str]:
        """Start a write; answers the list its warnings go to."""
        self.warnings = []
        return self.warnings

    def now(self) -> str:
        """The time as the API writes it."""
        return self.clock().strftime("%Y-%m-%dT%H:%M:%SZ")

    def live(self, resource: Resource, record: Record) -> Item:
        """A stored object in the version of the resource."""
        identity = {"kind": resource.kind, "apiVersion": resource.api_version}
        return {**identity, **resource.seen(record)}

    def insert(
        self,
        resource: Resource,
        namespace: str,
        item: Item,
        options: WriteOptions,
        sub: Subresource | None = None,
    ) -> Outcome:
        """Store a new object; one that an apply to `sub` makes is given no addresses.

        Raises:
            errors.ApiError: its namespace does not take it, it breaks a rule, or it exists.
        """
        metadata = item["metadata"]
        if resource.namespaced:
            self._check_namespace(resource, namespace, metadata.get("name", ""))
        version = metadata.pop("resourceVersion", "")
        metadata["uid"] = str(uuid.UUID(int=self.chance.getrandbits(128), version=4))
        metadata["creationTimestamp"] = self.now()
        prefix = metadata.get("generateName")
        if prefix and not metadata.get("name"):
            metadata["name"] = self._generated_name(resource, namespace, prefix)
        if resource.behaviour.gets_addresses and sub is None:
            self.allocation.assign(item, None, dry_run=options.dry_run)
        if resource.generation_of:
            metadata["generation"] = 1
        resource.behaviour.admit(item, self._listed)
        resource.behaviour.prepare(item, None)
        self._refuse_invalid(resource, item, creation_problems(resource, item))
        self.warnings.extend(resource.behaviour.warn(item, None))
        key = f"{namespace}/{metadata['name']}" if resource.namespaced else metadata["name"]
        if version.isdigit() and int(version) and not options.dry_run:
            raise errors.internal("resourceVersion should not be set on objects to be created")
        there = self.store.get(resource.collection, key)
        if there is not None:
            going = bool(there.item()["metadata"].get("deletionTimestamp"))
            name, tried = metadata["name"], bool(prefix)
            about = errors.GroupName(resource.storage_group, resource.plural)
            about = about if tried else resource.named
            raise errors.already_exists(about, name, going=going, generated=tried)
        item["metadata"] = in_order(resource, metadata)
        return self._stored(resource, item, options, created=True)

    def _listed(self, collection: str) -> Iterable[Item]:
        return (record.item() for record in self.store.records(collection))

    def _generated_name(self, resource: Resource, namespace: str, prefix: str) -> str:
        while True:
            suffix = "".join(self.chance.choice(_NAME_LETTERS) for _ in range(5))
            name = prefix[: _LONGEST_NAME - len(suffix)] + suffix
            key = f"{namespace}/{name}" if resource.namespaced else name
            if self.store.get(resource.collection, key) is None:
                return name

    def _check_namespace(self, resource: Resource, namespace: str, name: str) -> None:
        record = self.store.get(str(NAMESPACES), namespace)
        if record is None:
            raise errors.not_found(NAMESPACES, namespace)
        if record.item()["metadata"].get("deletionTimestamp"):
            cause = {
                "reason": "NamespaceTerminating",
                "message": f"namespace {namespace} is being terminated",
                "field": "metadata.namespace",
            }
            why = (
                f"unable to create new content in namespace {namespace} because it is being "
                "terminated"
            )
            raise errors.forbidden(resource.named, name, why, [cause])

    def _refuse_invalid(
        self, resource: Resource, item: Item, problems: Iterable[FieldProblem]
    ) -> None:
        found = list(problems)
        if found:
            kind = errors.GroupName(resource.storage_group, resource.kind)
            raise errors.invalid(kind, item["metadata"].get("name", ""), found)

    @staticmethod
    def check_number(version: str | None) -> None:
        """Refuse a resourceVersion that is no number.

        Raises:
            errors.ApiError: 500.
        """
        if version and not version.isdigit():
            raise errors.internal(_not_a_number(version))

    def check_version(self, resource: Resource, item: Item, record: Record) -> None:
        """Refuse a write that expects another state; one that expects none gets the current.

        Raises:
            errors.ApiError: 409 or 422.
        """
        given = item["metadata"].get("resourceVersion")
        if not given or given == "0":
            if not resource.behaviour.unconditional_update:
                problem = errors.invalid_value(
                    "metadata.resourceVersion", 0, "must be specified for an update"
                )
                raise errors.invalid(resource.named, record.name, [problem])
            item["metadata"]["resourceVersion"] = str(record.revision)
        elif given != str(record.revision):
            self.check_number(given)
            raise errors.conflict(resource.named, record.name, _MODIFIED)

    def overwrite(
        self,
        resource: Resource,
        sub: Subresource | None,
        states: tuple[Item, Item, Record],
        options: WriteOptions,
    ) -> Outcome:
        """Store a new state over the old one; `states` are the new, the old and its record.

        Raises:
            errors.ApiError: 422.
        """
        item, live, record = states
        if sub is None and resource.behaviour.gets_addresses:
            self.allocation.assign(item, live, dry_run=options.dry_run)
        item = confined(resource, sub, item, live)
        metadata, before = item["metadata"], live["metadata"]
        metadata.pop("selfLink", None)
        for member in ("generation", "creationTimestamp"):
            if member in before:
                metadata[member] = before[member]
            else:
                metadata.pop(member, None)
        if sub is None:
            resource.behaviour.prepare(item, live)
        if changed(resource, item, live):
            metadata["generation"] = before.get("generation", 0) + 1
        metadata.setdefault("uid", before.get("uid"))
        if "deletionTimestamp" in before:
            metadata["deletionTimestamp"] = before["deletionTimestamp"]
        if "deletionGracePeriodSeconds" in before:
            metadata.setdefault("deletionGracePeriodSeconds", before["deletionGracePeriodSeconds"])
        item["metadata"] = in_order(resource, metadata)
        problems = update_problems(resource, sub, item, live)
        self._refuse_invalid(resource, item, problems)
        if sub is None:
            self.warnings.extend(resource.behaviour.warn(item, live))
        keep_times(item, live)
        if self._is_held(resource, item, live, record):
            return Outcome(record, False, tuple(self.warnings))
        if before.get("deletionTimestamp") and not held(resource, item):
            if not options.dry_run:
                self.store.remove(resource.collection, record.key)
            # The answer is what was sent: a custom resource is not read back once more.
            shown = item if resource.untyped else self._for_storage(resource, item)
            return Outcome(record_of(shown, 0), False)
        return self._stored(resource, item, options, created=False)

    def _is_held(self, resource: Resource, item: Item, live: Item, record: Record) -> bool:
        """Whether a new state is just what is stored, which it may not be where nothing changed."""
        if resource.to_storage is None:
            return item == live
        kept = resource.to_storage(item)
        identity = {"kind": resource.kind, "apiVersion": record.version}
        return {**kept, "kind": resource.kind} == {**identity, **record.item()}

    def _for_storage(self, resource: Resource, item: Item) -> Item:
        return resource.to_storage(item) if resource.to_storage is not None else item

    def _stored(
        self, resource: Resource, item: Item, options: WriteOptions, *, created: bool
    ) -> Outcome:
        kept = self._for_storage(resource, item)
        if options.dry_run:
            return Outcome(record_of(kept, 0), created, tuple(self.warnings))
        record = self.store.put(resource.collection, kept)
        return Outcome(record, created, tuple(self.warnings))


def _not_a_number(text: str) -> str:
    return f"strconv.ParseUint: parsing {quote(text)}: invalid syntax"
