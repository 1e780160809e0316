"""Which type an expression has, and what about it cannot be: the words are cel-go's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from gitopsd.sandbox.cel import types
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
from gitopsd.sandbox.cel.operators import parsed_duration, parsed_instant
from gitopsd.sandbox.cel.problems import Problem
from gitopsd.sandbox.cel.texts import UNKNOWN_CLAUSE, VERBS, clauses
from gitopsd.sandbox.cel.types import Bindings, Type
from gitopsd.sandbox.cel.values import type_of
from gitopsd.sandbox.kubernetes.goregexp import compiled

_LOGICAL: Final = ("_&&_", "_||_")


def checked(node: Node, variables: Mapping[str, Type]) -> tuple[Type, list[Problem]]:
    """The type of an expression over variables of the given types, and what is wrong with it."""
    checker = _Checker()
    found = checker.type_of(node, variables)
    problems = checker.problems or [*_literal_problems(node), *checker.mixed]
    return checker.bindings.resolved(found, final=True), problems


class _Checker:
    def __init__(self) -> None:
        self.bindings = Bindings()
        self.problems: list[Problem] = []
        self.mixed: list[Problem] = []
        self._formats = 0

    def _wrong(self, node: Node, why: str) -> Type:
        self.problems.append(Problem(node.at, why))
        return types.ERROR

    def _mismatch(self, node: Node, wanted: Type, found: Type) -> Type:
        return self._wrong(node, f"expected type '{wanted}' but found '{found}'")

    def _undeclared(self, node: Node, name: str) -> Type:
        return self._wrong(node, f"undeclared reference to '{name}' (in container '')")

    def type_of(self, node: Node, variables: Mapping[str, Type]) -> Type:
        """The type of a node; the error type, and a problem, where it has none."""
        match node:
            case Constant():
                found = type_of(node.value)
            case Name():
                known = variables.get(node.name) or _type_named(node.name)
                found = known or self._undeclared(node, node.name)
            case Select():
                found = self._select(node, variables)
            case Call():
                found = self._call(node, variables)
            case ListNode():
                found = self._list(node, variables)
            case MapNode():
                found = self._map(node, variables)
            case Fold():
                found = self._fold(node, variables)
            case Message():
                found = self._undeclared(node, node.name)
        return found

    def _select(self, node: Select, variables: Mapping[str, Type]) -> Type:
        name = "" if node.tested or node.optional else dotted(node)
        if name and name.partition(".")[0] not in variables:
            known = _type_named(name)
            if known is not None:
                return known
        of = self.bindings.resolved(self.type_of(node.operand, variables))
        of, is_optional = types.unwrapped(of)
        found = self._member(node, of)
        if is_optional or node.optional:
            found = types.optional_of(found)
        return types.BOOL if node.tested else self.bindings.resolved(found)

    def _member(self, node: Select, of: Type) -> Type:
        if of.kind == "map":
            return of.parameters[1]
        if of.kind == "object":
            known = of.fields.get(node.field) or of.fields.get(f"__{node.field}__")
            return known or self._wrong(node, f"undefined field '{node.field}'")
        if of.kind == "param":
            self.bindings.assignable(types.DYN, of)
        elif of.kind not in ("dyn", "error"):
            self._wrong(node, f"type '{of}' does not support field selection")
        return types.DYN

    def _call(self, node: Call, variables: Mapping[str, Type]) -> Type:
        self._formats += node.function == "format"
        arguments = [self.type_of(one, variables) for one in node.arguments]
        self._formats -= node.function == "format"
        if node.target is not None:
            arguments.insert(0, self.type_of(node.target, variables))
        if node.function in _LOGICAL:
            return self._logical(node, arguments)
        if node.function not in FUNCTIONS:
            return self._undeclared(node, node.function)
        return self._resolved(node, node.function, arguments, method=node.target is not None)

    def _logical(self, node: Call, arguments: list[Type]) -> Type:
        right = True
        for part, found in zip(node.arguments, arguments, strict=True):
            if not self.bindings.assignable(found, types.BOOL):
                self._mismatch(part, types.BOOL, found)
                right = False
        return types.BOOL if right else types.ERROR

    def _resolved(
        self, node: Node, function: str, arguments: list[Type], *, method: bool = False
    ) -> Type:
        result: Type | None = None
        for overload in FUNCTIONS[function]:
            if overload.method != method:
                continue
            gives, *takes = self.bindings.instance((overload.gives, *overload.takes))
            if not self.bindings.all_assignable(arguments, takes):
                continue
            found = self.bindings.resolved(gives)
            if result is None:
                result = found
            elif result.kind != "dyn" and result != found:
                result = types.DYN
        return result or self._no_overload(node, function, arguments, method=method)

    def _no_overload(
        self, node: Node, function: str, arguments: list[Type], *, method: bool
    ) -> Type:
        shown = [str(self.bindings.resolved(one, final=True)) for one in arguments]
        target = f"{shown.pop(0)}." if method else ""
        applied = f"{target}({', '.join(shown)})"
        return self._wrong(
            node, f"found no matching overload for '{function}' applied to '{applied}'"
        )

    def _common(self, node: Node, before: Type | None, found: Type) -> Type:
        """The type of a literal's parts, which are of one type where they are not formatted."""
        if before is None:
            return found
        if self.bindings.assignable(before, found):
            return types.more_general(before, found)
        if not self._formats:
            why = f"expected type '{before}' but found '{found}'"
            self.mixed.append(Problem(node.at, why))
        return types.DYN

    def _unwrapped(self, node: Node, found: Type, *, optional: bool) -> Type:
        if not optional:
            return found
        inner, is_optional = types.unwrapped(found)
        if not is_optional and found.kind != "dyn":
            self._mismatch(node, types.optional_of(found), found)
        return inner

    def _list(self, node: ListNode, variables: Mapping[str, Type]) -> Type:
        element: Type | None = None
        for index, item in enumerate(node.items):
            found = self.type_of(item, variables)
            found = self._unwrapped(item, found, optional=index in node.optional)
            element = self._common(item, element, found)
        return types.list_of(element or self.bindings.fresh())

    def _map(self, node: MapNode, variables: Mapping[str, Type]) -> Type:
        keys: Type | None = None
        values: Type | None = None
        for key, value, optional in node.entries:
            keys = self._common(key, keys, self.type_of(key, variables))
            found = self._unwrapped(value, self.type_of(value, variables), optional=optional)
            values = self._common(value, values, found)
        return types.map_of(keys or self.bindings.fresh(), values or self.bindings.fresh())

    def _fold(self, node: Fold, variables: Mapping[str, Type]) -> Type:
        of = self.bindings.resolved(self.type_of(node.range, variables))
        if node.kind in ("optMap", "optFlatMap"):
            return self._optional(node, of, variables)
        place = types.INT
        if of.kind in ("list", "map"):
            each = of.parameters[-1 if len(node.names) == 2 else 0]
            place = types.INT if of.kind == "list" else of.parameters[0]
        elif of.kind in ("dyn", "error", "param"):
            self.bindings.assignable(types.DYN, of)
            each = place = types.DYN
        else:
            why = f"expression of type '{of}' cannot be range of a comprehension "
            each = self._wrong(node.range, why + "(must be list, map, or dynamic)")
        inner = {**variables, **dict(zip(reversed(node.names), (each, place), strict=False))}
        condition = self.type_of(node.condition, inner) if node.condition else types.BOOL
        if node.kind in ("all", "exists"):
            assert node.condition is not None  # noqa: S101 - only a map may have none
            if not self.bindings.assignable(condition, types.BOOL):
                self._mismatch(node.condition, types.BOOL, condition)
            return types.BOOL
        if node.kind == "exists_one":
            self._resolved(node, "_?_:_", [condition, types.INT, types.INT])
            return types.BOOL
        result = self.type_of(node.result, inner) if node.result else each
        made = self._made(node, place, result)
        if node.condition is not None:
            self._resolved(node, "_?_:_", [condition, made, made])
        return self.bindings.resolved(made)

    def _made(self, node: Fold, place: Type, result: Type) -> Type:
        """The type of what a walk makes."""
        if node.kind == "transformMap":
            return types.map_of(place, result)
        if node.kind != "transformMapEntry":
            return types.list_of(result)
        found = self.bindings.resolved(result)
        if found.kind not in ("map", "dyn", "error"):
            shown = self.bindings.resolved(result, final=True)
            why = "found no matching overload for 'cel.@mapInsert' applied to "
            self._wrong(node, f"{why}'(map(dyn, dyn), {shown})'")
        return found if found.kind == "map" else types.map_of(types.DYN, types.DYN)

    def _optional(self, node: Fold, of: Type, variables: Mapping[str, Type]) -> Type:
        held, is_optional = types.unwrapped(of)
        if not is_optional and held.kind not in ("dyn", "error"):
            shown = self.bindings.resolved(of, final=True)
            why = f"found no matching overload for 'hasValue' applied to '{shown}.()'"
            self._wrong(node, why)
        assert node.result is not None  # noqa: S101 - these macros have one
        found = self.type_of(node.result, {**variables, node.names[0]: held})
        return found if node.kind == "optFlatMap" else types.optional_of(found)


def _type_named(name: str) -> Type | None:
    known = TYPES.get(name)
    return Type("type", parameters=(known,)) if known is not None else None


def _literal_problems(node: Node) -> Iterator[Problem]:
    """Texts that stand for durations, times or regular expressions and are none."""
    if isinstance(node, Call):
        last = node.arguments[-1] if node.arguments else None
        if isinstance(last, Constant) and isinstance(last.value, str):
            try:
                _read_literal(node.function, last.value)
            except ValueError:
                yield Problem(last.at, f"invalid {node.function} argument")
        target = node.target
        if node.function == "format" and isinstance(target, Constant):
            yield from _format_problems(node, clauses(str(target.value)), last)
    for part in parts_of(node):
        yield from _literal_problems(part)


def _format_problems(node: Call, verbs: list[str], values: Node | None) -> Iterator[Problem]:
    bad = next((one for one in verbs if one not in VERBS), None)
    if bad is not None:
        yield Problem(node.at, UNKNOWN_CLAUSE + f'"{bad}"')
    elif isinstance(values, ListNode) and len(values.items) < len(verbs):
        yield Problem(node.at, f"index {len(values.items)} out of range")


def _read_literal(function: str, text: str) -> None:
    if function == "duration":
        parsed_duration(text)
    elif function == "timestamp":
        parsed_instant(text)
    elif function == "matches":
        compiled(text)
