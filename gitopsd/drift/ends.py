"""Where the requests of a route end, by backend and server, and which part ends elsewhere."""

from __future__ import annotations

from fractions import Fraction

from gitopsd.model.traffic import Backend


def moved_part(backends: tuple[Backend, ...]) -> Fraction:
    """The part of all requests that ends elsewhere than wanted; nobody is a place as well."""
    before, after = ends_of(backends, live=False), ends_of(backends, live=True)
    none = Fraction(0)
    apart = (abs(before.get(end, none) - after.get(end, none)) for end in {*before, *after})
    return sum(apart, none) / 2


def forsaken(backends: tuple[Backend, ...]) -> bool:
    """Whether requests are forwarded to nothing that is wanted, its servers and health aside."""
    wanted = [backend for backend in backends if backend.wanted and backend.wanted.part]
    return bool(wanted) and not any(b.live and b.live.part for b in wanted)


def ends_of(backends: tuple[Backend, ...], *, live: bool) -> dict[tuple[str, str], Fraction]:
    """Where the requests of a route end, by backend and server; they add up to one."""
    ends: dict[tuple[str, str], Fraction] = {}
    for backend in backends:
        share = backend.live if live else backend.wanted
        if share is None:
            continue
        for server, part in parts_of(backend, live=live).items():
            ends[backend.name, server] = share.part * part
    nobody = 1 - sum(ends.values(), Fraction(0))
    return {**ends, ("", ""): nobody} if nobody else ends


def parts_of(backend: Backend, *, live: bool) -> dict[str, Fraction]:
    """How a backend deals its requests out among its servers, "" where these are not known.

    Parts of the backend; what is missing to one reaches nobody.
    """
    if live and backend.answers is False:
        return {}
    if backend.servers is None:
        return {"": Fraction(1)}
    sides = ((s.name, s.live if live else s.wanted) for s in backend.servers)
    return {name: share.part for name, share in sides if share and share.part}
