"""Whose a document is and what it is called: apiVersion, kind, name and namespace.

A document with mistakes still holds what it made (design §4, "Held, not lost"), so everything here
is about telling its identity as long as that can be done without guessing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import gitopsd
from gitopsd.model.identity import EXPOSURE, FLEET, SERVER_GROUP, Identity
from gitopsd.model.position import Position
from gitopsd.model.problem import Problem
from gitopsd.spec.building import LoadedDocument
from gitopsd.spec.document import Path
from gitopsd.spec.forms import DNS_1035, DNS_1123, GROUP, KINDS, VERSIONS, closest
from gitopsd.spec.mistakes import told, unknown_field, where
from gitopsd.spec.problems import found

_FIELDS = ("apiVersion", "kind", "metadata", "spec")
_METADATA = ("name", "namespace")


@dataclass(slots=True)
class Envelope:
    """What the outside of a document says.

    `kind` is None where no form fits; `readable` is false for a version whose form is not known
    here. `identities` are all that the document could be: one when
    its kind is known, several when only the kind is in doubt, none when it cannot be told.
    """

    kind: str | None = None
    readable: bool = True
    identities: tuple[Identity, ...] = ()
    problems: list[Problem] = field(default_factory=list)


def is_foreign(document: LoadedDocument) -> bool:
    """Whether a document belongs to another API group, and is none of our business."""
    value = document.value
    if not isinstance(value, dict) or ("apiVersion",) in document.broken:
        return False
    version = value.get("apiVersion")
    if not isinstance(version, str) or not version:
        return False
    group = version.partition("/")[0]
    return group.lower() != GROUP and not _is_misspelt(group, value.get("kind"))


def open_envelope(document: LoadedDocument) -> Envelope:
    """Judge the outside of a document that is not foreign."""
    envelope = Envelope()
    value = document.value
    if not isinstance(value, dict):
        what = f"A document must be a mapping, and this is {told(value)}."
        envelope.problems.append(found("GX0011", what, Position("", *document.place)))
        return envelope
    _check_version(envelope, document)
    if _is_stranger(value):
        return envelope  # what else it holds says nothing to us
    _check_kind(envelope, document)
    name, namespace = _check_metadata(envelope, document)
    if envelope.readable:
        _check_unknown(envelope, document, (), _FIELDS)
    if envelope.readable and "spec" not in value:
        _add(envelope, document, "GX0032", "The field spec is missing.", ())
    envelope.identities = _identities(envelope, document, name, namespace)
    return envelope


def _is_stranger(value: dict[str, Any]) -> bool:
    """Whether a document without apiVersion has no other sign of being ours."""
    kind = value.get("kind")
    known = isinstance(kind, str) and closest(kind, KINDS) is not None
    return "apiVersion" not in value and not known and "metadata" not in value


def _identities(
    envelope: Envelope, document: LoadedDocument, name: str | None, namespace: str | None
) -> tuple[Identity, ...]:
    if any(path[:1] in ((), ("metadata",), ("kind",)) for path in document.broken):
        return ()
    if name is None:
        return ()
    if envelope.kind == FLEET:
        return (Identity(FLEET, "", name),)
    if namespace is None:
        return ()
    kinds = (envelope.kind,) if envelope.kind else (EXPOSURE, SERVER_GROUP)
    return tuple(Identity(kind, namespace, name) for kind in kinds)


def _is_misspelt(group: str, kind: Any) -> bool:
    """Whether another group's name and one of our kinds together look like a slip."""
    return isinstance(kind, str) and kind in KINDS and closest(group, (GROUP,)) is not None


def _check_version(envelope: Envelope, document: LoadedDocument) -> None:
    value = document.value
    version = value.get("apiVersion")
    known = ", ".join(VERSIONS)
    if version is None:
        mend = _misspelt_key(value, "apiVersion")
        what = "The document has no apiVersion."
        _add(envelope, document, "GX0020", what, ("apiVersion",), mend=mend)
    elif not isinstance(version, str):
        what = f"apiVersion must be text, and is {told(version)}."
        _add(envelope, document, "GX0033", what, ("apiVersion",), mend=f"Write {known}.")
    elif version.partition("/")[0].lower() != GROUP:
        what = f"apiVersion {version} is no group of ours; did you mean {known}?"
        _add(envelope, document, "GX0022", what, ("apiVersion",))
    elif version not in VERSIONS:
        what = (
            f"apiVersion {version} is unknown: this gitopsd ({gitopsd.__version__}) reads {known}."
        )
        guess = f"Did you mean {known}?" if version.lower() in VERSIONS else ""
        _add(envelope, document, "GX0021", what, ("apiVersion",), mend=guess)
        envelope.readable = False


def _check_kind(envelope: Envelope, document: LoadedDocument) -> None:
    kind = document.value.get("kind")
    if isinstance(kind, str) and kind in KINDS:
        envelope.kind = kind
    elif kind is None:
        mend = _misspelt_key(document.value, "kind")
        _add(envelope, document, "GX0023", "The document has no kind.", ("kind",), mend=mend)
    else:
        guess = closest(kind, KINDS) if isinstance(kind, str) else None
        mend = f"Did you mean {guess}?" if guess else ""
        what = f"kind must be {', '.join(KINDS)}, and is {told(kind)}."
        _add(envelope, document, "GX0023", what, ("kind",), mend=mend)


def _check_metadata(envelope: Envelope, document: LoadedDocument) -> tuple[str | None, str | None]:
    """The name and the namespace, None where they are missing or not legal."""
    metadata = document.value.get("metadata")
    if not isinstance(metadata, dict):
        if "metadata" in document.value:
            what = f"metadata must be a mapping, and is {told(metadata)}."
            _add(envelope, document, "GX0033", what, ("metadata",), mend="Write a mapping.")
        else:
            mend = _misspelt_key(document.value, "metadata")
            _add(envelope, document, "GX0024", "The document has no metadata.", (), mend=mend)
        return None, None
    if envelope.readable:
        _check_unknown(envelope, document, ("metadata",), _METADATA)
    name = _label(envelope, document, "name", DNS_1035)
    if envelope.kind != FLEET:
        return name, _label(envelope, document, "namespace", DNS_1123)
    if metadata.get("namespace") is not None:
        what = "A Fleet has no namespace."
        path = ("metadata", "namespace")
        _add(envelope, document, "GX0025", what, path, key=True, mend="Remove it.")
    return name, None


def _label(
    envelope: Envelope, document: LoadedDocument, field_: str, pattern: re.Pattern[str]
) -> str | None:
    value = document.value["metadata"].get(field_)
    path = ("metadata", field_)
    if isinstance(value, str) and pattern.fullmatch(value):
        return value
    id_ = "GX0024" if field_ == "name" else "GX0025"
    if value is None:
        what, mend = f"metadata.{field_} is missing.", ""
    elif not isinstance(value, str):
        what = f"metadata.{field_} must be text, and is {told(value)}."
        mend = "Put it in quotes, if it is meant; a name starts with a letter."
    else:
        what = f"metadata.{field_} cannot be {told(value)}."
        better = re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")[:63].rstrip("-")
        mend = f"Did you mean {better}?" if pattern.fullmatch(better) else ""
    _add(envelope, document, id_, what, path, mend=mend)
    return None


def _check_unknown(
    envelope: Envelope, document: LoadedDocument, path: Path, known: tuple[str, ...]
) -> None:
    here = document.value
    for part in path:
        here = here[part]
    for name in here:
        if name not in known and (*path, name) not in document.broken:
            what, mend = unknown_field((*path, name), known, homes_={})
            _add(envelope, document, "GX0030", what, (*path, name), key=True, mend=mend)


def _misspelt_key(value: dict[str, Any], key: str) -> str:
    guess = next((name for name in value if name != key and closest(name, (key,))), None)
    return f"Did you mean {key}? The document has {guess}." if guess else ""


def _add(
    envelope: Envelope,
    document: LoadedDocument,
    id_: str,
    what: str,
    path: Path,
    *,
    key: bool = False,
    mend: str = "",
) -> None:
    if not any(path[:length] in document.broken for length in range(1, len(path) + 1)):
        envelope.problems.append(found(id_, what, where(document, path, key=key), mend=mend))
