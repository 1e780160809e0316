"""The composition root: from settings to the objects that do the work.

The only module (beside the sandbox, for itself) that names adapters. It imports them where they
are needed, so that a command pays for no SDK that it does not use.
"""

from __future__ import annotations

import hashlib
import os
import socket
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import gitopsd
from gitopsd.config import CloudSettings, Settings, SourceSettings
from gitopsd.daemon.leases import BRISK, PATIENT, LeaseTimes, Tenure
from gitopsd.model.desired import DesiredTarget
from gitopsd.model.ownership import Owner
from gitopsd.ports import (
    BranchWriter,
    CloudReader,
    CloudWriter,
    ConfigSource,
    FollowedSource,
    Lease,
    Meter,
    ReportStore,
    Site,
    Term,
)
from gitopsd.spec.contents import SpecCache
from gitopsd.spec.model import Target

if TYPE_CHECKING:
    from gitopsd.adapters.alibaba import AlibabaCloud, Credentials, Pace
    from gitopsd.adapters.cache import CacheFile
    from gitopsd.daemon.settings import Repository


def _write_timeouts(request: float) -> tuple[float, float]:
    """Seconds to connect and to wait for the answer, of a write that may take `request` in all."""
    return request / 4, request * 3 / 4


def open_config(settings: SourceSettings) -> ConfigSource:
    """Where the specs are read from: a folder, or a repository at one revision.

    Raises the errors of `ConfigSource.tree`.
    """
    from gitopsd.adapters.git import GitAccess, open_source

    access = GitAccess(
        token_file=settings.token_file,
        username=settings.username,
        ca_file=settings.ca_file,
        ssh_key=settings.ssh_key,
        known_hosts=settings.known_hosts,
    )
    return open_source(
        settings.path,
        url=settings.repo,
        revision=settings.revision,
        cache_dir=settings.cache,
        access=access,
    )


def within_repository(path: str) -> tuple[Path, str] | None:
    """The local repository that a folder is part of, and where in it; None outside Git."""
    from gitopsd.adapters.git.access import top_of_repository

    folder = Path(path).absolute().resolve()
    top = top_of_repository(folder)
    return (top, folder.relative_to(top).as_posix()) if top else None


def local_repository(top: Path) -> BranchWriter:
    """A local repository, to commit to."""
    from gitopsd.adapters.git import LocalRepository

    return LocalRepository(top)


def write_spec_file(path: Path, before: bytes, after: bytes) -> None:
    """Change a file of a local folder; raises RepositoryError when it is not what it was."""
    from gitopsd.adapters.git import write_file

    write_file(path, before, after)


@dataclass(frozen=True, slots=True)
class SavedSpecs:
    """Specs that earlier runs have read from the same place; losing them only costs time."""

    cache: SpecCache
    _file: CacheFile
    _reader: str

    def save(self) -> str:
        """Keep what this run has read for the next one; answers why it could not be kept."""
        from gitopsd.spec.saved import dump

        return self._file.write(dump(self.cache, self._reader)) if self.cache.added else ""


def saved_specs(settings: SourceSettings) -> SavedSpecs:
    """What earlier runs have read from the source that `settings` name."""
    from gitopsd.adapters.cache import CacheFile
    from gitopsd.spec.saved import load

    source = settings.repo or str(Path(settings.path).absolute())
    name = hashlib.sha256(source.encode()).hexdigest()[:16]
    file, reader = CacheFile(settings.cache / f"specs-{name}.json"), _reader()
    return SavedSpecs(load(file.read(), reader), file, reader)


def _reader() -> str:
    """Names this very program: what another version understood is not taken over.

    The version alone would not do while somebody works on the reader.
    """
    folder = Path(gitopsd.__file__).parent / "spec"
    stamps = sorted(
        f"{file.name}:{status.st_size}:{status.st_mtime_ns}"
        for file in folder.glob("*.py")
        for status in [file.stat()]
    )
    return hashlib.sha256("\n".join([gitopsd.__version__, *stamps]).encode()).hexdigest()


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


def place_of(target: Target, desired: DesiredTarget, settings: Settings) -> Place:
    """The place of a target of the Fleet.

    A fleet that never had a ServerGroup, run by somebody without cloud credentials, is not told
    that it lacks them. Everybody else's groups are looked for even when the last spec has gone.
    """
    cloud, keys = settings.cloud, target.credentials
    hints = (cloud.alb_endpoint, cloud.nlb_endpoint, keys.profile, keys.role_arn)
    return Place(
        target.name,
        target.kube_context,
        target.region,
        keys.profile,
        keys.role_arn,
        cloud=bool(desired.groups) or cloud.credentials_present or any(hints),
    )


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
    from gitopsd.adapters.kubernetes import (
        KubernetesCluster,
        KubernetesMirror,
        Patience,
        ReportResources,
        connect,
    )

    context = settings.cluster.context or place.kube_context
    connection = connect(
        settings.cluster.kubeconfig,
        context,
        write_timeouts=_write_timeouts(term.request) if term else None,
        patience=Patience(sleep=term.pause) if term else None,
        term=term,
        meter=meter,
    )
    cluster = KubernetesCluster(connection, namespace_for_record=settings.cluster.record_namespace)
    if write:
        cloud = _cloud(place, settings.cloud, term, keys, meter) if place.cloud else None
        mirror = KubernetesMirror(connection)
        reports = ReportResources(connection, namespace=settings.cluster.record_namespace)
        return Site(cluster, cloud, cluster, cloud, term, mirror, reports)
    if not place.cloud:
        return Site(cluster, None)
    return Site(cluster, _cloud_reader(place, settings.cloud))


@dataclass(frozen=True, slots=True)
class Ways:
    """The operator's ways to repositories and targets (`daemon.outside.Outside`).

    `me` is its name in leases, and `meter` is told what is asked of the APIs.
    """

    settings: Settings
    me: str
    meter: Meter | None = None
    _kept: dict[tuple[str | None, str | None], Credentials] = field(default_factory=dict)

    def follow(self, repository: Repository) -> FollowedSource:
        """See `Outside.follow`."""
        from gitopsd.adapters.git import GitAccess, GitRepository, Signers

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
        )

    def tenure(self, target: Target, owner: Owner, reluctance: Callable[[], float]) -> Tenure:
        """See `Outside.tenure`."""
        place = place_of(target, DesiredTarget(target.name, {}, {}), self.settings)
        return open_tenure(
            place, owner, self.settings, self.me, reluctance=reluctance, meter=self.meter
        )

    def site(self, target: Target, desired: DesiredTarget, term: Term) -> Site:
        """See `Outside.site`."""
        place = place_of(target, desired, self.settings)
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
    reluctance: Callable[[], float] = lambda: 0.0,
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
        timeouts=_write_timeouts(times.request),
        patience=Patience(attempts=1),
        meter=meter,
    )
    store = KubernetesLease(connection, owner, namespace=settings.cluster.record_namespace)
    return Tenure(store, me, times, reluctance=reluctance)


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
    from gitopsd.adapters.kubernetes import ReportResources, connect

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


def _cloud_reader(place: Place, settings: CloudSettings) -> CloudReader:
    from gitopsd.adapters.alibaba import AlibabaReader

    return AlibabaReader(
        place.region,
        alb_endpoint=settings.alb_endpoint,
        nlb_endpoint=settings.nlb_endpoint,
        credentials=_keys(place),
        pace=_pace(settings),
    )
