"""A plain HTTP client for tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import urllib3

APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
SERVICES = "/api/v1/namespaces/default/services"
CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"


@dataclass
class Client:
    """Sends requests with a token; no retries."""

    url: str
    token: str
    pool: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(retries=False, timeout=30)
    )

    def send(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, Any, urllib3.BaseHTTPResponse]:
        """Status, decoded body and the whole answer."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            given["Authorization"] = f"Bearer {self.token}"
        data = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            given.setdefault("Content-Type", "application/json")
        answer = self.pool.request(method, self.url + path, body=data, headers=given)
        kind = answer.headers.get("content-type", "")
        is_json = answer.data and kind.startswith("application/json")
        decoded = json.loads(answer.data) if is_json else answer.data
        return answer.status, decoded, answer

    def get(self, path: str, **headers: str) -> Any:
        """The body of a GET that has to succeed."""
        status, body, _ = self.send("GET", path, **headers)
        assert status == 200, body
        return body

    def watch(self, path: str) -> Iterator[dict[str, Any]]:
        """The events of a watch, as they come, until it ends."""
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = self.pool.request("GET", self.url + path, headers=headers, preload_content=False)
        try:
            for line in answer:
                yield json.loads(line)
        finally:
            answer.close()

    def close(self) -> None:
        """Close all connections."""
        self.pool.clear()


def service(name: str = "tea", **spec: Any) -> dict[str, Any]:
    """A Service in namespace `default`."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"ports": [{"port": 80}], **spec},
    }


def config_map(name: str, **data: str) -> dict[str, Any]:
    """A ConfigMap."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}
