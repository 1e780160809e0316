"""The ALB Ingress controller's loop: Ingresses and AlbConfigs to ALBs, Services to members."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from gitopsd.sandbox.controllers.alb import ConfigOutcome
from gitopsd.sandbox.controllers.alb.building import FAILED_BUILD, blamed, fail_apply, reconcile
from gitopsd.sandbox.controllers.alb.classes import admitted, class_name, config_name
from gitopsd.sandbox.controllers.alb.failures import BuildError
from gitopsd.sandbox.controllers.alb.memo import Memo
from gitopsd.sandbox.controllers.alb.outcome import Warned
from gitopsd.sandbox.controllers.alb.poison import is_poison
from gitopsd.sandbox.controllers.alb.queueing import missing_listeners
from gitopsd.sandbox.controllers.alb.reconciling import with_listeners
from gitopsd.sandbox.controllers.alb.servers import ServerFinder
from gitopsd.sandbox.controllers.loops.alb_cloud import AlbCloud, RefusedError
from gitopsd.sandbox.controllers.loops.alb_told import FINALIZER, AlbNews
from gitopsd.sandbox.controllers.loops.changes import differ, nodes_differ, service_of
from gitopsd.sandbox.controllers.loops.hand import Hand
from gitopsd.sandbox.controllers.loops.hashing import ALB_HASH, alb_hash, is_seen
from gitopsd.sandbox.controllers.loops.queueing import WorkQueue
from gitopsd.sandbox.controllers.objects import (
    Item,
    Objects,
    is_leaving,
    key_of,
)
from gitopsd.sandbox.controllers.site import Site

NAME: Final = "alb-ingress-controller"


class AlbLoop:
    """Follows changes and does what they need; keys are AlbConfigs and Services.

    The real controller may die of a manifest, and then follows nothing at all until the manifest
    has gone; `dead` says so.
    """

    def __init__(
        self,
        objects: Objects,
        hand: Hand,
        cloud: AlbCloud,
        site: Callable[[], Site],
        queue: WorkQueue,
    ) -> None:
        self._objects = objects
        self._hand = hand
        self._news = AlbNews(hand)
        self._cloud = cloud
        self._site = site
        self._queue = queue
        self._fresh: dict[str, set[str]] = {}
        self._poison: set[str] = set()
        self._crashing: str | None = None
        self._memo = Memo()
        self.dead = False

    # -- what changes ask for

    def changed(self, kind: str, before: Item | None, after: Item | None) -> None:
        """Take note of a change: an object's last known state and its present one."""
        if kind == "Ingress":
            self._ingress_changed(before, after)
        elif kind == "AlbConfig":
            if after is not None and not is_seen(after, ALB_HASH, alb_hash(after)):
                self._queue.add(("alb", key_of(after)))
        elif kind == "IngressClass":
            self._class_changed(after or before)
        elif kind == "EndpointSlice":
            for item in (before, after):
                if item is not None:
                    self._service_changed(service_of(item))
        elif kind == "Service" and differ(before, after):
            self._service_changed(key_of(after or before or {}))
        elif kind == "Node" and nodes_differ(before, after):
            self._queue.add(("alb-nodes",))
        elif kind == "Secret":
            self._hurry()

    def _ingress_changed(self, before: Item | None, after: Item | None) -> None:
        if before is not None and admitted(self._objects, before):
            moved = after is None or class_name(before) != class_name(after)
            if moved or not admitted(self._objects, after or before):
                self._ask(before)
        key = key_of(after or before or {})
        self._poison.discard(key)
        if after is None:
            self._memo.forget(key)
        if after is None or not admitted(self._objects, after):
            self._revive()
            return
        if is_poison(after):
            self._poison.add(key)
        self._revive()
        self._ask_unless_seen(after)

    def _ask_unless_seen(self, ingress: Item) -> None:
        if admitted(self._objects, ingress) and not is_seen(ingress, ALB_HASH, alb_hash(ingress)):
            self._ask(ingress)

    def _ask(self, ingress: Item) -> None:
        """Have the Ingress's AlbConfig looked at; a class without one leads nowhere."""
        try:
            name = config_name(self._objects, ingress)
        except BuildError:
            return
        key = key_of(ingress)
        self._fresh.setdefault(name, set()).add(key)
        self._queue.add(("alb", name))
        if not self.dead and self._objects.get("Ingress", key) is ingress:
            self._news.scheduled(ingress)

    def _class_changed(self, item: Item | None) -> None:
        name = item["metadata"]["name"] if item is not None else ""
        for ingress in self._objects.all("Ingress"):
            if class_name(ingress) == name:
                self._ask_unless_seen(ingress)
        self._hurry()

    def _service_changed(self, key: str) -> None:
        if self._poison:
            self.dead = True
            return
        self._queue.add(("alb-service", key))
        self._hurry()

    def _hurry(self) -> None:
        """What failed may do better now."""
        for key in self._queue.failing():
            if key[0] == "alb":
                self._queue.add(key)

    def _revive(self) -> None:
        """The process is started again and again; it lives on once nothing kills it."""
        if not self.dead or self._poison:
            return
        if self._crashing is not None:
            config = self._objects.get("AlbConfig", self._crashing)
            if config is not None and self._look(config).kind == "crash":
                return
        self.dead, self._crashing = False, None
        for ingress in self._objects.all("Ingress"):
            self._ask_unless_seen(ingress)
        for config in self._objects.all("AlbConfig"):
            self._queue.add(("alb", key_of(config)))
        for service in self._cloud.service_groups():
            self._queue.add(("alb-service", service))

    # -- doing it

    def work(self, key: tuple[str, ...]) -> bool:
        """Do a key of this loop; whether it was done well, so that it need not be tried again."""
        if self.dead:
            return True
        if key[0] == "alb-nodes":
            for service in self._cloud.service_groups():
                self._queue.add(("alb-service", service))
            return True
        if key[0] == "alb-ingress":
            self._news.write(key[1])
            return True
        if key[0] == "alb-service":
            return self._serve(key[1])
        return self._reconcile(key[1])

    def _reconcile(self, name: str) -> bool:
        fresh = sorted(self._fresh.get(name, ()))
        config = self._hand.read("AlbConfig", name)
        if config is None:
            message = f'albconfigs.alibabacloud.com "{name}" not found'
            self._news.warn(Warned("Ingress", each, FAILED_BUILD, message) for each in fresh)
            return True
        if is_leaving(config):
            self._cloud.remove(config)
            self._hand.remove_finalizer("AlbConfig", config, FINALIZER)
            return True
        queued = self._add_listeners(config, fresh) if fresh else True
        outcome = self._look(self._hand.read("AlbConfig", name) or config)
        return self._finish(config, outcome) and queued

    def _look(self, config: Item) -> ConfigOutcome:
        self._objects.put("AlbConfig", config)
        return reconcile(config, self._objects, self._site(), self._memo)

    def _add_listeners(self, config: Item, fresh: Iterable[str]) -> bool:
        """Put the ports of Ingresses into the AlbConfig's spec, as the ingress queue does."""
        try:
            added = missing_listeners(config, self._objects)
        except BuildError as error:
            told = list(blamed(key_of(config), error)) if error.ingress is not None else []
            told += [Warned("Ingress", each, FAILED_BUILD, error.told) for each in fresh]
            self._news.warn(dict.fromkeys(told))
            return False
        if added:
            grown = with_listeners(config, added)
            patch = {"spec": {"listeners": grown["spec"]["listeners"]}}
            self._hand.patch("AlbConfig", key_of(config), patch)
        return True

    def _finish(self, config: Item, outcome: ConfigOutcome) -> bool:
        if outcome.kind == "crash":
            self.dead, self._crashing = True, outcome.albconfig
            return True
        if outcome.kind == "panic":
            return True
        if outcome.kind == "model" and outcome.model is not None:
            try:
                self._hand.add_finalizer("AlbConfig", config, FINALIZER)
                identity, dns_name = self._cloud.balancer(config)
                self._cloud.apply(config, identity, outcome.model, outcome.servers)
                self._publish(outcome, identity, dns_name)
            except RefusedError as error:
                fail_apply(outcome, str(error))
        self._news.warn(outcome.events)
        return outcome.kind == "model"

    def _publish(self, outcome: ConfigOutcome, identity: str, dns_name: str) -> None:
        """Tell in the cluster what is there now; Ingresses get their turn one by one."""
        fresh = self._fresh.pop(outcome.albconfig, set())
        for key in outcome.members:
            ingress = self._objects.get("Ingress", key)
            changed = key in fresh
            if ingress is not None and self._news.note(ingress, dns_name, changed=changed):
                self._queue.soon(("alb-ingress", key))
        for key in fresh:
            ingress = self._objects.get("Ingress", key)
            if ingress is not None:
                self._news.let_go(ingress)
        self._news.write_config(outcome, identity, dns_name)

    def _serve(self, key: str) -> bool:
        """Register the servers of a Service with the groups that were made for it."""
        groups = self._cloud.service_groups().get(key, ())
        service = self._objects.get("Service", key)
        try:
            finder = ServerFinder(self._objects, self._site())
            for group_id, group in groups:
                self._cloud.fill(group_id, finder.servers(group))
        except BuildError as error:
            if service is not None:
                reason = "FailedUpdateEndpoints"
                self._hand.tell("Service", service, "Warning", reason, error.message)
            return False
        return True
