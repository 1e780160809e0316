"""Paths that lead somewhere: what an exception of the drift policy can be about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from gitopsd.diff.actions import is_action
from gitopsd.diff.manifest import wanted_view
from gitopsd.diff.routes import by_route, named, numbered
from gitopsd.model.comparison import Comparison, GroupComparison, ObjectComparison
from gitopsd.model.desired import ModeSpan
from gitopsd.model.identity import INGRESS, SERVER_GROUP, Identity
from gitopsd.model.paths import join, split, within
from gitopsd.profiles.kubernetes import CLOSED_FIELD_DEFAULTS


def places_of(comparison: Comparison, subject: Identity) -> frozenset[str]:
    """Every path into what a subject makes, with its kind: all we declare, and all that differs."""
    objects = [item for item in comparison.objects if item.exposure == subject]
    return _places(objects, [group for group in comparison.groups if group.identity == subject])


def _places(
    objects: Iterable[ObjectComparison], groups: Iterable[GroupComparison]
) -> frozenset[str]:
    places: set[str] = set()
    for item in objects:
        if item.wanted is not None:
            kind = item.identity.kind
            whole = wanted_view(item.wanted)
            view, _ = by_route(whole, whole)
            places |= {f"{kind}/{path}" for path in _leaves((), view)}
            places |= {f"{kind}/{difference.path}" for difference in item.differences}
    for group in groups:
        if group.desired is not None:
            declared = [*_leaves((), dict(group.desired.create))]
            for member in group.desired.members:
                declared += [join(("servers", str(member.key), part)) for part in _MEMBER]
            declared += [difference.path for difference in group.differences]
            places |= {f"{SERVER_GROUP}/{path}" for path in declared}
    return frozenset(places)


def idle(
    objects: Iterable[ObjectComparison],
    groups: Iterable[GroupComparison],
    spans: Mapping[Identity, tuple[ModeSpan, ...]],
) -> dict[Identity, tuple[ModeSpan, ...]]:
    """The exceptions that are about nothing, neither in the spec nor in what is found.

    Git may have renamed or removed what they named. An exception in Git for something that others
    may add any time waits for it; and of what could not be seen nothing is known.
    """
    parts: dict[Identity, tuple[list[ObjectComparison], list[GroupComparison]]] = {
        subject: ([], []) for subject in spans
    }
    for item in objects:
        if item.exposure in parts:
            parts[item.exposure][0].append(item)
    for group in groups:
        if group.identity in parts:
            parts[group.identity][1].append(group)
    found = {}
    for subject, (made, grouped) in parts.items():
        if not any(item.unknown for item in made) and not any(g.unknown for g in grouped):
            places = _places(made, grouped)
            some = (span for span in spans[subject] if span.path and not _may_come(span))
            found[subject] = tuple(span for span in some if place_in(places, span.path) is None)
    return {subject: some for subject, some in found.items() if some}


def _may_come(span: ModeSpan) -> bool:
    """Whether an exception in Git is for a member of a closed set that somebody may add."""
    keys = split(span.path.partition("/")[2])
    annotation = keys[:2] == ("metadata", "annotations") and len(keys) == 3
    closed = keys[:1] == ("spec",) and keys[1:2] and keys[1] in CLOSED_FIELD_DEFAULTS
    return span.source == "spec" and bool((annotation and not is_action(keys[2])) or closed)


#: What of a member is compared.
_MEMBER = ("weight", "remote", "description")


def meant(comparison: Comparison, subject: Identity, text: str) -> str:
    """`text` with the routes of a subject's Ingress by their names (`diff.routes.named`).

    A number that leads to one route in Git and to another in the cluster names neither.
    """
    prefix = f"{INGRESS}/" if text.startswith(f"{INGRESS}/") else ""
    path = text.removeprefix(prefix)
    for item in comparison.objects:
        if item.exposure == subject and item.identity.kind == INGRESS:
            sides = (item.wanted, item.live.manifest if item.live else None)
            every = [named(path, side["spec"].get("rules")) for side in sides if side]
            found = list(dict.fromkeys(one for one in every if one != path))
            if len(found) == 1 or (found and not numbered(path)):
                return prefix + found[0]
    return text


def place_in(places: frozenset[str], text: str) -> str | None:
    """The place that a person means by `text`, with its kind; None when it leads nowhere.

    A kind alone stands for all of it; without a kind the only one there is is meant.
    """
    kinds = {place.partition("/")[0] for place in places}
    kind, _, path = text.partition("/")
    if kind not in kinds:
        if len(kinds) != 1:
            return None
        kind, path = next(iter(kinds)), text
    if not path:
        return kind
    known = (place.partition("/")[2] for place in places if place.startswith(f"{kind}/"))
    found = any(place and (within(place, path) or within(path, place)) for place in known)
    return f"{kind}/{path}" if found else None


def near_places(places: frozenset[str], text: str) -> list[str]:
    """Places that are spelled much like `text`, with or without their kind."""
    spelled: dict[str, str] = {}
    for place in places:
        kind, _, path = place.partition("/")
        parts = split(path)
        for length in range(1, len(parts) + 1):
            above = join(parts[:length])
            spelled[above] = spelled[f"{kind}/{above}"] = f"{kind}/{above}"
    near = get_close_matches(text, sorted(spelled), n=6)
    return list(dict.fromkeys(spelled[name] for name in near))[:3]


def _leaves(keys: tuple[str | int, ...], value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves((*keys, key), inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves((*keys, number), inner)
    else:
        yield join(keys)
