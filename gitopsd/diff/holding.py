"""Exceptions of the drift policy: holds put beside those in Git, and those that are over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from gitopsd.diff.modes import ended
from gitopsd.diff.routes import RULES, named
from gitopsd.model.desired import DesiredObject, DesiredTarget, DriftPolicy, ModeSpan
from gitopsd.model.drifthold import DriftHold, holds_in
from gitopsd.model.identity import INGRESS, Identity
from gitopsd.model.observed import Record
from gitopsd.model.paths import join
from gitopsd.model.wording import said

_RULES = f"{INGRESS}/{join(RULES)}["

Spans = Mapping[Identity, tuple[ModeSpan, ...]]


def with_holds(desired: DesiredTarget, record: Record | None) -> DesiredTarget:
    """The desired state with the holds of its record as exceptions, each for what it names.

    Exceptions for routes name them, however they were written (`diff.routes.named`).
    """
    held: dict[Identity, list[ModeSpan]] = {}
    for hold in holds_in(record.annotations).readable if record else ():
        held.setdefault(hold.subject, []).append(hold.span)
    if not held and not any(map(_into_rules, desired.objects.values())):
        return desired
    objects = {}
    for identity, item in desired.objects.items():
        drift = _policy(item.drift, identity.kind, held.get(item.exposure))
        objects[identity] = _named(replace(item, drift=drift))
    groups = {
        identity: replace(group, drift=_policy(group.drift, identity.kind, held.get(identity)))
        for identity, group in desired.groups.items()
    }
    return replace(desired, objects=objects, groups=groups)


def _policy(policy: DriftPolicy, kind: str, held: Sequence[ModeSpan] | None) -> DriftPolicy:
    own = tuple(span for span in held or () if span.path.partition("/")[0] == kind)
    return DriftPolicy(policy.mode, (*own, *policy.spans)) if own else policy


def _into_rules(item: DesiredObject) -> bool:
    """Whether an exception is about some routes of an Ingress."""
    return any(span.path.startswith(_RULES) for span in item.drift.spans)


def _named(item: DesiredObject) -> DesiredObject:
    if not _into_rules(item):
        return item
    rules = item.manifest["spec"].get("rules")
    spans = tuple(
        replace(span, path=f"{INGRESS}/{named(span.path.partition('/')[2], rules)}")
        if span.path.startswith(_RULES)
        else span
        for span in item.drift.spans
    )
    return replace(item, drift=DriftPolicy(item.drift.mode, spans))


def exceptions(desired: DesiredTarget) -> Spans:
    """The exceptions of every subject, each once."""
    found: dict[Identity, dict[ModeSpan, None]] = {}
    for subject, policy in _policies(desired):
        if policy.spans:
            found.setdefault(subject, {}).update(dict.fromkeys(policy.spans))
    return {subject: tuple(spans) for subject, spans in found.items()}


def _policies(desired: DesiredTarget) -> Iterator[tuple[Identity, DriftPolicy]]:
    for item in desired.objects.values():
        yield item.exposure, item.drift
    for identity, group in desired.groups.items():
        yield identity, group.drift


def _chosen(spans: Spans, wanted: Callable[[ModeSpan], bool]) -> Spans:
    chosen = {subject: tuple(filter(wanted, every)) for subject, every in spans.items()}
    return {subject: some for subject, some in chosen.items() if some}


def over(spans: Spans, now: date) -> Spans:
    """The exceptions that have ended, of those subjects that have any."""
    return _chosen(spans, lambda span: ended(span, now))


def in_force(spans: Spans, now: date) -> Spans:
    """The holds that have not ended; what Git says needs no reminder."""
    return _chosen(spans, lambda span: span.source == "hold" and not ended(span, now))


def counting(spans: Spans, now: date) -> Spans:
    """The exceptions that have not ended, those in Git among them."""
    return _chosen(spans, lambda span: not ended(span, now))


def lapsed(record: Record | None, now: date) -> tuple[DriftHold, ...]:
    """The holds on a record that have ended, whatever has become of what they were about."""
    found: Iterable[DriftHold] = holds_in(record.annotations).readable if record else ()
    return tuple(hold for hold in found if ended(hold.span, now))


def name_of(span: ModeSpan) -> str:
    """`the exception for Service/spec.ports (migration; shop.yaml:12:5)`."""
    what = "hold" if span.source == "hold" else "exception" if span.path else "mode"
    facts = "; ".join(text for text in (span.reason, str(span.position or "")) if text)
    if facts:
        return said(f"{what}-because", path=span.path, mode=span.mode, facts=facts)
    return said(what, path=span.path, mode=span.mode)
