"""Create, replace, patch and apply: the same steps for every resource.

A write is decoded and its ownership recorded here; `committing` does the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gitopsd.sandbox.kubernetes import errors, ownership
from gitopsd.sandbox.kubernetes.bodies import (
    PatchKind,
    check_doubled,
    checked_identity,
    converted_item,
    patched_item,
    read_item,
    reread_item,
)
from gitopsd.sandbox.kubernetes.committing import Committer, Outcome, WriteOptions
from gitopsd.sandbox.kubernetes.resources import Item, Resource, Subresource
from gitopsd.sandbox.kubernetes.scopes import Scope
from gitopsd.sandbox.kubernetes.states import in_order, match_name, match_namespace, set_managed

Transform = Callable[[Item | None], Item]


@dataclass(slots=True)
class Writer:
    """Performs writes through a committer."""

    committer: Committer

    def create(
        self, resource: Resource, namespace: str, body: Any, options: WriteOptions
    ) -> Outcome:
        """Store a new object; `generateName` gets a random suffix.

        Raises:
            ApiError: it exists, breaks a rule, or its namespace does not take it.
        """
        item = self.tracked(resource, body, options)
        match_namespace(resource, namespace, item)
        for member in ("deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"):
            item["metadata"].pop(member, None)
        return self.committer.insert(resource, namespace, item, options)

    def tracked(self, resource: Resource, body: Any, options: WriteOptions) -> Item:
        """A new object, read and with its managers noted.

        Raises:
            ApiError: it cannot be read.
        """
        warnings = self.committer.begin()
        item = read_item(resource, body, options.validation, warnings, options.doubled)
        scope = self._scope(resource, None)
        managed = ownership.after_update(scope.zero, item, options.manager, scope)
        set_managed(item, managed)
        return item

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
        warnings = self.committer.begin()
        sub = resource.subresources[subresource] if subresource else None
        view = sub.view if sub else None
        form = view.form if view else resource
        try:
            item = read_item(form, body, options.validation, warnings, options.doubled)
        except errors.ApiError as error:
            raise view.unreadable() if view else error from None
        match_namespace(resource, namespace, item)
        match_name(name, item)

        def transform(live: Item | None) -> Item:
            self._check_uid(resource, item, (namespace, name), live)
            scope = self._scope(form, sub)
            managed = ownership.after_update(live or scope.zero, item, options.manager, scope)
            set_managed(item, managed)
            return item

        may_create = resource.behaviour.create_on_update
        return self._update(resource, sub, (namespace, name), transform, options, may_create)

    def patch(
        self,
        resource: Resource,
        subresource: str,
        namespace: str,
        name: str,
        kind: PatchKind,
        patch: Callable[[], Any],
        options: WriteOptions,
    ) -> Outcome:
        """Change an object by a patch, which is read once the object was found.

        Raises:
            ApiError: it is missing, the patch does not fit, or the result breaks a rule.
        """
        warnings = self.committer.begin()
        sub = resource.subresources[subresource] if subresource else None

        def transform(live: Item | None) -> Item:
            if live is None:
                raise errors.not_found(resource.named, name)
            value = patch()
            form = sub.view.form if sub and sub.view else resource
            ordered = {**live, "metadata": in_order(form, live["metadata"])}
            patched = patched_item(form, kind, ordered, value)
            if kind != "strategic" and not resource.untyped and not patched.get("apiVersion"):
                # Without a version the server reads its internal form, which has no JSON names.
                patched = {**patched, "metadata": {}}
            shown = value if kind == "strategic" else None
            item = reread_item(
                form, patched, options.validation, warnings, options.doubled, shown=shown
            )
            scope = self._scope(form, sub)
            managed = ownership.after_update(live, item, options.manager, scope)
            set_managed(item, managed)
            match_namespace(resource, namespace, item)
            match_name(name, item)
            return item

        return self._update(resource, sub, (namespace, name), transform, options, False)

    def apply(
        self,
        resource: Resource,
        subresource: str,
        namespace: str,
        name: str,
        read: Callable[[], Any],
        options: WriteOptions,
    ) -> Outcome:
        """Server-side apply: make the object say what is `read`, owned by the manager.

        Raises:
            ApiError: others own what changes, a uid does not match, or a rule is broken.
        """
        warnings = self.committer.begin()
        sub = resource.subresources[subresource] if subresource else None

        def transform(live: Item | None) -> Item:
            applied = read()
            form = sub.view.form if sub and sub.view else resource
            checked_identity(form, applied)
            if sub and sub.view and not (live and live["metadata"].get("managedFields")):
                raise sub.view.unapplied()
            scope = self._scope(form, sub)
            outcome = ownership.after_apply(
                live or scope.zero, applied, options.manager, scope, force=options.force
            )
            item = outcome.item
            if not outcome.same:
                item = converted_item(form, item, applied)
            if sub and sub.view and live and item["spec"] != live["spec"]:
                raise sub.view.unconverted(applied)
            check_doubled(options.doubled, options.validation, warnings)
            set_managed(item, outcome.managed_fields)
            uid = item["metadata"].get("uid")
            if live is None and uid:
                why = (
                    f"uid mismatch: the provided object specified uid {uid}, and no existing "
                    "object was found"
                )
                raise errors.conflict(resource.named, name, why)
            match_namespace(resource, namespace, item)
            match_name(name, item)
            return item

        may_create = sub is None or resource.behaviour.create_on_update
        return self._update(resource, sub, (namespace, name), transform, options, may_create)

    def _scope(self, resource: Resource, sub: Subresource | None) -> Scope:
        identity = {"kind": resource.kind, "apiVersion": resource.api_version}
        return Scope(
            type=resource.type,
            api_version=resource.api_version,
            subresource=sub.name if sub else "",
            ignored=sub.ignored if sub else resource.main_ignored,
            zero={**identity, **resource.zero},
            now=self.committer.now(),
            whole=resource.whole or resource.type,
            siblings=resource.siblings,
        )

    def _check_uid(
        self, resource: Resource, item: Item, where: tuple[str, str], live: Item | None
    ) -> None:
        given, held = item["metadata"].get("uid"), live["metadata"]["uid"] if live else ""
        if given and given != held:
            namespace, name = where
            key = "/".join(p for p in (resource.registry, namespace, name) if p)
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
        record = self.committer.store.get(resource.collection, key)
        if record is None:
            if not may_create:
                raise errors.not_found(resource.named, name)
            item = transform(None)
            self.committer.check_number(item["metadata"].pop("resourceVersion", None))
            if options.check_create is not None:
                options.check_create()
            return self.committer.insert(resource, namespace, item, options, sub)
        live = self.committer.live(resource, record)
        view = sub.view if sub else None
        if view is not None:
            item = view.written(live, transform(view.begun(live)))
            sub = None  # the object is written as a whole
        else:
            item = transform(self.committer.live(resource, record))
        self.committer.check_version(resource, item, record)
        return self.committer.overwrite(resource, sub, (item, live, record), options)
