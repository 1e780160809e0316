"""The boxes of a drawing: rounded rectangles with lines of text, set in known widths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gitopsd.drift.render.language import Words
from gitopsd.drift.render.markup import Markup, element, join
from gitopsd.model.traffic import Backend, Route, Server, Share, percent
from gitopsd.typography import clean, fold, shorten, width_of

#: Width of a backend's box, and what a line of text takes in height; in the drawing's own units.
BOX = 268
LINE = 17
_PAD = 11
#: A character of the fixed-width face at its size of 12 (a wide one takes two).
_COLUMN = 7.25
#: So many servers of a backend are shown; those that moved come first.
_SERVERS = 4


@dataclass(frozen=True, slots=True)
class Line:
    """A line in a box: its style (a class of the style sheet), left text and right text."""

    style: str
    left: str
    right: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A box to be drawn: its lines, and how it looks (a class: plain, moved, gone)."""

    look: str
    lines: tuple[Line, ...]

    @property
    def height(self) -> float:
        """What it takes, border to border."""
        return 2 * _PAD + LINE * len(self.lines) - 3

    def draw(self, x: float, y: float, width: float = BOX) -> Markup:
        """The box with its upper left corner at (x, y)."""
        frame = element(
            "rect", class_=f"box {self.look}", x=x, y=y, width=width, height=self.height, rx=7
        )
        mark = element("rect", class_="edge", x=x, y=y + 7, width=3, height=self.height - 14)
        texts = [
            piece
            for number, line in enumerate(self.lines)
            for piece in _texts(line, x, y + _PAD + 11 + LINE * number, width)
        ]
        return join(frame, *([mark] if self.look == "moved" else []), *texts)


def _texts(line: Line, x: float, y: float, width: float) -> Iterator[Markup]:
    right = _fitting(line.right, width / 2)
    room = width - 2 * _PAD - (_COLUMN * (width_of(right) + 1) if right else 0)
    yield element("text", _fitting(line.left, room), class_=line.style, x=x + _PAD, y=y)
    if right:
        edge = x + width - _PAD
        yield element("text", right, class_=f"{line.style} end", x=edge, y=y, text_anchor="end")


def _fitting(text: str, room: float) -> str:
    """`text` cut to the room there is, its middle left out."""
    text, columns = clean(text), max(int(room / _COLUMN), 4)
    while width_of(text) > columns:
        text = shorten(text, min(len(text), columns) - 1)
        columns -= 1
    return text


def balancer_box(route: Route, words: Words, width: float) -> Box:
    """What stands in front, with its address."""
    address = route.balancer.address or words("draw.address-unknown")
    return Box("plain", (Line("name", route.balancer.type), *_folded("quiet", address, width)))


def _folded(style: str, text: str, width: float) -> list[Line]:
    """`text` on as many as two lines."""
    return [Line(style, part) for part in fold(text, "", int((width - 2 * _PAD) / _COLUMN), 2)]


def route_box(route: Route, words: Words, width: float) -> Box:
    """The host and path, or the port, that a request must have."""
    if route.port:
        lines = [Line("name", route.port)]
    else:
        lines = _folded("name", route.host or words("draw.any-host"), width)
        lines.append(Line("name", route.path, route.path_type))
    told = {"gone": "draw.route-gone", "added": "draw.not-asked", "unknown": "draw.route-unknown"}
    if key := told.get(route.state):
        lines.append(Line("warn", words(key)))
    look = "moved" if route.state in ("gone", "added") else "plain"
    return Box(look, tuple(lines))


def nobody_box(words: Words) -> Box:
    """Where requests end that no backend takes."""
    return Box("moved", (Line("warn", words("draw.answers-not")),))


def backend_box(backend: Backend, words: Words, *, known: bool, reached: bool = True) -> Box:
    """A backend: its name, its weight wanted and live, its members; `known` is its live side.

    One that is not `reached`, because another object gets every request before it, is as it was:
    nobody has moved its weight, and nothing of it is gone.
    """
    lines = [Line("name", backend.name)]
    if backend.id and backend.id != backend.name:
        lines.append(Line("quiet", backend.id))
    if not reached:
        return Box("gone", (*lines, Line("warn", words("draw.not-reached"))))
    if weight := _weight(backend.wanted, backend.live if known else backend.wanted, words):
        lines.append(Line("quiet", weight))
    lines += _state(backend, words, known)
    if known:
        lines += _servers(backend.servers or (), words)
    gone = known and backend.live is None
    return Box("gone" if gone else "moved" if known and backend.moved else "plain", tuple(lines))


def _weight(wanted: Share | None, live: Share | None, words: Words) -> str:
    weights = [share.weight if share else None for share in (wanted, live)]
    if weights == [None, None]:
        return ""
    before, after = (words("draw.absent") if w is None else str(w) for w in weights)
    if before == after:
        return words("draw.weight", weight=before)
    return words("draw.weight-moved", before=before, after=after)


def _state(backend: Backend, words: Words, known: bool) -> Iterator[Line]:
    if known and backend.live is None:
        yield Line("warn", words("draw.gone"))
    elif backend.wanted is None:
        yield Line("warn", words("draw.not-asked"))
    if backend.members is None or backend.serving is None:
        if backend.answers is False:
            yield Line("warn", words("draw.answers-not"))
        return
    if backend.answers is False:
        yield Line("warn", words("draw.answers-not"))
    elif backend.healthy is not None:
        text = words("draw.healthy", healthy=backend.healthy, members=backend.members)
        yield Line("quiet" if backend.healthy == backend.members else "warn", text)
    else:
        serving = words("draw.members", serving=backend.serving, members=backend.members)
        yield Line("quiet", words.list((serving, words("draw.health-unknown"))))


def _servers(servers: Sequence[Server], words: Words) -> Iterator[Line]:
    """The servers whose part moved or that do not answer; the others are in the count."""
    told = [s for s in servers if s.healthy is False or part_text(s.wanted, s.live, words)[1]]
    for server in told[:_SERVERS]:
        text, _ = part_text(server.wanted, server.live, words)
        if server.healthy is False:
            text = words("draw.unhealthy")
        elif server.wanted is None or server.live is None:
            text = words("draw.added" if server.wanted is None else "draw.gone")
        yield Line("server", server.name, text)
    if len(told) > _SERVERS:
        yield Line("quiet", words("draw.more", number=len(told) - _SERVERS))


def part_text(wanted: Share | None, live: Share | None, words: Words) -> tuple[str, bool]:
    """`20 %`, or `80 → 60 %` where it moved; and whether it did."""
    before, after = (percent(share.part) if share else 0.0 for share in (wanted, live))
    if before == after:
        return words.percent(after), False
    return words("draw.part", before=f"{before:g}", after=words.percent(after)), True
