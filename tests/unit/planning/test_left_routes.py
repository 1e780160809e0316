"""What somebody did to one route of an Ingress stays with it, whatever Git does to others."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitopsd.diff.fields import remember
from gitopsd.diff.routes import BACKEND, RULES, named, routes_of
from gitopsd.engine.planning import plan_target
from gitopsd.model.desired import DesiredObject, DriftPolicy, ModeSpan
from gitopsd.model.observed import ObservedTarget, Record
from gitopsd.model.ownership import DIGEST
from gitopsd.model.paths import join, split
from gitopsd.model.plan import Plan, Step
from gitopsd.planning import PlanOptions
from tests.unit.build import OWNER, found, ingress, live, wanted

ACTIONS = "alb.ingress.kubernetes.io/actions."
SHARES = {"ServerGroups": [{"ServerGroupID": "sgp-a", "Weight": 9}]}
ACTION = json.dumps([{"type": "ForwardGroup", "ForwardConfig": SHARES}])
DEMO = ("demo.example.com", "/", "Prefix", "forward")
REPORT = DriftPolicy("Report")

#: Host, path, path type, and where it sends: the name of a Service, or of an action without `-svc`.
Row = tuple[str, str, str, str]


def menu(*rows: Row, drift: DriftPolicy = REPORT) -> DesiredObject:
    """An Ingress as it is compiled: a rule for each route, an annotation for each action."""
    item = ingress("menu", services=())
    metadata = {
        **item.manifest["metadata"],
        "annotations": {ACTIONS + to: ACTION for *_, to in rows if not to.endswith("-svc")},
    }
    spec = {**item.manifest["spec"], "rules": [rule(*row) for row in rows]}
    manifest = {**item.manifest, "metadata": metadata, "spec": spec}
    return replace(item, manifest=manifest, drift=drift)


def rule(host: str, path: str, kind: str, to: str) -> dict[str, Any]:
    port = {"number": 80} if to.endswith("-svc") else {"name": "use-annotation"}
    backend = {"service": {"name": to, "port": port}}
    paths = [{"path": path, "pathType": kind, "backend": backend}]
    return {"host": host, "http": {"paths": paths}} if host else {"http": {"paths": paths}}


def after_hands(
    before: DesiredObject, rules: list[Any] | None, *, memory: bool = True, **actions: str | None
) -> ObservedTarget:
    """The object with rules and actions as somebody left them, and a record of the last apply."""
    edits = {f"metadata.annotations@{ACTIONS}{name}": value for name, value in actions.items()}
    seen = live(before, edits={"spec.rules": rules, **edits})
    entries = {before.identity: seen.labels[DIGEST]}
    fields = {before.identity: remember(before.manifest)} if memory else {}
    return found(seen, record=Record(entries=entries, fields=fields))


def held_at(path: str) -> DriftPolicy:
    return DriftPolicy("Correct", (ModeSpan(f"Ingress/{path}", "Ignore", source="hold"),))


def planned(item: DesiredObject, observed: ObservedTarget, **options: Any) -> Plan:
    return plan_target(wanted(item), observed, OWNER, PlanOptions(date(2026, 11, 22), **options))


def told(plan: Plan) -> set[str]:
    return {change.path for step in plan.steps for change in step.changes}


@dataclass(frozen=True)
class Served:
    """What the API server has after a pass: rules are one field, and so are all annotations."""

    backends: dict[tuple[str, str], str]
    order: list[tuple[str, str]]
    actions: set[str]


def served(plan: Plan, observed: ObservedTarget) -> Served:
    (seen,) = observed.objects.values()
    manifest: Any = seen.manifest
    for step in plan.steps:
        assert step.hold is None
        manifest = sent(step)
    rules = manifest["spec"].get("rules", seen.manifest["spec"].get("rules"))
    routes = routes_of(rules)
    annotations = manifest["metadata"].get("annotations", {})
    actions = {key.removeprefix(ACTIONS) for key in annotations}
    return Served({key: route.backend for key, route in routes.items()}, list(routes), actions)


def sent(step: Step) -> Any:
    return step.payload["manifest"]


def moved(rules: list[Any], index: int, to: str) -> list[Any]:
    """The rules after one whole route was sent elsewhere."""
    result = copy.deepcopy(rules)
    result[index] = rule(*_row(rules[index])[:3], to)
    return result


def _row(found_rule: Any) -> Row:
    (path,) = found_rule["http"]["paths"]
    return found_rule.get("host", ""), path["path"], path["pathType"], ""


HOSTS = st.sampled_from(["demo.example.com", "alpha.example.com", "*.example.com", ""])
PATHS = st.sampled_from(["/", "/tea", "/tea[1]", "/a,b"])
TYPES = st.sampled_from(["Prefix", "Exact", "ImplementationSpecific"])
PLACES = st.lists(st.tuples(HOSTS, PATHS, TYPES), min_size=1, max_size=5, unique=True)


@st.composite
def commits(draw: st.DrawFn) -> tuple[list[Row], int, str, list[Row]]:
    """Routes, which of them somebody sent where, and the routes after a commit."""
    pool = [
        (*place, draw(st.sampled_from([f"r{number}", "tea-svc", "bar-svc"])))
        for number, place in enumerate(draw(PLACES))
    ]
    before = draw(st.permutations(pool))[: draw(st.integers(1, len(pool)))]
    after = draw(st.permutations(pool))[: draw(st.integers(1, len(pool)))]
    others = [to for *_, to in before if not to.endswith("-svc")]
    to = draw(st.sampled_from(["coffee-svc", *others]))
    return before, draw(st.integers(0, len(before) - 1)), to, after


def backend_of(to: str) -> str:
    return f"{to}:80" if to.endswith("-svc") else f"{to}:use-annotation"


@given(commits(), st.sampled_from(["Report", "hold", "hold without a memory"]))
def test_a_route_that_is_left_keeps_what_it_was_found_with_and_no_other_route_gets_it(
    commit: tuple[list[Row], int, str, list[Row]], how: str
) -> None:
    rows, at, to, after = commit
    mine = rows[at][-1]
    key = next(iter(routes_of([rule(*rows[at])])))
    span = ModeSpan(f"Ingress/{join(('spec', 'rules', *key, 'backend'))}", "Ignore", source="hold")
    drift = REPORT if how == "Report" else DriftPolicy("Correct", (span,))
    rules = moved([rule(*row) for row in rows], at, to)
    observed = after_hands(menu(*rows), rules, memory=how != "hold without a memory")
    result = served(planned(menu(*after, drift=drift), observed), observed)
    assert result.order == list(routes_of([rule(*row) for row in after]))
    for *place, wants in after:
        other = next(iter(routes_of([rule(*place, wants)])))
        left = other == key and mine != to
        gone = to not in {row[-1] for row in after} and not to.endswith("-svc")
        assert result.backends[other] == backend_of(to if left and not gone else wants)
    for backend in result.backends.values():
        name, _, port = backend.partition(":")
        assert port == "80" or name in result.actions  # nobody is sent to an action that is gone


@given(PLACES)
def test_a_route_is_found_by_the_very_path_that_is_printed_and_by_its_number(
    places: list[tuple[str, str, str]],
) -> None:
    rules = [rule(*place, "tea-svc") for place in places]
    for number, key in enumerate(routes_of(rules)):
        backend = join((*RULES, *key, BACKEND))
        assert split(backend) == (*RULES, *key, BACKEND)
        for path in (join((*RULES, key[0])), join((*RULES, *key)), backend):
            assert named(path, rules) == path
        assert named(f"spec.rules[{number}].http.paths[0].backend.service", rules) == backend


ELSEWHERE = moved([rule(*DEMO)], 0, "coffee-svc")


@pytest.mark.parametrize(
    "path",
    [
        "spec.rules[demo.example.com/].Prefix.backend",
        "spec.rules[demo.example.com/].Prefix.backend.service.port.number",
        "spec.rules[demo.example.com/].backend",
        "spec.rules[demo.example.com/]",
        "spec.rules[0].http.paths[0].backend.service.name",
        "spec.rules[0].http.paths[0].backend.service.port.name",
        "spec.rules[0].http.paths[0].backend",
        "spec.rules[0]",
        "spec.rules",
    ],
)
def test_a_backend_is_left_as_one_however_its_path_is_written(path: str) -> None:
    drift = DriftPolicy("Correct", (ModeSpan(f"Ingress/{path}", "Ignore"),))
    item = menu(DEMO, drift=drift)
    observed = after_hands(item, ELSEWHERE)
    assert planned(item, observed).empty
    assert served(planned(menu(DEMO), observed, correct=True), observed).backends == {
        ("demo.example.com/", "Prefix"): "forward:use-annotation"
    }


def test_a_number_in_a_spec_counts_the_routes_of_that_spec() -> None:
    alpha = ("alpha.example.com", "/", "Prefix", "tea-svc")
    path = "Ingress/spec.rules[1].http.paths[0].backend"
    item = menu(alpha, DEMO, drift=DriftPolicy("Correct", (ModeSpan(path, "Ignore"),)))
    observed = after_hands(menu(DEMO), ELSEWHERE)
    result = served(planned(item, observed), observed)
    assert list(result.backends.values()) == ["tea-svc:80", "coffee-svc:80"]


def test_a_route_that_somebody_added_or_took_off_is_left_beside_what_a_commit_does() -> None:
    tea, hand = ("", "/tea", "Prefix", "tea-svc"), rule("", "/hand", "Exact", "hand-svc")
    before = menu(DEMO, tea)
    observed = after_hands(before, [rule(*tea), hand])
    new = ("new.example.com", "/", "Prefix", "bar-svc")
    result = served(planned(menu(new, DEMO, tea), observed), observed)
    assert result.order == [("new.example.com/", "Prefix"), ("/tea", "Prefix"), ("/hand", "Exact")]


def test_an_order_made_by_hand_is_told_and_put_right_or_left() -> None:
    tea = ("demo.example.com", "/tea", "Prefix", "tea-svc")
    rows = (tea, DEMO)
    observed = after_hands(menu(*rows), [rule(*DEMO), rule(*tea)])
    assert planned(menu(*rows), observed).empty
    plan = planned(menu(*rows, drift=DriftPolicy("Correct")), observed)
    assert told(plan) == {"spec.rules.order"}
    assert served(plan, observed).order[0] == ("demo.example.com/tea", "Prefix")


def test_an_order_made_by_hand_stays_beside_what_a_commit_adds_and_goes_where_git_orders() -> None:
    tea = ("demo.example.com", "/tea", "Prefix", "tea-svc")
    new = ("new.example.com", "/", "Prefix", "bar-svc")
    observed = after_hands(menu(tea, DEMO), [rule(*DEMO), rule(*tea)])
    keys = {row: next(iter(routes_of([rule(*row)]))) for row in (tea, DEMO, new)}
    result = served(planned(menu(tea, new, DEMO), observed), observed)
    assert result.order == [keys[DEMO], keys[tea], keys[new]]
    before = after_hands(menu(new, tea, DEMO), [rule(*tea), rule(*new), rule(*DEMO)])
    result = served(planned(menu(DEMO, new, tea), before), before)
    assert result.order == [keys[DEMO], keys[new], keys[tea]]


TEA = ("demo.example.com", "/tea", "Prefix", "tea-svc")
NEW = ("new.example.com", "/", "Prefix", "bar-svc")
EXACT = (*DEMO[:2], "Exact", "tea-svc")


@pytest.mark.parametrize("drift", [REPORT, held_at("spec.rules")], ids=["report", "hold"])
@pytest.mark.parametrize(
    ("before", "after", "comes"),
    [
        ((DEMO, TEA), (DEMO, TEA, NEW), {NEW}),
        ((DEMO, TEA), (DEMO, NEW), {NEW}),
        ((DEMO, TEA), (DEMO, TEA, EXACT), {EXACT}),
        ((DEMO, EXACT, TEA), (DEMO, TEA, NEW), {NEW}),
        ((DEMO, TEA), (DEMO, TEA), set()),
    ],
    ids=["comes", "goes", "of-another-type", "one-type-goes", "nothing"],
)
@pytest.mark.parametrize("whole", [True, False], ids=["all", "a-host"])
def test_rules_that_somebody_took_off_stay_off_beside_what_a_commit_does(
    drift: DriftPolicy, before: Any, after: Any, comes: Any, whole: bool
) -> None:
    keys = {row: next(iter(routes_of([rule(*row)]))) for row in (*before, *after)}
    stays = ("stays.example.com", "/", "Prefix", "tea-svc")
    left = [] if whole else [rule(*stays)]
    more = () if whole else (stays,)
    observed = after_hands(menu(*before, *more), left or None)
    plan = planned(menu(*after, *more, drift=drift), observed)
    assert set(served(plan, observed).backends) - set(routes_of(left)) == {keys[r] for r in comes}


def test_rules_grouped_by_their_host_say_the_same() -> None:
    tea = ("demo.example.com", "/tea", "Prefix", "tea-svc")
    one = rule(*tea)
    one["http"]["paths"] += rule(*DEMO)["http"]["paths"]
    item = menu(tea, DEMO, drift=DriftPolicy("Correct"))
    assert planned(item, after_hands(item, [one])).empty


def test_a_route_of_another_type_is_not_taken_off_where_the_former_one_is_left_away() -> None:
    policy = ignored = DriftPolicy(
        "Correct", (ModeSpan("Ingress/spec.rules[demo.example.com/].Prefix", "Ignore"),)
    )
    item = menu(DEMO, drift=ignored)
    exact = rule(*DEMO[:2], "Exact", "forward")
    observed = after_hands(item, [exact])
    assert planned(item, observed).empty
    more = menu(DEMO, ("x.example.com", "/", "Prefix", "tea-svc"), drift=policy)
    plan = planned(more, observed)
    assert served(plan, observed).order == [
        ("demo.example.com/", "Exact"), ("x.example.com/", "Prefix"),
    ]  # fmt: skip
    assert "spec.rules[demo.example.com/].Exact stays as found" in plan.steps[0].why


def test_an_ingress_is_never_left_without_a_route() -> None:
    policy = DriftPolicy("Correct", (ModeSpan("Ingress/spec.rules[demo.example.com/]", "Ignore"),))
    item = menu(DEMO, drift=policy)
    observed = after_hands(item, [rule("other.example.com", "/", "Prefix", "tea-svc")])
    assert planned(item, observed).empty


def test_a_route_is_not_led_back_to_an_action_whose_absence_is_left() -> None:
    tea = ("", "/tea", "Prefix", "tea-svc")
    observed = after_hands(menu(DEMO, tea), [*ELSEWHERE, rule(*tea)], forward=None)
    held = held_at(f"metadata.annotations[{ACTIONS}forward]")
    assert planned(menu(DEMO, tea, drift=held), observed).empty
    one = menu(DEMO, tea, ("x.example.com", "/", "Prefix", "tea-svc"), drift=held)
    plan = planned(one, observed)
    assert list(served(plan, observed).backends.values()) == ["coffee-svc:80", *["tea-svc:80"] * 2]
    assert "stays as found: the action that it would lead to is left away" in plan.steps[0].why
    another = menu(DEMO, tea, ("x.example.com", "/", "Prefix", "forward"), drift=held)
    result = served(planned(another, observed), observed)
    assert list(result.backends.values()) == ["coffee-svc:80", "tea-svc:80"]
    released = served(planned(menu(DEMO, tea, drift=DriftPolicy()), observed), observed)
    assert list(released.backends.values()) == ["forward:use-annotation", "tea-svc:80"]
    assert released.actions == {"forward"}


@pytest.mark.parametrize("more", [(), (("x.example.com", "/", "Prefix", "tea-svc"),)])
def test_an_action_that_somebody_added_is_left_with_the_backend_that_leads_to_it(
    more: tuple[Row, ...],
) -> None:
    hands = {"emergency": ACTION, "other": ACTION}
    observed = after_hands(menu(DEMO), [rule(*DEMO[:3], "emergency")], **hands)
    held = held_at("spec.rules[demo.example.com/].Prefix.backend")
    plan = planned(menu(DEMO, *more, drift=held), observed)
    key = ("demo.example.com/", "Prefix")
    assert served(plan, observed).backends[key] == "emergency:use-annotation"
    assert taken_off(plan) == {"other"}
    assert "actions.emergency] stays as found: what is left of" in plan.steps[0].why
    released = planned(menu(DEMO, *more, drift=DriftPolicy()), observed)
    assert served(released, observed).backends[key] == "forward:use-annotation"
    assert taken_off(released) == {"emergency", "other"}
    if more:
        assert taken_off(planned(menu(*more, drift=held), observed)) == {"emergency", "other"}


def taken_off(plan: Plan) -> set[str]:
    """The actions that others own and that are removed by their path."""
    (step,) = plan.steps
    return {path[-1].removeprefix(ACTIONS) for path in step.payload["remove"]}
