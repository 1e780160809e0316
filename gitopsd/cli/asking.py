"""Requests to a running operator: put on the records of the chosen targets, one after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gitopsd.cli.failures import Refusal
from gitopsd.cli.options import Call
from gitopsd.cli.outputs import envelope, to_json
from gitopsd.cli.reading import read
from gitopsd.cli.targets import Failure, places, tell_failures
from gitopsd.ports import WorldError
from gitopsd.typography import clean
from gitopsd.wiring.sites import connect_site


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
    chosen = list(places(call, read(call)))
    if one and len(chosen) > 1:
        names = ", ".join(owner.target for _, owner, _ in chosen)
        raise Refusal(f"a plan is of one target, and there are {names}", "choose it with --target")
    for place, owner, _ in chosen:
        try:
            site = connect_site(place, call.settings, write=True)
            before = (site.cluster.requests(owner) or {}).get(request.key)
            if site.cluster_writer is not None:
                after = request.text(before)
                site.cluster_writer.write_request(owner, request.key, before, after)
        except WorldError as error:
            failures.append(Failure(owner.target, error))
        else:
            told.append({"target": owner.target, "done": request.said(before)})
    if form == "json":
        failed = [failure.to_json() for failure in failures]
        content = {"key": request.key, "requests": told, "failures": failed}
        call.terminal.out(to_json(envelope("Request", content)))
    else:
        for line in told:
            call.terminal.out(clean(f"{line['target']}: {line['done']}"))
    tell_failures(call, failures)
    return int(bool(failures))
