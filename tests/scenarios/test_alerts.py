"""People are told of drift by a running operator: by the holder of the lease, once, in time."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gitopsd.daemon.settings import SinkSettings
from gitopsd.sandbox.embedded import Sandbox
from tests.contract.alerts import receiving
from tests.contract.alerts.conftest import settings
from tests.contract.alerts.receiving import Reply, Service
from tests.contract.git.serving import Server
from tests.scenarios.operating import FleetingWays, Shop, eventually, followed, open_shop, replica
from tests.scenarios.world import call, edit

pytestmark = [pytest.mark.usefixtures("keys", "kinds"), pytest.mark.timeout(600)]

SECRET, TOKEN = "SEC-0123456789abcdef", "tok-0123456789abcdef"
#: A service that nobody reaches any more is told at once, whatever else is gathered.
REPORTED = """\
apiVersion: gitopsd.io/v1alpha1
kind: Exposure
metadata: {{name: tea, namespace: {namespace}}}
spec:
  loadBalancer: {{type: CLB, scheme: Internet}}
  pods: {{selector: {{app: tea}}}}
  ports: [{{port: 80}}]
  drift: {{mode: Report}}
"""


@pytest.fixture
def shop(tmp_path: Path, server: Server, namespace: str) -> Shop:
    shop = open_shop(tmp_path, server, namespace)
    shop.author.write("tea.yaml", REPORTED.format(namespace=namespace))
    shop.push()
    return shop


@pytest.fixture
def chat() -> Iterator[Service]:
    with Service(receiving.dingtalk, token=TOKEN, secret=SECRET) as service:
        service.clock = time.time
        yield service


def robot(folder: Path, chat: Service) -> SinkSettings:
    (folder / "webhook").write_text(f"{chat.url}/robot/send?access_token={TOKEN}\n")
    (folder / "secret").write_text(SECRET)
    form = {"webhook": {"file": "webhook"}, "secret": {"file": "secret"}, "host": chat.host}
    return settings(folder, dingtalk=form)


def files(folder: Path) -> SinkSettings:
    return settings(folder, files={"folder": str(folder / "told")})


def steal(sandbox: Sandbox, shop: Shop) -> None:
    """Somebody sends the traffic elsewhere."""
    edit(sandbox, "Service", shop.namespace, "tea", {"spec": {"selector": {"app": "thief"}}})


def state_in(folder: Path, shop: Shop) -> dict[str, Any]:
    file = folder / "told" / shop.name / "edge.json"
    found: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    return found


def memories(sandbox: Sandbox, shop: Shop) -> list[str]:
    items = call(sandbox, "GET", "/api/v1/namespaces/gitopsd-system/configmaps")["items"]
    names = [item["metadata"]["name"] for item in items]
    return [name for name in names if name.startswith(f"gitopsd-{shop.name}-edge.told.")]


def trouble(sandbox: Sandbox, shop: Shop) -> str:
    """What `gitopsd status` tells beside the passes."""
    path = f"/api/v1/namespaces/gitopsd-system/configmaps/gitopsd-{shop.name}-edge"
    record = json.loads(call(sandbox, "GET", path)["data"]["record.json"])
    return str(record.get("trouble", ""))


def test_a_chat_is_told_at_once_and_a_restart_tells_nothing_again(
    sandbox: Sandbox, shop: Shop, tmp_path: Path, chat: Service
) -> None:
    sinks = [robot(tmp_path, chat)]
    with replica(sandbox, tmp_path, [followed(shop)], "replica-0", sinks) as one:
        one.log.wait("pass.ended", done=1)
        steal(sandbox, shop)
        one.another_pass()
        eventually(lambda: len(chat.took) == 1, 150)
        text = chat.took[0].json["markdown"]["title"]
        assert text.startswith(f"Act now: 100 % of the traffic of Exposure/{shop.namespace}/tea")
        eventually(lambda: memories(sandbox, shop) != [], 150)
        assert TOKEN not in json.dumps(one.log.lines)
        assert SECRET not in json.dumps(one.log.lines)
    more = settings(tmp_path, files={"folder": str(tmp_path / "told")})
    more = more.model_copy(update={"name": "files"})
    with replica(sandbox, tmp_path, [followed(shop)], "replica-1", [*sinks, more]) as two:
        two.log.wait("pass.ended")
        two.another_pass()
        eventually(lambda: state_in(tmp_path, shop).get("items") not in (None, []), 150)
        desk = next(desk for desk in two.operator.outbox.desks if desk.kind == "dingtalk")
        eventually(lambda: bool(desk._memories), 150)  # it knows what was said, and
        two.another_pass()
        assert len(chat.asked) == 1


def test_only_the_holder_tells_and_its_successor_goes_on(
    sandbox: Sandbox, shop: Shop, tmp_path: Path
) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    for folder in (a, b):
        folder.mkdir()
    with (
        replica(sandbox, a, [followed(shop)], "replica-a", [files(a)], FleetingWays) as first,
        replica(sandbox, b, [followed(shop)], "replica-b", [files(b)], FleetingWays) as second,
    ):
        eventually(lambda: bool(state_in(a, shop) or state_in(b, shop)), 150)
        holder, mine, other, others = (first, a, second, b)
        if not state_in(a, shop):
            holder, mine, other, others = (second, b, first, a)
        steal(sandbox, shop)
        holder.another_pass()
        eventually(lambda: state_in(mine, shop)["severity"] == "critical", 150)
        assert state_in(others, shop) == {}
        holder.vanish()
        eventually(lambda: any(desk.held for desk in other.operator.targets.values()), 150)
        eventually(lambda: state_in(others, shop).get("severity") == "critical", 150)


def test_a_failing_sink_is_named_in_the_record_and_delays_nothing(
    sandbox: Sandbox, shop: Shop, tmp_path: Path, chat: Service
) -> None:
    chat.faults.extend([Reply(500, f"oops {TOKEN}".encode())] * 1000)
    with replica(sandbox, tmp_path, [followed(shop)], sinks=[robot(tmp_path, chat)]) as one:
        one.log.wait("pass.ended", done=1)
        steal(sandbox, shop)
        one.another_pass()
        one.log.wait("sink.trouble")
        one.another_pass()
        words = "sink ops: dingtalk: send a message: HTTP 500: oops ***"
        eventually(lambda: trouble(sandbox, shop).endswith(words))
        assert TOKEN not in trouble(sandbox, shop)
        chat.faults.clear()
        eventually(lambda: len(chat.took) == 1, 150)
        one.another_pass()
        eventually(lambda: trouble(sandbox, shop) == "")
