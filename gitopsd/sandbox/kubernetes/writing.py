"""Create, replace, patch and apply: the same steps for every resource.

A write is decoded, its ownership recorded, values are given out, rules checked, and only then the
object stored; a write that changes nothing stores nothing.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from gitopsd.sandbox.kubernetes import errors, ownership
from gitopsd.sandbox.kubernetes.allocation import Allocation
from gitopsd.sandbox.kubernetes.bodies import checked_identity, read_item, reread_item
from gitopsd.sandbox.kubernetes.errors import ApiError, FieldProblem, GroupName
from gitopsd.sandbox.kubernetes.gotext import quote
from gitopsd.sandbox.kubernetes.kinds.metadata import metadata_problems, metadata_update_problems
from gitopsd.sandbox.kubernetes.patching import (
    PatchError,
    PatchFailedError,
    json_patch,
    merge_patch,
    strategic_merge,
)
from gitopsd.sandbox.kubernetes.resources import Item, Resource, Subresource
from gitopsd.sandbox.kubernetes.store import Record, Store, record_of

PatchKind = Literal["json", "merge", "strategic"]
NAMESPACES: Final = GroupName("", "namespaces")
_MODIFIED: Final = (
    "the object has been modified; please apply your changes to the latest version and try again"
)
_NAME_LETTERS: Final = "bcdfghjklmnpqrstvwxz2456789"
_LONGEST_NAME: Final = 63


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """How a write is meant.

    `manager` owns what changes. `validation` is Ignore, Warn or Strict and says what unknown
    members lead to. `force` takes over fields of others in an apply. `check_create` is called when
    a write turns out to create, and refuses by raising.
    """

    manager: str = "unknown"
    dry_run: bool = False
    force: bool = False
    validation: str = "Warn"
    check_create: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A write's result: the record to answer with, whether it is new, and warnings to send."""

    record: Record
    created: bool = False
    warnings: tuple[str, ...] = ()


Transform = Callable[[Item | None], Item]


@dataclass(slots=True)
class Writer:
    """Performs writes on a store; `clock` tells the time they are stamped with."""

    store: Store
    allocation: Allocation
    clock: Callable[[], datetime]
    warnings: list[str] = field(default_factory=list)

    def now(self) -> str:
        """The time as the API writes it."""
        return self.clock().strftime("%Y-%m-%dT%H:%M:%SZ")

    # -- verbs

    def create(
        self, resource: Resource, namespace: str, body: Any, options: WriteOptions
    ) -> Outcome:
        """Store a new object; `generateName` gets a random suffix.

        Raises:
            ApiError: it exists, breaks a rule, or its namespace does not take it.
        """
        self.warnings = []
        item = read_item(resource, body, options.validation, self.warnings)
        _match_namespace(resource, namespace, item)
        for member in ("deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"):
            item["metadata"].pop(member, None)
        if item["metadata"].get("resourceVersion"):
            raise errors.internal("resourceVersion should not be set on objects to be created")
        scope = self._scope(resource, None)
        managed = ownership.after_update(scope.zero, item, options.manager, scope)
        _set_managed(item, managed)
        return self._insert(resource, namespace, item, options)

    def replace(
        self,
        resource: Resource,
        subresource: str,
        namespace: str,
        name: str,
        body: Any,
        options: WriteOptions,
    ) -> Outcome:
        """Overwrite an object (or the part a subresource stands for).

        Raises:
            ApiError: it is missing, was changed since, or breaks a rule.
        """
        self.warnings = []
        item = read_item(resource, body, options.validation, self.warnings)
        _match_namespace(resource, namespace, item)
        _match_name(name, item)
        sub = resource.subresources[subresource] if subresource else None

        def transform(live: Item | None) -> Item:
            if live is not None:
                self._check_uid(resource, item, live)
            scope = self._scope(resource, sub)
            managed = ownership.after_update(live or scope.zero, item, options.manager, scope)
            _set_managed(item, managed)
            return item

        may_create = resource.behaviour.create_on_update and sub is None
        return self._update(resource, sub, (namespace, name), transform, options, may_create)

    def patch(
        self,
        resource: Resource,
        subresource: str,
        namespace: str,
        name: str,
        kind: PatchKind,
        patch: Any,
        options: WriteOptions,
    ) -> Outcome:
        """Change an object by a patch.

        Raises:
            ApiError: it is missing, the patch does not fit, or the result breaks a rule.
        """
        self.warnings = []
        sub = resource.subresources[subresource] if subresource else None

        def transform(live: Item | None) -> Item:
            if live is None:
                raise errors.not_found(resource.named, name)
            patched = _patched(resource, kind, live, patch)
            item = reread_item(resource, patched, options.validation, self.warnings)
            scope = self._scope(resource, sub)
            managed = ownership.after_update(live, item, options.manager, scope)
            _set_managed(item, managed)
            _match_namespace(resource, namespace, item)
            _match_name(name, item)
            return item

        return self._update(resource, sub, (namespace, name), transform, options, False)

    def apply(
        self,
        resource: Resource,
        subresource: str,
        namespace: str,
        name: str,
        applied: Any,
        options: WriteOptions,
    ) -> Outcome:
        """Server-side apply: make the object say what `applied` says, owned by the manager.

        Raises:
            ApiError: others own what changes, a uid does not match, or a rule is broken.
        """
        self.warnings = []
        sub = resource.subresources[subresource] if subresource else None

        def transform(live: Item | None) -> Item:
            checked_identity(resource, applied)
            scope = self._scope(resource, sub)
            outcome = ownership.after_apply(
                live or scope.zero, applied, options.manager, scope, force=options.force
            )
            item = reread_item(resource, outcome.item, "Ignore", self.warnings)
            _set_managed(item, outcome.managed_fields)
            uid = item["metadata"].get("uid")
            if live is None and uid:
                why = (
                    f"uid mismatch: the provided object specified uid {uid}, and no existing "
                    "object was found"
                )
                raise errors.conflict(resource.named, name, why)
            _match_namespace(resource, namespace, item)
            _match_name(name, item)
            return item

        return self._update(resource, sub, (namespace, name), transform, options, sub is None)

    # -- steps

    def _scope(self, resource: Resource, sub: Subresource | None) -> ownership.Scope:
        identity = {"kind": resource.kind, "apiVersion": resource.api_version}
        return ownership.Scope(
            type=resource.type,
            api_version=resource.api_version,
            subresource=sub.name if sub else "",
            ignored=sub.ignored if sub else resource.main_ignored,
            zero={**identity, **resource.zero},
            now=self.now(),
        )

    def live(self, resource: Resource, record: Record) -> Item:
        """A stored object in the version of the resource."""
        item = record.item()
        identity = {"kind": resource.kind, "apiVersion": resource.api_version}
        if resource.from_storage is not None:
            item = resource.from_storage(item)
        return {**identity, **item}

    def _insert(
        self, resource: Resource, namespace: str, item: Item, options: WriteOptions
    ) -> Outcome:
        metadata = item["metadata"]
        if resource.namespaced:
            self._check_namespace(resource, namespace, metadata.get("name", ""))
        metadata["uid"] = str(uuid.uuid4())
        metadata["creationTimestamp"] = self.now()
        prefix = metadata.get("generateName")
        if prefix and not metadata.get("name"):
            metadata["name"] = self._generated_name(resource, namespace, prefix)
        if resource.behaviour.gets_addresses:
            self.allocation.assign(item, None, dry_run=options.dry_run)
        metadata.pop("generation", None)
        if resource.generation_of:
            metadata["generation"] = 1
        resource.behaviour.prepare(item, None)
        self._refuse_invalid(resource, item, self._creation_problems(resource, item))
        key = f"{namespace}/{metadata['name']}" if resource.namespaced else metadata["name"]
        if self.store.get(resource.collection, key) is not None:
            raise errors.already_exists(resource.named, metadata["name"])
        item["metadata"] = _in_order(resource, metadata)
        return self._stored(resource, item, options, created=True)

    def _generated_name(self, resource: Resource, namespace: str, prefix: str) -> str:
        while True:
            suffix = "".join(secrets.choice(_NAME_LETTERS) for _ in range(5))
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

    def _creation_problems(self, resource: Resource, item: Item) -> Iterator[FieldProblem]:
        yield from metadata_problems(
            item, namespaced=resource.namespaced, name=resource.behaviour.name
        )
        yield from resource.behaviour.validate(item, None)

    def _refuse_invalid(
        self, resource: Resource, item: Item, problems: Iterator[FieldProblem]
    ) -> None:
        found = list(problems)
        if found:
            raise errors.invalid(resource.kind_named, item["metadata"].get("name", ""), found)

    def _check_uid(self, resource: Resource, item: Item, live: Item) -> None:
        given, held = item["metadata"].get("uid"), live["metadata"].get("uid")
        if given and given != held:
            name = live["metadata"]["name"]
            namespace = live["metadata"].get("namespace", "")
            key = "/".join(p for p in ("/registry", resource.plural, namespace, name) if p)
            why = (
                f"StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, "
                "AdditionalErrorMsg: Precondition failed: UID in precondition: "
                f"{given}, UID in object meta: {held}"
            )
            raise errors.conflict(resource.named, name, why)

    def _update(
        self,
        resource: Resource,
        sub: Subresource | None,
        where: tuple[str, str],
        transform: Transform,
        options: WriteOptions,
        may_create: bool,
    ) -> Outcome:
        namespace, name = where
        key = f"{namespace}/{name}" if resource.namespaced else name
        record = self.store.get(resource.collection, key)
        if record is None:
            if not may_create:
                raise errors.not_found(resource.named, name)
            item = transform(None)
            item["metadata"].pop("resourceVersion", None)
            if options.check_create is not None:
                options.check_create()
            return self._insert(resource, namespace, item, options)
        live = self.live(resource, record)
        item = transform(self.live(resource, record))
        self._check_version(resource, item, record)
        return self._overwrite(resource, sub, (item, live, record), options)

    def _check_version(self, resource: Resource, item: Item, record: Record) -> None:
        given = item["metadata"].get("resourceVersion")
        if not given:
            if not resource.behaviour.unconditional_update:
                problem = errors.invalid_value(
                    "metadata.resourceVersion", 0, "must be specified for an update"
                )
                raise errors.invalid(resource.named, record.name, [problem])
            item["metadata"]["resourceVersion"] = str(record.revision)
        elif given != str(record.revision):
            if not given.isdigit():
                problem = errors.invalid_value(
                    "metadata.resourceVersion", given, _not_a_number(given)
                )
                raise errors.invalid(GroupName("", ""), "", [problem])
            raise errors.conflict(resource.named, record.name, _MODIFIED)

    def _overwrite(
        self,
        resource: Resource,
        sub: Subresource | None,
        states: tuple[Item, Item, Record],
        options: WriteOptions,
    ) -> Outcome:
        item, live, record = states
        if sub is None and resource.behaviour.gets_addresses:
            self.allocation.assign(item, live, dry_run=options.dry_run)
        item = _confined(resource, sub, item, live)
        metadata, before = item["metadata"], live["metadata"]
        for member in ("generation", "creationTimestamp"):
            if member in before:
                metadata[member] = before[member]
            else:
                metadata.pop(member, None)
        if sub is None:
            resource.behaviour.prepare(item, live)
        if _changed(resource, item, live):
            metadata["generation"] = before.get("generation", 0) + 1
        metadata.setdefault("uid", before.get("uid"))
        for member in ("deletionTimestamp", "deletionGracePeriodSeconds"):
            if member in before:
                metadata[member] = before[member]
        item["metadata"] = _in_order(resource, metadata)
        problems = self._update_problems(resource, sub, item, live)
        self._refuse_invalid(resource, item, problems)
        _keep_times(item, live)
        if item == live:
            return Outcome(record, False, tuple(self.warnings))
        if before.get("deletionTimestamp") and not _held(resource, item):
            if not options.dry_run:
                self.store.remove(resource.collection, record.key)
            return Outcome(record_of(self._for_storage(resource, item), 0), False)
        return self._stored(resource, item, options, created=False)

    def _update_problems(
        self, resource: Resource, sub: Subresource | None, item: Item, live: Item
    ) -> Iterator[FieldProblem]:
        behaviour = resource.behaviour
        yield from metadata_update_problems(item, live)
        if behaviour.repeats_metadata_rules:
            yield from metadata_update_problems(item, live)
        if sub is None:
            yield from metadata_problems(item, namespaced=resource.namespaced, name=behaviour.name)
            yield from behaviour.validate(item, live)
        else:
            yield from behaviour.validate_status(item, live)

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


def _set_managed(item: Item, managed: list[dict[str, Any]]) -> None:
    if managed:
        item["metadata"]["managedFields"] = managed
    else:
        item["metadata"].pop("managedFields", None)


def _match_namespace(resource: Resource, namespace: str, item: Item) -> None:
    metadata = item["metadata"]
    given = metadata.get("namespace", "")
    if not resource.namespaced:
        if given:
            raise errors.bad_request(_NAMESPACE_MISMATCH)
        return
    if not given:
        metadata["namespace"] = namespace
    elif given != namespace:
        raise errors.bad_request(_NAMESPACE_MISMATCH)


_NAMESPACE_MISMATCH: Final = (
    "the namespace of the provided object does not match the namespace sent on the request"
)


def _match_name(name: str, item: Item) -> None:
    given = item["metadata"].get("name", "")
    if not given:
        item["metadata"]["name"] = name
    elif given != name:
        raise errors.bad_request(
            f"the name of the object ({given}) does not match the name on the URL ({name})"
        )


def _patched(resource: Resource, kind: PatchKind, live: Item, patch: Any) -> Item:
    try:
        if kind == "json":
            patched = json_patch(live, patch)
        elif kind == "merge":
            if not isinstance(patch, dict):
                raise PatchError("error decoding patch: json: cannot unmarshal into an object")
            patched = merge_patch(live, patch)
        else:
            patched = strategic_merge(resource.type, live, patch)
    except PatchError as error:
        raise errors.bad_request(str(error)) from error
    except PatchFailedError as error:
        message = "the server rejected our request due to an error in our request"
        raise ApiError(422, "Invalid", message, {}) from error
    if not isinstance(patched, dict):
        raise errors.bad_request("the patch does not leave an object")
    return patched


def _confined(resource: Resource, sub: Subresource | None, item: Item, live: Item) -> Item:
    """The new state with everything this endpoint does not write taken from the old one."""
    if sub is None:
        confined = dict(item)
        for other in resource.subresources.values():
            for member in other.writes if other.exclusive else ():
                if member in live:
                    confined[member] = live[member]
                else:
                    confined.pop(member, None)
        return confined
    confined = dict(live)
    for member in sub.writes:
        if member in item:
            confined[member] = item[member]
        else:
            confined.pop(member, None)
    confined["metadata"] = item["metadata"]
    if sub.keeps_metadata:
        managed = item["metadata"].get("managedFields")
        confined["metadata"] = {**live["metadata"]}
        _set_managed(confined, managed or [])
    return confined


def _changed(resource: Resource, item: Item, live: Item) -> bool:
    """Whether what `metadata.generation` counts has changed; "*" is all but what follows it."""
    counted = resource.generation_of
    if counted[:1] == ("*",):
        names = (set(item) | set(live)) - {"kind", "apiVersion", "metadata", *counted[1:]}
        return any(item.get(name) != live.get(name) for name in names)
    return any(item.get(name) != live.get(name) for name in counted)


def _in_order(resource: Resource, metadata: Item) -> Item:
    """Metadata with its members as declared (or sorted, for custom resources)."""
    if resource.untyped:
        return {name: metadata[name] for name in sorted(metadata)}
    fields = resource.type.fields["metadata"].type.fields
    return {name: metadata[name] for name in fields if name in metadata}


def _keep_times(item: Item, live: Item) -> None:
    """Undo new times of managedFields when nothing but them differs."""
    after = item["metadata"].get("managedFields") or []
    before = live["metadata"].get("managedFields") or []
    if len(after) != len(before):
        return
    timeless = [
        {**entry, "time": old.get("time")} for entry, old in zip(after, before, strict=True)
    ]
    candidates = [
        {name: value for name, value in entry.items() if value is not None} for entry in timeless
    ]
    if candidates != before:
        return
    unchanged = {**item, "metadata": {**item["metadata"], "managedFields": before}}
    if not before:
        unchanged["metadata"].pop("managedFields")
    if unchanged == live:
        item["metadata"] = live["metadata"]


def _held(resource: Resource, item: Item) -> bool:
    """Whether finalizers still hold an object that is being deleted."""
    if item["metadata"].get("finalizers"):
        return True
    return resource.named == NAMESPACES and bool(item["spec"].get("finalizers"))
