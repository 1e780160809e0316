"""The ends of one target together, and who hears how a pass gets on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gitopsd.ports.alerts import AlertMemory
from gitopsd.ports.cloud import CloudReader, CloudWriter
from gitopsd.ports.cluster import ClusterReader, ClusterWriter
from gitopsd.ports.leases import Term
from gitopsd.ports.mirror import Mirror
from gitopsd.ports.reports import ReportStore


@dataclass(frozen=True, slots=True)
class Site:
    """One target's ends: where a pass reads and, unless it is a dry run, writes.

    `cloud` is None when the target needs no server groups and none was ever made there. The writers
    write within `term` only; without one they ask nobody, as for a target that nobody else knows.
    `mirror` is where people are told in the cluster itself, `reports` where its drift reports are
    kept and `told` where it is remembered what people were told; None for nowhere.
    """

    cluster: ClusterReader
    cloud: CloudReader | None
    cluster_writer: ClusterWriter | None = None
    cloud_writer: CloudWriter | None = None
    term: Term | None = None
    mirror: Mirror | None = None
    reports: ReportStore | None = None
    told: AlertMemory | None = None


Progress = Callable[[str], None]
