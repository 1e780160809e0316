"""What happens to an Ingress before its AlbConfig is looked at: its ports join the listeners."""

from __future__ import annotations

from dataclasses import dataclass, field

from gitopsd.sandbox.controllers.alb.building import FAILED_BUILD, blamed
from gitopsd.sandbox.controllers.alb.classes import config_name, members
from gitopsd.sandbox.controllers.alb.failures import BuildError
from gitopsd.sandbox.controllers.alb.listening import listen_ports, merged
from gitopsd.sandbox.controllers.alb.model import ListenerKey
from gitopsd.sandbox.controllers.alb.outcome import QueueFailure, Warned
from gitopsd.sandbox.controllers.objects import Item, Objects, key_of


@dataclass(slots=True)
class Queued:
    """What queueing Ingresses came to.

    `added` maps the AlbConfigs that are to be looked at to the listeners their spec must get.
    """

    added: dict[str, tuple[ListenerKey, ...]] = field(default_factory=dict)
    failures: list[QueueFailure] = field(default_factory=list)
    events: list[Warned] = field(default_factory=list)

    def warn(self, event: Warned) -> None:
        """Keep an event; the same one again only raises its count."""
        if event not in self.events:
            self.events.append(event)


def enqueue(ingress: Item, objects: Objects, queued: Queued) -> None:
    """Queue one Ingress: find its AlbConfig and add the ports of all its members to it."""
    key = key_of(ingress)
    try:
        name = config_name(objects, ingress)
    except BuildError as error:
        queued.failures.append(QueueFailure(key, error.message))
        return
    config = objects.get("AlbConfig", name)
    if config is None:
        message = f'albconfigs.alibabacloud.com "{name}" not found'
        queued.warn(Warned("Ingress", key, FAILED_BUILD, message))
        return
    try:
        queued.added[name] = missing_listeners(config, objects)
    except BuildError as error:
        if error.ingress is not None:
            for event in blamed(name, error):
                queued.warn(event)
        queued.failures.append(QueueFailure(key, error.message))
        queued.warn(Warned("Ingress", key, FAILED_BUILD, error.told))


def missing_listeners(config: Item, objects: Objects) -> tuple[ListenerKey, ...]:
    """The listeners that the members of an AlbConfig need and its spec lacks.

    Raises:
        BuildError: an Ingress's class or order is refused, or a port has another protocol.
    """
    found = members(objects, config["metadata"]["name"])
    return tuple(merged(config, (port for each in found for port in _ports(each))))


def _ports(ingress: Item) -> list[ListenerKey]:
    try:
        return listen_ports(ingress)
    except BuildError:  # told when its AlbConfig is built
        return []
