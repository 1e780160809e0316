"""Traces over the wire, to a collector on loopback."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gitopsd.ports import Misconfigured, Throttled, Unreachable
from gitopsd.ports.pool import Pool
from gitopsd.wiring.tracing import Tracing, open_tracing
from tests.contract.tracing.collecting import Collector, collecting

CLIENT = 3


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as made:
        yield made


@pytest.fixture
def tracing(collector: Collector, environment: None) -> Iterator[Tracing]:
    made = open_tracing(collector.url, "serve-1")
    assert made
    yield made
    made.close()


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of OpenTelemetry in it but how soon spans are sent."""
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "20")


def test_work_within_work_is_its_child(tracing: Tracing, collector: Collector) -> None:
    with tracing.span("pass", {"gitopsd.target": "edge"}) as outer, tracing.span("observe"):
        pass
    child, parent = collector.wait("observe"), collector.wait("pass")
    assert (child.trace, child.parent) == (parent.trace, parent.id)
    assert parent.parent == ""
    assert parent.trace == outer.trace
    assert parent.attributes == {"gitopsd.target": "edge"}


def test_work_in_a_pool_belongs_to_what_submitted_it(
    tracing: Tracing, collector: Collector
) -> None:
    def work(number: int) -> None:
        tracing.called("ALB", f"Call{number}", None, 0.0)

    with tracing.span("observe"), Pool(2) as pool:
        list(pool.map(work, range(2)))
        pool.submit(work, 2).result()
    parent = collector.wait("observe")
    spans = [collector.wait(f"ALB/Call{number}") for number in range(3)]
    assert {span.parent for span in spans} == {parent.id}


def test_a_request_tells_what_was_asked_how_long_it_took_and_the_kind_of_error(
    tracing: Tracing, collector: Collector
) -> None:
    with tracing.span("apply"):
        tracing.called("Kubernetes", "patch services", None, 0.25)
        tracing.called("ALB", "AddServers", Throttled("the group", "token=hush"), 0.5)
        tracing.paced("ALB", 0.1)
    good, bad = collector.wait("Kubernetes/patch services"), collector.wait("ALB/AddServers")
    assert (good.kind, good.failed) == (CLIENT, False)
    assert good.attributes == {
        "rpc.system.name": "kubernetes",
        "rpc.method": "Kubernetes/patch services",
    }
    assert good.seconds == pytest.approx(0.25)
    assert (bad.failed, bad.why, bad.attributes["error.type"]) == (True, "", "throttled")
    assert bad.attributes["rpc.system.name"] == "alibaba_cloud"
    assert collector.wait("apply").events == ["paced"]


def test_a_request_that_is_a_part_of_nothing_is_no_trace(
    tracing: Tracing, collector: Collector
) -> None:
    tracing.called("Kubernetes", "patch leases", None, 0.1)
    with tracing.span("look"):
        pass
    collector.wait("look")
    assert [span.name for span in collector.spans] == ["look"]


def test_what_leaves_by_an_exception_failed_and_its_words_stay_here(
    tracing: Tracing, collector: Collector
) -> None:
    with pytest.raises(Unreachable), tracing.span("fetch"):
        raise Unreachable("the repository", "https://me:hush@example.com")
    with pytest.raises(KeyError), tracing.span("plan"):
        raise KeyError("hush")
    fetch, plan = collector.wait("fetch"), collector.wait("plan")
    assert (fetch.failed, fetch.attributes) == (True, {"error.type": "unreachable"})
    assert (plan.failed, plan.attributes) == (True, {"error.type": "KeyError"})
    assert not fetch.why + plan.why + "".join(fetch.events + plan.events)


def test_work_of_another_trace_that_gave_rise_to_it_is_linked(
    tracing: Tracing, collector: Collector
) -> None:
    with tracing.span("look") as look:
        pass
    with tracing.span("pass", after=look):
        pass
    told = collector.wait("pass")
    assert told.links == [look.trace]
    assert told.trace != look.trace


def test_who_tells_is_said_and_the_environment_says_it_better(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    for service in ("gitopsd", "exposures"):
        if service != "gitopsd":
            monkeypatch.setenv("OTEL_SERVICE_NAME", service)
            monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "k8s.pod.name=gitopsd-0")
        made = open_tracing(collector.url, "serve-1")
        assert made
        with made.span(service):
            pass
        made.close()
        resource = collector.wait(service).resource
        assert resource["service.name"] == service
        assert resource["service.instance.id"] == "serve-1"
    assert resource["k8s.pod.name"] == "gitopsd-0"


def test_the_environment_names_the_collector_and_goes_before_the_settings(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20hush")
    made = open_tracing("http://192.0.2.1:4318", "serve-1")
    assert made
    with made.span("pass"):
        pass
    made.close()
    collector.wait("pass")
    ((path, headers),) = collector.asked
    assert (path, headers["authorization"]) == ("/v1/traces", "Bearer hush")


def test_nobody_waits_for_a_collector_that_does_not_answer(
    tracing: Tracing, collector: Collector
) -> None:
    collector.open.clear()
    for number in range(5000):  # more than the queue holds
        with tracing.span(f"pass {number}"):
            tracing.called("ALB", "ListServerGroups", None, 0.0)
    assert collector.spans == []


@pytest.mark.parametrize(("status", "phrase"), [(400, "Bad Request"), (401, "Unauthorized")])
def test_that_spans_do_not_arrive_is_told_once_and_that_they_do_again_too(
    tracing: Tracing, collector: Collector, status: int, phrase: str
) -> None:
    told: queue.Queue[str] = queue.Queue()
    tracing.hear(told.put)
    collector.status = status
    for _ in range(2):
        seen = len(collector.asked)
        with tracing.span("lost"):
            pass
        until(lambda seen=seen: len(collector.asked) > seen)
    assert told.get(timeout=120) == f"the collector answers {status} {phrase}"
    collector.status = 200
    with tracing.span("pass"):
        pass
    assert told.get(timeout=120) == ""
    assert told.empty()


def test_a_collector_that_is_not_there_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    made = open_tracing("http://127.0.0.1:9", "serve-1")
    assert made
    told: queue.Queue[str] = queue.Queue()
    made.hear(told.put)
    with made.span("pass"):
        pass
    assert told.get(timeout=120) == "the collector does not answer"
    made.close()


def until(holds: Callable[[], bool]) -> None:
    nobody = threading.Event()
    for _ in range(6000):
        if holds():
            return
        nobody.wait(0.02)
    raise AssertionError


def test_who_asks_for_no_traces_does_not_pay_for_them() -> None:
    program = (
        "import os, sys, gitopsd.cli.serve, gitopsd.daemon.service, gitopsd.wiring.sites\n"
        "from gitopsd.wiring.tracing import open_tracing\n"
        "told = [open_tracing(None, 'me')]\n"
        "for name, value in (('OTEL_SDK_DISABLED', 'true'), ('OTEL_TRACES_EXPORTER', 'none')):\n"
        "    os.environ[name] = value\n"
        "    told.append(open_tracing('http://127.0.0.1:4318', 'me'))\n"
        "    del os.environ[name]\n"
        "print(told, [name for name in sys.modules if name.startswith('opentelemetry')])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("[None, None, None] []\n", "")


@pytest.mark.parametrize(
    ("variables", "what"),
    [
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "OTEL_EXPORTER_OTLP_PROTOCOL says grpc"),
        ({"OTEL_TRACES_EXPORTER": "jaeger"}, "OTEL_TRACES_EXPORTER says jaeger"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318"}, "OTLP_ENDPOINT is no URL"),
        ({"OTEL_BSP_MAX_QUEUE_SIZE": "-1"}, "max_queue_size must be"),
    ],
)
def test_variables_that_cannot_be_used_are_told_at_the_start(
    variables: dict[str, str], what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured, match=what):
        open_tracing("http://127.0.0.1:4318", "me")


@pytest.mark.parametrize("variable", ["", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"])
def test_without_the_extra_an_endpoint_is_refused_with_what_to_install(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if variable:
        monkeypatch.setenv(variable, "http://127.0.0.1:4318/v1/traces")
    file = tmp_path / "gitopsd.yaml"
    file.write_text(
        "repositories: [{name: shop, url: /nowhere}]\nlisten: 127.0.0.1:0\n"
        + ("" if variable else "tracing: {endpoint: 'http://127.0.0.1:4318'}\n")
    )
    program = (
        "import sys\n"
        "sys.modules['opentelemetry'] = None\n"
        "from gitopsd.cli.root import run\n"
        f"sys.exit(run(['serve', '--config', {str(file)!r}]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert (variable or "tracing.endpoint") in done.stderr
    assert "the OpenTelemetry SDK is not installed" in done.stderr
    assert "pip install 'gitopsd[otel]'" in done.stderr
