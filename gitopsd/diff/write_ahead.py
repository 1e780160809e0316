"""Write-ahead notes: what a pass is about to write, in the record before it writes.

A pass may be killed between what it writes and the record of it. What stands there then would be
nobody's: a weight of 0 that Git asked for and has taken back since would count as a person's. So
the record is told first (docs/adr/0018). A note is `unfinished`, the memory of what was applied,
and, each as `digest=memory`, what has been begun since; the record's entry is the digest of the
former. The note goes with the next pass that leaves no doubt.
"""

from __future__ import annotations

from gitopsd.diff.fields import AppliedFields, legible, recall
from gitopsd.model.identity import Identity
from gitopsd.model.observed import Record

#: Begins what the record keeps of a thing that was begun to be written and not completed.
UNFINISHED = "unfinished"
#: Stands for what was applied, where nobody remembers it.
_UNKNOWN = "-"
#: How many forms are kept of what was begun; each is of a commit that could not be completed.
_KEPT = 8


def begun_as(before: str | None, digest: str, memory: str) -> str:
    """What to remember of a thing that is begun to be written with `digest`.

    `before` is what is remembered of it now, a note or the memory of what was applied.
    """
    if before is not None and before.startswith(UNFINISHED):
        applied, *begun = before.split()[1:] or [_UNKNOWN]
    else:
        applied, begun = before if before and legible(before) else _UNKNOWN, []
    form = f"{digest}={memory}"
    kept = begun if form in begun else [*begun, form][-_KEPT:]
    return " ".join((UNFINISHED, applied, *kept))


def memories(record: Record | None, identity: Identity) -> dict[str, str]:
    """What is remembered of a thing, by the digest that it was applied with or begun as."""
    text = record.fields.get(identity) if record else None
    if record is None or text is None:
        return {}
    applied, *begun = [text] if legible(text) else text.split()[1:] or [_UNKNOWN]
    known = {record.entries.get(identity, ""): applied}
    for form in begun:
        digest, _, memory = form.partition("=")
        known[digest] = memory
    return {digest: memory for digest, memory in known.items() if digest and legible(memory)}


def forms(record: Record | None, identity: Identity) -> dict[str, AppliedFields]:
    """The forms in which a thing may stand, by their digests: as it was applied, and as begun."""
    known = ((digest, recall(memory)) for digest, memory in memories(record, identity).items())
    return {digest: form for digest, form in known if form is not None}


def unfinished(record: Record | None, identity: Identity) -> bool:
    """Whether a thing was begun to be written, and no pass has noted how that ended."""
    return record is not None and record.fields.get(identity, "").startswith(UNFINISHED)
