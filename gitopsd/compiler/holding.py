"""Which documents are held: what they made is neither changed nor deleted (design §4).

Held are documents that could not be read, those that a check found an error in, and Exposures that
refer to a ServerGroup that is held or not there: a document whose name could not be told may be it.
A problem of one target holds its document only there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gitopsd.model.identity import FLEET, SERVER_GROUP, Identity
from gitopsd.model.problem import Problem
from gitopsd.model.wording import said
from gitopsd.spec.document import SpecSet


@dataclass(frozen=True, slots=True)
class Holding:
    """Identities held at every target, and those held at one."""

    everywhere: frozenset[Identity]
    at: dict[str, frozenset[Identity]]

    def held(self, target: str) -> frozenset[Identity]:
        """All that is held at this target."""
        return self.everywhere | self.at.get(target, frozenset())


def work_out(specs: SpecSet, problems: Iterable[Problem]) -> Holding:
    """What is held because of these problems."""
    everywhere = set(specs.held)
    at: dict[str, set[Identity]] = {}
    for problem in problems:
        if not problem.is_error or problem.subject is None or problem.subject.kind == FLEET:
            continue
        if problem.target is None:
            everywhere.add(problem.subject)
        else:
            at.setdefault(problem.target, set()).add(problem.subject)
    users = users_of(specs)
    everywhere |= _using(users, everywhere | (users.keys() - specs.server_groups.keys()))
    return Holding(
        frozenset(everywhere),
        {target: frozenset(held | _using(users, held)) for target, held in at.items()},
    )


def users_of(specs: SpecSet) -> dict[Identity, set[Identity]]:
    """ServerGroup -> the Exposures that refer to it."""
    users: dict[Identity, set[Identity]] = {}
    for identity, document in specs.exposures.items():
        for route in document.spec.routes or []:
            for backend in route.backends:
                if backend.server_group is not None:
                    group = Identity(SERVER_GROUP, identity.namespace, backend.server_group)
                    users.setdefault(group, set()).add(identity)
    return users


def _using(users: dict[Identity, set[Identity]], held: Iterable[Identity]) -> set[Identity]:
    return {user for group in held for user in users.get(group, ())}


def fleet_is_bad(specs: SpecSet, problems: Iterable[Problem]) -> bool:
    """Whether fleet.yaml has an error, or is not there: it stops everything (design §4).

    A Fleet that stands in another file is a mistake of that file, and stops nothing.
    """
    if specs.fleet is None:
        return True
    file = specs.fleet.file
    return any(
        p.is_error
        and p.subject is not None
        and p.subject.kind == FLEET
        and (p.position is None or p.position.file == file)
        for p in problems
    )


def reasons_to_keep(specs: SpecSet) -> tuple[str, ...]:
    """Of what was not read, why nothing at all is deleted: a sentence for each; usually none."""
    reasons = [said("unidentified", file=file) for file in sorted(specs.unidentified)]
    reasons += [said("unread", path=path) for path in sorted(specs.unread)]
    return tuple(reasons)


def emptied(specs: SpecSet) -> bool:
    """Whether the repository has no documents: a wrong folder or branch looks the same."""
    return not (specs.exposures or specs.server_groups or specs.held)
