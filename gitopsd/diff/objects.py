"""Comparing the Services and Ingresses of a target."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from gitopsd.diff.authors import credited
from gitopsd.diff.causes import causes_of
from gitopsd.diff.dangling import follow_group, former_digest, gone_groups
from gitopsd.diff.deletions import absent, going, lost_groups, mode_of_groups
from gitopsd.diff.drained import Drained, drained
from gitopsd.diff.explain import Delta, deltas, mark_note, note
from gitopsd.diff.fields import field_of
from gitopsd.diff.manifest import found_view, port_key, removal, wanted_view
from gitopsd.diff.modes import leaves_drift, mode_of, singled_out, treatment
from gitopsd.diff.naming import resolve
from gitopsd.diff.ownership import (
    Entry,
    applied,
    entries,
    holders,
    holds,
    managers,
    without_false_blame,
)
from gitopsd.diff.routes import RULES, by_route, origin_of
from gitopsd.diff.spelling import respelled
from gitopsd.diff.zeros import Zeros
from gitopsd.model.comparison import ObjectComparison
from gitopsd.model.desired import DesiredObject, DesiredTarget, Manifest
from gitopsd.model.digest import digest
from gitopsd.model.identity import EXPOSURE, INGRESS, SERVICE, Identity
from gitopsd.model.observed import ObservedObject, ObservedTarget, Record
from gitopsd.model.ownership import DIGEST, MANAGER
from gitopsd.model.ownership import EXPOSURE as EXPOSURE_LABEL
from gitopsd.model.paths import join
from gitopsd.model.position import Position
from gitopsd.model.verdict import Cause, Difference
from gitopsd.model.wording import said
from gitopsd.profiles.kubernetes import NLB_CLASS

_ANNOTATION = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-"


def compare_objects(
    desired: DesiredTarget, observed: ObservedTarget, ids: Mapping[Identity, str], today: date
) -> tuple[ObjectComparison, ...]:
    """Every wanted object beside what was found, and every object of ours that nobody wants.

    Objects of held documents are left out: they are neither changed nor deleted.
    """
    result = [_compare(item, desired, observed, ids, today) for item in desired.objects.values()]
    for identity, live in observed.objects.items():
        exposure = exposure_of(live)
        if identity not in desired.objects and not is_held(live, exposure, desired):
            makers = _copied_by(live, observed.record)
            result.append(ObjectComparison(identity, exposure, live=live, copied_by=makers))
    return tuple(sorted(result, key=lambda item: item.identity))


def is_held(live: ObservedObject, exposure: Identity, desired: DesiredTarget) -> bool:
    """Whether a held document made this; without its label it could be any of its namespace."""
    if EXPOSURE_LABEL in live.labels:
        return exposure in desired.held
    return any(held.namespace == exposure.namespace for held in desired.held)


def _copied_by(live: ObservedObject, record: Record | None) -> tuple[str, ...] | None:
    """Who wrote an object that carries our labels, where neither it nor the record knows us."""
    if record is not None and live.identity in record.entries:
        return None
    found = entries(live)
    if MANAGER in managers(found):
        return None
    return managers(entry for entry in found if holds(entry, ("spec",)))


def exposure_of(live: ObservedObject) -> Identity:
    """The Exposure an object of ours was made for, by its label."""
    name = live.labels.get(EXPOSURE_LABEL, live.identity.name)
    return Identity(EXPOSURE, live.identity.namespace, name)


def _compare(
    item: DesiredObject,
    desired: DesiredTarget,
    observed: ObservedTarget,
    ids: Mapping[Identity, str],
    today: date,
) -> ObjectComparison:
    groups_unknown = any(
        group not in ids and observed.unknown(desired.groups[group].product)
        for group in item.groups
        if group in desired.groups
    )
    if observed.unknown(item.identity.kind) or groups_unknown:
        return ObjectComparison(item.identity, item.exposure, item, unknown=True)
    manifest: Manifest = resolve(item.manifest, ids, item.groups)
    known = digest(manifest) if all(group in ids for group in item.groups) else None
    live = observed.objects.get(item.identity)
    foreign = observed.foreign.get(item.identity) if live is None else None
    found = live or foreign
    record = observed.record
    gone = gone_groups(item, ids, observed)
    lost = lost_groups(gone, desired.groups)
    if found is None:
        missing = absent(item, manifest, known, record, lost, today)
        differences: tuple[Difference, ...] = (missing,)
        return ObjectComparison(
            item.identity,
            item.exposure,
            item,
            wanted=manifest,
            digest=known,
            differences=differences,
            remembered=_remembered(item, today),
        )
    applied = known or former_digest(item, ids, gone, found)
    differences, additions = _differences(
        item, manifest, (known, applied), found, record, today, foreign=live is None
    )
    if gone and known is None:
        mode = mode_of_groups(lost, today)
        differences = tuple(follow_group(difference, gone, mode) for difference in differences)
    strange = live is None and (record is None or item.identity not in record.entries)
    leaving = going(item, known, record, live, today) if live else None
    if leaving is not None and not treatment(leaving).written:
        differences = ()  # it goes, and is left to
    return ObjectComparison(
        item.identity,
        item.exposure,
        item,
        live,
        foreign,
        manifest,
        known,
        differences,
        additions,
        _replacement(manifest, found.manifest, differences, adopting=strange),
        remembered=_remembered(item, today),
        going=leaving,
    )


def with_digest(manifest: Manifest, value: str | None) -> Manifest:
    """The manifest with its digest label; unchanged while the digest is not known."""
    if value is None:
        return manifest
    metadata = manifest["metadata"]
    labels = {**metadata.get("labels", {}), DIGEST: value}
    return {**manifest, "metadata": {**metadata, "labels": labels}}


def _differences(
    item: DesiredObject,
    manifest: Manifest,
    digests: tuple[str | None, str | None],
    found: ObservedObject,
    record: Record | None,
    today: date,
    *,
    foreign: bool,
) -> tuple[tuple[Difference, ...], dict[str, tuple[tuple[str, ...], ...]]]:
    """The differences; `digests`: the wanted one, and the one it would have been applied with."""
    known, expected = digests
    declared = wanted_view(with_digest(manifest, known))
    there = respelled(declared, found_view(declared, found.manifest))
    if declared == there:
        return (), {}
    wanted, actual = by_route(declared, there)
    owned = entries(found)
    recorded = record.entries.get(item.identity) if record else None
    ours = not foreign or recorded is not None
    causes, memory = causes_of(found, owned, record, expected, (wanted, actual))
    zeros = Zeros(causes)
    result: list[Difference] = []
    additions: dict[str, tuple[tuple[str, ...], ...]] = {}
    for delta in deltas(actual, wanted):
        held = holders(owned, delta.keys)
        who = held[0] if held else None
        # What only we applied goes with the next apply; what others hold too has to be removed.
        added = _added(delta) and not applied(who)
        mode = mode_of(item.drift, item.identity.kind, delta.path, today)
        field = join(field_of(delta.keys))
        named = singled_out(item.drift, item.identity.kind, delta.path, field, today)
        cause = Cause.CHANGE  # what was never ours cannot have drifted from us
        doubt = ours and causes.in_doubt(delta.keys, held, mode, singled_out=named)
        if ours and not doubt:
            cause = causes.of(delta.keys, held, mode, added=added, singled_out=named)
        zero = drained(delta, cause, zeros) if ours else Drained(cause)
        if added:
            additions[delta.path] = removal(delta.keys, found.manifest)
        result.append(
            Difference(
                item.identity,
                delta.path,
                delta.wanted,
                delta.found,
                zero.cause,
                mode,
                who,
                _position(item, delta.keys),
                said("doubtful") if doubt else zero.note or _moved(delta, zero, owned),
                manual=zero.manual,
                kept=zero.kept,
                doubtful=doubt,
            )
        )
    return credited(without_false_blame(result), memory), additions


def _moved(delta: Delta, zero: Drained, owned: Sequence[Entry]) -> str:
    """What moved within a value: from what Git wants, where reality moved, else towards that."""
    marked = MANAGER in managers(owned)
    if said := mark_note(delta.path, delta.found, zero.cause, marked=marked):
        return said
    if zero.cause is Cause.DRIFT:
        return note(delta.path, delta.wanted, delta.found)
    return note(delta.path, delta.found, zero.kept or delta.wanted)


def _remembered(item: DesiredObject, today: date) -> bool:
    """Whether the record keeps the fields of an object, to tell a commit from an edit left alone.

    An Ingress always: a hold may come after the edit, an action may be drained by hand, and of its
    rules, which are one field, managedFields do not say who moved which route.
    """
    return item.identity.kind == INGRESS or leaves_drift(item.drift, today)


def _added(delta: Delta) -> bool:
    """Whether this is a member of a closed set that we did not declare, as a whole.

    A list inside an atomic value that grew by an item is not one: the value itself is declared.
    """
    if delta.wanted is not None:
        return False
    keys = delta.keys
    if keys[:2] == ("metadata", "annotations"):
        return True
    if keys[:2] == ("spec", "ports"):
        return True  # a port, or a name or protocol that was put on one of ours
    return len(keys) == 2 and keys[0] == "spec"


def _position(item: DesiredObject, keys: tuple[str | int, ...]) -> Position | None:
    """The spec line behind a field, or behind the nearest compiled field above it."""
    if keys[:2] == ("spec", "ports") and len(keys) > 2:
        for number, port in enumerate(item.manifest["spec"].get("ports", [])):
            if port_key(port) == keys[2]:  # origins count ports, differences name them
                keys = ("spec", "ports", number, *keys[3:])
    if keys[:2] == RULES and len(keys) > 2:
        keys = origin_of(keys, item.manifest["spec"].get("rules"))
    for length in range(len(keys), 0, -1):
        origin = item.origins.get(join(keys[:length]))
        if origin is not None and origin.position is not None:
            return origin.position
    return item.position


def _replacement(
    manifest: Manifest, live: Manifest, differences: Iterable[Difference], *, adopting: bool
) -> str:
    """Why the live Service cannot become the wanted one; "" when it can (facts §1.6).

    The API server refuses another load balancer class, and an address for a headless Service; the
    cloud controller another address type or server group type.

    Of what is ours only a change in Git asks for a replacement: a hand-edited annotation is put
    back. What others made is what it is.
    """
    if manifest["kind"] != SERVICE:
        return ""
    before, after = live.get("spec", {}), manifest["spec"]
    if before.get("type") == after.get("type") == "LoadBalancer":
        old, new = before.get("loadBalancerClass"), after.get("loadBalancerClass")
        if old != new:
            return said("class", old=_family(old), new=_family(new))
    if before.get("clusterIP") == "None" and after.get("type") in ("LoadBalancer", "NodePort"):
        return said("headless", type=after["type"])
    if before.get("type") != "LoadBalancer":
        return ""  # it has no load balancer that could not change
    frozen = "server-group-type" if after.get("loadBalancerClass") == NLB_CLASS else "address-type"
    path = join(("metadata", "annotations", _ANNOTATION + frozen))
    for difference in differences:
        if difference.path == path and (adopting or difference.cause is Cause.CHANGE):
            old, new = (side or said("default") for side in (difference.found, difference.wanted))
            return said("frozen", name=frozen, old=old, new=new)
    return ""


def _family(load_balancer_class: str | None) -> str:
    return said("an-nlb" if load_balancer_class == NLB_CLASS else "a-clb")
