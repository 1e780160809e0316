"""Accepting differences: the smallest edit that ends them, proved on the edited file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gitopsd.drift.acceptance.layer4 import backend_bundles, service_bundles
from gitopsd.drift.acceptance.proposals import Bundle, nothing, sorted_out
from gitopsd.drift.acceptance.reasons import in_words, why_marks, why_never, why_never_said, why_not
from gitopsd.drift.acceptance.routes import ingress_bundles
from gitopsd.drift.acceptance.servers import group_bundles
from gitopsd.drift.acceptance.trial import (
    Judgement,
    Key,
    Scene,
    Subject,
    Trial,
    is_mark,
    key_of,
    with_document,
)
from gitopsd.model.comparison import ObjectComparison
from gitopsd.model.identity import INGRESS, Identity
from gitopsd.model.verdict import Difference
from gitopsd.spec.contents import read_contents
from gitopsd.spec.document import Document
from gitopsd.spec.editing import Edit, Remove, applied, edited, find, without
from gitopsd.spec.yaml import load


@dataclass(frozen=True, slots=True)
class Refused:
    """A difference that stays, and why no spec can say what was found."""

    difference: Difference
    why: str


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What becomes of a file so that differences end.

    `before` and `after` are the contents of `file`, named as positions name it; `after` is empty
    when nothing is left of it. `edits` are what was done to the document, none when all of it was
    taken away (`removed`). Nothing was `accepted` when both contents are equal.
    """

    file: str
    before: bytes
    after: bytes
    edits: tuple[Edit, ...] = ()
    removed: bool = False
    accepted: tuple[Difference, ...] = ()
    refused: tuple[Refused, ...] = ()


def accept(
    scene: Scene, subject: Identity, content: bytes, selected: Sequence[Difference]
) -> Acceptance:
    """The smallest edit of the subject's document by which the selected differences end.

    `content` is what the document's file holds. What no spec can say is refused with a reason, and
    the rest is accepted. Every answer is proved: the edited file was read, checked, compiled and
    compared with what was found, the accepted differences are gone, and nothing else has moved.
    Raises LookupError when the scene or the file does not hold the document once.
    """
    document = scene.document(subject)
    number = find(content, subject)
    if document is None or number is None:
        raise LookupError(f"{subject} does not stand in this file once")
    search = _Search(scene, document, load(content).documents[number].value, selected)
    search.run()
    after = without(content, number) if search.removed else edited(content, number, search.edits)
    result = Acceptance(document.file, content, content, refused=tuple(search.refused))
    if not search.accepted:
        return result
    why = _disproof(scene, document, after, search) if after is not None else _NO_PLACE
    if why or after is None:
        refused = [Refused(item, why) for item in search.accepted]
        return replace(result, refused=(*search.refused, *refused))
    return replace(
        result,
        after=after,
        edits=() if search.removed else tuple(search.edits),
        removed=search.removed,
        accepted=tuple(search.accepted),
    )


_NO_PLACE = "the layout of the file leaves no place for the edit; write it by hand"


@dataclass(slots=True)
class _Search:
    """Looks for edits, bundle by bundle, each on top of what was found before."""

    scene: Scene
    document: Subject
    value: Any
    selected: Sequence[Difference]
    edits: list[Edit] = field(default_factory=list)
    removed: bool = False
    accepted: list[Difference] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    def run(self) -> None:
        """Try everything."""
        never, rest = sorted_out(self.selected, lambda item: bool(why_never_said(item)))
        self.refused += [Refused(item, why_never_said(item)) for item in never]
        marks, rest = sorted_out(rest, is_mark)
        self.refused += [Refused(item, why_marks(item, marks)) for item in marks]
        trial = Trial(self.scene, self.document)
        now = trial.judge(self.value)
        if isinstance(now, str):
            self.refused += [Refused(item, now) for item in rest]
            return
        whole, rest = sorted_out(rest, lambda item: not item.path and item.found is None)
        for bundle in _bundles(now, self.document.identity, rest):
            now = self._try(trial, now, bundle)
        open_ = now.differences(self.document.identity)
        left = tuple(item for item in whole if key_of(item) in open_)
        self.accepted += [item for item in whole if item not in left]
        if left:
            self._leave(trial, now, left)

    def _try(self, trial: Trial, now: Judgement, bundle: Bundle) -> Judgement:
        """Take the proposal by which most of the bundle ends; answers where that leads."""
        subject = self.document.identity
        left = {key_of(item) for item in bundle.differences} & now.differences(subject).keys()
        goals, best, reached = frozenset(left), list[Edit](), now
        failures = _Failures(bundle)
        for edits in bundle.propose(self.value):
            if not left:
                break
            if not edits:
                continue
            judged = trial.judge(applied(self.value, edits))
            if isinstance(judged, str) or (why := _worse(now, judged, subject)):
                failures.note(edits, judged, judged if isinstance(judged, str) else why, subject)
                continue
            open_ = goals & judged.differences(subject).keys()
            if len(open_) < len(left):
                left, best, reached = set(open_), list(edits), judged
        self.value = applied(self.value, best)
        self.edits += best
        for item in bundle.differences:
            if key_of(item) in left:
                self.refused.append(Refused(item, failures.why(item) or why_not(item, now)))
            else:
                self.accepted.append(item)
        return reached

    def _leave(self, trial: Trial, now: Judgement, gone: tuple[Difference, ...]) -> None:
        """What was made of the document is gone: it leaves the target, or Git altogether."""
        target = self.scene.owner.target
        stated = self.value["spec"].get("targets") or []
        edits: list[Edit] = []
        value: Any = None
        if len(stated) > 1 and target in stated:
            edits = [Remove(("spec", "targets", stated.index(target)))]
            value = applied(self.value, edits)
        judged = trial.judge(value)
        why = _worse(now, judged, self.document.identity)
        if isinstance(judged, str) or why:
            self.refused += [Refused(item, why_never(item, why)) for item in gone]
            return
        self.accepted += gone
        self.edits += edits
        self.removed = value is None


@dataclass(slots=True)
class _Failures:
    """Why proposals of a bundle would not do; the first of them are the smallest."""

    bundle: Bundle
    invalid: str = ""
    costly: dict[Key, str] = field(default_factory=dict)

    def note(
        self, edits: Sequence[Edit], judged: Judgement | str, why: str, subject: Identity
    ) -> None:
        """Remember a proposal that makes something worse."""
        told = f"it would take {in_words(edits)}, and then {why}"
        if isinstance(judged, str) or not judged.known(subject):
            self.invalid = self.invalid or told
            return
        open_ = judged.differences(subject)
        for item in self.bundle.differences:
            if key_of(item) not in open_:
                self.costly.setdefault(key_of(item), told)

    def why(self, difference: Difference) -> str:
        """The reason for one difference; "" where no proposal had to do with it."""
        related = not self.bundle.guessed or difference.wanted is not None
        return self.costly.get(key_of(difference), "") or (self.invalid if related else "")


def _worse(now: Judgement, then: Judgement | str, subject: Identity) -> str:
    """What the document would bring about that is not so now; "" for nothing."""
    if isinstance(then, str):
        return then
    known = {(problem.id, problem.subject) for problem in now.errors}
    for problem in then.errors:
        if (problem.id, problem.subject) not in known:
            return f"{problem.id}: {problem.what}"
    if not then.known(subject):
        return f"{subject} would be held"
    before = now.differences(subject)
    for key, difference in then.differences(subject).items():
        if key not in before:
            resource, path = key
            what = f"{resource} {path}" if path else str(resource)
            return f"{what} would differ" if difference.wanted else f"nothing asks for {what}"
    return ""


def _disproof(scene: Scene, document: Subject, after: bytes, search: _Search) -> str:
    """Why the edited file does not do what was looked for; "" when it is proved."""
    contents = read_contents(after)
    own = [item for item in contents.found if item.identities == (document.identity,)]
    if search.removed:
        specs = with_document(scene.specs, document, None)
    elif len(own) == 1 and own[0].spec is not None and contents.complete:
        read: Document[Any] = Document(
            document.identity, own[0].spec, document.file, own[0].positions
        )
        specs = with_document(scene.specs, document, read)
    else:
        return "the edited file could not be read again"
    now, then = scene.judge(scene.specs), scene.judge(specs)
    if now is None or then is None:
        return "the target could not be compiled"
    if why := _worse(now, then, document.identity):
        return why
    for subject in now.verdicts.keys() | then.verdicts.keys():
        if subject != document.identity and now.differences(subject) != then.differences(subject):
            return f"{subject} would differ in another way"
    left = then.differences(document.identity)
    stays = next((item for item in search.accepted if key_of(item) in left), None)
    return f"{stays.resource} {stays.path} would still differ" if stays else ""


def _bundles(now: Judgement, subject: Identity, selected: Iterable[Difference]) -> Iterator[Bundle]:
    """The selected differences, by the resource that they are of."""
    objects = {item.identity: item for item in now.comparison.objects if item.desired}
    groups = {item.identity: item for item in now.comparison.groups if item.desired}
    by_resource: dict[Identity, list[Difference]] = {}
    for difference in selected:
        by_resource.setdefault(difference.resource, []).append(difference)
    for resource, differences in by_resource.items():
        if resource in groups:
            yield from group_bundles(groups[resource], differences)
        elif resource in objects:
            yield from _object(objects[resource], subject, differences, now)
        else:
            yield Bundle(tuple(differences), nothing)


def _object(
    item: ObjectComparison, subject: Identity, differences: list[Difference], now: Judgement
) -> Iterator[Bundle]:
    if item.identity.kind == INGRESS:
        return ingress_bundles(item, differences, now.comparison.ids)
    if (item.identity.namespace, item.identity.name) == (subject.namespace, subject.name):
        return service_bundles(item, differences)
    return backend_bundles(item, differences)
