"""A request understood: its target, verb, parameters and what form of answer it accepts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, unquote

from gitopsd.sandbox.kubernetes import errors
from gitopsd.sandbox.kubernetes.committing import WriteOptions
from gitopsd.sandbox.kubernetes.doubles import doubled_in_json, doubled_in_yaml
from gitopsd.sandbox.kubernetes.gotimes import TimeError, check_span
from gitopsd.sandbox.kubernetes.negotiation import BODY_TYPES
from gitopsd.sandbox.kubernetes.resources import Registry, Resource

PATCH_TYPES: Final = {
    "application/json-patch+json": "json",
    "application/merge-patch+json": "merge",
    "application/strategic-merge-patch+json": "strategic",
    "application/apply-patch+yaml": "apply",
}
_OPTIONS: Final = {"POST": "CreateOptions", "PUT": "UpdateOptions", "PATCH": "PatchOptions"}
_LONGEST_MANAGER: Final = 128
#: The old way to watch: a prefix in the path.
_WATCHED: Final = "watch"
_VALIDATIONS: Final = ("", "Ignore", "Strict", "Warn")


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request as the handlers see it; header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes = b""

    def parameter(self, name: str) -> str:
        """The first value of a query parameter, or ""."""
        return next(iter(self.query.get(name, ())), "")

    def flag(self, name: str) -> bool:
        """Whether a boolean query parameter is set: it is there and says neither false nor 0."""
        return name in self.query and self.parameter(name).lower() not in ("false", "0")

    def number(self, name: str) -> int:
        """A whole number; 0 when it is not given.

        Raises:
            errors.ApiError: 400 for anything else.
        """
        text = self.parameter(name)
        if text and not text.removeprefix("-").isdecimal():
            raise errors.bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax')
        return int(text or 0)

    @property
    def accept(self) -> str:
        """What forms of answer the client takes; "" where it does not say."""
        return self.headers.get("accept", "")

    @property
    def content_type(self) -> str:
        """The media type of the body without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def parse_query(text: bytes) -> dict[str, list[str]]:
    """Query parameters by name."""
    return parse_qs(text.decode("utf-8", "replace"), keep_blank_values=True)


@dataclass(frozen=True, slots=True)
class Target:
    """The resource a path leads to; `name` is "" for the collection.

    `watched`: the path is one of those that are watched whatever the parameters say.
    """

    resource: Resource
    namespace: str
    name: str
    subresource: str
    watched: bool = False

    def verb(self, request: Request) -> str:
        """The verb rights are asked for."""
        method = request.method
        if method == "GET" or (method == "HEAD" and self.resource.untyped):
            if self.watched:
                return "watch"
            if self.name:
                return "get"
            return "watch" if request.flag("watch") else "list"
        if method == "DELETE":
            return "delete" if self.name else "deletecollection"
        return {"POST": "create", "PUT": "update", "PATCH": "patch"}.get(method, "")

    def check(self, verb: str) -> None:
        """Refuse a verb that the path does not take.

        Raises:
            errors.ApiError: 405, also for all but reading across namespaces.
        """
        resource = self.resource
        allowed = resource.verbs
        if self.subresource:
            allowed = resource.subresources[self.subresource].verbs
        nameless = verb in ("update", "patch") and not self.name
        if verb not in allowed or (nameless and not resource.untyped):
            if resource.untyped:
                raise errors.method_not_supported(resource.named, verb)
            raise errors.method_not_allowed()
        if self.watched and verb != "watch":
            raise errors.method_not_allowed()
        if self._is_across(verb):
            raise errors.method_not_allowed()

    def is_handed_on(self, verb: str) -> bool:
        """Whether the server of custom resources leaves a verb to others; there are none."""
        return self.resource.untyped and self._is_across(verb)

    def _is_across(self, verb: str) -> bool:
        """Whether a verb would touch all namespaces that only reads all of them."""
        across = self.resource.namespaced and not self.namespace
        return across and verb not in ("list", "watch")

    def check_name(self) -> None:
        """Refuse to write what is not named.

        Raises:
            errors.ApiError: 400.
        """
        if not self.name:
            raise errors.bad_request("name must be provided")


def find_target(registry: Registry, path: str) -> Target | None:
    """The target of a resource path; None when nothing known serves the path.

    Raises:
        errors.ApiError: 404 when the group is one of the server's own, and when a custom resource
            has no such part.
    """
    parts = [unquote(part) for part in path.strip("/").split("/")]
    if parts[0] == "api" and len(parts) > 2:
        group, version, rest = "", parts[1], parts[2:]
    elif parts[0] == "apis" and len(parts) > 3:
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return None
    if version not in registry.groups().get(group, ()):
        _refuse_own(registry, group)
        return None
    return _target(registry, (group, version), rest)


def _refuse_own(registry: Registry, group: str) -> None:
    """Refuse what is not there below one of the server's own groups.

    The server of custom resources hands it on, to nobody.
    """
    if registry.is_builtin(group):
        raise errors.unknown_resource()


def _target(registry: Registry, where: tuple[str, str], rest: list[str]) -> Target | None:
    group, version = where
    namespace = ""
    watched = rest[0] == _WATCHED and len(rest) > 1
    rest = rest[1:] if watched else rest
    if rest[0] == "namespaces" and len(rest) > 2 and not _part_of_namespace(registry, rest):
        namespace, rest = rest[1], rest[2:]
    resource = registry.find(group, version, rest[0])
    longest = 2 if watched else 3
    if resource is not None and resource.untyped and len(rest) > longest and not watched:
        raise _no_part(resource, rest[1])
    if resource is None:
        _refuse_own(registry, group)
        return None
    if len(rest) > longest or (watched and resource.untyped):
        raise errors.unknown_resource()
    name = rest[1] if len(rest) > 1 else ""
    subresource = rest[2] if len(rest) > 2 else ""
    if resource.namespaced != bool(namespace) and (name or namespace):
        _refuse_own(registry, group)
        return None
    if subresource and subresource not in resource.subresources:
        if resource.untyped:
            raise _no_part(resource, name)
        raise errors.unknown_resource()
    return Target(resource, namespace, name, subresource, watched)


def _no_part(resource: Resource, name: str) -> errors.ApiError:
    """What is said of a part that a custom resource does not have."""
    error = errors.not_found(resource.named, name)
    error.warnings = resource.warnings
    return error


def _part_of_namespace(registry: Registry, rest: list[str]) -> bool:
    own = registry.named("namespaces").subresources
    return len(rest) == 3 and rest[2] in own


def check_timeout(request: Request) -> None:
    """Refuse a `timeout` that is no duration.

    Raises:
        errors.ApiError: 400.
    """
    asked = request.parameter("timeout")
    if not asked or request.flag("watch"):
        return
    try:
        check_span(asked)
    except TimeError as error:
        why = f"invalid timeout specified in the request URL - {error}"
        raise errors.bad_request(why) from error


def body_type(request: Request, resource: Resource | None = None) -> str:
    """The media type of a body; JSON where none is given.

    `resource`: what the body has to be an object of; None for options.

    Raises:
        errors.ApiError: 415 for one that the resource does not take.
    """
    kind = request.content_type
    if kind in ("", "*/*"):
        return BODY_TYPES[0]
    parameters = request.headers["content-type"].split(";")[1:]
    known = all("=" in one.strip(" =") or not one.strip() for one in parameters)
    if kind not in BODY_TYPES or not known:
        raise errors.unsupported_media_type(BODY_TYPES)
    if kind == BODY_TYPES[2] and resource is not None and resource.untyped:
        raise errors.unsupported_media_type(BODY_TYPES[:2])
    return kind


def check_body_type(request: Request, resource: Resource) -> None:
    """Refuse a body's media type where that comes before the options are looked at.

    Raises:
        errors.ApiError: 415.
    """
    if not resource.untyped:
        body_type(request, resource)


def patch_kind(request: Request, resource: Resource) -> str:
    """Which kind of patch the body is.

    Raises:
        errors.ApiError: 415 for one that the resource does not take.
    """
    kind = PATCH_TYPES.get(request.content_type)
    if kind is None and not resource.untyped:
        raise errors.ApiError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})
    if kind is None or (kind == "strategic" and resource.untyped):
        accepted = [name for name, one in PATCH_TYPES.items() if one != "strategic"]
        raise errors.unsupported_media_type(accepted)
    return kind


def write_options(request: Request) -> WriteOptions:
    """How a write is meant, from its query and headers.

    Raises:
        errors.ApiError: 422 for an option that is not understood.
    """
    manager = request.parameter("fieldManager")
    dry_run = request.query.get("dryRun", [])
    validation = request.parameter("fieldValidation")
    applies = PATCH_TYPES.get(request.content_type) == "apply" and request.method == "PATCH"
    problems = []
    if applies and not manager:
        problems.append(errors.required_value("fieldManager", "is required for apply patch"))
    if not applies and request.method == "PATCH" and "force" in request.query:
        why = "may not be specified for non-apply patch"
        problems.append(errors.forbidden_value("force", why))
    if len(manager) > _LONGEST_MANAGER:
        problems.append(errors.too_long("fieldManager", _LONGEST_MANAGER))
    for position, char in enumerate(manager):
        if not char.isprintable():
            why = f"invalid character U+{ord(char):04X} (at position {position})"
            problems.append(errors.invalid_value("fieldManager", manager, why))
    if any(value != "All" for value in dry_run):
        problems.append(errors.unsupported_value("dryRun", dry_run, ("All",)))
    if validation not in _VALIDATIONS:
        problems.append(errors.unsupported_value("fieldValidation", validation, _VALIDATIONS))
    if problems:
        kind = errors.GroupName("meta.k8s.io", _OPTIONS.get(request.method, "DeleteOptions"))
        raise errors.invalid(kind, "", problems)
    return WriteOptions(
        manager=manager or _manager_of(request.headers.get("user-agent", "")),
        dry_run=bool(dry_run),
        force=request.flag("force"),
        validation=validation or "Warn",
        doubled=() if validation == "Ignore" else _doubled(request, applies),
    )


def _doubled(request: Request, applies: bool) -> tuple[str, ...]:
    """What a strict reader of the body says of members that it names twice."""
    if request.method not in ("POST", "PUT", "PATCH"):
        return ()
    if applies or request.content_type == BODY_TYPES[1]:
        return tuple(doubled_in_yaml(request.body))
    if request.content_type == BODY_TYPES[2]:
        return ()
    found = doubled_in_json(request.body)
    if PATCH_TYPES.get(request.content_type) == "json":
        return tuple(f"json patch {one}" for one in found)
    return tuple(found)


def _manager_of(agent: str) -> str:
    """The manager of a client that names none: its user agent up to the first slash."""
    name = agent.split("/", 1)[0]
    return "".join(char for char in name if char.isprintable())[:_LONGEST_MANAGER] or "unknown"
