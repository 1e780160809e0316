"""Hearing what controllers tell of their work on what is wanted."""

from __future__ import annotations

from functools import partial

from gitopsd.model.desired import DesiredTarget
from gitopsd.model.identity import INGRESS
from gitopsd.model.observed import ControllerEvent
from gitopsd.model.wording import said
from gitopsd.ports import ClusterReader, WorldError
from gitopsd.profiles.events import ALB_CONFIG, DONE, FAILED


def heard(reader: ClusterReader, desired: DesiredTarget) -> tuple[tuple[ControllerEvent, ...], str]:
    """What controllers told, or why it could not be read."""
    try:
        return reader.controller_events(kinds_heard(desired), partial(tells, desired=desired)), ""
    except WorldError as error:
        return (), said("unheard", why=error)


def kinds_heard(desired: DesiredTarget) -> tuple[str, ...]:
    """The kinds of which controllers tell something that bears on what is wanted."""
    kinds = {identity.kind for identity in desired.objects}
    return tuple(sorted(kinds | ({ALB_CONFIG} if INGRESS in kinds else set())))


def tells(event: ControllerEvent, desired: DesiredTarget) -> bool:
    """Whether it tells that a controller has done its work on something of ours, or could not."""
    ours = event.about.kind == ALB_CONFIG or event.about in desired.objects
    return ours and event.reason in (FAILED if event.failed else DONE)
