"""How a value is taken apart by its `Type`, and whether it fits it.

A value that is absent is `MISSING`; None is JSON null. Objects, maps and lists that are not atomic
are walked, everything else is a leaf. `merging` builds server-side apply on this.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from gitopsd.sandbox.kubernetes import gotext
from gitopsd.sandbox.kubernetes.fieldsets import key_element, shown_element, value_element
from gitopsd.sandbox.kubernetes.schema import ANY, Field, Type

#: Forms of which the schema of server-side apply says no more than that they are scalars.
_OF_ANY_SCALAR: Final = ("int-or-string", "quantity", "time", "micro-time")


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()


class StructureError(Exception):
    """A value does not fit its type; the text names path and reason as the real server does."""


def walked_as(type_: Type, *values: Any) -> str:
    """How the values are treated: "leaf", "members" or "items"."""
    form = type_.form
    if form == "any":
        present = [value for value in values if value is not MISSING and value is not None]
        if not present or isinstance(present[-1], dict):
            return "members"
        return "leaf"
    if type_.atomic:
        return "leaf"
    if form in ("object", "map"):
        return "members"
    return "items" if form == "list" else "leaf"


def member_type(type_: Type, name: str) -> Type:
    """The type of a member; members of free-form values are free-form."""
    return type_.child(name) or ANY


def item_element(type_: Type, item: Any) -> str:
    """The path element of a list item.

    Raises:
        StructureError: the item cannot be identified.
    """
    if type_.list_kind == "set":
        if isinstance(item, (dict, list)) or item is None:
            what = "an explicit null" if item is None else "a map type"
            if isinstance(item, list):
                raise StructureError("not supported: associative list with lists as elements")
            raise StructureError(f"associative list without keys has an element that's {what}")
        return value_element(item)
    if not isinstance(item, dict):
        what_else = "a null element" if item is None else "non-map elements"
        raise StructureError(f"associative list with keys may not have {what_else}")
    assert type_.element is not None  # noqa: S101 - list types have an element
    values: dict[str, Any] = {}
    for key in type_.keys:
        value = item.get(key, MISSING)
        if value is MISSING:
            value = _assumed(type_.element.fields.get(key))
            if value is None:
                continue
        values[key] = value
    if not values:
        names = "[" + " ".join(gotext.quote(key) for key in type_.keys) + "]"
        raise StructureError(
            f"associative list with keys has an element that omits all key fields {names} "
            "(and doesn't have default values for any key fields)"
        )
    return key_element(values)


def _assumed(known: Field | None) -> Any:
    """What a key is taken for that an item leaves out; None where it must be given."""
    if known is None or known.default is not None:
        return known and known.default
    return known.type.zero if known.presence == "always" else None


def items_by_element(type_: Type, items: Any) -> dict[str, Any]:
    """List items by path element; of duplicates the first stays."""
    found: dict[str, Any] = {}
    for item in items or ():
        found.setdefault(item_element(type_, item), item)
    return found


def check(type_: Type, value: Any, *, doubles: bool = False) -> None:
    """Refuse what does not fit the type: unknown members, wrong scalars, doubled list keys.

    `doubles`: keys may be doubled, as they may be in what is stored.

    Raises:
        StructureError: with all that is wrong, in the wording of the real server.
    """
    wrong = list(_faults(type_, value, "", doubles))
    if len(wrong) == 1:
        raise StructureError(wrong[0])
    if wrong:
        raise StructureError("\n".join(["errors:", *("  " + one for one in wrong)]))


def _faults(type_: Type, value: Any, path: str, doubles: bool) -> Iterator[str]:
    if value is None or type_.form in ("any", "schema-or-boolean", "schema-or-list"):
        return
    if type_.form in ("object", "map"):
        yield from _member_faults(type_, value, path, doubles)
    elif type_.form == "list":
        yield from _item_faults(type_, value, path, doubles)
    else:
        fault = _scalar_fault(type_, value)
        if fault:
            yield _at(path, fault)


def _member_faults(type_: Type, value: Any, path: str, doubles: bool) -> Iterator[str]:
    if not isinstance(value, dict):
        yield _at(path, f"expected map, got &{{{gotext.plain(value)}}}")
        return
    for name, member in value.items():
        below = type_.child(name)
        if below is None:
            yield f"{path}.{name}: field not declared in schema"
            return
        yield from _faults(below, member, f"{path}.{name}", doubles)


def _item_faults(type_: Type, value: Any, path: str, doubles: bool) -> Iterator[str]:
    if not isinstance(value, list):
        yield _at(path, f"expected list, got &{{{gotext.plain(value)}}}")
        return
    element_type = type_.element or ANY
    seen: set[str] = set()
    for index, item in enumerate(value):
        shown = f"[{index}]"
        if not type_.atomic:
            try:
                element = item_element(type_, item)
            except StructureError as error:
                yield _at(path, f"element {index}: {error}")
                return
            shown = shown_element(element)
            if element in seen and not doubles:
                yield _at(path, f"duplicate entries for key {shown}")
            seen.add(element)
        yield from _faults(element_type, item, path + shown, doubles)


def _scalar_fault(type_: Type, value: Any) -> str:
    if type_.form in ("integer", "number"):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return f"expected numeric (int or float), got {gotext.type_name(value)}"
    elif type_.form == "boolean":
        if not isinstance(value, bool):
            return f"expected boolean, got &{{{gotext.plain(value)}}}"
    elif type_.form in _OF_ANY_SCALAR:
        if isinstance(value, (dict, list)):
            return f"expected any scalar, got &{{{gotext.plain(value)}}}"
    elif not isinstance(value, str):
        shown = gotext.detailed(value)
        return f"expected string, got &value.valueUnstructured{{Value:{shown}}}"
    return ""


def _at(path: str, fault: str) -> str:
    return f"{path}: {fault}" if path else fault
