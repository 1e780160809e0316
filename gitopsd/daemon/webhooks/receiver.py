"""What a delivery leads to: a look, nothing, or a refusal."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gitopsd.daemon.webhooks.providers import PROVIDERS, Delivery, Verdict

#: Deliveries and sources that are remembered; the oldest are forgotten first.
_REMEMBERED = 4096
#: Deliveries of one source that prove nothing: so many at once, and so many a second in the long
#: run. More of them are told to come back later, and their bodies give way to others'.
BURST, RATE = 60, 2.0
#: Seconds in which two deliveries that are signed alike may be two, if their names differ.
TWINS = 10.0
#: Seconds after which a signature is forgotten: who always sends the same body, as a script may,
#: signs it alike each time. What a replay leads to then is one look.
MEMORY = 3600.0


class Secrets(Protocol):
    """Where the secrets of a provider come from."""

    def __call__(self, provider: str) -> Sequence[tuple[str, bytes | None]]:
        """(repository, secret) of every repository that this provider may tell about.

        The secret is None where it cannot be read at the moment.
        """


@dataclass(frozen=True, slots=True)
class Answer:
    """The status of HTTP and a sentence."""

    status: int
    text: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that brings a proof, and the `secrets` to judge it with: read once for it."""

    provider: str
    headers: Mapping[str, str] = field(repr=False)
    source: str
    secrets: Sequence[tuple[str, bytes | None]] = field(repr=False)


#: It may well be a good one: forges send such a delivery again.
_UNREADABLE = Answer(503, "a secret to check this with cannot be read at the moment")
_LEAVING = Answer(503, "this replica is leaving, and looks at nothing any more: send it again")


class Receiver:
    """Judges deliveries and has repositories `look`ed at. Safe between threads.

    A repository is found by the secret that proves the delivery, never by what the body says. A
    delivery that is known already is answered without work; a hundred that are new make one look,
    because a look that is wished for twice is one. Names of deliveries are not signed: one that was
    recorded and is sent again later is known by its signature, whatever it is called.

    What proves itself is taken however much else its source sends: behind a load balancer strangers
    and the forge are one source.
    """

    def __init__(
        self,
        secrets: Secrets,
        look: Callable[[str], None],
        *,
        leaving: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
        time_of_day: Callable[[], float] = time.time,
    ) -> None:
        self._secrets = secrets
        self._look = look
        self._leaving = leaving
        self._clock = clock
        self._time_of_day = time_of_day
        self._lock = threading.Lock()
        self._seen: OrderedDict[tuple[str, ...], float] = OrderedDict()
        self._sources: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def suspects(self, source: str) -> bool:
        """Whether a source has lately sent too much that proved nothing."""
        with self._lock:
            return source in self._sources and self._left(source) < 1

    def opens(self, provider: str, headers: dict[str, str], source: str) -> Claim | Answer:
        """A delivery whose body is to be read; an answer at once to who names no provider of ours,
        and to who brings no proof at all.
        """
        known = PROVIDERS.get(provider)
        secrets = self._secrets(provider) if known else ()
        if known is None or not secrets:
            text = f"no repository is told about by {provider[:40]!r}"
            return self._unproven(source, Answer(404, text))
        delivery = Delivery(headers, b"", self._time_of_day())
        readable = [secret for _, secret in secrets if secret is not None]
        if any(known.judge(delivery, secret) is not Verdict.MISSING for secret in readable):
            return Claim(provider, headers, source, secrets)
        unproven = Answer(401, str(Verdict.MISSING)) if readable else _UNREADABLE
        return self._unproven(source, unproven)

    def receive(self, claim: Claim, body: bytes) -> Answer:
        """Judge a delivery with its body, and look if it is a good one."""
        known, secrets, source = PROVIDERS[claim.provider], claim.secrets, claim.source
        delivery = Delivery(claim.headers, body, self._time_of_day())
        verdicts = [
            (name, known.judge(delivery, secret)) for name, secret in secrets if secret is not None
        ]
        names = sorted({name for name, verdict in verdicts if verdict is Verdict.GOOD})
        if not names:
            order = (Verdict.STALE, Verdict.WRONG, Verdict.MISSING)
            found = {verdict for _, verdict in verdicts}
            why = next((str(verdict) for verdict in order if verdict in found), "no secret")
            hidden = any(secret is None for _, secret in secrets)
            return self._unproven(source, _UNREADABLE if hidden else Answer(401, why))
        if self._leaving():
            return _LEAVING
        proof, called = known.proof(delivery), known.name(delivery)
        fresh = [name for name in names if self._is_new((claim.provider, name, proof), called)]
        for name in fresh:
            self._look(name)
        return Answer(202, "looking") if fresh else Answer(200, "this delivery is known")

    def _unproven(self, source: str, answer: Answer) -> Answer:
        """The answer to a delivery that proves nothing, which its source may not send too often."""
        with self._lock:
            tokens = self._left(source)
            self._sources.pop(source, None)
            self._sources[source] = (tokens - 1 if tokens >= 1 else tokens, self._clock())
            _shorten(self._sources)
        return answer if tokens >= 1 else Answer(429, "too many requests")

    def _left(self, source: str) -> float:
        """How many more unproven deliveries a source may send now."""
        now = self._clock()
        tokens, filled = self._sources.get(source, (float(BURST), now))
        return min(float(BURST), tokens + (now - filled) * RATE)

    def _is_new(self, proof: tuple[str, str, str], called: str) -> bool:
        """Whether a delivery is no replay: of none that comes without any name that can be told."""
        now, delivery = self._clock(), (*proof, called)
        with self._lock:
            _forget(self._seen, now - MEMORY)
            first = self._seen.get(proof)
            if proof[-1] and first is not None and (delivery in self._seen or now - first > TWINS):
                return False
            self._seen.setdefault(proof, now)
            self._seen.pop(delivery, None)
            self._seen[delivery] = now  # behind all that is older
            _shorten(self._seen)
            return True


def _forget(table: OrderedDict[tuple[str, ...], float], before: float) -> None:
    """Drop what was first there before a time; the oldest stand in front."""
    while table and next(iter(table.values())) < before:
        table.popitem(last=False)


def _shorten(table: OrderedDict[str, tuple[float, float]] | OrderedDict[tuple[str, ...], float]
             ) -> None:  # fmt: skip
    while len(table) > _REMEMBERED:
        table.popitem(last=False)
