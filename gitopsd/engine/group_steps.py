"""Steps on server groups and their members."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from gitopsd.diff.groups import group_fingerprint
from gitopsd.engine.waiting import Times, Waiting
from gitopsd.model.desired import MemberKey, Product
from gitopsd.model.health import HealthState, MemberHealth
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ObservedMember
from gitopsd.model.ownership import (
    DIGEST,
    GROUP,
    INSTANCE,
    RELEASED,
    SHAPE,
    TAGS,
    TARGET,
    Owner,
)
from gitopsd.model.plan import Operation, Step
from gitopsd.ports import (
    CloudReader,
    CloudWriter,
    JobPending,
    Missing,
    OutcomeUnknown,
    Overtaken,
    Site,
    Unauthenticated,
)

T = TypeVar("T")
_RETRIES = 3


def silent_members(step: Step, health: Mapping[MemberKey, MemberHealth]) -> list[str]:
    """Members that stay, should take requests and do not answer, while one that leaves does.

    `health` is empty where no listener uses the group: then nobody can tell, and nobody waits. A
    member that does not answer may leave at any time.
    """
    leaving = {f"{server['ServerId']}:{server['Port']}" for server in step.payload["servers"]}
    serving = (HealthState.NORMAL, HealthState.INITIAL)
    if not any(said.state in serving for key, said in health.items() if str(key) in leaving):
        return []
    awaited = set(step.payload.get("awaits", ())) - leaving
    return [
        f"{key}: {said}"
        for key, said in sorted(health.items())
        if str(key) in awaited and not said.answers
    ]


def arriving_members(step: Step, members: Iterable[ObservedMember]) -> list[str]:
    """Members that are to serve and are still being added: their job may have been stuck."""
    awaited = step.payload.get("awaits", ())
    return [
        f"{member.key}: {member.status}"
        for member in members
        if str(member.key) in awaited and member.status == "Adding"
    ]


class GroupSteps:
    """Writes groups. `ids` maps specs to the ids of their groups and grows as groups are made.

    A step that a person's approval let go does not wait for answers: members then leave although
    those that take their place are silent.
    """

    def __init__(
        self,
        site: Site,
        owner: Owner,
        times: Times,
        ids: dict[Identity, str],
    ) -> None:
        self._site = site
        self._owner = owner
        self._times = times
        self._checked: set[str] = set()
        self.ids = ids

    def do(self, step: Step) -> str:
        """Do the step; answers the digest that stands on the group now, if this step wrote it."""
        if step.kind == "Members":
            self._members(step)
            return ""
        if step.operation is Operation.CREATE:
            self._create(step)
        elif step.operation is Operation.ADOPT:
            self._adopt(step)
        elif step.operation is Operation.UPDATE:
            self._update(step)
        elif step.operation is Operation.DELETE:
            self._delete(step)
        else:
            self._release(step)
        tags: dict[str, str] = step.payload.get("tags", {})
        return tags.get(DIGEST, "")

    @property
    def _reader(self) -> CloudReader:
        if self._site.cloud is None:
            raise Unauthenticated("the cloud", "no access to it is configured")
        return self._site.cloud

    @property
    def _writer(self) -> CloudWriter:
        if self._site.cloud_writer is None:
            raise Unauthenticated("the cloud", "no access to it is configured")
        return self._site.cloud_writer

    def _create(self, step: Step) -> None:
        """Make the group, unless one with its marks is there already.

        The tag filter lags behind, and a pass may have been killed after the call: so the marks
        are asked for once more, right before (design §4, "Crash safety").
        """
        product, tags = step.payload["product"], step.payload["tags"]
        marks = {key: tags[key] for key in (INSTANCE, TARGET, GROUP, SHAPE)}
        made = [g for g in self._reader.find(product, marks) if not g.adopted]
        found = sorted(made, key=lambda g: (not g.related, g.id))
        if found:
            self.ids[step.identity] = found[0].id
            return
        parameters = step.payload["create"]
        self.ids[step.identity] = self._settled(
            lambda token: self._writer.create_group(product, parameters, tags, token)
        )

    def _adopt(self, step: Step) -> None:
        group_id, product = self._checked_id(step)
        self._change(product, group_id, step)
        self._writer.tag_group(product, group_id, step.payload["tags"])
        self.ids[step.identity] = group_id

    def _update(self, step: Step) -> None:
        group_id, product = self._checked_id(step)
        if "tags" in step.payload:
            if step.payload["tags"]:
                self._writer.tag_group(product, group_id, step.payload["tags"])
            if step.payload.get("untag"):
                self._writer.untag_group(product, group_id, step.payload["untag"])
        else:
            self._change(product, group_id, step)

    def _change(self, product: Product, group_id: str, step: Step) -> None:
        update = step.payload.get("update")
        if update:
            self._settled(lambda token: self._writer.update_group(product, group_id, update, token))

    def _delete(self, step: Step) -> None:
        """Delete the group once no load balancer uses it; controllers let go a little later."""
        group_id, product = self._checked_id(step)

        def unused() -> bool:
            group = self._reader.read(product, group_id)
            return group is None or not group.related

        if not self._times.until(unused, self._times.unused):
            raise Waiting(f"group {group_id} is still in use by a load balancer")
        self._settled(lambda token: self._writer.delete_group(product, group_id, token))

    def _release(self, step: Step) -> None:
        """Take our marks off: the members' first, because the tags are how they are found again."""
        group_id, product = self._checked_id(step)
        group = self._reader.read(product, group_id)
        ours = self._owner.member_description
        servers = [
            member.to_api(description=RELEASED)
            for member in (group.members if group else ())
            if member.description == ours
        ]
        if servers:
            writer = self._writer
            self._settled(lambda token: writer.update_servers(product, group_id, servers, token))
        self._writer.untag_group(product, group_id, TAGS)

    def _members(self, step: Step) -> None:
        group_id, product = self._checked_id(step)
        servers, writer = step.payload["servers"], self._writer
        if step.operation in (Operation.DELETE, Operation.REPLACE):
            self._await_answers(step, product, group_id)
            keys = [
                {k: v for k, v in s.items() if k in ("ServerId", "ServerIp", "ServerType", "Port")}
                for s in servers
            ]
            self._settled(lambda token: writer.remove_servers(product, group_id, keys, token))
        if step.operation in (Operation.CREATE, Operation.REPLACE):
            self._settled(lambda token: writer.add_servers(product, group_id, servers, token))
        if step.operation in (Operation.UPDATE, Operation.ADOPT):
            changes = [{k: v for k, v in s.items() if k != "RemoteIpEnabled"} for s in servers]
            self._settled(lambda token: writer.update_servers(product, group_id, changes, token))

    def _await_answers(self, step: Step, product: Product, group_id: str) -> None:
        """Wait until the members that stay are there and answer, where listeners tell.

        Source: design §4, "Order".
        """
        silent: list[str] = []

        def answering() -> bool:
            group = self._reader.read(product, group_id)
            silent[:] = arriving_members(step, group.members) if group else ()
            if group and group.related and not silent:
                silent[:] = silent_members(step, self._reader.health([group]).get(group_id, {}))
            return not silent

        if self._times.until(answering, self._times.answering, self._times.probe):
            return
        if step.waived is None:
            raise Waiting(
                f"members of group {group_id} that are to serve do not answer yet "
                f"({', '.join(silent)}), so those that are to leave stay",
                "run it again later; a member that will never answer: mend it, give it weight 0, "
                "or take it out of the ServerGroup",
            )

    def _checked_id(self, step: Step) -> tuple[str, Product]:
        """The group's id, after the first step on it has found what the plan expects.

        Later steps of the same pass find what the earlier ones made.
        """
        product: Product = step.payload["product"]
        if step.group_id is None:
            if step.identity not in self.ids:
                raise Missing(str(step.identity), "its group was not made")
            return self.ids[step.identity], product
        if step.group_id not in self._checked:
            found = self._reader.read(product, step.group_id)
            if group_fingerprint(found) != step.expects:
                what = "has changed" if found else "is not there any more"
                raise Overtaken(f"group {step.group_id}", f"it {what} since the plan was made")
            self._checked.add(step.group_id)
        return step.group_id, product

    def _settled(self, call: Callable[[str], T]) -> T:
        """Call with a new token, and with the same one again while the outcome is unknown.

        A call that was accepted is not made again: its job has been waited for.
        """
        token = self._times.token()
        for _ in range(_RETRIES - 1):
            try:
                return call(token)
            except JobPending:
                raise
            except OutcomeUnknown:
                self._times.sleep(self._times.poll)
        return call(token)
