"""Where each kind lives in the API, and how a served object becomes ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson

from gitopsd.model.identity import EXPOSURE, INGRESS, SERVER_GROUP, SERVICE, Identity
from gitopsd.model.observed import ObservedObject


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of the API: its version, its plural, and the path that its objects stand under."""

    kind: str
    api_version: str
    plural: str

    def collection(self, namespace: str | None = None) -> str:
        """The path of its list, in one namespace or in all of them."""
        root = (
            f"/apis/{self.api_version}" if "/" in self.api_version else f"/api/{self.api_version}"
        )
        inside = f"/namespaces/{quote(namespace, safe='')}" if namespace else ""
        return f"{root}{inside}/{self.plural}"

    def item(self, namespace: str | None, name: str) -> str:
        """The path of one object."""
        return f"{self.collection(namespace)}/{quote(name, safe='')}"

    def observed(self, raw: dict[str, Any]) -> ObservedObject:
        """An object as served; items of a list lack kind and apiVersion, so they are put back.

        `raw` is taken over and changed: managedFields leave it as bytes.
        """
        metadata = raw["metadata"]
        managed = orjson.dumps(metadata.pop("managedFields", []))
        raw["kind"], raw["apiVersion"] = self.kind, self.api_version
        return ObservedObject(
            identity=Identity(self.kind, metadata.get("namespace", ""), metadata["name"]),
            uid=metadata["uid"],
            resource_version=metadata["resourceVersion"],
            manifest=raw,
            managed_fields=managed,
        )


SERVICES = Resource(SERVICE, "v1", "services")
INGRESSES = Resource(INGRESS, "networking.k8s.io/v1", "ingresses")
NAMESPACES = Resource("Namespace", "v1", "namespaces")
CONFIG_MAPS = Resource("ConfigMap", "v1", "configmaps")
LEASES = Resource("Lease", "coordination.k8s.io/v1", "leases")
EVENTS = Resource("Event", "v1", "events")
ENDPOINT_SLICES = Resource("EndpointSlice", "discovery.k8s.io/v1", "endpointslices")
EXPOSURES = Resource(EXPOSURE, "gitopsd.io/v1alpha1", "exposures")
SERVER_GROUPS = Resource(SERVER_GROUP, "gitopsd.io/v1alpha1", "servergroups")

#: The kinds that gitopsd makes, by the name that identities carry.
OURS = {resource.kind: resource for resource in (SERVICES, INGRESSES)}
#: The kinds that mirror what users write into Git.
MIRRORED = {resource.kind: resource for resource in (EXPOSURES, SERVER_GROUPS)}
