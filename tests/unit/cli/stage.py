"""A sandbox for commands: what they are told so that they find it, and edits behind their back."""

from __future__ import annotations

import gc
import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gitopsd.sandbox.embedded import Sandbox

#: Where the credentials of a sandbox go; the SDK reads them from the environment.
KEYS = ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET")


class Stage:
    """One sandbox, seen as a command sees it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which a command finds the sandbox."""
        return {
            "GITOPSD_KUBECONFIG": str(self.sandbox.kubeconfig),
            "GITOPSD_ALB_ENDPOINT": self.sandbox.alb,
            "GITOPSD_NLB_ENDPOINT": self.sandbox.nlb,
            KEYS[0]: self.sandbox.access_key_id,
            KEYS[1]: self.sandbox.access_key_secret,
        }

    def service(self, name: str) -> dict[str, Any] | None:
        """A Service of namespace default as it is now."""
        return self.sandbox.cluster.get("services", "default", name)

    def services(self) -> set[str]:
        """Names of the Services of namespace default, but for the cluster's own."""
        items = self.sandbox.cluster.list("services", "default")
        return {item["metadata"]["name"] for item in items} - {"kubernetes"}

    def edit_service(self, name: str, patch: dict[str, Any]) -> None:
        """Change a Service as somebody with kubectl would."""
        self.sandbox.cluster.patch("services", "default", name, patch, manager="kubectl-edit")

    def record(self) -> dict[str, Any]:
        """The head of the record of target hangzhou."""
        found = self.sandbox.cluster.get("configmaps", "gitopsd-system", "gitopsd-acme-hangzhou")
        content: dict[str, Any] = json.loads(found["data"]["record.json"])
        return content

    def put_back(self, manifest: dict[str, Any] | None) -> None:
        """Make a Service again as it was, marks included."""
        assert manifest is not None
        metadata = {key: manifest["metadata"][key] for key in ("name", "namespace", "labels")}
        self.sandbox.cluster.create("services", {**manifest, "metadata": metadata}, manager="x")

    def make_service(self, name: str) -> None:
        """Make a Service that is not ours."""
        self.sandbox.cluster.create(
            "services",
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": name, "namespace": "default"},
                "spec": {"ports": [{"name": "https", "port": 443}]},
            },
            manager="helm",
        )


@contextmanager
def running(directory: Path) -> Iterator[Stage]:
    """A sandbox that serves, without its controllers."""
    sandbox = Sandbox(directory, controllers=False)
    sandbox.start()
    try:
        yield Stage(sandbox)
    finally:
        sandbox.stop()
        with warnings.catch_warnings():
            # Clients keep their connections open, and a stopped server cannot end them politely.
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()


def edited(path: Path, change: Any) -> Path:
    """A JSON file after `change` has been at its content."""
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    return path


def local(repo: Path, text: str, other: str) -> None:
    """Change the Exposures of a repository."""
    path = repo / "exposures.yaml"
    assert text in path.read_text()
    path.write_text(path.read_text().replace(text, other))
