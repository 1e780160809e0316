"""Whose a document is and what it is called: apiVersion, kind, name and namespace.

A document with mistakes still holds what it made (design §4, "Held, not lost"), so everything here
is about telling its identity as long as that can be done without guessing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import gitopsd
from gitopsd.model.identity import EXPOSURE, FLEET, SERVER_GROUP, Identity
from gitopsd.model.position import Position
from gitopsd.model.problem import Problem
from gitopsd.spec.building import LoadedDocument
from gitopsd.spec.document import Path
from gitopsd.spec.forms import DNS_1035, DNS_1123, GROUP, KINDS, VERSIONS, closest, dotted
from gitopsd.spec.mistakes import unknown_field, where
from gitopsd.spec.problems import found
from gitopsd.spec.wording import brief, told

_FIELDS = ("apiVersion", "kind", "metadata", "spec")
_METADATA = ("name", "namespace")
#: Our versions as they read without their group.
_VERSIONS = frozenset(version.rpartition("/")[2] for version in VERSIONS)
#: The kinds of the core group of Kubernetes that read nearly like one of ours.
_CORE = frozenset({"Event"})
#: Of a document that may be called anything.
NOTHING = Identity("", "", "")


@dataclass(slots=True)
class Envelope:
    """What the outside of a document says.

    `kind` is None where no form fits; `readable` is false for a version whose form is not known
    here. `identities` are all that the document could be: one when its kind is known, several when
    only the kind is in doubt, none when it cannot be told: `glimpse` is then what is known of it,
    "" for what is in doubt. `strays` are fields that do not exist.
    """

    kind: str | None = None
    readable: bool = True
    identities: tuple[Identity, ...] = ()
    glimpse: Identity = NOTHING
    problems: list[Problem] = field(default_factory=list)
    strays: list[Path] = field(default_factory=list)


def is_foreign(document: LoadedDocument) -> bool:
    """Whether a document belongs to another API group, and is none of our business."""
    value = document.value
    if not isinstance(value, dict) or ("apiVersion",) in document.broken:
        return False
    version = value.get("apiVersion")
    if not isinstance(version, str) or not version:
        return False
    return _group_of(version).lower() != GROUP and not _is_slip(version, value)


def open_envelope(document: LoadedDocument) -> Envelope:
    """Judge the outside of a document that is not foreign."""
    if not isinstance(document.value, dict):
        what = f"A document must be a mapping, and this is {told(document.value)}."
        return Envelope(problems=[found("GX0011", what, Position("", *document.place))])
    return _Judge(document).judge()


def _group_of(version: str) -> str:
    """The API group that an apiVersion names; "" for one without, the core group of Kubernetes."""
    return version.rpartition("/")[0] if version.lower() != GROUP else version


def _is_slip(version: str, value: Mapping[str, Any]) -> bool:
    """Whether a document whose group is not ours looks as if ours was misspelt or left out.

    The kind tells it too, slips of its own included. Without a group our version is enough, in a
    document with metadata: the core group of Kubernetes has only v1.
    """
    group, kind = _group_of(version), value.get("kind")
    named = isinstance(kind, str) and kind not in _CORE and closest(kind, KINDS) is not None
    if group:
        near = GROUP in version.lower() or closest(group, (GROUP,)) is not None
        return near and (named or not isinstance(kind, str))
    return named or (version.strip("/").lower() in _VERSIONS and "metadata" in value)


class _Judge:
    """Looks at one document from the outside to the inside."""

    def __init__(self, document: LoadedDocument) -> None:
        self._document = document
        self._value: dict[str, Any] = document.value
        self._envelope = Envelope()

    def judge(self) -> Envelope:
        """Everything that can be said."""
        envelope = self._envelope
        self._judge_version()
        if self._is_stranger():
            return envelope  # what else it holds says nothing to us
        self._judge_kind()
        name, namespace = self._judge_metadata()
        if envelope.readable:
            self._judge_fields((), self._value, _FIELDS)
            if "spec" not in self._value:
                self._miss("GX0032", ("spec",), self._value, _FIELDS)
        envelope.identities = self._identities(name, namespace)
        envelope.glimpse = self._glimpse(name, namespace)
        return envelope

    # --- what it is ----------------------------------------------------------------------------

    def _identities(self, name: str | None, namespace: str | None) -> tuple[Identity, ...]:
        broken = self._document.broken
        if name is None or any(path[:1] in ((), ("metadata",), ("kind",)) for path in broken):
            return ()
        kind = self._envelope.kind
        if kind == FLEET:
            return (Identity(FLEET, "", name),)
        if namespace is None:
            return ()
        kinds = (kind,) if kind else (EXPOSURE, SERVER_GROUP)
        return tuple(Identity(kind, namespace, name) for kind in kinds)

    def _glimpse(self, name: str | None, namespace: str | None) -> Identity:
        doubtful = {path[:1] for path in self._document.broken}
        if () in doubtful:
            return NOTHING
        kind = self._envelope.kind if ("kind",) not in doubtful else None
        if ("metadata",) in doubtful:
            name = namespace = None
        return Identity(kind or "", namespace or "", name or "")

    def _is_stranger(self) -> bool:
        """Whether a document without apiVersion has no other sign of being ours."""
        kind = self._value.get("kind")
        known = isinstance(kind, str) and closest(kind, KINDS) is not None
        return "apiVersion" not in self._value and not known and "metadata" not in self._value

    # --- its parts -----------------------------------------------------------------------------

    def _judge_version(self) -> None:
        version = self._value.get("apiVersion")
        path, known = ("apiVersion",), ", ".join(VERSIONS)
        if version in (None, ""):
            self._miss("GX0020", path, self._value, _FIELDS)
        elif not isinstance(version, str):
            what = f"apiVersion must be text, and is {told(version)}."
            self._add("GX0033", what, path, mend=f"Write {known}.")
        elif version.partition("/")[0].lower() != GROUP:
            what = f"apiVersion {brief(version)} is no group of ours; did you mean {known}?"
            self._add("GX0022", what, path)
        elif version not in VERSIONS:
            reader = f"this gitopsd ({gitopsd.__version__}) reads {known}"
            what = f"apiVersion {brief(version)} is unknown: {reader}."
            guess = f"Did you mean {known}?" if version.lower() in VERSIONS else ""
            self._add("GX0021", what, path, mend=guess)
            self._envelope.readable = False

    def _judge_kind(self) -> None:
        kind = self._value.get("kind")
        if isinstance(kind, str) and kind in KINDS:
            self._envelope.kind = kind
        elif kind is None:
            self._miss("GX0023", ("kind",), self._value, _FIELDS)
        else:
            guess = closest(kind, KINDS) if isinstance(kind, str) else None
            what = f"kind must be {', '.join(KINDS)}, and is {told(kind)}."
            self._add("GX0023", what, ("kind",), mend=f"Did you mean {guess}?" if guess else "")

    def _judge_metadata(self) -> tuple[str | None, str | None]:
        """The name and the namespace, None where they are missing or not legal."""
        path = ("metadata",)
        metadata = self._value.get("metadata")
        if "metadata" not in self._value:
            self._miss("GX0024", path, self._value, _FIELDS)
            return None, None
        if not isinstance(metadata, dict):
            what = f"metadata must be a mapping, and is {told(metadata)}."
            self._add("GX0033", what, path, mend="Write a mapping.")
            return None, None
        if self._envelope.readable:
            self._judge_fields(path, metadata, _METADATA)
        name = self._label("GX0024", metadata, "name", DNS_1035)
        if self._envelope.kind != FLEET:
            return name, self._label("GX0025", metadata, "namespace", DNS_1123)
        if metadata.get("namespace") is not None:
            path_ = ("metadata", "namespace")
            self._add("GX0027", "A Fleet has no namespace, so it is ignored.", path_, key=True)
        return name, None

    def _label(
        self, id_: str, metadata: Mapping[str, Any], name: str, pattern: re.Pattern[str]
    ) -> str | None:
        value, path = metadata.get(name), ("metadata", name)
        if isinstance(value, str) and pattern.fullmatch(value):
            return value
        if value is None:
            self._miss(id_, path, metadata, _METADATA)
        elif not isinstance(value, str):
            what = f"metadata.{name} must be text, and is {told(value)}."
            self._add(id_, what, path, mend="Put it in quotes, or write the name that is meant.")
        else:
            better = re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")[:63].rstrip("-")
            mend = f"Did you mean {better}?" if pattern.fullmatch(better) else ""
            self._add(id_, f"metadata.{name} cannot be {told(value)}.", path, mend=mend)
        return None

    def _judge_fields(self, path: Path, here: Mapping[str, Any], known: tuple[str, ...]) -> None:
        self._envelope.strays += [(*path, name) for name in here if name not in known]
        for name in here:
            guess = closest(name, known)
            if name in known or (guess is not None and guess not in here):
                continue  # where the right name is missed, the wrong one is told
            what, mend = unknown_field((*path, name), known, homes_={})
            self._add("GX0030", what, (*path, name), key=True, mend=mend)

    # --- problems ------------------------------------------------------------------------------

    def _miss(self, id_: str, path: Path, here: Mapping[str, Any], known: tuple[str, ...]) -> None:
        """Something that must be there; told at what was probably meant to be it."""
        wanted = path[-1]
        slips = (n for n in here if n not in known and closest(n, known) == wanted)
        what = f"The field {dotted(path)} is missing."
        if slip := next(slips, None):
            what = f"The field {dotted(path)} is missing, and {brief(slip)} does not exist."
            self._add(id_, what, (*path[:-1], slip), key=True, mend=f"Did you mean {wanted}?")
        else:
            self._add(id_, what, path, key=True)

    def _add(self, id_: str, what: str, path: Path, *, key: bool = False, mend: str = "") -> None:
        broken = self._document.broken
        if not any(path[:length] in broken for length in range(1, len(path) + 1)):
            place = where(self._document, path, key=key)
            self._envelope.problems.append(found(id_, what, place, mend=mend))
