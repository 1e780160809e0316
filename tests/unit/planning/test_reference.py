"""The pages about plans say what the tables say."""

from pathlib import Path

import pytest

from gitopsd.model.plan import Guard
from gitopsd.planning.holds import HOLDS, WHEN
from gitopsd.planning.reference import PAGES

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_page_is_current(name: str) -> None:
    page = (REFERENCE / f"{name}.md").read_text(encoding="utf-8")
    assert page == PAGES[name](), "run `make docs`"


def test_every_guard_says_when_it_holds_and_in_which_words() -> None:
    assert set(WHEN) == set(Guard)
    assert {guard for guard, _, _ in HOLDS.values()} == set(Guard)


def test_every_hold_says_how_to_go_on() -> None:
    silent = {guard for guard, _, release in HOLDS.values() if not release and not guard.approvable}
    assert silent == {Guard.DEPENDENCY}
