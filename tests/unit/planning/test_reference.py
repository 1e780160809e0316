"""The page of notices says what the table says."""

from pathlib import Path

from gitopsd.planning.reference import page

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "notices.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"
