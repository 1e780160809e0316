"""What the record remembers of fields whose drift is left alone (`diff.fields`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gitopsd.diff.fields import recall, remember
from gitopsd.model.comparison import ObjectComparison
from gitopsd.model.identity import Identity
from gitopsd.model.observed import Record


def remembered(
    objects: Iterable[ObjectComparison], settled: Mapping[Identity, str], record: Record | None
) -> dict[Identity, str]:
    """The memory of the fields of what is settled, each beside its digest in `settled`.

    What is remembered of the same digest is not made again. Of what could not be seen, and of what
    held documents made, it stays as it is; where drift is corrected, none is kept.
    """
    before = record or Record()
    compared = {item.identity: item for item in objects}
    memory: dict[Identity, str] = {}
    for identity, digest in settled.items():
        item = compared.get(identity)
        same = before.entries.get(identity) == digest
        known = before.fields.get(identity) if same else None
        if item is not None and item.wanted is not None and not item.unknown:
            if not item.drift_left:
                continue
            known = known if recall(known) else remember(item.wanted)
        if known is not None:
            memory[identity] = known
    return memory
