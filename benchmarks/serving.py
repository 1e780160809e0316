"""The sandbox as a server: how soon, how fast, how patient with others, how big.

It runs as a process of its own; the clients are this process, beside it on the same processors.
"""

from __future__ import annotations

import json
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
import urllib3

from benchmarks.rows import Row

CONNECTIONS = 8
LISTED, HELD, APPLIED = 10_000, 20_000, 2_000
SERVICES = "/api/v1/namespaces/default/services"


@dataclass(frozen=True, slots=True)
class Running:
    """A sandbox process and how to talk to it."""

    process: subprocess.Popen[bytes]
    url: str
    pool: urllib3.PoolManager
    ready: float

    def resident(self) -> float:
        """Its memory in MiB."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(text.split("VmRSS:")[1].split()[0]) / 1024


@contextmanager
def running(directory: Path, *more: str) -> Iterator[Running]:
    """A sandbox, from its first instruction to its last."""
    about = directory / "sandbox.json"
    begun = time.perf_counter()
    command = [sys.executable, "-m", "gitopsd", "sandbox", "--dir", str(directory), *more]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    assert process.stderr is not None
    process.stderr.readline()
    ready = time.perf_counter() - begun
    told = json.loads(about.read_text())["kubernetes"]
    headers = {"Authorization": f"Bearer {told['tokens']['admin']}"}
    pool = urllib3.PoolManager(maxsize=64, headers=headers)
    try:
        yield Running(process, told["url"], pool, ready)
    finally:
        pool.clear()
        process.send_signal(signal.SIGTERM)
        process.communicate()


def service(name: str, port: int = 80) -> bytes:
    """A Service as gitopsd would apply it."""
    labels = {"app.kubernetes.io/managed-by": "gitopsd", "gitopsd.io/exposure": name}
    ports = [{"name": "http", "port": port, "targetPort": 8080, "protocol": "TCP"}]
    return orjson.dumps(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name, "namespace": "default", "labels": labels},
            "spec": {"type": "ClusterIP", "selector": {"app": name}, "ports": ports},
        }
    )


def applies(sandbox: Running, names: list[str]) -> float:
    """Seconds that server-side applies of new Services take, eight connections at once."""
    kind = {**sandbox.pool.headers, "Content-Type": "application/apply-patch+yaml"}

    def apply(name: str) -> int:
        url = f"{sandbox.url}{SERVICES}/{name}?fieldManager=bench&force=true"
        return sandbox.pool.request("PATCH", url, body=service(name), headers=kind).status

    begun = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        statuses = set(threads.map(apply, names))
    if statuses != {201}:
        raise RuntimeError(f"applies were answered {statuses}")
    return time.perf_counter() - begun


def pages(sandbox: Running) -> float:
    """Seconds to list what there is, 500 a page."""
    begun, token = time.perf_counter(), ""
    while True:
        url = f"{sandbox.url}/api/v1/services?limit=500&continue={token}"
        token = orjson.loads(sandbox.pool.request("GET", url).data)["metadata"].get("continue", "")
        if not token:
            return time.perf_counter() - begun


def one_at_a_time(sandbox: Running, until: threading.Event) -> list[float]:
    """Seconds of each GET of one object, asked over and over by somebody else."""
    found = []
    while not until.is_set() or len(found) < 50:
        begun = time.perf_counter()
        sandbox.pool.request("GET", f"{sandbox.url}{SERVICES}/s-0")
        found.append(time.perf_counter() - begun)
        time.sleep(0.002)
    return found


def while_listing(sandbox: Running) -> tuple[float, list[float]]:
    """Seconds of a list, and what another client waited for each of its answers meanwhile."""
    done, waited = threading.Event(), []
    other = threading.Thread(target=lambda: waited.extend(one_at_a_time(sandbox, done)))
    other.start()
    seconds = pages(sandbox)
    done.set()
    other.join()
    return seconds, waited


def serving(directory: Path) -> list[Row]:
    """The rows of the table that are about the sandbox."""
    place = directory / "serving"
    with running(place) as first:
        ready = first.ready
    with running(place) as with_controllers:
        slow = applies(with_controllers, [f"c-{n}" for n in range(APPLIED)])
    with running(place, "--no-controllers") as sandbox:
        fast = applies(sandbox, [f"s-{n}" for n in range(APPLIED)])
        applies(sandbox, [f"s-{n}" for n in range(APPLIED, LISTED)])
        idle = threading.Event()
        idle.set()
        alone = statistics.median(one_at_a_time(sandbox, idle))
        seconds, waited = while_listing(sandbox)
        applies(sandbox, [f"s-{n}" for n in range(LISTED, HELD)])
        resident = sandbox.resident()
    longest = max(waited)
    return [
        Row("sandbox ready", f"{ready:.2f} s", "goal: 1 s", ready, "at most 1"),
        Row("applies a second", f"{APPLIED / fast:.0f}", "goal: 150", APPLIED / fast / 150,
            "at least 1"),
        Row("  with controllers", f"{APPLIED / slow:.0f}", "goal: 150", APPLIED / slow / 150,
            "at least 1"),
        Row(f"list {LISTED:,} Services by 500", f"{seconds:.2f} s",
            f"an apply of each: {LISTED * fast / APPLIED:.1f} s",
            seconds * APPLIED / (LISTED * fast)),
        Row("  longest wait of another GET", f"{longest * 1000:.0f} ms",
            f"alone, median: {alone * 1000:.1f} ms", longest / alone),
        Row(f"memory with {HELD:,} objects", f"{resident:.0f} MiB", "goal: 500 MiB",
            resident / 500, "at most 1"),
    ]  # fmt: skip
