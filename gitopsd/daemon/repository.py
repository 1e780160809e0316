"""One config repository: fetched, read and compiled whenever there may be something new."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from gitopsd.compiler import CompileMemory
from gitopsd.daemon.agenda import Ended, Wish
from gitopsd.daemon.board import Board, documents
from gitopsd.daemon.journal import Journal
from gitopsd.daemon.looks import PATIENCE, SILENCE, Looks, Silence
from gitopsd.daemon.outside import Outside
from gitopsd.daemon.pushes import Pushes
from gitopsd.daemon.settings import Repository
from gitopsd.daemon.worker import Worker, fault
from gitopsd.engine.repository import Reading, read_repository
from gitopsd.model.approval import stamp
from gitopsd.model.problem import Problem
from gitopsd.ports import FollowedSource, Span, Unreachable, WorldError
from gitopsd.spec.contents import SpecCache
from gitopsd.typography import count


class RepositoryDesk:
    """A thread that looks for new commits; `changed` is told what each of them asks for, `pushed`
    a word for each push that others may not have heard of: see `Pushes`.

    Until the repository answers, what was fetched last is what is asked for: by this process, or by
    an earlier one with the same cache. All methods are safe from any thread. `reached_at` is when
    it last answered, by the monotonic clock (at first: now), `answered` whether it ever did, `read`
    whether something was read of it, even where a target that it asks for could not be begun,
    `errors` how many errors there are in what was read last, `problems` all that is wrong with it,
    `read_in` the look that read it.
    """

    def __init__(
        self,
        repository: Repository,
        outside: Outside,
        board: Board,
        journal: Journal,
        changed: Callable[[Repository, Reading], None],
        pushed: Callable[[Repository, str], bool],
    ) -> None:
        self.repository = repository
        self._outside = outside
        self._board = board
        self._journal = journal.within(repository=repository.name)
        self._changed = changed
        self._source: FollowedSource | None = None
        self._cache = SpecCache()
        self._memory = CompileMemory()
        self._revision: str | None = None
        self.looked = False
        self.errors = 0
        self.problems: tuple[Problem, ...] = ()
        self.reached_at = time.monotonic()
        self.answered = False
        self.read = False
        self.read_in: Span | None = None
        self._reached = False
        self._since = stamp(datetime.now(UTC))
        self._left = False
        self._looks = Looks()
        self._silence = Silence(SILENCE, self._tell_silence)
        self._worker = Worker(f"repository {repository.name}", self._work, self._fault)
        self._pushes = Pushes(
            repository.name,
            look=self._worker.wish,
            tell=lambda push: pushed(repository, push),
            known=lambda: self.read,
            failed=self._fault,
        )

    def start(self) -> None:
        """Begin to look; the first look is at once, and counts as had when it takes too long."""
        self._looks.ask(self._had, PATIENCE)
        self._worker.start()
        self._pushes.start()
        self._worker.wish(Wish.SYNC)

    @property
    def revision(self) -> str:
        """The commit that was read last; "" before the first."""
        return self._revision or ""

    def wish(self, wish: Wish) -> None:
        """Have it looked at, and others told of a push."""
        if wish is Wish.PUSH:
            self._pushes.push()
        else:
            self._worker.wish(wish)

    def hear(self, push: str) -> bool:
        """Have it looked at for a push that another replica tells of; whether that is news."""
        return self._pushes.hear(push)

    def look(self, then: Callable[[], None], within: float | None = None) -> None:
        """Have it looked at now, and call `then` after that, whatever came of it; after `within`
        seconds at the latest, where that is given.
        """
        self._looks.ask(then, within)
        self._worker.wish(Wish.TOLD)

    def behind(self, ours: str, applied: str) -> bool:
        """Whether somebody has applied a revision that is newer than `ours`, which was read here,
        as far as we can tell.

        Only who cannot reach the repository, or waits too long for it, is ever behind: what it
        answers counts, whatever was applied before, for a branch may be set back.
        """
        if self._source is None or (self._reached and not self._looks.overdue):
            return False
        return ours != applied and not self._source.includes(ours, applied)

    def leave(self) -> None:
        """Look no more; a look under way waits for nobody any longer."""
        self._left = True
        self._pushes.leave()
        self._worker.leave()
        if self._source is not None:
            self._source.leave()

    def join(self, timeout: float) -> bool:
        """Wait for the look under way to end; whether it has."""
        ended = self._worker.join(timeout)
        self._board.tell(self.repository.name, "")
        return ended

    @property
    def alive(self) -> bool:
        """Whether the threads run."""
        return self._worker.alive and self._pushes.alive

    @property
    def waiting(self) -> bool:
        """Whether there are wishes that nobody has set about yet."""
        return self._worker.waiting

    @property
    def busy(self) -> bool:
        """Whether it is being looked at."""
        return self._worker.busy

    def _work(self, wishes: frozenset[Wish]) -> Ended:
        about = {
            "gitopsd.repository": self.repository.name,
            "gitopsd.why": ",".join(sorted(wishes)),
            "vcs.ref.head.name": self.repository.branch,
        }
        self._looks.begin()
        try:
            with self._outside.tracer.span("look", about) as span:
                return self._see_to(wishes, span)
        finally:
            self._looks.end()

    def _had(self) -> None:
        self.looked = True

    def _see_to(self, wishes: frozenset[Wish], span: Span) -> Ended:
        lost = self._remember(wishes, span) if self._revision is None else ""
        trouble, commit = "", ""
        try:
            with self._outside.tracer.span("fetch"):
                commit = self._look()
            if commit != self._revision:
                self._read(commit, wishes, span)
        except WorldError as error:
            trouble = str(error) if commit else "; ".join(filter(None, (self._why(error), lost)))
            span.fail(error.kind, trouble)
        if self._left:
            return Ended()
        self._tell(trouble)
        return Ended(well=not trouble)

    def _tell(self, trouble: str) -> None:
        if self._board.tell(self.repository.name, trouble) and trouble:
            self._journal.tell("repository.trouble", "warning", what=trouble)

    def _tell_silence(self) -> None:
        if not self._left:
            self._tell(self._silent)

    @property
    def _silent(self) -> str:
        """That nobody answers: the same words for as long as that is so."""
        known = f"{self.revision[:12]} goes on" if self.revision else "nothing is known of it yet"
        return f"{self.repository.url}: Git has not answered since {self._since}; {known}"

    def _why(self, error: WorldError) -> str:
        """What to tell of a look that failed; how a silence has ended is no news."""
        silent = self._silence.told and isinstance(error, Unreachable)
        return self._silent if silent else str(error)

    def _followed(self) -> FollowedSource:
        if self._source is None:
            self._source = self._outside.follow(self.repository)
            if self._left:
                self._source.leave()
        return self._source

    def _look(self) -> str:
        try:
            source = self._followed()
            with self._silence.kept():
                commit = source.fetch()
        except WorldError:
            self._reached = False
            raise
        self._reached, self.reached_at = True, time.monotonic()
        self._since = stamp(datetime.now(UTC))
        self.answered = True
        return commit

    def _remember(self, wishes: frozenset[Wish], span: Span) -> str:
        """Go on from what an earlier process fetched, if it did; answers why that cannot be."""
        try:
            commit = self._followed().recall()
            if commit is not None:
                self._read(commit, wishes, span)
        except WorldError as error:
            return f"what was fetched before cannot be read: {error}"
        return ""

    def _read(self, commit: str, wishes: frozenset[Wish], span: Span) -> None:
        span.note({"vcs.ref.head.revision": commit})
        self.read_in = span
        known = self._cache.ids()
        reading = read_repository(
            self._followed(),
            self._cache,
            instance=self.repository.instance,
            memory=self._memory,
            tracer=self._outside.tracer,
        )
        self.problems = reading.problems
        self.errors = sum(problem.is_error for problem in reading.problems)
        self._journal.tell(
            "repository.read",
            "warning" if reading.faulty else "info",
            revision=commit,
            why=",".join(sorted(wishes)),
            documents=len(reading.specs.exposures) + len(reading.specs.server_groups),
            files_read=len(self._cache.ids() - known),
            compiled=len(self._memory.compiled),
            errors=self.errors or None,
            trace_id=span.trace,
        )
        if not self._left:
            self._board.tell(documents(self.repository.name), _wrong(reading.problems))
        try:
            self._changed(self.repository, reading)
        finally:
            self.read = True
        self._revision = commit

    def _fault(self, error: Exception) -> None:
        trouble = fault(error)
        self._board.tell(self.repository.name, trouble)
        self._journal.tell("repository.fault", "error", what=trouble)


def _wrong(problems: Sequence[Problem]) -> str:
    """What to say of documents with errors: how many, and the first; "" where there are none."""
    errors = sorted((problem for problem in problems if problem.is_error), key=Problem.sort_key)
    if not errors:
        return ""
    first = f"{errors[0].position or 'the repository'}: {errors[0].what}"
    return f"the documents have {count(len(errors), 'error')}, first {first}"
