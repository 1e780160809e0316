"""Things that need no step but that people should know: their texts as data, and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gitopsd.diff.members import by_controller
from gitopsd.diff.objects import exposure_of
from gitopsd.diff.unmarked import left_git
from gitopsd.model.comparison import Comparison, GroupComparison, ObjectComparison
from gitopsd.model.desired import DesiredTarget
from gitopsd.model.identity import SERVICE, Identity
from gitopsd.model.observed import ObservedGroup, ObservedObject, ObservedTarget
from gitopsd.model.ownership import GROUP, INSTANCE, MANAGED_BY, MANAGER, Owner
from gitopsd.model.plan import Operation, Step
from gitopsd.model.problem import Problem, Severity
from gitopsd.planning.backends import internal_backends
from gitopsd.planning.options import PlanOptions
from gitopsd.profiles.annotations import kept_by_load_balancer, reset_of

_ANNOTATIONS = "metadata.annotations["

#: What says that something could not be observed, and that it was another cluster which was.
NOT_OBSERVED = "GX1001"
ANOTHER_CLUSTER = "GX1017"

#: id -> (what, why it matters, how to mend it); the texts take the named values.
NOTICES: Mapping[str, tuple[str, str, str]] = {
    NOT_OBSERVED: (
        "{what} could not be observed: {why}",
        "what cannot be seen is neither judged nor deleted",
        "mend the cause and plan again",
    ),
    "GX1002": (
        "{identity} is being deleted, and a finalizer holds it",
        "its controller takes the load balancer down first",
        "wait for the controller; look at the events of {identity} when it takes long",
    ),
    "GX1003": (
        "group {id} has members that gitopsd did not add: {members}",
        "they take their share of the traffic, and nothing in Git says so",
        "add them to the ServerGroup and plan with --adopt, or remove them by hand",
    ),
    "GX1004": (
        "group {id} carries our instance and target, but no tag that names its ServerGroup",
        "without it nobody can tell what the group is for, so it is left alone",
        "put the tag gitopsd.io/group=namespace/name back, or delete the group by hand",
    ),
    "GX1005": (
        "target {target} is not pinned to a cluster",
        "a kubeconfig that points elsewhere one day would fill another cluster",
        "add to the target in fleet.yaml: clusterUid: {uid}",
    ),
    "GX1006": (
        "target {target} has left the fleet, and what was made for it here stays as it is",
        "a target that is missing from fleet.yaml is no order to empty it",
        "put it back with state: Retiring to empty it first, or remove its things by hand",
    ),
    "GX1007": (
        "{what} has ended (until {until})",
        "an exception that nobody renews has done its work, and drift there counts again",
        "take it out of the spec, or give it another until",
    ),
    "GX1008": (
        "{what} has ended (until {until})",
        "a hold is for an incident and ends by itself: drift there counts again",
        "take the change into Git (gitopsd drift accept), or hold it anew (gitopsd drift hold)",
    ),
    "GX1009": (
        "the annotation {key} on the record of target {target} is no hold that can be read",
        "what it was to protect is treated as if nobody had asked",
        "take it off with kubectl annotate, and use gitopsd drift hold",
    ),
    "GX1010": (
        "{held} has errors, or refers to one that has, so what it made stays as it is: {things}",
        "what a wrong document asks for is not known, and deleting would be a guess",
        "correct it; gitopsd validate says what is wrong and where",
    ),
    "GX1011": (
        "the load balancer of {identity} keeps what annotations said that are taken off",
        "its controller sets what is written and resets nothing",
        "set by hand on the load balancer, once this is applied: {resets}",
    ),
    "GX1012": (
        "the cloud would refuse to {step}: {why}",
        "it was asked with a dry run, which checks permission, form and limits",
        "{mend}",
    ),
    "GX1013": (
        "--correct overrides {what}",
        "somebody left that so on purpose, and it is put right with all other drift",
        "apply without --correct to leave it; ask whoever made it first",
    ),
    "GX1014": (
        "{count} of the approvals on the record of target {target} cannot be read",
        "they are left out, and so is whether a plan has been approved and done before",
        "see who writes to the record; the next pass writes it anew without them",
    ),
    "GX1015": (
        "namespace {namespace}, in which the record of target {target} is kept, does not exist",
        "without the record a deletion by hand counts as a change of Git's, and no approval, hold"
        " or suspension is known",
        "kubectl create namespace {namespace}; or name the right one with --record-namespace",
    ),
    "GX1016": (
        "asked the cloud about {asked} of {total}{rest}",
        "a dry run answers for one call as things are now, not for what earlier steps bring about",
        "what was not asked shows when it is applied; a step refused then is left to the next pass",
    ),
    ANOTHER_CLUSTER: (
        "target {target} is pinned to cluster {pinned}, but this cluster {found}",
        "what was read here is another cluster's, so nothing at all is done",
        "use the right context, or correct clusterUid in fleet.yaml",
    ),
    "GX1018": (
        "{what} is still there; our {marks} were taken off, and Git asks for it no more",
        "only what carries our {marks} is ours to delete",
        "to have it deleted, put them back: {back}; to keep it and hear no more of it: {forget}",
    ),
    "GX1019": (
        "{ingress} sends to Service {service} of type ClusterIP, which has no annotation"
        " service.beta.kubernetes.io/backend-type=eni",
        "unless the cluster's own setting makes up for it, such a backend stops every Ingress of"
        " the ALB",
        "kubectl -n {namespace} annotate service {name}"
        " service.beta.kubernetes.io/backend-type=eni",
    ),
    "GX1020": (
        "{what} holds nothing: there is no such place in the spec, nor does anything differ there",
        "Git may have renamed or removed what it was for; what it has now is not left alone",
        "{mend}; or name what it should be about",
    ),
    "GX1021": (
        "{thing} is left as found at {paths}: Git or somebody moved it, and nothing tells who",
        "what a person did there is no longer known, and Git's is not put over it unasked",
        "gitopsd apply --correct puts Git's there; or have Git ask for what is found",
    ),
}


def notice(number: str, subject: Identity | None = None, **values: Any) -> Problem:
    """One notice with its values filled in."""
    what, why, mend = (text.format(**values) for text in NOTICES[number])
    return Problem(number, Severity.WARNING, what, why, mend, subject=subject)


def notices_of(
    comparison: Comparison,
    steps: Iterable[Step],
    desired: DesiredTarget,
    observed: ObservedTarget,
    options: PlanOptions,
) -> Iterator[Problem]:
    """What people should know beside the steps of a plan."""
    for gap in observed.gaps:
        yield notice(NOT_OBSERVED, what=gap.what, why=gap.why)
    first = observed.record is None and bool(comparison.objects)
    if first and desired.cluster_uid is None and observed.cluster_uid:
        yield notice("GX1005", target=desired.name, uid=observed.cluster_uid)
    if observed.no_namespace:
        yield notice("GX1015", namespace=observed.no_namespace, target=desired.name)
    if options.targets is not None:
        for left in sorted(observed.other_targets - options.targets):
            yield notice("GX1006", target=left)
    yield from _held_documents(desired, observed)
    yield from _settings_left_behind(steps)
    for item in comparison.objects:
        yield from _object_notices(item)
        if not desired.overlay:
            yield from _internal_backends(item, observed)
    for group in comparison.groups:
        yield from _group_notices(group)
    recognised = {group.current.id for group in comparison.groups if group.current}
    for orphan in observed.groups:
        if orphan.identity is None and orphan.id not in recognised:
            yield notice("GX1004", id=orphan.id)


def _object_notices(item: ObjectComparison) -> Iterator[Problem]:
    if item.desired is None and item.live is not None and item.live.deleting:
        yield notice("GX1002", subject=item.exposure, identity=item.identity)
    doubtful = dict.fromkeys(one.path for one in item.differences if one.doubtful)
    if doubtful:
        names = ", ".join(doubtful)
        yield notice("GX1021", subject=item.exposure, thing=item.identity, paths=names)


def _internal_backends(item: ObjectComparison, observed: ObservedTarget) -> Iterator[Problem]:
    for reference in internal_backends(item, observed):
        service = f"{reference.namespace}/{reference.name}"
        yield notice(
            "GX1019", item.exposure, ingress=item.identity, service=service,
            namespace=reference.namespace, name=reference.name,
        )  # fmt: skip


def unmarked_notices(
    observed: ObservedTarget, desired: DesiredTarget, owner: Owner
) -> Iterator[Problem]:
    """What has left Git after somebody took our marks off it (design §4, "Stamp")."""
    for identity, thing in left_git(observed, desired).items():
        yield _unmarked(identity, thing, owner)


def _unmarked(identity: Identity, thing: ObservedObject | ObservedGroup, owner: Owner) -> Problem:
    if isinstance(thing, ObservedGroup):
        tags = {**owner.tag_filter, GROUP: identity.key}
        back = ", ".join(f"{key}={value}" for key, value in tags.items() if key not in thing.tags)
        return notice(
            "GX1018", identity, what=f"group {thing.id} of {identity}", marks="tags",
            back=f"tag it with {back}", forget=f"tag it with {INSTANCE}=none",
        )  # fmt: skip
    label = f"kubectl -n {identity.namespace} label {identity.kind.lower()} {identity.name}"
    labels = {MANAGED_BY: MANAGER, **owner.tag_filter}
    back = " ".join(f"{key}={value}" for key, value in labels.items() if key not in thing.labels)
    return notice(
        "GX1018", exposure_of(thing), what=identity, marks="labels",
        back=f"{label} {back}", forget=f"{label} --overwrite {INSTANCE}=none",
    )  # fmt: skip


def _group_notices(group: GroupComparison) -> Iterator[Problem]:
    strangers = [member for member in group.foreign if not by_controller(member)]
    if strangers and group.current is not None:
        names = ", ".join(str(member.key) for member in strangers)
        yield notice("GX1003", subject=group.identity, members=names, id=group.current.id)


def _held_documents(desired: DesiredTarget, observed: ObservedTarget) -> Iterator[Problem]:
    """What documents with errors have made here: it gets no step (design §4, "Held, not lost")."""
    if not desired.held:
        return
    things: dict[Identity, list[Identity]] = {}
    for identity, live in observed.objects.items():
        things.setdefault(exposure_of(live), []).append(identity)
    for group in observed.groups:
        if group.identity is not None:
            things.setdefault(group.identity, []).append(group.identity)
    for held in sorted(desired.held & things.keys()):
        names = ", ".join(str(thing) for thing in sorted(set(things[held])))
        yield notice("GX1010", subject=held, held=held, things=names)


def _settings_left_behind(steps: Iterable[Step]) -> Iterator[Problem]:
    """Annotations that go while the load balancer keeps what they said (facts §1.6)."""
    for step in steps:
        if step.kind != SERVICE or step.operation not in (Operation.UPDATE, Operation.ADOPT):
            continue
        if step.payload["manifest"]["spec"].get("type") != "LoadBalancer":
            continue  # its load balancer goes
        gone = [
            change.path[len(_ANNOTATIONS) : -1]
            for change in step.changes
            if change.new is None and change.path.startswith(_ANNOTATIONS)
        ]
        resets = [reset_of(name) for name in sorted(gone) if kept_by_load_balancer(name)]
        if resets:
            yield notice("GX1011", step.owner, identity=step.identity, resets="; ".join(resets))
