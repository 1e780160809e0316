"""`gitopsd serve`."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gitopsd.cli.failures import Refusal
from gitopsd.cli.lazy import SectionCommand, SectionOption
from gitopsd.cli.options import Call, common, path_argument

if TYPE_CHECKING:
    from gitopsd.daemon.journal import Journal
    from gitopsd.daemon.outside import Loaded
    from gitopsd.daemon.settings import OperatorSettings
    from gitopsd.model.problem import Problem
    from gitopsd.ports import Meter
    from gitopsd.wiring.tracing import Tracing

_EXAMPLE = """\b
Examples:
  gitopsd serve --config gitopsd.yaml
  gitopsd serve --repo https://git.example.com/acme/exposures.git
  gitopsd serve --sandbox"""

_CONFIG = "GITOPSD_CONFIG"


@click.command(cls=SectionCommand, epilog=_EXAMPLE)
@path_argument
@click.option("--config", "-c", cls=SectionOption, metavar="FILE", envvar=_CONFIG,
              type=click.Path(dir_okay=False, path_type=Path),
              help=f"The operator's settings. [{_CONFIG}]")  # fmt: skip
@click.option("--sandbox", cls=SectionOption, is_flag=True,
              help="Serve a sandbox too, and follow a copy of the examples in it.")  # fmt: skip
@click.option("--log", cls=SectionOption, type=click.Choice(["text", "json"]),
              envvar="GITOPSD_LOG", help="Form of the log. [GITOPSD_LOG]")  # fmt: skip
@click.option("--listen", cls=SectionOption, metavar="HOST:PORT", envvar="GITOPSD_LISTEN",
              help="Where webhooks and probes are answered. [GITOPSD_LISTEN]")  # fmt: skip
@common(world=True)
def serve(
    call: Call, config: Path | None, sandbox: bool, log: str | None, listen: str | None
) -> int:
    """Run as the operator: follow repositories, and keep clusters and cloud as they say.

    New commits are applied as they come, drift is looked for all the time, and several of us share
    the targets. Settings come from --config; with --repo alone, that one repository is followed.
    SIGTERM ends it in an orderly way, SIGHUP and a changed file have the settings read again.

    Exit code 0: it ended in time, 1: it could not begin, or a step had to be left half-way.
    """
    from gitopsd.daemon.journal import Journal
    from gitopsd.daemon.metrics import Counts
    from gitopsd.daemon.service import Service

    with ExitStack() as stack:
        counts = Counts()
        source = SettingsSource(call, config, {"log": log, "listen": listen}, meter=counts)
        if sandbox:
            source = stack.enter_context(_in_sandbox(source))
        loaded = source.begin()
        form = loaded.settings.log
        journal = Journal(_log, form)
        if source.tracing is not None:
            stack.callback(source.tracing.close)
            source.tracing.hear(partial(_tell_traces, journal))
        stop, reread = threading.Event(), threading.Event()
        stack.enter_context(_signals(stop, reread))
        try:
            service = Service(loaded, source.reload, journal, counts)
        except OSError as error:
            why = f"{loaded.settings.listen} cannot be listened at: {error.strerror or error}"
            raise Refusal(why, "choose another address with --listen") from error
        return 0 if service.run(stop, reread) else 1


def _log(line: str) -> None:
    """Write a line of the log. One that cannot be written (a full disk) is lost, and the next one
    is tried again: the operator goes on.
    """
    with suppress(OSError):
        sys.stderr.write(line + "\n")
        sys.stderr.flush()


def _tell_traces(journal: Journal, trouble: str) -> None:
    """Tell, once, that traces do not arrive; or that they do again."""
    if trouble:
        journal.tell("traces.trouble", "warning", what=trouble)
    else:
        journal.tell("traces.sent")


@dataclass(slots=True)
class SettingsSource:
    """Where the operator's settings come from: a file, with the options and variables over it.

    `hasty` is for people who watch: one repository is then looked at all the time. `meter` is told
    what is asked of the APIs, `tracing` of all work, where the settings to begin with ask for that.
    """

    call: Call
    file: Path | None
    over: dict[str, str | None]
    hasty: bool = False
    meter: Meter | None = None
    tracing: Tracing | None = None
    me: str = ""
    _last: str = field(default="")

    def begin(self) -> Loaded:
        """The settings to begin with.

        Raises Refusal for those that cannot be used, click.BadParameter for such an option.
        """
        from gitopsd.wiring.sites import candidate

        self.me = candidate("serve")
        return self._usable(begin=True)

    def check(self) -> None:
        """Raise what `begin` would, and begin nothing."""
        self._usable(begin=False)

    def _usable(self, *, begin: bool) -> Loaded:
        from gitopsd.cli.problems import problem_lines, tally

        read = self._read(self._content(), begin=begin)
        if not isinstance(read, Sequence):
            return read
        terminal = self.call.terminal
        for line in problem_lines(read, terminal.error_palette, terminal.error_sentence_width):
            terminal.warn(line)
        raise Refusal(f"the settings cannot be used: {tally(read)}")

    def reload(self, asked: bool = False) -> Loaded | Sequence[Problem] | None:
        """The settings again, if the file has changed; None when it has not, or cannot be read.

        To who has `asked` that is a problem. The file is then read again as soon as it is back.
        """
        from gitopsd.model.position import Position
        from gitopsd.spec.problems import unusable_setting

        if self.file is None:
            return None
        try:
            content = self.file.read_bytes()
        except OSError as error:
            if not asked:
                return None
            self._last = ""
            what = f"The file cannot be read: {error.strerror}."
            return [unusable_setting(what, Position(str(self.file)), mend="Put it back.")]
        return None if _fingerprint(content) == self._last else self._read(content)

    def _content(self) -> bytes:
        """What is in the file, nothing without one. Raises Refusal."""
        try:
            return self.file.read_bytes() if self.file else b""
        except OSError as error:
            why = f"{self.file} cannot be read: {error.strerror}"
            raise Refusal(why, "name the settings with --config") from error

    def _read(self, content: bytes, *, begin: bool = False) -> Loaded | Sequence[Problem]:
        from gitopsd.cli.overruling import overruled, settled
        from gitopsd.daemon.outside import Loaded
        from gitopsd.daemon.settings import read_settings
        from gitopsd.ports import UNTRACED
        from gitopsd.wiring.sinks import open_sink
        from gitopsd.wiring.sites import Ways
        from gitopsd.wiring.tracing import both, open_tracing

        self._last = _fingerprint(content)
        if self.file is None:
            found: OperatorSettings | None = self._of_options()
            problems: Sequence[Problem] = ()
        else:
            found, problems = read_settings(content, str(self.file))
        if found is None:
            return problems
        merged = overruled(found, self.call.settings, self.over)
        if begin:
            self.tracing = open_tracing(merged.tracing.endpoint, self.me)
        meter = both(self.meter, self.tracing)
        settings = settled(self.call.settings, merged)
        ways = Ways(settings, self.me, meter, self.tracing or UNTRACED)
        return Loaded(merged, ways, open_sink)

    def _of_options(self) -> OperatorSettings:
        from gitopsd.cli.overruling import followed
        from gitopsd.daemon.settings import Schedule

        settings = followed(self.call.settings)
        if not self.hasty:
            return settings
        often = {"sync": Schedule(every_seconds=1), "drift": Schedule(every_seconds=5)}
        hurried = [each.model_copy(update=often) for each in settings.repositories]
        return settings.model_copy(update={"repositories": hurried})


def _fingerprint(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@contextmanager
def _signals(stop: threading.Event, reread: threading.Event) -> Iterator[None]:
    with ExitStack() as stack:
        for number, event in (
            (signal.SIGTERM, stop), (signal.SIGINT, stop), (signal.SIGHUP, reread),
        ):  # fmt: skip
            before = signal.signal(number, lambda *_, event=event: event.set())
            stack.callback(signal.signal, number, before)
        yield


@contextmanager
def _in_sandbox(source: SettingsSource) -> Iterator[SettingsSource]:
    """The operator's world on this machine: a cluster, a cloud, and a repository to push to."""
    from gitopsd.cli.demo.stage import furnish, stage
    from gitopsd.config import CloudSettings, SourceSettings

    # What is wrong with them wherever that world is, is told before there is one.
    given = source.call.settings
    anywhere = replace(given, source=SourceSettings(repo="sandbox"))
    replace(source, call=replace(source.call, settings=anywhere)).check()
    with tempfile.TemporaryDirectory(prefix="gitopsd-") as folder, stage(Path(folder)) as made:
        furnish(made)
        environment = made.environment
        os.environ.update({k: v for k, v in environment.items() if k.startswith("ALIBABA_")})
        settings = replace(
            given,
            source=SourceSettings(
                repo=str(made.remote), revision="main", cache=Path(folder) / "cache"
            ),
            cluster=replace(given.cluster, kubeconfig=str(made.sandbox.kubeconfig)),
            cloud=CloudSettings(made.sandbox.alb, made.sandbox.nlb, credentials_present=True),
        )
        terminal = source.call.terminal
        terminal.say(f"commit and push here, and watch: {made.tree}")
        names = "services,ingresses,exposures,driftreports"
        terminal.say(f"kubectl --kubeconfig {made.sandbox.kubeconfig} get {names} -A")
        yield replace(source, hasty=True, call=replace(source.call, settings=settings))
