"""An ALB Exposure becomes one Ingress, and a Service for each backend given as pods (design §3)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from gitopsd.compiler.draft import Draft, Origins, Reason, written
from gitopsd.compiler.layer4 import put_selector
from gitopsd.compiler.site import Site, head
from gitopsd.model.desired import DesiredObject, ServiceReference
from gitopsd.model.identity import INGRESS, SERVER_GROUP, SERVICE, Identity
from gitopsd.profiles import annotations as keys
from gitopsd.profiles.defaults import SINGLE_WEIGHT
from gitopsd.profiles.kubernetes import USE_ANNOTATION
from gitopsd.profiles.names import backend_service
from gitopsd.profiles.placement import POD_ADDRESS_PLUGINS
from gitopsd.spec.document import Document, Path
from gitopsd.spec.model import Backend, BackendPods, ExposureSpec, Route


def compile_routes(document: Document[ExposureSpec], site: Site) -> Iterator[DesiredObject]:
    """The Ingress at this target and the Services it needs. The document has passed all checks."""
    made: dict[Path, str] = {}
    for index, route in enumerate(document.spec.routes or []):
        number = 0
        for position, backend in enumerate(route.backends):
            if backend.pods is not None:
                number += 1
                path: Path = ("spec", "routes", index, "backends", position)
                made[path] = backend_service(document.identity.name, route.name, number)
                service = _PodsService(made[path], path, backend, backend.pods)
                yield service.compile(document, site)
    yield _compile_ingress(document, site, made)


@dataclass(frozen=True, slots=True)
class _PodsService:
    """The Service for a backend given as pods; `path` is where the backend stands."""

    name: str
    path: Path
    backend: Backend
    pods: BackendPods

    def compile(self, document: Document[ExposureSpec], site: Site) -> DesiredObject:
        manifest, origins = written(document, partial(self._write, site=site))
        return DesiredObject(
            identity=Identity(SERVICE, document.identity.namespace, self.name),
            exposure=document.identity,
            manifest=manifest,
            origins=origins,
            drift=site.drift(document, SERVICE),
            position=document.where(*self.path, "pods"),
        )

    def _write(self, draft: Draft, site: Site) -> None:
        head(draft, site, ("v1", SERVICE), (self.name, "GR0301"))
        pods: Path = (*self.path, "pods")
        label = site.target.nodes.cloud_label
        if site.target.network_plugin in POD_ADDRESS_PLUGINS:
            draft.put("ClusterIP", "GR0302", pods, "spec", "type")
            draft.put(keys.ENI, "GR0303", pods, "metadata", "annotations", keys.BACKEND_TYPE)
        else:
            draft.put("NodePort", "GR0304", pods, "spec", "type")
            if label is not None:
                draft.put(label, "GR0207", pods, "metadata", "annotations", keys.BACKEND_LABEL)
        put_selector(draft, self.pods.selector, (*pods, "selector"))
        here: Path = ("spec", "ports", 0)
        draft.put(self.backend.port, "GR0221", (*self.path, "port"), *here, "port")
        rule = "GR0222" if self.pods.target_port is None else "GR0221"
        target_port = self.pods.target_port or self.backend.port
        draft.put(target_port, rule, (*pods, "targetPort"), *here, "targetPort")
        draft.put("TCP", "GR0305", pods, *here, "protocol")


def _compile_ingress(
    document: Document[ExposureSpec], site: Site, made: dict[Path, str]
) -> DesiredObject:
    """The Ingress; `made` names the Services made for pods by the path of their backend."""
    ingress = _Ingress(Draft(document), document.spec, site, made)
    ingress.write()

    def reasons() -> list[Reason]:
        recorded = _Ingress(Draft(document, recording=True), document.spec, site, made)
        recorded.write()
        return recorded.draft.reasons

    return DesiredObject(
        identity=Identity(INGRESS, document.identity.namespace, document.identity.name),
        exposure=document.identity,
        manifest=ingress.draft.content,
        origins=Origins(document, reasons),
        groups=tuple(ingress.groups),
        services=tuple(ingress.services),
        drift=site.drift(document, INGRESS),
        position=document.where("metadata", "name"),
    )


class _Ingress:
    """An Ingress being written, and what it was found to refer to."""

    def __init__(self, draft: Draft, spec: ExposureSpec, site: Site, made: dict[Path, str]) -> None:
        self.draft = draft
        self.spec = spec
        self.site = site
        self.made = made
        self.namespace = draft.document.identity.namespace
        self.groups: dict[Identity, None] = {}
        self.services: dict[ServiceReference, None] = {}

    def write(self) -> None:
        kind = ("networking.k8s.io/v1", INGRESS)
        head(self.draft, self.site, kind, (self.draft.document.identity.name, "GR0102"))
        self._class()
        for index, route in enumerate(self.spec.routes or []):
            self._route(index, route)

    def _class(self) -> None:
        stated = self.spec.load_balancer.ingress_class
        name = stated or self.site.target.albs[0].ingress_class
        asked: Path = ("spec", "loadBalancer", "ingressClass")
        self.draft.put(name, "GR0401" if stated else "GR0402", asked, "spec", "ingressClassName")

    def _route(self, index: int, route: Route) -> None:
        """One rule for each route: the ALB's order is the order of the routes."""
        asked: Path = ("spec", "routes", index)
        rule: Path = ("spec", "rules", index)
        here: Path = (*rule, "http", "paths", 0)
        if route.host is not None:
            self._put(route.host, "GR0403", (*asked, "host"), (*rule, "host"))
        for name, value in (("path", route.path), ("pathType", route.path_type)):
            field = "path_type" if name == "pathType" else name
            reason = "GR0403" if field in route.model_fields_set else "GR0404"
            self._put(value, reason, (*asked, name), (*here, name))
        service: Path = (*here, "backend", "service")
        backends: Path = (*asked, "backends")
        plain = self._plain(route, (*backends, 0))
        if plain is not None:
            self._put(plain, "GR0405", (*backends, 0), (*service, "name"))
            port = route.backends[0].port
            self._put(port, "GR0405", (*backends, 0, "port"), (*service, "port", "number"))
            return
        self._put(route.name, "GR0406", (*asked, "name"), (*service, "name"))
        self._put(USE_ANNOTATION, "GR0406", (*asked, "name"), (*service, "port", "name"))
        action = self._action(route, backends)
        key: Path = ("metadata", "annotations", keys.ACTIONS + route.name)
        self._put(action, "GR0407", backends, key)

    def _put(self, value: Any, rule: str, asked: Path, here: Path) -> None:
        self.draft.put(value, rule, asked, *here)

    def _plain(self, route: Route, path: Path) -> str | None:
        """Name of the only Service of a route, None where an action is needed."""
        if len(route.backends) != 1 or route.backends[0].weight == 0:
            return None
        return self._service(route.backends[0], path)

    def _service(self, backend: Backend, path: Path) -> str | None:
        """Name of the Service that this backend sends to, None for a group."""
        if backend.server_group_id is not None or backend.server_group is not None:
            return None
        if backend.pods is not None:
            return self.made[path]
        if backend.service is not None and backend.port is not None:
            place = self.draft.document.where(*path)
            reference = ServiceReference(self.namespace, backend.service, backend.port, place)
            self.services[reference] = None
        return backend.service

    def _action(self, route: Route, path: Path) -> str:
        """One ForwardGroup in the controller's own spelling (facts §4.3), on one line."""
        tuples = [self._tuple(b, (*path, index)) for index, b in enumerate(route.backends)]
        action = [{"type": "ForwardGroup", "ForwardConfig": {"ServerGroups": tuples}}]
        return json.dumps(action, separators=(",", ":"), ensure_ascii=False)

    def _tuple(self, backend: Backend, path: Path) -> dict[str, Any]:
        weight = SINGLE_WEIGHT if backend.weight is None else backend.weight
        service = self._service(backend, path)
        if service is not None:
            return {"ServiceName": service, "Weight": weight, "ServicePort": backend.port}
        return {"ServerGroupID": self._group_id(backend), "Weight": weight}

    def _group_id(self, backend: Backend) -> str | None:
        """A group's id: known where the spec says it, else a reference in its place."""
        if backend.server_group is None:
            return backend.server_group_id
        identity = Identity(SERVER_GROUP, self.namespace, backend.server_group)
        self.groups[identity] = None
        return self.site.groups[identity].spec.server_group_id or f"<{identity.key}>"
