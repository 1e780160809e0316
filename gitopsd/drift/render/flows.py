"""Sentences about traffic: which share of a route's requests goes where, and used to go."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gitopsd.drift.bearing import obscures
from gitopsd.drift.impact import NOBODY, impact_of, impacts
from gitopsd.drift.render.language import Words
from gitopsd.drift.render.page import Page, Section
from gitopsd.drift.render.phrases import when
from gitopsd.model.desired import ModeSpan
from gitopsd.model.report import RouteImpact, Share
from gitopsd.model.traffic import Doing, Place, Route, RouteState, percent
from gitopsd.model.verdict import State

_PORT = re.compile(r"\d+/[A-Z_]+")
#: Of these nobody asks for the servers; of all others it is known that they are unknown.
_PODS = frozenset({Place.PODS, Place.CLOUD_PODS, Place.EDGE_PODS, Place.HYBRID_PODS})
#: So many destinations are named in a sentence.
_NAMED = 4


def flow(route: str, words: Words) -> str:
    """What goes over a route: `requests to host/path`, `connections to port 443/TCP`."""
    kind = "connections" if _PORT.fullmatch(route) else "requests"
    return words(f"traffic.{kind}", route=route)


def impact(item: RouteImpact, words: Words) -> str:
    """One sentence on where one route's traffic goes now, with the shares that moved, and why."""
    stream = flow(item.route, words)
    if item.shadows and (item.moved is None or len(item.shadows) > 1):
        told = (words(f"traffic.shadow.{s.takes}", flow=stream, by=str(s.by)) for s in item.shadows)
        return words("stop").join(told) + words("stop").rstrip()
    if item.moved is None:
        return words("traffic.unknown", flow=stream) + words("stop").rstrip()
    moved = [share for share in item.shares if share.live != share.wanted]
    gained = _largest(s for s in moved if (s.live or 0) > (s.wanted or 0))
    lost = _largest(s for s in moved if (s.live or 0) < (s.wanted or 0))
    names = {"part": words.percent(item.moved), "flow": stream}
    if all(share.backend == NOBODY for share in gained):
        shifts = words.list(_shift(share, words) for share in lost[:_NAMED])
        text = words("traffic.lost", lost=shifts, **names)
    elif len(gained) == len(lost) == 1:
        names |= {"gained": gained[0].backend, "lost": _shift(lost[0], words, brackets=True)}
        text = words("traffic.moved", **names)
    else:
        shifts = words.list(_shift(share, words) for share in (*gained, *lost)[:_NAMED])
        more = words.list(("", "…")) if len(moved) > _NAMED else ""
        text = words("traffic.spread", shifts=shifts + more, **names)
    if item.others:
        causes = words.list(_other(name, words) for name in item.others)
        text = words("traffic.also", told=text, causes=causes)
    return text + words("stop").rstrip()


def _largest(shares: Iterable[Share]) -> list[Share]:
    """What moved most comes first."""
    return sorted(shares, key=lambda share: -abs((share.live or 0) - (share.wanted or 0)))


def _other(name: str, words: Words) -> str:
    return words(f"traffic.by.{name}") if name in (Doing.CHANGE, Doing.IGNORED) else name


def _shift(share: Share, words: Words, *, brackets: bool = False) -> str:
    """`tea-svc:80 80 → 60 %`, or with the numbers in brackets."""
    after = words.percent(share.live or 0)
    numbers = words("draw.part", before=f"{share.wanted or 0:g}", after=after)
    name = share.backend or words("traffic.nobody")
    return name + (words("brackets", inner=numbers) if brackets else f" {numbers}")


def impacts_of(section: Section, words: Words) -> tuple[str, ...]:
    """What a finding means for traffic: a sentence for each route that it touches."""
    blind = section.state is State.UNKNOWN
    told = [impact(i, words) for i in section.impact if i.moved is not None or not blind]
    for route in () if blind else section.routes:
        if route.pending and route.moved:
            part = words.percent(percent(route.moved))
            text = words("traffic.pending", part=part, flow=flow(route.name, words))
            told.append(text + words("stop").rstrip())
    told += () if blind else _ignored(section, words)
    if not told and not blind and _still(section):
        told.append(words("traffic.none"))
    elif not told and not blind and _moved_by_others(section):
        told.append(words("traffic.others"))
    return tuple(told)


def _moved_by_others(section: Section) -> bool:
    """Whether its routes are known, and what moved requests of them is none of its doing."""
    known = all(route.moved is not None for route in section.routes)
    return known and any(route.movers for route in section.routes)


def _still(section: Section) -> bool:
    """Whether it is known that every request goes where it should.

    Not while Git has something to move of which nobody can tell what that does to traffic.
    """
    groups = (b for route in section.routes for b in route.backends if b.place not in _PODS)
    unseen = any(group.servers is None for group in groups)
    ahead = any(map(obscures, section.changes))
    still = all(route.state is RouteState.AS_WANTED for route in section.routes)
    return bool(section.routes) and still and not unseen and not ahead


def _ignored(section: Section, words: Words) -> Iterator[str]:
    """What goes elsewhere, of which a part or all is left so on purpose, and why."""
    for route, mover in section.ignored:
        whys = [_why(span, words) for span in mover.spans] or [words("text.mode.Ignore")]
        names = {"flow": flow(route.name, words), "why": words.list(whys)}
        if route.moved is None:
            text = words("traffic.ignored.perhaps", **names)
        elif all(other.doing is Doing.IGNORED for other in route.movers):
            key = "traffic.ignored.lost" if _lost(route) else "traffic.ignored"
            text = words(key, part=words.percent(percent(route.moved)), **names)
        else:
            text = words("traffic.ignored.part", **names)
        yield text + words("stop").rstrip()


def _lost(route: Route) -> bool:
    """Whether all that goes elsewhere than wanted reaches nobody."""
    shares = impact_of(route).shares
    return all(s.backend == NOBODY for s in shares if (s.live or 0) > (s.wanted or 0))


def _why(span: ModeSpan, words: Words) -> str:
    """`ignored until 2026-12-01, incident 4711`."""
    until = words("ignored.until", until=when(span.until)) if span.until else words("ignored.open")
    return words.list(text for text in (until, span.reason) if text)


def overall(page: Page, words: Words) -> str:
    """How many routes send requests elsewhere, and the one that sends most; "" if none does."""
    moved = sorted((i for i in impacts(page.routes) if i.moved), key=lambda i: -(i.moved or 0))
    if not moved:
        return ""
    worst = words.percent(moved[0].moved or 0)
    return words(
        "page.traffic", number=len(moved), total=len(page.routes), route=moved[0].route, part=worst
    )
