"""What we last applied to a server group, field by field: who has moved what (docs/adr/0018).

No manager of fields stands behind the cloud's API, so for a group the memory in the target's record
is all that tells a commit from an edit. A field is an attribute, a member of its health check, or
the weight of a server and whether it is remote; that a server is remembered at all says that it was
in the group.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gitopsd.diff.fields import AppliedFields, Moved, packed
from gitopsd.diff.group_values import content, filled, normal
from gitopsd.diff.write_ahead import forms
from gitopsd.model.desired import DesiredGroup
from gitopsd.model.observed import Record

_SERVERS = "servers"


@dataclass(frozen=True, slots=True)
class GroupMemory:
    """The fields of one group as they were last applied.

    `begun` are forms that passes have begun to write beside it (`diff.write_ahead`): a value of
    theirs that stands in the cloud was moved by nobody else.
    """

    fields: AppliedFields
    begun: tuple[AppliedFields, ...] = ()

    def moved(self, keys: tuple[str, ...], wanted: Any, found: Any) -> Moved:
        """Who has moved the field at `keys` since then; None stands for "absent".

        Where a server is there without our mark, its mark was edited if it was ours before.
        """
        if keys[0] != _SERVERS:
            return self._moved(keys, normal(keys[-1], wanted), normal(keys[-1], found))
        ours = self.fields.values_of((*keys[:2], "weight")) is not None
        if keys[2:] == ("description",):
            return Moved(git=not ours, reality=ours)
        if len(keys) == 2:
            known = [form.values_of((*keys, "weight")) is not None for form in self._forms]
            return Moved(ours != (wanted is not None), (found is not None) not in known)
        return self._moved(keys, wanted, found)

    @property
    def _forms(self) -> tuple[AppliedFields, ...]:
        return (self.fields, *self.begun)

    def _moved(self, keys: tuple[str, ...], wanted: Any, found: Any) -> Moved:
        by_git = self.fields.differs(self.fields.values_of(keys), wanted)
        return Moved(by_git, all(f.differs(f.values_of(keys), found) for f in self._forms))


def remember_group(item: DesiredGroup) -> str:
    """The memory of a group, for the record."""
    return packed(_fields(item))


def applied_group(item: DesiredGroup, record: Record | None, applied: str) -> GroupMemory | None:
    """The memory of what was applied with the digest `applied`; None if it is of something else."""
    known = forms(record, item.identity)
    fields = known.pop(applied, None)
    return GroupMemory(fields, tuple(known.values())) if fields else None


def _fields(item: DesiredGroup) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, value in filled(item.product, item.create).items():
        if not isinstance(value, dict):
            yield (name,), normal(name, value)
            continue
        yield from (((name, leaf), normal(leaf, inner)) for leaf, inner in value.items())
    for member in item.members:
        for leaf, told in content(member, item.product).items():
            yield (_SERVERS, str(member.key), leaf), told
