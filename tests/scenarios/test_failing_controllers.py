"""What a controller cannot do is told, although the cluster says what Git asks for."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

from gitopsd.engine.judging import assess_target
from gitopsd.model.desired import DesiredTarget
from gitopsd.model.ownership import Owner
from gitopsd.model.verdict import State, Verdict, WaitingFor
from gitopsd.sandbox.embedded import Sandbox
from tests.scenarios.conftest import make_namespace
from tests.scenarios.test_convergence import owned
from tests.scenarios.world import World, connect_world, edit
from tests.unit.build import ingress

#: Far beyond what the sandbox's controllers need.
PATIENCE = 120.0
PORTS = "alb.ingress.kubernetes.io/listen-ports"


def judged(world: World, desired: DesiredTarget) -> Verdict:
    observed = world.observe(desired, health=True)
    assert observed.unheard == ""
    (verdict,) = assess_target(desired, observed, world.owner, datetime.now(UTC)).verdicts
    return verdict


def failing(world: World, desired: DesiredTarget, words: str) -> Verdict:
    """The verdict once a controller has failed for that reason."""
    end = time.monotonic() + PATIENCE
    while True:
        verdict = judged(world, desired)
        told = [item.detail for item in verdict.waiting if item.what is WaitingFor.FAILURE]
        if any(words in detail for detail in told):
            return verdict
        assert time.monotonic() < end, verdict
        time.sleep(0.05)


def test_an_alb_that_stands_still_is_told_though_the_edit_by_hand_was_put_right(
    tmp_path: Path,
) -> None:
    """An ALB of its own: what breaks it breaks every Ingress on it."""
    with Sandbox(tmp_path) as sandbox:
        namespace = make_namespace(sandbox)
        world = connect_world(sandbox, Owner(namespace, "edge"))
        menu = ingress("menu", namespace)
        menu.manifest["spec"]["rules"][0]["host"] = "demo.example.net"  # nobody has a certificate
        desired = owned(world, menu)
        world.apply(desired)
        ports = '[{"HTTP":80},{"HTTPS":443}]'
        edit(sandbox, "Ingress", namespace, "menu", {"metadata": {"annotations": {PORTS: ports}}})
        assert failing(world, desired, "none certificate found").state is State.DRIFTED
        edit(sandbox, "Ingress", namespace, "menu", {"metadata": {"annotations": {PORTS: None}}})
        stuck = failing(world, desired, "empty https listener default certs")
        assert (stuck.state, stuck.green) == (State.IN_SYNC, False)
