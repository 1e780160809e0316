"""What a collector is told of the operator's work."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from gitopsd.sandbox.embedded import Sandbox
from gitopsd.wiring.tracing import open_tracing
from tests.contract.git.serving import Server
from tests.contract.tracing.collecting import collecting
from tests.scenarios.operating import QuickWays, followed, open_shop, replica

PAGE = Path(__file__).parents[2] / "docs/reference/traces.md"

pytestmark = pytest.mark.usefixtures("keys")


def test_a_pass_is_a_trace_with_its_phases_steps_and_requests(
    sandbox: Sandbox, tmp_path: Path, server: Server, namespace: str
) -> None:
    shop = open_shop(tmp_path, server, namespace)
    commit = shop.expose(80)
    with collecting() as collector:
        tracing = open_tracing(collector.url, "replica-0")
        assert tracing
        ways = partial(QuickWays, meter=tracing, tracer=tracing)
        with replica(sandbox, tmp_path, [followed(shop)], ways=ways) as one:
            ended = one.log.wait("pass.ended", revision=commit, done=1)
            read = one.log.wait("repository.read", revision=commit)
        tracing.close()
    told = collector.wait("pass", gitopsd_pass_id=ended["pass"])
    assert (told.trace, told.parent, told.failed) == (ended["trace_id"], "", False)
    assert (
        told.attributes.items()
        >= {
            "gitopsd.repository": shop.name,
            "gitopsd.target": "edge",
            "gitopsd.pass.result": "well",
            "gitopsd.plan.steps": 1,
            "vcs.ref.head.name": "main",
            "vcs.ref.head.revision": commit,
        }.items()
    )
    phases = {span.name: span for span in collector.children(told)}
    assert list(phases) == ["observe", "plan", "apply", "publish"]
    (step,) = [s for s in collector.children(phases["apply"]) if s.name == "create Service"]
    assert step.attributes == {
        "gitopsd.step.operation": "create",
        "gitopsd.step.kind": "Service",
        "gitopsd.step.name": "tea",
        "gitopsd.step.outcome": "done",
        "k8s.namespace.name": namespace,
    }
    assert "Kubernetes/patch services" in {s.name for s in collector.children(step)}
    asked = {span.name for span in collector.children(phases["observe"])}
    assert {"Kubernetes/list services", "ALB/ListServerGroups"} <= asked
    look = collector.wait("look", vcs_ref_head_revision=commit)
    assert told.links == [look.trace] == [read["trace_id"]]
    assert [s.name for s in collector.children(look)] == ["fetch", "read", "check", "compile"]
    page = PAGE.read_text(encoding="utf-8")
    phases_and_attributes = {name for s in collector.spans for name in s.attributes} | {
        span.name for span in collector.spans if "/" not in span.name and span is not step
    }
    assert {name for name in phases_and_attributes if f"`{name}`" not in page} == set()


def test_nothing_secret_is_in_a_trace(
    sandbox: Sandbox, tmp_path: Path, server: Server, namespace: str
) -> None:
    shop = open_shop(tmp_path, server, namespace)
    commit = shop.expose(80)
    with collecting() as collector:
        tracing = open_tracing(collector.url, "replica-0")
        assert tracing
        ways = partial(QuickWays, meter=tracing, tracer=tracing)
        with replica(sandbox, tmp_path, [followed(shop)], ways=ways) as one:
            one.log.wait("pass.ended", revision=commit)
        tracing.close()
    everything = repr(collector.spans)
    assert commit in everything
    assert sandbox.access_key_id not in everything
    assert sandbox.access_key_secret not in everything
