"""The composition root: from settings to the objects that do the work.

The only module (beside the sandbox, for itself) that names adapters. It imports them where they
are needed, so that a command pays for no SDK that it does not use.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import gitopsd
from gitopsd.config import CloudSettings, Settings, SourceSettings
from gitopsd.model.desired import DesiredTarget
from gitopsd.ports import BranchWriter, CloudReader, CloudWriter, ConfigSource, Site
from gitopsd.spec.contents import SpecCache
from gitopsd.spec.model import Target

if TYPE_CHECKING:
    from gitopsd.adapters.alibaba import AlibabaCloud, Pace
    from gitopsd.adapters.cache import CacheFile


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


def connect_site(place: Place, settings: Settings, *, write: bool) -> Site:
    """The ends of one target; without `write` there is nothing that could change it.

    Nothing is sent yet. Raises Misconfigured.
    """
    from gitopsd.adapters.kubernetes import KubernetesCluster, connect

    context = settings.cluster.context or place.kube_context
    cluster = KubernetesCluster(
        connect(settings.cluster.kubeconfig, context),
        namespace_for_record=settings.cluster.record_namespace,
    )
    if not place.cloud:
        return Site(cluster, None, cluster if write else None)
    if write:
        cloud = _cloud(place, settings.cloud)
        return Site(cluster, cloud, cluster, cloud)
    return Site(cluster, _cloud_reader(place, settings.cloud))


def connect_trial(place: Place, settings: Settings) -> CloudWriter | None:
    """A writer whose every call is a dry run; None for a target without a cloud."""
    return _cloud(place, settings.cloud, dry_run=True) if place.cloud else None


def _pace(settings: CloudSettings) -> Pace:
    """How fast the cloud is called: gently, but for one that runs on this very machine."""
    from gitopsd.adapters.alibaba import Pace, is_loopback

    endpoints = (settings.alb_endpoint, settings.nlb_endpoint)
    if all(endpoint and is_loopback(endpoint) for endpoint in endpoints):
        return Pace(rate=1000.0, burst=1000, poll=0.02)
    return Pace()


def _cloud(place: Place, settings: CloudSettings, *, dry_run: bool = False) -> AlibabaCloud:
    from gitopsd.adapters.alibaba import AlibabaCloud, Credentials

    return AlibabaCloud(
        place.region,
        alb_endpoint=settings.alb_endpoint,
        nlb_endpoint=settings.nlb_endpoint,
        credentials=Credentials(profile=place.profile, role_arn=place.role_arn),
        pace=_pace(settings),
        dry_run=dry_run,
    )


def _cloud_reader(place: Place, settings: CloudSettings) -> CloudReader:
    from gitopsd.adapters.alibaba import AlibabaReader, Credentials

    return AlibabaReader(
        place.region,
        alb_endpoint=settings.alb_endpoint,
        nlb_endpoint=settings.nlb_endpoint,
        credentials=Credentials(profile=place.profile, role_arn=place.role_arn),
        pace=_pace(settings),
    )
