"""Trying out a spec: what would differ from reality if the document said this?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from gitopsd.compiler import compile_specs
from gitopsd.diff import compare_target
from gitopsd.diff.objects import exposure_of
from gitopsd.drift.verdicts import assess
from gitopsd.model.comparison import Comparison
from gitopsd.model.desired import DesiredTarget
from gitopsd.model.identity import EXPOSURE, SERVER_GROUP, Identity
from gitopsd.model.observed import ObservedTarget
from gitopsd.model.ownership import Owner
from gitopsd.model.problem import Problem
from gitopsd.model.verdict import Difference, State, Verdict
from gitopsd.rules import check
from gitopsd.spec.contents import typed
from gitopsd.spec.document import Document, SpecSet
from gitopsd.spec.model import ExposureSpec, ServerGroupSpec

#: A path of a resource that differs.
Key = tuple[Identity, str]
Subject = Document[ExposureSpec] | Document[ServerGroupSpec]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What specs come to at the target: errors, and how everything stands to reality."""

    errors: tuple[Problem, ...]
    verdicts: Mapping[Identity, Verdict]
    desired: DesiredTarget
    comparison: Comparison

    def differences(self, subject: Identity) -> dict[Key, Difference]:
        """What differs of a subject, its marks left aside; nothing when it is not there."""
        verdict = self.verdicts.get(subject)
        found = verdict.differences if verdict else ()
        return {key_of(item): item for item in found if not is_mark(item)}

    def known(self, subject: Identity) -> bool:
        """Whether a verdict on the subject could be reached; one that is not there has one."""
        verdict = self.verdicts.get(subject)
        return verdict is None or verdict.state is not State.UNKNOWN


@dataclass(frozen=True, slots=True)
class Scene:
    """What specs are judged against: one target as it was found, on a day.

    `owner` names the target and whose marks count there.
    """

    specs: SpecSet
    observed: ObservedTarget
    owner: Owner
    today: date

    def judge(self, specs: SpecSet) -> Judgement | None:
        """What these specs come to; None when they do not have the target at all."""
        state = compile_specs(
            specs, check(specs), instance=self.owner.instance, target=self.owner.target
        )
        desired = state.targets.get(self.owner.target)
        if desired is None:
            return None
        comparison = compare_target(desired, self.observed, self.owner, today=self.today)
        found = assess(comparison, desired, self.observed, today=self.today)
        errors = tuple(problem for problem in state.problems if problem.is_error)
        verdicts = {verdict.subject: verdict for verdict in found.verdicts}
        return Judgement(errors, verdicts, desired, comparison)

    def document(self, subject: Identity) -> Subject | None:
        """The document of a subject, if it could be read."""
        return self.specs.exposures.get(subject) or self.specs.server_groups.get(subject)

    def about(self, subject: Identity) -> Scene:
        """The same scene with what bears on one subject and nothing else: many specs are tried."""
        exposures = {
            identity: document
            for identity, document in self.specs.exposures.items()
            if identity == subject or subject in _groups_of(document)
        }
        groups = {
            identity: document
            for identity, document in self.specs.server_groups.items()
            if identity.namespace == subject.namespace  # any of them may come to be named
        }
        objects = {
            identity: live
            for identity, live in self.observed.objects.items()
            if exposure_of(live) in exposures
        }
        specs = replace(self.specs, exposures=exposures, server_groups=groups)
        return replace(self, specs=specs, observed=replace(self.observed, objects=objects))


def _groups_of(document: Document[ExposureSpec]) -> set[Identity]:
    """The ServerGroups that an Exposure names."""
    return {
        Identity(SERVER_GROUP, document.identity.namespace, backend.server_group)
        for route in document.spec.routes or []
        for backend in route.backends
        if backend.server_group is not None
    }


class Trial:
    """One document in a scene, with other contents put in its place."""

    def __init__(self, scene: Scene, document: Subject) -> None:
        self._scene = scene.about(document.identity)
        self._document = document

    def judge(self, value: Any) -> Judgement | str:
        """What the document would come to with this value; None takes it away.

        A sentence says why it would be no right document, or not one of this target.
        """
        document: Document[Any] | None = None
        if value is not None:
            spec: Any = typed(self._document.identity.kind, value["spec"])
            if isinstance(spec, str):
                return spec
            old = self._document
            document = Document(old.identity, spec, old.file, old.positions)
        judgement = self._scene.judge(with_document(self._scene.specs, self._document, document))
        return judgement or "the fleet would not have the target any more"


def with_document(specs: SpecSet, old: Subject, new: Document[Any] | None) -> SpecSet:
    """The specs with another document in the place of `old`, or with none there."""
    mine = specs.exposures if old.identity.kind == EXPOSURE else specs.server_groups
    rest: dict[Identity, Any] = {key: item for key, item in mine.items() if key != old.identity}
    if new is not None:
        rest[old.identity] = new
    if old.identity.kind == EXPOSURE:
        return replace(specs, exposures=rest)
    return replace(specs, server_groups=rest)


def key_of(difference: Difference) -> Key:
    """What tells two differences apart."""
    return difference.resource, difference.path


def is_mark(difference: Difference) -> bool:
    """Whether only our marks differ, which no spec says: labels, tags, members' descriptions."""
    path = difference.path
    if path.startswith("servers["):
        return path.endswith(".description")
    return path.startswith(("metadata.labels", "tags["))
