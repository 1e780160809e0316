"""The shape of the code: sizes, names and docstrings, for what the linters do not look at."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "gitopsd"
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST_FILE, LONGEST_FUNCTION = 400, 60
#: Names that say nothing about what a module is for.
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
TEXTS = {".py", ".md", ".toml", ".yaml", ".yml", ".json", ".lock", ".cfg", ".txt", ""}
#: Places on one machine, and registries: the project must not know where it was written.
MACHINE = re.compile(
    r"/(work|farm|root|home)/[a-z.]|pypi\.org/simple|registry\.npmjs|deb\.debian\.org"
    r"|files\.pythonhosted"
)


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def kept_files() -> list[Path]:
    """The files that are, or would be, in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode != 0:
        pytest.skip("the tree is not a Git repository, so nobody knows which files belong to it")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [relative(p) for p in MODULES if {p.stem, p.parent.name} & EMPTY_NAMES] == []


def test_no_module_is_so_long_that_it_holds_two_things() -> None:
    lengths = {relative(p): len(p.read_text(encoding="utf-8").splitlines()) for p in MODULES}
    assert {name: n for name, n in lengths.items() if n > LONGEST_FILE} == {}


def test_no_function_is_so_long_that_it_tells_two_stories() -> None:
    long = [
        f"{relative(path)}:{node.lineno} {node.name}"
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]
    assert long == []


def test_every_package_says_what_belongs_in_it() -> None:
    missing = [
        relative(path)
        for path in MODULES
        if path.name == "__init__.py" and len(ast.get_docstring(tree(path)) or "") < 40
    ]
    assert missing == []


def test_every_folder_with_modules_is_a_package() -> None:
    folders = {path.parent for path in MODULES}
    assert [relative(f) for f in sorted(folders) if not (f / "__init__.py").exists()] == []


def test_nothing_is_left_unfinished() -> None:
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|NotImplemented" + r"Error)\b")
    found = [
        f"{relative(path)}:{number}"
        for path in MODULES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if marks.search(line)
    ]
    assert found == []


def test_no_exception_is_swallowed() -> None:
    broad = {"Exception", "BaseException"}
    found = [
        f"{relative(path)}:{node.lineno}"
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in broad))
        and all(isinstance(statement, ast.Pass | ast.Continue) for statement in node.body)
    ]
    assert found == []


def test_no_file_is_called_like_an_option() -> None:
    assert [relative(path) for path in kept_files() if path.name.startswith("-")] == []


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    found = []
    for path in kept_files():
        if path.suffix not in TEXTS or path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if MACHINE.search(line):
                found.append(f"{relative(path)}:{number}: {line.strip()[:80]}")
    assert found == []


def test_the_locks_hold_names_versions_and_hashes_only() -> None:
    line = re.compile(r"[a-z0-9][a-z0-9._-]*(\[[a-z0-9,-]+\])?==[^ ]+( ; [^\\]+)? \\"
                      r"|    --hash=sha256:[0-9a-f]{64}( \\)?")  # fmt: skip
    for name in ("requirements.lock", "requirements-dev.lock"):
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        assert [text for text in lines if not line.fullmatch(text)] == []


def test_every_runtime_dependency_is_pinned_alike_in_both_locks() -> None:
    def pins(name: str) -> dict[str, str]:
        text = (ROOT / name).read_text(encoding="utf-8")
        return dict(re.findall(r"^([a-z0-9._-]+)==([^ ]+)", text, re.MULTILINE))

    runtime, development = pins("requirements.lock"), pins("requirements-dev.lock")
    assert {n: v for n, v in runtime.items() if development.get(n) != v} == {}


def test_the_architecture_page_knows_every_part() -> None:
    parts = {
        path.name for path in PACKAGE.iterdir()
        if not path.name.startswith("_") and (path.is_dir() or path.suffix == ".py")
    }  # fmt: skip
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `([a-z_.]+)/?`", page, re.MULTILINE))
    assert parts - named == set()
