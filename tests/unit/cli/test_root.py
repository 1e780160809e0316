"""What all commands share: help, exit codes, failures, what they import."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

from gitopsd import __version__
from gitopsd.cli import failures
from gitopsd.cli.root import COMMANDS, cli, run
from gitopsd.ports import Unreachable
from tests.unit.cli.conftest import Gitopsd

#: Slow or heavy libraries that only some commands need.
HEAVY = {
    "alibabacloud_alb20200616", "alibabacloud_nlb20220430", "cryptography", "darabonba",
    "deepdiff", "kubernetes", "rich", "uvicorn",
}  # fmt: skip
WRITTEN = sorted(set(COMMANDS) - {"demo"})


def imported(*arguments: str) -> set[str]:
    """The top-level modules that a command line imports, in a process of its own."""
    program = (
        "import json, sys\n"
        "from gitopsd.cli.root import run\n"
        "run(sys.argv[1:])\n"
        "print('\\n' + json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("arguments", [["--help"], ["validate"], ["render"], ["apply", "--help"]])
def test_no_sdk_is_imported_where_none_is_needed(arguments: list[str], repo: Path) -> None:
    given = [*arguments, str(repo)] if arguments[-1] in ("validate", "render") else arguments
    assert imported(*given) & HEAVY == set()


@pytest.mark.parametrize("command", WRITTEN)
def test_every_command_explains_itself_with_an_example(gitopsd: Gitopsd, command: str) -> None:
    said = gitopsd(command, "--help")
    assert said.code == 0
    assert "Example" in said.out
    assert f"gitopsd {command}" in said.out.partition("Example")[2]


@pytest.mark.parametrize("command", WRITTEN)
def test_every_option_explains_itself(command: str) -> None:
    with click.Context(cli) as context:
        found = cli.get_command(context, command)
    assert found is not None
    options = [p for p in found.params if isinstance(p, click.Option)]
    assert [option.name for option in options if not option.help] == []


def test_the_help_lists_every_command_with_its_line(gitopsd: Gitopsd) -> None:
    said = gitopsd("--help")
    assert [line for _, _, line in COMMANDS.values() if line not in said.out] == []


@pytest.mark.parametrize("command", ["validate", "render", "plan", "apply", "drift"])
def test_every_command_about_specs_takes_the_same_options(command: str) -> None:
    names = {
        "repo", "revision", "target", "instance", "kubeconfig", "context", "alb_endpoint",
        "nlb_endpoint", "quiet", "verbose", "no_color",
    }  # fmt: skip
    with click.Context(cli) as context:
        found = cli.get_command(context, command)
    assert found is not None
    assert names - {parameter.name for parameter in found.params} == set()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["plam"], "Did you mean plan?"),
        (["validate", "--taret", "x"], "--target"),
        (["plan", "--adopt", "Service/tea"], "KIND/NAMESPACE/NAME"),
        (["apply", "--approve", "abc"], "64 hexadecimal digits"),
        (["render", "-o", "xml"], "yaml"),
        (["render", "--instance", "Blue!"], "a-z"),
        (["validate", "--revision", "main"], "--repo"),
        (["schema", "exposures"], "exposure"),
    ],
)
def test_a_wrong_command_line_is_told_in_words_and_ends_with_1(
    gitopsd: Gitopsd, arguments: list[str], words: str
) -> None:
    said = gitopsd(*arguments)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("error: ")
    assert words in said.err


def test_a_wrong_command_line_of_drift_ends_with_2_because_1_is_drift(gitopsd: Gitopsd) -> None:
    assert gitopsd("drift", "--nonsense").code == 2


def test_a_failure_outside_says_what_where_and_what_to_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    invocation = failures.Invocation(["plan"])

    def fail() -> None:
        raise Unreachable("cluster x", "connection refused", "is it running?")

    assert failures.guarded(invocation, fail) == 1
    assert capsys.readouterr().err == ("error: cluster x: connection refused\n  → is it running?\n")


def test_a_fault_of_ours_ends_with_70_and_shows_no_traceback(
    gitopsd: Gitopsd, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("two and two are five")

    monkeypatch.setattr("gitopsd.cli.reading.read_specs", broken)
    said = gitopsd("validate", repo)
    assert said.code == 70
    assert "two and two are five" in said.err
    assert "-v" in said.err
    assert "Traceback" not in said.err
    assert "Traceback" in gitopsd("validate", repo, "-v").err


def test_an_interrupt_before_anything_is_written_ends_with_130(
    gitopsd: Gitopsd, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gitopsd.cli.reading.read_specs", interrupted)
    said = gitopsd("validate", repo)
    assert said.code == 130
    assert "nothing was written" in said.err


@pytest.mark.parametrize("arguments", [["schema", "all"], ["render"], ["validate"], ["--help"]])
def test_a_closed_pipe_ends_quietly(arguments: list[str], repo: Path) -> None:
    given = [*arguments, str(repo)] if arguments[0] in ("render", "validate") else arguments
    program = "from gitopsd.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", program, *given], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()  # as a reader that has seen enough
        complaint = process.stderr.read()
    assert complaint == b""


def test_the_version_is_printed_for_people_programs_and_scripts(gitopsd: Gitopsd) -> None:
    assert gitopsd("version").out.startswith(f"gitopsd {__version__} ")
    assert gitopsd("version", "-q").out == f"{__version__}\n"
    assert gitopsd("version", "-o", "json").json["version"] == __version__


def test_no_arguments_show_the_help() -> None:
    assert run([]) == 0
