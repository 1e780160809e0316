"""A spec that does not have its form, told in our words: where, what, why, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from gitopsd.model.identity import Identity
from gitopsd.model.position import Position
from gitopsd.model.problem import Problem
from gitopsd.spec.building import MAX_PROBLEMS, LoadedDocument
from gitopsd.spec.document import Path
from gitopsd.spec.forms import closest, dotted, fields_at, homes, is_reserved, range_at
from gitopsd.spec.part import Part
from gitopsd.spec.problems import found
from gitopsd.spec.scalars import resolve
from gitopsd.spec.wording import brief, told

#: pydantic's error types -> the kind of value that is expected.
_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
}
_RANGES = frozenset({"greater_than_equal", "less_than_equal"})


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong at a path of the document; `details` are pydantic's, per branch."""

    path: Path
    details: tuple[ErrorDetails, ...]

    @property
    def type(self) -> str:
        """pydantic's name for it."""
        return self.details[0]["type"]

    @property
    def value(self) -> Any:
        """What was written there."""
        return self.details[0]["input"]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a part of a document should be: the form of what stands at `root`.

    `kind` is the document's, for names that are reserved in it; "" where nothing is.
    """

    form: type[Part]
    root: Path = ("spec",)
    kind: str = ""

    def inner(self, path: Path) -> Path:
        """The path below the root."""
        return path[len(self.root) :]


def unusable(why: str, mend: str) -> PydanticCustomError:
    """The error of a value that is better not repeated: what is to be said of it, and how to mend
    it; neither a sentence of its own.
    """
    return PydanticCustomError("unusable", "{why}", {"why": why, "mend": mend})


def explain(
    shape: Shape, error: ValidationError, document: LoadedDocument, subject: Identity | None
) -> list[Problem]:
    """The problems of a part that pydantic refused, in the order of its fields."""
    problems = []
    mistakes = list(_mistakes(shape, error, document.value))
    misspelt = _misspelt(shape, mistakes)
    for mistake in mistakes:
        if mistake.path in misspelt or _is_broken(mistake.path, document):
            continue  # what stands there, or was meant to, is told already
        id_, what, mend = _tell(shape, mistake)
        place = where(document, mistake.path, key=id_ in ("GX0030", "GX0031", "GX0032"))
        problems.append(found(id_, what, place, mend=mend, subject=subject))
        if len(problems) == MAX_PROBLEMS:
            break
    return problems


def strays_in(shape: Shape, error: ValidationError, value: Any) -> list[Path]:
    """The fields that do not exist, in a part that pydantic refused; reserved ones do."""
    return [
        mistake.path
        for mistake in _mistakes(shape, error, value)
        if mistake.type == "extra_forbidden"
        and not is_reserved(shape.kind, shape.inner(mistake.path))
    ]


def where(document: LoadedDocument, path: Path, *, key: bool = False) -> Position:
    """The place of a path's value, or of its key; where nothing stands, of what is above it."""
    first, second = (document.keys, document.values) if key else (document.values, document.keys)
    for length in range(len(path), -1, -1):
        place = first.get(path[:length]) or second.get(path[:length])
        if place is not None:
            return Position("", *place)
    return Position("", *document.place)


def unknown_field(path: Path, known: tuple[str, ...], *, homes_: dict[str, str]) -> tuple[str, str]:
    """What to say of a name that nobody knows there, and what was probably meant."""
    name = str(path[-1])
    what = f"The field {dotted(path)} does not exist."
    if guess := closest(name, known):
        return what, f"Did you mean {guess}?"
    if home := homes_.get(name):
        return what, f"It belongs to {home}."
    return what, f"Known here: {', '.join(known)}." if known else ""


def _mistakes(shape: Shape, error: ValidationError, value: Any) -> Iterator[Mistake]:
    """pydantic's errors by the path they are about, the tags of its unions taken out."""
    for part in shape.root:
        value = value[part]
    by_path: dict[Path, list[ErrorDetails]] = {}
    for details in error.errors(include_url=False):
        by_path.setdefault(_written_path(shape.root, details, value), []).append(details)
    above = {path[:length] for path in by_path for length in range(len(path))}
    for path, details_here in by_path.items():
        # A union complains once per member: the member whose type was met knows best.
        best = [d for d in details_here if d["type"] in _RANGES] or details_here
        if path in above:  # a member was told by its fields; then no word was meant
            best = [d for d in best if d["type"] != "literal_error"]
        if best:
            yield Mistake(path, tuple(best))


def _misspelt(shape: Shape, mistakes: list[Mistake]) -> set[Path]:
    """The fields that are missing because their name was written wrongly."""
    missing = {m.path for m in mistakes if m.type == "missing"}
    meant: set[Path] = set()
    for mistake in mistakes:
        if missing and mistake.type == "extra_forbidden":
            above = mistake.path[:-1]
            guess = closest(str(mistake.path[-1]), fields_at(shape.form, shape.inner(above)))
            meant.add((*above, guess or ""))
    return missing & meant


def _written_path(root: Path, details: ErrorDetails, value: Any) -> Path:
    path: list[str | int] = list(root)
    here = value
    for index, part in enumerate(details["loc"]):
        known = isinstance(here, dict) and part in here
        if known or (isinstance(here, list) and isinstance(part, int) and part < len(here)):
            path.append(part)
            here = here[part]
        elif details["type"] == "missing" and index == len(details["loc"]) - 1:
            path.append(part)
    return tuple(path)


def _is_broken(path: Path, document: LoadedDocument) -> bool:
    return any(path[:length] in document.broken for length in range(len(path) + 1))


def _tell(shape: Shape, mistake: Mistake) -> tuple[str, str, str]:
    """Id, what and mend of a mistake."""
    name = dotted(mistake.path)
    match mistake.type:
        case "missing":
            return "GX0032", f"The field {name} is missing.", ""
        case "extra_forbidden":
            return _tell_unknown(shape, mistake.path)
        case "literal_error":
            return _tell_choice(name, mistake)
        case "greater_than_equal" | "less_than_equal":
            return _tell_range(shape, mistake)
        case "too_short" | "unusable":
            return _tell_whole(name, mistake)
    expected = " or ".join(_EXPECTED.get(d["type"], d["msg"]) for d in mistake.details)
    value = mistake.value
    what = f"{name} must be {expected}, and is {told(value)}."
    return "GX0033", what, _mend_type(expected, value)


def _tell_whole(name: str, mistake: Mistake) -> tuple[str, str, str]:
    """Of a value that is told without being repeated."""
    if mistake.type == "too_short":
        return "GX0036", f"{name} is empty.", ""
    details = mistake.details[0]
    mend = str(details["ctx"]["mend"])
    return "GX0050", f"{name} {details['msg']}.", f"{mend[:1].upper()}{mend[1:]}."


def _tell_unknown(shape: Shape, path: Path) -> tuple[str, str, str]:
    form, inner = shape.form, shape.inner(path)
    if is_reserved(shape.kind, inner):
        what = f"The field {dotted(path)} is reserved, not built yet."
        return "GX0031", what, ""
    what, mend = unknown_field(path, fields_at(form, inner[:-1]), homes_=homes(form))
    return "GX0030", what, mend


def _tell_choice(name: str, mistake: Mistake) -> tuple[str, str, str]:
    context = mistake.details[0].get("ctx", {})
    allowed = [word.strip(" '") for word in context["expected"].replace(" or ", ", ").split(",")]
    listed = ", ".join(allowed[:-1]) + f" or {allowed[-1]}" if len(allowed) > 1 else allowed[0]
    what = f"{name} must be {listed}, and is {told(mistake.value)}."
    guess = closest(mistake.value, allowed) if isinstance(mistake.value, str) else None
    return "GX0034", what, f"Did you mean {guess}?" if guess else f"Write {listed}."


def _tell_range(shape: Shape, mistake: Mistake) -> tuple[str, str, str]:
    least, greatest = range_at(shape.form, shape.inner(mistake.path))
    if least is not None and greatest is not None:
        allowed = f"from {least} to {greatest}"
    else:
        allowed = f"at least {least}" if least is not None else f"at most {greatest}"
    what = f"{dotted(mistake.path)} is {brief(str(mistake.value))}; it must be {allowed}."
    return "GX0035", what, f"Write a number {allowed}."


def _mend_type(expected: str, value: Any) -> str:
    if expected == "text" and isinstance(value, bool | int | float):
        return "Put the value in quotes."
    if expected == "a whole number" and isinstance(value, str):
        return _mend_number(value)
    if expected == "a list" and isinstance(value, str):
        return f"Write a list: [{value}]." if len(value) <= 60 else "Write a list."
    if expected == "a list" and isinstance(value, dict):
        return "Start each entry with a hyphen."
    return f"Write {expected}."


def _mend_number(text: str) -> str:
    """For text in the place of a whole number, in quotes or not: nobody knows any more."""
    if type(resolve(text)[0]) is int:
        return "Remove the quotes."  # without them it would be a number
    leading_zero = text.lstrip("+-").isdecimal() and text.lstrip("+-").startswith("0")
    return f"Write a whole number{' without leading zeros' if leading_zero else ''}."
