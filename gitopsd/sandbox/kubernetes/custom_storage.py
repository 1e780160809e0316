"""How the objects of a definition are held in one version and read in every other.

The storage version is that of the time of the writing: what was held under an earlier definition
is read through today's schema of the version that it was written in. Between versions nothing is
converted but the name; each reader sees what its own schema knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gitopsd.sandbox.kubernetes.custom_reading import OWN_MEMBERS, JsonSchema, held_body, known_body
from gitopsd.sandbox.kubernetes.resources import Item


def schema_of(version: Item) -> JsonSchema:
    """The schema of a definition's version."""
    schema: JsonSchema = (version.get("schema") or {}).get("openAPIV3Schema") or {}
    return schema


@dataclass(frozen=True, slots=True)
class Versioned:
    """One version among those of a definition.

    `schemas` are all of them by apiVersion, `storage` is the one that is written today.
    """

    own: str
    storage: str
    schemas: Mapping[str, JsonSchema]

    def from_storage(self, item: Item, version: str) -> Item:
        """An object held in an apiVersion, as this version shows it.

        Defaults are those of the version it is held in; this one's own do not add to them.
        """
        held = version if version in self.schemas else self.storage
        body = held_body(self.schemas[held], _body(item))
        if held != self.own:
            body = known_body(self.schemas[self.own], body)
        return {"metadata": item["metadata"], **body}

    def to_storage(self, item: Item) -> Item:
        """What is held of an object of this version."""
        if self.own == self.storage:
            return item
        body = known_body(self.schemas[self.storage], _body(item))
        identity = {"apiVersion": self.storage, "kind": item["kind"]}
        return {**identity, "metadata": item["metadata"], **body}


def versioned(spec: Item, version: Item) -> Versioned:
    """A version of a definition among the others, served or not."""
    names = {one["name"]: f"{spec['group']}/{one['name']}" for one in spec["versions"]}
    storage = next(one["name"] for one in spec["versions"] if one["storage"])
    return Versioned(
        own=names[version["name"]],
        storage=names[storage],
        schemas={names[one["name"]]: schema_of(one) for one in spec["versions"]},
    )


def _body(item: Item) -> Item:
    return {name: value for name, value in item.items() if name not in OWN_MEMBERS}
