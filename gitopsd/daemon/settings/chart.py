"""The settings' schema within the Helm chart's `values.schema.json`.

`python -m gitopsd.daemon.settings.chart FILE` writes it into the file, which says the rest by
itself; a test compares. What the chart sets by itself may not be set: `namespaces` come from
`rbac.namespaces`, which makes the RoleBindings too, and records are where the chart's Role is.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from gitopsd.daemon.settings.reading import settings_schema

#: What the chart's template writes.
_WRITTEN = ("namespaces", "recordNamespace")
#: The chart's Service and probes lead to this port.
_LISTEN = ":8080$"
#: The chart's own definitions.
_OWN = ("switch",)


def with_settings(values: dict[str, Any]) -> dict[str, Any]:
    """The schema of the chart's values (draft 7, as Helm reads it), `settings` as they are now."""
    text = json.dumps(settings_schema()).replace("#/$defs/", "#/definitions/")
    found = json.loads(text)
    kinds = found.pop("$defs")
    for name in ("$schema", "$id"):
        found.pop(name)
    for name in _WRITTEN:
        found["properties"].pop(name)
    found["properties"]["listen"]["pattern"] = _LISTEN
    properties = {**values["properties"], "settings": found}
    own = {name: values["definitions"][name] for name in _OWN}
    return {**values, "properties": properties, "definitions": {**own, **kinds}}


def text_of(schema: dict[str, Any]) -> str:
    """The schema as the chart keeps it."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(text_of(with_settings(json.loads(file.read_text("utf-8")))), encoding="utf-8")
