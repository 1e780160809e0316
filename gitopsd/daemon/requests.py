"""What people ask of the operator on a target's record: heard, and answered.

A thread of its own listens, so that a suspension ends the pass under way instead of waiting for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from gitopsd.daemon.agenda import Ended, Wish
from gitopsd.daemon.journal import Journal
from gitopsd.daemon.worker import Worker, fault
from gitopsd.model.observed import Record
from gitopsd.model.ownership import Owner
from gitopsd.model.requests import SUSPEND, SYNC, suspension_in
from gitopsd.ports import Site, WorldError

#: Seconds between two looks at a record.
LISTEN = 2.0


class Listener:
    """Looks at the requests on one record again and again.

    `site` answers where, None while there is nothing to listen for; `heard` is told of what is
    there whenever it is not what was last `known`. All methods are safe from any thread.
    """

    def __init__(
        self,
        name: str,
        owner: Owner,
        site: Callable[[], Site | None],
        heard: Callable[[Mapping[str, str], Mapping[str, str]], None],
        journal: Journal,
    ) -> None:
        self._owner = owner
        self._site = site
        self._heard = heard
        self._known: Mapping[str, str] | None = None
        self._journal = journal
        self._worker = Worker(f"requests {name}", self._listen, self._fault)

    def start(self) -> None:
        """Begin to listen."""
        self._worker.start()
        self._worker.wish(Wish.RETRY)

    def leave(self) -> None:
        """Listen no more."""
        self._worker.leave()

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._worker.alive

    @property
    def known(self) -> Mapping[str, str] | None:
        """The requests that were heard, or seen by a pass; None before the first pass."""
        return self._known

    def know(self, requests: Mapping[str, str]) -> None:
        """A pass has seen these, and goes by them."""
        self._known = dict(requests)

    def _fault(self, error: Exception) -> None:
        self._journal.tell("requests.fault", "error", what=fault(error))

    def _listen(self, _: frozenset[Wish]) -> Ended:
        site, known = self._site(), self._known
        if site is None or known is None:
            return Ended(again=LISTEN)
        try:
            found = site.cluster.requests(self._owner)
        except WorldError:
            return Ended(again=LISTEN)  # the next pass meets it too, and tells
        if found is not None and dict(found) != known:
            self._known = dict(found)
            self._heard(known, found)
        return Ended(again=LISTEN)


def answered(record: Record | None, now: datetime) -> dict[str, str]:
    """The requests that a pass that begins now answers, and that can go: by key, their text."""
    if record is None:
        return {}
    suspension = suspension_in(record.annotations)
    keys = [SYNC] if SYNC in record.annotations else []
    if suspension is not None and suspension.over(now):
        keys.append(SUSPEND)
    return {key: record.annotations[key] for key in keys}


def take_off(site: Site, owner: Owner, requests: Mapping[str, str]) -> Iterator[str]:
    """Take answered requests off the record; one that says something else by now stays.

    Answers what went wrong; the next pass tries again.
    """
    for key, text in requests.items():
        if site.cluster_writer is None:
            return
        try:
            site.cluster_writer.write_request(owner, key, text, None)
        except WorldError as error:
            yield f"the request {key} could not be taken off the record: {error}"
