"""Ingress and IngressClass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from gitopsd.sandbox.kubernetes.kinds.cells import AGE, NAME, looked_up, text_of
from gitopsd.sandbox.kubernetes.kinds.metadata import top_level
from gitopsd.sandbox.kubernetes.kinds.networking_rules import (
    ANNOTATED_CLASS,
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
    Lookup,
    Resource,
    status_endpoint,
)
from gitopsd.sandbox.kubernetes.schema import (
    INT32,
    POINTER,
    STRING,
    Field,
    atomic_list,
    named,
    struct,
)

_CLASSES: Final = "ingressclasses.networking.k8s.io"
_DEFAULT_CLASS: Final = "ingressclass.kubernetes.io/is-default-class"
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
            {"apiGroup!": POINTER, "kind!": STRING, "name!": STRING},
            atomic=True,
        ),
    },
)
_PATH: Final = struct(
    "HTTPIngressPath", {"path": STRING, "pathType?": named("PathType"), "backend!": _BACKEND}
)
_RULE: Final = struct(
    "IngressRule",
    {
        "host": STRING,
        "http?": Field(
            struct("HTTPIngressRuleValue", {"paths!": atomic_list(_PATH)}),
            inlined="IngressRuleValue",
        ),
    },
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


def _admit_ingress(new: Item, listed: Lookup) -> None:
    """An Ingress that names no class gets the default one, the newest where there are several."""
    annotated = ANNOTATED_CLASS in (new["metadata"].get("annotations") or {})
    if annotated or new["spec"].get("ingressClassName") is not None:
        return
    usual = [one["metadata"] for one in listed(_CLASSES) if _is_default(one)]
    usual.sort(key=lambda metadata: str(metadata["name"]))
    if usual:
        newest = max(usual, key=lambda metadata: str(metadata["creationTimestamp"]))
        new["spec"]["ingressClassName"] = newest["name"]


def _ingress_warnings(new: Item, old: Item | None) -> Iterator[str]:
    annotated = ANNOTATED_CLASS in (new["metadata"].get("annotations") or {})
    if old is None and annotated and new["spec"].get("ingressClassName") is None:
        instead = "please use 'spec.ingressClassName' instead"
        yield f'annotation "{ANNOTATED_CLASS}" is deprecated, {instead}'


def _prepare_ingress(new: Item, old: Item | None) -> None:
    if old is None:
        new["status"] = {"loadBalancer": {}}


def _is_default(item: Item) -> bool:
    annotations = item["metadata"].get("annotations") or {}
    return bool(annotations.get(_DEFAULT_CLASS) == "true")


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
    name = str(item["metadata"]["name"])
    return f"{name} (default)" if _is_default(item) else name


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
            admit=_admit_ingress,
            prepare=_prepare_ingress,
            validate=ingress_problems,
            warn=_ingress_warnings,
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
        storage_version_hash="39NQlfNR+bo=", etcd_path="ingress",
    ),
)  # fmt: skip
