"""How a fault is ordered: `SIDE:KIND[:WHERE][:NAME=VALUE,...]`, as in docs/sandbox.md.

The table of kinds is data: which sides play a kind and what may be said about it. Everything wrong
with an order is found here, before the order reaches a side.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

KUBERNETES: Final = "kubernetes"
CLOUD: Final = "cloud"
SIDES: Final = (KUBERNETES, CLOUD, "alb", "nlb")
VERBS: Final = (
    "get", "list", "watch", "create", "update", "patch", "delete", "deletecollection",
)  # fmt: skip
_BOTH: Final = (KUBERNETES, CLOUD)
_SHAPE: Final = "SIDE:KIND[:WHERE][:NAME=VALUE,...]"
_NEXT_OPTION: Final = re.compile(r",(?=[a-z-]+=)")
_MOST_PARTS: Final = 4
_LISTED: Final = 20


class FaultSyntaxError(ValueError):
    """An order that cannot be understood; its text says what is wrong and what would be right."""


@dataclass(frozen=True, slots=True)
class KindOfFault:
    """Which sides play a kind, what it takes beside the common options, and what it needs."""

    means: str
    sides: Collection[str] = _BOTH
    options: Collection[str] = ()
    needs: str = ""


#: Every kind, in the order of the documentation.
KINDS: Final[Mapping[str, KindOfFault]] = {
    "latency": KindOfFault("the answer comes `seconds` later", options=("seconds",),
                           needs="seconds"),
    "throttle": KindOfFault("429, or Throttling.User; with `retry-after` it says when to come back",
                            options=("retry-after",)),
    "error": KindOfFault("an answer with `status`, `code` and `message` in place of the effect",
                         options=("status", "code", "message", "html")),
    "drop-before": KindOfFault("the connection is cut, and nothing has happened"),
    "drop-after": KindOfFault("the connection is cut after the effect; a watch's after `seconds`",
                              options=("seconds",)),
    "conflict": KindOfFault("409 Conflict, or IncorrectStatus: somebody else was at it just now"),
    "forbidden": KindOfFault("403: the caller may not do this"),
    "quota": KindOfFault("a quota is exhausted; `code` names the cloud's", options=("code",)),
    "clock": KindOfFault("that side's time of day jumps by `seconds`, which may be negative",
                         options=("seconds",), needs="seconds"),
    "expire": KindOfFault("410 Gone for a watch or list: its history is no more",
                          sides=(KUBERNETES,)),
    "stale": KindOfFault("a watch says nothing for `seconds` (0: to its end), then all it held",
                         sides=(KUBERNETES,), options=("seconds",)),
    "job-fails": KindOfFault("the job of this call ends in Failed, with `code` and `message`",
                             sides=(CLOUD,), options=("code", "message")),
    "job-stuck": KindOfFault("the job of this call never ends", sides=(CLOUD,)),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """An order that was understood.

    `where` is a pattern: an operation of the cloud, or verbs, resource, namespace and name with
    slashes between. `options` hold only what was said, as values of the option's type. `text` is
    the order as it was written.
    """

    text: str
    side: str
    kind: str
    where: str = "*"
    options: Mapping[str, Any] = field(default_factory=dict)


def parse_order(text: str, operations: Collection[str] = ()) -> Order:
    """Understand one order; `operations` are the cloud's, where they are known.

    Raises:
        FaultSyntaxError: the order says something that no side plays.
    """
    side, kind, where, said = _parts(text)
    what = KINDS[_one_of("kind of fault", kind, KINDS)]
    played_by = KUBERNETES if _one_of("side", side, SIDES) == KUBERNETES else CLOUD
    if played_by not in what.sides:
        raise FaultSyntaxError(f"{kind!r} is played by {' and '.join(what.sides)}, not by {side}")
    options = _options(said, kind, what)
    if played_by == KUBERNETES:
        _check_place(where)
        if "html" in options:
            raise FaultSyntaxError("'html' is a page of the cloud's gateway; kubernetes has none")
    elif operations and "*" not in where and "?" not in where:
        _one_of("operation", where, operations)
    return Order(text, side, kind, where, options)


def _parts(text: str) -> tuple[str, str, str, str]:
    parts = text.split(":", _MOST_PARTS - 1)
    if "=" in "".join(parts[2:3]):  # no place; what was split off belongs to a message
        parts[2:] = ["*", ":".join(parts[2:])]
    if len(parts) == 1:
        raise FaultSyntaxError(f"{text!r} is no order of a fault; it is written {_SHAPE}")
    side, kind, where, said = [*parts, "", ""][:_MOST_PARTS]
    return side.strip(), kind.strip(), where.strip() or "*", said


def _one_of(what: str, given: str, known: Collection[str]) -> str:
    if given in known:
        return given
    near = difflib.get_close_matches(given, known, n=1)
    if near:
        hint = f"did you mean {near[0]}?"
    elif len(known) <= _LISTED:
        hint = f"one of {', '.join(known)}"
    else:
        hint = "a pattern with * matches several"
    raise FaultSyntaxError(f"there is no {what} {given!r}; {hint}")


def _check_place(where: str) -> None:
    verbs, *rest = where.split("/")
    if len(rest) > 3:
        raise FaultSyntaxError(
            f"{where!r} has too many parts; a place is VERBS/RESOURCE/NAMESPACE/NAME"
        )
    for verb in verbs.split("+"):
        if "*" not in verb:
            _one_of("verb", verb, VERBS)


def _options(said: str, kind: str, what: KindOfFault) -> dict[str, Any]:
    allowed = (*what.options, *_COMMON)
    options: dict[str, Any] = {}
    for part in filter(None, _NEXT_OPTION.split(said)):
        name, equals, value = part.partition("=")
        if not equals or name not in allowed:
            known = ", ".join(allowed)
            raise FaultSyntaxError(
                f"{kind!r} does not take {part!r}; as NAME=VALUE it takes {known}"
            )
        if name in options:
            raise FaultSyntaxError(f"{name!r} is said twice")
        options[name] = _value(name, value)
    if what.needs and what.needs not in options:
        raise FaultSyntaxError(f"{kind!r} needs {what.needs}=..., a number")
    if kind == "latency" and options["seconds"] < 0:
        raise FaultSyntaxError("'seconds' of a latency is not negative")
    return options


def _value(name: str, text: str) -> Any:
    read, wanted = _VALUES[name]
    try:
        return read(text)
    except ValueError as error:
        raise FaultSyntaxError(f"'{name}={text}' is no {wanted}") from error


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise ValueError(text)
    return int(text)


def _times(text: str) -> int:
    return 0 if text == "always" else _within(_whole(text), 1, 1_000_000_000)


def _within(number: float, low: float, high: float) -> Any:
    if not low <= number <= high:  # also refuses what is not a number
        raise ValueError(number)
    return number


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


_YEARS: Final = 3.2e9
#: How an option's text becomes a value, and what to call it when it does not.
_VALUES: Final[Mapping[str, tuple[Callable[[str], Any], str]]] = {
    "times": (_times, "count of requests: 1 and more, or always"),
    "after": (_whole, "count of requests"),
    "chance": (lambda text: _within(float(text), 0, 1), "probability from 0 to 1"),
    "seconds": (lambda text: _within(float(text), -_YEARS, _YEARS), "number of seconds"),
    "retry-after": (lambda text: _within(float(text), 0, _YEARS), "number of seconds"),
    "status": (lambda text: _within(_whole(text), 400, 599), "HTTP status from 400 to 599"),
    "code": (str, "text"),
    "message": (str, "text"),
    "html": (_truth, "true or false"),
}
_COMMON: Final = ("times", "after", "chance")
