"""The desk where faults are ordered, listed and taken back, for both sides together."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from gitopsd.sandbox.cloud.cloud import Cloud
from gitopsd.sandbox.cloud.faults import Fault as CloudFault
from gitopsd.sandbox.cloud.faults import strikes as strikes_operation
from gitopsd.sandbox.cloud.products import APIS
from gitopsd.sandbox.faults.syntax import (
    CLOUD,
    KUBERNETES,
    VERBS,
    FaultSyntaxError,
    Order,
    parse_order,
)
from gitopsd.sandbox.kubernetes.cluster import Cluster
from gitopsd.sandbox.kubernetes.faults import Fault as KubernetesFault
from gitopsd.sandbox.kubernetes.faults import strikes as strikes_verb

_OPERATIONS = sorted({name for api in APIS.values() for name in api.operations})


def check_order(text: str) -> Order:
    """Understand an order, operations of the cloud included.

    Raises:
        FaultSyntaxError: it says something that no side plays, or that nothing would ever meet.
    """
    order = parse_order(text, _OPERATIONS)
    patterns = order.where.partition("/")[0].split("+")
    met = _met(order.side, order.kind)
    if not any(fnmatchcase(each, pattern) for each in met for pattern in patterns):
        raise FaultSyntaxError(
            f"{order.text!r} would never strike: {order.side}:{order.kind} is for {', '.join(met)}"
        )
    return order


def _met(side: str, kind: str) -> list[str]:
    """The verbs or operations of a side that meet a kind of fault."""
    if side == KUBERNETES:
        return [verb for verb in VERBS if strikes_verb(kind, verb)]
    found = {
        name
        for product, api in APIS.items()
        for name, operation in api.operations.items()
        if side in (CLOUD, product) and strikes_operation(kind, operation)
    }
    return sorted(found)


@dataclass(frozen=True, slots=True)
class _Placed:
    order: Order
    fault: KubernetesFault | CloudFault


#: The reason that goes with an HTTP status, for errors that are ordered by status alone.
_REASONS: Final = {
    400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound",
    405: "MethodNotAllowed", 409: "Conflict", 410: "Expired", 422: "Invalid",
    429: "TooManyRequests", 503: "ServiceUnavailable", 504: "Timeout",
}  # fmt: skip


class FaultDesk:
    """Orders in force. The same orders under the same `seed` strike the same requests."""

    def __init__(self, cluster: Cluster, cloud: Cloud, seed: int = 0) -> None:
        self._cluster = cluster
        self._cloud = cloud
        self._seed = seed
        self._lock = threading.Lock()
        self._placed: list[_Placed] = []
        self._ordered = 0

    def add(self, texts: Iterable[str]) -> None:
        """Put orders in force, all or none.

        Raises:
            FaultSyntaxError: one of them cannot be understood.
        """
        orders = [check_order(text) for text in texts]
        with self._lock:
            for order in orders:
                self._place(order)

    def _place(self, order: Order) -> None:
        seed = f"{self._seed}/{self._ordered}"
        self._ordered += 1
        fault: KubernetesFault | CloudFault
        if order.side == KUBERNETES:
            fault = kubernetes_fault(order, seed)
            self._cluster.faults.add(fault)
        else:
            fault = cloud_fault(order, seed)
            self._cloud.faults.append(fault)
        self._placed.append(_Placed(order, fault))

    def clear(self) -> None:
        """Take all orders back: clocks go right, and jobs that were stuck go on."""
        with self._lock:
            self._placed.clear()
            self._cluster.faults.clear()
            self._cloud.faults.clear()
            self._cloud.settings.clock_error = 0.0
            self._cloud.release_stuck_jobs()

    def listed(self) -> list[dict[str, Any]]:
        """The orders with how many requests each has struck, and whether it is used up."""
        with self._lock:
            return [
                {
                    "fault": one.order.text,
                    "struck": one.fault.tally.struck,
                    "spent": one.fault.spent,
                }
                for one in self._placed
            ]


def kubernetes_fault(order: Order, seed: str) -> KubernetesFault:
    """The rule of the Kubernetes side for an order."""
    verbs, resource, namespace, name = [*order.where.split("/"), "*", "*", "*"][:4]
    said = order.options
    seconds = said.get("seconds", 0.0)
    if order.kind == "throttle" and "retry-after" in said:
        seconds = max(math.ceil(said["retry-after"]), 1)
    return KubernetesFault(
        order.kind,  # type: ignore[arg-type]  # the syntax has checked it
        verbs=tuple(verbs.split("+")),
        resources=(resource,),
        namespaces=(namespace,),
        names=(name,),
        times=_times(said),
        after=said.get("after", 0),
        chance=said.get("chance", 1.0),
        seed=seed,
        seconds=seconds,
        status=said.get("status", 500),
        reason=said.get("code", _REASONS.get(said.get("status", 500), "InternalError")),
        message=said.get("message", "a fault was asked for"),
    )


def cloud_fault(order: Order, seed: str) -> CloudFault:
    """The rule of the cloud's side for an order."""
    said = order.options
    after = said.get("retry-after")
    return CloudFault(
        order.kind,  # type: ignore[arg-type]  # the syntax has checked it
        order.where,
        order.side if order.side in APIS else None,  # type: ignore[arg-type]
        times=_times(said) or None,
        skip=said.get("after", 0),
        chance=said.get("chance", 1.0),
        seed=seed,
        seconds=said.get("seconds", 0.0),
        status=said.get("status", 0),
        code=said.get("code", ""),
        message=said.get("message", ""),
        html=said.get("html", False),
        retry_after_ms=None if after is None else max(int(after * 1000), 1),
    )


def _times(said: Any) -> int:
    """How many requests are struck; 0 has no end, and is what a chance alone means."""
    times: int = said.get("times", 0 if "chance" in said else 1)
    return times
