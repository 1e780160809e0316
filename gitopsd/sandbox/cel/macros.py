"""What looks like a call and is none: CEL's macros, and functions with dots in their names."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Final, cast

from gitopsd.sandbox.cel.nodes import Call, Fold, FoldKind, Name, Node, Select
from gitopsd.sandbox.cel.problems import Problem

#: Macros that walk, with how many arguments they take.
_FOLDS: Final[Mapping[str, tuple[int, ...]]] = {
    "all": (2, 3),
    "exists": (2, 3),
    "exists_one": (2, 3),
    "existsOne": (2, 3),
    "map": (2, 3),
    "filter": (2,),
    "optMap": (2,),
    "optFlatMap": (2,),
    "transformList": (3, 4),
    "transformMap": (3, 4),
    "transformMapEntry": (3, 4),
}


#: Macros that are others: a transformed list is a mapped one with two variables.
_SAME: Final = {"existsOne": "exists_one", "transformList": "map"}


def tested(at: int, operand: Node, problems: list[Problem]) -> Node:
    """The macro `has`: whether a member is there."""
    if isinstance(operand, Select) and not operand.tested and not operand.optional:
        return Select(at, operand.operand, operand.field, tested=True)
    problems.append(Problem(operand.at, "invalid argument to has() macro"))
    return operand


def called(
    target: Node,
    name: str,
    at: int,
    arguments: tuple[Node, ...],
    functions: Container[str],
    problems: list[Problem],
) -> Node:
    """What stands behind a dot and in front of arguments: a macro, a function or a method."""
    if len(arguments) in _FOLDS.get(name, ()):
        return _fold(target, name, at, arguments, problems)
    prefix = dotted(target)
    if prefix and f"{prefix}.{name}" in functions:
        return Call(at, f"{prefix}.{name}", arguments)
    return Call(at, name, arguments, target)


def _fold(
    target: Node, name: str, at: int, arguments: tuple[Node, ...], problems: list[Problem]
) -> Node:
    kind = cast(FoldKind, _SAME.get(name, name))
    transforms = name.startswith("transform")
    makes = transforms or name in ("map", "optMap", "optFlatMap")
    count = 2 if transforms else 1 if makes else len(arguments) - 1
    names: list[str] = []
    for variable in arguments[:count]:
        if not isinstance(variable, Name):
            problems.append(Problem(variable.at, "argument must be a simple name"))
            return target
        if transforms and variable.name in names:
            problems.append(Problem(variable.at, f"duplicate variable name: {variable.name}"))
            return target
        names.append(variable.name)
    if not makes:
        return Fold(at, kind, target, tuple(names), arguments[-1])
    condition = arguments[count] if len(arguments) == count + 2 else None
    return Fold(at, kind, target, tuple(names), condition, arguments[-1])


def dotted(node: Node) -> str:
    """The name that a chain of members reads as; "" for anything else."""
    if isinstance(node, Name):
        return node.name
    if isinstance(node, Select) and not node.tested and not node.optional:
        prefix = dotted(node.operand)
        return f"{prefix}.{node.field}" if prefix else ""
    return ""
