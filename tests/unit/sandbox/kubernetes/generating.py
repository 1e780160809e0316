"""Random objects of a small kind that has every structure: map lists, sets, atoms, open maps."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from gitopsd.sandbox.kubernetes.kinds.metadata import top_level
from gitopsd.sandbox.kubernetes.schema import (
    ANY,
    INT32,
    STRING,
    atomic_list,
    defaulted,
    map_list,
    mapping,
    set_list,
    struct,
)
from gitopsd.sandbox.kubernetes.scopes import Scope

PORT = struct(
    "Port", {"port!": INT32, "protocol": defaulted(STRING, "TCP"), "name": STRING, "to": INT32}
)
THING = top_level(
    "Thing",
    {
        "spec": struct(
            "Spec",
            {
                "ports": map_list(PORT, "port", "protocol"),
                "tags": set_list(STRING),
                "order": atomic_list(STRING),
                "selector": mapping(STRING, atomic=True),
                "text": STRING,
                "free": ANY,
            },
        )
    },
)
NAMES = st.sampled_from(["a", "b", "c"])
SMALL = st.integers(1, 3)
PORTS = st.lists(
    st.fixed_dictionaries(
        {"port": SMALL},
        optional={"protocol": st.sampled_from(["TCP", "UDP"]), "name": NAMES, "to": SMALL},
    ),
    max_size=3,
    unique_by=lambda port: (port["port"], port.get("protocol", "TCP")),
)
SPECS = st.fixed_dictionaries(
    {},
    optional={
        "ports": PORTS,
        "tags": st.lists(NAMES, max_size=3, unique=True),
        "order": st.lists(NAMES, max_size=3),
        "selector": st.dictionaries(NAMES, NAMES, max_size=2),
        "text": NAMES,
        "free": st.dictionaries(NAMES, st.integers(0, 2), max_size=2),
    },
)
LABELS = st.dictionaries(NAMES, NAMES, max_size=3)


def thing(labels: dict[str, str], spec: dict[str, Any]) -> dict[str, Any]:
    """An object as a client sends it."""
    return {
        "apiVersion": "v1",
        "kind": "Thing",
        "metadata": {"name": "t", "labels": labels},
        "spec": spec,
    }


THINGS = st.builds(thing, LABELS, SPECS)


def scope(now: str = "2026-01-01T00:00:00Z") -> Scope:
    """Ownership of the kind above, before anything was stored."""
    zero = {"kind": "Thing", "apiVersion": "v1", "metadata": {}}
    return Scope(THING, "v1", "", {}, zero, now)
