"""All AlbConfigs of a cluster at once, as the controller finds them when it starts."""

from __future__ import annotations

import copy
from collections.abc import Iterable

from gitopsd.sandbox.controllers.alb.building import reconcile
from gitopsd.sandbox.controllers.alb.classes import admitted, ingresses
from gitopsd.sandbox.controllers.alb.model import ListenerKey
from gitopsd.sandbox.controllers.alb.outcome import Outcome
from gitopsd.sandbox.controllers.alb.queueing import Queued, enqueue
from gitopsd.sandbox.controllers.objects import Item, Objects, key_of
from gitopsd.sandbox.controllers.site import Site


def build(objects: Objects, site: Site) -> Outcome:
    """What becomes of all Ingresses: they are queued, then every AlbConfig is looked at."""
    queued = Queued()
    for ingress in sorted(ingresses(objects), key=key_of):
        enqueue(ingress, objects, queued)
    configs = []
    for config in objects.all("AlbConfig"):
        added = queued.added.get(config["metadata"]["name"], ())
        grown = with_listeners(config, added)
        objects.put("AlbConfig", grown)
        configs.append(reconcile(grown, objects, site))
    ignored = [key_of(each) for each in objects.all("Ingress") if not admitted(objects, each)]
    return Outcome(
        tuple(ignored), tuple(queued.failures), tuple(queued.events), queued.added, tuple(configs)
    )


def with_listeners(config: Item, added: Iterable[ListenerKey]) -> Item:
    """An AlbConfig with more listeners at the end of its spec."""
    entries = [{"port": each.port, "protocol": each.protocol} for each in added]
    if not entries:
        return config
    grown = copy.deepcopy(dict(config))
    grown["spec"]["listeners"] = [*(grown["spec"].get("listeners") or []), *entries]
    return grown
