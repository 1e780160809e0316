"""A route as a drawing: clients, load balancer, host and path, and where requests go from there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from gitopsd.drift.impact import impact_of
from gitopsd.drift.render.boxes import (
    BOX,
    Box,
    Line,
    backend_box,
    balancer_box,
    nobody_box,
    part_text,
    route_box,
)
from gitopsd.drift.render.flows import flow, impact
from gitopsd.drift.render.language import ENGLISH, Words
from gitopsd.drift.render.markup import Markup, element, join
from gitopsd.drift.render.style import DRAWING, PALETTE
from gitopsd.model.traffic import Place, Route, RouteState, Share

_PLACES = tuple(Place)
_GAP, _HEADING = 12, 24
#: Widest line, for a backend that gets every request, and the thinnest one.
_THICK, _THIN = 9.0, 1.25


@dataclass(frozen=True, slots=True)
class _End:
    """A backend to be drawn: its box, the heading above it, the share that goes there."""

    box: Box
    heading: str
    part: Fraction
    label: str
    moved: bool


def route_svg(route: Route, words: Words = ENGLISH) -> Markup:
    """A drawing that stands on its own as a file, in light and dark."""
    style = element("style", Markup(PALETTE + DRAWING))
    return _wide(route, words, "route", style, xmlns="http://www.w3.org/2000/svg")


def route_figures(route: Route, words: Words, name: str) -> Markup:
    """The drawing for a page, once for wide and once for narrow screens.

    `name` tells it apart from the other drawings of the page, whose style sheet it uses.
    """
    return join(_wide(route, words, f"{name}-wide"), _narrow(route, words, f"{name}-narrow"))


def _frame(
    route: Route,
    words: Words,
    name: str,
    size: tuple[float, float],
    *content: str,
    xmlns: str | None = None,
) -> Markup:
    """The drawing around its content, with what it says to those who do not see it."""
    width, height = size
    title, told = f"{name}-title", f"{name}-desc"
    layout = name.rpartition("-")[2]
    return element(
        "svg",
        element("title", words("draw.title", flow=flow(route.name, words)), id=title),
        element("desc", impact(impact_of(route), words) if route.moved else "", id=told),
        *content,
        xmlns=xmlns,
        viewBox=f"0 0 {width:g} {height:g}",
        width="100%",
        role="img",
        aria_labelledby=f"{title} {told}",
        class_=f"route {layout}",
        style=f"max-width:{width:g}px",
    )


def _ends(route: Route, words: Words) -> list[_End]:
    known = route.state is not RouteState.UNKNOWN
    taken_away = any(backend.place is Place.RIVAL for backend in route.backends)
    found: list[_End] = []
    heading = ""
    for backend in sorted(route.backends, key=lambda b: _PLACES.index(b.place)):
        place = words(f"place.{backend.place}")
        live = backend.live if known else backend.wanted
        label, moved = part_text(backend.wanted, live, words)
        if not known:
            label = words("draw.part-unknown", before=label)
        reached = backend.place is Place.RIVAL or not taken_away
        box = backend_box(backend, words, known=known, reached=reached)
        part = live.part if live else Fraction(0)
        found.append(_End(box, place if place != heading else "", part, label, moved))
        heading = place
    taken = sum((b.live.part for b in route.backends if b.live), Fraction(0))
    if known and taken < 1:
        label, _ = part_text(None, Share(None, 1 - taken), words)
        found.append(_End(nobody_box(words), "", 1 - taken, label, True))
    return found


def _placed(ends: list[_End], top: float) -> Iterator[tuple[_End, float]]:
    """The ends from top to bottom, each with the y of its box."""
    y = top
    for end in ends:
        y += _HEADING if end.heading else 0
        yield end, y
        y += end.box.height + _GAP


def _bottom(ends: list[_End], top: float) -> float:
    heights = (e.box.height + _GAP + (_HEADING if e.heading else 0) for e in ends)
    return top + sum(heights) - _GAP


def _wide(route: Route, words: Words, name: str, *before: str, xmlns: str | None = None) -> Markup:
    """From left to right; the line from the clients runs in the middle of the backends."""
    ends = _ends(route, words)
    clients = Box("plain", (Line("label", words("draw.clients")),))
    columns = (
        (clients, 0.5, 84.0),
        (balancer_box(route, words, 176.0), 112.0, 176.0),
        (route_box(route, words, 208.0), 316.0, 208.0),
    )
    left, straight = 672.0, 590.0
    start = columns[-1][1] + columns[-1][2]
    half = max(box.height for box, _, _ in columns) / 2 + 1
    top = 2 + max(0.0, half - _middle(ends, 0.0))
    middle = _middle(ends, top)
    parts: list[str] = []
    for (_, x, width), (_, following, _) in pairwise(columns):
        parts.append(_line(f"M{x + width:g} {middle:g}H{following:g}", "flow", _THICK / 3))
    parts += [box.draw(x, middle - box.height / 2, width) for box, x, width in columns]
    turn = (start + straight) / 2
    for end, y in _placed(ends, top):
        into = y + end.box.height / 2
        curve = f"C{turn:g} {middle:g} {turn:g} {into:g} {straight:g} {into:g}H{left:g}"
        parts += _arm(f"M{start:g} {middle:g}{curve}", end, left, y)
    size = left + BOX + 1, max(_bottom(ends, top), middle + half) + 2
    return _frame(route, words, name, size, *before, *parts, xmlns=xmlns)


def _middle(ends: list[_End], top: float) -> float:
    """The height between the centres of the first and the last backend."""
    centres = [y + end.box.height / 2 for end, y in _placed(ends, top)]
    return (centres[0] + centres[-1]) / 2 if centres else top


def _narrow(route: Route, words: Words, name: str) -> Markup:
    """From top to bottom, for a phone; the backends hang on a line at the left."""
    ends = _ends(route, words)
    rail, left = 14.0, 92.0
    width = left + BOX
    y = 1.0
    parts: list[str] = []
    for box in (balancer_box(route, words, width), route_box(route, words, width)):
        if y > 1:
            parts.append(_line(f"M{rail:g} {y - _GAP:g}V{y:g}", "flow", _THICK / 3))
        parts.append(box.draw(1, y, width - 2))
        y += box.height + _GAP
    for end, at in _placed(ends, y):
        into = at + end.box.height / 2
        corner = f"V{into - 8:g}Q{rail:g} {into:g} {rail + 8:g} {into:g}H{left:g}"
        parts += _arm(f"M{rail:g} {y - _GAP:g}{corner}", end, left, at)
    return _frame(route, words, name, (width + 1, _bottom(ends, y) + 2), *parts)


def _arm(path: str, end: _End, x: float, y: float) -> Iterator[Markup]:
    """A backend with its upper left corner at (x, y), the way to it, and the share on the way."""
    style = "flow none" if not end.part else "flow moved" if end.moved else "flow"
    thickness = max(_THIN, _THICK * float(end.part))
    yield _line(path, style, thickness)
    above = y + end.box.height / 2 - thickness / 2 - 5
    shown = "share moved" if end.moved else "share"
    yield element("text", end.label, class_=shown, x=x - 8, y=above, text_anchor="end")
    if end.heading:
        yield element("text", end.heading, class_="place", x=x + 1, y=y - 7)
    yield end.box.draw(x, y)


def _line(path: str, style: str, width: float) -> Markup:
    return element("path", d=path, class_=style, stroke_width=round(width, 2))
