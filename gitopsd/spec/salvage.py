"""What a document with a mistake of form says all the same: its spec, less what is in doubt.

A field in doubt is missing in its part, and asking for it raises `Unknown`: a check that looks at
it has nothing to tell. In doubt is what does not have its form, and what is absent where a field
that does not exist may have been meant to be it. Nothing is made of such a spec but problems.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, get_args, get_origin

from pydantic import TypeAdapter, ValidationError

from gitopsd.spec.building import MAX_PROBLEMS, LoadedDocument
from gitopsd.spec.document import Path
from gitopsd.spec.forms import alternatives, by_name, closest, fields_at
from gitopsd.spec.part import Part

_DOUBT: Final = object()


def salvage(
    form: type[Part], document: LoadedDocument, root: Path, strays: Collection[Path]
) -> Part | None:
    """What can be relied on of the `form` at `root`; None where nothing can.

    `strays` are the fields of the document that do not exist and are not reserved. Where more is
    wrong than is told, the rest is not guessed at.
    """
    value = _at(document, root)
    if not isinstance(value, dict) or len(strays) + len(document.broken) > MAX_PROBLEMS:
        return None
    if any(path == root[: len(path)] for path in document.broken):
        return None
    salvaging = _Salvage(document.broken)
    for stray in strays:
        here, inner = _at(document, stray[:-1]), stray[len(root) : -1]
        names = fields_at(form, inner) if stray[: len(root)] == root else ()
        absent = [name for name in names if here.get(name) is None]
        salvaging.allow_for(stray, here[stray[-1]], absent)
    return salvaging.part(form, value, root)


def _at(document: LoadedDocument, path: Path) -> Any:
    value: Any = document.value
    for name in path:
        value = value[name]
    return value


def is_whole(value: object) -> bool:
    """Whether nothing in a part of a spec is in doubt."""
    if isinstance(value, Part):
        fields = vars(value)
        return type(value).model_fields.keys() <= fields.keys() and all(
            is_whole(field) for field in fields.values()
        )
    return not isinstance(value, list) or all(is_whole(entry) for entry in value)


def assembled(form: type[Part], fields: Mapping[str, Any], written: Iterable[str] = ()) -> Part:
    """A part that has these fields, by their name in the model, and no others.

    `written` are those that the document gives; the others have their defaults.
    """
    part = form.model_construct(set(written), **fields)
    for name in form.model_fields.keys() - fields.keys():
        vars(part).pop(name, None)
    return part


class _Salvage:
    """One document; `broken` are its paths whose value could not be taken as written."""

    def __init__(self, broken: frozenset[Path]) -> None:
        self._broken = broken
        self._guesses: dict[Path, set[str]] = {}
        self._homeless: dict[Path, list[object]] = {}
        self._names: set[str] = set()
        self._meant: dict[str, bool] = {}

    def allow_for(self, stray: Path, value: object, absent: Sequence[str]) -> None:
        """Count with a field that does not exist, in a mapping where `absent` are left out.

        It is meant for the one of them that it is like. If there is none, it may be meant for any
        of them that takes such a value, or for what it is like in another mapping.
        """
        name = str(stray[-1])
        if guess := closest(name, absent):
            self._guesses.setdefault(stray[:-1], set()).add(guess)
        else:
            self._homeless.setdefault(stray[:-1], []).append(value)
            self._names.add(name)

    def part(self, form: type[Part], value: Mapping[str, Any], path: Path) -> Part:
        """A part of which only what is right, or rightly left out, is known."""
        absent = [name for name in by_name(form) if value.get(name) is None]
        doubtful = self._doubtful(form, absent, path)
        known: dict[str, Any] = {}
        written: set[str] = set()
        for alias, info in by_name(form).items():
            name, here = _names(form)[alias], (*path, alias)
            if here in self._broken or alias in doubtful:
                continue
            if alias in absent:
                if not info.is_required():
                    known[name] = info.get_default(call_default_factory=True)
                continue
            found = self._value(form, alias, value[alias], here)
            if found is not _DOUBT:
                known[name] = found
                written.add(name)
        return assembled(form, known, written)

    def _doubtful(self, form: type[Part], absent: list[str], path: Path) -> set[str]:
        """Fields left out of the mapping at `path` that somebody may have meant to write."""
        values = self._homeless.get(path, ())
        return self._guesses.get(path, set()) | {
            name
            for name in absent
            if self._is_meant(name) or any(_takes(form, name, value) for value in values)
        }

    def _is_meant(self, name: str) -> bool:
        if name not in self._meant:
            self._meant[name] = any(closest(stray, (name,)) for stray in self._names)
        return self._meant[name]

    def _value(self, form: type[Part], alias: str, value: object, path: Path) -> Any:
        """The value of a field: what is known of the parts in it; any other as a whole."""
        for inner in alternatives(by_name(form)[alias].annotation):
            if _is_part(inner) and isinstance(value, dict):
                return self.part(inner, value, path)
            if get_origin(inner) is list and isinstance(value, list) and value:
                (entry,) = alternatives(get_args(inner)[0])
                if _is_part(entry):
                    return [self._entry(entry, v, (*path, n)) for n, v in enumerate(value)]
        if any(broken[: len(path)] == path for broken in self._broken):
            return _DOUBT
        try:
            adapter = _adapter(form, alias)
            return adapter.validate_python(value, strict=True, by_alias=True, by_name=False)
        except ValidationError:
            return _DOUBT

    def _entry(self, form: type[Part], value: object, path: Path) -> Part:
        if isinstance(value, dict) and path not in self._broken:
            return self.part(form, value, path)
        return assembled(form, {})


def _takes(form: type[Part], alias: str, value: object) -> bool:
    """Whether a field has the shape of a value: what is wrong within the value does not matter."""
    try:
        _adapter(form, alias).validate_python(value, strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        return all(mistake["loc"] for mistake in error.errors())
    return True


def _is_part(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Part)


@cache
def _adapter(form: type[Part], alias: str) -> TypeAdapter[Any]:
    return TypeAdapter(by_name(form)[alias].rebuild_annotation())


@cache
def _names(form: type[Part]) -> dict[str, str]:
    """The names of a form's fields in the model by those that users write."""
    return {info.alias or name: name for name, info in form.model_fields.items()}
