"""Records what a real kube-apiserver answers, for `tests/conformance`.

`KUBEBUILDER_ASSETS=DIR python -m tests.contract.kubernetes.record FILE` sends the requests of the
scenarios in FILE to a server of its own and writes its answers beside them, into FILE.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import urllib3

from tests.contract.kubernetes.real import RealServer
from tests.contract.kubernetes.replay import Replay, Server


def record(scenarios: list[dict[str, Any]], server: Server) -> None:
    """Put a server's answers into the steps of the scenarios."""
    for scenario in scenarios:
        replay = Replay(server)
        for step in scenario["steps"]:
            answer = replay.send(step["request"])
            kind = answer.headers.get("content-type")
            body = body_of(step["request"], answer)
            step["response"] = {"status": answer.status, "content_type": kind, "body": body}
            if "warning" in answer.headers:
                step["response"]["warning"] = answer.headers["warning"]


def body_of(request: dict[str, Any], answer: urllib3.BaseHTTPResponse) -> Any:
    """JSON as a value, the lines of a watch that began as a list, anything else as text."""
    text = answer.data.decode()
    if not (answer.headers.get("content-type") or "").startswith("application/json"):
        return text
    watched = "watch=" in request["path"] or "/watch/" in request["path"]
    if watched and answer.status == 200:
        return [json.loads(line) for line in text.splitlines()]
    return json.loads(text) if text else text


def main(path: Path, assets: Path) -> None:
    """Record the scenarios of a file anew."""
    recording = json.loads(path.read_text())
    with tempfile.TemporaryDirectory() as folder, RealServer(assets, Path(folder)) as real:
        http = urllib3.PoolManager(ca_certs=str(real.authority))
        headers = {"Authorization": f"Bearer {real.token}"}
        version = http.request("GET", real.url + "/version", headers=headers).json()
        recording["recorded_from"] = {
            "component": "kube-apiserver",
            "version": version["gitVersion"],
        }
        record(recording["scenarios"], Server(real.url, {"": real.token}, http))
        http.clear()
    path.write_text(json.dumps(recording, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(os.environ["KUBEBUILDER_ASSETS"]))
