"""A cluster in a process: resources, objects, rights and faults behind one lock.

Everything the HTTP server does goes through here, and so may tests and controllers' stand-ins of
the same process: `get`, `list`, `create`, `put`, `apply`, `patch`, `delete`, `subscribe`. Resources
are named `services` or `ingresses.networking.k8s.io`; objects are plain JSON values.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, NamedTuple

from gitopsd.sandbox.kubernetes.access import Access
from gitopsd.sandbox.kubernetes.allocation import Allocation
from gitopsd.sandbox.kubernetes.bodies import PatchKind
from gitopsd.sandbox.kubernetes.committing import Committer, Outcome, WriteOptions
from gitopsd.sandbox.kubernetes.custom import resources_of
from gitopsd.sandbox.kubernetes.deleting import DeleteOptions, Deleter, Deletion
from gitopsd.sandbox.kubernetes.errors import ApiError
from gitopsd.sandbox.kubernetes.faults import Faults
from gitopsd.sandbox.kubernetes.kinds import builtin
from gitopsd.sandbox.kubernetes.kinds.crds import CLEANUP, cleaned, established
from gitopsd.sandbox.kubernetes.reading import (
    ListQuery,
    Page,
    check_not_ahead,
    list_page,
    parse_selection,
    watched_revision,
)
from gitopsd.sandbox.kubernetes.resources import Item, Registry, Resource
from gitopsd.sandbox.kubernetes.store import Event, Record, Store
from gitopsd.sandbox.kubernetes.writing import Writer

_CRDS: Final = "customresourcedefinitions.apiextensions.k8s.io"
_SERVICES: Final = "services"
#: What the server reads from its store and not from a cache.
_UNCACHED: Final = ("events.events.k8s.io",)


class Changed(NamedTuple):
    """A change told to subscribers: what happened to which resource, and the object after it."""

    change: Literal["ADDED", "MODIFIED", "DELETED"]
    resource: str
    item: Item


class Cluster:
    """One cluster's state and verbs; safe for threads.

    Args:
        clock: the time objects are stamped with.
        allocation: where addresses and node ports come from.
        history: how many changes of a resource can be watched or paged back.
        seed: makes uids and generated names repeatable.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        allocation: Allocation | None = None,
        history: int = 20_000,
        seed: int | None = None,
    ) -> None:
        self.lock = threading.RLock()
        self.registry = Registry(builtin())
        self.store = Store(history=history, observer=self._learn)
        self.allocation = allocation or Allocation()
        self.access = Access()
        self.faults = Faults()
        self._clock = clock
        self._committer = Committer(
            self.store,
            self.allocation,
            self.clock,
            random.Random(seed),  # noqa: S311
        )
        self._writer = Writer(self._committer)
        self._deleter = Deleter(self._committer)

    def clock(self) -> datetime:
        """The time as this cluster believes it to be; a fault may have made it jump."""
        return self._clock() + timedelta(seconds=self.faults.clock_error)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One write at a time; a refusal carries the warnings that came before it."""
        with self.lock:
            self._committer.begin()
            try:
                yield
            except ApiError as error:
                error.warnings = tuple(self._committer.warnings)
                raise

    # -- verbs by resource, as the server calls them

    def insert(
        self, resource: Resource, namespace: str, body: Any, options: WriteOptions
    ) -> Outcome:
        """Create an object. Raises ApiError."""
        with self._writing():
            outcome = self._writer.create(resource, namespace, body, options)
            return self._accepted(resource, outcome, options)

    def replace(
        self,
        resource: Resource,
        subresource: str,
        namespace: str,
        name: str,
        body: Any,
        options: WriteOptions,
    ) -> Outcome:
        """Overwrite an object or a subresource of it. Raises ApiError."""
        with self._writing():
            where = (resource, subresource, namespace, name)
            return self._accepted(resource, self._writer.replace(*where, body, options), options)

    def change(
        self,
        resource: Resource,
        subresource: str,
        namespace: str,
        name: str,
        kind: PatchKind | Literal["apply"],
        patch: Callable[[], Any],
        options: WriteOptions,
    ) -> Outcome:
        """Patch or apply what `patch` reads once the object was found. Raises ApiError."""
        with self._writing():
            where = (resource, subresource, namespace, name)
            if kind != "apply":
                outcome = self._writer.patch(*where, kind, patch, options)
            else:
                outcome = self._writer.apply(*where, patch, options)
            return self._accepted(resource, outcome, options)

    def erase(
        self, resource: Resource, namespace: str, name: str, options: DeleteOptions
    ) -> Deletion:
        """Delete an object. Raises ApiError."""
        with self.lock:
            deletion = self._deleter.delete(resource, namespace, name, options)
            if resource.collection == _CRDS and not options.dry_run:
                self._clean_up(resource, deletion.record)
            if resource.collection == _SERVICES and deletion.gone and not options.dry_run:
                self.store.revision += 1  # the server keeps an object for the address, gone as well
            return deletion

    def page(self, resource: Resource, query: ListQuery) -> Page:
        """List objects. Raises ApiError."""
        with self.lock:
            return list_page(self.store, resource, query)

    def tracked(self, resource: Resource, body: Any, options: WriteOptions) -> Item:
        """An object as it would be created, with its managers, not stored. Raises ApiError."""
        with self.lock:
            return self._writer.tracked(resource, body, options)

    def check_revision(self, resource: Resource, text: str) -> None:
        """Refuse a read that wants a state newer than any. Raises ApiError."""
        with self.lock:
            if resource.collection not in _UNCACHED:
                watched_revision(text)  # the cache reads it, which watches are served from
            check_not_ahead(self.store, text)

    def record(self, resource: Resource, namespace: str, name: str) -> Record | None:
        """The stored record of an object, or None."""
        key = f"{namespace}/{name}" if resource.namespaced else name
        with self.lock:
            return self.store.get(resource.collection, key)

    # -- the same by names and plain objects, for tests and stand-ins

    def get(self, resource: str, namespace: str, name: str) -> Item | None:
        """An object, or None; `namespace` is "" for cluster-scoped resources."""
        found = self.registry.named(resource)
        record = self.record(found, namespace, name)
        return self._committer.live(found, record) if record is not None else None

    def list(
        self, resource: str, namespace: str = "", *, labels: str = "", fields: str = ""
    ) -> list[Item]:
        """Objects of a namespace ("" for all) that fit the selectors, in the order of a list."""
        found = self.registry.named(resource)
        selection = parse_selection(found, labels, fields)
        page = self.page(found, ListQuery(namespace, selection))
        return [self._committer.live(found, record) for record in page.records]

    def create(self, resource: str, item: Item, *, manager: str = "sandbox") -> Item:
        """Create an object. Raises ApiError."""
        found = self.registry.named(resource)
        namespace = item["metadata"].get("namespace", "")
        return self._item(found, self.insert(found, namespace, item, WriteOptions(manager)))

    def put(
        self, resource: str, item: Item, *, subresource: str = "", manager: str = "sandbox"
    ) -> Item:
        """Overwrite an object as a PUT does. Raises ApiError."""
        found = self.registry.named(resource)
        metadata = item["metadata"]
        where = (metadata.get("namespace", ""), metadata["name"])
        outcome = self.replace(found, subresource, *where, item, WriteOptions(manager))
        return self._item(found, outcome)

    def apply(
        self,
        resource: str,
        item: Item,
        *,
        manager: str = "sandbox",
        force: bool = False,
        subresource: str = "",
    ) -> Item:
        """Server-side apply. Raises ApiError."""
        found = self.registry.named(resource)
        metadata = item["metadata"]
        where = (metadata.get("namespace", ""), metadata["name"])
        options = WriteOptions(manager, force=force)
        outcome = self.change(found, subresource, *where, "apply", lambda: item, options)
        return self._item(found, outcome)

    def patch(
        self,
        resource: str,
        namespace: str,
        name: str,
        patch: Any,
        *,
        kind: PatchKind = "merge",
        subresource: str = "",
        manager: str = "sandbox",
    ) -> Item:
        """Patch an object. Raises ApiError."""
        found = self.registry.named(resource)
        options = WriteOptions(manager)
        outcome = self.change(found, subresource, namespace, name, kind, lambda: patch, options)
        return self._item(found, outcome)

    def delete(
        self,
        resource: str,
        namespace: str,
        name: str,
        *,
        uid: str | None = None,
        resource_version: str | None = None,
    ) -> bool:
        """Delete an object; False while finalizers hold it. Raises ApiError."""
        found = self.registry.named(resource)
        options = DeleteOptions(uid, resource_version)
        return self.erase(found, namespace, name, options).gone

    def subscribe(self, callback: Callable[[Changed], None]) -> Callable[[], None]:
        """Call `callback` with every change, in order, in the thread that wrote and under the lock.

        Answers a function that ends the subscription. The callback must be quick; it may read and
        write the cluster.
        """

        def tell(event: Event) -> None:
            resource = self._storage_resource(event.collection)
            if resource is not None:
                item = self._committer.live(resource, event.record)
                callback(Changed(event.change, str(resource.named), item))

        with self.lock:
            return self.store.subscribe(tell)

    # -- what follows from changes

    def _item(self, resource: Resource, outcome: Outcome) -> Item:
        return self._committer.live(resource, outcome.record)

    def _storage_resource(self, collection: str) -> Resource | None:
        for resource in self.registry.all():
            if resource.collection == collection and not resource.is_alias:
                return resource
        return None

    def _learn(self, event: Event) -> None:
        if event.collection == _SERVICES:
            new = None if event.change == "DELETED" else event.record.item()
            self.allocation.observe(new, event.previous.item() if event.previous else None)
        elif event.collection == _CRDS:
            self._serve(event)

    def _serve(self, event: Event) -> None:
        definition = event.record.item()
        spec = definition["spec"]
        group, plural = spec["group"], spec["names"]["plural"]
        if event.change == "DELETED":
            self._remove_instances(spec)
            self.registry.remove(group, plural)
            return
        self.registry.remove(group, plural)
        if definition["status"].get("conditions"):
            for resource in resources_of(definition):
                self.registry.add(resource)

    def _accepted(self, resource: Resource, outcome: Outcome, options: WriteOptions) -> Outcome:
        """What was written, with the names of a definition accepted a moment later."""
        if resource.collection == _CRDS and not options.dry_run:
            item = outcome.record.item()
            ended = item["metadata"].get("deletionTimestamp")
            if not ended and item["status"].get("acceptedNames") != item["spec"]["names"]:
                self._establish(outcome.record)
        return outcome

    def _establish(self, record: Record) -> None:
        """Accept a definition's names, as the server's own controller does a moment later."""
        resource = self.registry.named(_CRDS)
        item = established(self._committer.live(resource, record), self._committer.now())
        options = WriteOptions("kube-apiserver")
        self._writer.replace(resource, "status", "", record.name, item, options)

    def _clean_up(self, resource: Resource, record: Record) -> None:
        """End what a deleted definition defines, and then itself unless others hold it."""
        item = self._committer.live(resource, record)
        if CLEANUP not in (item["metadata"].get("finalizers") or ()):
            return
        self._remove_instances(item["spec"])
        left = cleaned(item, self._committer.now())
        if left["metadata"].get("finalizers"):
            self.store.put(_CRDS, left)
        else:
            self.store.remove(_CRDS, record.key)

    def _remove_instances(self, spec: Item) -> None:
        collection = f"{spec['names']['plural']}.{spec['group']}"
        for record in self.store.records(collection):
            self.store.remove(collection, record.key)

    def restore(self, entries: Iterator[tuple[str, Record | None, str, int]]) -> None:
        """Fill an empty cluster from a journal: collection, record (or None), key, revision."""
        with self.lock:
            for collection, record, key, revision in entries:
                if record is None:
                    self.store.discard(collection, key)
                else:
                    self.store.restore(collection, record)
                self.store.revision = max(self.store.revision, revision)
            self.store.forget_history()
            for record in self.store.records(_SERVICES):
                self.allocation.observe(record.item(), None)
            for record in self.store.records(_CRDS):
                for resource in resources_of(record.item()):
                    self.registry.add(resource)

    def ensure(self, resource: str, item: Item, *, manager: str = "sandbox") -> None:
        """Create an object unless it exists. Raises ApiError for anything else."""
        metadata = item["metadata"]
        if self.get(resource, metadata.get("namespace", ""), metadata["name"]) is None:
            self.create(resource, item, manager=manager)


__all__ = ["ApiError", "Changed", "Cluster"]
