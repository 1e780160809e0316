"""Git's words become our errors; what users wrote never becomes git's options."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitopsd.adapters.git.errors import quote, translate
from gitopsd.adapters.git.files import chunks, is_wanted, legible
from gitopsd.adapters.git.links import Layout
from gitopsd.adapters.git.objects import Damaged, blob_id, parse_contents, parse_listing
from gitopsd.adapters.git.revisions import (
    Advertised,
    check_revision,
    choose,
    missing,
    parse_advertised,
)
from gitopsd.ports import RepositoryError

LAWS = settings(deadline=None, derandomize=True)

A, B = "a" * 40, "b" * 40


def test_unknown_words_have_no_translation() -> None:
    assert translate("x", "fatal: pack has 3 unresolved deltas") is None


def test_secrets_and_user_names_are_taken_out_of_gits_words() -> None:
    words = "fatal: unable to access 'https://me:hush@h/x': hush is wrong\x1b[31m"
    assert quote(words, "hush") == "fatal: unable to access 'https://***@h/x': *** is wrong?[31m"


def test_the_telling_line_is_quoted_and_kept_short() -> None:
    assert quote("warning: a\nremote: b\nfatal: c\nmore") == "fatal: c"
    assert quote("only this\n") == "only this"
    assert quote("") == ""
    assert len(quote("fatal: " + "x" * 5000)) == 300


@LAWS
@given(st.text(st.sampled_from("ab./-@{~^:?*[\\ \x01\x7f") | st.characters(), max_size=12))
def test_revisions_are_legal_exactly_as_git_says(text: str) -> None:
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        return
    if b"\0" in encoded or text in ("@", "") or text.startswith("-") or text.endswith("."):
        return
    try:
        ours = check_revision(text) == text
    except RepositoryError:
        ours = False
    theirs = subprocess.run(
        ["git", "check-ref-format", f"refs/heads/{text}"], capture_output=True, check=False
    )
    assert ours is (theirs.returncode == 0)


def test_refs_are_read_without_peeled_ones_and_noise() -> None:
    out = f"ref: refs/heads/main\tHEAD\n{A}\tHEAD\n{B}\trefs/tags/v1\n{A}\trefs/tags/v1^{{}}\nx\n"
    refs = parse_advertised(out.encode())
    assert refs == [Advertised("HEAD", A), Advertised("refs/tags/v1", B)]
    assert choose("v1", refs) == Advertised("refs/tags/v1", B)
    assert choose("v2", refs) is None


def test_names_of_refs_are_shown_without_control_characters() -> None:
    error = missing("x", "main", [Advertised("refs/heads/a\x1bb", A)])
    assert error.mend == "it has a?b"


def test_a_listing_is_read_by_folder_with_sizes() -> None:
    out = (
        f"100644 blob {A}      12\tx/a.yaml\x00100755 blob {B}       3\tx/y/b.yml\0"
        f"100644 blob {B}       3\tx2/c.yaml\x00120000 blob {A}       5\tx/l.yaml\0"
        f"160000 commit {B}       -\tx/sub\0"
    ).encode()
    listing = parse_listing(out, "x")
    assert listing is not None
    assert listing.files == {"a.yaml": A, "y/b.yml": B}
    assert listing.sizes == {A: 12, B: 3}
    assert [path for path, _ in listing.skipped] == ["l.yaml", "sub"]
    assert parse_listing(out, "z") is None


def test_contents_are_read_whatever_bytes_they_hold() -> None:
    out = f"{A} blob 5\n\n\0a\n\n\n{B} blob 0\n\n".encode()
    assert list(parse_contents(out)) == [(A, b"\n\0a\n\n"), (B, b"")]


@pytest.mark.parametrize("out", [f"{A} missing\n", f"{A} tree 3\nabc\n", f"{A} blob 9\nabc\n", "x"])
def test_contents_that_are_not_there_are_damage(out: str) -> None:
    with pytest.raises(Damaged):
        list(parse_contents(out.encode()))


def test_ids_are_gits() -> None:
    assert blob_id(b"a: 1\n") == "a8926a52d8dcba5c4386945476ab6a2ad008afd4"
    assert len(blob_id(b"", sha256=True)) == 64


@pytest.mark.parametrize(
    ("path", "wanted"),
    [("a.yaml", True), ("x/b.yml", True), (".a.yaml", False), ("x/.y/a.yaml", False),
     ("a.json", False), ("a.YAML", False), ("yaml", False)],
)  # fmt: skip
def test_spec_files_are_told_by_name(path: str, wanted: bool) -> None:
    assert is_wanted(path) is wanted


@pytest.mark.parametrize(
    ("link", "target", "expected"),
    [
        ("link", "apps", True),
        ("apps/v1.2", "../other.d", True),
        ("apps/up", "..", True),
        ("apps/up", "../..", True),
        ("link", "/srv/specs", True),
        ("notes.md", "README.md", False),
        ("apps/notes.md", "../README.md", False),
        ("link", "nowhere", False),
        ("link", "chain", True),
        ("link", "chain/further", True),
        ("link", "vendored/specs", True),
    ],
)
def test_a_link_may_hide_documents_where_it_leads_to_a_folder_or_nobody_can_tell(
    link: str, target: str, expected: bool
) -> None:
    lines = (
        b"100644 blob 1\tREADME.md",
        b"100644 blob 1\tapps/a.yaml",
        b"100644 blob 1\tother.d/x/b.yaml",
        b"120000 blob 1\tchain",
        b"160000 commit 1\tvendored",
    )
    layout = Layout.of(b"\0".join(lines) + b"\0")
    assert layout.may_hide(link, target.encode()) is expected


def test_printable_names_need_no_other_form() -> None:
    assert legible("größe 1.yaml") is None
    assert legible("a\udcff\n") == "a\\udcff\\x0a"


@LAWS
@given(st.dictionaries(st.text(min_size=1, max_size=3), st.integers(0, 50), max_size=20))
def test_runs_hold_every_id_once_and_little_at_a_time(sizes: dict[str, int]) -> None:
    runs = list(chunks(list(sizes), sizes, 60))
    assert [id_ for run in runs for id_ in run] == list(sizes)
    assert all(sum(sizes[id_] for id_ in run) <= 60 for run in runs)
    assert all(runs)
