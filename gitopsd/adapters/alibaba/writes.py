"""Changing the server groups of one product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitopsd.adapters.alibaba.actions import (
    MEMBER_IDENTITY,
    MEMBER_UPDATE,
    RESOURCE_TYPE,
    TAGS_PER_CALL,
)
from gitopsd.adapters.alibaba.answers import tag_list
from gitopsd.adapters.alibaba.api import ProductApi
from gitopsd.adapters.alibaba.errors import CloudMissing
from gitopsd.adapters.alibaba.jobs import wait_for_group, wait_for_job, wait_for_members
from gitopsd.adapters.alibaba.reads import members_of
from gitopsd.ports import OutcomeUnknown

Servers = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Writes:
    """Writes to one product. With `dry_run` the cloud checks each call and does nothing.

    Every method returns when the cloud reports its job as done and the group takes changes again,
    and raises the errors of `ports`.
    """

    api: ProductApi
    dry_run: bool = False

    def create(self, parameters: Mapping[str, Any], tags: Mapping[str, str], token: str) -> str:
        """Create a group with its tags; its id, or "" after a dry run."""
        about = f"{self.api.product} server group {parameters.get('ServerGroupName', '')}"
        sent = {**parameters, "Tag": tag_list(tags)}
        body = self.api.call("create", sent, about, token=token, dry_run=self.dry_run)
        if self.dry_run:
            return ""
        group_id = str(body.get("ServerGroupId") or "")
        if not group_id:
            raise OutcomeUnknown(about, "the answer to CreateServerGroup names no group")
        self._settle(body, group_id, f"{about} ({group_id})")
        return group_id

    def update(self, group_id: str, parameters: Mapping[str, Any], token: str) -> None:
        """Change attributes of a group."""
        self._change("update", group_id, parameters, token)

    def delete(self, group_id: str, token: str) -> None:
        """Delete a group; gone already counts as done."""
        about = self._about(group_id)
        sent = {"ServerGroupId": group_id}
        try:
            body = self.api.call("delete", sent, about, token=token, dry_run=self.dry_run)
        except CloudMissing:
            return
        if not self.dry_run:
            wait_for_job(self.api, body.get("JobId"), about)

    def add_servers(self, group_id: str, servers: Servers, token: str) -> None:
        """Add members, batch by batch, and wait until all are Available."""
        for part, chunk in self._batches("add-servers", servers, token):
            self._change("add-servers", group_id, {"Servers": chunk}, part)
        if servers and not self.dry_run:
            wait_for_members(self.api, group_id, self._about(group_id))

    def update_servers(self, group_id: str, servers: Servers, token: str) -> None:
        """Change weight or description of members; what an update cannot say is left out."""
        said = [_only(server, MEMBER_UPDATE) for server in servers]
        for part, chunk in self._batches("update-servers", said, token):
            self._change("update-servers", group_id, {"Servers": chunk}, part)

    def remove_servers(self, group_id: str, servers: Servers, token: str) -> None:
        """Remove members; gone already counts as done."""
        said = [_only(server, MEMBER_IDENTITY) for server in servers]
        for part, chunk in self._batches("remove-servers", said, token):
            try:
                self._change("remove-servers", group_id, {"Servers": chunk}, part)
            except CloudMissing:
                # One member that is gone makes the API refuse the whole call: send what is left.
                rest = self._still_there(group_id, chunk)
                if rest:
                    self._change("remove-servers", group_id, {"Servers": rest}, f"{part}r")

    def tag(self, group_id: str, tags: Mapping[str, str]) -> None:
        """Add or change tags; no job follows."""
        for chunk in _chunks(tag_list(tags), TAGS_PER_CALL):
            self._mark("tag", group_id, {"Tag": chunk})

    def untag(self, group_id: str, keys: Sequence[str]) -> None:
        """Take tags off; no job follows."""
        for chunk in _chunks(sorted(keys), TAGS_PER_CALL):
            self._mark("untag", group_id, {"TagKey": chunk})

    def _mark(self, name: str, group_id: str, what: Mapping[str, Any]) -> None:
        action = self.api.action(name)
        if self.dry_run and not action.dry_run:
            return  # ALB cannot try tags out (facts §6.1)
        sent = {"ResourceType": RESOURCE_TYPE, "ResourceId": [group_id], **what}
        self.api.call(name, sent, self._about(group_id), dry_run=self.dry_run)

    def _change(self, name: str, group_id: str, parameters: Mapping[str, Any], token: str) -> None:
        about = self._about(group_id)
        sent = {**parameters, "ServerGroupId": group_id}
        body = self.api.call(name, sent, about, token=token, dry_run=self.dry_run)
        if not self.dry_run:
            self._settle(body, group_id, about)

    def _settle(self, body: Mapping[str, Any], group_id: str, about: str) -> None:
        """A finished job does not yet mean a group that takes the next change (facts §6.4)."""
        wait_for_job(self.api, body.get("JobId"), about)
        wait_for_group(self.api, group_id, about)

    def _batches(
        self, name: str, servers: Servers, token: str
    ) -> list[tuple[str, list[dict[str, Any]]]]:
        """Members within the operation's limit, each batch with a token of its own."""
        chunks = _chunks([dict(server) for server in servers], self.api.action(name).batch)
        return [(f"{token}-{number}", chunk) for number, chunk in enumerate(chunks, 1)]

    def _still_there(self, group_id: str, servers: Servers) -> list[dict[str, Any]]:
        there = {(m.key.server_id, m.key.port) for m in members_of(self.api, group_id)}
        return [dict(s) for s in servers if (s["ServerId"], s["Port"]) in there]

    def _about(self, group_id: str) -> str:
        return f"{self.api.product} server group {group_id}"


def _only(server: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: server[name] for name in names if name in server}


def _chunks(items: Sequence[Any], size: int) -> list[list[Any]]:
    return [list(items[start : start + size]) for start in range(0, len(items), size)]
