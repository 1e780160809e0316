"""From tokens to a tree: CEL's grammar, with its macros put in place."""

from __future__ import annotations

from collections.abc import Container
from typing import Final

from gitopsd.sandbox.cel.macros import called, tested
from gitopsd.sandbox.cel.nodes import (
    Call,
    Constant,
    ListNode,
    MapNode,
    Message,
    Name,
    Node,
    Select,
)
from gitopsd.sandbox.cel.problems import Problem
from gitopsd.sandbox.cel.scanner import END, Token, tokens

#: What an operand begins with, and what else may stand in its place, in the order of the grammar.
_BEGINNINGS: Final = ("[", "]", "{", "}", "(", ")", ".", ",", "-", "!", "?")
_ALWAYS: Final = ("[", "{", "(", ".", "-", "!")
_REST: Final = "'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER"
_CLOSING: Final = (")", "]", "}")
_LITERALS: Final = ("int", "uint", "float", "string", "bytes")
_WORDS: Final = {"true": True, "false": False, "null": None}
RESERVED: Final = (
    "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop",
    "package", "namespace", "return", "var", "void", "while",
)  # fmt: skip
_RELATIONS: Final = ("==", "!=", "<", "<=", ">", ">=", "in")
_DEEPEST: Final = 50
_MOST: Final = (1 << 63) - 1


class _GivenUpError(Exception):
    """The text cannot be read any further; why is noted."""


def parsed(source: str, functions: Container[str]) -> tuple[Node | None, list[Problem]]:
    """The tree of an expression; None, or a tree not to be used, when there are problems.

    `functions` are the names of functions with dots in them.
    """
    problems: list[Problem] = []
    parser = _Parser(source, problems, functions)
    try:
        return parser.whole(), problems
    except _GivenUpError:
        return None, problems


class _Parser:
    def __init__(self, source: str, problems: list[Problem], functions: Container[str]) -> None:
        self._source = source
        self._tokens = tokens(source, problems)
        self._place = 0
        self._depth = 0
        self._instead: tuple[str, ...] = ()
        self._problems = problems
        self._functions = functions

    # -- tokens

    @property
    def _next(self) -> Token:
        return self._tokens[self._place]

    def _taken(self) -> Token:
        token = self._next
        self._place += 1
        return token

    def _follows(self, *signs: str) -> bool:
        token = self._next
        return token.kind in ("sign", "name") and token.text in signs

    def _accepts(self, *signs: str) -> Token | None:
        return self._taken() if self._follows(*signs) else None

    def _wrong(self, how: str, expected: str) -> None:
        token = self._next
        why = f"Syntax error: {how} input '{token.text}' expecting {expected}"
        self._problems.append(Problem(token.at, why))

    def _expect(self, sign: str) -> None:
        if self._accepts(sign):
            return
        after = self._tokens[min(self._place + 1, len(self._tokens) - 1)]
        if after.text == sign:
            self._wrong("extraneous", f"'{sign}'")
            self._place += 2
            return
        ends = self._next.kind == "end"
        if (sign in _CLOSING and ends) or (sign == ":" and self._begins_operand(self._next)):
            self._missing(sign)
        else:
            self._wrong("mismatched", f"'{sign}'")
            raise _GivenUpError

    def _missing(self, sign: str) -> None:
        why = f"Syntax error: missing '{sign}' at '{self._next.text}'"
        self._problems.append(Problem(self._next.at, why))

    def _ends(self, sign: str) -> None:
        """The end of a literal's parts, where another could follow as well."""
        if self._next.kind == "end":
            self._wrong("mismatched", f"{{'{sign}', ','}}")
            raise _GivenUpError
        self._expect(sign)

    @staticmethod
    def _begins_operand(token: Token) -> bool:
        return token.kind in (*_LITERALS, "name") or token.text in _ALWAYS

    # -- grammar

    def whole(self) -> Node:
        """The expression that the text is."""
        node = self._expression()
        if self._next.kind != "end":
            last = self._tokens[self._place + 1].kind == "end"
            self._wrong("extraneous" if last else "mismatched", END)
        return node

    def _expression(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            why = f"expression recursion limit exceeded: {_DEEPEST}"
            self._problems.append(Problem(self._next.at, why))
            raise _GivenUpError
        node = self._or()
        sign = self._accepts("?")
        if sign:
            yes = self._or()
            self._expect(":")
            node = Call(sign.at, "_?_:_", (node, yes, self._expression()))
        self._depth -= 1
        return node

    def _or(self) -> Node:
        node = self._and()
        while sign := self._accepts("||"):
            node = Call(sign.at, "_||_", (node, self._and()))
        return node

    def _and(self) -> Node:
        node = self._relation()
        while sign := self._accepts("&&"):
            node = Call(sign.at, "_&&_", (node, self._relation()))
        return node

    def _relation(self) -> Node:
        node = self._sum()
        while sign := self._accepts(*_RELATIONS):
            name = "@in" if sign.text == "in" else f"_{sign.text}_"
            node = Call(sign.at, name, (node, self._sum()))
        return node

    def _sum(self) -> Node:
        node = self._product()
        while sign := self._accepts("+", "-"):
            node = Call(sign.at, f"_{sign.text}_", (node, self._product()))
        return node

    def _product(self) -> Node:
        node = self._unary()
        while sign := self._accepts("*", "/", "%"):
            node = Call(sign.at, f"_{sign.text}_", (node, self._unary()))
        return node

    def _unary(self) -> Node:
        for mark in ("!", "-"):
            first, count = self._next, 0
            while self._follows(mark) and not (count == 0 and self._is_number()):
                self._taken()
                count += 1
            if count:
                node = self._member()
                return Call(first.at, f"{mark}_", (node,)) if count % 2 else node
        return self._member()

    def _is_number(self) -> bool:
        """Whether a minus belongs to the number after it."""
        return self._follows("-") and self._tokens[self._place + 1].kind in ("int", "float")

    def _member(self) -> Node:
        node = self._primary()
        while sign := self._accepts(".", "["):
            optional = self._accepts("?") is not None
            if sign.text == "[":
                self._instead = () if optional else ("?",)
                index = self._expression()
                self._expect("]")
                node = Call(sign.at, "_[?_]" if optional else "_[_]", (node, index))
            else:
                node = self._selected(node, sign, optional)
        return node

    def _selected(self, node: Node, dot: Token, optional: bool) -> Node:
        name = self._taken()
        if name.text in _WORDS:
            self._place -= 1
            self._wrong("mismatched", "IDENTIFIER")
            raise _GivenUpError
        if name.kind not in ("name", "quoted") or name.text == "in":
            text = self._source[dot.at : name.at + (0 if name.kind == "end" else len(name.text))]
            why = f"Syntax error: no viable alternative at input '{text.rstrip()}'"
            self._problems.append(Problem(name.at, why))
            raise _GivenUpError
        if name.kind == "quoted":
            self._problems.append(Problem(name.at, "unsupported syntax: '`'"))
        opened = None if optional or name.kind == "quoted" else self._accepts("(")
        if opened is None:
            return Select(dot.at, node, name.text.strip("`"), optional=optional)
        arguments = self._arguments(")")
        return called(node, name.text, opened.at, arguments, self._functions, self._problems)

    def _arguments(self, end: str) -> tuple[Node, ...]:
        found: list[Node] = []
        self._instead = (end,)
        while not self._follows(end):
            found.append(self._expression())
            if not self._accepts(","):
                break
        self._instead = ()
        self._expect(end)
        return tuple(found)

    def _primary(self) -> Node:
        token, instead, self._instead = self._next, self._instead, ()
        if token.kind in _LITERALS or token.text in _WORDS or self._is_number():
            return self._literal()
        if self._accepts("("):
            node = self._expression()
            self._expect(")")
            return node
        if self._accepts("["):
            return self._list(token.at)
        if self._accepts("{"):
            return self._map(token.at)
        dot = self._accepts(".")
        if self._next.kind == "name" and self._next.text != "in":
            return self._named(dot.at if dot else None)
        return self._no_operand(instead)

    def _no_operand(self, instead: tuple[str, ...]) -> Node:
        """Pass over one token that does not belong here, when an operand follows it.

        `instead` is what could stand here besides an operand.
        """
        signs = (f"'{one}'" for one in _BEGINNINGS if one in _ALWAYS or one in instead)
        expected = f"{{{', '.join(signs)}, {_REST}}}"
        after = self._tokens[min(self._place + 1, len(self._tokens) - 1)]
        if self._next.kind == "end" or not self._begins_operand(after):
            self._wrong("mismatched", expected)
            raise _GivenUpError
        self._wrong("extraneous", expected)
        self._taken()
        return self._primary()

    def _literal(self) -> Node:
        first = self._taken()
        value = _WORDS.get(first.text, first.value)
        if first.kind == "sign":
            value = -self._taken().value
        if type(value) is int and not -_MOST - 1 <= value <= _MOST:
            self._problems.append(Problem(first.at, "invalid int literal"))
        return Constant(first.at, value)

    def _list(self, at: int) -> Node:
        items: list[Node] = []
        optional = set()
        self._instead = ("]", ",", "?")
        while not self._follows("]") and not (items and self._follows(",")):
            if self._accepts("?"):
                optional.add(len(items))
            items.append(self._expression())
            if not self._accepts(","):
                self._ends("]")
                return ListNode(at, tuple(items), frozenset(optional))
        self._expect("]")
        return ListNode(at, tuple(items), frozenset(optional))

    def _map(self, at: int) -> Node:
        entries: list[tuple[Node, Node, bool]] = []
        while not self._follows("}"):
            optional = self._accepts("?") is not None
            key = self._expression()
            self._expect(":")
            entries.append((key, self._expression(), optional))
            if not self._accepts(","):
                self._ends("}")
                return MapNode(at, tuple(entries))
        self._expect("}")
        return MapNode(at, tuple(entries))

    def _named(self, dot: int | None) -> Node:
        token = self._taken()
        if self._follows("{"):
            opened = self._taken()
            while not self._accepts("}"):
                if self._next.kind == "end":
                    self._ends("}")
                self._taken()
            return Message(opened.at, token.text)
        if token.text in RESERVED:
            self._problems.append(Problem(token.at, f"reserved identifier: {token.text}"))
        opened_call = self._accepts("(")
        if opened_call is None:
            return Name(token.at if dot is None else dot, token.text)
        arguments = self._arguments(")")
        if token.text == "has" and len(arguments) == 1:
            return tested(opened_call.at, arguments[0], self._problems)
        return Call(opened_call.at, token.text, arguments)
