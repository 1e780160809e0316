"""Finding what a person wants accepted, and telling what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gitopsd.cli.failures import Refusal
from gitopsd.cli.options import Call
from gitopsd.cli.outputs import envelope, to_json
from gitopsd.cli.reading import Reading
from gitopsd.cli.targets import Failure, Sight, look, moment, tell_failures
from gitopsd.cli.terminal import Terminal
from gitopsd.diff.explain import note
from gitopsd.drift.acceptance import Acceptance, Scene, accept
from gitopsd.drift.exceptions import ended_notes
from gitopsd.drift.patch import patch
from gitopsd.engine.judging import assess_target
from gitopsd.engine.neighbourhood import look_around
from gitopsd.model.desired import DesiredTarget
from gitopsd.model.identity import INGRESS, SERVER_GROUP, SERVICE, Identity
from gitopsd.model.paths import join, within
from gitopsd.model.verdict import Cause, Difference, State, Verdict
from gitopsd.spec.editing import Edit, Insert, Put
from gitopsd.typography import ARROW, Meaning, clean, code, hang, markdown, shorten_pair, value

_VALUE = 60


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was looked at, and the edit; None when nothing had drifted."""

    target: str
    subject: Identity
    edit: Acceptance | None
    notes: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """The message of a commit that nobody gave one for."""
        lines = [f"Accept what was changed by hand: {self.subject} at {self.target}", ""]
        for item in self.edit.accepted if self.edit else ():
            lines.append(f"- {_place(item)}: {_move(item)}")
        return "\n".join(lines) + "\n"

    def patch(self, folder: str) -> str:
        """The edit as a patch; `folder` is the part of the repository that files are named in."""
        if self.edit is None:
            return ""
        path = f"{folder}/{self.edit.file}" if folder else self.edit.file
        return patch(path, self.edit.before, self.edit.after)

    @property
    def description(self) -> str:
        """What is asked of those who are to merge it, as Markdown."""
        edit = self.edit
        lines = [
            f"{code(str(self.subject))} was changed at {code(self.target)} behind Git's back. This"
            " edit makes Git say the same, so that it is no drift any more.",
            "",
        ]
        for item in edit.accepted if edit else ():
            lines.append(f"- {code(_place(item))}: {markdown(_move(item))}")
        for refused in edit.refused if edit else ():
            place, why = code(_place(refused.difference)), markdown(refused.why)
            lines.append(f"- {place} stays drift: {why}")
        lines += [f"- {markdown(text)}" for text in self.notes]
        return "\n".join(lines)

    def json(self, folder: str, *, commit: str | None, pull_request: str | None) -> str:
        """The output of `-o json`."""
        edit = self.edit
        content: dict[str, Any] = {
            "target": self.target,
            "subject": str(self.subject),
            "file": edit.file if edit else "",
            "patch": self.patch(folder),
            "edits": [_edit_json(item) for item in edit.edits] if edit else [],
            "accepted": [item.to_json() for item in edit.accepted] if edit else [],
            "refused": [
                {"difference": item.difference.to_json(), "why": item.why}
                for item in (edit.refused if edit else ())
            ],
            "notes": list(self.notes),
            "commit": commit,
            "pullRequest": pull_request,
        }
        return to_json(envelope("Acceptance", content))

    def tell(
        self, terminal: Terminal, folder: str, made: str, branch: str | None, *, asked: bool
    ) -> None:
        """The patch, or what was made, to stdout; what is in it and what is not to stderr.

        `asked` says that people are asked to merge the branch, be there an edit or not.
        """
        edit = self.edit
        if edit is None:
            told = f"{self.subject} has not drifted at {self.target}"
            more = f" from what branch {branch} says: its merge is asked for"
            terminal.say(told + (more if asked else ": nothing to accept"))
            for text in self.notes:
                terminal.say("\n".join(hang("→ ", text, terminal.error_sentence_width)))
            return
        width, palette = terminal.error_sentence_width, terminal.error_palette
        for item in edit.accepted:
            told = f"{_place(item)}: {_move(item)}"
            terminal.say("\n".join(hang(palette.paint("✓ ", Meaning.GOOD), told, width)))
        for refused in edit.refused:
            told = f"{_place(refused.difference)}: stays drift: {refused.why}"
            terminal.warn("\n".join(hang(palette.paint("✗ ", Meaning.WARNING), told, width)))
        for text in self.notes if edit.accepted else ():
            terminal.say("\n".join(hang("→ ", text, width)))
        if made:
            terminal.out(f"{made} on branch {branch}" if branch else f"changed {made}")
        elif edit.accepted:
            terminal.out(self.patch(folder).removesuffix("\n"))


def accepted(call: Call, reading: Reading, name: str, paths: Sequence[str]) -> Accepted:
    """Look at the targets of the document that `name` names, and accept what has drifted there.

    Raises Refusal when that cannot be judged, or is not one thing at one target.
    """
    subject, resource = _subject(reading, name)
    targets = {
        target: desired
        for target, desired in reading.state.targets.items()
        if _made_at(desired, subject)
    }
    if not targets:
        raise Refusal(
            f"{subject} makes nothing at the chosen targets, so nothing of it can drift there",
            "gitopsd validate says whether its document has errors",
        )
    drifted: list[tuple[Sight, list[Difference]]] = []
    notes: list[str] = []
    failures: list[Failure] = []
    with call.terminal.progress() as progress:
        for sight in look(call, reading.at(targets), progress, write=False, health=True):
            if isinstance(sight, Failure):
                failures.append(sight)
                continue
            seen = _looked_around(sight)
            verdict = _judged(seen, subject)
            if found := _drift(verdict, resource, paths):
                drifted.append((seen, found))
            elif verdict is not None and verdict.differences:
                notes.append(_unapplied(seen, verdict))
            notes += ended_notes(verdict.over) if verdict is not None else ()
    if failures:
        tell_failures(call, failures)
        raise Refusal("not every target could be looked at", "choose one with --target")
    if not drifted:
        return Accepted(", ".join(targets), subject, None, tuple(notes))
    if len(drifted) > 1:
        names = ", ".join(seen.desired.name for seen, _ in drifted)
        raise Refusal(
            f"{subject} has drifted at {len(drifted)} targets: {names}", "choose one with --target"
        )
    ((seen, differences),) = drifted
    return _accept(reading, seen, subject, differences)


def _looked_around(seen: Sight) -> Sight:
    """The target with what stands around it, as `gitopsd drift` looks at it."""
    observed = look_around(seen.desired, seen.observed, seen.site.cluster, seen.owner)
    return replace(seen, observed=observed)


def _accept(
    reading: Reading, seen: Sight, subject: Identity, differences: Sequence[Difference]
) -> Accepted:
    scene = Scene(reading.specs, seen.observed, seen.owner, moment())
    document = scene.document(subject)
    if document is None:
        raise Refusal(f"{subject} has errors", "gitopsd validate says which")
    content = reading.source.content(document.file)
    try:
        edit = accept(scene, subject, content, differences)
    except LookupError as error:
        raise Refusal(str(error), "gitopsd validate says what is wrong with it") from error
    return Accepted(seen.desired.name, subject, edit, tuple(_notes(reading, seen, subject, edit)))


def _notes(reading: Reading, seen: Sight, subject: Identity, edit: Acceptance) -> Iterable[str]:
    """What to know about the edit before it is merged."""
    if edit.removed:
        yield "what the document made is gone, so the whole document is taken out of Git"
    others = [
        name
        for name, desired in sorted(reading.state.targets.items())
        if name != seen.desired.name and _made_at(desired, subject)
    ]
    if others:
        yield f"the document also stands for {', '.join(others)}: there the edit is a change"
    if subject.kind == SERVER_GROUP and any(
        item.wanted is None and item.path.startswith("servers[") for item in edit.accepted
    ):
        yield (
            "a member that others added is served and counted, and becomes gitopsd's own only by"
            f" apply --adopt {subject}"
        )


def _judged(seen: Sight, subject: Identity) -> Verdict | None:
    """The verdict on the subject. Raises Refusal when there could be none."""
    found = assess_target(seen.desired, seen.observed, seen.owner, moment())
    verdict = next((item for item in found.verdicts if item.subject == subject), None)
    if verdict is not None and verdict.state is State.UNKNOWN:
        why = "; ".join((*(f"{gap.what}: {gap.why}" for gap in found.gaps), *verdict.notes))
        raise Refusal(f"how {subject} stands at {found.target} is not known: {why}")
    return verdict


def _drift(
    verdict: Verdict | None, resource: Identity | None, paths: Sequence[str]
) -> list[Difference]:
    """What is to be accepted: drift, or whatever differs where a path says so.

    Raises Refusal for a path at which nothing differs.
    """
    differences = verdict.differences if verdict else ()
    if resource is not None:
        differences = tuple(item for item in differences if item.resource == resource)
    if not paths:
        return [item for item in differences if item.cause is Cause.DRIFT]
    found = [item for item in differences if any(_lies(item, path) for path in paths)]
    for path in paths:
        if differences and not any(_lies(item, path) for item in found):
            known = ", ".join(sorted(f"{d.resource.kind}/{d.path}" for d in differences))
            raise Refusal(f"nothing differs at {path}", f"paths that differ: {known}")
    return found


def _unapplied(seen: Sight, verdict: Verdict) -> str:
    """What to know where nothing counts as drift, and something differs."""
    paths = ", ".join(clean(item.path) or str(item.resource) for item in verdict.differences)
    return (
        f"Git has changed since the last apply at {seen.desired.name}, so what differs counts as a"
        f" change; --path takes it all the same: {paths}"
    )


def _lies(difference: Difference, path: str) -> bool:
    """Whether a difference lies at a path, given with or without the kind before it."""
    kind = f"{difference.resource.kind}/"
    return within(difference.path, path.removeprefix(kind))


def _subject(reading: Reading, name: str) -> tuple[Identity, Identity | None]:
    """The Exposure or ServerGroup that a name means, and the one resource of it that is meant."""
    specs = reading.specs
    known = [*specs.exposures, *specs.server_groups]
    parts = name.split("/")
    if len(parts) == 3 and parts[0] in (SERVICE, INGRESS):
        resource = Identity.parse(name)
        for desired in reading.state.targets.values():
            if resource in desired.objects:
                return desired.objects[resource].exposure, resource
        raise Refusal(f"no Exposure makes {name}", _candidates(known, parts[-1]))
    found = [
        identity
        for identity in known
        if parts == [identity.kind, identity.namespace, identity.name][-len(parts) :]
    ]
    if len(found) > 1:
        names = ", ".join(str(identity) for identity in sorted(found))
        raise Refusal(f"{name} may be any of {names}", "say which, as KIND/NAMESPACE/NAME")
    if not found:
        held = [identity for identity in specs.held if identity.name == parts[-1]]
        if held:
            raise Refusal(f"{held[0]} has errors", "gitopsd validate says which")
        raise Refusal(f"there is no Exposure or ServerGroup {name}", _candidates(known, parts[-1]))
    return found[0], None


def _candidates(known: Sequence[Identity], name: str) -> str:
    import difflib

    names = {identity.name: identity for identity in known}
    near = difflib.get_close_matches(name, names, n=3)
    if near:
        return f"is it {' or '.join(str(names[item]) for item in near)}?"
    return "gitopsd drift names those that have drifted" if known else "no spec was read: see PATH"


def _made_at(desired: DesiredTarget, subject: Identity) -> bool:
    return subject in desired.groups or any(
        item.exposure == subject for item in desired.objects.values()
    )


def _place(difference: Difference) -> str:
    return clean(f"{difference.resource} {difference.path}".rstrip())


def _move(difference: Difference) -> str:
    """How Git's value becomes the one that was found."""
    words = note(difference.path, difference.wanted, difference.found)
    if words:
        return clean(words)
    old, new = shorten_pair(value(difference.wanted), value(difference.found), _VALUE)
    return f"{old} {ARROW} {new}"


def _edit_json(edit: Edit) -> dict[str, Any]:
    path = join(edit.path)
    if isinstance(edit, Put):
        return {"operation": "put", "path": path, "value": edit.value}
    if isinstance(edit, Insert):
        return {"operation": "insert", "path": path, "value": edit.value}
    return {"operation": "remove", "path": path}
