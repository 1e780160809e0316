"""The cloud controller's loop: LoadBalancer Services to CLBs and NLBs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from gitopsd.sandbox.controllers.loops.changes import differ, nodes_differ, service_of
from gitopsd.sandbox.controllers.loops.clb_cloud import LABEL, ClbCloud
from gitopsd.sandbox.controllers.loops.hand import Hand
from gitopsd.sandbox.controllers.loops.hashing import SERVICE_HASH, is_seen, service_hash
from gitopsd.sandbox.controllers.loops.nlb_cloud import NlbCloud, NlbRefusedError
from gitopsd.sandbox.controllers.loops.queueing import Key, WorkQueue
from gitopsd.sandbox.controllers.objects import Item, Objects, key_of, labels_of
from gitopsd.sandbox.controllers.services import Outcome, build, closing, is_wanted, taker
from gitopsd.sandbox.controllers.services.options import Options
from gitopsd.sandbox.controllers.services.outcome import Told
from gitopsd.sandbox.controllers.services.taking import FINALIZERS, Taker, holder
from gitopsd.sandbox.controllers.site import Site

NAME: Final = "cloud-controller-manager"
_KEY: Final = "service"
_NODES: Final = "service-nodes"


class ServiceLoop:
    """Follows changes and does what they need; keys are Services."""

    def __init__(
        self,
        objects: Objects,
        hand: Hand,
        nlb: NlbCloud,
        site: Callable[[], Site],
        queue: WorkQueue,
    ) -> None:
        self._objects = objects
        self._hand = hand
        self._nlb = nlb
        self._clb = ClbCloud()
        self._site = site
        self._queue = queue

    def changed(self, kind: str, before: Item | None, after: Item | None) -> None:
        """Take note of a change: an object's last known state and its present one."""
        if kind == "Service" and after is not None:
            if differ(before, after) and self._needs(after):
                self._queue.add((_KEY, key_of(after)))
        elif kind == "EndpointSlice":
            for item in (before, after):
                if item is not None:
                    self._follow(service_of(item))
        elif kind == "Node" and nodes_differ(before, after):
            self._queue.add((_NODES,))

    def handles(self, key: Key) -> bool:
        """Whether a key of the queue is this loop's."""
        return key[0] in (_KEY, _NODES)

    def work(self, key: Key) -> bool:
        """Do a key; whether it was done well, so that it need not be tried again."""
        if key[0] == _NODES:
            for each in self._objects.all("Service"):
                self._follow(key_of(each))
            return True
        service = self._hand.read("Service", key[1])
        return True if service is None else self._reconcile(service)

    def _needs(self, service: Item) -> bool:
        """Whether the Service itself asks for a pass; one whose hash is known does not."""
        held = holder(service)
        if held is not None and (not is_wanted(service) or taker(service) != held):
            return True
        wanted = taker(service) is not None and is_wanted(service)
        return wanted and not is_seen(service, SERVICE_HASH, service_hash(service))

    def _follow(self, key: str) -> None:
        service = self._objects.get("Service", key)
        if service is not None and taker(service) is not None and is_wanted(service):
            self._queue.add((_KEY, key))

    # -- one pass

    def _reconcile(self, service: Item) -> bool:
        controller, held = taker(service), holder(service)
        if held is not None and (not is_wanted(service) or controller != held):
            self._clean(service, held)
            return True
        if controller is None or not is_wanted(service):
            return True
        self._hand.add_finalizer("Service", service, FINALIZERS[controller])
        digest = service_hash(service)
        changed = not is_seen(service, SERVICE_HASH, digest)
        nlb = controller == "nlb"
        account = self._nlb.account(service) if nlb else self._clb.account(service)
        outcome = build(service, self._objects, self._site(), account, changed=changed)
        identity, address = self._apply(service, controller, outcome, changed=changed)
        self._tell(service, outcome.told)
        if outcome.settled:
            self._publish(service, controller, {SERVICE_HASH: digest, LABEL: identity}, address)
        last = outcome.last(identity)
        self._tell(service, [last] if last else [])
        return not outcome.stage

    def _apply(
        self, service: Item, controller: Taker, outcome: Outcome, *, changed: bool
    ) -> tuple[str, str]:
        """Do in the cloud what was built; gives the load balancer's id and its address."""
        model = outcome.model
        if model is None:
            return "", ""
        if controller == "clb":
            return self._clb.ensure(service, model)
        if outcome.stage == "apply":
            named = model.get("LoadBalancerAttribute", {}).get("LoadBalancerId", "")
            return named or self._nlb.own(service), ""
        identity = address = ""
        try:
            identity, address = self._nlb.ensure(service, model)
            self._nlb.apply(service, identity, model, changed=changed)
        except NlbRefusedError as error:
            outcome.stage, outcome.error = "apply", f"apply model error: {error}"
        return identity, address

    def _publish(
        self, service: Item, controller: Taker, labels: dict[str, str | None], address: str
    ) -> None:
        field = "hostname" if controller == "nlb" else "ip"
        named = Options(service).get("hostname")
        shown = {field: address}
        if named and controller == "clb":
            shown = {"hostname": named}
        self._hand.publish("Service", service, labels, [shown])

    def _tell(self, service: Item, events: Iterable[Told]) -> None:
        for told in events:
            self._hand.tell("Service", service, told.type, told.reason, told.message)

    def _clean(self, service: Item, held: Taker) -> None:
        """Take the cloud's side away, then let the Service go."""
        identity = labels_of(service).get(LABEL, "")
        preserve = bool(Options(service).get("preserve-lb-on-delete"))
        if held == "nlb":
            self._nlb.remove(service, preserve=preserve)
        else:
            self._clb.remove(service)
        self._tell(service, closing(service, identity))
        self._hand.publish("Service", service, {SERVICE_HASH: None, LABEL: None}, [])
        self._hand.remove_finalizer("Service", service, FINALIZERS[held])
