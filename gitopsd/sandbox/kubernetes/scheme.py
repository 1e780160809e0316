"""Which kinds the real server knows, in which versions of which groups.

An object that says it is of another version or kind than its path is refused in words that depend
on whether the server knows what the object says it is.
"""

from __future__ import annotations

from typing import Final

from gitopsd.sandbox.kubernetes.gotext import quote
from gitopsd.sandbox.kubernetes.kinds import builtin
from gitopsd.sandbox.kubernetes.parsing import group_version
from gitopsd.sandbox.kubernetes.resources import Resource

#: Other versions of a kind that is served here.
_OTHER_VERSIONS: Final = {
    "CustomResourceDefinition": ("apiextensions.k8s.io/v1beta1",),
    "EndpointSlice": ("discovery.k8s.io/v1beta1",),
    "Event": ("v1", "events.k8s.io/v1", "events.k8s.io/v1beta1"),
    "Ingress": ("extensions/v1beta1", "networking.k8s.io/v1beta1"),
    "IngressClass": ("networking.k8s.io/v1beta1",),
    "Lease": ("coordination.k8s.io/v1beta1",),
    "SelfSubjectAccessReview": ("authorization.k8s.io/v1beta1",),
    "SelfSubjectReview": ("authentication.k8s.io/v1beta1", "authentication.k8s.io/v1alpha1"),
    "SelfSubjectRulesReview": ("authorization.k8s.io/v1beta1",),
}
#: Kinds that are known and not served here; each has a list of its own.
_NOT_SERVED: Final = {
    "v1": (
        "Pod PodTemplate ReplicationController Endpoints Node Namespace ServiceAccount "
        "PersistentVolume PersistentVolumeClaim ResourceQuota LimitRange ComponentStatus"
    ),
    "apps/v1": "Deployment StatefulSet DaemonSet ReplicaSet ControllerRevision",
    "batch/v1": "Job CronJob",
    "autoscaling/v1": "HorizontalPodAutoscaler",
    "autoscaling/v2": "HorizontalPodAutoscaler",
    "networking.k8s.io/v1": "NetworkPolicy ServiceCIDR IPAddress",
    "policy/v1": "PodDisruptionBudget",
    "rbac.authorization.k8s.io/v1": "Role RoleBinding ClusterRole ClusterRoleBinding",
    "storage.k8s.io/v1": "StorageClass VolumeAttachment CSIDriver CSINode",
    "scheduling.k8s.io/v1": "PriorityClass",
    "extensions/v1beta1": "Deployment DaemonSet ReplicaSet NetworkPolicy",
}
_LONE: Final = {"v1": "Binding List RangeAllocation SerializedReference"}
#: Kinds that every version of every known group has.
_OF_ALL: Final = (
    "ListOptions", "GetOptions", "DeleteOptions", "CreateOptions", "UpdateOptions", "PatchOptions",
    "WatchEvent", "Status", "APIGroup", "APIGroupList", "APIResourceList", "APIVersions",
)  # fmt: skip
#: Groups whose internal types live in a package that is not named after the group.
_PACKAGES: Final = {"": "core", "events.k8s.io": "core"}
#: Where a scheme is made; definitions have a server of their own, which knows nothing else.
_DEFINITIONS: Final = "apiextensions.k8s.io"
_MADE_AT: Final = "pkg/api/legacyscheme/scheme.go:30"
_DEFINITIONS_MADE_AT: Final = "pkg/apiserver/apiserver.go:55"


def is_of(resource: Resource, version: str, kind: str) -> bool:
    """Whether an object that says this is one of a resource; what it leaves out says nothing."""
    group, name = group_version(version)
    named = (group, name or resource.version) if group or name else _named(resource)
    return named == _named(resource) and kind in ("", resource.kind)


def _named(resource: Resource) -> tuple[str, str]:
    return resource.group, resource.version


def is_other_version(resource: Resource, version: str, kind: str) -> bool:
    """Whether it is of another version of the same kind."""
    known = _OTHER_VERSIONS.get(resource.kind, ())
    return kind in ("", resource.kind) and version in known and version != resource.api_version


def why_other(resource: Resource, version: str, kind: str) -> str:
    """Why an object of another kind, or of one that nobody knows, does not become one of ours."""
    group, name = group_version(version or resource.api_version)
    version = f"{group}/{name}" if group else name
    kind = kind or resource.kind
    if kind in _OF_ALL or _is_known(resource, version, kind):
        own = _PACKAGES.get(resource.group, resource.group.partition(".")[0])
        short = "v1" if kind in _OF_ALL else name
        return f"converting ({short}.{kind}) to ({own}.{resource.kind}): unknown conversion"
    made_at = _DEFINITIONS_MADE_AT if resource.group == _DEFINITIONS else _MADE_AT
    return (
        f"no kind {quote(kind)} is registered for version {quote(version)} in scheme "
        f"{quote(made_at)}"
    )


def _is_known(resource: Resource, version: str, kind: str) -> bool:
    """Whether the server that a resource belongs to knows a kind."""
    one = kind.removesuffix("List")
    if any((known.api_version, known.kind) == (version, one) for known in builtin()):
        return (resource.group == _DEFINITIONS) == version.startswith(_DEFINITIONS)
    if resource.group == _DEFINITIONS:
        return False
    served = version in _OTHER_VERSIONS.get(one, ()) and not version.startswith(_DEFINITIONS)
    lone = kind in _LONE.get(version, "").split()
    return served or lone or one in _NOT_SERVED.get(version, "").split()
