"""Ingress and IngressClass."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from gitopsd.sandbox.kubernetes.kinds.cells import AGE, NAME, looked_up, text_of
from gitopsd.sandbox.kubernetes.kinds.metadata import top_level
from gitopsd.sandbox.kubernetes.kinds.networking_rules import (
    ingress_class_problems,
    ingress_problems,
    ingress_update_status_problems,
)
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


def _default_class(item: Item) -> None:
    parameters = item["spec"].get("parameters")
    if parameters is not None:
        parameters.setdefault("scope", "Cluster")


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


def _class_name_cell(item: Item) -> str:
    annotations = item["metadata"].get("annotations") or {}
    usual = annotations.get("ingressclass.kubernetes.io/is-default-class") == "true"
    return f"{item['metadata']['name']} (default)" if usual else str(item["metadata"]["name"])


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
        behaviour=Behaviour(default=_default_class, validate=ingress_class_problems),
        generation_of=("spec",),
        columns=(
            replace(NAME, cell=_class_name_cell),
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
            validate=ingress_problems,
            validate_status=ingress_update_status_problems,
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
