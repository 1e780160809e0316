"""What holds for every test."""

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from gitopsd.cli import attending

# Machines are slow at times, so no example has a deadline. In CI the same examples run every time;
# elsewhere new ones are looked for.
settings.register_profile("gitopsd", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("gitopsd")


@pytest.fixture(autouse=True, scope="session")
def patience() -> Iterator[None]:
    """A machine that is busy with tests may be slow to answer: `gitopsd status` waits for it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attending, "FIRST", 120.0)
        patch.setattr(attending, "SILENCE", 120.0)
        yield


def pytest_collection_finish() -> None:
    """What was imported and collected lives as long as the process: each look for garbage that
    went through it again would cost more than most tests.
    """
    gc.collect()
    gc.freeze()
