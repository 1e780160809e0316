"""Ingress and IngressClass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gitopsd.sandbox.kubernetes import formats
from gitopsd.sandbox.kubernetes.errors import (
    FieldProblem,
    forbidden_value,
    invalid_value,
    required_value,
    too_long,
    unsupported_value,
)
from gitopsd.sandbox.kubernetes.kinds.cells import AGE, NAME, looked_up, text_of
from gitopsd.sandbox.kubernetes.kinds.metadata import top_level
from gitopsd.sandbox.kubernetes.kinds.service_rules import ingress_status_problems
from gitopsd.sandbox.kubernetes.kinds.services import PORT_STATUS
from gitopsd.sandbox.kubernetes.resources import (
    STATUS_ONLY,
    Behaviour,
    Column,
    Item,
    Resource,
    status_endpoint,
)
from gitopsd.sandbox.kubernetes.schema import INT32, STRING, atomic_list, struct

_BACKEND: Final = struct(
    "IngressBackend",
    {
        "service?": struct(
            "IngressServiceBackend",
            {
                "name!": STRING,
                "port!": struct(
                    "ServiceBackendPort", {"name": STRING, "number": INT32}, atomic=True
                ),
            },
        ),
        "resource?": struct(
            "TypedLocalObjectReference",
            {"apiGroup?": STRING, "kind!": STRING, "name!": STRING},
            atomic=True,
        ),
    },
)
_PATH: Final = struct(
    "HTTPIngressPath", {"path": STRING, "pathType?": STRING, "backend!": _BACKEND}
)
_RULE: Final = struct(
    "IngressRule",
    {"host": STRING, "http?": struct("HTTPIngressRuleValue", {"paths!": atomic_list(_PATH)})},
)
_INGRESS: Final = top_level(
    "Ingress",
    {
        "spec!": struct(
            "IngressSpec",
            {
                "ingressClassName?": STRING,
                "defaultBackend?": _BACKEND,
                "tls": atomic_list(
                    struct("IngressTLS", {"hosts": atomic_list(STRING), "secretName": STRING})
                ),
                "rules": atomic_list(_RULE),
            },
        ),
        "status!": struct(
            "IngressStatus",
            {
                "loadBalancer!": struct(
                    "IngressLoadBalancerStatus",
                    {
                        "ingress": atomic_list(
                            struct(
                                "IngressLoadBalancerIngress",
                                {
                                    "ip": STRING,
                                    "hostname": STRING,
                                    "ports": atomic_list(PORT_STATUS),
                                },
                            )
                        )
                    },
                )
            },
        ),
    },
)
_INGRESS_CLASS: Final = top_level(
    "IngressClass",
    {
        "spec!": struct(
            "IngressClassSpec",
            {
                "controller": STRING,
                "parameters?": struct(
                    "IngressClassParametersReference",
                    {
                        "apiGroup?": STRING,
                        "kind!": STRING,
                        "name!": STRING,
                        "scope?": STRING,
                        "namespace?": STRING,
                    },
                ),
            },
        )
    },
)
_PATH_TYPES: Final = ("Exact", "ImplementationSpecific", "Prefix")
_BAD_SEQUENCES: Final = ("//", "/./", "/../", "%2f", "%2F")
_BAD_ENDS: Final = ("/..", "/.")
_CLASS_ANNOTATION: Final = "kubernetes.io/ingress.class"
_CONTROLLER_LIMIT: Final = 250


def _ingress_problems(new: Item, old: Item | None) -> Iterator[FieldProblem]:
    spec = new["spec"]
    rules, default = spec.get("rules") or [], spec.get("defaultBackend")
    if not rules and default is None:
        why = "either `defaultBackend` or `rules` must be specified"
        yield invalid_value("spec", spec.get("rules"), why)
    if default is not None:
        yield from _backend_problems(default, "spec.defaultBackend")
    for index, rule in enumerate(rules):
        yield from _rule_problems(rule, f"spec.rules[{index}]")
    for index, tls in enumerate(spec.get("tls") or ()):
        yield from _tls_problems(tls, f"spec.tls[{index}]")
    name = spec.get("ingressClassName")
    if name is not None:
        for fault in formats.dns_subdomain(name):
            yield invalid_value("spec.ingressClassName", name, fault)
    annotated = (new["metadata"].get("annotations") or {}).get(_CLASS_ANNOTATION)
    if old is None and annotated is not None and name is not None and annotated != name:
        why = "must match `ingressClassName` when both are specified"
        yield invalid_value(f"annotations.{_CLASS_ANNOTATION}", annotated, why)


def _rule_problems(rule: Item, field: str) -> Iterator[FieldProblem]:
    host = rule.get("host", "")
    if host:
        if not formats.ip_address(host):
            yield invalid_value(f"{field}.host", host, "must be a DNS name, not an IP address")
        check = formats.wildcard_subdomain if "*" in host else formats.dns_subdomain
        for fault in check(host):
            yield invalid_value(f"{field}.host", host, fault)
    http = rule.get("http")
    if http is None:
        return
    if not http.get("paths"):
        yield required_value(f"{field}.http.paths")
    for index, path in enumerate(http.get("paths") or ()):
        yield from _path_problems(path, f"{field}.http.paths[{index}]")


def _path_problems(path: Item, field: str) -> Iterator[FieldProblem]:
    kind, text = path.get("pathType"), path.get("path", "")
    if kind is None:
        yield required_value(f"{field}.pathType", "pathType must be specified")
    elif kind in ("Exact", "Prefix"):
        if not text.startswith("/"):
            yield invalid_value(f"{field}.path", text, "must be an absolute path")
        for bad in _BAD_SEQUENCES:
            if bad in text:
                yield invalid_value(f"{field}.path", text, f"must not contain '{bad}'")
        for bad in _BAD_ENDS:
            if text.endswith(bad):
                yield invalid_value(f"{field}.path", text, f"cannot end with '{bad}'")
    elif kind == "ImplementationSpecific":
        if text and not text.startswith("/"):
            yield invalid_value(f"{field}.path", text, "must be an absolute path")
    else:
        yield unsupported_value(f"{field}.pathType", kind, _PATH_TYPES)
    yield from _backend_problems(path["backend"], f"{field}.backend")


def _backend_problems(backend: Item, field: str) -> Iterator[FieldProblem]:
    service, resource = backend.get("service"), backend.get("resource")
    if service is None and resource is None:
        yield required_value(field, "port name or number is required")
        return
    if service is not None and resource is not None:
        yield invalid_value(field, "", "cannot set both resource and service backends")
        return
    if service is None:
        return
    name, port = service.get("name", ""), service.get("port") or {}
    if not name:
        yield required_value(f"{field}.service.name")
    for fault in formats.dns1035_label(name) if name else ():
        yield invalid_value(f"{field}.service.name", name, fault)
    if port.get("name") and port.get("number"):
        yield invalid_value(field, "", "cannot set both port name & port number")
    elif port.get("name"):
        for fault in formats.port_name(port["name"]):
            yield invalid_value(f"{field}.service.port.name", port["name"], fault)
    elif port.get("number"):
        for fault in formats.port_number(port["number"]):
            yield invalid_value(f"{field}.service.port.number", port["number"], fault)
    else:
        yield required_value(field, "port name or number is required")


def _tls_problems(tls: Item, field: str) -> Iterator[FieldProblem]:
    for index, host in enumerate(tls.get("hosts") or ()):
        check = formats.wildcard_subdomain if "*" in host else formats.dns_subdomain
        for fault in check(host):
            yield invalid_value(f"{field}.hosts[{index}]", host, fault)
    secret = tls.get("secretName", "")
    for fault in formats.dns_subdomain(secret) if secret else ():
        yield invalid_value(f"{field}.secretName", secret, fault)


def _ingress_status_problems(new: Item, _old: Item) -> Iterator[FieldProblem]:
    ingresses = new["status"]["loadBalancer"].get("ingress") or []
    yield from ingress_status_problems(ingresses, "status.loadBalancer.ingress")


def _default_class(item: Item) -> None:
    parameters = item["spec"].get("parameters")
    if parameters is not None:
        parameters.setdefault("scope", "Cluster")


def _class_problems(new: Item, old: Item | None) -> Iterator[FieldProblem]:
    spec = new["spec"]
    controller = spec.get("controller", "")
    if old is not None and controller != old["spec"].get("controller", ""):
        yield invalid_value("spec.controller", controller, "field is immutable")
        return
    if len(controller) > _CONTROLLER_LIMIT:
        yield too_long("spec.controller", _CONTROLLER_LIMIT)
    if controller:
        yield from _domain_prefixed(controller, "spec.controller")
    parameters = spec.get("parameters")
    if parameters is not None:
        yield from _parameter_problems(parameters)


def _domain_prefixed(text: str, field: str) -> Iterator[FieldProblem]:
    domain, slash, path = text.partition("/")
    if not slash or not path:
        why = 'must be a domain-prefixed path (such as "acme.io/foo")'
        yield invalid_value(field, text, why)
        return
    for fault in formats.dns_subdomain(domain):
        yield invalid_value(field, domain, fault)


def _parameter_problems(parameters: Item) -> Iterator[FieldProblem]:
    field = "spec.parameters"
    group = parameters.get("apiGroup")
    for fault in formats.dns_subdomain(group) if group is not None else ():
        yield invalid_value(f"{field}.apiGroup", group, fault)
    for member in ("kind", "name"):
        text = parameters.get(member, "")
        if not text:
            yield required_value(f"{field}.{member}", f"{member} is required")
        for fault in formats.path_segment(text):
            yield invalid_value(f"{field}.{member}", text, fault)
    scope, namespace = parameters.get("scope"), parameters.get("namespace")
    if scope not in ("Cluster", "Namespace"):
        yield unsupported_value(f"{field}.scope", scope or "", ("Cluster", "Namespace"))
    elif scope == "Namespace" and not namespace:
        why = "`parameters.scope` is set to 'Namespace'"
        yield required_value(f"{field}.namespace", why)
    elif scope == "Cluster" and namespace:
        yield forbidden_value(f"{field}.namespace", "`parameters.scope` is set to 'Cluster'")


def _hosts_cell(item: Item) -> str:
    hosts = [rule["host"] for rule in item["spec"].get("rules") or () if rule.get("host")]
    shown = hosts[:3]
    if len(hosts) > len(shown):
        return ",".join(shown) + f" + {len(hosts) - len(shown)} more..."
    return ",".join(shown) or "*"


def _address_cell(item: Item) -> str:
    ingresses = looked_up(item, "status", "loadBalancer", "ingress") or ()
    return ",".join(one.get("ip") or one.get("hostname") or "" for one in ingresses)


def _ingress_ports_cell(item: Item) -> str:
    return "80, 443" if item["spec"].get("tls") else "80"


def _parameters_cell(item: Item) -> str:
    parameters = item["spec"].get("parameters")
    if parameters is None:
        return "<none>"
    group = f".{parameters['apiGroup']}" if parameters.get("apiGroup") else ""
    return f"{parameters['kind']}{group}/{parameters['name']}"


RESOURCES: Final = (
    Resource(
        "networking.k8s.io", "v1", "IngressClass", "ingressclasses", "ingressclass", False,
        _INGRESS_CLASS,
        zero={"metadata": {}, "spec": {}},
        behaviour=Behaviour(default=_default_class, validate=_class_problems),
        generation_of=("spec",),
        columns=(
            NAME,
            Column("Controller", text_of("spec", "controller")),
            Column("Parameters", _parameters_cell),
            AGE,
        ),
        storage_version_hash="l/iqIbDgFyQ=",
    ),
    Resource(
        "networking.k8s.io", "v1", "Ingress", "ingresses", "ingress", True, _INGRESS,
        zero={"metadata": {}, "spec": {}, "status": {"loadBalancer": {}}},
        behaviour=Behaviour(
            validate=_ingress_problems,
            validate_status=_ingress_status_problems,
        ),
        short_names=("ing",),
        subresources={"status": status_endpoint()},
        generation_of=("spec",),
        main_ignored=STATUS_ONLY,
        columns=(
            NAME,
            Column("Class", text_of("spec", "ingressClassName", missing="<none>")),
            Column("Hosts", _hosts_cell),
            Column("Address", _address_cell),
            Column("Ports", _ingress_ports_cell),
            AGE,
        ),
        storage_version_hash="39NQlfNR+bo=",
    ),
)  # fmt: skip
