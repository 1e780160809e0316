"""From a target's pass to those who tell people of it."""

from __future__ import annotations

from datetime import datetime

from gitopsd.alerts import Scene
from gitopsd.daemon.alerting import Offer, Outbox
from gitopsd.daemon.board import Voice
from gitopsd.daemon.leases import Tenure
from gitopsd.daemon.passes import Order
from gitopsd.daemon.publishing import Published
from gitopsd.model.approval import stamp
from gitopsd.ports import Site

#: What is told of on the board, beside the target itself.
_ALERTS = "alerts"


class Offering:
    """Hands the drift reports of one target of a repository to the sinks, while it is ours."""

    def __init__(self, repository: str, outbox: Outbox, voice: Voice, tenure: Tenure) -> None:
        self._repository = repository
        self._outbox = outbox
        self._voice = voice
        self._tenure = tenure

    def offer(self, published: Published, order: Order, site: Site, now: datetime) -> None:
        """Have people told of the drift reports after a pass, in other threads."""
        if not self._outbox.desks:
            return
        unreported = published.unreported and f"nobody is told of drift: {published.unreported}"
        self._voice.tell(unreported, _ALERTS)
        if published.reports is None or site.told is None:
            return
        scene = Scene(
            self._repository,
            order.owner.instance,
            order.target.name,
            published.reports,
            order.revision,
            stamp(now),
            order.named,
        )
        term, tenure = self._tenure.standing.term, self._tenure

        def ours() -> bool:
            return tenure.mine and tenure.standing.term == term

        self._outbox.offer(Offer(scene, order.owner, site.told, term, ours))

    def untold(self, order: Order) -> list[str]:
        """What is wrong with sinks that should tell of this target."""
        place = Scene(self._repository, order.owner.instance, order.target.name)
        told = self._voice.said(_ALERTS)
        sinks = [d for d in self._outbox.desks if d.trouble and d.rules.selection.takes(place)]
        return [*([told] if told else []), *(f"{d.subject}: {d.trouble}" for d in sinks)]
