"""What one run over all Ingresses came to: how much stopped, why, and what was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from gitopsd.sandbox.controllers.alb.model import ListenerKey, Model, Server

Kind = Literal["model", "error", "panic", "crash"]
Stage = Literal["", "group", "build", "apply"]


@dataclass(frozen=True, slots=True, order=True)
class Warned:
    """A Warning event: on an `Ingress` (`namespace/name`) or `AlbConfig`."""

    kind: str
    name: str
    reason: str
    message: str


@dataclass(slots=True)
class ConfigOutcome:
    """The result for one AlbConfig, that is for one ALB.

    * `model`: done. `error`: stopped at `stage`, tried again. `panic`: stopped without a word, not
      tried again. `crash`: the whole controller process died while applying.
    * `members`: its Ingresses, `namespace/name`, in the order that numbers the rules.
    * `listeners`: of the AlbConfig's spec, after the ports of Ingresses were added to it.
    * `model`: what was built, also when applying it failed; None when building stopped.
    * `servers`: members of owned groups by resource id; None for a Service that does not exist.
    * `created`: what applying asked the cloud for before it failed, sorted.
    """

    albconfig: str
    kind: Kind = "model"
    stage: Stage = ""
    error: str = ""
    members: tuple[str, ...] = ()
    listeners: tuple[ListenerKey, ...] = ()
    model: Model | None = None
    servers: Mapping[str, tuple[Server, ...] | None] = field(default_factory=dict)
    created: tuple[str, ...] = ()
    events: tuple[Warned, ...] = ()


@dataclass(frozen=True, slots=True)
class QueueFailure:
    """An Ingress that was refused before its AlbConfig was looked at."""

    ingress: str
    error: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for all AlbConfigs of a cluster.

    * `ignored`: Ingresses that are none of this controller's.
    * `failures` and `queue_events`: what went wrong while Ingresses were queued.
    * `added`: listeners to be written into the spec of an AlbConfig.
    """

    ignored: tuple[str, ...]
    failures: tuple[QueueFailure, ...]
    queue_events: tuple[Warned, ...]
    added: Mapping[str, tuple[ListenerKey, ...]]
    configs: tuple[ConfigOutcome, ...]
