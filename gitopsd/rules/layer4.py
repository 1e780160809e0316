"""Checks of a CLB or NLB Exposure by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gitopsd.profiles.names import CONTAINER_PORT, LABEL_KEY, LABEL_VALUE, PORT_NAME
from gitopsd.rules.table import ERROR, Finding, Findings, Rule, known, listed
from gitopsd.rules.views import ExposureView
from gitopsd.spec.document import Path
from gitopsd.spec.wording import quoted

_PORTS = ("spec", "ports")


def _a(view: ExposureView) -> str:
    return f"an {view.kind}" if view.kind == "NLB" else f"a {view.kind}"


def no_scheme(view: ExposureView) -> Findings:
    """Nobody said whether the Internet may come in."""
    if view.spec.load_balancer.scheme is None:
        yield Finding(
            f"{_a(view)} needs its scheme: Internet or Intranet", ("spec", "loadBalancer")
        )


def no_pods(view: ExposureView) -> Findings:
    """Nothing to send requests to."""
    if view.spec.pods is None:
        yield Finding(f"{_a(view)} Exposure needs pods", ("spec",))


def no_ports(view: ExposureView) -> Findings:
    """Nothing to listen on."""
    if not view.spec.ports:
        yield Finding(f"{_a(view)} Exposure needs ports", _PORTS)


def layer7_fields(view: ExposureView) -> Findings:
    """Fields that only an ALB has."""
    if view.spec.routes is not None:
        yield Finding(f"{_a(view)} has no routes", ("spec", "routes"))
    if view.spec.load_balancer.ingress_class is not None:
        yield Finding(f"{_a(view)} has no ingressClass", ("spec", "loadBalancer", "ingressClass"))


def port_unnamed(view: ExposureView) -> Findings:
    """Several ports, and one without a name."""
    ports = view.spec.ports or []
    if len(ports) > 1:
        for index, port in enumerate(ports):
            if port.name is None:
                yield Finding(
                    f"port {port.port} has no name, and there are {len(ports)}", (*_PORTS, index)
                )


def port_repeated(view: ExposureView) -> Findings:
    """Two ports of one name, or of one number and protocol."""
    names: set[str] = set()
    numbers: set[tuple[int, str]] = set()
    for index, port in enumerate(view.spec.ports or []):
        if port.name is not None and port.name in names:
            yield Finding(f"two ports are called {port.name}", (*_PORTS, index, "name"))
        if (port.port, port.protocol) in numbers:
            yield Finding(f"{port.port}/{port.protocol} stands twice", (*_PORTS, index, "port"))
        names.add(port.name or "")
        numbers.add((port.port, port.protocol))


def port_names(view: ExposureView) -> Findings:
    """Names that the API server refuses."""
    for index, port in enumerate(view.spec.ports or []):
        if port.name is not None and not PORT_NAME.fullmatch(port.name):
            yield Finding(f"{quoted(port.name)} cannot name a port", (*_PORTS, index, "name"))
        yield from target_port_form(port.target_port, (*_PORTS, index, "targetPort"))


def target_port_form(target_port: int | str | None, path: Path) -> Findings:
    """A targetPort given by a name that no container port can have."""
    if isinstance(target_port, str) and (
        len(target_port) > 15 or not CONTAINER_PORT.fullmatch(target_port)
    ):
        mend = ""
        if target_port.isdigit():
            mend = f"Write {target_port} without quotes: a number in quotes is a name."
        yield Finding(
            f"{quoted(target_port)} cannot be the name of a container port", path, mend=mend
        )


def selector(view: ExposureView) -> Findings:
    """A selector that the API server refuses."""
    if view.spec.pods is not None:
        yield from selector_form(view.spec.pods.selector, ("spec", "pods", "selector"))


def selector_form(labels: Mapping[str, str], path: Path) -> Findings:
    """Keys and values that no label could have."""
    for key, value in labels.items():
        if not LABEL_KEY.fullmatch(key):
            yield Finding(f"{quoted(key)} is not a label", (*path, key))
        elif not LABEL_VALUE.fullmatch(value):
            yield Finding(f"{quoted(value)} is not a label's value", (*path, key))


def layer4_fields(view: ExposureView) -> Findings:
    """Fields that an ALB does not have."""
    spec = view.spec
    given: dict[str, Callable[[], bool]] = {
        "pods": lambda: spec.pods is not None,
        "ports": lambda: spec.ports is not None,
        "preserveClientIP": lambda: spec.preserve_client_ip,
        "sessionPersistence": lambda: bool(spec.session_persistence),
        "trafficPolicy": lambda: spec.traffic_policy != "Auto",
    }
    for name, is_given in given.items():
        if known(is_given):
            yield Finding(f"an {view.kind} Exposure has no {name}", ("spec", name))


_SELECTOR = (
    "The API server refuses a Service whose selector is not made of legal labels.",
    "Copy the labels from the pods.",
)

RULES: tuple[Rule[ExposureView], ...] = (
    Rule(
        "GX0301", ERROR, "scheme not said", no_scheme,
        "Whether the Internet can reach it must be somebody's decision, and a CLB cannot change it"
        " later (facts §1.6).",
        "Write scheme: Internet or scheme: Intranet under loadBalancer.",
    ),
    Rule(
        "GX0302", ERROR, "no pods", no_pods,
        "The Service needs to know which pods it is for.",
        "Add pods with a selector.",
    ),
    Rule(
        "GX0303", ERROR, "no ports", no_ports,
        "A load balancer without ports listens to nothing, and the API server refuses the Service.",
        "Add ports.",
    ),
    Rule(
        "GX0304", ERROR, "field of an ALB", layer7_fields,
        f"{listed(('CLB', 'NLB'))} work on connections and know no hosts or paths.",
        "Remove it, or use loadBalancer.type: ALB.",
    ),
    Rule(
        "GX0305", ERROR, "port without name", port_unnamed,
        "With several ports the API server refuses one without a name.",
        "Give each port a name.",
    ),
    Rule(
        "GX0306", ERROR, "port twice", port_repeated,
        "The API server refuses the Service: ports are told apart by name, and by number and"
        " protocol.",
        "Remove or change one of the two.",
    ),
    Rule(
        "GX0307", ERROR, "illegal port name", port_names,
        "The API server refuses it.",
        "Use lower-case letters, digits and single hyphens; the name of a container port has at"
        " most 15 characters, one of them a letter.",
    ),
    Rule("GX0308", ERROR, "illegal selector", selector, *_SELECTOR),
)  # fmt: skip

#: The one row here that looks at ALB Exposures.
ALB_RULES: tuple[Rule[ExposureView], ...] = (
    Rule(
        "GX0309", ERROR, "field of a layer-4 load balancer", layer4_fields,
        "An ALB sends requests by routes; each backend names its own pods or Service. It passes the"
        " client's address in a header, whatever the policy.",
        "Remove it, and describe the traffic under routes.",
    ),
)  # fmt: skip
