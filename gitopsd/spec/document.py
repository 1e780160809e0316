"""Documents of a config repository, as read: typed specs that know where each field stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from gitopsd.model.identity import Identity
from gitopsd.model.position import Position
from gitopsd.model.problem import Problem
from gitopsd.spec.model import ExposureSpec, FleetSpec, ServerGroupSpec

Path = tuple[str | int, ...]
S = TypeVar("S", FleetSpec, ExposureSpec, ServerGroupSpec)


@dataclass(frozen=True, slots=True)
class Document(Generic[S]):
    """One document; well-formed, unless it is one of those that were `refused`.

    `positions` maps the path of a key or list item (`("spec", "ports", 0, "port")`) to where its
    value stands.
    """

    identity: Identity
    spec: S
    file: str
    positions: Mapping[Path, tuple[int, int]] = field(repr=False)

    @property
    def named(self) -> bool:
        """Whether it is certain what it is called: only then `identity` says it."""
        return bool(self.identity.name)

    def where(self, *path: str | int) -> Position:
        """Where this path, or the nearest part above it that was written, stands."""
        for length in range(len(path), -1, -1):
            place = self.positions.get(path[:length])
            if place is not None:
                return Position(self.file, *place)
        return Position(self.file)


@dataclass(frozen=True, slots=True)
class SpecSet:
    """Everything a revision of the repository says.

    `held` are identities of documents that have errors or stand twice: what they made is left as
    it is. `unidentified` are files whose documents could not be told apart, `unread` entries that
    were not followed and may hold documents: while there is one of either, nothing is deleted.
    `glimpses` are what is known of documents in `unidentified` files, "" for what is in doubt.
    `refused` are the documents that are held, and a Fleet with mistakes, with what they say all the
    same: to be checked, never to be compiled. `ignored` counts documents of other API groups.
    `files` counts the YAML files read.
    """

    fleet: Document[FleetSpec] | None
    exposures: Mapping[Identity, Document[ExposureSpec]]
    server_groups: Mapping[Identity, Document[ServerGroupSpec]]
    problems: tuple[Problem, ...] = ()
    held: frozenset[Identity] = frozenset()
    unidentified: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    glimpses: tuple[Identity, ...] = ()
    refused: tuple[Document[Any], ...] = ()
    ignored: int = 0
    files: int = 0
    revision: str = "none"

    def may_hold(self, identity: Identity) -> bool:
        """Whether a document that has errors is called so, or may be."""
        return identity in self.held or any(
            seen.kind in ("", identity.kind)
            and seen.namespace in ("", identity.namespace)
            and seen.name in ("", identity.name)
            for seen in self.glimpses
        )
