"""What the ALB controller writes into the cluster once an ALB is as it should be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from gitopsd.sandbox.controllers.alb import ConfigOutcome
from gitopsd.sandbox.controllers.alb.outcome import Warned
from gitopsd.sandbox.controllers.loops.hand import Hand, addresses_of
from gitopsd.sandbox.controllers.loops.hashing import ALB_HASH, alb_hash
from gitopsd.sandbox.controllers.objects import Item, is_leaving, key_of, labels_of

FINALIZER: Final = "ingress.k8s.alibaba/resources"
_DONE: Final = ("Normal", "SuccessfullyReconciled", "Successfully reconciled")


@dataclass(frozen=True, slots=True)
class _Written:
    """An Ingress as it was applied, and what is to be written on it.

    changed: it was applied for the first time in this state, so its hash and an event are due.
    """

    ingress: Item
    dns_name: str
    changed: bool


class AlbNews:
    """Writes addresses, hash labels, finalizers and events of one controller.

    Ingresses are noted when their ALB was brought up to date and written one by one later.
    """

    def __init__(self, hand: Hand) -> None:
        self._hand = hand
        self._noted: dict[str, _Written] = {}

    def scheduled(self, ingress: Item) -> None:
        """The Ingress was taken up."""
        self._hand.tell("Ingress", ingress, "Normal", "Sync", "Scheduled for sync")

    def warn(self, events: Iterable[Warned]) -> None:
        """Record warnings on what still exists."""
        for event in events:
            item = self._hand.read(event.kind, event.name)
            if item is not None:
                self._hand.tell(event.kind, item, "Warning", event.reason, event.message)

    def note(self, ingress: Item, dns_name: str, *, changed: bool) -> bool:
        """Remember an applied Ingress; whether there is anything to write."""
        changed = changed or ALB_HASH not in labels_of(ingress)
        if not changed and addresses_of(ingress) == [{"hostname": dns_name}]:
            return False
        self._noted[key_of(ingress)] = _Written(ingress, dns_name, changed)
        return True

    def write(self, key: str) -> None:
        """Write what was noted of an Ingress, unless it is gone."""
        noted = self._noted.pop(key, None)
        now = self._hand.read("Ingress", key)
        if noted is None or now is None:
            return
        labels = {ALB_HASH: alb_hash(noted.ingress)} if noted.changed else {}
        self._hand.publish("Ingress", now, labels, [{"hostname": noted.dns_name}])
        if noted.changed:
            self._hand.tell("Ingress", now, *_DONE)

    def let_go(self, ingress: Item) -> None:
        """An Ingress that is being deleted is no part of its ALB any more."""
        if is_leaving(ingress):
            self._hand.label("Ingress", ingress, {ALB_HASH: None}, status=True)
            self._hand.remove_finalizer("Ingress", ingress, FINALIZER)

    def write_config(self, outcome: ConfigOutcome, identity: str, dns_name: str) -> None:
        """Write status, hash and event of an AlbConfig, unless it is gone."""
        config = self._hand.read("AlbConfig", outcome.albconfig)
        if config is None:
            return
        state = {"id": identity, "dnsname": dns_name, "listeners": _secured(outcome)}
        if (config.get("status") or {}).get("loadBalancer") != state:
            status = {"status": {"loadBalancer": state}}
            self._hand.patch("AlbConfig", key_of(config), status, status=True)
        self._hand.label("AlbConfig", config, {ALB_HASH: alb_hash(config)}, status=False)
        self._hand.tell("AlbConfig", config, *_DONE)


def _secured(outcome: ConfigOutcome) -> list[dict[str, Any]]:
    """The HTTPS listeners with their certificates, as an AlbConfig's status shows them."""
    listeners = outcome.model.listeners.values() if outcome.model is not None else ()
    return [
        {
            "portAndProtocol": str(each.key),
            "certificates": [
                {"certificateId": one.certificate_id, "isDefault": one.default}
                for one in each.certificates
            ],
        }
        for each in listeners
        if each.key.protocol == "HTTPS"
    ]
