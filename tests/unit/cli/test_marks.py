"""The page of marks is current, and knows every mark that an output prints."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import gitopsd
from gitopsd.cli.marks import marks, page

ROOT = Path(gitopsd.__file__).parent
PAGE = ROOT.parent / "docs/reference/marks.md"
OUTPUTS = ("drift/render", "planning/render", "cli")
#: Signs that set text and mark nothing: arrows, dashes, dots, and the drawing's own.
SETTING = set("→…–·×≥≤“”’ ﹏")
ANY_MARK = re.compile(r"[\u2010-\u2fff«»±×÷]")


def test_the_page_of_marks_says_what_the_outputs_print() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run make docs and review the difference"


def test_every_mark_of_an_output_stands_in_the_page() -> None:
    known = {mark for _, mark, _, _ in marks()} | SETTING
    for part in OUTPUTS:
        for path in (ROOT / part).rglob("*.py"):
            tree = ast.parse(path.read_text())
            texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
            found = {m for text in texts if isinstance(text, str) for m in ANY_MARK.findall(text)}
            assert found <= known, f"{path.name}: {found - known}"
