"""The operator as a process: settings that may change, an HTTP server, and an orderly end."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from gitopsd.daemon.board import SETTINGS
from gitopsd.daemon.dashboard import DashboardApp
from gitopsd.daemon.http import Application, HttpServer, Page
from gitopsd.daemon.journal import Journal
from gitopsd.daemon.metrics import Counts, MetricsPage, Recent, Standing
from gitopsd.daemon.operator import Operator
from gitopsd.daemon.outside import Loaded
from gitopsd.daemon.passes import PassResult
from gitopsd.daemon.publishing import Seen
from gitopsd.daemon.secret_files import secrets_in
from gitopsd.daemon.webhooks import Receiver
from gitopsd.model.problem import Problem

#: Reads the settings, if they are others than the last time: them, or what is wrong with them.
#: When somebody has asked for it, a file that cannot be read is such a problem.
Reload = Callable[[bool], Loaded | Sequence[Problem] | None]

#: Settings that count from the start of the process to its end.
_AT_START = ("listen", "log", "tracing")
#: Seconds between two looks at the settings file and the time of day.
_TURN = 1.0


class Service:
    """Serves from `start` to `end`. `counts` are those that the ways of `loaded` tell, too."""

    def __init__(
        self, loaded: Loaded, reload: Reload, journal: Journal, counts: Counts | None = None
    ) -> None:
        self._loaded = loaded
        self._begun_with = loaded.settings
        self._reload = reload
        self._journal = journal
        self._leaving = False
        self._counts = counts or Counts()
        self.operator = Operator(journal, ended=self._pass_ended, told=self._counts.told)
        self.dashboard = DashboardApp(self.operator, lambda: self._loaded.settings.dashboard)
        self._standing = Standing(self.operator, self._counts)
        receiver = Receiver(self._secrets, self.operator.look, leaving=lambda: self._leaving)
        pages: dict[str, Page] = {
            "/healthz": self._health,
            "/readyz": self._readiness,
            "/metrics": Recent(MetricsPage(self._counts, self._standing)),
        }
        application = Application(receiver, pages, self._counts.answered, self.dashboard)
        self.http = HttpServer(application, loaded.settings.listen)

    def run(self, stop: threading.Event, reread: threading.Event) -> bool:
        """Serve until `stop` is set; `reread` has the settings read at once. Whether all ended in
        time.
        """
        self.start()
        while not stop.wait(_TURN):
            self.turn(asked=reread.is_set())
            reread.clear()
        return self.end()

    def start(self) -> None:
        """Begin."""
        self.operator.start()
        self.operator.load(self._loaded)
        self._see_to_secrets()
        self.http.start()
        names = ",".join(repository.name for repository in self._loaded.settings.repositories)
        at, shown = self.http.address, self._loaded.settings.dashboard.enabled
        page = f"http://{at}/ui/" if shown else None
        self._journal.tell("operator.started", listen=at, page=page, repositories=names)

    def turn(self, *, asked: bool = False) -> None:
        """See to the clock and to the settings."""
        self.operator.watch()
        self._see_to_secrets()
        read = self._reload(asked)
        if read is None:
            if asked:
                self._journal.tell("settings.unchanged")
        elif isinstance(read, Loaded):
            self._take(read)
        else:
            errors = [problem for problem in read if problem.is_error]
            for problem in errors:
                where, what = str(problem.position or ""), f"{problem.what} {problem.mend}"
                self._journal.tell("settings.refused", "error", at=where, what=what)
            line = "the settings have errors, and those of before go on: "
            self.operator.board.tell(SETTINGS, f"{line}{errors[0].position}: {errors[0].what}")

    def _take(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self.operator.load(loaded)
        self._journal.tell("settings.taken")
        begun, now = self._begun_with, loaded.settings
        later = [name for name in _AT_START if getattr(begun, name) != getattr(now, name)]
        line = f"another {' and '.join(later)} in the settings counts after a restart"
        self.operator.board.tell(SETTINGS, line if later else "")

    def end(self) -> bool:
        """Finish the steps under way, give the leases back, and serve no more."""
        self._leaving = True
        self._journal.tell("operator.leaving")
        done = self.operator.leave(self._loaded.settings.grace_seconds)
        self.dashboard.hub.close()
        self.http.stop()
        self._journal.tell("operator.left", "info" if done else "warning", in_time=done)
        return done

    def _pass_ended(
        self, place: tuple[str, str], result: PassResult | None, seen: Seen | None
    ) -> None:
        self._counts.pass_ended(place, result)
        self._standing.pass_ended(place, result)
        self.dashboard.views.pass_ended(place, result, seen)

    def _secrets(self, provider: str) -> list[tuple[str, bytes | None]]:
        found: list[tuple[str, bytes | None]] = []
        for repository in self._loaded.settings.repositories:
            webhook = repository.webhook
            if webhook is not None and webhook.provider == provider:
                secrets = secrets_in(Path(webhook.secret_file))
                found += [(repository.name, secret) for secret in secrets or (None,)]
        return found

    def _see_to_secrets(self) -> None:
        """Say which webhooks can prove nothing because their secret is not there."""
        for repository in self._loaded.settings.repositories:
            file = repository.webhook.secret_file if repository.webhook else ""
            bad = bool(file) and not secrets_in(Path(file))
            line = f"the webhook's secretFile {file} cannot be read, or is empty" if bad else ""
            if self.operator.board.tell(f"{repository.name} webhook", line) and line:
                name = repository.name
                self._journal.tell("webhook.unready", "warning", repository=name, what=line)

    def _health(self) -> tuple[int, str, bytes]:
        return _told(self.operator.alive, {})

    def _readiness(self) -> tuple[int, str, bytes]:
        trouble, since = self.operator.board.lines, self.operator.board.since
        targets = {key: target.held for key, target in sorted(self.operator.targets.items())}
        ready = self.operator.ready and not self._leaving
        unread = [f"nothing is known of repository {name} yet" for name in self.operator.unread]
        about = {"ours": targets, "trouble": trouble, "since": since, "unread": unread}
        return _told(ready, about)


def _told(good: bool, more: dict[str, object]) -> tuple[int, str, bytes]:
    body = json.dumps({"ok": good, **more}, ensure_ascii=False).encode() + b"\n"
    return (200 if good else 503), "application/json", body
