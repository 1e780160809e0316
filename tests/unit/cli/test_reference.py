"""The generated page of commands is current."""

from __future__ import annotations

from pathlib import Path

from gitopsd.cli.reference import page
from gitopsd.cli.root import COMMANDS

PAGE = Path(__file__).parents[3] / "docs/reference/commands.md"


def test_the_page_of_commands_says_what_the_commands_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run make docs and review the difference"


def test_every_command_has_its_part_of_the_page() -> None:
    assert [name for name in COMMANDS if f"## gitopsd {name}\n" not in page()] == []
