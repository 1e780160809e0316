"""How we mark what is ours, and how we tell it again (design §4, "Stamp" and "Members").

The marks are a contract with every later version: what they say is all that decides whether a
thing may be changed or deleted. None of them is an annotation, because the controllers hash all
annotations (facts §2.1), and none uses a key that a controller reserves (facts §2.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gitopsd.model.identity import Identity

MANAGED_BY = "app.kubernetes.io/managed-by"
MANAGER = "gitopsd"
INSTANCE = "gitopsd.io/instance"
TARGET = "gitopsd.io/target"
EXPOSURE = "gitopsd.io/exposure"
DIGEST = "gitopsd.io/digest"
GROUP = "gitopsd.io/group"
SHAPE = "gitopsd.io/shape"
#: Written on a group that must not be deleted, because after its spec has left Git nothing else
#: remembers it (docs/adr/0003): the spec says `Retain`, or it took the group over from others.
RETENTION = "gitopsd.io/deletion-policy"
RETAINED, ADOPTED = "Retain", "Adopted"
#: What members say whose group we have let go; the API takes no empty description (facts §6.3).
RELEASED = "released by gitopsd"

#: Every mark that a label or tag of ours may carry; Retain takes all of them off.
LABELS = (MANAGED_BY, INSTANCE, TARGET, EXPOSURE, DIGEST)
TAGS = (INSTANCE, TARGET, GROUP, SHAPE, DIGEST, RETENTION)

#: Tags of the ALB Ingress controller and the cloud controller: a group that carries one of these
#: belongs to them and is never ours (facts §2.2).
RESERVED_TAGS = (
    "ack.aliyun.com",
    "ingress.k8s.alibaba/albconfig",
    "ingress.k8s.alibaba/resource",
    "kubernetes.do.not.delete",
    "kubernetes.reused.by.user",
)


@dataclass(frozen=True, slots=True)
class Owner:
    """An instance of gitopsd at one target: who we are when we mark or recognise something."""

    instance: str
    target: str

    @property
    def member_description(self) -> str:
        """The description that a group member of ours carries."""
        return f"{MANAGER}/{self.instance}"

    def labels(self, exposure: str) -> dict[str, str]:
        """The labels of an object made for `exposure`, all but the digest."""
        return {
            MANAGED_BY: MANAGER,
            INSTANCE: self.instance,
            TARGET: self.target,
            EXPOSURE: exposure,
        }

    @property
    def selector(self) -> str:
        """The label selector that lists our objects at this target and no others."""
        return f"{MANAGED_BY}={MANAGER},{INSTANCE}={self.instance},{TARGET}={self.target}"

    def tags(
        self, group: Identity, shape: str, *, retain: bool, adopted: bool = False
    ) -> dict[str, str]:
        """The tags a group is created with; the digest is written last, by a step of its own.

        A group that is to be retained, or was adopted, says so: it stays when its spec goes.
        """
        tags = {
            INSTANCE: self.instance,
            TARGET: self.target,
            GROUP: group.key,
            SHAPE: shape,
        }
        if adopted:
            return tags | {RETENTION: ADOPTED}
        return tags | {RETENTION: RETAINED} if retain else tags

    def contradicted(self, tags: Mapping[str, str]) -> bool:
        """Whether tags name another instance or target; what is missing contradicts nothing."""
        return any(tags.get(key, value) != value for key, value in self.tag_filter.items())

    @property
    def tag_filter(self) -> dict[str, str]:
        """The tags that list our groups at this target and no others."""
        return {INSTANCE: self.instance, TARGET: self.target}

    def owns_labels(self, labels: Mapping[str, str]) -> bool:
        """Whether an object with these labels is ours to change at this target."""
        return (
            labels.get(MANAGED_BY) == MANAGER
            and labels.get(INSTANCE) == self.instance
            and labels.get(TARGET) == self.target
        )

    def rival(self, labels: Mapping[str, str]) -> Owner | None:
        """The other instance or target of gitopsd that an object with these labels belongs to."""
        other = Owner(labels.get(INSTANCE, ""), labels.get(TARGET, ""))
        if labels.get(MANAGED_BY) != MANAGER or not (other.instance and other.target):
            return None
        return None if other == self else other

    def __str__(self) -> str:
        return f"{self.instance}/{self.target}"

    def owns_tags(self, tags: Mapping[str, str]) -> bool:
        """Whether a group with these tags is ours to change at this target."""
        return (
            tags.get(INSTANCE) == self.instance
            and tags.get(TARGET) == self.target
            and not any(key in tags for key in RESERVED_TAGS)
        )
