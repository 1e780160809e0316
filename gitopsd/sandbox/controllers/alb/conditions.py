"""The conditions and the direction of a rule (facts §4.4, §4.6)."""

from __future__ import annotations

from typing import Any, Final

from gitopsd.sandbox.controllers.alb import annotations as read
from gitopsd.sandbox.controllers.alb.failures import BuildError
from gitopsd.sandbox.controllers.alb.model import Condition
from gitopsd.sandbox.controllers.alb.shapes import CONDITIONS
from gitopsd.sandbox.controllers.gojson import decode
from gitopsd.sandbox.controllers.objects import Item

_MERGED: Final = ("Host", "Path", "Method", "SourceIp", "ResponseStatusCode")
"""Types whose values are collected into one condition, emitted in this order."""
_OWN: Final = ("Header", "QueryString", "Cookie", "ResponseHeader")
"""Types of which each entry is a condition of its own, emitted first."""
_CANONICAL: Final = {name.lower(): name for name in (*_MERGED, *_OWN)}
_DIRECTIONS: Final = ("Request", "Response")
_ANY_PATH: Final = Condition("Path", ("/*",))


def direction(ingress: Item, backend: str) -> str:
    """Whether the rule works on requests or responses. Raises BuildError."""
    asked = read.raw(ingress, f"rule-direction.{backend}")
    if asked is None:
        return _DIRECTIONS[0]
    if asked not in _DIRECTIONS:
        raise BuildError(f"readDirection Failed(unknown direction type): {asked}")
    return asked


def conditions(ingress: Item, host: str, path: Item, backend: str) -> tuple[Condition, ...]:
    """All conditions of one path's rule, in the order they are sent. Raises BuildError."""
    found: list[Condition] = []
    collected: dict[str, list[str]] = {name: [] for name in _MERGED}
    for entry in _entries(ingress, backend):
        name = _CANONICAL.get(entry["Type"].lower())
        if name is None:
            raise BuildError(f"readCondition Failed(unknown condition type): {entry['Type']}")
        config = entry[f"{name}Config"]
        if name in collected:
            collected[name] += config["Values"]
        else:
            found.append(Condition(name, tuple(config["Values"]), config.get("Key", "")))
    if host:
        collected["Host"].append(host)
    if path.get("path"):
        collected["Path"] += _patterns(path["path"], path.get("pathType"), ingress)
    found += [Condition(name, tuple(values)) for name, values in collected.items() if values]
    if read.is_canary(ingress):
        found += _canary(ingress)
    return tuple(found) or (_ANY_PATH,)


def _entries(ingress: Item, backend: str) -> list[dict[str, Any]]:
    text = read.raw(ingress, f"conditions.{backend}")
    if not text:
        return []
    decoded = decode(text, CONDITIONS)
    if decoded.problem:
        raise BuildError(decoded.problem)
    entries: list[dict[str, Any]] = decoded.value
    return entries


def _canary(ingress: Item) -> list[Condition]:
    found = []
    header = read.either(ingress, "canary-by-header")
    if header:
        value = read.either(ingress, "canary-by-header-value")
        found.append(Condition("Header", (value,), header))
    cookie = read.either(ingress, "canary-by-cookie")
    if cookie:
        found.append(Condition("Cookie", ({"Key": cookie, "Value": "always"},)))
    return found


def _patterns(path: str, path_type: str | None, ingress: Item) -> list[str]:
    """The path patterns of ALB that stand for a path of the given type."""
    if path_type in (None, "ImplementationSpecific"):
        return [path]
    wild = any(sign in path for sign in "*?")
    if path_type == "Exact":
        if wild:
            raise BuildError(f"exact path shouldn't contain wildcards: {path}")
        return [path]
    if path_type != "Prefix":
        raise BuildError(f"unsupported pathType: {path_type}")
    if path == "/":
        return ["/*"]
    asked = (read.text(ingress, "rewrite-target"), read.text(ingress, "use-regex"))
    if any(value and value != path for value in asked):
        return [f"~*{path}"]
    if wild:
        raise BuildError(f"prefix path shouldn't contain wildcards: {path}")
    bare = path.removesuffix("/")
    return [bare, f"{bare}/*"]
