"""The scale of a custom resource: how many replicas an object wants and has, as `autoscaling/v1`.

A scale is nothing of its own: it is seen in an object and written through to it. Which members of
the object it shows is said by the definition.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from gitopsd.sandbox.kubernetes import errors
from gitopsd.sandbox.kubernetes.errors import FieldProblem, invalid_value
from gitopsd.sandbox.kubernetes.fieldsets import Node, difference, from_paths, intersection
from gitopsd.sandbox.kubernetes.gotext import plain, quote, type_name
from gitopsd.sandbox.kubernetes.kinds.cells import AGE, NAME, looked_up
from gitopsd.sandbox.kubernetes.kinds.metadata import top_level
from gitopsd.sandbox.kubernetes.managed import Entry, Managed, Manager, read, written
from gitopsd.sandbox.kubernetes.resources import Column, Item, Resource
from gitopsd.sandbox.kubernetes.schema import INT32, STRING, struct
from gitopsd.sandbox.kubernetes.states import set_managed

SCALE: Final = "scale"
_REPLICAS: Final = from_paths(("f:spec", "f:replicas"))
#: What stands for replicas that the object does not tell: nobody can ask for as many.
_UNKNOWN: Final = -(1 << 31)
_MOST: Final = (1 << 31) - 1
_KEPT: Final = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
#: The server of custom resources decodes a scale, and cannot say what is wrong with a body.
_UNREADABLE: Final = (
    "no kind is registered for the type v1.Scale in scheme "
    '"pkg/apiserver/customresource_handler.go:781"'
)
_UNCONVERTED: Final = (
    "autoscaling/v1, Kind=Scale) to proper version: request to convert CR to an invalid "
    "group/version: autoscaling/v1"
)
_UNAPPLIED: Final = (
    "failed to create manager for existing fields: failed to convert live object (/; "
    + _UNCONVERTED
)


def _replicas(member: str) -> Any:
    return lambda item: looked_up(item, member, "replicas") or 0


FORM: Final = Resource(
    "autoscaling", "v1", "Scale", "scales", "scale", True,
    top_level(
        "Scale",
        {
            "spec!": struct("ScaleSpec", {"replicas": INT32}),
            "status!": struct("ScaleStatus", {"replicas!": INT32, "selector": STRING}),
        },
    ),
    zero={"metadata": {}, "spec": {}, "status": {"replicas": 0}},
    columns=(
        NAME,
        Column(
            "Desired", _replicas("spec"), type="integer", description="Number of desired replicas"
        ),
        Column(
            "Available", _replicas("status"), type="integer",
            description="Number of actual replicas",
        ),
        replace(AGE, type="date"),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scale:
    """Where the objects of one version keep their scale; paths as a definition gives them.

    `versions` has the path of the wanted replicas by apiVersion, for all versions that are served.
    """

    form = FORM

    wanted: str
    found: str
    selector: str
    version: str
    versions: Mapping[str, str]

    def seen(self, item: Item) -> Item:
        """The scale of an object.

        Raises:
            errors.ApiError: 500 when the object does not say how many replicas it wants.
        """
        if looked_up(item, *_path(self.wanted)) is None:
            why = f"the spec replicas field {quote(self.wanted)} does not exist"
            raise errors.internal_error(why)
        return self._shown(item)

    def _shown(self, item: Item) -> Item:
        wanted = looked_up(item, *_path(self.wanted)) or 0
        status = {"replicas": looked_up(item, *_path(self.found)) or 0}
        selector = looked_up(item, *_path(self.selector)) if self.selector else ""
        return {
            "kind": FORM.kind,
            "apiVersion": FORM.api_version,
            "metadata": {
                name: item["metadata"][name] for name in _KEPT if name in item["metadata"]
            },
            "spec": {"replicas": wanted} if wanted else {},
            "status": {**status, "selector": selector} if selector else status,
        }

    def begun(self, item: Item) -> Item:
        """The scale that a write starts from: with those who manage it."""
        scale = self._shown(item)
        if looked_up(item, *_path(self.wanted)) is None:
            scale["spec"]["replicas"] = _UNKNOWN
        managed: Managed = {}
        for key, entry in read(item["metadata"].get("managedFields")).items():
            if intersection(entry.fields, self._owned(entry.version)):
                own = FORM.api_version
                known = key._replace(api_version=own) if key.api_version else key
                managed[known] = Entry(own, _REPLICAS, entry.time)
        set_managed(scale, written(managed))
        return scale

    def written(self, item: Item, scale: Item) -> Item:
        """An object after a write to its scale.

        Raises:
            errors.ApiError: 400 when the write does not say how many replicas are wanted.
        """
        wanted = scale["spec"].get("replicas", 0)
        if wanted == _UNKNOWN:
            why = f"the spec replicas field {quote(self.wanted)} cannot be empty"
            raise errors.bad_request(why)
        metadata = dict(item["metadata"])
        if scale["metadata"].get("resourceVersion"):
            metadata["resourceVersion"] = scale["metadata"]["resourceVersion"]
        result = _with(item, _path(self.wanted), wanted)
        result["metadata"] = metadata
        set_managed(result, self._managed(item, scale))
        return result

    def _managed(self, item: Item, scale: Item) -> list[dict[str, Any]]:
        """Who manages an object after those who manage its scale have changed.

        An entry of an update is known by its version, so one that came from the scale is never
        taken for the one it was made of: it is written anew, and without a time.
        """
        before = read(item["metadata"].get("managedFields"))
        after = read(scale["metadata"].get("managedFields"))
        managed: Managed = {}
        for key, entry in before.items():
            own = self._owned(entry.version)
            if key in after:
                del after[key]
            elif intersection(entry.fields, own):
                entry = replace(entry, fields=difference(entry.fields, own))  # noqa: PLW2901
            if entry.fields:
                managed[key] = entry
        made: Managed = {}
        for key, entry in after.items():
            if intersection(entry.fields, _REPLICAS):
                version = self.version if key.operation == "Update" else ""
                known = Manager(key.name, key.operation, version, key.subresource)
                made[known] = Entry(self.version, self._owned(self.version), None)
        return written(managed, made)

    def _owned(self, version: str) -> Node:
        path = self.versions.get(version, "")
        return from_paths(tuple(f"f:{name}" for name in _path(path))) if path else {}

    @staticmethod
    def unreadable() -> errors.ApiError:
        """What is said of a body that is no scale."""
        return errors.bad_request(_UNREADABLE)

    @staticmethod
    def unapplied() -> errors.ApiError:
        """What an apply to a scale is answered that nobody manages: the real server cannot."""
        return errors.ApiError(500, "", _UNAPPLIED)

    @staticmethod
    def unconverted(applied: Item) -> errors.ApiError:
        """What an apply is answered that changes a scale: the real server cannot, either."""
        metadata = applied.get("metadata") or {}
        named = f"{metadata.get('namespace', '')}/{metadata.get('name', '')}"
        return errors.ApiError(500, "", f"failed to convert new object ({named}; {_UNCONVERTED}")

    def problems(self, item: Item, *, whole: bool = True) -> Iterator[FieldProblem]:
        """What is wrong with an object's scale; unless `whole`, with what its status says of it."""
        for path in (self.wanted, self.found) if whole else (self.found,):
            number, fault = _accessed(item, path, int)
            if fault:
                yield invalid_value(path, 0, fault)
            elif number < 0:
                yield invalid_value(path, number, "should be a non-negative integer")
            elif number > _MOST:
                yield invalid_value(path, number, f"should be less than or equal to {_MOST}")
        if self.selector and (fault := _accessed(item, self.selector, str)[1]):
            yield invalid_value(self.selector, "", fault)


def scale_of(spec: Mapping[str, Any], version: Mapping[str, Any]) -> Scale | None:
    """The scale that a version of a definition declares."""
    declared = _declared(version)
    if declared is None:
        return None
    return Scale(
        wanted=declared["specReplicasPath"],
        found=declared["statusReplicasPath"],
        selector=declared.get("labelSelectorPath") or "",
        version=f"{spec['group']}/{version['name']}",
        versions={
            f"{spec['group']}/{one['name']}": (_declared(one) or {}).get("specReplicasPath", "")
            for one in spec["versions"]
        },
    )


def _declared(version: Mapping[str, Any]) -> dict[str, Any] | None:
    return (version.get("subresources") or {}).get("scale")


def _path(path: str) -> list[str]:
    return path.removeprefix(".").split(".")


def _accessed(item: Item, path: str, kind: type) -> tuple[Any, str]:
    """What a path leads to, the zero value for nothing, and why it is of another kind."""
    value: Any = item
    names = _path(path)
    for depth, name in enumerate(names, 1):
        if value is None:
            return kind(), ""
        if not isinstance(value, dict):
            return kind(), _refusal(names[:depth], value, "map[string]interface{}")
        if name not in value:
            return kind(), ""
        value = value[name]
    if type(value) is not kind:
        return kind(), _refusal(names, value, "int64" if kind is int else "string")
    return value, ""


def _refusal(names: list[str], value: Any, wanted: str) -> str:
    told = f"{plain(value)} is of the type {type_name(value)}, expected {wanted}"
    return f".{'.'.join(names)} accessor error: {told}"


def _with(item: Item, path: list[str], value: Any) -> Item:
    """The object with a value at a path."""
    name, *rest = path
    below = item.get(name)
    held = below if isinstance(below, dict) else {}
    return {**item, name: _with(held, rest, value) if rest else value}
