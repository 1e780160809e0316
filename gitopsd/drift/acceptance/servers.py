"""Server groups: attributes and members have a field each in the spec."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from gitopsd.drift.acceptance.proposals import Bundle, nothing, sorted_out
from gitopsd.model.comparison import GroupComparison
from gitopsd.model.desired import Product
from gitopsd.model.observed import ObservedMember
from gitopsd.model.paths import join
from gitopsd.model.verdict import Difference
from gitopsd.profiles.servergroups import HEALTH_CHECKS
from gitopsd.spec.document import Path
from gitopsd.spec.editing import Edit, Insert, Put, Remove
from gitopsd.spec.editing.edits import at
from gitopsd.spec.model import HealthCheck

_CHECK = "HealthCheckConfig."
_CHECKS: Path = ("spec", "healthCheck")
_SERVERS: Path = ("spec", "servers")


def group_bundles(item: GroupComparison, differences: Iterable[Difference]) -> Iterator[Bundle]:
    """For the group of a ServerGroup."""
    checks, rest = sorted_out(differences, lambda found: found.path.startswith(_CHECK))
    if checks and item.desired is not None:
        yield Bundle(checks, partial(_health_check, item.desired.product, checks))
    for difference in rest:
        if difference.path.startswith("servers["):
            yield Bundle((difference,), partial(_member, item, difference))
        elif difference.path == "Scheduler":
            yield Bundle((difference,), partial(_scheduler, difference))
        else:
            yield Bundle((difference,), nothing)


def _scheduler(difference: Difference, value: Any) -> Iterator[Sequence[Edit]]:
    if difference.found is not None:
        yield [Put(("spec", "scheduler"), difference.found)]
    elif "scheduler" in at(value, ("spec",)):
        yield [Remove(("spec", "scheduler"))]


def _names(product: Product) -> Mapping[str, str]:
    """API name of a health check's field -> its name in a spec."""
    fields = HEALTH_CHECKS[product].fields.items()
    known = {api_name: HealthCheck.model_fields[name].alias or name for name, api_name in fields}
    return known | {"HealthCheckEnabled": "enabled"}


def _health_check(
    product: Product, differences: Sequence[Difference], value: Any
) -> Iterator[Sequence[Edit]]:
    """All that moved at once, then each for itself: some may be beyond a spec."""
    names = _names(product)
    moved = {
        names[leaf]: difference.found
        for difference in differences
        if (leaf := difference.path.removeprefix(_CHECK)) in names
    }
    yield _check_edits(moved, value)
    for name, found in moved.items():
        yield _check_edits({name: found}, value)


def _check_edits(moved: Mapping[str, Any], value: Any) -> list[Edit]:
    written = at(value, ("spec",)).get("healthCheck")
    if not isinstance(written, dict):
        told = {name: found for name, found in moved.items() if found is not None}
        return [Put(_CHECKS, told)] if told else []
    gone = [name for name, found in moved.items() if found is None and name in written]
    return [
        *(Put((*_CHECKS, name), found) for name, found in moved.items() if found is not None),
        *(Remove((*_CHECKS, name)) for name in gone),
    ]


def _member(item: GroupComparison, difference: Difference, value: Any) -> Iterator[Sequence[Edit]]:
    written: list[dict[str, Any]] = at(value, ("spec",)).get("servers") or []
    index = next(
        (n for n, server in enumerate(written) if difference.path.startswith(_path(server))), None
    )
    if index is not None and difference.path.endswith(".weight"):
        yield [Put((*_SERVERS, index, "weight"), difference.found)]
    elif index is not None and difference.found is None:
        yield [Remove((*_SERVERS, index))]
    elif difference.wanted is None:
        for live in (*item.foreign, *item.surplus):
            if join(("servers", str(live.key))) == difference.path:
                added = Insert(_SERVERS, _server(live)) if written else None
                yield [added or Put(_SERVERS, [_server(live)])]


def _path(server: Mapping[str, Any]) -> str:
    name = server.get("instanceId") or server.get("ip")
    return join(("servers", f"{name}:{server['port']}"))


def _server(live: ObservedMember) -> dict[str, Any]:
    """A member as it is written down."""
    name = "ip" if live.server_type == "Ip" else "instanceId"
    return {name: live.key.server_id, "port": live.key.port, "weight": live.weight}
