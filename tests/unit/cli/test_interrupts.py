"""Ctrl-C: what was done is said, nothing is waited for, and the next run completes it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from gitopsd.sandbox.kubernetes.faults import Fault
from tests.unit.cli.conftest import Gitopsd
from tests.unit.cli.stage import Stage


def test_ctrl_c_in_the_middle_of_apply_says_what_was_done_and_the_next_run_completes_it(
    gitopsd: Gitopsd, repo: Path, stage: Stage
) -> None:
    slow = Fault("latency", verbs=("patch",), resources=("services",), times=0, seconds=3.0)
    stage.sandbox.cluster.faults.add(slow)
    program = "from gitopsd.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", program, "apply", str(repo), "--yes", "-v"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ),
    ) as process:  # fmt: skip
        assert process.stderr is not None
        for line in process.stderr:
            if "of 6 steps" in line:  # the first step is done, and others are under way
                process.send_signal(signal.SIGINT)
                break
        out, err = process.communicate(timeout=300)
    assert process.returncode == 130, out + err
    assert "were done" in err
    assert "not begun" in out
    stage.sandbox.cluster.faults.clear()
    assert gitopsd("apply", repo, "--yes").code == 0
    assert gitopsd("plan", repo, "--detailed-exitcode").code == 0
    assert stage.services() == {"checkout", "tea-forward-1"}


def test_a_second_ctrl_c_waits_for_nothing_and_still_says_what_was_done(
    gitopsd: Gitopsd, repo: Path, stage: Stage
) -> None:
    stuck = Fault("latency", verbs=("patch",), resources=("services",), times=0, seconds=600.0)
    stage.sandbox.cluster.faults.add(stuck)
    program = "from gitopsd.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", program, "apply", str(repo), "--yes", "-v"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ),
    ) as process:  # fmt: skip
        assert process.stderr is not None
        for said in ("of 6 steps", "Ctrl-C again leaves now"):  # a third one would silence it
            assert any(said in line for line in process.stderr)
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=300)
    assert process.returncode == 130, out + err
    assert "under way and not waited for" in out
    assert "were done" in err
    stage.sandbox.cluster.faults.clear()
    # Its lease would end by itself, in its time.
    stage.sandbox.cluster.delete(
        "leases.coordination.k8s.io", "gitopsd-system", "gitopsd-acme-hangzhou"
    )
    assert gitopsd("apply", repo, "--yes").code == 0
    assert gitopsd("plan", repo, "--detailed-exitcode").code == 0


def test_ctrl_c_while_looking_ends_at_once_although_requests_are_under_way(
    repo: Path, stage: Stage
) -> None:
    slow = Fault("latency", verbs=("list",), resources=("services",), times=0, seconds=600.0)
    stage.sandbox.cluster.faults.add(slow)
    program = "from gitopsd.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", program, "plan", str(repo), "-v"],
        stderr=subprocess.PIPE, text=True, env=dict(os.environ),
    ) as process:  # fmt: skip
        assert process.stderr is not None
        for line in process.stderr:
            if "observing" in line:
                process.send_signal(signal.SIGINT)
                break
        _, err = process.communicate(timeout=300)
    assert process.returncode == 130
    assert "nothing was written" in err


#: What a machine does that is so busy that the thread which leaves at once gets to read late.
_LATE = """
import os, select, signal, threading
from gitopsd.cli.failures import Invocation
from gitopsd.cli.interrupts import handled, leave_at_once

read, asked, turn = os.read, [], threading.Event()
begun = threading.Event()

def late(number, count):
    asked.append(number)
    begun.set()
    turn.wait()
    return read(number, count)

os.read = late
leave_at_once(Invocation(["apply"], writing=True))
begun.wait()
stopped = []
with handled(lambda: stopped.append(True)):
    os.kill(os.getpid(), signal.SIGINT)
woken = bool(select.select(asked, [], [], 0)[0])
print("handled" if stopped and not woken else "left", flush=True)
os.kill(os.getpid(), signal.SIGINT)
turn.set()
threading.Event().wait()
"""


def test_a_ctrl_c_that_was_handled_does_not_end_the_command_later() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LATE], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.stdout == "handled\n", done.stderr
    assert done.returncode == 130, "one that comes after the block leaves"
    assert "interrupted" in done.stderr


#: Somebody who presses Ctrl-C while the modules of the commands are looked for.
_IMPATIENT = """
import os, signal, sys

class Impatient:
    def find_spec(self, name, path=None, target=None):
        if name == "gitopsd.cli.root":
            os.kill(os.getpid(), signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background ignores it
sys.meta_path.insert(0, Impatient())
from gitopsd.cli import main
main()
"""


def test_ctrl_c_while_the_program_loads_ends_it_without_a_traceback() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _IMPATIENT], capture_output=True, text=True, timeout=300, check=False
    )
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "")
