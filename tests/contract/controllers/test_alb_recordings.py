"""The ALB stand-in against what the public ALB Ingress controller made of the same manifests."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest

from gitopsd.sandbox.controllers.alb import ConfigOutcome, build
from gitopsd.sandbox.controllers.alb.model import Action, Condition, Model, Weighted
from gitopsd.sandbox.controllers.alb.outcome import Outcome, Warned
from gitopsd.sandbox.controllers.alb.poison import is_poison
from gitopsd.sandbox.controllers.alb.wire import rule_fields
from gitopsd.sandbox.controllers.objects import Objects
from gitopsd.sandbox.controllers.site import Site
from tests.contract.controllers.recordings import cases, recording

FILE = "alb-controller.json"

_SITE = Site(
    cidrs=("10.0.0.0/8",), certificates={"cas-example-com": ("*.example.com", "example.com")}
)
_DIGEST = re.compile(r"(-demo-tls)-[0-9a-f]{6}")
_JSON_ERRORS = ("json: ", "invalid character", "unexpected end of JSON input")


def objects_of(case: Mapping[str, Any]) -> Objects:
    """The objects of a case as the recording says they were: with endpoints for each Service."""
    items = copy.deepcopy([*recording(FILE)["common_objects"], *case["objects"]])
    given = {_identity(each): each for each in items}
    objects = Objects(given.values())
    for number, service in enumerate(objects.all("Service")):
        for index, port in enumerate(service["spec"]["ports"]):
            port["nodePort"] = 30000 + 10 * number + index
        objects.put("EndpointSlice", _slice_of(service, number))
    return objects


def _identity(item: Mapping[str, Any]) -> tuple[str, str, str]:
    metadata = item["metadata"]
    return item["kind"], metadata.get("namespace", ""), metadata["name"]


def _slice_of(service: Mapping[str, Any], number: int) -> dict[str, Any]:
    metadata = service["metadata"]
    ports = [
        {"name": each.get("name", ""), "port": each["port"]} for each in service["spec"]["ports"]
    ]
    return {
        "kind": "EndpointSlice",
        "metadata": {
            "name": f"{metadata['name']}-1",
            "namespace": metadata["namespace"],
            "labels": {"kubernetes.io/service-name": metadata["name"]},
        },
        "ports": ports,
        "endpoints": [
            {
                "addresses": [f"10.0.1.{number + 1}"],
                "nodeName": "node-1",
                "targetRef": {"kind": "Pod", "name": f"{metadata['name']}-pod"},
            }
        ],
    }


def as_recorded(outcome: Outcome) -> dict[str, Any]:
    """An outcome in the recording's words."""
    found: dict[str, Any] = {}
    if outcome.ignored:
        found["ingresses_ignored"] = list(outcome.ignored)
    if outcome.failures:
        found["ingress_queue"] = [
            {"error": each.error, "ingress": each.ingress} for each in outcome.failures
        ]
    admitted = bool(outcome.failures or outcome.queue_events or outcome.added)
    if outcome.ignored and not admitted:
        return {**found, "kind": "ignored"}
    if outcome.queue_events:
        found["queue_events"] = events_of(outcome.queue_events)
    kinds = {each.kind for each in outcome.configs}
    if len(kinds) > 1:
        configs = [
            {"albconfig": each.albconfig, **config_as_recorded(each)} for each in outcome.configs
        ]
        return {**found, "kind": "mixed", "albconfigs": configs}
    found |= config_as_recorded(outcome.configs[0])
    # The recording leaves out of the queue's events those that the reconcile repeats.
    told = found.get("events", ())
    own = [each for each in found.pop("queue_events", ()) if each not in told]
    if own:
        found["queue_events"] = own
    if found["kind"] == "model" and not outcome.added and not outcome.failures:
        del found["model"]
        found["kind"] = "not_taken"
    elif found["kind"] == "model" and outcome.failures:
        first = outcome.failures[0]
        found |= {"kind": "error", "stage": "ingress queue", "error": first.error}
    return found


def config_as_recorded(outcome: ConfigOutcome) -> dict[str, Any]:
    """The outcome of one AlbConfig in the recording's words."""
    found: dict[str, Any] = {
        "kind": outcome.kind,
        "members": list(outcome.members),
        "listeners_in_albconfig": [str(each) for each in outcome.listeners],
    }
    if outcome.stage:
        found |= {"stage": outcome.stage, "error": outcome.error}
    if outcome.events:
        found["events"] = events_of(outcome.events)
    if outcome.model is not None:
        found["model"] = _model(outcome.model)
        empty = [
            outcome.model.groups[each].ref
            for each, servers in outcome.servers.items()
            if servers is None
        ]
        if empty and outcome.kind == "model":
            found["groups_without_servers"] = sorted(empty)
    if outcome.stage == "apply":
        found["created_before"] = list(outcome.created)
    return found


def events_of(events: Iterable[Warned]) -> list[str]:
    """Events in the recording's words."""
    return sorted(
        f"Warning {each.reason} on {each.kind} {each.name}: {_plain(each.message)}"
        for each in events
    )


def _model(model: Model) -> dict[str, Any]:
    listeners = []
    for key, listener in model.listeners.items():
        entry: dict[str, Any] = {"port": key.port, "protocol": key.protocol}
        if key.protocol == "HTTPS":
            entry["http2"] = listener.http2
            entry["certificates"] = [
                {"id": each.certificate_id, "default": each.default}
                for each in listener.certificates
            ]
        listeners.append(entry)
    rules = sorted(model.rules, key=lambda each: (each.listener, each.priority))
    found: dict[str, Any] = {
        "listeners": listeners,
        "rules": [
            {
                "listener": str(rule.listener),
                "priority": rule.priority,
                "direction": rule.direction,
                "conditions": [_condition(each) for each in rule.conditions],
                "actions": [_action(model, each) for each in rule.actions],
            }
            for rule in rules
        ],
        "server_groups": [_group(each) for each in _sorted_groups(model)],
    }
    if model.secrets:
        found["secret_certificates"] = list(model.secrets)
    return found


def _sorted_groups(model: Model) -> Iterator[Any]:
    yield from sorted(model.groups.values(), key=lambda each: each.ref)


def _group(group: Any) -> dict[str, Any]:
    found = {
        "ref": group.ref,
        "name": group.name,
        "resource_tag": group.resource_id,
        "tags": dict(group.tags),
    }
    changed = _difference(group.spec, recording(FILE)["server_group_defaults"])
    return {**found, "spec": changed} if changed else found


def _difference(value: Mapping[str, Any], default: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, each in value.items():
        if isinstance(each, Mapping):
            inner = _difference(each, default[key])
            if inner:
                found[key] = inner
        elif each != default[key]:
            found[key] = each
    return found


def _condition(condition: Condition) -> dict[str, Any]:
    found: dict[str, Any] = {"type": condition.type}
    if condition.key:
        found["key"] = condition.key
    if condition.values:
        found["values"] = list(condition.values)
    return found


def _action(model: Model, action: Action) -> dict[str, Any]:
    if action.type == "ForwardGroup":
        groups = [_weighted(model, each) for each in action.groups]
        return {"type": action.type, "groups": groups}
    return {"type": action.type, "config": action.config}


def _weighted(model: Model, weighted: Weighted) -> dict[str, Any]:
    group = model.groups[weighted.owned].ref if weighted.owned else weighted.group_id
    return {"group": group, "weight": weighted.weight}


def _plain(text: str) -> str:
    """A message without what depends on the version of the JSON library."""
    for start in _JSON_ERRORS:
        position = text.find(start)
        if position >= 0:
            return text[:position] + "<json>"
    return text


def normal(value: Any) -> Any:
    """A recorded or built value without texts and digests that differ by nature."""
    if isinstance(value, dict):
        return {key: normal(each) for key, each in value.items()}
    if isinstance(value, list):
        return [normal(each) for each in value]
    return _DIGEST.sub(r"\1-<digest>", _plain(value)) if isinstance(value, str) else value


def texts(value: Any) -> Any:
    """Numbers as the texts in which requests carry them."""
    if isinstance(value, dict):
        return {key: texts(each) for key, each in value.items()}
    if isinstance(value, list):
        return [texts(each) for each in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


_NOT_BUILT = ("at", "sent_rules", "service_events", "service_events_vary")


@pytest.mark.parametrize("name", cases(FILE))
def test_the_stand_in_makes_what_the_controller_made(name: str) -> None:
    case = cases(FILE)[name]
    recorded = {key: case["outcome"][key] for key in case["outcome"] if key not in _NOT_BUILT}
    built = as_recorded(build(objects_of(case), _SITE))
    assert normal(built) == normal(recorded)


@pytest.mark.parametrize(
    "name", [name for name, case in cases(FILE).items() if "sent_rules" in case["outcome"]]
)
def test_rules_are_sent_as_the_controller_sent_them(name: str) -> None:
    case = cases(FILE)[name]
    (outcome,) = build(objects_of(case), _SITE).configs
    model = outcome.model
    assert model is not None

    def identify(weighted: Weighted) -> str:
        return model.groups[weighted.owned].ref if weighted.owned else weighted.group_id

    sent: dict[str, list[Any]] = {}
    for rule in model.rules:
        fields = texts(rule_fields(rule, identify))
        filled = {key: value for key, value in fields.items() if value}
        sent.setdefault(str(rule.listener), []).append(filled)
    recorded = {each["listener"]: each["rules"] for each in case["outcome"]["sent_rules"]}
    assert sent == recorded


@pytest.mark.parametrize("name", list(cases(FILE)))
def test_the_controller_dies_of_a_service_event_where_the_recorded_one_did(name: str) -> None:
    case = cases(FILE)[name]
    outcome = case["outcome"]
    variants = [outcome.get("service_events", []), *outcome.get("service_events_vary", [])]
    died = any("process_crash" in event for events in variants for event in events)
    services = any(each["kind"] == "Service" for each in case["objects"])
    poison = any(is_poison(each) for each in case["objects"] if each["kind"] == "Ingress")
    assert died == (poison and services)
