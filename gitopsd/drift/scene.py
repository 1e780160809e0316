"""All that is known of a target while the traffic of its routes is worked out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from gitopsd.diff.modes import span_of
from gitopsd.drift.cases import REALITY, Case, sides_in
from gitopsd.drift.forwarding import Match
from gitopsd.drift.members import Health, Members, answering, members_of, sides_of
from gitopsd.drift.shadowing import Found, claims
from gitopsd.drift.silence import silent
from gitopsd.model.comparison import Comparison, GroupComparison, ObjectComparison
from gitopsd.model.desired import DesiredTarget, DriftPolicy, ModeSpan
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ObservedTarget
from gitopsd.model.traffic import Shadow
from gitopsd.model.verdict import Difference


@dataclass(frozen=True, slots=True)
class Scene:
    """What routes lead to, and who moved what of it.

    `groups` are found by id and by `<namespace/name>`; `moves` are the differences of each Exposure
    and ServerGroup, what others claim of its routes, objects that are being deleted and members
    that do not answer included.
    """

    desired: DesiredTarget
    observed: ObservedTarget
    objects: Mapping[Identity, ObjectComparison]
    groups: Mapping[str, GroupComparison]
    health: Mapping[str, Health]
    shadows: Mapping[Identity, Sequence[Found]]
    moves: Mapping[Identity, Sequence[Difference]]
    today: date

    def members(self, group: GroupComparison, group_id: str, case: Case) -> Members:
        """The servers of a group as they would stand."""
        if group.unknown:
            return Members(None, None)
        sides = sides_of(group, self.health.get(group_id, {}))
        if case is not REALITY:
            moves = self.moves.get(group.identity, ())
            sides = sides_in(sides, group.identity, moves, case)
        return members_of(sides)

    def shadows_on(self, item: ObjectComparison, match: Match, case: Case) -> tuple[Shadow, ...]:
        """What others get, or may get, of the requests of a route."""
        route = match.port or f"{match.host}{match.path or '/'}"
        return tuple(
            Shadow(found.by, found.takes)
            for found in self.shadows.get(item.identity, ())
            if (found.route, found.path_type) == (route, match.path_type)
            and found.takes
            and case.takes(item.exposure, found.difference)
        )

    def spans(self, subject: Identity) -> tuple[ModeSpan, ...]:
        """The exceptions by which moves of a subject are ignored."""
        ignored = (d for d in self.moves.get(subject, ()) if d.mode == "Ignore")
        found = (
            span_of(self._policy(d.resource), d.resource.kind, d.path, self.today) for d in ignored
        )
        return tuple(dict.fromkeys(span for span in found if span))

    def _policy(self, resource: Identity) -> DriftPolicy:
        """The policy that the comparison went by: with the holds in it."""
        item = self.objects.get(resource) or self.groups.get(f"<{resource.key}>")
        return item.desired.drift if item and item.desired else DriftPolicy()


def scene_of(
    comparison: Comparison, desired: DesiredTarget, observed: ObservedTarget, today: date
) -> Scene:
    """What is known of a target."""
    groups = {f"<{item.identity.key}>": item for item in comparison.groups}
    for item in comparison.groups:
        groups |= {group.id: item for group in (*item.outdated, item.current) if group}
    shadows: defaultdict[Identity, list[Found]] = defaultdict(list)
    for found in claims(comparison, observed, today):
        shadows[found.difference.resource].append(found)
    moves: defaultdict[Identity, list[Difference]] = defaultdict(list)
    for subject, some in _moves(comparison, shadows.values(), today):
        moves[subject] += some
    return Scene(
        desired,
        observed,
        {item.identity: item for item in comparison.objects},
        groups,
        {group: answering(said) for group, said in observed.health.items()},
        shadows,
        moves,
        today,
    )


def _moves(
    comparison: Comparison,
    shadows: Iterable[Sequence[Found]],
    today: date,
) -> Iterator[tuple[Identity, Iterable[Difference]]]:
    for item in comparison.objects:
        yield item.exposure, item.differences
        yield item.exposure, (item.going,) if item.going else ()
    for group in comparison.groups:
        yield group.identity, group.differences
        yield group.identity, silent(group, today)
    for some in shadows:
        for found in some:
            yield found.exposure, (found.difference,)
