"""The desired state as bytes and back: what one process compiled, the next need not compile again.

The form is this program's own and is never read by another version of it: the key says what the
state was compiled from and by whom. Whatever cannot be understood counts as not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from gitopsd.model.desired import (
    DesiredGroup,
    DesiredObject,
    DesiredState,
    DesiredTarget,
    DriftPolicy,
    Limits,
    Member,
    ModeSpan,
    Origin,
    ServiceReference,
    TargetAccess,
)
from gitopsd.model.identity import Identity
from gitopsd.model.position import Position
from gitopsd.model.problem import Problem

Row = list[Any]

#: What stands for a position that there is none of: no file has this number.
_NOWHERE = (-1, 0, 0)


def dump(state: DesiredState, key: str) -> bytes:
    """The state; `key` names all that it was made from, and the program that made it."""
    writer = _Writer()
    body = {
        "key": key,
        "fleet": state.fleet,
        "known": state.known,
        "problems": [problem.to_json() for problem in state.problems],
        "targets": [writer.target(target) for target in state.targets.values()],
    }
    return orjson.dumps(body | writer.shared())


def load(data: bytes, key: str) -> DesiredState | None:
    """The state that `dump` wrote under the same key; None for anything else."""
    try:
        body = orjson.loads(data)
        if body["key"] != key:
            return None
        reader = _Reader(body)
        targets = (reader.target(row) for row in body["targets"])
        return DesiredState(
            body["fleet"],
            {target.name: target for target in targets},
            tuple(map(Problem.from_json, body["problems"])),
            tuple(body["known"]),
        )
    except (ValueError, TypeError, KeyError, IndexError):
        return None


class FoldedOrigins(Mapping[str, Origin]):
    """Why each field of a compiled thing is so, unfolded when asked.

    `order` gives for each path its number, from 0, and its rule, once for all things that look
    alike; `numbers` are the file, line and column of each, one after another.
    """

    __slots__ = ("_files", "_numbers", "_order")

    def __init__(
        self, order: Mapping[str, tuple[int, str]], numbers: Sequence[int], files: Sequence[str]
    ) -> None:
        self._order = order
        self._numbers = numbers
        self._files = files

    def __getitem__(self, path: str) -> Origin:
        number, rule = self._order[path]
        return Origin(rule, _position(self._numbers[3 * number : 3 * number + 3], self._files))

    def __iter__(self) -> Iterator[str]:
        return iter(self._order)

    def __len__(self) -> int:
        return len(self._order)


def _position(place: Sequence[int], files: Sequence[str]) -> Position | None:
    file, line, column = place
    return None if file < 0 else Position(files[file], line, column)


class _Writer:
    """What things share is written once and counted: files, forms of origins, policies."""

    def __init__(self) -> None:
        self.files: dict[str, int] = {}
        self.forms: dict[tuple[tuple[str, str], ...], int] = {}
        self.policies: dict[DriftPolicy, int] = {}

    def target(self, target: DesiredTarget) -> dict[str, Any]:
        access = target.access
        return {
            "name": target.name,
            "objects": [self._object(item) for item in target.objects.values()],
            "groups": [self._group(item) for item in target.groups.values()],
            "held": [_name(identity) for identity in sorted(target.held)],
            "holdDeletions": target.hold_deletions,
            "emptied": target.emptied,
            "drift": self._policy(target.drift),
            "limits": [target.limits.max_deletes, target.limits.max_delete_percent],
            "retiring": target.retiring,
            "clusterUid": target.cluster_uid,
            "overlay": target.overlay,
            "access": access
            and [access.region, access.kube_context, access.profile, access.role_arn],
        }

    def shared(self) -> dict[str, Any]:
        """What the targets that were written before refer to by number."""
        policies = [[one.mode, [self._span(span) for span in one.spans]] for one in self.policies]
        return {"policies": policies, "forms": list(self.forms), "files": list(self.files)}

    def _object(self, item: DesiredObject) -> Row:
        return [
            _name(item.identity),
            _name(item.exposure),
            item.manifest,
            self._origins(item.origins),
            [_name(group) for group in item.groups],
            [
                [one.namespace, one.name, one.port, self._place(one.position)]
                for one in item.services
            ],
            self._policy(item.drift),
            self._place(item.position),
            item.placement,
        ]

    def _group(self, item: DesiredGroup) -> Row:
        return [
            _name(item.identity),
            item.product,
            item.create,
            [self._member(member) for member in item.members],
            item.adopt_id,
            item.retain,
            self._origins(item.origins),
            self._policy(item.drift),
            self._place(item.position),
            item.location,
        ]

    def _member(self, item: Member) -> Row:
        return [
            item.server_id,
            item.port,
            item.server_type,
            item.server_ip,
            item.weight,
            item.remote,
            self._place(item.position),
        ]

    def _origins(self, origins: Mapping[str, Origin]) -> Row:
        form = tuple((path, origin.rule) for path, origin in origins.items())
        number = self.forms.setdefault(form, len(self.forms))
        places = (self._place(origin.position) for origin in origins.values())
        return [number, [number for place in places for number in place]]

    def _policy(self, policy: DriftPolicy) -> int:
        return self.policies.setdefault(policy, len(self.policies))

    def _span(self, span: ModeSpan) -> Row:
        place = self._place(span.position)
        return [span.path, span.mode, span.until, span.reason, place, span.source]

    def _place(self, position: Position | None) -> tuple[int, int, int]:
        if position is None:
            return _NOWHERE
        file = self.files.setdefault(position.file, len(self.files))
        return file, position.line, position.column


def _name(identity: Identity) -> Row:
    return [identity.kind, identity.namespace, identity.name]


class _Reader:
    """The other way; raises ValueError, TypeError, KeyError and IndexError on other forms."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._files: list[str] = body["files"]
        self._forms = [
            {path: (number, rule) for number, (path, rule) in enumerate(form)}
            for form in body["forms"]
        ]
        self._policies = [
            DriftPolicy(mode, tuple(map(self._span, spans))) for mode, spans in body["policies"]
        ]

    def target(self, row: Mapping[str, Any]) -> DesiredTarget:
        access = row["access"]
        objects = map(self._object, row["objects"])
        groups = map(self._group, row["groups"])
        return DesiredTarget(
            name=row["name"],
            objects={item.identity: item for item in objects},
            groups={item.identity: item for item in groups},
            held=frozenset(Identity(*name) for name in row["held"]),
            hold_deletions=tuple(row["holdDeletions"]),
            emptied=row["emptied"],
            drift=self._policies[row["drift"]],
            limits=Limits(*row["limits"]),
            retiring=row["retiring"],
            cluster_uid=row["clusterUid"],
            access=TargetAccess(*access) if access else None,
            overlay=row["overlay"],
        )

    def _object(self, row: Row) -> DesiredObject:
        name, exposure, manifest, origins, groups, services, drift, place, placement = row
        return DesiredObject(
            Identity(*name),
            Identity(*exposure),
            manifest,
            self._origins(*origins),
            tuple(Identity(*group) for group in groups),
            tuple(
                ServiceReference(namespace, service, port, self._position(at))
                for namespace, service, port, at in services
            ),
            self._policies[drift],
            self._position(place),
            placement,
        )

    def _group(self, row: Row) -> DesiredGroup:
        name, product, create, members, adopt, retain, origins, drift, place, location = row
        return DesiredGroup(
            Identity(*name),
            product,
            create,
            tuple(map(self._member, members)),
            adopt,
            retain,
            self._origins(*origins),
            self._policies[drift],
            self._position(place),
            location,
        )

    def _member(self, row: Row) -> Member:
        server, port, kind, address, weight, remote, place = row
        return Member(server, port, kind, address, weight, remote, self._position(place))

    def _origins(self, form: int, numbers: list[int]) -> FoldedOrigins:
        order = self._forms[form]
        if len(numbers) != 3 * len(order):
            raise ValueError
        return FoldedOrigins(order, numbers, self._files)

    def _span(self, row: Row) -> ModeSpan:
        path, mode, until, reason, place, source = row
        return ModeSpan(path, mode, until, reason, self._position(place), source)

    def _position(self, place: Sequence[int]) -> Position | None:
        return _position(place, self._files)
