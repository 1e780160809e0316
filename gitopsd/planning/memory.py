"""What the record remembers of the fields of what was applied (`diff.fields`)."""

from __future__ import annotations

from collections.abc import Mapping

from gitopsd.diff.authors import without_authors
from gitopsd.diff.fields import remember
from gitopsd.diff.group_memory import remember_group
from gitopsd.diff.write_ahead import memories
from gitopsd.model.comparison import Comparison
from gitopsd.model.identity import Identity
from gitopsd.model.observed import Record


def remembered(
    comparison: Comparison, settled: Mapping[Identity, str], record: Record | None
) -> dict[Identity, str]:
    """The memory of the fields of what is settled, each beside its digest in `settled`.

    Of Services that is where drift is left alone, of Ingresses and groups always (docs/adr/0018).
    What is remembered of the same digest is not made again. Of what could not be seen, of what is
    in doubt, and of what held documents made, it stays as it is.
    """
    before = record or Record()
    objects = {item.identity: item for item in comparison.objects}
    groups = {group.identity: group for group in comparison.groups}
    memory: dict[Identity, str] = {}
    for identity, digest in settled.items():
        known = before.fields.get(identity) if before.entries.get(identity) == digest else None
        item, group = objects.get(identity), groups.get(identity)
        if item is not None and item.wanted is not None and not item.unknown:
            if not item.remembered:
                continue
            if digest == item.digest:
                known = memories(record, identity).get(digest) or remember(item.wanted)
                known = known if item.differences else without_authors(known)
        elif group is not None and group.desired is not None and digest == group.desired.digest:
            known = memories(record, identity).get(digest) or remember_group(group.desired)
        if known is not None:
            memory[identity] = known
    return memory
