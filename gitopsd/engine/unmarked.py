"""What we made, Git asks for no more, and lists of what is ours do not show: its mark was taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from gitopsd.diff.ownership import entries, managers
from gitopsd.model.desired import DesiredTarget, Product
from gitopsd.model.identity import SERVER_GROUP, Identity
from gitopsd.model.observed import Gap, ObservedGroup, ObservedObject, ObservedTarget
from gitopsd.model.ownership import LABELS, MANAGER, RESERVED_TAGS, Owner
from gitopsd.model.wording import said
from gitopsd.ports import Site, WorldError
from gitopsd.ports.pool import Pool
from gitopsd.profiles.names import group_name

_PRODUCTS: tuple[Product, ...] = ("ALB", "NLB")
_THREADS = 8


def with_unmarked(
    observed: ObservedTarget, desired: DesiredTarget, site: Site, owner: Owner
) -> ObservedTarget:
    """The same, and what the record remembers that is neither wanted nor found by our marks.

    Nearly always there is none, and it costs nothing; else one small read for each object, and one
    list for ten groups of a product. What is there without a trace of us, or names another gitopsd,
    is somebody else's by now. What cannot be read is a gap on which no kind's state depends.
    """
    missed = _missed(observed, desired)
    if not missed:
        return observed
    look = _Look(observed, site, owner)
    found: dict[Identity, ObservedObject | ObservedGroup] = dict(look.objects(missed))
    found |= look.groups(missed)
    return replace(observed, unmarked=found, gaps=(*observed.gaps, *look.gaps))


def _missed(observed: ObservedTarget, desired: DesiredTarget) -> list[Identity]:
    """The entries of the record that nobody wants and no list showed, where it could have."""
    if observed.record is None:
        return []
    known = desired.objects.keys() | desired.groups.keys() | observed.objects.keys()
    known |= {group.identity for group in observed.groups if group.identity}
    return [
        identity
        for identity in sorted(observed.record.entries.keys() - known)
        if not observed.unknown(identity.kind)
        and (observed.namespaces is None or identity.kind == SERVER_GROUP
             or identity.namespace in observed.namespaces)
    ]  # fmt: skip


class _Look:
    """A second look at a target, at what the first one missed."""

    def __init__(self, observed: ObservedTarget, site: Site, owner: Owner) -> None:
        self._observed = observed
        self._site = site
        self._owner = owner
        self.gaps: list[Gap] = []

    def objects(self, missed: list[Identity]) -> Iterator[tuple[Identity, ObservedObject]]:
        with Pool(_THREADS, "unmarked") as pool:
            reads = [
                (key, pool.submit(self._site.cluster.read, key))
                for key in missed
                if key.kind != SERVER_GROUP
            ]
            for identity, reading in reads:
                try:
                    live = reading.result()
                except WorldError as error:
                    self.gaps.append(Gap(str(identity), str(error), frozenset()))
                    continue
                if live is not None and self._was_ours(live):
                    yield identity, live

    def groups(self, missed: list[Identity]) -> Iterator[tuple[Identity, ObservedGroup]]:
        cloud, instance = self._site.cloud, self._owner.instance
        names = {
            group_name(instance, key.namespace, key.name): key
            for key in missed
            if key.kind == SERVER_GROUP
        }
        if cloud is None or not names:
            return
        known = {group.id for group in self._observed.groups}
        known |= {group.id for group in self._observed.strays} | set(self._observed.adoptable)
        for product in _PRODUCTS:
            if self._observed.unknown(product):
                continue
            try:
                found = cloud.look_up(product, names, ())
            except WorldError as error:
                what = said("stripped-groups", product=product)
                self.gaps.append(Gap(what, str(error), frozenset()))
                continue
            for group in found:
                identity = names.get(str(group.attributes.get("ServerGroupName")))
                if identity and group.id not in known and self._may_be(group, identity):
                    yield identity, group

    def _was_ours(self, live: ObservedObject) -> bool:
        """Whether an object bears a trace of us and names nobody else; ours it is not."""
        labels: Mapping[str, str] = live.labels
        if live.deleting or self._owner.owns_labels(labels) or self._owner.contradicted(labels):
            return False
        return any(key in labels for key in LABELS[1:]) or MANAGER in managers(entries(live))

    def _may_be(self, group: ObservedGroup, identity: Identity) -> bool:
        theirs = any(key in group.tags for key in RESERVED_TAGS)
        other = self._owner.contradicted(group.tags) or group.identity not in (None, identity)
        return not theirs and not other and not self._owner.owns_tags(group.tags)
