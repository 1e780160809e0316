"""Delete: preconditions, finalizers, and what a namespace or a definition takes with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gitopsd.sandbox.kubernetes import errors
from gitopsd.sandbox.kubernetes.committing import Committer
from gitopsd.sandbox.kubernetes.decoding import Decoder
from gitopsd.sandbox.kubernetes.errors import status_body
from gitopsd.sandbox.kubernetes.gotext import quote
from gitopsd.sandbox.kubernetes.parsing import check_told
from gitopsd.sandbox.kubernetes.resources import Item, Resource
from gitopsd.sandbox.kubernetes.scalars import DecodeError
from gitopsd.sandbox.kubernetes.schema import (
    BOOLEAN,
    INT64,
    STRING,
    UID,
    atomic_list,
    named,
    struct,
)
from gitopsd.sandbox.kubernetes.states import DEFINITIONS, NAMESPACES
from gitopsd.sandbox.kubernetes.store import Record, record_of

_KEPT_NAMESPACES: Final = ("default", "kube-system", "kube-public")
DELETE_OPTIONS: Final = struct(
    "DeleteOptions",
    {
        "gracePeriodSeconds?": INT64,
        "preconditions?": struct("Preconditions", {"uid?": UID, "resourceVersion?": STRING}),
        "orphanDependents?": BOOLEAN,
        "propagationPolicy?": named("DeletionPropagation"),
        "dryRun": atomic_list(STRING),
    },
)
_POLICIES: Final = ("Foreground", "Background", "Orphan")
#: The finalizers by which a policy makes the object wait for the garbage collector.
COLLECTED: Final = {"Foreground": "foregroundDeletion", "Orphan": "orphan"}


@dataclass(frozen=True, slots=True)
class DeleteOptions:
    """Conditions of a delete: the uid and resourceVersion the object has to have, if given.

    `policy` says what becomes of dependents; None leaves that to what the object's finalizers say.
    """

    uid: str | None = None
    resource_version: str | None = None
    dry_run: bool = False
    policy: str | None = None


def read_delete_options(body: Any, query: Mapping[str, str], dry_run: bool) -> DeleteOptions:
    """Options from a request's body, or from its query when there is no body.

    Raises:
        errors.ApiError: 400 or 422.
    """
    if body is None:
        body = {name: query[name] for name in ("propagationPolicy",) if query.get(name)}
        if query.get("orphanDependents"):
            body["orphanDependents"] = query["orphanDependents"].lower() not in ("false", "0")
        if "gracePeriodSeconds" in query:
            body["gracePeriodSeconds"] = _integer(query["gracePeriodSeconds"])
    body = _decoded(body)
    policy = body.get("propagationPolicy")
    about = errors.GroupName("meta.k8s.io", "DeleteOptions")
    orphan, problems = body.get("orphanDependents"), []
    if orphan is not None and policy is not None:
        why = "orphanDependents and deletionPropagation cannot be both set"
        problems.append(errors.invalid_value("propagationPolicy", policy, why))
    if policy is not None and policy not in _POLICIES:
        shown = (*_POLICIES, "nil")
        problems.append(errors.unsupported_value("propagationPolicy", policy, shown))
    if problems:
        raise errors.invalid(about, "", problems)
    if orphan is not None:
        policy = "Orphan" if orphan else "Background"
    asked = body.get("dryRun") or []
    if any(one != "All" for one in asked):
        raise errors.invalid(about, "", [errors.unsupported_value("dryRun", asked, ("All",))])
    conditions = body.get("preconditions") or {}
    return DeleteOptions(
        uid=conditions.get("uid"),
        resource_version=conditions.get("resourceVersion"),
        dry_run=dry_run or bool(asked),
        policy=policy,
    )


def _integer(text: str) -> int:
    if not re.fullmatch("[+-]?[0-9]+", text):
        raise errors.bad_request(f"strconv.ParseInt: parsing {quote(text)}: invalid syntax")
    if not -(2**63) <= int(text) < 2**63:
        raise errors.bad_request(f"strconv.ParseInt: parsing {quote(text)}: value out of range")
    return int(text)


def _other_options(kind: str, version: str) -> str:
    """Why an object of another kind is not read as DeleteOptions."""
    if (kind, version) == ("Status", "v1"):
        return "converting (v1.Status) to (v1.DeleteOptions): unknown conversion"
    return (
        f"no kind {quote(kind)} is registered for version {quote(version)} in scheme "
        '"pkg/apis/meta/internalversion/scheme/register.go:27"'
    )


def _decoded(body: Any) -> Item:
    """The members of DeleteOptions that mean something here.

    Raises:
        errors.ApiError: 400.
    """
    try:
        body = check_told(body)
    except ValueError as error:
        raise errors.bad_request(str(error)) from error
    kind, version = body.get("kind") or "DeleteOptions", body.get("apiVersion") or "meta.k8s.io/v1"
    if kind != "DeleteOptions":
        raise errors.bad_request(_other_options(kind, version))
    try:
        read: Item = Decoder().read(DELETE_OPTIONS, body)
    except DecodeError as error:
        raise errors.bad_request(str(error)) from error
    return read


@dataclass(frozen=True, slots=True)
class Deletion:
    """What became of a delete: the object's last or pending state, and whether it is gone."""

    record: Record
    gone: bool


@dataclass(slots=True)
class Deleter:
    """Performs deletes through the same committer as the writer."""

    committer: Committer

    def delete(
        self, resource: Resource, namespace: str, name: str, options: DeleteOptions
    ) -> Deletion:
        """Delete an object, or mark it while finalizers hold it.

        Raises:
            errors.ApiError: 404, 409 for a broken precondition, 403 for a kept namespace.
        """
        key = f"{namespace}/{name}" if resource.namespaced else name
        store = self.committer.store
        record = store.get(resource.collection, key)
        if record is None:
            raise errors.not_found(resource.named, name)
        if resource.named == NAMESPACES and name in _KEPT_NAMESPACES:
            raise errors.forbidden(resource.named, name, "this namespace may not be deleted")
        self._check(resource, record, options)
        item = self.committer.live(resource, record)
        waiting = resource.behaviour.begin_end(item, self.committer.now())
        if waiting is not None:
            return self._kept(resource, waiting, options)
        _hold_for_collector(item, options.policy)
        if not _finalizers(resource, item):
            if not options.dry_run:
                return Deletion(store.remove(resource.collection, key), True)
            return Deletion(record, True)
        going = bool(item["metadata"].get("deletionTimestamp"))
        if going and item["metadata"] == record.item()["metadata"]:
            return Deletion(record, False)
        return self._kept(resource, item if going else self._marked(resource, item), options)

    def _kept(self, resource: Resource, marked: Item, options: DeleteOptions) -> Deletion:
        """An object that stays for now, in the state in which it waits."""
        kept = resource.to_storage(marked) if resource.to_storage is not None else marked
        if options.dry_run:
            return Deletion(record_of(kept, 0), False)
        return Deletion(self.committer.store.put(resource.collection, kept), False)

    def _check(self, resource: Resource, record: Record, options: DeleteOptions) -> None:
        if resource.named in (NAMESPACES, DEFINITIONS):
            _check_early(resource, record, options)
        kind = errors.GroupName(resource.storage_group, resource.kind)
        if options.uid is not None and options.uid != record.uid:
            why = (
                f"the UID in the precondition ({options.uid}) does not match the UID in record "
                f"({record.uid}). The object might have been deleted and then recreated"
            )
            raise errors.conflict(kind, record.name, why)
        held = str(record.revision)
        if options.resource_version is not None and options.resource_version != held:
            why = (
                f"the ResourceVersion in the precondition ({options.resource_version}) does not "
                f"match the ResourceVersion in record ({held}). The object might have been modified"
            )
            raise errors.conflict(kind, record.name, why)

    def _marked(self, resource: Resource, item: Item) -> Item:
        metadata: dict[str, Any] = {**item["metadata"], "deletionTimestamp": self.committer.now()}
        if resource.named == NAMESPACES:
            return {
                **item,
                "metadata": metadata,
                "status": {**item["status"], "phase": "Terminating"},
            }
        metadata["deletionGracePeriodSeconds"] = 0
        if metadata.get("generation"):
            metadata["generation"] += 1
        return {**item, "metadata": metadata}


def _check_early(resource: Resource, record: Record, options: DeleteOptions) -> None:
    """The preconditions of kinds that have a delete of their own, before those of the store."""
    held = {"UID": record.uid, "ResourceVersion": str(record.revision)}
    wanted = {"UID": options.uid, "ResourceVersion": options.resource_version}
    for name, value in wanted.items():
        if value is not None and value != held[name]:
            why = (
                f"Precondition failed: {name} in precondition: {value}, "
                f"{name} in object meta: {held[name]}"
            )
            raise errors.conflict(resource.named, record.name, why)


def _hold_for_collector(item: Item, policy: str | None) -> None:
    """Put the finalizer of a policy on an object and take that of another off, in place."""
    if policy is None:
        return
    metadata = item["metadata"]
    held = [one for one in metadata.get("finalizers") or () if one not in COLLECTED.values()]
    if policy in COLLECTED:
        held.append(COLLECTED[policy])
    if held:
        metadata["finalizers"] = held
    else:
        metadata.pop("finalizers", None)


def _finalizers(resource: Resource, item: Mapping[str, Any]) -> list[str]:
    held = list(item["metadata"].get("finalizers") or [])
    if resource.named == NAMESPACES:
        held += item["spec"].get("finalizers") or []
    return held


def deleted_status(resource: Resource, record: Record) -> dict[str, Any]:
    """The answer to a delete of a kind that does not return the deleted object."""
    details = {
        "name": record.name,
        "group": resource.group,
        "kind": resource.plural,
        "uid": record.uid,
    }
    return status_body("Success", details=details)
