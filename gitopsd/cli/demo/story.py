"""The story: eight acts, each shown and checked."""

from __future__ import annotations

import signal
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gitopsd.cli.demo.cloud import CloudHand
from gitopsd.cli.demo.stage import Ran, Stage, furnish, stage
from gitopsd.cli.demo.unattended import operator
from gitopsd.cli.terminal import Terminal
from gitopsd.typography import Meaning, clean

#: Lines of a command's output that are shown; the rest is counted.
_SHOWN = 24
_ACTION = "alb.ingress.kubernetes.io/actions.forward"
_EXPOSURE = "layer7/several-services.yaml"
_LEAVING = "layer7/cross-region-servers.yaml"


@dataclass
class Story:
    """The acts on one stage, and what was found not to hold."""

    stage: Stage
    terminal: Terminal
    failures: list[str] = field(default_factory=list)
    checks: int = 0

    def act(self, number: int, title: str) -> None:
        """Begin an act."""
        palette = self.terminal.palette
        self.terminal.out(f"\n{palette.paint(f'{number}  {title}', Meaning.STRONG)}")

    def tell(self, text: str) -> None:
        """Say what happens beside the commands."""
        self.terminal.out(f"   {text}")

    def run(self, *arguments: str, expect: int = 0, source: bool = True) -> Ran:
        """Run a command, show it and what it says, and check its exit code."""
        palette = self.terminal.palette
        shown = " ".join(["gitopsd", *arguments])
        self.terminal.out(f"   {palette.paint('$ ' + shown, Meaning.CHANGE)}")
        ran = self.stage.gitopsd(*arguments, *(self.stage.source if source else ()))
        lines = ran.output.rstrip().splitlines()
        for line in lines[:_SHOWN]:
            self.terminal.out(f"     {clean(line)}")
        if len(lines) > _SHOWN:
            self.terminal.out(f"     … {len(lines) - _SHOWN} more lines")
        self.check(ran.code == expect, f"`{shown}` ends with {expect}", f"it was {ran.code}")
        return ran

    def check(self, held: bool, what: str, otherwise: str = "") -> None:
        """Say whether something holds; what does not is remembered."""
        self.checks += 1
        palette = self.terminal.palette
        if held:
            self.terminal.out(f"   {palette.paint('✓', Meaning.GOOD)} {what}")
            return
        self.failures.append(what)
        detail = f" ({otherwise})" if otherwise else ""
        self.terminal.out(f"   {palette.paint('✗', Meaning.ERROR)} {what}{detail}")

    def eventually(self, holds: Callable[[], bool], seconds: float = 5.0) -> bool:
        """Whether something comes to hold: what others do in the sandbox takes a moment."""
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True


def tell(terminal: Terminal, *, keep: bool) -> int:
    """Tell the story in a scratch folder; 0 only if everything held."""
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="gitopsd-demo-") as place,
        stage(Path(place)) as set_stage,
    ):
        story = Story(set_stage, terminal)
        for act in _ACTS:
            act(story)
        code = _summary(story, time.monotonic() - began)
        if keep:
            _stay(story)
    return code


def _first_commit(story: Story) -> None:
    story.act(1, "A config repository, a cluster, a cloud")
    commit = furnish(story.stage)
    story.tell(f"The examples are pushed as {commit}; the sandbox serves Kubernetes, ALB and NLB.")
    story.tell("The shop team has its Services tea-svc and coffee-svc running already.")
    story.run("validate")


def _apply(story: Story) -> None:
    story.act(2, "The commit becomes Services, Ingresses and server groups")
    story.run("apply", "--yes", "-q")
    services = story.stage.objects("Service", "shop")
    story.check(
        {"storefront", "audit", "kiosk", "checkout"} <= set(services),
        "the cluster holds a Service for each layer-4 Exposure",
    )
    story.check(
        story.eventually(lambda: _address(story, "storefront") != ""),
        "the controller has given storefront an address",
    )
    groups = CloudHand(story.stage.sandbox).groups()
    annotations = _annotations(story, "tea-on-premises")
    story.check(
        any(f'"{group.id}"' in annotations for group in groups.values()),
        "the Ingress for the data centre names the group that was just made",
    )


def _address(story: Story, name: str) -> str:
    """Where a Service is reached, as its controller says; "" until it has said so."""
    status = story.stage.objects("Service", "shop")[name].get("status", {})
    ingress: list[dict[str, str]] = status.get("loadBalancer", {}).get("ingress") or [{}]
    return ingress[0].get("ip", "") or ingress[0].get("hostname", "")


def _annotations(story: Story, name: str) -> str:
    ingress = story.stage.objects("Ingress", "default").get(name, {})
    text: str = ingress.get("metadata", {}).get("annotations", {}).get(_ACTION, "")
    return text


def _again(story: Story) -> None:
    story.act(3, "A second pass finds nothing to do")
    story.run("plan", "--detailed-exitcode", "-q")


def _new_weight(story: Story) -> None:
    story.act(4, "A commit moves a weight")
    file = story.stage.tree / _EXPOSURE
    text = file.read_text()
    changed = text.replace("weight: 80", "weight: 60").replace("weight: 20", "weight: 40")
    file.write_text(changed)
    commit = story.stage.push("Give coffee more of the traffic")
    story.tell(f"{commit}: tea-svc 80 → 60, coffee-svc 20 → 40 in {_EXPOSURE}")
    story.run("apply", "--yes", "-q")
    story.check(
        '"ServiceName":"tea-svc","Weight":60' in _annotations(story, "tea-ingress"),
        "the new weight has arrived in the Ingress",
    )


def _behind_gits_back(story: Story) -> None:
    story.act(5, "Somebody edits the cluster and the cloud by hand")
    story.stage.edit("Service", "shop", "audit", {"spec": {"externalTrafficPolicy": "Cluster"}})
    story.tell("kubectl edit: Service shop/audit loses its clients' addresses")
    hand = CloudHand(story.stage.sandbox)
    member = hand.set_weight("gitopsd-acme-default-tea-chengdu", 5)
    story.tell(f"in the console: member {member} of group tea-chengdu gets weight 5")
    ran = story.run("drift", "-q", expect=1)
    story.check("kubectl-edit" in ran.output, "the report says who wrote the field")


def _put_right(story: Story) -> None:
    story.act(6, "The fleet's mode is Correct: the next pass puts it right")
    story.run("apply", "--yes", "-q")
    story.run("drift", "-q")
    audit = story.stage.objects("Service", "shop")["audit"]
    story.check(
        audit["spec"]["externalTrafficPolicy"] == "Local", "clients' addresses are kept again"
    )


def _goodbye(story: Story) -> None:
    story.act(7, "An Exposure and its servers leave Git")
    (story.stage.tree / _LEAVING).unlink()
    commit = story.stage.push("Close the region")
    story.tell(f"{commit}: {_LEAVING} is gone")
    story.run("apply", "--yes", "-q")
    story.check(
        "tea-cross-region" not in story.stage.objects("Ingress", "default"),
        "the Ingress is gone",
    )
    hand = CloudHand(story.stage.sandbox)
    gone = {"gitopsd-acme-default-tea-chengdu", "gitopsd-acme-default-coffee-chengdu"}
    story.check(
        story.eventually(lambda: not gone & set(hand.groups())), "so are its two server groups"
    )
    story.run("plan", "--detailed-exitcode", "-q")


def _by_itself(story: Story) -> None:
    story.act(8, "The operator does all of it by itself")
    stage, seconds = story.stage, 30.0
    log = stage.remote.parent / "operator.log"
    with operator(stage, log) as process:
        story.tell("gitopsd serve follows the repository; nobody types a command any more")
        file = stage.tree / _EXPOSURE
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("weight: 60", "weight: 70"), encoding="utf-8")
        commit = stage.push("More for tea again")
        story.check(
            story.eventually(lambda: '"Weight":70' in _annotations(story, "tea-ingress"), seconds),
            f"{commit} has arrived in the cluster",
        )
        stage.edit("Service", "shop", "audit", {"spec": {"externalTrafficPolicy": "Cluster"}})

        def right() -> bool:
            audit = stage.objects("Service", "shop")["audit"]
            return bool(audit["spec"]["externalTrafficPolicy"] == "Local")

        story.check(story.eventually(right, seconds), "an edit by hand was put right")
        process.terminate()
        story.check(process.wait(seconds) == 0, "told to leave, it left in an orderly way")


_ACTS: Sequence[Callable[[Story], None]] = (
    _first_commit,
    _apply,
    _again,
    _new_weight,
    _behind_gits_back,
    _put_right,
    _goodbye,
    _by_itself,
)


def _summary(story: Story, seconds: float) -> int:
    """Say what happened; the exit code."""
    palette, total = story.terminal.palette, story.checks
    if story.failures:
        lines = "\n".join(f"  ✗ {what}" for what in story.failures)
        text = f"demo: {len(story.failures)} of {total} checks did not hold\n{lines}"
        story.terminal.out("\n" + palette.paint(text, Meaning.ERROR))
        return 1
    text = f"demo: all {total} checks held, in {seconds:.0f} s"
    story.terminal.out("\n" + palette.paint(text, Meaning.GOOD))
    return 0


def _stay(story: Story) -> None:
    """Leave the sandbox running until Ctrl-C, and say what can be tried."""
    out = story.terminal.out
    out("\nThe sandbox goes on. In another terminal:\n")
    for name, value in story.stage.environment.items():
        out(f"  export {name}={value}")
    out(f"  export KUBECONFIG={story.stage.sandbox.kubeconfig}\n")
    out("  kubectl get services,ingresses -A")
    out("  kubectl -n shop annotate service checkout service.beta.kubernetes.io/class=mine")
    out(f"  gitopsd drift {story.stage.tree}")
    out(f"  gitopsd apply {story.stage.tree}")
    out(f"  $EDITOR {story.stage.tree / _EXPOSURE} && gitopsd plan {story.stage.tree}\n")
    out("Ctrl-C ends it.")
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()
