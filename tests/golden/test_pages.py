"""Golden pages: how drift reads in each form and language, word for word.

`pages/<name>.<language>.<form>` holds each; style sheets are left out, so that a colour is not a
difference. `make golden` writes them anew; who changes one reads the difference.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from gitopsd.cli.schemas import SCHEMAS
from gitopsd.drift.render import (
    LANGUAGES,
    Language,
    Page,
    Words,
    page_html,
    page_json,
    page_markdown,
    page_text,
    route_svg,
)
from tests.golden.runner import VARIABLE
from tests.unit.drift.staging import PAGES

HERE = Path(__file__).parent / "pages"
#: The names of the pages whose first route is drawn by itself as well.
DRAWN = "drifted"


def html(page: Page, words: Words) -> str:
    """The page, an element a line, without its style sheet."""
    text = re.sub(r"<style>.*?</style>", "", page_html([page], words), flags=re.DOTALL)
    return re.sub(r"(</(?:p|li|tr|h1|h2|h3|text|dd|head|svg|figure|article)>)", "\\1\n", text)


FORMS: dict[str, Callable[[Page, Words], str]] = {
    "html": html,
    "md": page_markdown,
    "txt": page_text,
}


def same(path: Path, text: str) -> None:
    if os.environ.get(VARIABLE) == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert path.read_text() == text, f"{path.name} reads otherwise; `make golden` writes it anew"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_reads_as_agreed(name: str, form: str, language: Language) -> None:
    text = FORMS[form](PAGES[name](), Words(language)).rstrip("\n")
    same(HERE / f"{name}.{language}.{form}", text + "\n")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_drawing_looks_as_agreed(language: Language) -> None:
    route = next(route for route in PAGES[DRAWN]().routes if route.moved)
    text = re.sub(r"<style>.*?</style>", "", route_svg(route, Words(language)), flags=re.DOTALL)
    same(HERE / f"{DRAWN}.{language}.svg", text.replace("</text>", "</text>\n") + "\n")


@pytest.mark.parametrize("name", PAGES)
def test_the_json_of_a_page_fits_its_schema_and_has_the_agreed_routes(name: str) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    content = page_json(PAGES[name]())
    schema = SCHEMAS["drift"]["properties"]["targets"]["items"]
    jsonschema.Draft202012Validator(schema).validate(content)
    text = json.dumps(content["routes"], indent=1, ensure_ascii=False)
    same(HERE / f"{name}.routes.json", text + "\n")
