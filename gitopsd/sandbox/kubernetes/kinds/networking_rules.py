"""The rules of Ingress and IngressClass, in the order in which the real server reports them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from gitopsd.sandbox.kubernetes import formats, ip_formats
from gitopsd.sandbox.kubernetes.errors import (
    FieldProblem,
    forbidden_value,
    invalid_value,
    required_value,
    too_long,
    unsupported_value,
)
from gitopsd.sandbox.kubernetes.kinds.service_rules import ingress_status_problems
from gitopsd.sandbox.kubernetes.resources import Item

_PATH_TYPES: Final = ("Exact", "ImplementationSpecific", "Prefix")
_BAD_SEQUENCES: Final = ("//", "/./", "/../", "%2f", "%2F")
_BAD_ENDS: Final = ("/..", "/.")
ANNOTATED_CLASS: Final = "kubernetes.io/ingress.class"
_CONTROLLER_LIMIT: Final = 250
_PATH: Final = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"
_SCOPES: Final = ("Cluster", "Namespace")


def ingress_problems(new: Item, old: Item | None) -> Iterator[FieldProblem]:
    """All rules of an Ingress on create and update."""
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
    annotated = (new["metadata"].get("annotations") or {}).get(ANNOTATED_CLASS)
    if old is None and annotated is not None and name is not None and annotated != name:
        why = "must match `ingressClassName` when both are specified"
        yield invalid_value(f"annotations.{ANNOTATED_CLASS}", annotated, why)


def _rule_problems(rule: Item, field: str) -> Iterator[FieldProblem]:
    host = rule.get("host", "")
    if host:
        if ip_formats.parsed(host) is not None:
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
        return
    if kind in ("Exact", "Prefix"):
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
    if service is not None and resource is not None:
        yield invalid_value(field, "", "cannot set both resource and service backends")
    elif resource is not None:
        yield from _reference_problems(resource, f"{field}.resource")
    elif service is not None:
        yield from _service_problems(service, field)
    else:
        yield invalid_value(field, "", "resource or service backend is required")


def _service_problems(service: Item, field: str) -> Iterator[FieldProblem]:
    name, port = service.get("name", ""), service.get("port") or {}
    if not name:
        yield required_value(f"{field}.service.name")
    for fault in formats.dns_label(name) if name else ():
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


def ingress_update_status_problems(new: Item, _old: Item) -> Iterator[FieldProblem]:
    """Rules of a write through the status endpoint of an Ingress."""
    ingresses = new["status"]["loadBalancer"].get("ingress") or []
    yield from ingress_status_problems(ingresses, "status.loadBalancer.ingress")


def ingress_class_problems(new: Item, old: Item | None) -> Iterator[FieldProblem]:
    """All rules of an IngressClass on create and update."""
    spec = new["spec"]
    controller = spec.get("controller", "")
    if old is not None and controller != old["spec"].get("controller", ""):
        yield invalid_value("spec.controller", controller, "field is immutable")
    if not controller:
        yield required_value("spec.controller")
    else:
        if len(controller) > _CONTROLLER_LIMIT:
            yield too_long("spec.controller", _CONTROLLER_LIMIT)
        yield from _domain_prefixed(controller, "spec.controller")
    parameters = spec.get("parameters")
    if parameters is not None:
        yield from _reference_problems(parameters, "spec.parameters")
        yield from _scope_problems(parameters, "spec.parameters")


def _domain_prefixed(text: str, field: str) -> Iterator[FieldProblem]:
    domain, slash, path = text.partition("/")
    if not slash or not path or not domain:
        yield invalid_value(field, text, 'must be a domain-prefixed path (such as "acme.io/foo")')
        return
    for fault in formats.dns_subdomain(domain):
        yield invalid_value(field, domain, fault)
    if not re.fullmatch(_PATH, path):
        yield invalid_value(field, path, f"Invalid path (regex used for validation is '{_PATH}')")


def _reference_problems(reference: Item, field: str) -> Iterator[FieldProblem]:
    group = reference.get("apiGroup")
    for fault in formats.dns_subdomain(group) if group is not None else ():
        yield invalid_value(f"{field}.apiGroup", group, fault)
    for member in ("kind", "name"):
        text = reference.get(member, "")
        if not text:
            yield required_value(f"{field}.{member}")
        for fault in formats.path_segment(text):
            yield invalid_value(f"{field}.{member}", text, fault)


def _scope_problems(parameters: Item, field: str) -> Iterator[FieldProblem]:
    scope, namespace = parameters.get("scope"), parameters.get("namespace")
    if scope is None:
        yield required_value(f"{field}.scope")
    elif scope not in _SCOPES:
        yield unsupported_value(f"{field}.scope", scope, _SCOPES)
    elif scope == "Cluster" and namespace is not None:
        yield forbidden_value(f"{field}.namespace", "`parameters.scope` is set to 'Cluster'")
    elif scope == "Namespace" and namespace is None:
        yield required_value(f"{field}.namespace", "`parameters.scope` is set to 'Namespace'")
    elif scope == "Namespace":
        for fault in formats.dns_label(namespace or ""):
            yield invalid_value(f"{field}.namespace", namespace, fault)
