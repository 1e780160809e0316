"""What versions of a definition say of each other: which is stored, and which to use instead."""

from __future__ import annotations

import base64
import hashlib

from gitopsd.sandbox.kubernetes.discovery import ordered_versions
from gitopsd.sandbox.kubernetes.resources import Item


def storage_hash(spec: Item) -> str:
    """Which version the objects are stored in, as discovery tells it; "" where it is not served."""
    for version in spec["versions"]:
        if version["storage"] and version["served"]:
            text = f"{spec['group']}/{version['name']}/{spec['names']['kind']}"
            return base64.b64encode(hashlib.sha256(text.encode()).digest()[:8]).decode()
    return ""


def version_warnings(spec: Item, version: Item) -> tuple[str, ...]:
    """What every client of a deprecated version is told: in the definition's words, or which
    version to use, if a preferred one is served that is not deprecated itself.
    """
    if not version.get("deprecated"):
        return ()
    own = version.get("deprecationWarning")
    if own is not None:
        return (own,)
    name, group, kind = version["name"], spec["group"], spec["names"]["kind"]
    current = [
        one["name"] for one in spec["versions"] if one["served"] and not one.get("deprecated")
    ]
    best = ordered_versions([name, *current])[0]
    instead = "" if best == name else f"; use {group}/{best} {kind}"
    return (f"{group}/{name} {kind} is deprecated{instead}",)
