"""What the record remembers of the fields of what was applied (`diff.fields`)."""

from __future__ import annotations

from collections.abc import Mapping

from gitopsd.diff.fields import legible, remember
from gitopsd.diff.group_memory import remember_group
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
        same = before.entries.get(identity) == digest
        known = before.fields.get(identity) if same else None
        item, group = objects.get(identity), groups.get(identity)
        if item is not None and item.wanted is not None and not item.unknown:
            if not item.remembered:
                continue
            fresh = digest == item.digest and not legible(known)
            known = remember(item.wanted) if fresh else known
        elif group is not None and group.desired is not None and digest == group.desired.digest:
            known = known if legible(known) else remember_group(group.desired)
        if known is not None:
            memory[identity] = known
    return memory
