"""Tables: what `kubectl get` shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gitopsd.sandbox.kubernetes.kinds.cells import seconds_since, short_duration
from gitopsd.sandbox.kubernetes.resources import Column, Item, Resource


def definitions(resource: Resource) -> list[dict[str, Any]]:
    """The columns of a resource's table."""
    return [
        {
            "name": column.name,
            "type": column.type,
            "format": column.format,
            "description": column.description,
            "priority": column.priority,
        }
        for column in resource.columns
    ]


def _cell(column: Column, item: Item, now: float) -> Any:
    value = column.cell(item)
    if column.elapsed:
        return short_duration(seconds_since(value, now))
    return value


def table(
    resource: Resource,
    items: Sequence[Item],
    metadata: dict[str, Any],
    now: float,
    *,
    include: str = "Metadata",
    with_columns: bool = True,
) -> dict[str, Any]:
    """A Table of objects; `include` says what each row carries: Metadata, Object or None."""
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
                "apiVersion": "meta.k8s.io/v1",
                "metadata": item["metadata"],
            }
        rows.append(row)
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": metadata,
        "columnDefinitions": definitions(resource) if with_columns else [],
        "rows": rows,
    }
