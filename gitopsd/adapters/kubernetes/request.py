"""One request to the API server, and its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

#: Media types of PATCH (Kubernetes API concepts, "Updates to existing resources").
APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
JSON = "application/json"
#: Accept headers that ask for metadata only; an object then costs a fraction of its bytes.
_META = "application/json;as={};g=meta.k8s.io;v=v1"
METADATA = _META.format("PartialObjectMetadata")
METADATA_LIST = _META.format("PartialObjectMetadataList")


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked. `about` names the thing for people; `verb` and `resource` as RBAC does."""

    method: str
    path: str
    about: str
    verb: str
    resource: str
    query: tuple[tuple[str, str], ...] = ()
    body: Mapping[str, Any] | None = None
    content_type: str = JSON
    accept: str = JSON

    @property
    def writes(self) -> bool:
        """Whether the request may change something."""
        return self.method != "GET"


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer."""

    status: int
    body: bytes

    def json(self) -> dict[str, Any]:
        """The decoded body; raises ValueError when it is not a JSON object."""
        value = orjson.loads(self.body)
        if not isinstance(value, dict):
            raise TypeError(f"{type(value).__name__} instead of an object")
        return value
