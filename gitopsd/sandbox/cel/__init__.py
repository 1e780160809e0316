"""CEL, the language in which a CustomResourceDefinition writes rules, as Kubernetes speaks it.

What belongs here: reading an expression, checking it against the types of its variables in the
words of the real compiler, and finding its value; the functions that Kubernetes declares. What does
not: schemas, objects and refusals, which `kubernetes.rules` knows. An expression's cost is neither
estimated nor limited.

No library stands in for it: those for Python check no types, which is what a definition is refused
by, and bring a parser generator, another regular expression engine and a calendar with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitopsd.sandbox.cel.checker import checked
from gitopsd.sandbox.cel.evaluator import fold_constants, value_of
from gitopsd.sandbox.cel.library import FUNCTIONS
from gitopsd.sandbox.cel.nodes import Name, Node, parts_of
from gitopsd.sandbox.cel.parser import parsed
from gitopsd.sandbox.cel.problems import shown
from gitopsd.sandbox.cel.types import Type
from gitopsd.sandbox.cel.values import EvaluationError


class CompilationError(Exception):
    """An expression cannot be used; the text is the real compiler's, with places marked."""


@dataclass(frozen=True, slots=True)
class Program:
    """An expression that was read and checked; `type` is that of its value."""

    node: Node
    type: Type

    def run(self, variables: Mapping[str, Any]) -> Any:
        """The value of the expression.

        Raises:
            EvaluationError: it has none.
        """
        return value_of(self.node, variables)

    def check(self) -> None:
        """Find what is known without variables, as the real server does before it runs a program.

        Raises:
            EvaluationError: a constant cannot be converted.
        """
        fold_constants(self.node)

    def uses(self, name: str) -> bool:
        """Whether the expression speaks of a variable."""
        return _mentions(self.node, name)


def _mentions(node: Node, name: str) -> bool:
    if isinstance(node, Name):
        return node.name == name
    return any(_mentions(one, name) for one in parts_of(node))


def compiled(source: str, variables: Mapping[str, Type]) -> Program:
    """A program from its text, over variables of the given types.

    Raises:
        CompilationError: the text is no expression, or its types do not fit.
    """
    node, problems = parsed(source, FUNCTIONS)
    if node is None or problems:
        raise CompilationError(shown(source, problems))
    type_, problems = checked(node, variables)
    if problems:
        raise CompilationError(shown(source, problems))
    return Program(node, type_)


__all__ = ["CompilationError", "EvaluationError", "Program", "Type", "compiled"]
