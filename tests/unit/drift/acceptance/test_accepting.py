"""What accepting makes of single edits, and what it says of those that no spec can hold."""

from __future__ import annotations

import difflib
import json
from dataclasses import replace
from typing import Any

import pytest

from gitopsd.drift.acceptance import Acceptance, accept
from gitopsd.model.observed import ObservedMember
from gitopsd.model.ownership import INSTANCE
from gitopsd.model.reason import Reason
from gitopsd.model.verdict import Cause, Difference, State
from tests.unit.build import member
from tests.unit.drift.acceptance.worlds import World, exposure, server_group

HEAD = "apiVersion: gitopsd.io/v1alpha1\n"
CHECKOUT = f"""{HEAD}kind: Exposure
metadata: {{name: checkout, namespace: shop}}
spec:
  loadBalancer: {{type: CLB, scheme: Internet}}
  pods: {{selector: {{app: checkout}}}}
  ports:
  # the shop
  - {{name: https, port: 443, targetPort: 8443}}  # tls
  - {{name: http, port: 80}}
"""
TEA = f"""{HEAD}kind: Exposure
metadata: {{name: tea, namespace: shop}}
spec:
  loadBalancer: {{type: ALB}}
  routes:
  - name: forward
    host: tea.example.com
    backends:
    - {{pods: {{selector: {{app: tea}}, targetPort: 8080}}, port: 80, weight: 20}}
    - {{serverGroup: warehouse, weight: 80}}  # data centre
    - {{serverGroupId: sgp-others, weight: 5}}
  - name: plain
    host: b.example.com
    backends:
    - service: tea-svc
      port: 80
"""
WAREHOUSE = f"""{HEAD}kind: ServerGroup
metadata: {{name: warehouse, namespace: shop}}
spec:
  product: ALB
  location: OnPremises
  protocol: HTTP
  healthCheck: {{path: /healthz}}
  servers:
  - {{ip: 192.168.20.11, port: 8080}}
  - {{ip: 192.168.20.12, port: 8080, weight: 50}}
"""
BETA = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-"
ACTION = "alb.ingress.kubernetes.io/actions.forward"


def lines(result: Acceptance) -> list[str]:
    """What goes from the file and what comes."""
    before, after = result.before.decode().splitlines(), result.after.decode().splitlines()
    return [line for line in difflib.ndiff(before, after) if line[0] in "+-"]


def why(result: Acceptance) -> dict[str, str]:
    return {refused.difference.path: refused.why for refused in result.refused}


def edited(text: str, kind: str, name: str, change: Any, plugin: str = "Terway") -> World:
    world = World(text, plugin)
    world.edit(kind, name, change)
    return world


def test_a_renumbered_port_stays_the_same_line() -> None:
    world = edited(
        CHECKOUT, "Service", "checkout", lambda m: m["spec"]["ports"][0].update(port=8443)
    )
    assert lines(world.accept(exposure())) == [
        "-   - {name: https, port: 443, targetPort: 8443}  # tls",
        "+   - {name: https, port: 8443, targetPort: 8443}  # tls",
    ]


def test_a_need_is_found_behind_policy_and_annotation() -> None:
    def local(manifest: dict[str, Any]) -> None:
        manifest["spec"]["externalTrafficPolicy"] = "Local"
        manifest["metadata"].setdefault("annotations", {})[f"{BETA}scheduler"] = "wrr"

    result = edited(CHECKOUT, "Service", "checkout", local).accept(exposure())
    assert (lines(result), result.refused) == (["+   preserveClientIP: true"], ())


def test_half_of_a_need_is_refused_with_the_other_half_as_reason() -> None:
    world = edited(
        CHECKOUT, "Service", "checkout", lambda m: m["spec"].update(externalTrafficPolicy="Local")
    )
    result = world.accept(exposure())
    assert result.after == result.before
    assert "then Service/shop/checkout" in why(result)["spec.externalTrafficPolicy"]
    assert f"{BETA}scheduler] would differ" in why(result)["spec.externalTrafficPolicy"]


def test_what_a_spec_cannot_say_stays_and_the_rest_is_accepted() -> None:
    def change(manifest: dict[str, Any]) -> None:
        manifest["metadata"].setdefault("annotations", {})[f"{BETA}bandwidth"] = "5"
        manifest["spec"] |= {"selector": {"app": "other"}, "type": "NodePort"}
        manifest["metadata"]["labels"].pop(INSTANCE)

    result = edited(CHECKOUT, "Service", "checkout", change).accept(exposure())
    assert lines(result) == [
        "-   pods: {selector: {app: checkout}}",
        "+   pods: {selector: {app: other}}",
    ]
    reasons = why(result)
    assert reasons[f"metadata.annotations[{BETA}bandwidth]"] == (
        "no field of an Exposure asks for it"
    )
    assert "GR0201" in reasons["spec.type"]
    assert "things.yaml:5:24" in reasons["spec.type"]
    assert "apply --adopt Service/" in reasons[f"metadata.labels[{INSTANCE}]"]


def test_only_the_selected_path_is_accepted() -> None:
    def change(manifest: dict[str, Any]) -> None:
        manifest["spec"]["selector"] = {"app": "other"}
        manifest["spec"]["ports"].pop()

    world = edited(CHECKOUT, "Service", "checkout", change)
    result = world.accept(exposure(), "spec.ports[80/TCP]")
    assert lines(result) == ["-   - {name: http, port: 80}"]
    after = world.verdict(exposure(), result.after.decode())
    assert after is not None
    assert "spec.selector.app" in {item.path for item in after.differences}


def test_a_service_that_was_deleted_takes_its_document_with_it() -> None:
    world = World(CHECKOUT + "---\n" + WAREHOUSE)
    world.delete("Service", "checkout")
    result = world.accept(exposure())
    assert (result.removed, result.after.decode()) == (True, "---\n" + WAREHOUSE)
    assert world.verdict(exposure(), result.after.decode()) is None


def test_a_document_stays_while_other_things_of_it_are_there() -> None:
    world = World(TEA + "---\n" + WAREHOUSE, "Terway")
    world.delete("Ingress", "tea")
    result = world.accept(exposure("tea"))
    assert (result.after, list(why(result))) == (result.before, [""])
    assert "nothing asks for Service/shop/tea-forward-1" in why(result)[""]


def weights(old: str, new: str) -> Any:
    def change(manifest: dict[str, Any]) -> None:
        text = manifest["metadata"]["annotations"][ACTION]
        assert old in text
        manifest["metadata"]["annotations"][ACTION] = text.replace(old, new)

    return change


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (
            weights('"Weight":80', '"Weight":60'),
            [
                "-     - {serverGroup: warehouse, weight: 80}  # data centre",
                "+     - {serverGroup: warehouse, weight: 60}  # data centre",
            ],
        ),
        (
            weights("}]}}]", '},{"ServiceName":"new","Weight":3,"ServicePort":80}]}}]'),
            ["+     - {service: new, port: 80, weight: 3}"],
        ),
        (
            weights(',{"ServerGroupID":"sgp-others","Weight":5}', ""),
            ["-     - {serverGroupId: sgp-others, weight: 5}"],
        ),
        (
            lambda m: m["spec"]["rules"][1]["http"]["paths"][0].update(path="/x"),
            ["+     path: /x"],
        ),
        (
            lambda m: m["spec"]["rules"].pop(),
            [
                "-   - name: plain",
                "-     host: b.example.com",
                "-     backends:",
                "-     - service: tea-svc",
                "-       port: 80",
            ],
        ),
        (
            lambda m: m["spec"].update(ingressClassName="inner"),
            [
                "-   loadBalancer: {type: ALB}",
                "+   loadBalancer: {type: ALB, ingressClass: inner}",
            ],
        ),
    ],
)
def test_rules_and_shares_become_routes(change: Any, wanted: list[str]) -> None:
    world = edited(TEA + "---\n" + WAREHOUSE, "Ingress", "tea", change)
    result = world.accept(exposure("tea"))
    assert (lines(result), why(result)) == (wanted, {})
    after = world.verdict(exposure("tea"), result.after.decode())
    assert after is not None
    assert after.state is State.IN_SYNC


def test_a_service_that_would_be_left_over_keeps_its_backend() -> None:
    gone = '{"ServiceName":"tea-forward-1","Weight":20,"ServicePort":80},'
    world = edited(TEA + "---\n" + WAREHOUSE, "Ingress", "tea", weights(gone, ""))
    (reason,) = why(world.accept(exposure("tea"))).values()
    assert reason.endswith("and then nothing asks for Service/shop/tea-forward-1")


def respelled(change: Any = None) -> Any:
    """Types the action anew, with its keys in another order and blanks, changed on the way."""

    def edit(manifest: dict[str, Any]) -> None:
        value = json.loads(manifest["metadata"]["annotations"][ACTION])
        if change:
            change(value[0]["ForwardConfig"]["ServerGroups"])
        manifest["metadata"]["annotations"][ACTION] = json.dumps(value, sort_keys=True, indent=1)

    return edit


def test_an_action_that_says_the_same_in_other_words_is_in_sync() -> None:
    world = edited(TEA + "---\n" + WAREHOUSE, "Ingress", "tea", respelled())
    verdict = world.verdict(exposure("tea"), TEA + "---\n" + WAREHOUSE)
    assert verdict is not None
    assert verdict.state is State.IN_SYNC


def test_weights_are_accepted_in_whatever_spelling_they_were_typed() -> None:
    change = respelled(lambda groups: groups[0].update(Weight=60))
    world = edited(TEA + "---\n" + WAREHOUSE, "Ingress", "tea", change)
    result = world.accept(exposure("tea"))
    assert why(result) == {}
    assert [line[0] for line in lines(result)] == ["-", "+"]
    assert "weight: 60" in lines(result)[1]


def test_a_service_made_for_pods_tells_which_backend_is_meant() -> None:
    def change(manifest: dict[str, Any]) -> None:
        manifest["spec"]["selector"] = {"app": "green"}
        manifest["spec"]["ports"][0]["targetPort"] = "web"

    world = edited(TEA + "---\n" + WAREHOUSE, "Service", "tea-forward-1", change)
    assert lines(world.accept(exposure("tea")))[-1] == (
        "+     - {pods: {selector: {app: green}, targetPort: web}, port: 80, weight: 20}"
    )


def test_members_and_attributes_of_a_group() -> None:
    def change(now: list[ObservedMember]) -> list[ObservedMember]:
        return [replace(now[0], weight=0), member("192.168.20.99", 80, 40, "by hand")]

    world = World(WAREHOUSE)
    check = {"HealthCheckInterval": 9, "HealthCheckHttpVersion": "HTTP1.0"}
    world.group("warehouse", change, Scheduler="Wlc", HealthCheckConfig=check)
    result = world.accept(server_group())
    assert result.after.decode().endswith(
        "  healthCheck: {path: /healthz, intervalSeconds: 9}\n"
        "  servers:\n"
        "  - {ip: 192.168.20.11, port: 8080, weight: 0}\n"
        "  - {ip: 192.168.20.99, port: 80, weight: 40}\n"
        "  scheduler: Wlc\n"
    )
    assert list(why(result)) == ["HealthCheckConfig.HealthCheckHttpVersion"]


def test_an_edit_that_would_be_an_error_is_refused_with_the_error() -> None:
    world = World(WAREHOUSE)
    world.group("warehouse", lambda now: [*now, member("10.9.9.9", 80, 1, "")])
    result = world.accept(server_group())
    assert result.after == result.before
    assert "GX0" in why(result)["servers[10.9.9.9:80]"]


def test_a_group_that_an_exposure_names_is_not_taken_out_of_git() -> None:
    world = World(TEA + "---\n" + WAREHOUSE, "Terway")
    world.observed = replace(world.observed, groups=())
    result = world.accept(server_group())
    assert result.after == result.before
    assert "warehouse" in why(result)[""]


def test_a_file_that_does_not_hold_the_document_is_no_answer() -> None:
    world = edited(CHECKOUT, "Service", "checkout", lambda m: m["spec"]["ports"].pop())
    world.text = WAREHOUSE
    with pytest.raises(LookupError, match="checkout"):
        world.accept(exposure())


#: What an edit of a spec may end, as far as its fields go.
OF_SPECS = {
    Reason.FIELD,
    Reason.ADDITION,
    Reason.DELETED,
    Reason.MEMBER_GONE,
    Reason.MEMBER_FOREIGN,
}


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason not in OF_SPECS])
def test_whatever_else_drift_tells_is_refused_and_not_denied(reason: Reason) -> None:
    world = World(TEA + "---\n" + WAREHOUSE, "Terway")
    told = Difference(server_group(), "", None, "theirs", Cause.DRIFT, "Report", reason=reason)
    result = accept(world.scene, server_group(), world.text.encode(), [told])
    assert (result.accepted, result.after) == ((), result.before)
    (refused,) = result.refused
    assert refused.why != "no field of a ServerGroup asks for it"
