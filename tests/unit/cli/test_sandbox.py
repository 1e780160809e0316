"""gitopsd sandbox: it serves until it is told to end, and says how it is reached."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Gitopsd

PROGRAM = "from gitopsd.cli import main; main()"


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_told_to_end(tmp_path: Path, end: signal.Signals) -> None:
    command = [sys.executable, "-c", PROGRAM, "sandbox", "--dir", str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        about = json.loads((tmp_path / "sandbox.json").read_text())
        shell = (tmp_path / "environment.sh").read_text()
        mode = (tmp_path / "environment.sh").stat().st_mode & 0o777
        process.send_signal(end)
        process.communicate(timeout=30)
    assert about["kubernetes"]["url"] in first
    assert f"export GITOPSD_ALB_ENDPOINT={about['alb']}\n" in shell
    assert mode == 0o600
    assert process.returncode == 0
    assert not (tmp_path / "environment.sh").exists()


def test_a_port_that_is_taken_is_told(gitopsd: Gitopsd, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = gitopsd("sandbox", "--dir", tmp_path, "--alb-port", taken.getsockname()[1])
    assert said.code == 1
    assert "in use" in said.err


def test_a_folder_that_cannot_be_written_is_told(gitopsd: Gitopsd, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert gitopsd("sandbox", "--dir", tmp_path / "file" / "below").code == 1


def test_faults_are_ordered_at_the_start_and_while_it_serves(
    gitopsd: Gitopsd, tmp_path: Path
) -> None:
    at_start = "cloud:throttle:AddServersToServerGroup:times=3,retry-after=2"
    words = ["sandbox", "--dir", str(tmp_path), "--fault", at_start, "--seed", "7"]
    command = [sys.executable, "-c", PROGRAM, *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        process.stderr.readline()
        added = gitopsd("sandbox", "fault", "--dir", tmp_path, "add", "kubernetes:conflict:patch")
        listed = gitopsd("sandbox", "fault", "--dir", tmp_path, "list")
        cleared = gitopsd("sandbox", "fault", "--dir", tmp_path, "clear")
        process.terminate()
        process.communicate(timeout=30)
    assert [added.code, listed.code, cleared.code] == [0, 0, 0]
    assert added.out == listed.out
    assert [line.split()[-1] for line in listed.out.splitlines()] == [
        at_start,
        "kubernetes:conflict:patch",
    ]
    assert cleared.out == ""


def test_a_fault_that_is_no_order_is_told_before_anything_serves(
    gitopsd: Gitopsd, tmp_path: Path
) -> None:
    said = gitopsd("sandbox", "--dir", tmp_path, "--fault", "cloud:throtle")
    assert (said.code, "did you mean throttle?" in said.err) == (1, True)
    assert list(tmp_path.iterdir()) == []


def test_where_no_sandbox_runs_there_is_nothing_to_order(gitopsd: Gitopsd, tmp_path: Path) -> None:
    said = gitopsd("sandbox", "fault", "--dir", tmp_path, "list")
    assert (said.code, "no sandbox runs in" in said.err) == (1, True)


def test_it_needs_a_folder(gitopsd: Gitopsd) -> None:
    assert "--dir" in gitopsd("sandbox").err
    assert "--dir" in gitopsd("sandbox", "fault", "list").err
