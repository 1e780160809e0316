"""Kubernetes' own functions: semantic versions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from gitopsd.sandbox.cel.values import EvaluationError
from gitopsd.sandbox.kubernetes.gotext import quote

_NUMBER: Final = re.compile("[0-9]+")
_IDENTIFIER: Final = re.compile("[0-9A-Za-z-]+")
_NAMES: Final = ("major", "minor", "patch")
_PRERELEASE: Final = "Prerelease"


@dataclass(frozen=True, slots=True)
class Semver:
    """A version; what is behind a plus sign does not count when two are compared."""

    type_name: ClassVar[str] = "kubernetes.Semver"
    numbers: tuple[int, ...]
    before: tuple[str, ...] = ()
    build: tuple[str, ...] = field(default=(), compare=False)

    @property
    def rank(self) -> tuple[Any, ...]:
        """What versions are ordered by: a release comes after what was before it."""
        parts = tuple((0, int(one), "") if one.isdecimal() else (1, 0, one) for one in self.before)
        return (self.numbers, not self.before, parts)


def semver(text: str, lenient: bool = False) -> Semver:
    """A version from text; a `lenient` reader adds what is missing. Raises EvaluationError."""
    if lenient:
        text = _normalized(text)
    if not text:
        raise EvaluationError("Version string empty")
    parts = text.split(".", 2)
    if len(parts) < len(_NAMES):
        raise EvaluationError("No Major.Minor.Patch elements found")
    head, plus, build = parts[2].partition("+")
    patch, dash, before = head.partition("-")
    numbers = tuple(map(_number, _NAMES, (parts[0], parts[1], patch)))
    return Semver(
        numbers,
        _identifiers(before, _PRERELEASE) if dash else (),
        _identifiers(build, "Build meta data") if plus else (),
    )


def _normalized(text: str) -> str:
    parts = [_trimmed(one) for one in text.removeprefix("v").split(".", 2)]
    missing = len(_NAMES) - len(parts)
    if missing and re.search("[-+]", parts[-1]):
        raise EvaluationError("short version cannot contain PreRelease/Build meta data")
    return ".".join([*parts, *["0"] * missing])


def _trimmed(part: str) -> str:
    if len(part) < 2:
        return part
    bare = part.lstrip("0")
    return bare if bare[:1] and bare[0] in "0123456789" else f"0{bare}"


def _number(name: str, text: str) -> int:
    if not text:
        raise EvaluationError('strconv.ParseUint: parsing "": invalid syntax')
    if not _NUMBER.fullmatch(text):
        raise EvaluationError(f"Invalid character(s) found in {name} number {quote(text)}")
    if len(text) > 1 and text.startswith("0"):
        why = f"{name.capitalize()} number must not contain leading zeroes {quote(text)}"
        raise EvaluationError(why)
    return int(text)


def _identifiers(text: str, what: str) -> tuple[str, ...]:
    parts = tuple(text.split("."))
    for one in parts:
        if not one:
            raise EvaluationError(f"{what} is empty")
        if not _IDENTIFIER.fullmatch(one):
            raise EvaluationError(f"Invalid character(s) found in {what.lower()} {quote(one)}")
        if what == _PRERELEASE and one.isdecimal() and len(one) > 1 and one.startswith("0"):
            why = "Numeric PreRelease version must not contain leading zeroes"
            raise EvaluationError(f"{why} {quote(one)}")
    return parts


def _is_semver(text: str, lenient: bool = False) -> bool:
    try:
        semver(text, lenient)
    except EvaluationError:
        return False
    return True


def _compared(one: Semver, other: Semver) -> int:
    return int(one.rank > other.rank) - int(one.rank < other.rank)


_OWN: Final = Semver.type_name
FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    f"semver(string) -> {_OWN} | semver(string, bool) -> {_OWN}": semver,
    "isSemver(string) -> bool | isSemver(string, bool) -> bool": _is_semver,
    f"{_OWN}.isLessThan({_OWN}) -> bool": lambda a, b: a.rank < b.rank,
    f"{_OWN}.isGreaterThan({_OWN}) -> bool": lambda a, b: a.rank > b.rank,
    f"{_OWN}.compareTo({_OWN}) -> int": _compared,
    **{
        f"{_OWN}.{name}() -> int": lambda value, at=at: value.numbers[at]
        for at, name in enumerate(_NAMES)
    },
}
