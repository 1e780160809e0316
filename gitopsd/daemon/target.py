"""One target of one repository: kept as its order says, for as long as its lease is ours."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from gitopsd.daemon.agenda import Ended, Wish
from gitopsd.daemon.alerting import Outbox
from gitopsd.daemon.board import Board, Voice
from gitopsd.daemon.journal import Journal
from gitopsd.daemon.leases import Share, Tenure
from gitopsd.daemon.leases.keeper import Keeper
from gitopsd.daemon.looks import PATIENCE
from gitopsd.daemon.offering import Offering
from gitopsd.daemon.outside import Outside
from gitopsd.daemon.pass_ends import tell, trace
from gitopsd.daemon.passes import Order, PassResult, run_pass, tightened
from gitopsd.daemon.publishing import Published, Publisher, Seen
from gitopsd.daemon.repository import RepositoryDesk
from gitopsd.daemon.requests import Listener, answered, take_off
from gitopsd.daemon.worker import Worker, fault
from gitopsd.model.requests import SYNC, suspension_in
from gitopsd.ports import Site, Span, WorldError

#: Seconds until a pass that was cut short, or could not begin, is tried again.
_MOMENT = 1.0


class TargetDesk:
    """Four threads: one keeps the lease and one hears what is written into it (`leases.keeper`),
    one does passes while it is ours, one hears requests.

    When the lease becomes ours the repository is looked at first: a replica that stood by may not
    have heard of the last push. All methods are safe from any thread. `ended` is told of every
    pass and what it has left, with None for one that failed on the way.
    """

    def __init__(
        self,
        source: RepositoryDesk,
        order: Order,
        outside: Outside,
        board: Board,
        journal: Journal,
        outbox: Outbox,
        *,
        share: Share,
        ended: Callable[[PassResult | None, Seen | None], None] = lambda *_: None,
    ) -> None:
        repository = source.repository
        self.target = order.target.name
        self.name = f"{repository.name}/{self.target}"
        self.order: Order | None = order
        self.repository = repository
        self._source = source
        self._outside = outside
        self._board = board
        self._voice = Voice(board, self.name)
        self._journal = journal.within(repository=repository.name, target=order.target.name)
        self._ended = ended
        self._tracer = outside.tracer
        self._tenure: Tenure = outside.tenure(order.target, order.owner, share)
        self._site: Site | None = None
        self._stale = False
        self._connected: Order | None = None
        self._informed_in = self._worked_in = 0
        self._worker = Worker(f"target {self.name}", self._work, self._fault)
        self._keeper = Keeper(self.name, self._tenure, self, board, self._journal)
        self._publisher = Publisher(self._journal)
        self._offering = Offering(repository.name, outbox, self._voice, self._tenure)
        self._listener = Listener(
            self.name, order.owner, self._listening, self._asked, self._journal
        )

    # --- from outside --------------------------------------------------------------------------

    def start(self) -> None:
        """Bid for the lease, and work as soon as it is ours."""
        self._worker.start()
        self._keeper.start()
        self._listener.start()

    def become(self, order: Order | None) -> None:
        """Take a new order; what the old one waits for is not waited for any longer.

        None stops all writing until there is another.
        """
        if order == self.order:
            return
        self.order = order
        self._tenure.interrupt("a newer revision is here")
        self._worker.wish(Wish.REVISION)

    def announce(self, push: str) -> bool:
        """Tell the replica that holds the target, if another does, of a push; whether one does."""
        if self.held:
            return False
        self._tenure.announce(push)
        self._keeper.stir()
        return bool(self._tenure.standing.rival)

    def wish(self, wish: Wish) -> None:
        """Have a pass begun."""
        self._worker.wish(wish)

    def finish(self) -> None:
        """Begin nothing more, no step of the pass under way either; the lease is kept."""
        self._worker.leave()
        self._listener.leave()
        self._tenure.finish()

    def leave(self) -> None:
        """Begin nothing more; the steps under way are finished, and the lease given back."""
        self.finish()
        self._keeper.leave()

    def hurry(self) -> None:
        """Wait for nothing any more."""
        self._tenure.interrupt("the operator is leaving")

    def join(self, timeout: float) -> bool:
        """Wait for the pass under way to end and the lease to be given back; whether that is so.

        Who hears requests writes nothing, and is not waited for.
        """
        done = self._worker.join(timeout)
        self._keeper.join(timeout if done else 0.1)
        return done and not self._keeper.alive

    @property
    def held(self) -> bool:
        """Whether the target is ours to write to, as far as is known."""
        return self._tenure.mine

    @property
    def holder(self) -> str:
        """Who holds the lease, as far as is known; "" for nobody."""
        seen = self._tenure.standing.seen
        return seen.holder if seen else ""

    @property
    def alive(self) -> bool:
        """Whether all threads run."""
        return self._worker.alive and self._keeper.alive and self._listener.alive

    @property
    def term(self) -> int:
        """How often the lease has become ours."""
        return self._tenure.standing.term

    @property
    def waiting(self) -> bool:
        """Whether there are wishes that nobody has set about yet."""
        return self._worker.waiting

    @property
    def busy(self) -> bool:
        """Whether there is a pass under way."""
        return self._worker.busy

    @property
    def fresh(self) -> bool:
        """Whether the first pass of this term is still to be done."""
        return self._worked_in != self.term

    # --- the lease -----------------------------------------------------------------------------

    def told_of(self, push: str) -> None:
        """Have the repository looked at for a push that another replica has heard of."""
        if self._source.hear(push):
            self._journal.tell("lease.news", push=push)

    def begun(self, term: int) -> None:
        """Have the repository looked at, and work after that: the lease has become ours."""
        self._voice.begin()
        self._source.look(partial(self._informed, term), PATIENCE)

    def lost(self) -> None:
        """Say nothing of how the target stands any more."""
        self._voice.end()

    def ended(self, timeout: float) -> bool:
        """Wait so many seconds for the last pass to end; whether it has."""
        return self._worker.join(timeout)

    def _informed(self, term: int) -> None:
        """The repository has been looked at since this term began."""
        self._informed_in = term
        self._worker.wish(Wish.LEASE)

    # --- requests ------------------------------------------------------------------------------

    def _listening(self) -> Site | None:
        return self._site if self.held else None

    def _asked(self, before: Mapping[str, str], now: Mapping[str, str]) -> None:
        """Somebody has put requests on the record, or taken them off."""
        moved = sorted(k for k in before.keys() | now.keys() if before.get(k) != now.get(k))
        self._journal.tell("requests.heard", requests=",".join(moved))
        suspended = suspension_in(now)
        if suspended is not None and suspension_in(before) is None:
            self._tenure.interrupt(str(suspended))
        if SYNC in moved and SYNC in now:
            self._source.look(partial(self._worker.wish, Wish.ASKED))
        else:
            self._worker.wish(Wish.ASKED)

    # --- passes --------------------------------------------------------------------------------

    def _work(self, wishes: frozenset[Wish]) -> Ended:
        if not self._tenure.begin():
            # Another replica's: the keeper wishes for a pass when it becomes ours. Or ours, and the
            # last holder's writes are waited for, or it could not be renewed for a moment.
            ours = self._tenure.standing.until is not None
            return Ended(again=(self._tenure.settling or _MOMENT) if ours else None)
        term = self.term
        if self._informed_in != term or self._keeper.leaving:
            return Ended()
        try:
            return self._begin(wishes)
        finally:
            self._worked_in = term

    def _begin(self, wishes: frozenset[Wish]) -> Ended:
        order, repository = self.order, self.repository
        if order is None:
            return Ended()
        number, why = uuid.uuid4().hex[:12], ",".join(sorted(wishes))
        about: dict[str, str | int] = {
            "gitopsd.pass.id": number,
            "gitopsd.why": why,
            "gitopsd.repository": repository.name,
            "gitopsd.target": self.target,
            "gitopsd.term": self.term,
            "vcs.ref.head.name": repository.branch,
            "vcs.ref.head.revision": order.revision,
        }
        with self._tracer.span("pass", about, after=self._source.read_in) as span:
            ids = {"pass": number} | ({"trace_id": span.trace} if span.trace else {})
            journal = self._journal.within(**ids)
            journal.tell("pass.begun", why=why, revision=order.revision)
            return self._pass(order, journal, span)

    def _pass(self, order: Order, journal: Journal, span: Span) -> Ended:
        repository, now = self.repository, datetime.now(UTC)
        limits = tightened(order.desired.limits, repository.limits)

        order = replace(order, desired=replace(order.desired, limits=limits))
        try:
            site, behind = self._connect(order), partial(self._source.behind, order.revision)
            around = self._board.around(repository.name)
            trouble = "; ".join(filter(None, (around, *self._offering.untold(order))))
            result = run_pass(
                order, site, now=now, windows=repository.windows, behind=behind, trouble=trouble,
                tracer=self._tracer,
            )  # fmt: skip
        except WorldError as error:
            span.fail(error.kind, str(error))
            return self._failed(journal, str(error))
        with self._tracer.span("publish"):
            published = self._conclude(journal, result, site, now)
        self._voice.tell(result.trouble)
        tell(journal, result)
        trace(span, result)
        self._ended(replace(result, began=now), published.seen)
        if result.unanswered:
            self._tenure.become_patient()  # given up as early again, it would never be done
        self._stale = not result.well  # credentials and addresses are read anew by the next pass
        if result.cut_short:
            return Ended(again=_MOMENT)
        return Ended(result.well, result.again, published.pending)

    def _conclude(
        self, journal: Journal, result: PassResult, site: Site, now: datetime
    ) -> Published:
        """Tell in the cluster how things stand, and answer the requests that stood there."""
        if result.cut_short:
            return Published()
        published = self._publisher.publish(result, site, now)
        self._offering.offer(published, result.order, site, now)
        self._answer(journal, result, site, now)
        return published

    def _answer(self, journal: Journal, result: PassResult, site: Site, now: datetime) -> None:
        """Take requests that the pass has answered off the record, and go by the others.

        What was put there so late that only the pass has seen it, nobody has heard yet: it is
        answered by the pass that hearing it brings, which looks at the repository first.
        """
        order, record, heard = result.order, result.observed.record, self._listener.known
        found = record.annotations if record else {}
        done = {
            key: text
            for key, text in answered(record, now).items()
            if heard is None or heard.get(key) == text
        }
        for what in take_off(site, order.owner, {} if order.refused else done):
            journal.tell("requests.trouble", "warning", what=what)
        self._listener.know({key: text for key, text in found.items() if key not in done})
        if heard is not None and dict(found) != dict(heard):
            self._asked(heard, found)

    def _connect(self, order: Order) -> Site:
        """The target's ends; made anew where the order names others. Raises Misconfigured."""
        known = self._connected
        same = known is not None and known.target == order.target
        asks = bool(order.desired.groups)
        fresh = same and not self._stale
        if self._site is None or not fresh or (asks and self._site.cloud is None):
            self._site = self._outside.site(order.target, order.desired, self._tenure)
            self._connected, self._stale = order, False
        return self._site

    def _failed(self, journal: Journal, trouble: str) -> Ended:
        self._voice.tell(trouble)
        journal.tell("pass.failed", "error", trouble=trouble)
        self._ended(None, None)
        self._stale = True
        return Ended(well=False)

    def _fault(self, error: Exception) -> None:
        self._failed(self._journal, fault(error))
