"""Tables: what `kubectl get` shows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson

from gitopsd.sandbox.kubernetes.resources import Column, Item, Resource

_TEXTS: Final = Path(__file__).with_name("columns.json")


@cache
def _descriptions() -> dict[str, dict[str, str]]:
    """What a kube-apiserver v1.36 says about the columns of its own kinds, by resource and column.

    Columns that every kind has stand under "*".
    """
    found: dict[str, dict[str, str]] = orjson.loads(_TEXTS.read_bytes())
    return found


def _description(resource: Resource, column: Column) -> str:
    texts, name = _descriptions(), column.name
    own = texts.get(resource.collection, {})
    return column.description or own.get(name) or texts["*"].get(name, "")


def definitions(resource: Resource) -> list[dict[str, Any]]:
    """The columns of a resource's table."""
    return [
        {
            "name": column.name,
            "type": column.type,
            "format": column.format,
            "description": _description(resource, column),
            "priority": column.priority,
        }
        for column in resource.columns
    ]


def _cell(column: Column, item: Item, now: float) -> Any:
    value = column.cell(item)
    return column.shown(value, now) if column.shown else value


def table(
    resource: Resource,
    items: Sequence[Item],
    metadata: dict[str, Any],
    now: float,
    *,
    include: str = "Metadata",
    with_columns: bool = True,
    version: str = "v1",
) -> dict[str, Any]:
    """A Table of objects; `include` says what each row carries: Metadata, Object or None.

    `version` is one of meta.k8s.io; they differ in their names alone.
    """
    api_version = f"meta.k8s.io/{version}"
    rows = []
    for item in items:
        row: dict[str, Any] = {"cells": [_cell(column, item, now) for column in resource.columns]}
        if include == "Object":
            row["object"] = item
        elif include == "None":
            row["object"] = None
        else:
            row["object"] = {
                "kind": "PartialObjectMetadata",
                "apiVersion": api_version,
                "metadata": item["metadata"],
            }
        rows.append(row)
    return {
        "kind": "Table",
        "apiVersion": api_version,
        "metadata": metadata,
        "columnDefinitions": definitions(resource) if with_columns else None,
        "rows": rows,
    }
