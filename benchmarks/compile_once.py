"""Read, check and compile one repository from its bare clone, in this process."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from gitopsd.adapters.git import GitRepository
from gitopsd.compiler import compile_specs
from gitopsd.rules import check
from gitopsd.spec.reading import read_specs


def main(url: str) -> None:
    """Compile `main` of the repository at `url` and tell how many objects came out."""
    with tempfile.TemporaryDirectory() as cache:
        source = GitRepository(url, "main", cache_dir=Path(cache))
        specs = read_specs(source)
        state = compile_specs(specs, check(specs))
    count = sum(len(target.objects) for target in state.targets.values())
    print(count)


if __name__ == "__main__":
    main(sys.argv[1])
