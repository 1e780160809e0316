"""`python -m benchmarks.soak [PASSES]`: what an operator holds on to over many passes (10,000).

The sandbox is a process of its own, so that what is measured is the operator's alone. It ends with
1 when threads, descriptors or memory have grown since the first tenth of the passes.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gitopsd.config import CloudSettings, ClusterSettings, Settings, SourceSettings
from gitopsd.daemon.agenda import Wish
from gitopsd.daemon.journal import Journal
from gitopsd.daemon.operator import Operator
from gitopsd.daemon.outside import Loaded
from gitopsd.daemon.passes import PassResult
from gitopsd.daemon.settings import OperatorSettings, Repository
from gitopsd.wiring.sites import Ways

PASSES = 10_000
#: What may be added between the first tenth and the end.
THREADS, DESCRIPTORS, MEBIBYTES = 2, 4, 8.0


@dataclass(frozen=True, slots=True)
class Held:
    """What the process holds."""

    threads: int
    descriptors: int
    memory: float

    @classmethod
    def now(cls) -> Held:
        """At this moment."""
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        memory = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
        return cls(threading.active_count(), len(list(Path("/proc/self/fd").iterdir())), memory)

    def __str__(self) -> str:
        return f"{self.threads} threads, {self.descriptors} descriptors, {self.memory:.1f} MiB"


@contextmanager
def sandbox(folder: Path) -> Iterator[dict[str, str]]:
    """A sandbox in a process of its own."""
    command = [sys.executable, "-m", "gitopsd", "sandbox", "--dir", str(folder)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        while not (folder / "environment.sh").exists():
            time.sleep(0.1)
        yield json.loads((folder / "sandbox.json").read_text())
    finally:
        process.terminate()
        process.wait()


def repository(folder: Path) -> Path:
    """The examples, committed."""
    examples = Path(__file__).parents[1] / "examples" / "repo"
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run(["cp", "-r", str(examples), str(folder)], check=True)
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], [*who, "commit", "-qm", "all"]):
        subprocess.run(["git", "-C", str(folder), *words], check=True)
    return folder


def soak(operator: Operator, ended: threading.Semaphore, passes: int) -> tuple[Held, Held]:
    """Do the passes; what is held after the first tenth, and in the end."""
    ended.acquire()
    desk = next(iter(operator.targets.values()))
    first = Held.now()
    for number in range(1, passes + 1):
        if number % 20 == 0:
            operator.look()
        desk.wish(Wish.DRIFT)
        ended.acquire()
        if number == passes // 10:
            first = Held.now()
        if number % max(1, passes // 10) == 0:
            print(f"{number:>8,} passes: {Held.now()}", flush=True)
    return first, Held.now()


def main() -> int:
    """Soak, and say whether it stayed flat."""
    passes = int(sys.argv[1]) if len(sys.argv) > 1 else PASSES
    ended = threading.Semaphore(0)

    def count(_: tuple[str, str], __: PassResult | None) -> None:
        ended.release()

    with tempfile.TemporaryDirectory() as place, sandbox(Path(place) / "sandbox") as about:
        os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"] = about["accessKeyId"]
        os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] = about["accessKeySecret"]
        settings = Settings(
            SourceSettings(cache=Path(place) / "cache"),
            ClusterSettings(str(Path(place) / "sandbox" / "kubeconfig.yaml")),
            CloudSettings(about["alb"], about["nlb"], credentials_present=True),
        )
        url = str(repository(Path(place) / "config"))
        followed = OperatorSettings(repositories=[Repository(name="soak", url=url, branch="main")])
        operator = Operator(Journal(lambda _: None), ended=count)
        operator.start()
        operator.load(Loaded(followed, Ways(settings, "soak")))
        began = time.monotonic()
        first, last = soak(operator, ended, passes)
        print(f"{(time.monotonic() - began) / passes * 1000:.1f} ms a pass")
        operator.leave(10)
    flat = (
        last.threads <= first.threads + THREADS
        and last.descriptors <= first.descriptors + DESCRIPTORS
        and last.memory <= first.memory + MEBIBYTES
    )
    print("flat" if flat else f"it has grown: {first} -> {last}")
    return 0 if flat else 1


if __name__ == "__main__":
    sys.exit(main())
