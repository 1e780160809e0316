"""Who made what our own apply carries along, as somebody left it (docs/adr/0011).

A field that is left in part and written in part is sent composed of both, and so is an action with
a weight that somebody set to 0. managedFields name us for all of it from then on. So the memory of
the fields keeps who it was, beside what was found there: it counts as long as just that is there.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import replace

import orjson

from gitopsd.diff.fields import AUTHORS
from gitopsd.diff.ownership import applied, whole
from gitopsd.diff.routes import ORDER, RULES
from gitopsd.model.digest import canonical, digest
from gitopsd.model.paths import join
from gitopsd.model.verdict import Attribution, Cause, Difference

_DIGITS = 8
_ORDER = join((*RULES, ORDER))


def authors_of(carried: Iterable[Difference]) -> str:
    """Who made what an apply carries along, to stand behind the memory of its object's fields."""
    told = {
        item.path: [_seen(item), item.who.manager, item.who.operation, item.who.time]
        for item in carried
        if (item.cause is Cause.DRIFT or item.manual)
        and item.who is not None
        and not applied(item.who)
    }
    return AUTHORS + base64.urlsafe_b64encode(canonical(told)).decode() if told else ""


def without_authors(memory: str) -> str:
    """The memory of an object's fields alone."""
    return memory.partition(AUTHORS)[0]


def credited(found: Iterable[Difference], memory: str | None) -> tuple[Difference, ...]:
    """The differences of an object, each with who made it as far as `memory` tells.

    Where there is another value now, managedFields know better; an order of routes moves with each
    route that Git adds.
    """
    authors = _authors(memory or "")
    return tuple(_credited(item, *authors.get(item.path, ())[:4]) for item in found)


def _credited(item: Difference, seen: str = "", *who: str) -> Difference:
    """A difference with the remembered author, where what is found is still theirs.

    Somebody else may have written the field since. Of a value of its own managedFields know that;
    of a part nothing tells whether it was this one, so nobody is named.
    """
    if not who:
        return item
    author = Attribution(*who)
    since = None if item.who is None or applied(item.who) else item.who
    if not (digest(item.found)[:_DIGITS] == seen if seen else since is None):
        return item
    if since is None or since.manager == author.manager or since.time <= author.time:
        return replace(item, who=author)
    return item if whole(item) else replace(item, who=None)


def _seen(item: Difference) -> str:
    """What tells that a value is still what somebody made of it."""
    if item.path == _ORDER:
        return ""
    left = item.found if item.kept is None else item.kept
    return digest(left)[:_DIGITS]


def _authors(memory: str) -> dict[str, list[str]]:
    """What `authors_of` wrote; nothing for what somebody spoilt."""
    try:
        told = orjson.loads(base64.urlsafe_b64decode(memory.partition(AUTHORS)[2]) or b"{}")
    except ValueError:
        return {}
    pairs = told.items() if isinstance(told, dict) else ()
    return {path: list(map(str, one)) for path, one in pairs if isinstance(one, list) and one[3:]}
