"""References from one object to another."""

from __future__ import annotations

from typing import Final

from gitopsd.sandbox.kubernetes.schema import STRING, UID, struct

OBJECT_REFERENCE: Final = struct(
    "ObjectReference",
    {
        "kind": STRING,
        "namespace": STRING,
        "name": STRING,
        "uid": UID,
        "apiVersion": STRING,
        "resourceVersion": STRING,
        "fieldPath": STRING,
    },
    atomic=True,
)
