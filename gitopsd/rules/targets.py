"""Checks of how a document chooses its targets; the same for Exposures and ServerGroups."""

from __future__ import annotations

from difflib import get_close_matches

from gitopsd.rules.table import ERROR, WARNING, Finding, Findings, Rule, listed
from gitopsd.rules.views import ExposureView, GroupView

View = ExposureView | GroupView
_PATH = ("spec", "targets")


def left_out(view: View) -> Findings:
    """No targets although there is a choice."""
    known = view.repository.known
    if view.spec.targets is None and len(known) > 1:
        yield Finding(
            f"targets is left out, and the fleet has {len(known)}: {listed(known)}", ("spec",)
        )


def empty(view: View) -> Findings:
    """An empty list of targets."""
    if view.spec.targets is not None and not view.spec.targets:
        yield Finding("targets is empty", _PATH)


def unknown(view: View) -> Findings:
    """A target that the fleet does not have."""
    known = view.repository.known
    for index, name in enumerate(view.spec.targets or []):
        if known and name not in known:
            close = get_close_matches(name, known, n=1)
            mend = f"Did you mean {close[0]}?" if close else f"The fleet has {listed(known)}."
            yield Finding(f"there is no target {name}", (*_PATH, index), mend=mend)


def twice(view: View) -> Findings:
    """A target named twice."""
    names = view.spec.targets or []
    for index, name in enumerate(names):
        if name in names[:index]:
            yield Finding(f"target {name} stands twice", (*_PATH, index))


RULES: tuple[Rule[View], ...] = (
    Rule(
        "GX0201", ERROR, "targets left out", left_out,
        "It may be left out only when the fleet has one target; nothing is sent anywhere by guess.",
        "Name the targets.",
    ),
    Rule(
        "GX0202", ERROR, "targets empty", empty,
        "A document for no target asks for nothing; it looks like a mistake, and taking its"
        " objects away for it could not be undone.",
        "Name a target, or remove the document.",
    ),
    Rule(
        "GX0203", ERROR, "unknown target", unknown,
        "What is meant for a target that does not exist would never be made.",
        "Name a target of fleet.yaml.",
    ),
    Rule(
        "GX0204", WARNING, "target named twice", twice,
        "It counts once.", "Remove one of the two.",
    ),
)  # fmt: skip
