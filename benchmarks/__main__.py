"""The table that `make bench` prints. Every figure is a ratio within this one run.

Absolute seconds belong to one machine on one day; what they are laid beside (the bare list, the
bare applies, ten times fewer specs) was measured here, a moment before or after.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import urllib.request
from collections.abc import Callable
from pathlib import Path

from benchmarks.processes import Cost, best, run
from benchmarks.repository import make, namespaces_of
from benchmarks.rows import Row
from benchmarks.serving import serving
from gitopsd.sandbox.embedded import Sandbox

#: Steps that an apply has under way at once; the bare applies get as many connections.
CONNECTIONS = 8
OBJECTS = 1000


def compiling(directory: Path) -> list[Row]:
    """Reading, checking and compiling from a bare clone, one and ten thousand specs."""
    small, large = (
        best(["-m", "benchmarks.compile_once", str(make(directory, count))])
        for count in (1_000, 10_000)
    )
    growth = Row(
        "compile 10,000 specs, CPU", f"{large.cpu:.2f} s", f"1,000: {small.cpu:.2f} s",
        large.cpu / small.cpu, "at most 11",
    )  # fmt: skip
    memory = Row(
        "  its peak memory", f"{large.peak:.0f} MiB", f"1,000: {small.peak:.0f} MiB",
        large.peak / small.peak,
    )  # fmt: skip
    return [growth, memory]


def prepare(sandbox: Sandbox, count: int) -> None:
    """Make the namespaces that the generated specs live in."""
    names = [f"team-{n}" for n in range(namespaces_of(count))]
    for name in names:
        body = json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        request = urllib.request.Request(
            f"{sandbox.kubernetes_url}/api/v1/namespaces",
            data=body.encode(),
            headers={
                "Authorization": f"Bearer {sandbox.tokens['admin']}",
                "Content-Type": "application/json",
            },
        )
        urllib.request.urlopen(request).close()


def command(bare: Path, sandbox: Sandbox, name: str, *more: str) -> list[str]:
    """A gitopsd command on the generated repository and the sandbox."""
    repository = ["--repo", str(bare), "--revision", "main"]
    return ["-m", "gitopsd", name, *repository, "--kubeconfig", str(sandbox.kubeconfig), *more]


def with_sandbox(directory: Path, name: str, work: Callable[[Sandbox], Cost]) -> Cost:
    """Do `work` against a fresh, prepared sandbox."""
    place = directory / name
    place.mkdir()
    with Sandbox(place, controllers=False) as sandbox:
        prepare(sandbox, OBJECTS)
        return work(sandbox)


def passes(directory: Path) -> list[Row]:
    """A first apply and a pass with nothing to do, beside the barest clients."""
    bare = directory / f"config-{OBJECTS}.git"
    rendered = directory / "rendered.json"
    output = run(["-m", "gitopsd", "render", "--repo", str(bare), "--revision", "main",
                  "-o", "json", "-q"]).output  # fmt: skip
    rendered.write_text(output)

    def bare_apply(sandbox: Sandbox) -> Cost:
        return run(["-m", "benchmarks.bare", "apply", sandbox.kubernetes_url,
                    sandbox.tokens["admin"], str(rendered), str(CONNECTIONS)])  # fmt: skip

    least = with_sandbox(directory, "bare", bare_apply)
    place = directory / "ours"
    place.mkdir()
    with Sandbox(place, controllers=False) as sandbox:
        prepare(sandbox, OBJECTS)
        first = run(command(bare, sandbox, "apply", "--yes", "-q"))
        listed = best(["-m", "benchmarks.bare", "list", sandbox.kubernetes_url,
                       sandbox.tokens["admin"]])  # fmt: skip
        assert int(listed.output) == OBJECTS, listed.output
        quiet = best(command(bare, sandbox, "plan", "--detailed-exitcode", "-q"))
    return [
        Row(f"first apply of {OBJECTS:,} objects", f"{first.wall:.2f} s",
            f"bare applies: {least.wall:.2f} s", first.wall / least.wall),
        Row("  its peak memory", f"{first.peak:.0f} MiB", f"bare: {least.peak:.0f} MiB",
            first.peak / least.peak),
        Row("pass with nothing to do, cold", f"{quiet.wall:.2f} s",
            f"bare list: {listed.wall:.2f} s", quiet.wall / listed.wall),
        Row("  the same, beside kapp's 3.7 s", f"{quiet.wall:.2f} s", "kapp deploy: 3.70 s",
            quiet.wall / 3.7, "at most 0.33"),
        Row("  its peak memory", f"{quiet.peak:.0f} MiB", f"bare: {listed.peak:.0f} MiB",
            quiet.peak / listed.peak),
    ]  # fmt: skip


def main() -> None:
    """Measure, and print the table."""
    argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__).parse_args()
    with tempfile.TemporaryDirectory(prefix="gitopsd-bench-") as place:
        directory = Path(place)
        rows = []
        for part in (compiling, passes, serving):
            print(f"measuring: {part.__name__} …", flush=True)
            rows += part(directory)
    print(f"\n{'what':34}{'measured':>12}   {'beside':26}{'ratio':>8}   goal")
    for row in rows:
        print(f"{row.name:34}{row.figure:>12}   {row.beside:26}{row.ratio:>8.2f}   {row.goal}")


if __name__ == "__main__":
    main()
