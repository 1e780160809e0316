"""A target's Lease, in the namespace of its record and under the record's name."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import orjson

from gitopsd.adapters.kubernetes.connection import Connection
from gitopsd.adapters.kubernetes.errors import NoSuchObject, not_kubernetes
from gitopsd.adapters.kubernetes.reads import get
from gitopsd.adapters.kubernetes.record import record_name
from gitopsd.adapters.kubernetes.request import Request
from gitopsd.adapters.kubernetes.resources import LEASES
from gitopsd.model.ownership import INSTANCE, MANAGED_BY, MANAGER, TARGET, Owner
from gitopsd.ports import Lease, Missing, Overtaken

#: Who waits for the lease; a holder gives it up when it has nothing under way.
WANTED = "gitopsd.io/wanted-by"
#: The seconds that a write of the holder may take: its successor waits as long before its first.
REQUEST = "gitopsd.io/write-seconds"
#: How many leases the holder has in all, and how many the one who waits so that both have as many.
LOAD, WANTED_LOAD = "gitopsd.io/holder-leases", "gitopsd.io/wanted-by-leases"
#: A word for a push that somebody who stands by has heard of: the holder looks at the repository.
NEWS = "gitopsd.io/pushed"


class KubernetesLease:
    """A `LeaseStore` over coordination.k8s.io/v1.

    `connection` should give up quickly and not try again: whoever holds a lease has to know soon
    that it could not be renewed. Every method raises the errors of `ports`.
    """

    def __init__(self, connection: Connection, owner: Owner, *, namespace: str) -> None:
        self._connection = connection
        self._owner = owner
        self._namespace = namespace
        self._name = record_name(owner)

    @property
    def about(self) -> str:
        """The Lease's kind, namespace and name."""
        return f"Lease {self._namespace}/{self._name}"

    def read(self) -> Lease | None:
        """See `LeaseStore.read`."""
        return get(self._connection, LEASES, _decode, self._namespace, self._name)

    def write(self, lease: Lease) -> Lease:
        """See `LeaseStore.write`."""
        new = not lease.version
        path = LEASES.collection(self._namespace)
        request = Request(
            "POST" if new else "PUT",
            path if new else LEASES.item(self._namespace, self._name),
            self.about,
            "create" if new else "update",
            LEASES.plural,
            query=(("fieldManager", MANAGER),),
            body=self._encode(lease),
        )
        try:
            return self._connection.fetch(request, _decode)
        except NoSuchObject as error:
            raise Overtaken(error.about, error.detail) from error
        except Missing as error:
            mend = f"kubectl create namespace {self._namespace}"
            raise Missing(self.about, error.detail, mend) from error

    def watch(self, version: str, seconds: float) -> Iterator[Lease]:
        """See `LeaseStore.watch`."""
        request = Request(
            "GET",
            LEASES.collection(self._namespace),
            self.about,
            "watch",
            LEASES.plural,
            query=(
                ("watch", "true"),
                ("fieldSelector", f"metadata.name={self._name}"),
                ("resourceVersion", version),
                ("timeoutSeconds", str(math.ceil(seconds))),
            ),
        )
        for line in self._connection.lines(request):
            event = _event(line, request)
            if event["type"] not in ("ADDED", "MODIFIED"):
                return  # it is gone, or the version is too old: whoever asks again gives another
            yield _decode(event["object"])

    def _encode(self, lease: Lease) -> dict[str, Any]:
        owner = self._owner
        labels = {MANAGED_BY: MANAGER, INSTANCE: owner.instance, TARGET: owner.target}
        metadata: dict[str, Any] = {
            "name": self._name,
            "namespace": self._namespace,
            "labels": labels,
        }
        annotations = {
            WANTED: lease.wanted,
            WANTED_LOAD: "" if lease.wanted_load is None else str(lease.wanted_load),
            REQUEST: f"{lease.request:g}" if lease.request else "",
            LOAD: str(lease.load) if lease.load else "",
            NEWS: lease.news,
        }
        if said := {key: value for key, value in annotations.items() if value}:
            metadata["annotations"] = said
        if lease.version:
            metadata["resourceVersion"] = lease.version
        spec = {
            "holderIdentity": lease.holder,
            "leaseDurationSeconds": max(1, math.ceil(lease.duration)),
            "leaseTransitions": lease.transitions,
            "acquireTime": lease.acquired or None,
            "renewTime": lease.renewed or None,
        }
        return {
            "apiVersion": LEASES.api_version,
            "kind": LEASES.kind,
            "metadata": metadata,
            "spec": {key: value for key, value in spec.items() if value is not None},
        }


def _event(line: bytes, request: Request) -> dict[str, Any]:
    try:
        event = orjson.loads(line)
        return {"type": event["type"], "object": event["object"]}
    except (ValueError, KeyError, TypeError) as error:
        raise not_kubernetes(request, repr(error)) from error


def _decode(raw: dict[str, Any]) -> Lease:
    spec = raw.get("spec") or {}
    annotations = raw["metadata"].get("annotations") or {}
    return Lease(
        holder=str(spec.get("holderIdentity") or ""),
        duration=float(spec.get("leaseDurationSeconds") or 0),
        acquired=str(spec.get("acquireTime") or ""),
        renewed=str(spec.get("renewTime") or ""),
        transitions=int(spec.get("leaseTransitions") or 0),
        version=str(raw["metadata"]["resourceVersion"]),
        wanted=str(annotations.get(WANTED, "")),
        request=_seconds(str(annotations.get(REQUEST, ""))),
        load=_count(str(annotations.get(LOAD, ""))) or 0,
        wanted_load=_count(str(annotations.get(WANTED_LOAD, ""))),
        news=str(annotations.get(NEWS, "")),
    )


def _seconds(text: str) -> float:
    """Whole or broken seconds below a thousand; 0 for what somebody wrote by hand and is none."""
    return float(text) if re.fullmatch(r"\d{1,3}(\.\d{1,6})?", text, re.ASCII) else 0.0


def _count(text: str) -> int | None:
    """A number of leases; None for what somebody wrote by hand and is none."""
    return int(text) if re.fullmatch(r"\d{1,6}", text, re.ASCII) else None
