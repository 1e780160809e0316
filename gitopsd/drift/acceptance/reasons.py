"""Why a difference cannot be taken into Git, in words for whoever wanted it there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gitopsd.compiler import RULES
from gitopsd.drift.acceptance.trial import Judgement
from gitopsd.model.desired import Origin
from gitopsd.model.identity import SERVER_GROUP
from gitopsd.model.ownership import DIGEST, EXPOSURE, RETENTION, SHAPE
from gitopsd.model.paths import join
from gitopsd.model.reason import Reason
from gitopsd.model.verdict import Difference
from gitopsd.spec.editing import Edit, Insert, Put
from gitopsd.spec.editing.style import flow

#: Marks that are put back like any other field. Without one of the others a thing is not known to
#: be ours any more, so that it takes a person to say so (design §4).
_PUT_BACK = frozenset(
    {join(("metadata", "labels", key)) for key in (EXPOSURE, DIGEST)}
    | {join(("tags", key)) for key in (SHAPE, DIGEST, RETENTION)}
)

#: What is no matter of what Git asks for, so that no edit of a spec ends it.
_NEVER: Mapping[Reason, str] = {
    Reason.SHADOWED: "{found} claims it too, and no spec takes that away: have it removed there, or"
    " ask for another place here",
    Reason.MEMBER_SILENT: "no spec makes a server answer its health checks: mend the server, or"
    " take it out of {resource}",
    Reason.COPIED: "gitopsd never wrote it and Git never asked for it: it is a copy with our labels"
    " on it, and no spec asks for copies",
    Reason.EXPIRED: "it is an exception that has ended: take it out of the spec, or give it another"
    " day",
    Reason.MANY: "it stands for many findings: accept them one by one",
}


def why_never_said(difference: Difference) -> str:
    """Why no spec says such a thing, whatever its fields are; "" where one may."""
    if difference.reason is Reason.STAMP and not difference.path:
        return "our marks were taken off it, and Git no longer asks for it, so no spec speaks of it"
    told = _NEVER.get(difference.reason, "")
    return told.format(found=difference.found, resource=difference.resource)


def in_words(edits: Iterable[Edit]) -> str:
    """`spec.trafficPolicy: Local and no spec.ports[1]`."""
    told = []
    for edit in edits:
        path = join(edit.path)
        if isinstance(edit, Put):
            told.append(f"{path}: {flow(edit.value)}")
        elif isinstance(edit, Insert):
            told.append(f"{flow(edit.value)} in {path}")
        else:
            told.append(f"no {path}")
    return " and ".join(told)


def why_marks(difference: Difference, marks: Iterable[Difference]) -> str:
    """Our marks are no part of a spec. `marks` are all that differ.

    Where one is gone by which a thing is known to be ours, all of them wait for a person.
    """
    if difference.path.startswith("servers["):
        take = f"apply --adopt {difference.resource}"
        return f"it tells whose the member is, which no spec says; {take} takes it over"
    mark = "it is a mark of gitopsd's own, which no spec says"
    if any(
        other.resource == difference.resource
        and other.reason is Reason.STAMP
        and other.path not in _PUT_BACK
        for other in marks
    ):
        return f"{mark}; apply --adopt {difference.resource} puts it back"
    return f"{mark}; apply puts it back"


def why_never(difference: Difference, why: str) -> str:
    """A thing that is gone, while its document cannot go."""
    return f"without its document {why}" if why else f"{difference.resource} is gone"


def why_not(difference: Difference, now: Judgement) -> str:
    """No proposal ends it: the rule that set the field says what has the say instead."""
    if difference.wanted is None:
        kind = "a ServerGroup" if difference.resource.kind == SERVER_GROUP else "an Exposure"
        return f"no field of {kind} asks for it"
    origin = _origin(difference, now)
    if origin is None:
        return "nothing that a spec may say makes it so"
    place = f" ({origin.position})" if origin.position else ""
    because = RULES[origin.rule].because
    return f"nothing that a spec may say makes it so; {origin.rule}: {because}{place}"


def _origin(difference: Difference, now: Judgement) -> Origin | None:
    """The reason of a field, or of the nearest one above it."""
    resource = difference.resource
    thing = now.desired.groups.get(resource) or now.desired.objects.get(resource)
    origins: Mapping[str, Origin] = thing.origins if thing else {}
    path = difference.path
    while path:
        if path in origins:
            return origins[path]
        cut = max(path.rfind("."), path.rfind("["))
        path = path[: max(cut, 0)]
    return None
