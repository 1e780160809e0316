"""The actions of a rule, from annotations and the backend, in the order sent (facts §4.5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from gitopsd.sandbox.controllers.alb import annotations as read
from gitopsd.sandbox.controllers.alb.failures import BuildError, Panic
from gitopsd.sandbox.controllers.alb.model import Action, Weighted
from gitopsd.sandbox.controllers.alb.shapes import ACTIONS
from gitopsd.sandbox.controllers.gojson import decode
from gitopsd.sandbox.controllers.objects import Item, key_of

Own = Callable[[Item, str, int], str]
"""Makes the server group of a Service's port for an Ingress; gives its resource id."""

_FINAL: Final = ("ForwardGroup", "Redirect", "FixedResponse")
_MIDDLE: Final = ("InsertHeader", "RemoveHeader", "Rewrite", "Cors", "TrafficMirror")
_KEPT_ON_REDIRECT: Final = ("InsertHeader", "RemoveHeader", "TrafficLimit", "Cors")
_COPIED: Final = ("FixedResponse", "InsertHeader", "RemoveHeader", "Rewrite")
_KNOWN: Final = {
    name.lower(): name
    for name in (*_COPIED, "Redirect", "TrafficMirror", "ForwardGroup", "TrafficLimit")
}
_TO_HTTPS: Final = Action(
    "Redirect",
    {
        "Host": "${host}",
        "HttpCode": "308",
        "Path": "${path}",
        "Port": "443",
        "Protocol": "HTTPS",
        "Query": "${query}",
    },
)
_CORS_HEADERS: Final = (
    "DNT,X-CustomHeader,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,"
    "Content-Type,Authorization"
)
_CORS_METHODS: Final = "GET, PUT, POST, DELETE, PATCH, OPTIONS"
USE_ANNOTATION: Final = "use-annotation"


def backend_name(path: Item) -> str:
    """The name of a path's backend Service; the controller trips over other backends."""
    service = path["backend"].get("service")
    if not service:
        raise Panic
    return str(service["name"])


def backend_port(path: Item) -> int:
    """The number of a path's backend port; a port given by name counts as 0 (facts §4.2)."""
    number: int = path["backend"]["service"].get("port", {}).get("number", 0)
    return number


def entries_of(ingress: Item, backend: str) -> tuple[list[dict[str, Any]], str]:
    """What `actions.<backend>` holds, as far as it can be read, and what is wrong with it."""
    text = read.raw(ingress, f"actions.{backend}")
    if text is None:
        return [], ""
    decoded = decode(text, ACTIONS)
    return decoded.value, decoded.problem


def actions(
    ingress: Item, path: Item, forward: Callable[[], Action], own: Own, *, on_443: bool
) -> tuple[Action, ...]:
    """The actions of one path's rule.

    `forward` builds the forward to the path's own backend; it is asked only where it is needed.

    Raises:
        BuildError: the annotations are refused.
        Panic: the controller trips over them.
    """
    backend = backend_name(path)
    found = [*_limits(ingress), *_cors(ingress), *_annotated(ingress, backend, own)]
    target = read.text(ingress, "rewrite-target")
    if target:
        rewrite = {"Host": "${host}", "Path": target, "Query": "${query}"}
        found.append(Action("Rewrite", rewrite))
    if read.redirects_to_https(ingress) and not on_443:
        return (*(each for each in found if each.type in _KEPT_ON_REDIRECT), _TO_HTTPS)
    if path["backend"]["service"].get("port", {}).get("name") != USE_ANNOTATION:
        found.append(forward())
    return _in_order(found)


def _in_order(found: Sequence[Action]) -> tuple[Action, ...]:
    final = [each for each in found if each.type in _FINAL]
    if len(final) > 1:
        types = " ".join(each.type for each in final)
        raise BuildError(f"multi finalType action find: [{types}]")
    limits = (each for each in found if each.type == "TrafficLimit")
    middle = (each for each in found if each.type in _MIDDLE)
    return (*limits, *middle, *final)


def _limits(ingress: Item) -> list[Action]:
    qps, per_ip = (read.text(ingress, f"traffic-limit-{name}") for name in ("qps", "ip-qps"))
    return [_limit(qps, per_ip)] if qps or per_ip else []


def _limit(qps: str, per_ip: str) -> Action:
    if not qps and not per_ip:
        raise BuildError(f"invalid parameter for qps limit qps={qps}, qpsPerIp={per_ip}")
    total = _rate(qps, "qps") if qps else 0
    each = _rate(per_ip, "qps per ip") if per_ip else 0
    if qps and per_ip and each >= total:
        message = f"traffic limit action qps per ip({each})must less than qps({total})"
        raise BuildError(message)
    return Action("TrafficLimit", {"QPS": total, "PerIpQps": each})


def _rate(text: str, what: str) -> int:
    rate = read.integer(text)
    if rate is None:
        raise BuildError(f'strconv.Atoi: parsing "{text}": invalid syntax')
    if rate < 1:
        raise BuildError(f"traffic limit action {what} out of range: {rate}")
    return rate


def _cors(ingress: Item) -> list[Action]:
    if read.text(ingress, "enable-cors") != "true":
        return []

    def listed(name: str, default: str) -> list[str] | None:
        value = read.text(ingress, f"cors-{name}") or default
        return [each.strip(" ") for each in value.split(",")] if value else None

    credentials = {"true": "on", "false": "off"}
    config = {
        "AllowCredentials": credentials.get(read.text(ingress, "cors-allow-credentials"), "on"),
        "MaxAge": read.text(ingress, "cors-max-age") or "172800",
        "AllowOrigin": listed("allow-origin", "*"),
        "AllowMethods": listed("allow-methods", _CORS_METHODS),
        "AllowHeaders": listed("allow-headers", _CORS_HEADERS),
        "ExposeHeaders": listed("expose-headers", ""),
    }
    return [Action("Cors", config)]


def _annotated(ingress: Item, backend: str, own: Own) -> list[Action]:
    entries, problem = entries_of(ingress, backend)
    if problem:
        raise BuildError(problem)
    found = []
    for entry in entries:
        if entry["Type"].lower() == "trafficlimit":
            for name in ("traffic-limit-qps", "traffic-limit-ip-qps"):
                if read.text(ingress, name):
                    message = (
                        f" {key_of(ingress)} can't exist action trafficlimit and annotation "
                        f"{name} at the same time"
                    )
                    raise BuildError(message)
        found.append(_custom(ingress, entry, own))
    return found


def _custom(ingress: Item, entry: dict[str, Any], own: Own) -> Action:
    name = _KNOWN.get(entry["Type"].lower())
    if name is None:
        raise Panic
    if name == "Redirect":
        # The defaults that were meant for what is left out get lost on the way (facts §4.3).
        return Action(name, entry["RedirectConfig"])
    if name == "ForwardGroup":
        return Action(name, groups=_tuples(ingress, _present(entry["forwardConfig"]), own))
    config = _present(entry[f"{name}Config"])
    if name == "TrafficLimit":
        try:
            return _limit(config["QPS"], config["QPSPerIp"])
        except BuildError as error:
            raise Panic from error
    if name == "TrafficMirror":
        config = {**config, "MirrorGroupConfig": _mirrored(config["MirrorGroupConfig"])}
    return Action(name, config)


def _mirrored(config: dict[str, Any]) -> dict[str, Any]:
    """Weights of 0 are left out on the way to the API."""
    tuples = config["ServerGroupTuples"]
    kept = [{key: each[key] for key in each if key != "weight" or each[key]} for each in tuples]
    return {"ServerGroupTuples": kept}


def _present(config: dict[str, Any] | None) -> dict[str, Any]:
    if config is None:
        raise Panic
    return config


def _tuples(ingress: Item, config: dict[str, Any], own: Own) -> tuple[Weighted, ...]:
    found = []
    for each in config["serverGroups"]:
        if each["serverGroupID"]:
            found.append(Weighted(each["weight"], group_id=each["serverGroupID"]))
            continue
        try:
            owned = own(ingress, each["serviceName"], each["servicePort"])
        except BuildError as error:
            raise BuildError(f"build ForwardAction Failed: {error.message}") from error
        found.append(Weighted(each["weight"], owned=owned))
    return tuple(found)
