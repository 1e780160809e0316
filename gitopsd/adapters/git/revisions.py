"""Which commit a revision means: names that git would accept, found among those of a remote."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from gitopsd.ports import RepositoryError
from gitopsd.ports.remotes import check_revision

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_ABBREVIATED = re.compile(r"[0-9a-f]{7,63}")
_ANCESTOR = re.compile(r"(?:[~^][0-9]{0,6}){1,20}$")
_NAMED = 8


@dataclass(frozen=True, slots=True)
class Advertised:
    """A ref of the remote and the id it stands at."""

    ref: str
    id: str


def check_local(revision: str) -> str:
    """The same of a repository at hand, whose history also says what came before (`HEAD~1`)."""
    check_revision(_ANCESTOR.sub("", revision))
    return revision


def is_commit_id(revision: str) -> bool:
    """Whether this is a whole commit id."""
    return _COMMIT.fullmatch(revision) is not None


def is_abbreviated(revision: str) -> bool:
    """Whether this could be the beginning of a commit id."""
    return _ABBREVIATED.fullmatch(revision) is not None


def candidates(revision: str) -> tuple[str, ...]:
    """The refs that a revision may mean, the likeliest first: a branch goes before a tag."""
    if revision == "HEAD" or revision.startswith("refs/"):
        return (revision,)
    return (f"refs/heads/{revision}", f"refs/tags/{revision}")


def parse_advertised(out: bytes) -> list[Advertised]:
    """The answer of `ls-remote`, without peeled tags and symbolic refs."""
    refs = []
    for line in out.decode("utf-8", "surrogateescape").splitlines():
        id_, tab, ref = line.partition("\t")
        if tab and is_commit_id(id_) and not ref.endswith("^{}"):
            refs.append(Advertised(ref, id_))
    return refs


def choose(revision: str, refs: Iterable[Advertised]) -> Advertised | None:
    """The ref that a revision means, if the remote has it."""
    by_name = {advertised.ref: advertised for advertised in refs}
    return next((by_name[ref] for ref in candidates(revision) if ref in by_name), None)


def missing(about: str, revision: str, refs: Iterable[Advertised]) -> RepositoryError:
    """The error for a revision that does not exist, naming what does."""
    names = [short(advertised.ref) for advertised in refs if advertised.ref != "HEAD"]
    if not names:
        return RepositoryError(about, "has no commits yet", "push one")
    near = difflib.get_close_matches(revision, names, n=_NAMED, cutoff=0.6)
    listed = (near + [name for name in names if name not in near])[:_NAMED]
    more = f" and {len(names) - len(listed)} more" if len(names) > len(listed) else ""
    detail = f"has no branch, tag or commit {revision!r}"
    printable = "".join(c if c.isprintable() else "?" for c in ", ".join(listed))
    return RepositoryError(about, detail, f"it has {printable}{more}")


def short(ref: str) -> str:
    """A ref as people write it."""
    return ref.removeprefix("refs/heads/").removeprefix("refs/tags/")
