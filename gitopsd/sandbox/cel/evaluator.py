"""The value of a checked expression."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from gitopsd.sandbox.cel.library import FUNCTIONS, TYPES
from gitopsd.sandbox.cel.macros import dotted
from gitopsd.sandbox.cel.nodes import (
    Call,
    Constant,
    Fold,
    ListNode,
    MapNode,
    Message,
    Name,
    Node,
    Select,
    parts_of,
)
from gitopsd.sandbox.cel.operators import maybe_of
from gitopsd.sandbox.cel.parser import RESERVED
from gitopsd.sandbox.cel.values import (
    NO_OVERLOAD,
    EvaluationError,
    Maybe,
    ObjectValue,
    equal,
    members,
)

Variables = Mapping[str, Any]
_CONVERSIONS: Final = (
    "bool", "bytes", "double", "duration", "int", "string", "timestamp", "uint",
)  # fmt: skip


def value_of(node: Node, variables: Variables) -> Any:
    """The value of a node.

    Raises:
        EvaluationError: it has none.
    """
    found: Any
    match node:
        case Constant():
            found = node.value
        case Name():
            found = variables[node.name] if node.name in variables else _type(node.name)
        case Select():
            found = _selected(node, variables)
        case Call():
            found = _called(node, variables)
        case ListNode():
            found = _list(node, variables)
        case MapNode():
            found = _map(node, variables)
        case Fold():
            found = _FOLDS[node.kind](node, variables)
        case Message():
            found = _type(node.name)
    return found


def fold_constants(node: Node) -> None:
    """Convert the constants of an expression.

    Raises:
        EvaluationError: a conversion of a constant has no value.
    """
    if isinstance(node, Call):
        alone = node.target is None and len(node.arguments) == 1
        if alone and node.function in _CONVERSIONS and isinstance(node.arguments[0], Constant):
            value_of(node, {})
    for part in parts_of(node):
        fold_constants(part)


def _type(name: str) -> Any:
    if name not in TYPES:
        raise EvaluationError(f"no such attribute(s): {name}")
    return TYPES[name]


def _selected(node: Select, variables: Variables) -> Any:
    name = dotted(node)
    if name in TYPES and name.partition(".")[0] not in variables:
        return TYPES[name]
    of = value_of(node.operand, variables)
    if isinstance(of, Maybe):
        inner = of.held[0] if of.held else {}
        found = maybe_of(inner, node.field) if isinstance(inner, dict) else Maybe()
        return bool(found.held) if node.tested else found
    if not isinstance(of, dict):
        raise EvaluationError(NO_OVERLOAD)
    field = node.field
    if isinstance(of, ObjectValue) and field in RESERVED:
        field = f"__{field}__"
    if node.tested:
        return field in of
    if node.optional:
        return maybe_of(of, field)
    if field not in of:
        raise EvaluationError(f"no such key: {node.field}")
    return of[field]


def _called(node: Call, variables: Variables) -> Any:
    if node.function in ("_&&_", "_||_"):
        return _logical(node, variables)
    if node.function == "_?_:_":
        condition, yes, no = node.arguments
        return value_of(yes if _truth(condition, variables) else no, variables)
    given = node.arguments if node.target is None else (node.target, *node.arguments)
    arguments = tuple(value_of(one, variables) for one in given)
    method = node.target is not None
    for overload in FUNCTIONS[node.function]:
        if overload.method == method and overload.fits(arguments):
            return overload.run(*arguments)
    raise EvaluationError(NO_OVERLOAD)


def _truth(node: Node, variables: Variables) -> bool:
    found = value_of(node, variables)
    if not isinstance(found, bool):
        raise EvaluationError(NO_OVERLOAD)
    return found


def _logical(node: Call, variables: Variables) -> bool:
    """One side is enough where it decides, even if the other has no value."""
    decides = node.function == "_||_"
    failed: EvaluationError | None = None
    for part in node.arguments:
        try:
            if _truth(part, variables) is decides:
                return decides
        except EvaluationError as error:
            failed = failed or error
    if failed is not None:
        raise failed
    return not decides


def _list(node: ListNode, variables: Variables) -> list[Any]:
    found: list[Any] = []
    for index, item in enumerate(node.items):
        value = value_of(item, variables)
        found.extend(value.held if index in node.optional else (value,))
    return found


def _map(node: MapNode, variables: Variables) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key_node, value_node, optional in node.entries:
        key, value = value_of(key_node, variables), value_of(value_node, variables)
        if optional and not value.held:
            continue
        if isinstance(key, (list, dict)):
            raise EvaluationError(NO_OVERLOAD)
        found[key] = value.held[0] if optional else value
    return found


def _any(node: Fold, variables: Variables, decides: bool) -> bool:
    assert node.condition is not None  # noqa: S101 - only a map may have none
    failed: EvaluationError | None = None
    for inner in _walked(node, variables):
        try:
            if _truth(node.condition, inner) is decides:
                return decides
        except EvaluationError as error:
            failed = error
    if failed is not None:
        raise failed
    return not decides


def _chosen(node: Fold, variables: Variables) -> list[Any]:
    found = []
    for inner in _walked(node, variables):
        if node.condition is None or _truth(node.condition, inner):
            one = inner[node.names[-1]]
            found.append(value_of(node.result, inner) if node.result is not None else one)
    return found


def _transformed(node: Fold, variables: Variables) -> dict[Any, Any]:
    """A map of what is made of each, under its place or under the keys that are made with it."""
    found: dict[Any, Any] = {}
    for inner in _walked(node, variables):
        if node.condition is not None and not _truth(node.condition, inner):
            continue
        assert node.result is not None  # noqa: S101 - these macros have one
        made = value_of(node.result, inner)
        if node.kind == "transformMap":
            made = {inner[node.names[0]]: made}
        if not isinstance(made, dict):
            raise EvaluationError(NO_OVERLOAD)
        for key, value in made.items():
            if key in found:
                raise EvaluationError(f"insert failed: key {key} already exists")
            found[key] = value
    return found


def _walked(node: Fold, variables: Variables) -> Iterator[Variables]:
    """The variables of each step of a walk."""
    of = value_of(node.range, variables)
    if len(node.names) == 1:
        for one in members(of):
            yield {**variables, node.names[0]: one}
        return
    place, name = node.names
    for at, one in of.items() if isinstance(of, dict) else enumerate(members(of)):
        yield {**variables, place: at, name: one}


def _held(node: Fold, variables: Variables) -> Maybe:
    maybe = value_of(node.range, variables)
    if not isinstance(maybe, Maybe) or node.result is None:
        raise EvaluationError(NO_OVERLOAD)
    if not maybe.held:
        return maybe
    found = value_of(node.result, {**variables, node.names[0]: maybe.held[0]})
    return found if node.kind == "optFlatMap" else Maybe((found,))


_FOLDS: Final[Mapping[str, Callable[[Fold, Variables], Any]]] = {
    "all": lambda node, variables: _any(node, variables, False),
    "exists": lambda node, variables: _any(node, variables, True),
    "exists_one": lambda node, variables: equal(len(_chosen(node, variables)), 1),
    "map": _chosen,
    "filter": _chosen,
    "optMap": _held,
    "optFlatMap": _held,
    "transformMap": _transformed,
    "transformMapEntry": _transformed,
}
