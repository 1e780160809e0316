"""Steps for server groups and their members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from gitopsd.diff.group_memory import remember_group
from gitopsd.diff.groups import group_fingerprint
from gitopsd.model.comparison import GroupComparison
from gitopsd.model.observed import ObservedGroup
from gitopsd.model.ownership import DIGEST, Owner
from gitopsd.model.paths import join
from gitopsd.model.plan import Change, Operation, Step
from gitopsd.model.verdict import Difference
from gitopsd.model.wording import said
from gitopsd.planning.group_context import GroupContext
from gitopsd.planning.holds import hold
from gitopsd.planning.members import member_steps
from gitopsd.planning.options import PlanOptions
from gitopsd.planning.selection import changes_of


def group_steps(item: GroupComparison, owner: Owner, options: PlanOptions) -> tuple[Step, ...]:
    """What to do about one group: the group, its members, its digest; then what it leaves behind.

    New members come before old ones leave, and the digest is written last, so that an apply that
    was cut short shows as a change and is completed by the next pass.
    """
    if item.unknown:
        return ()
    if item.desired is None:
        return tuple(_farewell(item, group, "no ServerGroup asks for it any more")
                     for group in item.outdated)  # fmt: skip
    return _Steps(GroupContext(item, item.desired, owner, options)).all()


def _farewell(item: GroupComparison, group: ObservedGroup, why: str) -> Step:
    retain = group.retained
    if retain and not group.adopted:
        why = f"{why}; its deletionPolicy is Retain"
    elif group.adopted and not item.former:
        why = f"{why}; it was taken over from others, and is given back"
    return Step(
        Operation.RELEASE if retain else Operation.DELETE,
        "ServerGroup",
        item.identity,
        item.identity,
        (Change("id", group.id, None),),
        expects=group_fingerprint(group),
        group_id=group.id,
        payload={"product": group.product},
        why=why,
    )


@dataclass(frozen=True, slots=True)
class _Steps:
    """The steps of one wanted group."""

    group: GroupContext

    def all(self) -> tuple[Step, ...]:
        group = self._group()
        if group is None and self.group.item.current is None:
            return ()  # deleted by hand, and the mode says to leave that
        if self.group.item.adopting and not self.group.written:
            return ()  # its tags are gone, and the mode says to leave that
        members = member_steps(self.group)
        if group is not None:
            members = tuple(replace(step, needs=(*step.needs, group.key)) for step in members)
        body = (group, *members) if group else members
        if group is not None and group.hold:
            return (*body, *self._left_behind(needs=(group.key,)))
        mark = self._mark(tuple(step.key for step in body))
        steps = (*body, mark) if mark else body
        return (*steps, *self._left_behind(needs=(group.key,) if group else ()))

    def _group(self) -> Step | None:
        item = self.group.item
        if item.conflict:
            return self._refused(item.conflict)
        if item.current is None:
            if len(self.group.written) < len(item.differences):
                return None
            return self._create_anew() if item.outdated else self._create()
        if item.adopting:
            return self._take_over(item.current)
        write = [d for d in self.group.written if d.path.split(".")[0] in item.attributes]
        if not write:
            return None
        payload = {"update": self._update(write)}
        return self.group.step(Operation.UPDATE, "ServerGroup", changes_of(write), payload=payload)

    def _update(self, write: Sequence[Difference]) -> dict[str, Any]:
        """The attributes to send for these differences.

        A health check travels whole, so what stays as somebody made it is sent as it was found.
        """
        item = self.group.item
        update: dict[str, Any] = {}
        for name in sorted({d.path.split(".")[0] for d in write} & set(item.attributes)):
            value = item.attributes[name]
            for left in item.differences:
                head, _, leaf = left.path.partition(".")
                if head == name and leaf and left not in write:
                    value = {key: kept for key, kept in value.items() if key != leaf}
                    value |= {} if left.found is None else {leaf: left.found}
            update[name] = value
        return update

    def _create(self) -> Step:
        create = dict(self.group.desired.create)
        return self.group.step(
            Operation.CREATE,
            "ServerGroup",
            (Change("", None, create),),
            payload={"create": create, "tags": self.group.tags},
        )

    def _create_anew(self) -> Step:
        """A group of another shape: the old one serves until the Ingresses have moved."""
        old = self.group.item.outdated[0]
        step = replace(
            self._create(),
            why=said("new-group", id=old.id),
        )
        if self.group.desired.identity in self.group.options.replace:
            return step
        identity = self.group.desired.identity
        return step.held(hold("replacement", why=step.why, identity=identity))

    def _refused(self, reason: str) -> Step:
        """The step that cannot be done, with what would mend it."""
        if self.group.item.current is None:
            return self._create().held(hold("conflict", reason=reason))
        return self._adopt("").held(hold("stray", reason=reason))

    def _adopt(self, why: str) -> Step:
        write = [d for d in self.group.written if not d.path.startswith("servers[")]
        return self.group.step(
            Operation.ADOPT,
            "ServerGroup",
            changes_of(d for d in write if d.path != _DIGEST_PATH),
            payload={"update": self._update(write), "tags": self.group.tags},
            why=why,
        )

    def _take_over(self, current: ObservedGroup) -> Step:
        """The spec names a group, or a group has lost our tags.

        The latter is nobody's to change unasked, and goes on serving meanwhile.
        """
        if not self.group.item.stripped:
            return self._adopt(f"the spec takes over {current.id}")
        identity = self.group.desired.identity
        step = self._adopt(f"{current.id} is taken back: our tags were taken off it")
        if identity in self.group.options.adopt:
            return step
        return step.held(hold("stripped-group", id=current.id, identity=identity))

    def _mark(self, needs: Sequence[str]) -> Step | None:
        """Write the digest, and tags of ours that are missing, after everything else is done.

        Not while something is left that Git may have moved: it would become somebody's drift.
        """
        desired, item = self.group.desired, self.group.item
        payload: dict[str, Any] = {"part": "tags"}
        if item.current is None:
            if not needs:
                return None
            changes: tuple[Change, ...] = (Change(_DIGEST_PATH, None, desired.digest),)
            payload["tags"] = {DIGEST: desired.digest}
        else:
            marks = [d for d in self.group.written if d.path.startswith("tags[")]
            if self.group.in_doubt:
                marks = [d for d in marks if d.path != _DIGEST_PATH]
            if item.adopting:
                marks = [d for d in marks if d.path == _DIGEST_PATH]
            if not marks:
                return None
            changes = changes_of(marks)
            names = {_tag_of(mark): mark.wanted for mark in marks}
            payload["tags"] = {key: value for key, value in names.items() if value is not None}
            payload["untag"] = [key for key, value in names.items() if value is None]
        if DIGEST in payload["tags"]:
            payload["fields"] = remember_group(desired)
        if len(self.group.written) < len(item.differences):
            payload["left"] = True
        return self.group.step(
            Operation.UPDATE, "ServerGroup", changes, payload=payload, needs=needs
        )

    def _left_behind(self, needs: tuple[str, ...]) -> tuple[Step, ...]:
        """Delete groups of another shape and doubles, after nothing points at them any more."""
        item = self.group.item
        if item.conflict:
            return ()
        return tuple(
            replace(_farewell(item, group, why), needs=needs)
            for groups, why in (
                (item.outdated, "a group of another type, protocol or VPC takes its place"),
                (item.duplicates, f"a double of {item.current.id if item.current else 'it'}"),
                (item.former, "the spec had taken it over, and names it no longer"),
            )
            for group in groups
        )


_DIGEST_PATH = join(("tags", DIGEST))


def _tag_of(difference: Difference) -> str:
    """`tags[gitopsd.io/digest]` is about the tag `gitopsd.io/digest`."""
    return difference.path.removeprefix("tags[").removesuffix("]")
