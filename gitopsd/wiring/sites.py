"""From settings to the ends of a target: its cluster, its cloud, its lease, its reports."""

from __future__ import annotations

import os
import socket
import uuid
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from gitopsd.config import CloudSettings, Settings
from gitopsd.daemon.leases import BRISK, PATIENT, LeaseTimes, Share, Tenure
from gitopsd.model.desired import DesiredTarget, TargetAccess
from gitopsd.model.ownership import Owner
from gitopsd.ports import (
    UNTRACED,
    CloudReader,
    CloudWriter,
    FollowedSource,
    Lease,
    Meter,
    ReportStore,
    Site,
    Term,
    Tracer,
)

if TYPE_CHECKING:
    from gitopsd.adapters.alibaba import AlibabaCloud, Credentials, Pace
    from gitopsd.daemon.settings import Repository
    from gitopsd.spec.model import Target


#: Seconds to connect, of a write or of a request about a lease.
_CONNECT = 1.0


def _write_timeouts(request: float) -> tuple[float, float]:
    """Seconds to connect and to wait for the answer, of a write that may take `request` in all."""
    return _CONNECT, request - _CONNECT


@dataclass(frozen=True, slots=True)
class Place:
    """Where one target is and whose credentials open it: names, never secrets.

    `cloud` says whether server groups are asked for, or could have been made here before.
    """

    name: str
    kube_context: str | None
    region: str
    profile: str | None = None
    role_arn: str | None = None
    cloud: bool = False


def place_of(access: TargetAccess, desired: DesiredTarget, settings: Settings) -> Place:
    """The place of a target that is reached so.

    A fleet that never had a ServerGroup, run by somebody without cloud credentials, is not told
    that it lacks them. Everybody else's groups are looked for even when the last spec has gone.
    """
    cloud = settings.cloud
    hints = (cloud.alb_endpoint, cloud.nlb_endpoint, access.profile, access.role_arn)
    return Place(
        desired.name,
        access.kube_context,
        access.region,
        access.profile,
        access.role_arn,
        cloud=bool(desired.groups) or cloud.credentials_present or any(hints),
    )


def foresee_connecting() -> None:
    """Load the client of clusters in the background, beside what waits for git.

    The official client takes a tenth of a second to load, which is about what git takes to answer.
    """
    Thread(target=import_module, args=("gitopsd.adapters.kubernetes",), daemon=True).start()


def connect_site(
    place: Place,
    settings: Settings,
    *,
    write: bool,
    term: Term | None = None,
    keys: Credentials | None = None,
    meter: Meter | None = None,
) -> Site:
    """The ends of one target; without `write` there is nothing that could change it.

    What writes does so within `term` only; `keys` are the place's, where they are kept. `meter` is
    told of every request. Nothing is sent yet. Raises Misconfigured.
    """
    from gitopsd.adapters.kubernetes import KubernetesCluster, Patience, connect

    context = settings.cluster.context or place.kube_context
    connection = connect(
        settings.cluster.kubeconfig,
        context,
        write_timeouts=_write_timeouts(term.request) if term else None,
        patience=Patience(sleep=term.pause) if term else None,
        term=term,
        meter=meter,
    )
    connection.confine(settings.cluster.namespaces)
    cluster = KubernetesCluster(connection, namespace_for_record=settings.cluster.record_namespace)
    if write:
        from gitopsd.adapters.kubernetes.mirror import KubernetesMirror
        from gitopsd.adapters.kubernetes.reports import ReportResources
        from gitopsd.adapters.kubernetes.told import ToldConfigMaps

        cloud = _cloud(place, settings.cloud, term, keys, meter) if place.cloud else None
        mirror = KubernetesMirror(connection)
        reports = ReportResources(connection, namespace=settings.cluster.record_namespace)
        told = ToldConfigMaps(connection, settings.cluster.record_namespace)
        return Site(cluster, cloud, cluster, cloud, term, mirror, reports, told)
    if not place.cloud:
        return Site(cluster, None)
    return Site(cluster, _cloud_reader(place, settings.cloud, meter))


@dataclass(frozen=True, slots=True)
class Ways:
    """The operator's ways to repositories and targets (`daemon.outside.Outside`).

    `me` is its name in leases, `meter` is told what is asked of the APIs, `tracer` what is done.
    """

    settings: Settings
    me: str
    meter: Meter | None = None
    tracer: Tracer = UNTRACED
    _kept: dict[tuple[str | None, str | None], Credentials] = field(default_factory=dict)

    def follow(self, repository: Repository) -> FollowedSource:
        """See `Outside.follow`."""
        from gitopsd.adapters.git import Ending, GitAccess, GitRepository, Signers

        keys, files = repository.signatures, repository.credentials
        access = GitAccess(
            token_file=_path(files.token_file),
            username=files.username,
            ca_file=_path(files.ca_file),
            ssh_key=_path(files.ssh_key_file),
            known_hosts=_path(files.known_hosts_file),
        )
        signers = None
        if keys is not None:
            files_of_gpg = tuple(map(Path, keys.gpg_key_files))
            signers = Signers(files_of_gpg, _path(keys.ssh_signers_file))
        return GitRepository(
            repository.url,
            repository.branch,
            cache_dir=self.settings.source.cache,
            access=access,
            folder=repository.path,
            signers=signers,
            ending=Ending(),
        )

    def tenure(self, target: Target, owner: Owner, share: Share) -> Tenure:
        """See `Outside.tenure`."""
        place = place_of(target.access, DesiredTarget(target.name, {}, {}), self.settings)
        return open_tenure(place, owner, self.settings, self.me, share=share, meter=self.meter)

    def site(self, target: Target, desired: DesiredTarget, term: Term) -> Site:
        """See `Outside.site`."""
        place = place_of(target.access, desired, self.settings)
        keys = self._kept.setdefault((place.profile, place.role_arn), _keys(place))
        return connect_site(
            place, self.settings, write=True, term=term, keys=keys, meter=self.meter
        )


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def connect_writer(place: Place, owner: Owner, settings: Settings) -> Site:
    """The ends of one target for one piece of work, to be done while its term is `held`.

    A person looks on, so writes are given their time; nobody stands by to take over soon.
    Nothing is sent yet. Raises Misconfigured.
    """
    term = open_tenure(place, owner, settings, candidate("apply"), PATIENT)
    return connect_site(place, settings, write=True, term=term)


def candidate(what: str) -> str:
    """A name for a lease's holder that tells people who it is, and that nobody else has."""
    return f"{what}-{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:6]}"


def open_tenure(
    place: Place,
    owner: Owner,
    settings: Settings,
    me: str,
    times: LeaseTimes = BRISK,
    share: Share | None = None,
    meter: Meter | None = None,
) -> Tenure:
    """A candidate called `me` for the lease of a target, which is kept in the target's cluster.

    Nothing is sent yet. Raises Misconfigured.
    """
    from gitopsd.adapters.kubernetes import KubernetesLease, Patience, connect

    connection = connect(
        settings.cluster.kubeconfig,
        settings.cluster.context or place.kube_context,
        threads=1,
        timeouts=(_CONNECT, times.duration / 2),
        patience=Patience(attempts=1),
        meter=meter,
    )
    store = KubernetesLease(connection, owner, namespace=settings.cluster.record_namespace)
    return Tenure(store, me, times, share=share)


def read_lease(place: Place, owner: Owner, settings: Settings) -> Lease | None:
    """Who may write to a target now, as its Lease says. Raises the errors of `ports`."""
    from gitopsd.adapters.kubernetes import KubernetesLease, connect

    connection = connect(
        settings.cluster.kubeconfig, settings.cluster.context or place.kube_context, threads=1
    )
    namespace = settings.cluster.record_namespace
    return KubernetesLease(connection, owner, namespace=namespace).read()


def connect_trial(place: Place, settings: Settings) -> CloudWriter | None:
    """A writer whose every call is a dry run; None for a target without a cloud."""
    return _cloud(place, settings.cloud, dry_run=True) if place.cloud else None


#: In the place of a folder: reports are kept as custom resources of each target's own cluster.
IN_CLUSTER = "cluster"


def open_reports(where: str, place: Place, settings: Settings) -> ReportStore:
    """Where the drift reports of a target are kept: `cluster`, or a folder of this machine.

    Nothing is sent or read yet. Raises Misconfigured.
    """
    if where != IN_CLUSTER:
        from gitopsd.adapters.reports import ReportFolder

        return ReportFolder(Path(where))
    from gitopsd.adapters.kubernetes import connect
    from gitopsd.adapters.kubernetes.reports import ReportResources

    context = settings.cluster.context or place.kube_context
    connection = connect(settings.cluster.kubeconfig, context)
    return ReportResources(connection, namespace=settings.cluster.record_namespace)


def _pace(settings: CloudSettings, term: Term | None = None) -> Pace:
    """How fast the cloud is called: gently, but for one that runs on this very machine."""
    from gitopsd.adapters.alibaba import Pace, is_loopback

    endpoints = (settings.alb_endpoint, settings.nlb_endpoint)
    near = all(endpoint and is_loopback(endpoint) for endpoint in endpoints)
    pace = Pace(rate=1000.0, burst=1000, poll=0.02) if near else Pace()
    if term is None:
        return pace
    return replace(pace, write_timeouts=_write_timeouts(term.request), sleep=term.pause)


def _keys(place: Place) -> Credentials:
    from gitopsd.adapters.alibaba import Credentials

    return Credentials(profile=place.profile, role_arn=place.role_arn)


def _cloud(
    place: Place,
    settings: CloudSettings,
    term: Term | None = None,
    keys: Credentials | None = None,
    meter: Meter | None = None,
    *,
    dry_run: bool = False,
) -> AlibabaCloud:
    from gitopsd.adapters.alibaba import AlibabaCloud

    return AlibabaCloud(
        place.region,
        alb_endpoint=settings.alb_endpoint,
        nlb_endpoint=settings.nlb_endpoint,
        credentials=keys or _keys(place),
        pace=_pace(settings, term),
        term=term,
        meter=meter,
        dry_run=dry_run,
    )


def _cloud_reader(place: Place, settings: CloudSettings, meter: Meter | None) -> CloudReader:
    from gitopsd.adapters.alibaba import AlibabaReader

    return AlibabaReader(
        place.region,
        alb_endpoint=settings.alb_endpoint,
        nlb_endpoint=settings.nlb_endpoint,
        credentials=_keys(place),
        pace=_pace(settings),
        meter=meter,
    )
