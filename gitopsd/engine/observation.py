"""Looking at a target: cluster and cloud side by side."""

from __future__ import annotations

from gitopsd.engine.cloud_sight import with_health, with_strays
from gitopsd.engine.hearing import heard
from gitopsd.engine.unmarked import with_unmarked
from gitopsd.model.desired import DesiredTarget, Product
from gitopsd.model.identity import SERVER_GROUP
from gitopsd.model.observed import Gap, ObservedTarget
from gitopsd.model.ownership import Owner
from gitopsd.model.wording import said
from gitopsd.ports import (
    CloudReader,
    CloudScope,
    CloudView,
    ClusterReader,
    ClusterScope,
    ClusterView,
    Progress,
    Site,
    WorldError,
)
from gitopsd.ports.pool import Pool

_CLUSTER = frozenset({"Service", "Ingress"})


def observe_target(
    desired: DesiredTarget, site: Site, owner: Owner, progress: Progress, *, health: bool = False
) -> ObservedTarget:
    """Everything of ours at the target, and what stands where we would write.

    Cluster and cloud are read at the same time. What cannot be read becomes a gap, so that one
    API's outage says nothing about the other; only a refused identity ends the pass. With `health`
    every listener that uses one of our groups is asked about its members, and the cluster what
    controllers told of our objects; what they told is no part of any plan, so that not to know it
    is no gap.
    """
    progress(f"{owner.target}: observing")
    with Pool(max_workers=3, thread_name_prefix="observe") as pool:
        cluster = pool.submit(_cluster, site.cluster, cluster_scope(desired, owner))
        cloud = pool.submit(_cloud, site.cloud, cloud_scope(desired, owner))
        hearing = pool.submit(heard, site.cluster, desired) if health else None
        seen, groups = cluster.result(), cloud.result()
        told, unheard = hearing.result() if hearing else ((), "")
    if site.cloud is not None:
        groups = with_strays(groups, seen, desired, owner, site.cloud)
        groups = with_health(groups, desired, owner, site.cloud, everything=health)
    blind = _blind(site, seen)
    observed = ObservedTarget(
        owner.target,
        seen.objects,
        groups.groups,
        seen.foreign,
        groups.adoptable,
        seen.services,
        seen.namespaces,
        seen.record,
        seen.cluster_uid,
        (*seen.gaps, *groups.gaps, *blind),
        seen.other_targets,
        groups.strays,
        groups.health,
        no_namespace=seen.no_namespace,
        confined=seen.confined,
        told=told,
        unheard=unheard,
    )
    return with_unmarked(observed, desired, site, owner)


def _blind(site: Site, seen: ClusterView) -> tuple[Gap, ...]:
    """Without access to the cloud, groups that the record names cannot be looked at."""
    if site.cloud is not None or seen.record is None:
        return ()
    if not any(identity.kind == SERVER_GROUP for identity in seen.record.entries):
        return ()
    return (Gap(said("the-groups"), said("no-credentials"), frozenset({"ALB", "NLB"})),)


def cluster_scope(desired: DesiredTarget, owner: Owner) -> ClusterScope:
    """What the desired state needs to know of the cluster."""
    services = {
        (reference.namespace, reference.name)
        for item in desired.objects.values()
        for reference in item.services
    }
    made = {(i.namespace, i.name) for i in desired.objects if i.kind == "Service"}
    return ClusterScope(owner, frozenset(desired.objects), frozenset(services - made))


def cloud_scope(desired: DesiredTarget, owner: Owner) -> CloudScope:
    """What the desired state needs to know of the cloud.

    Both products are listed whatever the specs say: a group whose spec has just been taken out of
    Git is found nowhere else.
    """
    products: frozenset[Product] = frozenset({"ALB", "NLB"})
    adopt = frozenset(
        (group.product, group.adopt_id) for group in desired.groups.values() if group.adopt_id
    )
    return CloudScope(owner, products, adopt)


def _cluster(reader: ClusterReader, scope: ClusterScope) -> ClusterView:
    try:
        return reader.observe(scope)
    except WorldError as error:
        return ClusterView(gaps=(Gap(said("the-cluster"), str(error), _CLUSTER),))


def _cloud(reader: CloudReader | None, scope: CloudScope) -> CloudView:
    if reader is None:
        return CloudView()
    try:
        return reader.observe(scope)
    except WorldError as error:
        return CloudView(gaps=(Gap(said("the-cloud"), str(error), frozenset({"ALB", "NLB"})),))
