"""What was read before is read again without its contents, and means the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from gitopsd.adapters.cache import CacheFile
from gitopsd.adapters.git import LocalFolder
from gitopsd.ports import Tree
from gitopsd.spec.contents import SpecCache
from gitopsd.spec.reading import read_specs
from gitopsd.spec.saved import dump, load

EXAMPLES = Path(__file__).parents[3] / "examples" / "repo"
BROKEN = "apiVersion: gitopsd.io/v1alpha1\nkind: Exposure\nmetadata: {name: x}\nspec: {}\n"


class Counting:
    """A source that counts the contents it was asked for."""

    def __init__(self, folder: Path) -> None:
        self._inner = LocalFolder(folder)
        self.asked = 0

    def tree(self) -> Tree:
        return self._inner.tree()

    def blobs(self, ids: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
        self.asked += len(ids)
        return self._inner.blobs(ids)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for file in EXAMPLES.rglob("*.yaml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "broken.yaml").write_text(BROKEN)
    return tmp_path


def test_saved_specs_are_what_was_read(repository: Path) -> None:
    first = SpecCache()
    read = read_specs(Counting(repository), first)
    source, again = Counting(repository), load(dump(first, "me"), "me")
    assert read_specs(source, again) == read
    assert source.asked == 1, "only the file with a mistake is read again"


def test_nothing_new_need_not_be_saved(repository: Path) -> None:
    (repository / "broken.yaml").unlink()
    first = SpecCache()
    read_specs(Counting(repository), first)
    again = load(dump(first, "me"), "me")
    assert first.added
    read_specs(Counting(repository), again)
    assert not again.added


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b'{"reader": "me"}', b'{"reader": "me", "contents": {"a": [0, [[]]]}}'],
)
def test_a_damaged_file_is_taken_for_nothing(data: bytes) -> None:
    assert len(load(data, "me")) == 0


def test_another_readers_file_is_taken_for_nothing(repository: Path) -> None:
    first = SpecCache()
    read_specs(Counting(repository), first)
    assert len(load(dump(first, "me"), "you")) == 0


def test_a_cache_file_is_private_and_may_be_missing(tmp_path: Path) -> None:
    file = CacheFile(tmp_path / "deep" / "specs.json")
    assert file.read() == b""
    assert file.write(b"x") == ""
    assert file.read() == b"x"
    assert file.path.stat().st_mode & 0o077 == 0


def test_a_cache_that_cannot_be_written_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert CacheFile(tmp_path / "file" / "specs.json").write(b"x") != ""
