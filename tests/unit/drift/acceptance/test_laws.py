"""After accepting, the verdict is in sync: for specs of all kinds, and edits made by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gitopsd.drift.acceptance.trial import is_mark, key_of
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ObservedMember
from gitopsd.model.verdict import Cause, State
from tests.unit.build import member
from tests.unit.drift.acceptance.worlds import World, exposure, server_group

LAWS = settings(deadline=None, derandomize=True, max_examples=25)
VERSION = "gitopsd.io/v1alpha1"
ACTION = "alb.ingress.kubernetes.io/actions.forward"
_BETA = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-"

Change = Callable[[World], Any]


def document(kind: str, name: str, spec: dict[str, Any], style: bool | None) -> str:
    """A document as text, in one of the three styles of the standard library for YAML."""
    metadata = {"name": name, "namespace": "shop"}
    body = {"apiVersion": VERSION, "kind": kind, "metadata": metadata, "spec": spec}
    return yaml.safe_dump(body, default_flow_style=style, sort_keys=False)


def law(world: World, subject: Identity, *, whole: bool) -> None:
    """Accepted differences are gone, others are as they were; all are accepted if `whole`."""
    before = {key_of(item) for item in world.differences(subject) if not is_mark(item)}
    if not before:
        return
    result = world.accept(subject)
    after = world.verdict(subject, result.after.decode()) if result.after else None
    left = {key_of(item) for item in after.differences if not is_mark(item)} if after else set()
    accepted = {key_of(item) for item in result.accepted}
    assert left == before - accepted
    assert {key_of(r.difference) for r in result.refused} >= left
    if whole:
        assert [(r.difference.path, r.why) for r in result.refused] == []
        taken = any(item.path.endswith(".description") for item in after.differences)
        assert after.state is (State.CHANGED if taken else State.IN_SYNC)
    assert not any(item.cause is Cause.DRIFT and key_of(item) in accepted
                   for item in (after.differences if after else ()))  # fmt: skip


# --- layer 4 ---------------------------------------------------------------------------------

_NUMBERS = st.integers(1, 9)
_NAMES = st.sampled_from(["http", "https", "dns", "grpc"])
_PORTS = st.lists(
    st.fixed_dictionaries(
        {"name": _NAMES, "port": _NUMBERS},
        optional={"targetPort": _NUMBERS | _NAMES, "protocol": st.sampled_from(["TCP", "UDP"])},
    ),
    min_size=1,
    max_size=4,
    unique_by=(lambda port: port["name"], lambda port: (port["port"], port.get("protocol"))),
).filter(lambda ports: len({(p["port"], p.get("protocol", "TCP")) for p in ports}) == len(ports))
_SELECTORS = st.dictionaries(
    st.sampled_from(["app", "app.kubernetes.io/name", "tier"]),
    st.sampled_from(["tea", "8", "on", "v1.2"]),
    min_size=1,
)


@st.composite
def layer4(draw: st.DrawFn) -> tuple[World, bool]:
    """A layer-4 Exposure that was applied, and whether it keeps clients' addresses."""
    needs: dict[str, Any] = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "preserveClientIP": st.booleans(),
                "sessionPersistence": st.just(False)
                | st.fixed_dictionaries({"timeoutSeconds": st.integers(1, 3600)}),
                "trafficPolicy": st.just("Auto"),
            },
        )
    )
    spec = {
        "loadBalancer": {"type": "CLB", "scheme": draw(st.sampled_from(["Internet", "Intranet"]))},
        "pods": {"selector": draw(_SELECTORS)},
        "ports": draw(_PORTS),
        **needs,
    }
    style = draw(st.sampled_from([None, False, True]))
    text = document("Exposure", "checkout", spec, style)
    return World(text), bool(needs.get("preserveClientIP"))


def live_ports(ports: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"targetPort": port["port"], "protocol": "TCP", "nodePort": 30000 + number, **port}
        for number, port in enumerate(ports)
    ]


@LAWS
@given(layer4(), st.none() | _PORTS, st.none() | _SELECTORS, st.none() | st.integers(1, 3600))
def test_ports_selectors_and_persistence(
    made: tuple[World, bool], ports: Any, selector: Any, seconds: int | None
) -> None:
    world, _ = made

    def change(manifest: dict[str, Any]) -> None:
        spec = manifest["spec"]
        spec["ports"] = live_ports(ports) if ports else spec["ports"]
        spec["selector"] = selector or spec["selector"]
        if seconds and spec["externalTrafficPolicy"] == "Local":
            key = _BETA + "persistence-timeout"
            manifest["metadata"]["annotations"][key] = str(seconds)

    world.edit("Service", "checkout", change)
    law(world, exposure(), whole=True)


@settings(LAWS, max_examples=10)
@given(layer4(), st.booleans(), st.sampled_from(["Local", "Cluster"]), st.booleans(), st.booleans())
def test_needs_are_accepted_as_far_as_a_spec_can_say_them(
    made: tuple[World, bool], weighted: bool, policy: str, inner: bool, foreign: bool
) -> None:
    world, _ = made

    def change(manifest: dict[str, Any]) -> None:
        annotations = manifest["metadata"].setdefault("annotations", {})
        manifest["spec"]["externalTrafficPolicy"] = policy
        for name, value, there in (
            ("scheduler", "wrr", weighted),
            ("address-type", "intranet", inner),
            ("bandwidth", "5", foreign),
        ):
            annotations.pop(_BETA + name, None)
            if there:
                annotations[_BETA + name] = value

    world.edit("Service", "checkout", change)
    persistent = any("persistence-timeout" in key for key in annotations_of(world))
    consistent = weighted == (policy == "Local") and (weighted or not persistent)
    law(world, exposure(), whole=consistent and not foreign)


def annotations_of(world: World) -> dict[str, str]:
    (service,) = world.observed.objects.values()
    found: dict[str, str] = service.manifest["metadata"].get("annotations") or {}
    return found


# --- layer 7 ---------------------------------------------------------------------------------

_HOSTS = st.sampled_from(["a.example.com", "b.example.com", "*.example.com"])
_PATHS = st.sampled_from(["/", "/tea", "/coffee/now"])
_WEIGHTS = st.integers(1, 100)
_SERVICE = st.fixed_dictionaries(
    {"service": st.sampled_from(["tea-svc", "coffee-svc"]), "port": _NUMBERS, "weight": _WEIGHTS}
)
_BACKENDS = st.lists(
    _SERVICE
    | st.fixed_dictionaries({"serverGroup": st.just("warehouse"), "weight": _WEIGHTS})
    | st.fixed_dictionaries({"serverGroupId": st.just("sgp-others"), "weight": _WEIGHTS}),
    min_size=2,
    max_size=4,
    unique_by=lambda backend: str(sorted((k, v) for k, v in backend.items() if k != "weight")),
)
_GROUP = {
    "product": "ALB",
    "location": "OnPremises",
    "protocol": "HTTP",
    "servers": [{"ip": "192.168.20.11", "port": 8080}],
}


@st.composite
def layer7(draw: st.DrawFn) -> World:
    route = {"name": "forward", "host": draw(_HOSTS), "path": draw(_PATHS)}
    plain = {"name": "plain", "host": "c.example.com",
             "backends": [{"service": "tea-svc", "port": 80}]}  # fmt: skip
    spec = {
        "loadBalancer": {"type": "ALB"},
        "routes": [{**route, "backends": draw(_BACKENDS)}, plain],
    }
    style = draw(st.sampled_from([None, False, True]))
    return World(
        document("Exposure", "tea", spec, style)
        + "---\n"
        + document("ServerGroup", "warehouse", _GROUP, style)
    )


def tuples(backends: list[dict[str, Any]]) -> str:
    """Backends as the controller's annotation has them."""
    groups = [
        {"ServiceName": b["service"], "Weight": b["weight"], "ServicePort": b["port"]}
        if "service" in b
        else {
            "ServerGroupID": b.get("serverGroupId", "sgp-warehouse"),
            "Weight": b["weight"],
        }
        for b in backends
    ]
    action = [{"type": "ForwardGroup", "ForwardConfig": {"ServerGroups": groups}}]
    return json.dumps(action, separators=(",", ":"))


@LAWS
@given(layer7(), st.none() | _BACKENDS, st.none() | _HOSTS, st.none() | _PATHS, st.booleans())
def test_hosts_paths_and_the_order_of_backends(
    world: World, backends: Any, host: str | None, path: str | None, inner: bool
) -> None:
    old = json.loads(world.observed.objects[Identity("Ingress", "shop", "tea")]
                     .manifest["metadata"]["annotations"][ACTION])  # fmt: skip
    before = [b.get("ServiceName") or b["ServerGroupID"]
              for b in old[0]["ForwardConfig"]["ServerGroups"]]  # fmt: skip

    def change(manifest: dict[str, Any]) -> None:
        rule = manifest["spec"]["rules"][0]
        rule["host"] = host or rule["host"]
        rule["http"]["paths"][0]["path"] = path or rule["http"]["paths"][0]["path"]
        if inner:
            manifest["spec"]["ingressClassName"] = "inner"
        if backends:
            manifest["metadata"]["annotations"][ACTION] = tuples(backends)

    world.edit("Ingress", "tea", change)
    # Backends that changed places are moved by hand: no edit of values does it.
    now = [b.get("service") or b.get("serverGroupId") or "sgp-warehouse" for b in backends or ()]
    law(world, exposure("tea"), whole=not backends or now[: len(before)] == before)


# --- server groups ---------------------------------------------------------------------------

_SERVERS = st.lists(
    st.fixed_dictionaries(
        {"ip": st.integers(1, 6).map(lambda n: f"192.168.20.{n}"), "port": _NUMBERS},
        optional={"weight": _WEIGHTS},
    ),
    max_size=5,
    unique_by=lambda server: (server["ip"], server["port"]),
)
_CHECK = st.fixed_dictionaries(
    {},
    optional={
        "path": _PATHS,
        "intervalSeconds": st.integers(1, 50),
        "codes": st.just(["http_2xx", "http_3xx"]),
    },
)


@LAWS
@given(
    _SERVERS,
    st.none() | _CHECK,
    st.sampled_from([None, False, True]),
    _SERVERS,
    st.sampled_from([None, "Wlc", "Sch"]),
    st.fixed_dictionaries(
        {},
        optional={
            "HealthCheckPath": _PATHS,
            "HealthCheckInterval": st.integers(1, 50),
            "HealthyThreshold": st.integers(2, 10),
            "HealthCheckCodes": st.just(["http_4xx"]),
            "HealthCheckEnabled": st.booleans(),
        },
    ),
)
def test_members_and_attributes_of_groups(
    servers: Any, check: Any, style: bool | None, members: Any, scheduler: str | None, leaves: Any
) -> None:
    spec = {**_GROUP, "servers": servers, **({"healthCheck": check} if check else {})}
    world = World(document("ServerGroup", "warehouse", spec, style))

    def change(now: list[ObservedMember]) -> list[ObservedMember]:
        ours = {str(item.key): item for item in now}
        found = []
        for server in members:
            new = member(server["ip"], server["port"], server.get("weight", 100), "by hand")
            old = ours.get(str(new.key))
            found.append(replace(old, weight=new.weight) if old else new)
        return found

    attributes: dict[str, Any] = {"HealthCheckConfig": leaves}
    if scheduler:
        attributes["Scheduler"] = scheduler
    world.group("warehouse", change, **attributes)
    law(world, server_group(), whole=True)
