"""Looks at a target, as the life of reports is told of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from gitopsd.drift.findings import fingerprint
from gitopsd.drift.life import advance
from gitopsd.drift.policy import LifePolicy
from gitopsd.model.identity import Identity
from gitopsd.model.observed import Gap
from gitopsd.model.reason import Reason
from gitopsd.model.report import DriftReport, EventKind, Told
from gitopsd.model.verdict import Assessment, Attribution, Cause, Difference, State, Verdict
from tests.unit.build import OWNER

START = datetime(2026, 11, 22, 8, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def exposure(name: str) -> Identity:
    return Identity("Exposure", "shop", name)


def drift(
    name: str = "tea", path: str = "spec.type", found: Any = "NodePort", **more: Any
) -> Difference:
    resource = Identity("Service", "shop", name)
    return Difference(resource, path, "LoadBalancer", found, Cause.DRIFT, **more)


def by(manager: str, moment: datetime) -> Attribution:
    return Attribution(manager, "Update", moment.strftime("%Y-%m-%dT%H:%M:%SZ"))


def look(
    *found: Difference,
    calm: Iterable[str] = (),
    unknown: Iterable[str] = (),
    blind: Iterable[Reason] = (),
    gaps: bool = False,
) -> Assessment:
    """The drift that was found; `calm` are Exposures in sync, `unknown` those without a verdict."""
    by_name: dict[str, list[Difference]] = {name: [] for name in calm}
    for item in found:
        by_name.setdefault(item.resource.name, []).append(item)
    verdicts = [
        Verdict(exposure(name), State.DRIFTED if items else State.IN_SYNC, tuple(items))
        for name, items in by_name.items()
    ]
    verdicts += [Verdict(exposure(name), State.UNKNOWN) for name in unknown]
    told = (Gap("the cluster", "503"),) if gaps else ()
    return Assessment(OWNER.target, tuple(verdicts), told, frozenset(blind))


def name_of(item: Difference) -> str:
    return fingerprint(OWNER, exposure(item.resource.name), item.resource, item.reason)


class Story:
    """Reports followed over several looks, each at its time after the start."""

    def __init__(self, policy: LifePolicy | None = None) -> None:
        self.policy = policy or LifePolicy()
        self.now = START
        self.reports: dict[str, DriftReport] = {}
        self.told = Told()

    def after(
        self, time: timedelta, assessment: Assessment, writer: Attribution | None = None
    ) -> list[EventKind]:
        """One more look; answers what happened to the reports.

        `writer` is who wrote whatever is as it should be.
        """
        self.now += time
        self.told = advance(
            self.reports.values(),
            assessment,
            OWNER,
            self.now,
            policy=self.policy,
            writer=lambda _resource, _path: writer,
        )
        self.reports = dict(self.told.reports)
        return [event.kind for event in self.told.events]

    @property
    def only(self) -> DriftReport:
        (report,) = self.reports.values()
        return report
