"""Replaying recorded exchanges against a server."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3

from tests.contract.kubernetes.matching import Pairing

CONFORMANCE = Path(__file__).parents[2] / "conformance"
_ALL_GROUPS = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"
RECORDINGS = (
    "kubernetes.json",
    "kubernetes-more.json",
    "kubernetes-access.json",
    "kubernetes-further.json",
    "kubernetes-addresses.json",
    "kubernetes-corners.json",
    "kubernetes-rules.json",
    "kubernetes-refusals.json",
    "kubernetes-forms.json",
    "kubernetes-bodies.json",
    "kubernetes-versions.json",
)


@dataclass(frozen=True)
class Server:
    """Where a server is and which token stands for which recorded one ("" is the default).

    `real`: it is a kube-apiserver, of whatever build, and not the sandbox.
    """

    url: str
    tokens: dict[str, str]
    http: urllib3.PoolManager
    real: bool = False


def scenarios() -> list[dict[str, Any]]:
    """The recorded scenarios; what the second file leaves out stands there with its reason."""
    files = (json.loads((CONFORMANCE / name).read_text()) for name in RECORDINGS)
    return [scenario for file in files for scenario in file["scenarios"]]


@dataclass
class Replay:
    """One scenario being replayed.

    `told`: warnings were recorded, so that one more is a difference, too.
    """

    server: Server
    told: bool = False
    pairing: Pairing = field(default_factory=Pairing)
    saved: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pairing.alone = not self.server.real

    def step(
        self, step: dict[str, Any], comparable: Callable[[Any], Any] = lambda body: body
    ) -> list[str]:
        """Send a step's request; what differs from the recorded answer in its comparable part."""
        request, recorded = step["request"], step["response"]
        answer = self.send(request)
        body = _body_of(answer, recorded)
        before = len(self.pairing.differences)
        if answer.status != recorded["status"]:
            self.pairing.differ("status", recorded["status"], f"{answer.status} {body}")
        kind = answer.headers.get("content-type")
        if kind != recorded["content_type"]:
            self.pairing.differ("content type", recorded["content_type"], kind)
        told = answer.headers.get("warning")
        if told != recorded.get("warning") and ("warning" in recorded or self.told):
            self.pairing.differ("warning", recorded.get("warning"), told)
        self.pairing.compare(comparable(recorded["body"]), comparable(body))
        return self.pairing.differences[before:]

    def send(self, request: dict[str, Any]) -> urllib3.BaseHTTPResponse:
        """Send a request as recorded, and keep what it says to save."""
        answer = self._sent(request)
        deadline = time.monotonic() + 30
        while answer.status == 503 and b"shutting down" in answer.data:
            # A real server gives up a definition's storage for a new one when that is established.
            assert time.monotonic() < deadline, answer.data
            time.sleep(0.1)
            answer = self._sent(request)
        if answer.status < 300:
            for name, pointer in request.get("save", {}).items():
                self.saved[name] = str(_at(answer.json(), pointer))
        self._settle(request, answer.status)
        return answer

    def _sent(self, request: dict[str, Any]) -> urllib3.BaseHTTPResponse:
        token = self.server.tokens.get(request.get("token", ""), request.get("token", ""))
        headers = {"Authorization": f"Bearer {token}"}
        if "accept" in request:
            headers["Accept"] = request["accept"]
        body = request.get("body")
        data = None
        if body is not None:
            text = body if isinstance(body, str) else json.dumps(body)
            data = self._filled(text).encode()
            headers["Content-Type"] = request.get("type", "application/json")
        url = self.server.url + self._filled(request["path"])
        return self.server.http.request(request["method"], url, body=data, headers=headers)

    def _wait_for(self, path: str, text: str) -> None:
        shown = {"method": "GET", "path": path, "accept": _TABLE}
        deadline = time.monotonic() + 30
        while text.encode() not in self._sent(shown).data:
            assert time.monotonic() < deadline, f"{path} never showed {text}"
            time.sleep(0.1)

    def _filled(self, text: str) -> str:
        for name, value in self.saved.items():
            text = text.replace("{{" + name + "}}", value)
        return text

    def _settle(self, request: dict[str, Any], status: int) -> None:
        """A definition is served a moment after it was made; wait for that, as the recorder did.

        A request may name itself what shows that it took effect: a text in the table at a path.
        """
        if status < 300 and "until" in request:
            self._wait_for(*request["until"])
        if status != 201 or not request["path"].endswith("/customresourcedefinitions"):
            return
        spec = request["body"]["spec"]
        path = f"/apis/{spec['group']}/{spec['versions'][0]['name']}/{spec['names']['plural']}"
        whole = {"method": "GET", "path": "/apis", "accept": _ALL_GROUPS}
        known = f'"{spec["group"]}"'.encode()
        deadline = time.monotonic() + 30
        while (
            self._sent({"method": "GET", "path": path}).status != 200
            or known not in self._sent(whole).data
        ):
            assert time.monotonic() < deadline, f"{path} was never served"
            time.sleep(0.1)


def _body_of(answer: urllib3.BaseHTTPResponse, recorded: dict[str, Any]) -> Any:
    text = answer.data.decode()
    if not (answer.headers.get("content-type") or "").startswith("application/json"):
        return text
    if isinstance(recorded["body"], list):
        return [json.loads(line) for line in text.splitlines()]
    return json.loads(text) if text else text


def _at(body: Any, pointer: str) -> Any:
    for part in pointer.strip("/").split("/"):
        body = body[part]
    return body
