"""Label and field selectors: parsing with the server's messages, and matching."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gitopsd.sandbox.kubernetes import formats
from gitopsd.sandbox.kubernetes.gotext import quote

_PIECE: Final = re.compile(r"\s*(==|!=|=|!|,|\(|\)|>|<|[^\s=!(),<>]+)")
_BINARY: Final = "in, notin, =, ==, !=, gt, lt"
_END: Final = ""
_SYMBOLS: Final = frozenset({"==", "!=", "=", "!", ",", "(", ")", ">", "<", _END})


class SelectorError(ValueError):
    """The selector cannot be understood; the text is the server's."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement: `operator` is in, notin, exists, absent, gt or lt."""

    key: str
    operator: str
    values: frozenset[str] = frozenset()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether a set of labels fulfils it."""
        value = labels.get(self.key)
        if self.operator == "exists":
            return value is not None
        if self.operator == "absent":
            return value is None
        if self.operator == "in":
            return value in self.values
        if self.operator == "notin":
            return value not in self.values
        (bound,) = self.values
        if value is None or not re.fullmatch(r"-?\d+", value):
            return False
        return int(value) > int(bound) if self.operator == "gt" else int(value) < int(bound)


def parse_labels(text: str) -> tuple[Requirement, ...]:
    """Requirements of a label selector, all of which have to be fulfilled.

    Raises:
        SelectorError: in the server's words.
    """
    pieces = [*_PIECE.findall(text), _END]
    return _Parser(pieces).parsed()


class _Parser:
    def __init__(self, pieces: list[str]) -> None:
        self._pieces = pieces
        self._at = 0

    def _peek(self) -> str:
        return self._pieces[self._at]

    def _take(self) -> str:
        piece = self._pieces[self._at]
        self._at = min(self._at + 1, len(self._pieces) - 1)
        return piece

    def parsed(self) -> tuple[Requirement, ...]:
        found: list[Requirement] = []
        while True:
            piece = self._peek()
            if piece == _END:
                return tuple(found)
            if piece in _SYMBOLS and piece != "!":
                raise SelectorError(f"found '{piece}', expected: !, identifier, or 'end of string'")
            try:
                found.append(self._requirement())
            except SelectorError as error:
                raise SelectorError(f"unable to parse requirement: {error}") from error
            piece = self._take()
            if piece == _END:
                return tuple(found)
            if piece != ",":
                raise SelectorError(f"found '{piece}', expected: ',' or 'end of string'")
            following = self._peek()
            if following in _SYMBOLS and following != "!":
                raise SelectorError(f"found '{following}', expected: identifier after ','")

    def _requirement(self) -> Requirement:
        absent = self._peek() == "!"
        if absent:
            self._take()
        key = self._take()
        if key in _SYMBOLS:
            raise SelectorError(f"found '{key}', expected: identifier")
        faults = formats.qualified_name(key)
        if faults:
            raise SelectorError(f"<nil>: Invalid value: {quote(key)}: {'; '.join(faults)}")
        if self._peek() in (_END, ","):
            return Requirement(key, "absent" if absent else "exists")
        if absent:
            return Requirement(key, "absent")
        return self._compared(key)

    def _compared(self, key: str) -> Requirement:
        operator = self._take()
        if operator in ("in", "notin"):
            return _checked(Requirement(key, operator, frozenset(self._values())))
        kinds = {"=": "in", "==": "in", "!=": "notin", ">": "gt", "<": "lt"}
        if operator not in kinds:
            raise SelectorError(f"found '{operator}', expected: {_BINARY}")
        return _checked(Requirement(key, kinds[operator], frozenset({self._exact()})))

    def _exact(self) -> str:
        if self._peek() in (_END, ","):
            return ""
        piece = self._take()
        if piece in _SYMBOLS:
            raise SelectorError(f"found '{piece}', expected: identifier")
        return piece

    def _values(self) -> list[str]:
        piece = self._take()
        if piece != "(":
            raise SelectorError(f"found '{piece}' expected: '('")
        values: list[str] = []
        expects_value = True
        while True:
            piece = self._take()
            if piece == ")":
                return [*values, ""] if expects_value else values
            if piece == ",":
                if expects_value:
                    values.append("")
                expects_value = True
            elif piece in _SYMBOLS or not expects_value:
                wanted = "',', ')' or identifier" if expects_value else "',' or ')'"
                raise SelectorError(f"found '{piece}', expected: {wanted}")
            else:
                values.append(piece)
                expects_value = False


def _checked(requirement: Requirement) -> Requirement:
    for value in sorted(requirement.values):
        if requirement.operator in ("gt", "lt"):
            if not re.fullmatch(r"-?\d+", value):
                why = "for 'Gt', 'Lt' operators, the value must be an integer"
                raise SelectorError(f"values[0]: Invalid value: {quote(value)}: {why}")
        elif faults := formats.label_value(value):
            at = f"values[0][{requirement.key}]"
            raise SelectorError(f"{at}: Invalid value: {quote(value)}: {'; '.join(faults)}")
    return requirement


@dataclass(frozen=True, slots=True)
class FieldTerm:
    """One term of a field selector: a field equals (or, negated, differs from) a value."""

    field: str
    value: str
    negated: bool


#: What every resource can be selected by; those with more of their own word a refusal otherwise.
_ALWAYS_KNOWN: Final = ("metadata.name", "metadata.namespace")


def exact_value(text: str, field: str) -> str:
    """The one value that a field selector's text asks of a field; "" when it leaves it open."""
    for part in re.split(r"(?<!\\),", text):
        match = re.fullmatch(re.escape(field) + r"={1,2}([^=]*)", part)
        if match is not None:
            return re.sub(r"\\(.)", r"\1", match[1])
    return ""


def parse_fields(
    text: str, known: Mapping[str, Any] | None, *, lists_known: bool = True
) -> tuple[FieldTerm, ...]:
    """Terms of a field selector; a refusal may list what is `known` where it is little.

    With `known` None only the syntax counts.

    Raises:
        SelectorError: the syntax is wrong or a field is none of `known`.
    """
    terms = []
    for part in re.split(r"(?<!\\),", text):
        if not part:
            continue
        match = re.match(r"(.*?)(!=|==|=)(.*)", part, re.DOTALL)
        if match is None:
            raise SelectorError(f"invalid selector: '{text}'; can't understand '{part}'")
        name, operator, value = match.groups()
        bare = re.search(r"(?<!\\)=", value)
        if bare is not None:
            why = f"unescaped character in value: {ord(bare[0])}"
            raise SelectorError(f"invalid field selector: {why}")
        if not name and not value:  # whoever asks for nothing gets everything
            continue
        if known is not None and name not in known:
            if not lists_known:
                raise SelectorError(f"field label not supported: {name}")
            always = ", ".join(quote(one) for one in _ALWAYS_KNOWN)
            raise SelectorError(f"{quote(name)} is not a known field selector: only {always}")
        terms.append(FieldTerm(name, _unescaped(value), operator == "!="))
    return tuple(terms)


def _unescaped(value: str) -> str:
    """A value without the backslashes that keep its commas, equals signs and backslashes apart."""
    wrong = re.search(r"(?<!\\)(?:\\\\)*(\\(?![\\,=]).?)", value, re.S)
    if wrong is not None:
        raise SelectorError(f"invalid field selector: invalid escape sequence: {wrong[1]}")
    return re.sub(r"\\(.)", r"\1", value)


@dataclass(frozen=True, slots=True)
class Selection:
    """What a list or watch is limited to.

    `readers` find a field's value in an object and `read` finds the object in a record.
    """

    labels: tuple[Requirement, ...] = ()
    fields: tuple[FieldTerm, ...] = ()
    readers: Mapping[str, Callable[[dict[str, Any]], str]] | None = None
    read: Callable[[Any], dict[str, Any]] = lambda record: record.item()

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return not self.labels and not self.fields

    def matches(self, record: Any) -> bool:
        """Whether a record belongs to the selection."""
        if not all(one.matches(record.labels) for one in self.labels):
            return False
        item: dict[str, Any] | None = None
        for term in self.fields:
            if term.field == "metadata.name":
                value = record.name
            elif term.field == "metadata.namespace":
                value = record.namespace
            else:
                item = item if item is not None else self.read(record)
                value = (self.readers or {})[term.field](item)
            if (value == term.value) == term.negated:
                return False
        return True
