"""Lease, the lock of leader election."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gitopsd.sandbox.kubernetes.errors import FieldProblem, invalid_value
from gitopsd.sandbox.kubernetes.kinds.cells import AGE, NAME, text_of
from gitopsd.sandbox.kubernetes.kinds.metadata import top_level
from gitopsd.sandbox.kubernetes.resources import Behaviour, Column, Item, MetadataRules, Resource
from gitopsd.sandbox.kubernetes.schema import INT32, MICRO_TIME, STRING, named, struct

_LEASE: Final = top_level(
    "Lease",
    {
        "spec!": struct(
            "LeaseSpec",
            {
                "holderIdentity?": STRING,
                "leaseDurationSeconds?": INT32,
                "acquireTime?": MICRO_TIME,
                "renewTime?": MICRO_TIME,
                "leaseTransitions?": INT32,
                "strategy?": named("CoordinatedLeaseStrategy"),
                "preferredHolder?": STRING,
            },
        )
    },
)


def _prepare(new: Item, old: Item | None) -> None:
    """Members of a feature that is off by default are dropped, unless they were there before."""
    for member in ("strategy", "preferredHolder"):
        if old is None or member not in old["spec"]:
            new["spec"].pop(member, None)


def _lease_problems(new: Item, _old: Item | None) -> Iterator[FieldProblem]:
    spec = new["spec"]
    seconds, transitions = spec.get("leaseDurationSeconds"), spec.get("leaseTransitions")
    if seconds is not None and seconds <= 0:
        yield invalid_value("spec.leaseDurationSeconds", seconds, "must be greater than 0")
    if transitions is not None and transitions < 0:
        why = "must be greater than or equal to 0"
        yield invalid_value("spec.leaseTransitions", transitions, why)


RESOURCES: Final = (
    Resource(
        "coordination.k8s.io", "v1", "Lease", "leases", "lease", True, _LEASE,
        zero={"metadata": {}, "spec": {}},
        behaviour=Behaviour(
            prepare=_prepare, validate=_lease_problems, unconditional_update=False,
            create_on_update=True,
            metadata=MetadataRules(on_update=("change",), known_finalizers=False),
        ),
        columns=(NAME, Column("Holder", text_of("spec", "holderIdentity")), AGE),
        storage_version_hash="gqkMMb/YqFM=",
    ),
)  # fmt: skip
