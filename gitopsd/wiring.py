"""The composition root: from settings to the objects that do the work.

The only module (beside the sandbox, for itself) that names adapters. It imports them where they
are needed, so that a command pays for no SDK that it does not use.
"""

from __future__ import annotations

import functools

from gitopsd.config import ClusterSettings, Settings, SourceSettings
from gitopsd.model.desired import DesiredTarget
from gitopsd.ports import CloudReader, CloudWriter, ConfigSource, Misconfigured, Site
from gitopsd.spec.model import Target


def open_config(settings: SourceSettings) -> ConfigSource:
    """Where the specs are read from: a folder, or a repository at one revision.

    Raises the errors of `ConfigSource.tree`.
    """
    from gitopsd.adapters.git import GitAccess, open_source

    access = GitAccess(
        token_file=settings.token_file,
        username=settings.username,
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


def connect_site(
    target: Target, desired: DesiredTarget, settings: Settings, *, write: bool
) -> Site:
    """The ends of one target; without `write` there is nothing that could change it.

    Raises Misconfigured, Unreachable and Unauthenticated.
    """
    from gitopsd.adapters.kubernetes import KubernetesCluster

    connection = _connection(settings.cluster, target.kube_context)
    namespace = settings.cluster.record_namespace
    cluster = KubernetesCluster(connection, namespace_for_record=namespace)
    cloud = _cloud(target, desired, settings)
    if not write:
        return Site(cluster, cloud)
    return Site(cluster, cloud, cluster, cloud)


def needs_cloud(target: Target, desired: DesiredTarget, settings: Settings) -> bool:
    """Whether server groups are asked for, or could have been made here before.

    A fleet that never had a ServerGroup, run by somebody without cloud credentials, is not told
    that it lacks them. Everybody else's groups are looked for even when the last spec has gone.
    """
    cloud = settings.cloud
    return bool(
        desired.groups
        or cloud.alb_endpoint
        or cloud.nlb_endpoint
        or target.credentials.profile
        or target.credentials.role_arn
        or cloud.credentials_present
    )
