"""Two independent ways of comparing agree: the fast one, and deepdiff over whole manifests.

The slow way is written out here from design §4 ("Compared") and shares no code with the fast one:
it strips from a live manifest whatever is not ours to see, fills in what the server fills in, and
lets deepdiff lay the rest beside what is wanted.
"""

from __future__ import annotations

import copy
import json
import random
from datetime import date
from typing import Any

from deepdiff import DeepDiff
from hypothesis import given, settings
from hypothesis import strategies as st

from gitopsd.diff import compare_target
from gitopsd.model.desired import DesiredObject
from gitopsd.model.digest import digest
from gitopsd.model.observed import ObservedObject
from tests.unit.build import OWNER, found, ingress, service, wanted

TODAY = date(2026, 11, 22)
CLOSED = (
    "alb.ingress.kubernetes.io/",
    "service.beta.kubernetes.io/",
    "nginx.ingress.kubernetes.io/",
)
SCHEDULER = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-scheduler"
ORDER = "alb.ingress.kubernetes.io/order"
ACTIONS = "alb.ingress.kubernetes.io/actions."
SPELLINGS: tuple[dict[str, Any], ...] = (
    {"sort_keys": True},
    {"indent": 1},
    {"sort_keys": True, "separators": (" , ", " : ")},
)

PORT_EDITS = (("name", "b"), ("name", None), ("targetPort", 82), ("targetPort", None),
              ("nodePort", 30007), ("appProtocol", "h2c"), ("protocol", "UDP"))  # fmt: skip
EDITS: tuple[tuple[tuple[str, ...], Any], ...] = (
    (("metadata", "annotations", SCHEDULER), "wlc"),
    (("metadata", "annotations", SCHEDULER), None),
    (("metadata", "annotations", "nginx.ingress.kubernetes.io/x"), "y"),
    (("metadata", "annotations", "example.com/note"), "hello"),
    (("metadata", "annotations", "alb.ingress.kubernetes.io/actions.forward"), "[]"),
    (("metadata", "labels", "team"), "shop"),
    (("metadata", "labels", "gitopsd.io/exposure"), "other"),
    (("metadata", "labels", "gitopsd.io/digest"), None),
    (("metadata", "finalizers"), ["x"]),
    (("spec", "externalTrafficPolicy"), "Local"),
    (("spec", "clusterIP"), "10.0.0.1"),
    (("spec", "sessionAffinity"), "ClientIP"),
    (("spec", "sessionAffinity"), "None"),
    (("spec", "externalIPs"), []),
    (("spec", "externalIPs"), ["192.0.2.7"]),
    (("spec", "loadBalancerIP"), ""),
    (("spec", "loadBalancerSourceRanges"), ["10.0.0.0/8"]),
    (("spec", "selector"), {"app": "tea", "track": "canary"}),
    (("spec", "ingressClassName"), "other"),
    (("spec", "rules"), [{"host": "other.example.com"}]),
    (("status",), {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}),
)


def some_ports(dice: random.Random) -> list[dict[str, Any]]:
    numbers = dice.sample(
        [(n, p) for n in (80, 81, 82) for p in ("TCP", "UDP")], dice.randint(1, 3)
    )
    result = []
    for number, protocol in numbers:
        port: dict[str, Any] = {"port": number, "protocol": protocol}
        if dice.random() < 0.5:
            port["name"] = dice.choice("ab")
        if dice.random() < 0.5:
            port["targetPort"] = dice.choice([80, 81, "web"])
        result.append(port)
    return result


def some_object(dice: random.Random) -> DesiredObject:
    if dice.random() < 0.3:
        return ingress(weight=dice.randint(0, 3))
    notes = {key: dice.choice(["wrr", "1"]) for key in (SCHEDULER, ORDER) if dice.random() < 0.4}
    more: dict[str, Any] = {"externalTrafficPolicy": dice.choice(["Local", "Cluster"])}
    if dice.random() < 0.2:
        more["sessionAffinity"] = "ClientIP"
    if dice.random() < 0.2:
        more["externalIPs"] = ["192.0.2.1"]
    return service(ports=some_ports(dice), annotations=notes, **more)


def some_edits(dice: random.Random) -> list[Any]:
    every: list[Any] = [
        *EDITS,
        *((("port", dice.randint(0, 2)), edit) for edit in PORT_EDITS),
        (("port", "more"), {"port": 90, "protocol": "TCP"}),
        (("port", "less"), None),
        (("spelling",), dice.choice(SPELLINGS)),
        (("spelling",), dice.choice(SPELLINGS)),
    ]
    return dice.sample(every, dice.choice([0, 1, 1, 2, 4]))


def stamped(manifest: dict[str, Any]) -> dict[str, Any]:
    result = copy.deepcopy(manifest)
    result["metadata"]["labels"]["gitopsd.io/digest"] = digest(manifest)
    return result


def served(manifest: dict[str, Any], changes: list[Any]) -> dict[str, Any]:
    """What the API server serves after our apply, and then after some edits."""
    live = stamped(manifest)
    live["metadata"] |= {"uid": "u", "resourceVersion": "7", "creationTimestamp": "x"}
    if live["kind"] == "Service":
        live["spec"] = {"clusterIP": "10.0.0.9", "sessionAffinity": "None"} | live["spec"]
        fill_in(live)
    for where, value in changes:
        if where[0] == "port":
            if live["kind"] == "Service":
                edit_port(live["spec"]["ports"], where[1], value)
            continue
        if where[0] == "spelling":
            respell(live, value)
            continue
        node = live
        for key in where[:-1]:
            node = node.setdefault(key, {})
        if value is None:
            node.pop(where[-1], None)
        else:
            node[where[-1]] = copy.deepcopy(value)
    if live["kind"] == "Service":
        fill_in(live)
    return live


def respell(live: dict[str, Any], how: dict[str, Any]) -> None:
    notes = live["metadata"].get("annotations", {})
    for key in notes:
        if key.startswith(ACTIONS):
            notes[key] = json.dumps(json.loads(notes[key]), **how)


def fill_in(live: dict[str, Any]) -> None:
    for port in live["spec"]["ports"]:
        port.setdefault("targetPort", port["port"])


def edit_port(live: list[dict[str, Any]], which: Any, value: Any) -> None:
    if which == "more":
        live.append(dict(value))
    elif which == "less":
        del live[1:]  # a Service has one at least
    elif which < len(live):
        member, text = value
        live[which].pop(member, None) if text is None else live[which].update({member: text})


def to_see(manifest: dict[str, Any], ours: dict[str, Any]) -> dict[str, Any]:
    """A whole manifest without what is not ours to see, with defaults filled in: the slow way."""
    result = copy.deepcopy(manifest)
    result.pop("status", None)
    declared = ours["metadata"]
    metadata = result["metadata"]
    result["metadata"] = {
        "labels": {k: v for k, v in metadata["labels"].items() if k in declared["labels"]},
        "annotations": {
            k: json.loads(v) if k.startswith(ACTIONS) else v
            for k, v in metadata.get("annotations", {}).items()
            if k in declared.get("annotations", {}) or k.startswith(CLOSED)
        },
    }
    spec = result["spec"]
    if manifest["kind"] == "Service":
        by_number: dict[str, Any] = {}
        for port in spec.pop("ports", []):
            key = f"{port['port']}-{port.get('protocol', 'TCP')}"
            by_number[key] = {"targetPort": port["port"], "protocol": "TCP"} | port
            by_number[key].pop("nodePort", None)
        closed = {"sessionAffinity": "None", "externalIPs": [], "loadBalancerIP": "",
                  "loadBalancerSourceRanges": []}  # fmt: skip
        kept = {k: v for k, v in spec.items() if k in ours["spec"] or k in closed}
        result["spec"] = closed | kept | {"ports": by_number}
    else:
        result["spec"] = {k: v for k, v in spec.items() if k in ours["spec"]}
    return result


def differing(pairs: dict[int, tuple[DesiredObject, dict[str, Any]]]) -> set[int]:
    """The slow way: deepdiff over everything, of all pairs at once to spare its beginnings."""
    ours = {number: stamped(item.manifest) for number, (item, _) in pairs.items()}
    wanted_side = {number: to_see(mine, mine) for number, mine in ours.items()}
    found_side = {number: to_see(live, ours[number]) for number, (_, live) in pairs.items()}
    return set(DeepDiff(wanted_side, found_side, threshold_to_diff_deeper=0).affected_root_keys)


def compared(item: DesiredObject, live: dict[str, Any]) -> bool:
    """The fast way: whether a pass sees any difference."""
    seen = ObservedObject(item.identity, "u", "7", live, b"[]")
    comparison = compare_target(wanted(item), found(seen), OWNER, today=TODAY)
    return bool(comparison.objects[0].differences)


def same_numbers(live: dict[str, Any]) -> bool:
    keys = [(p["port"], p.get("protocol", "TCP")) for p in live["spec"].get("ports", [])]
    return len(keys) != len(set(keys))


@settings(max_examples=110, deadline=None)
@given(st.integers(0, 2**32))
def test_the_fast_way_and_deepdiff_over_everything_agree(seed: int) -> None:
    """Twenty pairs an example: drawing each part by itself would cost more than comparing."""
    dice = random.Random(seed)
    pairs: dict[int, tuple[DesiredObject, dict[str, Any]]] = {}
    for number in range(20):
        item = some_object(dice)
        live = served(item.manifest, some_edits(dice))
        if not same_numbers(live):  # no API server serves two ports of one number
            pairs[number] = (item, live)
    assert {number for number, pair in pairs.items() if compared(*pair)} == differing(pairs)
