"""Controllers that have failed on something of ours and have not told since that it is done.

Kubernetes then says what we asked for, and the load balancer does not. A controller tells it in
Events on what it could not do, or on everything behind one ALB; success it tells of an Ingress that
has moved and of the AlbConfig, not of each Ingress (facts §2.2).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from gitopsd.drift.policy import moment_of
from gitopsd.model.comparison import Comparison
from gitopsd.model.identity import Identity
from gitopsd.model.moments import moment
from gitopsd.model.observed import ControllerEvent, ObservedTarget
from gitopsd.model.verdict import Waiting, WaitingFor
from gitopsd.profiles.events import ALB_CONFIG, OVER_AFTER

#: The id that the cloud gives each request: the same failure has another one every time.
_REQUEST = re.compile(r"[,;.]?\s*\"?request[ _-]?id\"?\s*[:=]\s*\"?[0-9A-Za-z-]+\"?", re.IGNORECASE)


def failing(
    comparison: Comparison, observed: ObservedTarget, today: date
) -> Iterator[tuple[Identity, Waiting]]:
    """What controllers could not do last, with the Exposure that it is about."""
    told: defaultdict[Identity, list[ControllerEvent]] = defaultdict(list)
    for event in observed.told:
        told[event.about].append(event)
    whole = _balancers(told)
    for item in comparison.objects:
        if item.desired is None or item.live is None:
            continue
        its = [e for e in told.get(item.identity, ()) if e.uid in ("", item.live.uid)]
        failed = max((e for e in its if e.failed), key=_when, default=None)
        if failed is None or moment(today) - _when(failed) > OVER_AFTER:
            continue
        done = [_when(e) for e in its if not e.failed]
        done += [time for time in (whole.get(_words(failed)),) if time]
        if all(time < _when(failed) for time in done):
            detail = f"{failed.reason}: {_REQUEST.sub('', failed.message)}"
            yield item.exposure, Waiting(WaitingFor.FAILURE, item.identity, detail)


def _balancers(
    told: Mapping[Identity, Sequence[ControllerEvent]],
) -> dict[tuple[str, str], datetime]:
    """By what was said when it failed, when a whole ALB was told to be done last.

    No Event on an Ingress names its ALB, but the same words stand on the AlbConfig. Of two that
    failed alike the one counts that has not been done for longer.
    """
    found: dict[tuple[str, str], datetime] = {}
    for about, events in told.items():
        if about.kind != ALB_CONFIG:
            continue
        done = max((_when(event) for event in events if not event.failed), default=moment_of(""))
        for event in (event for event in events if event.failed):
            found[_words(event)] = min(found.get(_words(event), done), done)
    return found


def _when(event: ControllerEvent) -> datetime:
    return moment_of(event.time)


def _words(event: ControllerEvent) -> tuple[str, str]:
    return event.reason, _REQUEST.sub("", event.message)
