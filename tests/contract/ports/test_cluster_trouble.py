"""What goes wrong in a cluster reaches the engine as the right error, or as a gap."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from kubernetes.client import Configuration

from gitopsd.adapters.kubernetes import Connection, KubernetesCluster, Patience, connect, record
from gitopsd.ports import (
    Forbidden,
    OutcomeUnknown,
    Overtaken,
    Throttled,
    Unauthenticated,
    Unreachable,
)
from gitopsd.sandbox.embedded import Sandbox
from gitopsd.sandbox.kubernetes.access import Rule
from gitopsd.sandbox.kubernetes.faults import Fault

from .cluster_stage import RECORDS, ClusterSide
from .test_cluster_record import SAID, many

READ = ("get", "list")
CORE = ("",)
SERVICES = Rule(READ, CORE, ("services",))
INGRESSES = Rule(READ, ("networking.k8s.io",), ("ingresses",))
NAMESPACES = Rule(READ, CORE, ("namespaces",))
RECORD = Rule(READ, CORE, ("configmaps",), namespaces=(RECORDS,))


@pytest.fixture
def cluster(sandbox_connection: Connection, worker_id: str) -> ClusterSide:
    """Trouble can be asked for in the sandbox only."""
    return ClusterSide.fresh(sandbox_connection, worker_id)


@pytest.fixture
def faults(sandbox: Sandbox) -> Iterator[Callable[[Fault], None]]:
    yield sandbox.cluster.faults.add
    sandbox.cluster.faults.clear()


@pytest.fixture
def quick(sandbox: Sandbox) -> Iterator[Callable[..., Connection]]:
    """Connections as somebody, over plain HTTP, that do not really wait between attempts."""
    made: list[Connection] = []

    def connection(token: str, read: float = 60.0) -> Connection:
        configuration = Configuration(host=sandbox.kubernetes_url)
        configuration.api_key["BearerToken"] = f"Bearer {token}"
        patience = Patience(sleep=lambda seconds: None)
        made.append(
            Connection(configuration, user_agent="test", patience=patience, timeouts=(60.0, read))
        )
        return made[-1]

    yield connection
    for one in made:
        one.close()


@pytest.fixture
def hasty(cluster: ClusterSide, quick: Callable[..., Connection], sandbox: Sandbox) -> ClusterSide:
    adapter = KubernetesCluster(quick(sandbox.tokens["admin"]), namespace_for_record=RECORDS)
    return replace(cluster, adapter=adapter)


def somebody(
    sandbox: Sandbox, quick: Callable[..., Connection], side: ClusterSide, *rules: Rule
) -> ClusterSide:
    token = f"token-of-{side.namespace}"
    sandbox.cluster.access.grant(token, "somebody", rules)
    return replace(side, adapter=KubernetesCluster(quick(token), namespace_for_record=RECORDS))


@pytest.mark.parametrize("kind", ["throttle", "error", "drop-before", "drop-after"])
def test_a_passing_trouble_of_reads_is_outlasted(
    hasty: ClusterSide, faults: Callable[[Fault], None], kind: str
) -> None:
    made = hasty.create(hasty.service())
    faults(Fault(kind, verbs=("list", "get"), times=3))  # type: ignore[arg-type]
    view = hasty.observe()
    assert view.objects == {made.identity: made}
    assert view.gaps == ()


def test_a_throttled_write_is_outlasted(
    hasty: ClusterSide, faults: Callable[[Fault], None]
) -> None:
    faults(Fault("throttle", verbs=("patch",), times=3))
    assert hasty.create(hasty.service()) == hasty.read()


def test_a_lasting_throttle_is_told(hasty: ClusterSide, faults: Callable[[Fault], None]) -> None:
    faults(Fault("throttle", verbs=("patch",), times=0))
    with pytest.raises(Throttled):
        hasty.create(hasty.service())


@pytest.mark.parametrize(
    ("fault", "done"),
    [
        (Fault("drop-before"), False),
        (Fault("drop-after"), True),
        (Fault("error", status=500, message="etcdserver: request timed out"), False),
        (Fault("error", status=503, reason="ServiceUnavailable"), False),
    ],
)
def test_a_write_that_was_cut_off_has_an_unknown_outcome_and_is_not_repeated(
    hasty: ClusterSide, faults: Callable[[Fault], None], fault: Fault, done: bool
) -> None:
    faults(replace(fault, verbs=("patch",)))
    with pytest.raises(OutcomeUnknown):
        hasty.create(hasty.service())
    assert (hasty.adapter.read(hasty.identity()) is not None) == done


def test_a_write_that_takes_too_long_has_an_unknown_outcome(
    cluster: ClusterSide,
    quick: Callable[..., Connection],
    sandbox: Sandbox,
    faults: Callable[[Fault], None],
) -> None:
    adapter = KubernetesCluster(quick(sandbox.tokens["admin"], 0.5), namespace_for_record=RECORDS)
    faults(Fault("latency", verbs=("patch",), seconds=60.0))
    with pytest.raises(OutcomeUnknown):
        replace(cluster, adapter=adapter).create(cluster.service())


def test_somebody_who_was_faster_is_told(
    hasty: ClusterSide, faults: Callable[[Fault], None]
) -> None:
    faults(Fault("conflict", verbs=("patch",)))
    with pytest.raises(Overtaken):
        hasty.create(hasty.service())


def test_a_list_whose_snapshot_is_gone_begins_again(
    hasty: ClusterSide, faults: Callable[[Fault], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gitopsd.adapters.kubernetes.reads.PAGE", 2)
    for number in range(5):
        hasty.create(hasty.service(f"s{number}"))
    faults(Fault("expire", verbs=("list",), resources=("services",), times=2))
    view = hasty.observe()
    assert len(view.objects) == 5
    assert view.gaps == ()


def test_one_kind_that_cannot_be_listed_is_a_gap_for_that_kind(
    sandbox: Sandbox, quick: Callable[..., Connection], cluster: ClusterSide
) -> None:
    ingress = cluster.create(cluster.ingress())
    cluster.create(cluster.service())
    some = somebody(sandbox, quick, cluster, INGRESSES, NAMESPACES, RECORD)
    view = some.observe(some.identity(), ingress.identity)
    assert view.objects == {ingress.identity: ingress}
    assert view.foreign == {}
    assert [gap.covers for gap in view.gaps] == [{"Service"}]
    assert "list services" in view.gaps[0].why


def test_without_the_right_to_namespaces_they_are_unknown_and_nothing_else_is(
    sandbox: Sandbox, quick: Callable[..., Connection], cluster: ClusterSide
) -> None:
    some = somebody(sandbox, quick, cluster, SERVICES, INGRESSES, RECORD)
    view = some.observe()
    assert (view.namespaces, view.cluster_uid, view.gaps) == (None, None, ())


def test_the_uid_is_told_to_whom_may_read_that_one_namespace(
    sandbox: Sandbox, quick: Callable[..., Connection], cluster: ClusterSide
) -> None:
    system = Rule(("get",), CORE, ("namespaces",), names=("kube-system",))
    some = somebody(sandbox, quick, cluster, SERVICES, INGRESSES, RECORD, system)
    view = some.observe()
    assert (view.namespaces, view.cluster_uid) == (None, cluster.observe().cluster_uid)


def test_a_record_that_may_not_be_read_is_a_gap_that_no_kind_depends_on(
    sandbox: Sandbox, quick: Callable[..., Connection], cluster: ClusterSide
) -> None:
    some = somebody(sandbox, quick, cluster, SERVICES, INGRESSES, NAMESPACES)
    view = some.observe()
    assert [gap.covers for gap in view.gaps] == [frozenset()]
    assert "configmaps" in view.gaps[0].why


def test_who_may_read_nothing_is_told_the_first_right(
    sandbox: Sandbox, cluster: ClusterSide
) -> None:
    connection = connect(str(sandbox.kubeconfig), "gitopsd-sandbox-restricted")
    with pytest.raises(Forbidden, match="allow the verb list on services"):
        replace(cluster, adapter=KubernetesCluster(connection)).observe()
    connection.close()


def test_who_may_only_read_is_told_the_right_to_write(
    sandbox: Sandbox, quick: Callable[..., Connection], cluster: ClusterSide
) -> None:
    some = somebody(sandbox, quick, cluster, SERVICES)
    with pytest.raises(Forbidden, match="allow the verb patch on services"):
        some.create(some.service())


def test_a_refused_token_is_unauthenticated(
    quick: Callable[..., Connection], cluster: ClusterSide
) -> None:
    with pytest.raises(Unauthenticated):
        replace(cluster, adapter=KubernetesCluster(quick("wrong"))).observe()


def test_a_certificate_of_another_authority_is_refused(
    sandbox: Sandbox, cluster: ClusterSide
) -> None:
    url = sandbox.kubeconfig.read_text().split("server: ")[1].split()[0]
    patience = Patience(sleep=lambda seconds: None)
    connection = Connection(Configuration(host=url), user_agent="test", patience=patience)
    with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
        replace(cluster, adapter=KubernetesCluster(connection)).observe()
    connection.close()


def test_a_record_that_could_not_be_written_whole_still_tells_the_old_revision(
    cluster: ClusterSide, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "_LIMIT", 1000)
    cluster.adapter.write_record(cluster.owner, many(50))
    part = f"gitopsd-{cluster.owner.instance}-{cluster.owner.target}-1"
    sandbox.cluster.faults.add(Fault("error", verbs=("patch",), names=(part,)))
    with pytest.raises(OutcomeUnknown):
        cluster.adapter.write_record(cluster.owner, replace(many(50, "e" * 40), revision="4567def"))
    found = cluster.observe().record
    assert found is not None
    assert found.revision == SAID.revision
