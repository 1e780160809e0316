"""Looking at several targets side by side, and no longer at one that has stopped to answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Generic, TypeVar

from gitopsd.ports import Unreachable, WorldError

#: Seconds without any answer after which a target is given up; and, from the first request on,
#: without any of its cluster, which answers the small questions at once.
SILENCE, FIRST = 10.0, 4.0
#: Seconds between two looks at what was heard.
_TURN = 0.5
#: What a `ports.Meter` is told of a cluster's API as.
_CLUSTER = "Kubernetes"

T = TypeVar("T")


@dataclass(slots=True)
class Ear:
    """Hears when a target's APIs last answered; a `ports.Meter`.

    `asked` is when the first request was sent, None before it. `errors` are the latest by API.
    """

    heard: float = field(default_factory=time.monotonic)
    asked: float | None = None
    answered: set[str] = field(default_factory=set)
    errors: dict[str, WorldError] = field(default_factory=dict)

    def begin(self) -> None:
        """From now on there are requests under way."""
        if self.asked is None:
            self.asked = time.monotonic()

    def called(
        self,
        product: str,
        operation: str,  # noqa: ARG002  the form of a meter
        error: WorldError | None,
        seconds: float,  # noqa: ARG002
    ) -> None:
        """See `Meter.called`. That nobody is there is no answer."""
        if error is not None:
            self.errors[product] = error
        if not isinstance(error, Unreachable):
            self.heard = time.monotonic()
            self.answered.add(product)

    def paced(self, product: str, seconds: float) -> None:  # noqa: ARG002
        """See `Meter.paced`. What we keep back ourselves is no silence of theirs."""
        self.heard = time.monotonic() + seconds

    def given_up(self, first: float, silence: float) -> tuple[float, WorldError]:
        """When there is no point in waiting any longer, and what is to be told then."""
        mend = "look at it and the way to it; gitopsd status -v says more"
        if self.asked is not None and _CLUSTER not in self.answered:
            quiet = Unreachable(
                "the cluster's API server", f"no answer for {first:g} seconds", mend
            )
            return self.asked + first, self.errors.get(_CLUSTER, quiet)
        last = list(self.errors.values())[-1:]
        quiet = Unreachable("its APIs", f"no answer for {silence:g} seconds", mend)
        return self.heard + silence, last[0] if last else quiet


class _Task(Generic[T]):
    def __init__(self, name: str, work: Callable[[Ear], T]) -> None:
        self.ear = Ear()
        self._done = Event()
        self._work = work
        self._result: list[T] = []
        self._fault: Exception | None = None
        Thread(target=self._run, name=name, daemon=True).start()

    def _run(self) -> None:
        try:
            self._result.append(self._work(self.ear))
        except Exception as error:  # noqa: BLE001  raised again where it is waited for
            self._fault = error
        finally:
            self._done.set()

    def wait(self, first: float, silence: float) -> T | WorldError:
        """What came of it, or why it is not waited for any longer."""
        while not self._done.is_set():
            end, why = self.ear.given_up(first, silence)
            left = end - time.monotonic()
            if left <= 0:
                return why
            self._done.wait(min(left, _TURN))
        if self._fault is not None:
            raise self._fault
        return self._result[0]


def attend(
    works: Mapping[str, Callable[[Ear], T]],
    *,
    first: float | None = None,
    silence: float | None = None,
) -> Iterator[tuple[str, T | WorldError]]:
    """Do all works at once, and answer what came of each, in their order.

    Each is given an Ear that its requests must tell. What falls silent is left to itself, and the
    answer is the error that it last met, or Unreachable. Raises what a work raises.
    """
    tasks = {name: _Task(name, work) for name, work in works.items()}
    for name, task in tasks.items():
        yield name, task.wait(first or FIRST, silence or SILENCE)
