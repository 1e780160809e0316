"""One sandbox per test process; each test has an owner and namespaces of its own in it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from gitopsd import crds
from gitopsd.model.ownership import Owner
from gitopsd.sandbox.embedded import Sandbox
from tests.contract.git.serving import Server, serve
from tests.scenarios.operating import eventually
from tests.scenarios.world import World, call, connect_world, make_object, objects

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
def namespace(sandbox: Sandbox) -> Iterator[str]:
    """See `make_namespace`. It goes with the test, and so does trouble that the test has made:
    Ingresses of one take routes from those of the next, for they share an ALB.
    """
    name = make_namespace(sandbox)
    yield name
    sandbox.cluster.faults.clear()
    sandbox.cloud.faults.clear()
    call(sandbox, "DELETE", f"/api/v1/namespaces/{name}")
    eventually(lambda: not objects(sandbox, "Ingress", name))


def make_namespace(sandbox: Sandbox) -> str:
    """A namespace that nobody else uses, with the Service that the sample Ingress names."""
    name = f"shop-{next(_NUMBERS)}"
    make_object(sandbox, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    make_object(
        sandbox,
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "tea-svc", "namespace": name},
            "spec": {"type": "NodePort", "selector": {"app": "tea"}, "ports": [{"port": 80}]},
        },
    )
    return name


@pytest.fixture
def world(sandbox: Sandbox, namespace: str) -> World:
    """A world whose instance is the namespace, so that tests cannot see each other's things."""
    return connect_world(sandbox, Owner(namespace, "edge"))


DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


@pytest.fixture
def kinds(sandbox: Sandbox) -> Iterator[None]:
    """Our custom resources, for this test only: an operator that finds them has more to do."""
    install(sandbox)
    yield
    for plural in crds.KINDS:
        call(sandbox, "DELETE", f"{DEFINITIONS}/{plural}.gitopsd.io")


def install(sandbox: Sandbox) -> None:
    """The kinds, as `gitopsd crds | kubectl apply --server-side -f -` does."""
    for plural in crds.KINDS:
        body = yaml.safe_load(crds.manifest(plural))
        path = f"{DEFINITIONS}/{plural}.gitopsd.io?fieldManager=kubectl&force=true"
        path += "&fieldValidation=Strict"
        call(sandbox, "PATCH", path, body, content="application/apply-patch+yaml")


@pytest.fixture
def keys(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox's keys where the operator looks for its own."""
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", sandbox.access_key_id)
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", sandbox.access_key_secret)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Repositories over http."""
    root = tmp_path / "served"
    root.mkdir()
    with serve(root) as running:
        yield running
