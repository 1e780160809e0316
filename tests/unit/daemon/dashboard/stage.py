"""A page served over a real socket, of targets that were judged and planned as in earnest."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import urllib3

from gitopsd.daemon.board import Board
from gitopsd.daemon.dashboard import DashboardApp
from gitopsd.daemon.dashboard.events import Hub, Pace
from gitopsd.daemon.http import Application, HttpServer
from gitopsd.daemon.passes import Order, PassResult
from gitopsd.daemon.publishing import Seen
from gitopsd.daemon.settings import Dashboard
from gitopsd.daemon.webhooks import Receiver
from gitopsd.engine.judging import judge_target, plan_and_assess
from gitopsd.model.desired import DesiredTarget, Origin
from gitopsd.model.health import HealthState, MemberHealth
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ObservedObject, ObservedTarget
from gitopsd.model.position import Position
from gitopsd.model.problem import Problem, Severity
from gitopsd.model.report import DriftReport
from gitopsd.planning import PlanOptions
from gitopsd.spec.model import Target
from gitopsd.status import Sight
from tests.unit import build

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
REVISION = "8f3c1d2e4b5a69788796a5b4c3d2e1f00f1e2d3c"
PLACE = ("acme", "edge")
#: A name that no API takes, and that a page must bear all the same.
HOSTILE = "<img src=x onerror=alert(1)>\"'&</script>\u202e<script>alert(2)</script>"


@dataclass
class Stage:
    """What an operator would know, and the page over it."""

    settings: Dashboard = field(default_factory=Dashboard)
    problems: tuple[Problem, ...] = ()
    board: Board = field(default_factory=Board)
    held: bool = True
    address: str = ""

    def __post_init__(self) -> None:
        repository = SimpleNamespace(name=PLACE[0])
        target = SimpleNamespace(
            repository=repository, target=PLACE[1], held=self.held, holder="replica-0"
        )
        source = SimpleNamespace(
            repository=repository, revision=REVISION, errors=0, problems=self.problems, trouble=""
        )
        self.target, self.source = target, source
        operator: Any = SimpleNamespace(
            targets={"acme/edge": target}, repositories={"acme": source}, board=self.board,
            ready=True,
        )  # fmt: skip
        self.now = NOW
        self.app = DashboardApp(operator, lambda: self.settings, now=lambda: self.now)

    def passed(
        self,
        desired: DesiredTarget,
        observed: ObservedTarget,
        reports: Sequence[DriftReport] | None = (),
        **more: Any,
    ) -> PassResult:
        """A pass has ended that looked and wrote nothing."""
        options = PlanOptions(NOW.date(), revision=REVISION, now=NOW, fleet="acme")
        plan, assessment = plan_and_assess(desired, observed, build.OWNER, options)
        judged = judge_target(desired, observed, build.OWNER, options, plan=plan)
        spec = Target.model_construct(name="edge")
        order = Order(REVISION, "acme", build.OWNER, spec, desired)
        seconds = {"observe": 0.41, "plan": 0.05, "apply": 0.22}
        result = PassResult(order, observed, plan, assessment=assessment, seconds=seconds, **more)
        names = {(item.namespace, item.name) for item in desired.objects} | {("shop", "tea-svc")}
        endpoints = dict.fromkeys(names, 2)
        sight = Sight(desired, observed, judged.assessment, plan, None, endpoints)
        told = None if reports is None else tuple(reports)
        self.app.views.pass_ended(PLACE, result, Seen(sight, {}, {}, judged.routes, told))
        return result

    def fill(self, number: int) -> None:
        """As many Exposures in fifty namespaces, one in a hundred edited by hand."""
        self.passed(*shop())
        views = self.app.views
        (view,) = views.views.values()
        fine, moved = (view.subjects[Identity("Exposure", "shop", n)] for n in ("tea", "cake"))
        subjects = {
            Identity("Exposure", f"team-{n % 50:02}", f"svc-{n:05}"): fine if n % 100 else moved
            for n in range(number)
        }
        views._views[PLACE] = replace(view, subjects=subjects)

    def ask(self, path: str, method: str = "GET", **headers: str) -> urllib3.BaseHTTPResponse:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        url = f"http://{self.address}{path}"
        return urllib3.request(method, url, headers=named, retries=False, redirect=False)


@contextmanager
def served(stage: Stage, address: str = "127.0.0.1:0") -> Iterator[Stage]:
    """The stage's page on loopback, on a free port unless told, until the block ends."""
    application = Application(Receiver(lambda _: [], lambda _: None), {}, part=stage.app)
    server = HttpServer(application, address)
    server.start()
    stage.address = server.address
    host, _, port = server.address.rpartition(":")
    end = time.monotonic() + 60
    while not _listens(host, int(port)):
        assert time.monotonic() < end
    try:
        yield stage
    finally:
        stage.app.hub.close()
        server.stop()


def with_pace(pace: Pace) -> Stage:
    """A stage whose listeners are treated so."""
    made = Stage()
    made.app.hub = Hub(pace)
    made.app.views._changed = made.app.hub.changed
    return made


def _listens(host: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


def explained(item: Any) -> Any:
    """A compiled thing whose fields say why they are so."""
    here = Position("shop/tea.yaml", 7, 3)
    return replace(
        item,
        origins={
            "spec.type": Origin("GR0201", here),
            "metadata.name": Origin("GR0102", here),
            "metadata.labels": Origin("GR0103"),
            "spec.ports[0].port": Origin("GR0201", Position("shop/tea.yaml", 11, 5)),
        },
        position=here,
    )


def addressed(
    item: Any, ip: str, born: str = "2026-11-01T08:00:00Z", **more: Any
) -> ObservedObject:
    """The live object with a load balancer's address."""
    live = build.live(item, **more)
    live.manifest["metadata"]["creationTimestamp"] = born
    live.manifest["status"] = {"loadBalancer": {"ingress": [{"ip": ip}]}}
    return live


def shop() -> tuple[DesiredTarget, ObservedTarget]:
    """Tea as wanted, cake edited by hand, milk not there yet; a menu that a group serves."""
    warehouse = build.group("warehouse", ("192.168.20.11", 8080, 100), ("192.168.20.12", 8080, 50))
    menu = build.ingress(groups=[warehouse.identity])
    tea, cake, milk = (explained(build.service(name)) for name in ("tea", "cake", "milk"))
    desired = build.wanted(tea, cake, milk, menu, warehouse)
    ids = {warehouse.identity: "sgp-one"}
    health = {"sgp-one": {m.key: MemberHealth(HealthState.NORMAL) for m in warehouse.members}}
    observed = build.found(
        addressed(tea, "203.0.113.7"),
        addressed(cake, "203.0.113.8", edits={"spec.externalTrafficPolicy": "Local"}),
        replace(addressed(menu, "alb-x.cn-hangzhou.alb.aliyuncs.com", ids=ids)),
        build.live_group(warehouse),
        health=health,
    )
    return desired, observed


def hostile() -> tuple[DesiredTarget, ObservedTarget]:
    """Names and values as somebody would write them who wants the page to run something."""
    item = build.service(HOSTILE, annotations={HOSTILE: HOSTILE})
    item = replace(item, position=Position(HOSTILE, 1, 1), origins={
        "spec.type": Origin("GR0201", Position(HOSTILE, 1, 1)),
    })  # fmt: skip
    menu = build.ingress(services=[(HOSTILE, 80)])
    menu.manifest["spec"]["rules"][0]["host"] = HOSTILE
    observed = build.found(
        addressed(item, HOSTILE, edits={"spec.externalTrafficPolicy": HOSTILE}, editor=HOSTILE),
        addressed(menu, HOSTILE),
    )
    return build.wanted(item, menu), observed


PROBLEM = Problem(
    "GX0101",
    Severity.ERROR,
    "Port 99999 is out of range.",
    "No load balancer has such a port.",
    "Write one between 1 and 65535.",
    Position("shop/oats.yaml", 9, 12),
    Identity("Exposure", "shop", "oats"),
)
