"""What all commands share: help, exit codes, failures, what they import."""

from __future__ import annotations

import json
import logging
import shlex
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
from tests.unit.cli.stage import Stage

#: Slow or heavy libraries that only some commands need.
HEAVY = {
    "alibabacloud_alb20200616", "alibabacloud_nlb20220430", "cryptography", "darabonba",
    "deepdiff", "kubernetes", "rich", "uvicorn",
}  # fmt: skip
WRITTEN = sorted(set(COMMANDS) - {"demo"})


def imported(*arguments: str) -> set[str]:
    """The modules that a command line imports, in a process of its own."""
    program = (
        "import json, sys\n"
        "from gitopsd.cli.root import run\n"
        "run(sys.argv[1:])\n"
        "print('\\n' + json.dumps(sorted(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("arguments", [["--help"], ["validate"], ["render"], ["apply", "--help"]])
def test_no_sdk_is_imported_where_none_is_needed(arguments: list[str], repo: Path) -> None:
    given = [*arguments, str(repo)] if arguments[-1] in ("validate", "render") else arguments
    assert imported(*given) & HEAVY == set()


def test_a_plan_loads_no_compiler_for_what_the_last_run_compiled(repo: Path, stage: Stage) -> None:
    readers = {"gitopsd.compiler", "gitopsd.rules", "gitopsd.spec"}
    assert readers <= imported("plan", str(repo))
    assert readers & imported("plan", str(repo)) == set()


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
        (["-q", "validate"], "-q goes behind the command: gitopsd validate -q"),
        (["--target", "x", "plan"], "--target goes behind the command: gitopsd plan --target …"),
        (["--no-color"], "gitopsd plan --no-color"),
        (["--nonsense", "plan"], "--nonsense"),
        (["render", "-o"], "gitopsd render --help"),
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

    monkeypatch.setattr("gitopsd.engine.repository.read_specs", broken)
    said = gitopsd("validate", repo)
    assert said.code == 70
    assert "two and two are five" in said.err
    assert "-v" in said.err
    assert "Traceback" not in said.err
    assert "Traceback" in gitopsd("validate", repo, "-v").err


def test_what_libraries_log_is_shown_only_when_asked_for(
    gitopsd: Gitopsd, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = logging.getLogger("test.library")

    def fail(*_: object) -> None:
        # a handler of its own, as the cloud's SDK has one
        monkeypatch.setattr(library, "handlers", [logging.StreamHandler(sys.stderr)])
        library.error("tried in vain")
        raise Unreachable("the cloud", "no answer")

    monkeypatch.setattr("gitopsd.engine.repository.read_specs", fail)
    assert gitopsd("validate", repo).err == "error: the cloud: no answer\n"
    assert "tried in vain\n" in gitopsd("validate", repo, "-v").err


def test_an_interrupt_before_anything_is_written_ends_with_130(
    gitopsd: Gitopsd, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gitopsd.engine.repository.read_specs", interrupted)
    said = gitopsd("validate", repo)
    assert said.code == 130
    assert "nothing was written" in said.err


PROGRAM = [sys.executable, "-c", "from gitopsd.cli import main; main()"]
OUTPUTS = [["schema"], ["render"], ["validate"], ["--help"], ["plan", "--help"], ["--version"]]


def about(repo: Path, arguments: list[str]) -> list[str]:
    """A command line of `OUTPUTS`, about a repository where it is about one."""
    return [*arguments, str(repo)] if arguments[-1] in ("render", "validate") else arguments


@pytest.mark.parametrize("arguments", OUTPUTS)
def test_a_closed_pipe_ends_quietly(arguments: list[str], repo: Path) -> None:
    with subprocess.Popen(
        [*PROGRAM, *about(repo, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()  # as a reader that has seen enough
        complaint = process.stderr.read()
    assert (complaint, process.returncode) == (b"", 141)


def at_shell(arguments: list[str], redirect: str) -> subprocess.CompletedProcess[str]:
    """Run a command line with streams that a shell has redirected."""
    line = f"{shlex.join([*PROGRAM, *arguments])} {redirect}"
    return subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("arguments", OUTPUTS)
@pytest.mark.parametrize(("redirect", "why"), [(">&-", "closed"), (">/dev/full", "No space left")])
def test_an_output_that_cannot_be_written_is_told_in_a_sentence(
    arguments: list[str], repo: Path, redirect: str, why: str
) -> None:
    done = at_shell(about(repo, arguments), redirect)
    assert done.returncode == 1
    assert done.stderr.startswith("error: the output cannot be written to stdout: ")
    assert why in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_output_of_drift_that_cannot_be_written_ends_with_2() -> None:
    assert at_shell(["drift", "--help"], ">&-").returncode == 2


@pytest.mark.parametrize("redirect", ["2>&-", "2>/dev/full", "<&-", "<&- 2>&-"])
def test_a_command_that_cannot_complain_works_all_the_same(repo: Path, redirect: str) -> None:
    done = at_shell(["render", str(repo), "-v"], redirect)  # -v tells its progress on stderr
    assert done.returncode == 0
    assert "kind: Ingress" in done.stdout


def test_the_version_is_also_an_option(gitopsd: Gitopsd) -> None:
    assert gitopsd("--version") == gitopsd("version")


def test_the_version_is_printed_for_people_programs_and_scripts(gitopsd: Gitopsd) -> None:
    assert gitopsd("version").out.startswith(f"gitopsd {__version__} ")
    assert gitopsd("version", "-q").out == f"{__version__}\n"
    assert gitopsd("version", "-o", "json").json["version"] == __version__


def test_no_arguments_show_the_help() -> None:
    assert run([]) == 0
