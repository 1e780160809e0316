"""EndpointSlice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from gitopsd.sandbox.kubernetes import formats, ip_formats
from gitopsd.sandbox.kubernetes.errors import (
    FieldProblem,
    duplicate_value,
    invalid_value,
    required_value,
    unsupported_value,
)
from gitopsd.sandbox.kubernetes.kinds.cells import AGE, NAME, text_of
from gitopsd.sandbox.kubernetes.kinds.metadata import STRING_MAP, top_level
from gitopsd.sandbox.kubernetes.kinds.references import OBJECT_REFERENCE
from gitopsd.sandbox.kubernetes.resources import Behaviour, Column, Item, MetadataRules, Resource
from gitopsd.sandbox.kubernetes.schema import (
    BOOLEAN,
    INT32,
    STRING,
    atomic_list,
    named,
    set_list,
    struct,
)

_NAMED: Final = struct("ForZone", {"name!": STRING})
_ENDPOINT: Final = struct(
    "Endpoint",
    {
        "addresses!": set_list(STRING),
        "conditions!": struct(
            "EndpointConditions",
            {"ready?": BOOLEAN, "serving?": BOOLEAN, "terminating?": BOOLEAN},
        ),
        "hostname?": STRING,
        "targetRef?": OBJECT_REFERENCE,
        "deprecatedTopology": STRING_MAP,
        "nodeName?": STRING,
        "zone?": STRING,
        "hints?": struct(
            "EndpointHints", {"forZones": atomic_list(_NAMED), "forNodes": atomic_list(_NAMED)}
        ),
    },
)
_PORT: Final = struct(
    "EndpointPort",
    {"name?": STRING, "protocol?": named("Protocol"), "port?": INT32, "appProtocol?": STRING},
    atomic=True,
)
_SLICE: Final = top_level(
    "EndpointSlice",
    {
        "addressType!": named("AddressType"),
        "endpoints!": atomic_list(_ENDPOINT),
        "ports!": atomic_list(_PORT),
    },
)
_ADDRESS_TYPES: Final = ("FQDN", "IPv4", "IPv6")
_PROTOCOLS: Final = ("SCTP", "TCP", "UDP")
#: Names in an endpoint and their formats, in the order in which they are checked.
_NAMES: Final = {"nodeName": formats.dns_subdomain, "hostname": formats.dns_label}
_HINTS: Final = {"forZones": formats.label_value, "forNodes": formats.dns_subdomain}
_MOST_HINTS: Final = 8
_MOST_ENDPOINTS: Final = 1000
_MOST_ADDRESSES: Final = 100


def _default(item: Item) -> None:
    for port in item.get("ports") or ():
        port.setdefault("name", "")
        port.setdefault("protocol", "TCP")


def _prepare(new: Item, old: Item | None) -> None:
    """Empty lists come back from the store as null; v1 drops a topology of the version before."""
    if old is None or new.get("endpoints") != old.get("endpoints"):
        for endpoint in new.get("endpoints") or ():
            endpoint.pop("deprecatedTopology", None)
    for member in ("endpoints", "ports"):
        new[member] = new.get(member) or None


def _problems(new: Item, old: Item | None) -> Iterator[FieldProblem]:
    kind = new.get("addressType", "")
    if not kind:
        yield required_value("addressType")
    elif kind not in _ADDRESS_TYPES:
        yield unsupported_value("addressType", kind, _ADDRESS_TYPES)
    yield from _port_problems(new.get("ports") or [])
    endpoints = new.get("endpoints") or []
    if len(endpoints) > _MOST_ENDPOINTS:
        detail = f"must have at most {_MOST_ENDPOINTS} items"
        yield FieldProblem("FieldValueTooMany", "endpoints", len(endpoints), detail)
    kept = _addresses(old) if old is not None else frozenset()
    for index, endpoint in enumerate(endpoints):
        yield from _endpoint_problems(endpoint, kind, f"endpoints[{index}]", kept)
    if old is not None and kind != old.get("addressType"):
        yield invalid_value("addressType", kind, "field is immutable")


def _warnings(new: Item, old: Item | None) -> Iterator[str]:
    if old is None and new.get("addressType") == "FQDN":
        yield "spec.addressType: FQDN endpoints are deprecated"


def _port_problems(ports: list[Item]) -> Iterator[FieldProblem]:
    names: set[Any] = set()
    for index, port in enumerate(ports):
        name, spoken = port.get("name", ""), port.get("appProtocol")
        for fault in formats.dns_label(name) if name else ():
            yield invalid_value(f"ports[{index}].name", name, fault)
        if name in names:
            yield duplicate_value(f"ports[{index}].name", name)
        names.add(name)
        if port.get("protocol") not in _PROTOCOLS:
            yield unsupported_value(f"ports[{index}].protocol", port.get("protocol"), _PROTOCOLS)
        for fault in formats.qualified_name(spoken) if spoken is not None else ():
            yield invalid_value(f"ports[{index}].appProtocol", spoken, fault)


def _addresses(item: Item) -> frozenset[str]:
    endpoints = item.get("endpoints") or ()
    return frozenset(one for endpoint in endpoints for one in endpoint.get("addresses") or ())


def _endpoint_problems(
    endpoint: Item, kind: str, field: str, kept: frozenset[str]
) -> Iterator[FieldProblem]:
    """Rules of one endpoint; addresses that are `kept` from the old state are not looked at."""
    addresses = endpoint.get("addresses") or []
    if not addresses:
        yield required_value(f"{field}.addresses", "must contain at least 1 address")
    elif len(addresses) > _MOST_ADDRESSES:
        detail = f"must have at most {_MOST_ADDRESSES} items"
        yield FieldProblem("FieldValueTooMany", f"{field}.addresses", len(addresses), detail)
    for index, address in enumerate(addresses):
        if address not in kept:
            yield from _address_problems(address, kind, f"{field}.addresses", index)
    for member, check in _NAMES.items():
        name = endpoint.get(member)
        for fault in check(name) if name is not None else ():
            yield invalid_value(f"{field}.{member}", name, fault)
    for member, check in _HINTS.items():
        hinted = (endpoint.get("hints") or {}).get(member) or []
        yield from _hint_problems(hinted, f"{field}.hints.{member}", check)


def _hint_problems(
    hinted: list[Item], field: str, check: Callable[[str], list[str]]
) -> Iterator[FieldProblem]:
    if len(hinted) > _MOST_HINTS:
        detail = f"must have at most {_MOST_HINTS} items"
        yield FieldProblem("FieldValueTooMany", field, len(hinted), detail)
        return
    seen: set[str] = set()
    for index, one in enumerate(hinted):
        name = one.get("name", "")
        if name in seen:
            yield duplicate_value(f"{field}[{index}].name", name)
        seen.add(name)
        for fault in check(name):
            yield invalid_value(f"{field}[{index}].name", name, fault)


def _address_problems(address: str, kind: str, field: str, index: int) -> Iterator[FieldProblem]:
    at = f"{field}[{index}]"
    if kind not in _ADDRESS_TYPES:
        return
    if kind == "FQDN":
        faults = formats.full_domain(address)
    else:
        faults = ip_formats.ip_address(address, canonical=kind == "IPv6")
    for fault in faults:
        yield invalid_value(at, address, fault)
    if faults or kind == "FQDN":
        return
    if ip_formats.ip_family(address) != kind:
        yield invalid_value(field, address, f"must be an {kind} address")
    for fault in ip_formats.special_address(address):
        yield invalid_value(at, address, fault)


def _ports_cell(item: Item) -> str:
    shown = [str(port["port"]) for port in item.get("ports") or () if port.get("port")]
    return ",".join(shown) or "<unset>"


def _endpoints_cell(item: Item) -> str:
    found = [one for endpoint in item.get("endpoints") or () for one in endpoint["addresses"]]
    more = f" + {len(found) - 3} more..." if len(found) > 3 else ""
    return (",".join(found[:3]) + more) or "<unset>"


RESOURCES: Final = (
    Resource(
        "discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", "endpointslice", True, _SLICE,
        zero={"metadata": {}, "addressType": "", "endpoints": None, "ports": None},
        behaviour=Behaviour(
            default=_default, prepare=_prepare, validate=_problems, warn=_warnings,
            metadata=MetadataRules(on_update=("whole",))
        ),
        generation_of=("addressType", "endpoints", "ports", "metadata.labels"),
        columns=(
            NAME,
            Column("AddressType", text_of("addressType")),
            Column("Ports", _ports_cell),
            Column("Endpoints", _endpoints_cell),
            AGE,
        ),
        storage_version_hash="qgS0xkrxYAI=",
    ),
)  # fmt: skip
