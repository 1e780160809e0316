"""Members of ours that do not answer, as the listeners of their load balancers tell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from gitopsd.diff.members import found_key
from gitopsd.diff.modes import mode_of
from gitopsd.model.comparison import Comparison, GroupComparison
from gitopsd.model.health import HealthState
from gitopsd.model.identity import SERVER_GROUP
from gitopsd.model.observed import ObservedTarget
from gitopsd.model.paths import join
from gitopsd.model.reason import Reason
from gitopsd.model.verdict import Cause, Difference, Mode
from gitopsd.model.wording import said


def silent(group: GroupComparison, today: date) -> Iterator[Difference]:
    """One difference for each wanted member that fails its health check; no pass can mend it."""
    if group.desired is None or group.current is None:
        return
    found = {member.key: member for member in group.current.members}
    lines = {found_key(member, found): member.position for member in group.desired.members}
    for member, health in group.unhealthy:
        path = join(("servers", str(member.key), "health"))
        ignored = mode_of(group.desired.drift, SERVER_GROUP, path, today) == "Ignore"
        mode: Mode = "Ignore" if ignored else "Report"
        yield Difference(
            group.identity,
            path,
            str(HealthState.NORMAL),
            str(health),
            Cause.DRIFT,
            mode,
            position=lines.get(member.key) or group.desired.position,
            note=said("silent", health=health),
            reason=Reason.MEMBER_SILENT,
            theirs=True,
        )


def all_asked(comparison: Comparison, observed: ObservedTarget) -> bool:
    """Whether the listeners of every group in use were asked about its members."""
    return all(_asked(group, observed) for group in comparison.groups)


def _asked(group: GroupComparison, observed: ObservedTarget) -> bool:
    if group.current is None or not group.current.related:
        return not group.unknown  # nothing is there, or no listener uses it
    return group.current.id in observed.health
