"""What each sink was told of a target, in ConfigMaps: `gitopsd-<instance>-<target>.told.<sink>`.

They stand beside the record in its namespace. No instance, target or sink has a dot in its name, so
that no record is ever called so. The one key, `told.json`, holds the JSON that is handed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from gitopsd.adapters.kubernetes.connection import Connection
from gitopsd.adapters.kubernetes.reads import get
from gitopsd.adapters.kubernetes.record import record_name
from gitopsd.adapters.kubernetes.request import APPLY, Request
from gitopsd.adapters.kubernetes.resources import CONFIG_MAPS
from gitopsd.model.digest import canonical
from gitopsd.model.ownership import INSTANCE, MANAGED_BY, MANAGER, TARGET, Owner

_KEY = "told.json"


class ToldConfigMaps:
    """An `AlertMemory` in a cluster."""

    def __init__(self, connection: Connection, namespace: str = "gitopsd-system") -> None:
        self._connection = connection
        self._namespace = namespace

    def load(self, owner: Owner, sink: str) -> Mapping[str, Any]:
        """See `AlertMemory.load`."""
        name = _name(owner, sink)
        return get(self._connection, CONFIG_MAPS, _decoded, self._namespace, name) or {}

    def save(self, owner: Owner, sink: str, content: Mapping[str, Any]) -> None:
        """See `AlertMemory.save`."""
        name = _name(owner, sink)
        labels = {MANAGED_BY: MANAGER, INSTANCE: owner.instance, TARGET: owner.target}
        request = Request(
            "PATCH",
            CONFIG_MAPS.item(self._namespace, name),
            f"{CONFIG_MAPS.kind} {self._namespace}/{name}",
            "patch",
            CONFIG_MAPS.plural,
            query=(("fieldManager", MANAGER), ("force", "true")),
            body={
                "apiVersion": CONFIG_MAPS.api_version,
                "kind": CONFIG_MAPS.kind,
                "metadata": {"name": name, "namespace": self._namespace, "labels": labels},
                "data": {_KEY: canonical(content).decode()},
            },
            content_type=APPLY,
        )
        self._connection.send(request)


def _name(owner: Owner, sink: str) -> str:
    return f"{record_name(owner)}.told.{sink}"


def _decoded(item: dict[str, Any]) -> dict[str, Any]:
    """What is kept; whatever else somebody has put there counts as nothing."""
    try:
        content = orjson.loads((item.get("data") or {}).get(_KEY, ""))
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}
