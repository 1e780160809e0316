"""Looking at several targets side by side, and no longer at one that has stopped to answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Generic, TypeVar

from gitopsd.ports import Unreachable, WorldError

#: Seconds without any answer after which a target is given up.
SILENCE = 10.0
#: Seconds between two looks at what was heard.
_TURN = 0.5

T = TypeVar("T")


@dataclass(slots=True)
class Ear:
    """Hears when a target's APIs last answered; a `ports.Meter`. `last` is the latest error."""

    heard: float = field(default_factory=time.monotonic)
    last: WorldError | None = None

    def called(
        self,
        product: str,  # noqa: ARG002  the form of a meter
        operation: str,  # noqa: ARG002
        error: WorldError | None,
        seconds: float,  # noqa: ARG002
    ) -> None:
        """See `Meter.called`. That nobody is there is no answer."""
        self.last = error
        if not isinstance(error, Unreachable):
            self.heard = time.monotonic()

    def paced(self, product: str, seconds: float) -> None:  # noqa: ARG002
        """See `Meter.paced`. What we keep back ourselves is no silence of theirs."""
        self.heard = time.monotonic() + seconds


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

    def wait(self, silence: float) -> T | None:
        """What came of it, None when nothing has answered for so many seconds."""
        while not self._done.is_set():
            left = self.ear.heard + silence - time.monotonic()
            if left <= 0:
                return None
            self._done.wait(min(left, _TURN))
        if self._fault is not None:
            raise self._fault
        return self._result[0]


def attend(
    works: Mapping[str, Callable[[Ear], T]], *, silence: float = SILENCE
) -> Iterator[tuple[str, T | WorldError]]:
    """Do all works at once, and answer what came of each, in their order.

    Each is given an Ear that its requests must tell. What falls silent is left to itself, and the
    answer is the error that it last met, or Unreachable. Raises what a work raises.
    """
    tasks = {name: _Task(name, work) for name, work in works.items()}
    for name, task in tasks.items():
        result = task.wait(silence)
        if result is None:
            mend = "gitopsd status -v says more; look at the API server and the way to it"
            quiet = Unreachable("its APIs", f"no answer for {silence:g} seconds", mend)
            yield name, task.ear.last or quiet
        else:
            yield name, result
