"""The operator: its repositories, their targets, and the timetable, held together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from functools import partial

from gitopsd.daemon.agenda import Wish
from gitopsd.daemon.alerting import Outbox, Told
from gitopsd.daemon.board import CLOCK, SINK, Board, concerning, documents
from gitopsd.daemon.journal import Journal
from gitopsd.daemon.leases import Share
from gitopsd.daemon.outside import Loaded, Outside
from gitopsd.daemon.passes import Order, PassResult
from gitopsd.daemon.publishing import Seen
from gitopsd.daemon.repository import RepositoryDesk
from gitopsd.daemon.settings import Dashboard, OperatorSettings, Repository, Tracing
from gitopsd.daemon.target import TargetDesk
from gitopsd.daemon.timetable import Timetable
from gitopsd.engine.repository import Reading
from gitopsd.model.desired import DesiredTarget
from gitopsd.model.identity import Identity
from gitopsd.model.ownership import Owner
from gitopsd.ports import WorldError
from gitopsd.spec.model import ExposureSpec, ServerGroupSpec

#: Is told of a pass at (repository, target), and how it has left the target.
Ended = Callable[[tuple[str, str], PassResult | None, Seen | None], None]


#: Seconds for which it is told that the time of day has jumped.
_RECENT = 60.0


class Operator:
    """Runs from `start` to `leave`. All methods are safe from any thread.

    `ended` is told of every pass: (repository, target), and what came of it, None where it failed
    on the way; `told` of every message: the kind of sink, and the error, None for none.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        ended: Ended = lambda *_: None,
        told: Told | None = None,
        timetable: Timetable | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.board = Board(self._told)
        self.outbox = Outbox(self.board, journal, told)
        self._journal = journal
        self._ended = ended
        self._timetable = timetable or Timetable()
        self._clock = clock
        self._jumped_at: float | None = None
        self._lock = threading.RLock()
        self._outside: Outside | None = None
        self._settings: OperatorSettings | None = None
        self._repositories: dict[str, RepositoryDesk] = {}
        self._targets: dict[str, TargetDesk] = {}
        self._share = Share()
        self._leaving = False

    # --- life ----------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to ring; nothing is done before `load`."""
        self._timetable.start()

    def load(self, loaded: Loaded) -> None:
        """Take settings over. What they do not change goes on undisturbed."""
        with self._lock:
            before, self._settings = self._settings, loaded.settings
            moved = before is None or _elsewhere(before) != _elsewhere(loaded.settings)
            self._outside = loaded.outside if moved or self._outside is None else self._outside
            if loaded.open_sink is not None:
                self.outbox.load(loaded.settings.sinks, loaded.open_sink)
            wanted = {repository.name: repository for repository in loaded.settings.repositories}
            for name, desk in list(self._repositories.items()):
                if moved or wanted.get(name) != desk.repository:
                    self._drop(desk)
            for name, repository in wanted.items():
                if name not in self._repositories:
                    self._follow(repository)

    def watch(self) -> None:
        """To be called every now and then: notices when the time of day has jumped."""
        if jump := self._timetable.watch():
            self._jumped_at = self._clock()
            self._journal.tell("clock.jumped", "warning", seconds=round(jump))
            line = f"the time of day jumped by {jump:+,.0f} s: every job was set anew"
            self.board.tell(CLOCK, line)
            self.look()
        elif self._jumped_at is not None and self._clock() - self._jumped_at >= _RECENT:
            self._jumped_at = None
            self.board.tell(CLOCK, "")

    def leave(self, grace: float) -> bool:
        """Finish the steps under way, give the leases back, and end; whether all ended in time.

        No further step is begun. After half of the `grace` seconds nothing is waited for any more.
        """
        end = time.monotonic() + grace
        hurry = threading.Timer(grace / 2, self._hurry)
        hurry.daemon = True
        hurry.start()
        with self._lock:
            self._leaving = True
            desks = self._desks
            self._timetable.stop()
            for target in self._targets.values():
                target.finish()
        self.outbox.leave()
        self.outbox.join(grace / 4)  # while the leases are ours: what was said is remembered
        for desk in desks:
            desk.leave()
        done = [desk.join(max(0.1, end - time.monotonic())) for desk in desks]
        hurry.cancel()
        return all(done)

    def _hurry(self) -> None:
        for desk in list(self._targets.values()):
            desk.hurry()

    # --- what others ask -----------------------------------------------------------------------

    def look(self, name: str | None = None) -> None:
        """Look for new commits now, in one repository or in all."""
        for desk in list(self._repositories.values()):
            if name in (None, desk.repository.name):
                desk.wish(Wish.PUSH)

    def _told(self, subject: str) -> None:
        """What is wrong has changed: the records of the targets concerned are to say so."""
        for desk in list(self._targets.values()):
            if subject in concerning(desk.repository.name) or subject.startswith(SINK):
                desk.wish(Wish.DRIFT)

    @property
    def ready(self) -> bool:
        """Whether every repository has been looked at once, and something is known of one."""
        desks = list(self._repositories.values())
        return all(desk.looked for desk in desks) and any(desk.read for desk in desks)

    @property
    def unread(self) -> list[str]:
        """The repositories of which nothing is known."""
        return sorted(name for name, desk in self.repositories.items() if not desk.read)

    @property
    def alive(self) -> bool:
        """Whether every thread that should run does."""
        around = self._timetable.alive and self.outbox.alive
        return self._leaving or (around and all(desk.alive for desk in self._desks))

    @property
    def _desks(self) -> list[TargetDesk | RepositoryDesk]:
        return [*self._targets.values(), *self._repositories.values()]

    @property
    def targets(self) -> Mapping[str, TargetDesk]:
        """The targets by `repository/target`."""
        return dict(self._targets)

    @property
    def repositories(self) -> Mapping[str, RepositoryDesk]:
        """The repositories by their names."""
        return dict(self._repositories)

    # --- repositories and targets --------------------------------------------------------------

    def _follow(self, repository: Repository) -> None:
        if self._outside is None:
            return
        desk = RepositoryDesk(
            repository, self._outside, self.board, self._journal, self._changed, self._pushed
        )
        self._repositories[repository.name] = desk
        name = repository.name
        self._timetable.put(f"sync {name}", repository.sync, lambda: desk.wish(Wish.SYNC))
        desk.start()

    def _drop(self, desk: RepositoryDesk) -> None:
        """Stop following a repository; its targets are left as they are."""
        name = desk.repository.name
        self._timetable.remove(f"sync {name}")
        desk.leave()
        beside = (f"{name} fleet", f"{name} targets", f"{name} webhook")
        for subject in (name, documents(name), *beside):
            self.board.tell(subject, "")
        del self._repositories[name]
        for key, target in list(self._targets.items()):
            if target.repository.name == name:
                self._drop_target(key)

    def _drop_target(self, key: str) -> None:
        self._timetable.remove(f"drift {key}")
        self.outbox.withdraw(key)
        self._targets.pop(key).leave()

    def _pushed(self, repository: Repository, push: str) -> bool:
        """A push that was heard of here is told to the replicas that hold targets of the
        repository; whether they hold all of them.
        """
        desks = [d for d in list(self._targets.values()) if d.repository == repository]
        theirs = [desk.announce(push) for desk in desks]
        return bool(theirs) and all(theirs)

    def _changed(self, repository: Repository, reading: Reading) -> None:
        """A repository asks for something else: its targets get new orders.

        Raises WorldError when a target cannot be begun with; the others are, all the same.
        """
        orders = orders_of(repository, reading)
        with self._lock:
            followed = self._repositories.get(repository.name)
            if self._leaving or followed is None or followed.repository is not repository:
                return
            for key, desk in list(self._targets.items()):
                if desk.repository != repository:
                    continue
                if orders is None:
                    desk.become(None)
                elif key not in orders:
                    self._journal.tell("target.left_alone", "warning", target=key)
                    self._drop_target(key)
            failures = [self._give(key, order, followed) for key, order in (orders or {}).items()]
        bad = "fleet.yaml has errors, so nothing at all is written" if orders is None else ""
        self.board.tell(f"{repository.name} fleet", bad)
        odd = "" if orders is None else _unknown_targets(repository, reading)
        if self.board.tell(f"{repository.name} targets", odd) and odd:
            self._journal.tell("targets.unknown", "warning", repository=repository.name, what=odd)
        if failed := [failure for failure in failures if failure is not None]:
            raise failed[0]

    def _give(self, key: str, order: Order, source: RepositoryDesk) -> WorldError | None:
        if key in self._targets:
            self._targets[key].become(order)
            return None
        if self._outside is None:
            return None
        try:
            desk = TargetDesk(
                source, order, self._outside, self.board, self._journal, self.outbox,
                share=self._share,
                ended=partial(self._ended, (source.repository.name, order.target.name)),
            )  # fmt: skip
        except WorldError as error:
            return error
        self._targets[key] = desk
        schedule = source.repository.drift
        self._timetable.put(f"drift {key}", schedule, lambda: desk.wish(Wish.DRIFT))
        desk.start()
        return None


def orders_of(repository: Repository, reading: Reading) -> dict[str, Order] | None:
    """What each target that is ours to see to should become; None while the fleet is bad."""
    fleet, state = reading.specs.fleet, reading.state
    if fleet is None or not state.targets:
        return None
    instance = repository.instance or fleet.identity.name
    names = frozenset(target.name for target in fleet.spec.targets)
    return {
        f"{repository.name}/{target.name}": Order(
            reading.specs.revision,
            state.fleet,
            Owner(instance, target.name),
            target,
            state.targets[target.name],
            names,
            _documents(reading, state.targets[target.name]),
            "" if instance == fleet.identity.name else instance,
        )
        for target in fleet.spec.targets
        if repository.targets is None or target.name in repository.targets
    }


def _unknown_targets(repository: Repository, reading: Reading) -> str:
    """What to say of targets that the settings name and the fleet lacks; "" when there is none."""
    fleet = reading.specs.fleet
    there = {target.name for target in fleet.spec.targets} if fleet else set()
    unknown = sorted(set(repository.targets or ()) - there)
    if not unknown:
        return ""
    names = ", ".join(sorted(there))
    return f"the settings name targets that fleet.yaml lacks: {', '.join(unknown)} (it has {names})"


def _documents(
    reading: Reading, desired: DesiredTarget
) -> dict[Identity, ExposureSpec | ServerGroupSpec]:
    """The specs that make something at a target."""
    specs = reading.specs
    exposures = {item.exposure for item in desired.objects.values()} & specs.exposures.keys()
    found: dict[Identity, ExposureSpec | ServerGroupSpec] = {
        identity: specs.exposures[identity].spec for identity in exposures
    }
    groups = desired.groups.keys() & specs.server_groups.keys()
    return found | {identity: specs.server_groups[identity].spec for identity in groups}


def _elsewhere(settings: OperatorSettings) -> OperatorSettings:
    """The settings that say where everything is: another place is another operator."""
    return settings.model_copy(
        update={
            "repositories": [],
            "sinks": [],
            "dashboard": Dashboard(),
            "tracing": Tracing(),
            "listen": "",
            "log": "text",
            "grace_seconds": 1,
        }
    )
