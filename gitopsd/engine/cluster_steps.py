"""Steps on Services and Ingresses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from gitopsd.diff.fields import remember
from gitopsd.diff.manifest import fingerprint
from gitopsd.diff.naming import resolve
from gitopsd.diff.objects import with_digest
from gitopsd.engine.waiting import Times, Waiting
from gitopsd.model.desired import Manifest
from gitopsd.model.digest import digest
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ObservedObject, ObservedTarget
from gitopsd.model.ownership import DIGEST
from gitopsd.model.plan import Operation, Step
from gitopsd.ports import ClusterReader, ClusterWriter, Missing, Overtaken, Site, WorldError

T = TypeVar("T")

#: Writes of one step before a busy object counts as overtaken.
_ATTEMPTS = 5


class ClusterSteps:
    """Writes objects. `ids` are the ids of groups, those made in this pass included."""

    def __init__(
        self,
        site: Site,
        observed: ObservedTarget,
        times: Times,
        ids: Mapping[Identity, str],
    ) -> None:
        if site.cluster_writer is None:
            raise ValueError("a site without a writer can only be planned for")
        self._reader: ClusterReader = site.cluster
        self._writer: ClusterWriter = site.cluster_writer
        self._observed = observed
        self._times = times
        self._ids = ids

    def do(self, step: Step) -> tuple[str, str]:
        """Do the step; answers the digest that stands on the object now ("" when it is gone).

        Beside it stands the memory of its fields, "" where the plan does not ask for one.
        """
        if step.operation is Operation.DELETE:
            self._delete(step)
            return "", ""
        manifest, written, fields = self._manifest(step)
        if step.operation is Operation.REPLACE:
            self._writer.try_creation(manifest)  # what would be refused must not cost what is there
            self._delete(step)
            self._wait_until_gone(step.identity)
            try:
                self._create(manifest, step)
            except WorldError as error:
                error.add_before("the old one is deleted, and the new one is not there yet")
                raise
        elif step.operation is Operation.CREATE:
            self._create(manifest, step)
        else:
            self._update(manifest, step)
        return written, fields

    def _manifest(self, step: Step) -> tuple[Manifest, str, str]:
        """What to send, with every id in its place; the digest and fields of what was compiled."""
        payload = step.payload
        groups = [Identity("ServerGroup", *key.split("/")) for key in payload.get("groups", [])]
        for group in groups:
            if group not in self._ids:
                raise Missing(str(step.identity), f"the id of {group} is not known")
        manifest = resolve(payload["manifest"], self._ids, groups)
        compiled = resolve(payload.get("template", payload["manifest"]), self._ids, groups)
        written = payload["digest"] or digest(compiled)
        authors = payload.get("authors", "")
        fields = remember(compiled) + authors if payload.get("remember") else ""
        return with_digest(manifest, written), written, fields

    def _create(self, manifest: Manifest, step: Step) -> None:
        try:
            self._writer.apply(manifest, uid=None, resource_version=None)
        except Overtaken:
            fresh = self._reader.read(step.identity)
            label = manifest["metadata"]["labels"][DIGEST]
            if fresh is None or fresh.labels.get(DIGEST) != label:
                raise
            # An earlier attempt of ours arrived after all: the object is the one we want.

    def _update(self, manifest: Manifest, step: Step) -> None:
        """What others added goes first: beside it, what we send might not be valid.

        Whether what we send will be taken is asked before it goes.
        """
        wanted: Manifest = step.payload["manifest"]
        live, expects = self._found(step), step.expects
        fields = [tuple(path) for path in step.payload.get("remove", [])]
        if fields:
            live = self._checked(
                live,
                wanted,
                expects,
                lambda now: self._writer.remove_fields(
                    step.identity,
                    fields,
                    uid=now.uid,
                    version=now.resource_version,
                    wanted=manifest,
                ),
            )
            expects = fingerprint(wanted, live.manifest)
        self._checked(
            live,
            wanted,
            expects,
            lambda now: self._writer.apply(
                manifest, uid=now.uid, resource_version=now.resource_version
            ),
        )

    def _delete(self, step: Step) -> None:
        expected = None if step.operation is Operation.DELETE else step.payload["manifest"]
        self._checked(
            self._found(step),
            expected,
            step.expects,
            lambda now: self._writer.delete(
                step.identity, uid=now.uid, version=now.resource_version
            ),
        )

    def _found(self, step: Step) -> ObservedObject:
        """What was observed where the step writes."""
        live = self._observed.there(step.identity)
        if live is None:
            raise Overtaken(str(step.identity), "it is not there any more")
        return live

    def _checked(
        self,
        live: ObservedObject,
        wanted: Manifest | None,
        expects: str,
        write: Callable[[ObservedObject], T],
    ) -> T:
        """Write to an object at the version at which it was seen.

        A controller's status or labels move the version without touching what was compared: then
        the object is read again, laid beside what is expected, and written at its new version.
        """
        for _ in range(_ATTEMPTS - 1):
            try:
                return write(live)
            except Overtaken:
                fresh = self._reader.read(live.identity)
                if fresh is None or fresh.uid != live.uid:
                    raise
                if fingerprint(wanted, fresh.manifest) != expects:
                    raise
                live = fresh
        return write(live)

    def _wait_until_gone(self, identity: Identity) -> None:
        if not self._times.until(lambda: self._reader.read(identity) is None, self._times.gone):
            raise Waiting(f"{identity} is being deleted, and a finalizer still holds it")
