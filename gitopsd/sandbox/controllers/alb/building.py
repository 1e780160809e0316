"""One AlbConfig: from its Ingresses to a model, and what applying it would trip over."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from gitopsd.sandbox.controllers.alb import certificates, requests
from gitopsd.sandbox.controllers.alb.classes import members
from gitopsd.sandbox.controllers.alb.failures import NIL, BuildError, Panic
from gitopsd.sandbox.controllers.alb.listening import declared, listen_ports
from gitopsd.sandbox.controllers.alb.memo import Memo
from gitopsd.sandbox.controllers.alb.model import Listener, ListenerKey, Model, Server
from gitopsd.sandbox.controllers.alb.outcome import ConfigOutcome, Stage, Warned
from gitopsd.sandbox.controllers.alb.rules import rules
from gitopsd.sandbox.controllers.alb.servers import ServerFinder
from gitopsd.sandbox.controllers.objects import Item, Objects, is_leaving, key_of
from gitopsd.sandbox.controllers.site import Site

FAILED_BUILD = "FailedBuildModel"
FAILED_APPLY = "FailedApplyModel"


def reconcile(
    config: Item, objects: Objects, site: Site, memo: Memo | None = None
) -> ConfigOutcome:
    """What one pass over an AlbConfig comes to, short of what the cloud itself answers.

    memo: carries over what was worked out of unchanged Ingresses in earlier passes.
    """
    name = config["metadata"]["name"]
    outcome = ConfigOutcome(name, listeners=tuple(key for key, _ in declared(config)))
    try:
        found = members(objects, name)
    except BuildError as error:
        return _stopped(outcome, "group", error, ())
    if config["spec"].get("config") is None:
        outcome.kind, outcome.stage = "error", "group"
        outcome.error = "does not exist albconfig.spec.config"
        return outcome
    outcome.members = tuple(key_of(each) for each in found)
    try:
        outcome.model = build(config, found, objects, site, memo or Memo())
    except BuildError as error:
        return _stopped(outcome, "build", error, found)
    except Panic as panic:
        outcome.kind, outcome.stage, outcome.error = "panic", "build", panic.message
        return outcome
    _apply(outcome, outcome.model, config, objects, site)
    return outcome


def build(config: Item, found: Sequence[Item], objects: Objects, site: Site, memo: Memo) -> Model:
    """The model of an AlbConfig with these Ingresses, in their order.

    Raises:
        BuildError: an Ingress is refused, which stops all of them.
        Panic: the controller trips over an Ingress.
    """
    model = Model()
    if is_leaving(config):
        return model
    for key, item in declared(config):
        model.listeners[key] = _listener(key, item)
    by_listener: dict[ListenerKey, list[Item]] = {}
    for ingress in found:
        try:
            for key in memo.once(ingress, "ports", partial(listen_ports, ingress)):
                by_listener.setdefault(key, []).append(ingress)
        except BuildError as error:
            raise BuildError(error.message, ingress) from error

    for key, ingresses in by_listener.items():
        listener = model.listeners.get(key)
        if listener is None:
            continue
        found_rules, groups = rules(key, ingresses, memo)
        model.rules += found_rules
        for group in groups:
            model.groups.setdefault(group.resource_id, group)
        if key.protocol != "HTTP":
            given = listener.certificates
            listener.certificates, secrets = certificates.certificates(
                key, given, ingresses, objects, site
            )
            model.secrets += [f"{key.port}-{key.protocol}-{each}" for each in secrets]
    return model


def _listener(key: ListenerKey, item: Item) -> Listener:
    """A listener as the controller reads it; an explicit `http2Enabled` gets lost (facts §5)."""
    secure = key.protocol == "HTTPS"
    names = {"requestTimeout": "RequestTimeout", "idleTimeout": "IdleTimeout"}
    return Listener(
        key,
        http2=item.get("http2Enabled") is None if secure else None,
        certificates=certificates.declared(item) if key.protocol != "HTTP" else (),
        attributes={wire: item[name] for name, wire in names.items() if item.get(name)},
    )


def _apply(
    outcome: ConfigOutcome, model: Model, config: Item, objects: Objects, site: Site
) -> None:
    """Groups with their servers come first, then the load balancer, listeners, and rules."""
    created: list[str] = []
    error = ""
    found: dict[str, tuple[Server, ...] | None] = {}
    finder = ServerFinder(objects, site)
    for group in model.groups.values():
        problem = requests.group_problem(group)
        if not problem:
            created.append(f"server group {group.ref}")
            try:
                found[group.resource_id] = finder.servers(group)
            except BuildError as failure:
                created.append(f"deleted server group {group.ref}")
                problem = failure.message
        error = error or problem
    outcome.servers = found
    error = error or requests.balancer_problem(config["spec"]["config"])
    if not error:
        created.append("load balancer")
        problems = {key: requests.listener_problem(each) for key, each in model.listeners.items()}
        good = [key for key, problem in problems.items() if not problem]
        created += [f"listener {key}" for key in good]
        if any(requests.trips(rule) for rule in model.rules if rule.listener in good):
            outcome.kind, outcome.stage, outcome.error = "crash", "apply", NIL
            outcome.created = tuple(sorted(created))
            return
        for key, problem in problems.items():
            if problem and not error:
                error = f"apply  failed listenerPort {key.port} errMsgs {problem}"
    if error:
        outcome.created = tuple(sorted(created))
        fail_apply(outcome, error)


def fail_apply(outcome: ConfigOutcome, error: str) -> None:
    """Turn a built outcome into one whose apply failed: every member is told."""
    outcome.kind, outcome.stage, outcome.error = "error", "apply", error
    outcome.events = _told_to_all(outcome, FAILED_APPLY, error)


def _stopped(
    outcome: ConfigOutcome, stage: Stage, error: BuildError, found: Sequence[Item]
) -> ConfigOutcome:
    outcome.kind, outcome.stage, outcome.error = "error", stage, error.message
    if error.ingress is None:
        outcome.members = tuple(key_of(each) for each in found)
        outcome.events = _told_to_all(outcome, FAILED_BUILD, error.told)
    else:
        outcome.events = blamed(outcome.albconfig, error)
    return outcome


def blamed(albconfig: str, error: BuildError) -> tuple[Warned, ...]:
    """The events of a refusal that one Ingress is to blame for."""
    warned = [Warned("AlbConfig", albconfig, FAILED_BUILD, error.told)]
    if error.ingress is not None:
        warned.append(Warned("Ingress", key_of(error.ingress), FAILED_BUILD, error.told))
    return tuple(warned)


def _told_to_all(outcome: ConfigOutcome, reason: str, message: str) -> tuple[Warned, ...]:
    return (
        Warned("AlbConfig", outcome.albconfig, reason, message),
        *(Warned("Ingress", each, reason, message) for each in outcome.members),
    )
