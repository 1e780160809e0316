"""Comparing an answer with a recorded one, value by value.

Only values that differ by nature may differ: uids, times, resource versions, addresses and ports
that were given out. They still have to be the same wherever the recording has them the same, and
resource versions have to be in the same order.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from typing import Any

UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
REVISION_IN_TEXT = re.compile(r"(?<=\()\d+(?=\))")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
NATURE = {
    "uid": "uid",
    "resourceVersion": "revision",
    "clusterIP": "address",
    "nodePort": "port",
    "healthCheckNodePort": "port",
}
TIMES = ("creationTimestamp", "deletionTimestamp", "time", "lastTransitionTime")
#: The folder of a file of the server's own, in a sentence about a scheme.
_BUILT_IN = re.compile(r'(?<=in scheme ")[^"]*(?=pkg/)')
#: Cells of tables: how long ago something was, and an address that was given out.
ELAPSED = re.compile(r"(\d+[smhdy])+")
ADDRESS = re.compile(r"10\.96\.\d+\.\d+")
OWN_ADDRESS = ("serverAddress",)


@dataclass
class Pairing:
    """Which recorded value stands for which of ours, per nature, one to one.

    `alone`: nobody else writes, so that two lists without a write in between have one revision.
    A real server renews leases of its own at any time.
    """

    alone: bool = True
    pairs: dict[str, dict[Any, Any]] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    def same(self, nature: str, recorded: Any, ours: Any, path: str) -> None:
        known = self.pairs.setdefault(nature, {})
        if recorded in known:
            if known[recorded] != ours:
                self.differ(path, f"{known[recorded]} (as before)", ours)
        elif ours in known.values():
            self.differ(path, f"a {nature} not seen before", ours)
        else:
            known[recorded] = ours

    def differ(self, path: str, recorded: Any, ours: Any) -> None:
        self.differences.append(f"{path}: recorded {recorded!r}, ours {ours!r}")

    def translated(self, text: str) -> str:
        """Recorded text with its uids and revisions replaced by ours."""
        uids, revisions = self.pairs.get("uid", {}), self.pairs.get("revision", {})
        text = UID.sub(lambda match: uids.get(match[0], match[0]), text)
        return REVISION_IN_TEXT.sub(lambda match: revisions.get(match[0], match[0]), text)

    def revisions_in_order(self) -> bool:
        """Whether our revisions rise where the recorded ones do."""
        pairs = sorted((int(a), int(b)) for a, b in self.pairs.get("revision", {}).items())
        ours = [number for _, number in pairs]
        return ours == sorted(ours)

    def compare(self, recorded: Any, ours: Any, path: str = "$") -> None:
        if isinstance(recorded, dict) and isinstance(ours, dict):
            self._compare_objects(recorded, ours, path)
        elif isinstance(recorded, list) and isinstance(ours, list):
            self._compare_lists(recorded, ours, path)
        elif ".cells[" in path and _is_like(ELAPSED, recorded, ours):
            return
        elif ".cells[" in path and _is_like(ADDRESS, recorded, ours):
            self.same("address", recorded, ours, path)
        elif isinstance(recorded, str) and isinstance(ours, str):
            if not self.alone:  # a real server names the folder it was built in
                recorded, ours = _BUILT_IN.sub("", recorded), _BUILT_IN.sub("", ours)
            if self.translated(recorded) != ours:
                self.differ(path, recorded, ours)
        elif recorded != ours or type(recorded) is not type(ours):
            self.differ(path, recorded, ours)

    def _compare_objects(self, recorded: dict[str, Any], ours: dict[str, Any], path: str) -> None:
        for name in sorted(recorded.keys() | ours.keys()):
            at = f"{path}.{name}"
            if name not in ours or name not in recorded:
                missing = "<absent>"
                self.differ(at, recorded.get(name, missing), ours.get(name, missing))
                continue
            left, right = recorded[name], ours[name]
            if name == "metadata" and not self.alone and ("items" in ours or "rows" in ours):
                left, right = _unversioned(left), _unversioned(right)
            if name in NATURE and left not in ("", "1", 0) and isinstance(right, type(left)):
                self.same(NATURE[name], left, right, at)
            elif name == "clusterIPs" and len(left) == len(right):
                for one, other in zip(left, right, strict=True):
                    self.same("address", one, other, at)
            elif name in TIMES and isinstance(left, str) and isinstance(right, str):
                if not (INSTANT.fullmatch(left) and INSTANT.fullmatch(right)):
                    self.compare(left, right, at)
            elif name == "continue" and left and right:
                self._compare_tokens(left, right, at)
            elif name == "managedFields":
                self._compare_lists(_by_manager(left), _by_manager(right), at)
            elif name not in OWN_ADDRESS:
                self.compare(left, right, at)

    def _compare_lists(self, recorded: list[Any], ours: list[Any], path: str) -> None:
        if len(recorded) != len(ours):
            self.differ(path, recorded, ours)
            return
        for index, (left, right) in enumerate(zip(recorded, ours, strict=True)):
            self.compare(left, right, f"{path}[{index}]")

    def _compare_tokens(self, recorded: str, ours: str, path: str) -> None:
        left, right = _token(recorded), _token(ours)
        revisions = str(left.pop("rv")), str(right.pop("rv"))
        if self.alone:
            self.same("revision", *revisions, path)
        else:  # servers differ in where they put a slash
            left["start"], right["start"] = left["start"].strip("/"), right["start"].strip("/")
        self.compare(left, right, path)


def _is_like(pattern: re.Pattern[str], *values: Any) -> bool:
    return all(isinstance(one, str) and pattern.fullmatch(one) for one in values)


def _token(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return found


def _unversioned(metadata: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in metadata.items() if name != "resourceVersion"}


def _by_manager(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Entries in an order that does not depend on the second in which they were written."""
    return sorted(
        entries, key=lambda one: (one["operation"], one["manager"], one.get("subresource", ""))
    )
