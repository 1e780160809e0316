"""Requests to a running operator: put on the records of the chosen targets."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from gitopsd.cli.attending import Ear
from gitopsd.cli.failures import Refusal
from gitopsd.cli.options import Call
from gitopsd.cli.outputs import envelope, to_json
from gitopsd.cli.reading import NoTarget, Reading, read_targets
from gitopsd.cli.targets import Failure, places, side_by_side, tell_failures
from gitopsd.model.ownership import MANAGER, Owner
from gitopsd.typography import clean
from gitopsd.wiring.sites import Place, connect_site


@dataclass(frozen=True, slots=True)
class Request:
    """What is to stand in one annotation, given what stands there; None for nothing.

    `said` tells of it in words, given what stood there before.
    """

    key: str
    text: Callable[[str | None], str | None]
    said: Callable[[str | None], str]


def ask(call: Call, request: Request, form: str, *, one: bool = False) -> int:
    """Put a request on every chosen record; with `one` there may be only one target.

    Raises Refusal. Answers the exit code.
    """
    told: list[Mapping[str, str]] = []
    failures: list[Failure] = []
    chosen = list(places(call, _targets(call, request)))
    if one and len(chosen) > 1:
        names = ", ".join(owner.target for _, owner, _ in chosen)
        raise Refusal(f"a plan is of one target, and there are {names}", "choose it with --target")
    works = {owner.target: partial(_put, call, request, place, owner) for place, owner, _ in chosen}
    for target, done in side_by_side(call, works):
        if isinstance(done, Failure):
            failures.append(done)
        else:
            told.append({"target": target, "done": done})
    if form == "json":
        failed = [failure.to_json() for failure in failures]
        content = {"key": request.key, "requests": told, "failures": failed}
        call.terminal.out(to_json(envelope("Request", content)))
    else:
        for line in told:
            call.terminal.out(clean(f"{line['target']}: {line['done']}"))
    tell_failures(call, failures)
    return int(bool(failures))


def _put(call: Call, request: Request, place: Place, owner: Owner, ear: Ear) -> str:
    """Put a request on one record, and say so. Raises the errors of `ports`."""
    site = connect_site(place, call.settings, write=True, meter=ear)
    ear.begin()
    before = (site.cluster.requests(owner) or {}).get(request.key)
    if site.cluster_writer is not None:
        site.cluster_writer.write_request(owner, request.key, before, request.text(before))
    return request.said(before)


def _targets(call: Call, request: Request) -> Reading:
    """What the repository says. Where it knows no target, people are told how to ask without it:
    a fleet that is broken is when they want to suspend most. Raises Refusal.
    """
    try:
        return read_targets(call)
    except NoTarget as refusal:
        refusal.mend += f". Without it: {_by_hand(call, request)}"
        raise


def _by_hand(call: Call, request: Request) -> str:
    """The request as a command of kubectl, run where the target is."""
    scope, namespace = call.settings.scope, call.settings.cluster.record_namespace
    record = f"{MANAGER}-{scope.instance or 'INSTANCE'}-{scope.target or 'TARGET'}"
    text = request.text(None)
    note = f"{request.key}-" if text is None else shlex.quote(f"{request.key}={text}")
    return f"kubectl annotate --overwrite --namespace {namespace} configmap {record} {note}"
