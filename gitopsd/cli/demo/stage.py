"""What the story is told on: a Git repository, a sandbox, and the program itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import urllib3
import yaml
from git import Actor, Repo

from gitopsd import crds
from gitopsd.cli.failures import Refusal
from gitopsd.sandbox.embedded import Sandbox

_AUTHOR = Actor("Ada from the shop team", "ada@example.com")
_BRANCH = "main"
_COLLECTION = {
    "Namespace": "/api/v1/namespaces",
    "Service": "/api/v1/namespaces/{namespace}/services",
    "Node": "/api/v1/nodes",
    "Ingress": "/apis/networking.k8s.io/v1/namespaces/{namespace}/ingresses",
    "EndpointSlice": "/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices",
    "CustomResourceDefinition": "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
}
_NODE = "cn-hangzhou.10.0.3.2"
#: The Services whose pods the team runs, by namespace; gitopsd makes those of the shop.
_RUNNING = {
    "default": ("tea-svc", "coffee-svc"),
    "shop": ("audit", "checkout", "kiosk", "storefront"),
}


def examples() -> Path:
    """The example repository: in the installed package, or beside it in a checkout."""
    import gitopsd

    package = Path(gitopsd.__file__).parent
    for place in (package / "examples" / "repo", package.parent / "examples" / "repo"):
        if (place / "fleet.yaml").is_file():
            return place
    raise Refusal("the examples are not part of this installation", "run it from a checkout")


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that has run: its exit code and what it printed, both streams in order."""

    code: int
    output: str


@dataclass
class Stage:
    """A work tree that is pushed to `remote`, and a running sandbox."""

    work: Repo
    remote: Path
    sandbox: Sandbox

    @property
    def tree(self) -> Path:
        """The folder of the work tree."""
        return Path(self.work.working_dir)

    def push(self, message: str) -> str:
        """Commit everything and push it; answers the short id of the commit."""
        self.work.git.add(all=True)
        commit = self.work.index.commit(message, author=_AUTHOR, committer=_AUTHOR)
        self.work.remote("origin").push(f"HEAD:{_BRANCH}").raise_if_error()
        return commit.hexsha[:8]

    @property
    def source(self) -> list[str]:
        """The options that read the specs from the remote repository."""
        return ["--repo", str(self.remote), "--revision", _BRANCH]

    @property
    def environment(self) -> dict[str, str]:
        """What points every command at the sandbox."""
        return {
            "GITOPSD_KUBECONFIG": str(self.sandbox.kubeconfig),
            "GITOPSD_ALB_ENDPOINT": self.sandbox.alb,
            "GITOPSD_NLB_ENDPOINT": self.sandbox.nlb,
            "GITOPSD_CACHE_DIR": str(self.remote.parent / "cache"),
            "ALIBABA_CLOUD_ACCESS_KEY_ID": self.sandbox.access_key_id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": self.sandbox.access_key_secret,
        }

    def gitopsd(self, *arguments: str) -> Ran:
        """Run a gitopsd command as a user would, in a process of its own."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith("GITOPSD_")}
        done = subprocess.run(  # noqa: S603 - our own interpreter, and arguments of ours
            [sys.executable, "-m", "gitopsd", *arguments],
            env={**clean, **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Ran(done.returncode, done.stdout)

    # -- what other people do -----------------------------------------------------------------

    def create(self, manifest: Mapping[str, Any]) -> None:
        """Create an object in the cluster, as its owner would."""
        path = _COLLECTION[manifest["kind"]].format(**manifest["metadata"])
        self._call("POST", f"{path}?fieldManager=shop-team", manifest, "application/json")

    def edit(self, kind: str, namespace: str, name: str, patch: Mapping[str, Any]) -> None:
        """Change an object behind Git's back, as `kubectl edit` does."""
        path = _COLLECTION[kind].format(namespace=namespace) + f"/{name}?fieldManager=kubectl-edit"
        self._call("PATCH", path, patch, "application/merge-patch+json")

    def objects(self, kind: str, namespace: str) -> dict[str, Any]:
        """The objects of a kind in a namespace, by name."""
        items = self._call("GET", _COLLECTION[kind].format(namespace=namespace), None, "")["items"]
        return {item["metadata"]["name"]: item for item in items}

    def _call(self, method: str, path: str, body: Any, content: str) -> Any:
        answer = urllib3.request(
            method,
            self.sandbox.kubernetes_url + path,
            body=None if body is None else orjson.dumps(body),
            headers={
                "Authorization": f"Bearer {self.sandbox.tokens['admin']}",
                "Content-Type": content,
            },
        )
        if answer.status >= 400:
            raise Refusal(f"the sandbox refused {method} {path}: {answer.data.decode()}")
        return orjson.loads(answer.data)


@contextmanager
def stage(directory: Path) -> Iterator[Stage]:
    """Set the stage in `directory`: an empty remote repository and a fresh sandbox."""
    remote = directory / "config.git"
    Repo.init(remote, bare=True, initial_branch=_BRANCH).close()
    work = Repo.init(directory / "work", initial_branch=_BRANCH)
    work.create_remote("origin", str(remote))
    try:
        with Sandbox(directory / "sandbox") as sandbox:
            yield Stage(work, remote, sandbox)
    finally:
        work.close()


def furnish(made: Stage) -> str:
    """Push the examples, with what others own around them: the kinds that an operator's cluster
    has, a namespace, the Services that backends name, and the addresses of running pods. Answers
    the short id of the commit.
    """
    for plural in crds.KINDS:
        made.create(yaml.safe_load(crds.manifest(plural)))
    made.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    for name in _RUNNING["default"]:
        made.create(_service(name))
    made.create(_node())
    places = ((namespace, name) for namespace, names in _RUNNING.items() for name in names)
    for number, (namespace, name) in enumerate(places, 10):
        made.create(_pods(namespace, name, f"10.0.3.{number}"))
    shutil.copytree(examples(), made.tree, dirs_exist_ok=True)
    return made.push("Expose the shop")


def _service(name: str) -> dict[str, Any]:
    eni = {"service.beta.kubernetes.io/backend-type": "eni"}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "default", "annotations": eni},
        "spec": {"selector": {"app": name}, "ports": [{"port": 80, "targetPort": 8080}]},
    }


def _node() -> dict[str, Any]:
    """The ECS instance that the pods run on."""
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": _NODE},
        "spec": {"providerID": "cn-hangzhou.i-bp1sandboxnode"},
        "status": {"conditions": [{"type": "Ready", "status": "True"}]},
    }


def _pods(namespace: str, name: str, address: str) -> dict[str, Any]:
    """One ready pod of a Service, as the controller of endpoints would say it."""
    labels = {"kubernetes.io/service-name": name}
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": f"{name}-pods", "namespace": namespace, "labels": labels},
        "addressType": "IPv4",
        "endpoints": [{"addresses": [address], "nodeName": _NODE, "conditions": {"ready": True}}],
        "ports": [{"port": 8080, "protocol": "TCP"}],
    }
