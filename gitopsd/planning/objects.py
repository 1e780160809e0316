"""Steps for Services and Ingresses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from gitopsd.diff.actions import is_action
from gitopsd.diff.authors import authors_of
from gitopsd.diff.manifest import fingerprint
from gitopsd.diff.objects import exposure_of
from gitopsd.diff.ownership import applied, entries, managers
from gitopsd.model.comparison import ObjectComparison
from gitopsd.model.desired import Manifest
from gitopsd.model.identity import INGRESS, SERVICE, Identity
from gitopsd.model.observed import ObservedObject, ObservedTarget
from gitopsd.model.ownership import DIGEST, LABELS, MANAGER, Owner
from gitopsd.model.paths import join
from gitopsd.model.paths import split as keys_of
from gitopsd.model.plan import Change, Hold, Operation, Step, StepKind
from gitopsd.model.verdict import Cause, Difference
from gitopsd.model.wording import said
from gitopsd.planning.fitting import fitting
from gitopsd.planning.holds import hold
from gitopsd.planning.masking import carried, masked, with_zeros
from gitopsd.planning.options import PlanOptions
from gitopsd.planning.selection import changes_of, split, written

_DIGEST_PATH = join(("metadata", "labels", DIGEST))
_MARKS = frozenset(join(("metadata", "labels", label)) for label in LABELS)


def object_step(
    item: ObjectComparison, observed: ObservedTarget, owner: Owner, options: PlanOptions
) -> Step | None:
    """What to do about one object; None when there is nothing to do."""
    if item.unknown:
        return None
    if item.desired is None or item.wanted is None:
        return _delete(item)
    step = _write(item, item.wanted, owner, options)
    if step is None or step.operation is Operation.DELETE:
        return step
    return _in_namespace(step, observed)


def _delete(item: ObjectComparison) -> Step | None:
    if item.live is None or item.live.deleting:
        return None  # a deletion under way needs no second one
    step = Step(
        Operation.DELETE,
        _kind(item.identity),
        item.identity,
        item.exposure,
        expects=fingerprint(None, item.live.manifest),
        why="no Exposure asks for it any more",
    )
    if item.copied_by is None:
        return step
    return step.held(hold("copy", identity=item.identity, by=_by(item.copied_by)))


def _write(
    item: ObjectComparison, wanted: Manifest, owner: Owner, options: PlanOptions
) -> Step | None:
    whole = (Change("", None, wanted),)
    if item.foreign is not None:
        return _adopt(item, wanted, item.foreign, owner, options)
    if item.live is None:
        if not all(written(d, correct=options.correct) for d in item.differences):
            return None  # deleted by hand, and the mode says to leave that
        return _step(Operation.CREATE, item, wanted, whole)
    if item.live.deleting:
        if item.going and not written(item.going, correct=options.correct):
            return None  # so is one whose deletion a finalizer holds
        why = said("being-deleted")
        step = _step(Operation.REPLACE, item, wanted, whole, why=why)
        return _with_payload(step, deleting=True)
    return _update(item, item.live, wanted, options)


def _update(
    item: ObjectComparison, live: ObservedObject, wanted: Manifest, options: PlanOptions
) -> Step | None:
    write, leave = split(item.differences, correct=options.correct)
    if not write:
        return None
    if item.replacement:
        return _replace(item, wanted, write, options)
    step = _applied(Operation.UPDATE, item, live, wanted, (write, leave))
    return _sparing(step, item, write, options)


def _sparing(
    step: Step | None, item: ObjectComparison, write: Iterable[Difference], options: PlanOptions
) -> Step | None:
    """The step, held where it would give requests to what somebody has set to 0."""
    given = () if step is None or options.correct else tuple(filter(_gives, write))
    return step.held(_drained(given, item)) if step and given else step


def _gives(difference: Difference) -> bool:
    """Whether Git gives requests to what somebody has set to 0, and nothing could keep them off."""
    return difference.manual and difference.kept is None and difference.cause is Cause.CHANGE


def _drained(given: Iterable[Difference], item: ObjectComparison) -> Hold:
    actions = (d for d in item.differences if is_action(keys_of(d.path)[-1]))
    names = dict.fromkeys(d.who.manager for d in actions if d.who and not applied(d.who))
    by = f" ({', '.join(names)})" if names else ""
    return hold("drained", by=by, routes="; ".join(f"{d.path}: {d.note}" for d in given))


def _applied(
    operation: Operation,
    item: ObjectComparison,
    live: ObservedObject,
    wanted: Manifest,
    parts: tuple[tuple[Difference, ...], tuple[Difference, ...]],
    why: str = "",
) -> Step | None:
    """The step that writes the first part of the differences, and leaves the other as it is."""
    write, leave = parts
    fitted = fitting(with_zeros(wanted, write), live, write, leave)
    doubt = any(difference.doubtful for difference in leave)
    if doubt:  # its digest would make somebody's drift of what may be Git's
        fitted = replace(fitted, write=tuple(d for d in fitted.write if d.path != _DIGEST_PATH))
    if not fitted.write:
        return None
    write, manifest = fitted.write, with_zeros(wanted, fitted.write)
    if fitted.leave:
        manifest = masked(manifest, live, fitted.leave, write)
    changes = changes_of(write)
    why = "; ".join(filter(None, (why, fitted.why)))
    step = _step(operation, item, manifest, changes, live=live, template=wanted, why=why)
    if leave:
        step = _with_payload(step, left=True)
    if doubt:
        former = live.labels.get(DIGEST, item.digest)
        step = _with_payload(step, digest=former, remember=False)
    if authors := authors_of(carried(live, fitted.leave, write)):
        step = _with_payload(step, authors=authors)
    removals = [
        list(path) for d in write if d.path in item.additions for path in item.additions[d.path]
    ]
    if removals:
        step = _with_payload(step, remove=removals)
    return step


def _adopt(
    item: ObjectComparison,
    wanted: Manifest,
    foreign: ObservedObject,
    owner: Owner,
    options: PlanOptions,
) -> Step | None:
    """Take over what others made, as a whole; what was ours and lost our marks gets those back.

    To such a thing drift may have happened meanwhile: what would not be put right of that beside
    our marks is not put right with them either.
    """
    rival = owner.rival(foreign.labels)
    named = bool({item.identity, item.exposure} & options.adopt)
    taken = named and (rival is None or rival in options.adopt_from)
    if item.replacement:
        return _adopt_anew(item, wanted, foreign, options, rival, taken=taken)
    why = ""
    if rival is not None and taken:
        why = f"taken over from another gitopsd, {rival}: it will hold what it plans for this"
    write, leave = split(item.differences, correct=options.correct)
    marks = tuple(difference for difference in leave if difference.path in _MARKS)
    leave = tuple(difference for difference in leave if difference not in marks)
    step = _applied(Operation.ADOPT, item, foreign, wanted, ((*write, *marks), leave), why)
    if step is None or taken:
        return _sparing(step, item, write, options)
    return step.held(_not_ours(item.identity, foreign, rival))


def _adopt_anew(
    item: ObjectComparison,
    wanted: Manifest,
    foreign: ObservedObject,
    options: PlanOptions,
    rival: Owner | None,
    *,
    taken: bool,
) -> Step:
    """Delete what others made, and make it anew as ours."""
    why = said("made-anew", why=item.replacement)
    changes = changes_of(item.differences)
    step = _step(Operation.REPLACE, item, wanted, changes, live=foreign, why=why)
    if not taken:
        held = _not_ours(item.identity, foreign, rival)
        return step.held(held.released_only_with(f"--replace {item.identity}"))
    if {item.identity, item.exposure} & options.replace:
        return step
    held = hold("replacement", why=why, identity=item.identity)
    given = f"--adopt {item.identity}" + (f" --adopt-from {rival}" if rival else "")
    return step.held(held.released_only_with(given))  # it has to be given again


def _not_ours(identity: Identity, foreign: ObservedObject, rival: Owner | None) -> Hold:
    """Why what stands there may not be touched: whose it is."""
    if rival is not None:
        exposure = exposure_of(foreign).key
        return hold("rival", identity=identity, instance=rival.instance, target=rival.target,
                    owner=rival, exposure=exposure)  # fmt: skip
    names = managers(entries(foreign))
    return hold("stripped" if MANAGER in names else "foreign", identity=identity, by=_by(names))


def _by(names: tuple[str, ...]) -> str:
    return said("written", names=", ".join(names)) if names else said("written-by-others")


def _replace(
    item: ObjectComparison,
    wanted: Manifest,
    write: tuple[Difference, ...],
    options: PlanOptions,
) -> Step:
    why = said("made-anew-elsewhere", why=item.replacement)
    step = _step(Operation.REPLACE, item, wanted, changes_of(write), why=why)
    if {item.identity, item.exposure} & options.replace:
        return step
    return step.held(hold("replacement", why=why, identity=item.identity))


def _step(
    operation: Operation,
    item: ObjectComparison,
    manifest: Manifest,
    changes: tuple[Change, ...],
    *,
    live: ObservedObject | None = None,
    template: Manifest | None = None,
    why: str = "",
) -> Step:
    """A step that applies `manifest`.

    The payload carries the digest of what is compiled, or, while an id is unknown, the manifest to
    take it from once the ids are there (`template`, where that is not the manifest itself). Where
    drift may be left alone, `remember` asks for a memory of the fields (`diff.fields`), with the
    `authors` of what is carried along (`diff.authors`).
    """
    found = live or item.live
    payload: dict[str, Any] = {"manifest": manifest, "digest": item.digest}
    if template is not None and template is not manifest:
        payload["template"] = template
    if item.remembered:
        payload["remember"] = True
    if item.desired is not None and item.digest is None:
        payload["groups"] = [group.key for group in item.desired.groups]
    return Step(
        operation,
        _kind(item.identity),
        item.identity,
        item.exposure,
        changes,
        expects=fingerprint(manifest, found.manifest if found else None),
        payload=payload,
        why=why,
    )


def _with_payload(step: Step, **more: Any) -> Step:
    return replace(step, payload={**step.payload, **more})


def _kind(identity: Identity) -> StepKind:
    return SERVICE if identity.kind == SERVICE else INGRESS  # type: ignore[return-value]


def _in_namespace(step: Step, observed: ObservedTarget) -> Step:
    """The step, held if its namespace is missing: it cannot work yet."""
    namespace = step.identity.namespace
    if observed.namespaces is None or namespace in observed.namespaces:
        return step
    reason = "confined" if observed.confined else "namespace"
    return step.held(hold(reason, namespace=namespace))
