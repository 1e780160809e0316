"""Rules in CEL of a definition: compiled with it, and run over objects.

A rule that speaks of `oldSelf` is one of a transition, and is asked where there is something before
to compare with. A rule of what has not changed is not asked again: that an object breaks a new
rule does not keep anybody from changing another part of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from gitopsd.sandbox.cel import CompilationError, EvaluationError, Program, Type, compiled, types
from gitopsd.sandbox.cel.values import NO_OVERLOAD, Maybe
from gitopsd.sandbox.kubernetes.errors import FieldProblem, invalid_value
from gitopsd.sandbox.kubernetes.rule_paths import normalized
from gitopsd.sandbox.kubernetes.rule_types import EMBEDDED, JsonSchema, type_of, value_of
from gitopsd.sandbox.kubernetes.schema_checks import counterpart
from gitopsd.sandbox.kubernetes.structure import MISSING

RULES: Final = "x-kubernetes-validations"
NOWHERE: Final = "<nil>"
_SELF: Final = "self"
_OLD: Final = "oldSelf"
_TYPE: Final = "selfType"
_LONGEST_MESSAGE: Final = 5 * 1024
_VALUED: Final = ("FieldValueInvalid", "FieldValueDuplicate")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as it is written, over values of a type."""

    written: dict[str, Any]
    type: Type

    @property
    def is_optional(self) -> bool:
        """Whether the rule is asked where there was nothing before, too."""
        return bool(self.written.get("optionalOldSelf"))

    @property
    def shown(self) -> str:
        """How a refusal names the rule."""
        return str(self.written.get("message") or self.written["rule"]).strip()

    def program(self) -> Program:
        """The rule compiled.

        Raises:
            CompilationError: with the server's sentence.
        """
        said = ("", "program ", "cel expression must evaluate to a bool")
        return self._made(str(self.written["rule"]), types.BOOL, said)

    def message(self) -> Program | None:
        """What says what is wrong, compiled; None where the rule has no such expression.

        Raises:
            CompilationError: with the server's sentence.
        """
        source, own = self.written.get("messageExpression"), "messageExpression "
        if not source:
            return None
        return self._made(source, types.STRING, (own, own, f"{own}must evaluate to a string"))

    def _made(self, source: str, wanted: Type, said: tuple[str, str, str]) -> Program:
        """`said`: what sentences of compiling and of instantiating begin with, and of the type."""
        before = types.optional_of(self.type) if self.is_optional else self.type
        try:
            found = compiled(source, {_SELF: self.type, _OLD: before})
        except CompilationError as error:
            raise CompilationError(f"{said[0]}compilation failed: {error}") from None
        if found.type != wanted:
            raise CompilationError(said[2])
        try:
            found.check()
        except EvaluationError as error:
            raise CompilationError(f"{said[1]}instantiation failed: {error}") from None
        return found


@dataclass(frozen=True, slots=True)
class _Ready:
    """A rule ready to run; `path` leads from the value to what the rule is about."""

    rule: Rule
    program: Program
    message: Program | None
    path: str
    compares: bool


@dataclass(slots=True)
class Place:
    """A part of a schema with the rules of its values, and the parts below that have some."""

    schema: JsonSchema
    rules: list[_Ready]
    root: bool
    members: dict[str, Place]
    items: Place | None
    extra: Place | None


class Rules:
    """All rules of a schema, compiled when they are first asked."""

    def __init__(self, schema: JsonSchema) -> None:
        self._schema = schema

    @cached_property
    def _root(self) -> Place | None:
        return _place(self._schema, root=True)

    def problems(self, new: Any, old: Any = None) -> Iterator[FieldProblem]:
        """The rules that an object breaks; `old` is its state before, None for a new one."""
        if self._root is not None:
            before = MISSING if old is None else old
            yield from _broken(self._root, new, before, "", kept=before is not MISSING)


def rule_type(schema: JsonSchema, *, root: bool = False) -> Type | None:
    """The type of `self` in the rules of a schema; None where rules see nothing."""
    return type_of(schema, _TYPE, root=root or bool(schema.get(EMBEDDED)))


def _place(schema: JsonSchema, *, root: bool = False) -> Place | None:
    root = root or bool(schema.get(EMBEDDED))
    type_ = rule_type(schema, root=root)
    if type_ is None:
        return None
    ready = []
    for part in (schema, *(schema.get("allOf") or ())):
        for written in part.get(RULES) or ():
            rule = Rule(written, type_)
            program, path = rule.program(), normalized(written.get("fieldPath") or "", schema)
            uses = program.uses(_OLD)
            ready.append(_Ready(rule, program, rule.message(), path or "", uses))
    items, extra = schema.get("items"), schema.get("additionalProperties")
    found = Place(
        schema,
        ready,
        root,
        {
            name: below
            for name, part in (schema.get("properties") or {}).items()
            if (below := _place(part)) is not None
        },
        _place(items) if isinstance(items, dict) else None,
        _place(extra) if isinstance(extra, dict) else None,
    )
    return found if found.rules or found.members or found.items or found.extra else None


def _broken(place: Place, new: Any, old: Any, path: str, *, kept: bool) -> Iterator[FieldProblem]:
    """`kept`: what is around is as it was, or can be compared down to here."""
    if new is None:
        return
    same = kept and (old is MISSING or new == old)
    if place.rules:
        yield from _own(place, new, None if old is MISSING else old, path, same=same)
    if isinstance(new, list) and place.items is not None:
        for index, item in enumerate(new):
            before = counterpart(place.schema, item, old)
            at = f"{path}[{index}]"
            comparable = same or (kept and before is not MISSING)
            yield from _broken(place.items, item, before, at, kept=comparable)
    elif isinstance(new, dict):
        for name, member in new.items():
            below, at = place.members.get(name), f"{path}.{name}" if path else name
            if below is None:
                below, at = place.extra, f"{path}[{name}]"
            if below is not None:
                before = old.get(name, MISSING) if isinstance(old, dict) else MISSING
                comparable = same or (kept and before is not MISSING)
                yield from _broken(below, member, before, at, kept=comparable)


def _own(place: Place, new: Any, old: Any, path: str, *, same: bool) -> Iterator[FieldProblem]:
    at, kind = path or NOWHERE, place.schema.get("type") or ""
    for ready in place.rules:
        rule = ready.rule
        if ready.compares and old is None and not rule.is_optional:
            continue
        try:
            variables = _variables(place, new, old if ready.compares else None, rule)
            if ready.program.run(variables):
                continue
        except EvaluationError as error:
            yield invalid_value(at, kind, _failed(str(error), rule))
            continue
        if same and not ready.compares:
            continue
        where = f"{path}.{ready.path}" if path and ready.path else ready.path or at
        yield _problem(rule, where, kind, new, _message(ready, variables))


def _variables(place: Place, new: Any, old: Any, rule: Rule) -> dict[str, Any]:
    variables = {_SELF: value_of(place.schema, new, root=place.root)}
    before = None if old is None else value_of(place.schema, old, root=place.root)
    if rule.is_optional:
        variables[_OLD] = Maybe() if old is None else Maybe((before,))
    elif old is not None:
        variables[_OLD] = before
    return variables


def _failed(why: str, rule: Rule) -> str:
    if not why.startswith(NO_OVERLOAD):
        return f"{why} evaluating rule: {rule.shown}"
    unmatched = "call arguments did not match a supported operator, function or macro signature"
    return f"'{why}': {unmatched} for rule: {rule.shown}"


def _message(ready: _Ready, variables: dict[str, Any]) -> str:
    written = ready.rule.written
    if ready.message is not None:
        try:
            said = str(ready.message.run(variables)).strip()
        except EvaluationError:
            said = ""
        if said and "\n" not in said and len(said.encode()) <= _LONGEST_MESSAGE:
            return said
    given = written.get("message")
    return given.strip() if given else f"failed rule: {ready.rule.shown}"


def _problem(rule: Rule, at: str, kind: str, value: Any, detail: str) -> FieldProblem:
    reason = rule.written.get("reason") or _VALUED[0]
    detail = "" if reason == _VALUED[1] else detail
    if kind in ("object", "array") or reason not in _VALUED:
        return FieldProblem(reason, at, detail=detail)
    return FieldProblem(reason, at, value, detail)
