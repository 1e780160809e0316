"""The built-in kinds as data: structure, defaults, rules, columns.

What belongs here: one module per family of kinds, each with `RESOURCES`. What does not: verbs,
storage, HTTP, ownership; those are the same for every kind and live in the parent package.
"""

from __future__ import annotations

from gitopsd.sandbox.kubernetes.kinds import (
    access,
    core,
    crds,
    discovery,
    events,
    leases,
    networking,
    nodes,
    services,
)
from gitopsd.sandbox.kubernetes.resources import Resource


def builtin() -> list[Resource]:
    """Every resource the server has from its start, groups in the order in which it lists them."""
    modules = (core, nodes, services, events, access, networking, crds, leases, discovery)
    return [resource for module in modules for resource in module.RESOURCES]
