"""In which form a client wants its answer, read from `Accept` as the server reads it.

Two readers stand behind each other: the router of the server's own paths, which compares media
types word by word, and the negotiation proper, which knows wildcards, preferences and the
parameters that ask for another form of an object.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from gitopsd.sandbox.kubernetes import errors
from gitopsd.sandbox.kubernetes.resources import Registry, Resource

Form = Literal["object", "metadata", "table"]
BODY_TYPES: Final = ("application/json", "application/yaml", "application/vnd.kubernetes.protobuf")
_SERVED: Final = BODY_TYPES[:2]
_STREAMED: Final = (BODY_TYPES[0], BODY_TYPES[2])
_WATCH: Final = "watch"
_STREAM_TYPES: Final = tuple(f"{name};stream={_WATCH}" for name in _STREAMED)
_ANY: Final = "*"
_GROUP: Final = "meta.k8s.io"
_VERSIONS: Final = ("v1", "v1beta1")
_METADATA: Final = "PartialObjectMetadata"
_METADATA_LIST: Final = "PartialObjectMetadataList"
_TABLE: Final = "Table"
_FORMS: Final[dict[str, Form]] = {
    _METADATA: "metadata",
    _METADATA_LIST: "metadata",
    _TABLE: "table",
}
_ASKING: Final = ("as", "g", "v")
#: The Go packages of groups that are not named after them: the core, and the scale of a custom
#: resource, which its server knows in one version only.
_PACKAGES: Final = {"": "core", "autoscaling": "v1"}


@dataclass(frozen=True, slots=True)
class Offer:
    """What a path answers in: the kinds that stand for its own, and whether it answers watches.

    `routed`: the router sees to it that the client takes one of the media types.
    """

    kinds: tuple[str, ...] = ()
    routed: bool = False
    streams: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """The form of an answer: whole objects, their metadata or a table, and in which version.

    `many`: the metadata is to be that of a list.
    """

    form: Form = "object"
    version: str = _VERSIONS[0]
    many: bool = False
    yaml: bool = False


@dataclass(slots=True)
class _Clause:
    """One part of `Accept`."""

    type: str
    subtype: str
    parameters: dict[str, str] = field(default_factory=dict)
    quality: float = 1.0

    def takes(self, media: str) -> bool:
        kind, _, subtype = media.partition("/")
        return self.type in (kind, _ANY) and self.subtype in (subtype, _ANY)

    def before(self, other: _Clause) -> bool:
        if self.quality > other.quality or (self.type != _ANY and other.type == _ANY):
            return True
        return self.subtype != _ANY and other.subtype == _ANY


def offer_of(resource: Resource, *, streams: bool = False) -> Offer:
    """What the paths of a resource answer in; what has no columns makes no table."""
    kinds = tuple(kind for kind in _FORMS if kind != _TABLE or resource.columns)
    return Offer(kinds, routed=not resource.untyped, streams=streams)


def offer_of_document(registry: Registry, path: str) -> Offer:
    """What a discovery document is offered in: only the server's own versions are routed."""
    root, _, below = path.strip("/").partition("/")
    group, _, version = below.partition("/")
    return Offer(routed=root == "api" or (bool(version) and registry.is_builtin(group)))


def negotiated(accept: str, offer: Offer) -> Wanted:
    """The form that suits the client best.

    Raises:
        errors.ApiError: 406 when nothing it accepts can be served.
    """
    if not accept:
        return Wanted()
    if offer.routed and not _is_routed(accept):
        offered = ", ".join((*BODY_TYPES, *(_STREAM_TYPES if offer.streams else ())))
        message = f"406: Not Acceptable\n\nAvailable representations: {offered}"
        raise errors.ApiError(406, "NotAcceptable", message, {})
    for clause in _clauses(accept):
        for media in _SERVED:
            found = _wanted(clause, media, offer) if clause.takes(media) else None
            if found is not None:
                return found
    raise _not_acceptable(BODY_TYPES)


def check_streamed(wanted: Wanted) -> None:
    """Refuse a form in which no events can be written.

    Raises:
        errors.ApiError: 406.
    """
    if wanted.yaml:
        raise _not_acceptable(_STREAM_TYPES)


def wants_yaml(accept: str) -> bool:
    """Whether a refusal is to be written as YAML."""
    try:
        return negotiated(accept, Offer()).yaml
    except errors.ApiError:
        return False


def no_list(resource: Resource) -> errors.ApiError:
    """Why one object is not shown as the metadata of a list."""
    if resource.untyped:
        return errors.internal("content is not a list")
    shown = f"*{_package(resource)}.{resource.kind}"
    why = f"but the requested object is not a list ({shown})"
    return errors.ApiError(406, "NotAcceptable", f"you requested {_METADATA_LIST}, {why}")


def no_single(resource: Resource) -> errors.ApiError:
    """Why a list is not shown as the metadata of one object."""
    shown = f"*{_package(resource)}.{resource.list_name}"
    shown = "*unstructured.UnstructuredList" if resource.untyped else shown
    why = f"but the requested object is a list ({shown})"
    return errors.ApiError(406, "NotAcceptable", f"you requested {_METADATA}, {why}")


def _package(resource: Resource) -> str:
    return _PACKAGES.get(resource.group) or resource.group.partition(".")[0]


def _not_acceptable(accepted: tuple[str, ...]) -> errors.ApiError:
    message = "only the following media types are accepted: " + ", ".join(accepted)
    return errors.ApiError(406, "NotAcceptable", message)


def _is_routed(accept: str) -> bool:
    named = (part.partition(";")[0].strip(" \t") for part in accept.split(","))
    return any(name in (*BODY_TYPES, f"{_ANY}/{_ANY}") for name in named)


def _wanted(clause: _Clause, media: str, offer: Offer) -> Wanted | None:
    """What a clause asks for in a media type; None where that is not offered."""
    given = clause.parameters
    if given.get("stream") and (media not in _STREAMED or given["stream"] != _WATCH):
        return None
    yaml = media == _SERVED[1]
    if not any(name in given for name in _ASKING):
        return Wanted(yaml=yaml)
    kind, group, version = (given.get(name, "") for name in _ASKING)
    if kind not in offer.kinds or group != _GROUP or version not in _VERSIONS:
        return None
    return Wanted(_FORMS[kind], version, kind == _METADATA_LIST, yaml)


def _clauses(accept: str) -> list[_Clause]:
    """The parts of `Accept`, the preferred ones first.

    What goes before what is no order in the strict sense, so that it matters how they are sorted:
    one by one, each as far to the front as it goes before its neighbour.
    """
    ordered: list[_Clause] = []
    for part in accept.split(","):
        clause = _clause(part)
        if clause is None:
            continue
        at = len(ordered)
        while at and clause.before(ordered[at - 1]):
            at -= 1
        ordered.insert(at, clause)
    return ordered


def _clause(part: str) -> _Clause | None:
    media, *parameters = part.split(";")
    kind, *subtypes = (name.strip(" \t") for name in media.split("/"))
    if not subtypes and kind == _ANY:
        subtypes = [_ANY]
    if len(subtypes) != 1:
        return None
    clause = _Clause(kind, subtypes[0])
    for parameter in parameters:
        name, *values = parameter.split("=")
        if len(values) != 1 or not values[0]:
            continue
        if name.strip(" \t") == "q":
            clause.quality = _quality(values[0])
        else:
            clause.parameters[name.strip(" \t")] = values[0].strip(" \t")
    return clause


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
