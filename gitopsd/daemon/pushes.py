"""What becomes of a push that one replica hears of: others are told, and it is looked at."""

from __future__ import annotations

import re
import threading
import uuid
from collections import deque
from collections.abc import Callable

from gitopsd.daemon.agenda import Ended, Wish
from gitopsd.daemon.worker import Worker

#: Seconds until others are looked for again that are to be told: nobody knows yet who they are.
_MOMENT = 1.0
#: Seconds by which a replica lets others go first that hold all there is to see to.
_AFTER_YOU = 2.0
#: Pushes of which others told that are known again: each target that is ours brings them once.
_REMEMBERED = 64
#: What `tell` is given: whoever may write a lease may write anything else there.
_WORD = re.compile(r"[0-9a-f]{32}")


class Pushes:
    """The pushes to one repository. All methods are safe from any thread.

    `tell` hands on a word that stands for a push, or for all within a second, and answers whether
    there is nothing to see to but by others; `known` is whether anybody can say who they are.
    Nothing waits for a look of ours: others look at the same time, even if the repository hangs for
    us, and where everything is theirs we look when they have, so that they need not share the
    repository's server with us while they are waited for.
    """

    def __init__(
        self,
        name: str,
        look: Callable[[Wish], None],
        tell: Callable[[str], bool],
        known: Callable[[], bool],
        failed: Callable[[Exception], None],
    ) -> None:
        self._look = look
        self._tell = tell
        self._known = known
        self._untold = False
        self._lock = threading.Lock()
        self._heard: deque[str] = deque(maxlen=_REMEMBERED)
        self._worker = Worker(f"pushes {name}", self._work, failed)

    def start(self) -> None:
        """Begin to tell."""
        self._worker.start()

    def leave(self) -> None:
        """Tell nobody any more."""
        self._worker.leave()

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._worker.alive

    def push(self) -> None:
        """There was one, as a webhook says."""
        self._worker.wish(Wish.PUSH)

    def hear(self, push: str) -> bool:
        """There was one, as another replica says; whether that is news, and a word of ours."""
        if not _WORD.fullmatch(push):
            return False
        with self._lock:
            if push in self._heard:
                return False
            self._heard.append(push)
        self._look(Wish.NEWS)
        return True

    def _work(self, wishes: frozenset[Wish]) -> Ended:
        known = self._known()
        if Wish.PUSH in wishes:
            self._untold = True
            if not known:
                self._look(Wish.PUSH)
        if not known:
            return Ended(again=_MOMENT)
        if self._untold:
            theirs = self._tell(uuid.uuid4().hex)
            self._untold = False
            if theirs:
                return Ended(again=_AFTER_YOU)
        self._look(Wish.PUSH)
        return Ended()
