"""A spec without its form: each mistake is told once, at its place, with a way out."""

from __future__ import annotations

import pytest

from gitopsd.model.problem import Problem, Severity
from gitopsd.spec.contents import read_contents
from gitopsd.spec.model import FleetSpec
from tests.unit.spec.sources import FLEET, HEAD, exposure, ids, only, place


def told(spec: str) -> list[Problem]:
    return list(read_contents(exposure(spec=spec).encode()).found[0].problems)


def line(text: str) -> Problem:
    """The problem of a right layer-4 Exposure with one more line."""
    return only(told(f"  loadBalancer: {{type: CLB}}\n{text}"))


@pytest.mark.parametrize(
    ("text", "field", "guess"),
    [
        ("  target: [a]\n", "spec.target", "targets"),
        ("  trafficpolicy: Auto\n", "spec.trafficpolicy", "trafficPolicy"),
        ("  traffic_policy: Auto\n", "spec.traffic_policy", "trafficPolicy"),
        ("  preserveClientIp: true\n", "spec.preserveClientIp", "preserveClientIP"),
        ("  ports: [{port: 1, targetport: 2}]\n", "spec.ports[0].targetport", "targetPort"),
        ("  drift: {mod: Report}\n", "spec.drift.mod", "mode"),
        ("  pods: {selector: {a: b}, placment: Edge}\n", "spec.pods.placment", "placement"),
    ],
)
def test_an_unknown_field_names_the_one_that_was_meant(text: str, field: str, guess: str) -> None:
    problem = line(text)
    assert problem.id == "GX0030"
    assert field in problem.what
    assert problem.mend == f"Did you mean {guess}?"


def test_an_unknown_field_stands_where_its_key_stands() -> None:
    problem = line("  drift: {mode: Report, modus: Report}\n")
    assert place(problem) == (6, 25)


def test_a_field_in_the_wrong_place_is_told_where_it_belongs() -> None:
    assert line("  placement: Edge\n").mend == "It belongs to spec.pods."
    assert line("  timeoutSeconds: 5\n").mend == "It belongs to spec.sessionPersistence."


def test_a_field_that_is_like_nothing_names_what_is_known() -> None:
    assert line("  drift: {xyzzy: 1}\n").mend == "Known here: mode, until, reason, ignore, paths."


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("  annotations: {a: b}\n", (6, 3)),
        ("  perTarget: {edge: {}}\n", (6, 3)),
        ("  ports: [{port: 80, serverGroup: x}]\n", (6, 22)),
    ],
)
def test_a_reserved_name_says_that_it_is_not_built_yet(text: str, at: tuple[int, int]) -> None:
    problem = line(text)
    assert (problem.id, place(problem)) == ("GX0031", at)
    assert "reserved, not built yet" in problem.what


def test_reserved_names_of_the_load_balancer_are_told_one_by_one() -> None:
    problems = told("  loadBalancer: {type: NLB, id: lb-1, zones: {}}\n")
    assert ids(problems) == ["GX0031", "GX0031"]


def test_a_missing_field_is_told_where_its_mapping_stands() -> None:
    problem = line("  ports:\n  - {port: 1}\n  - name: x\n")
    assert (problem.id, place(problem)) == ("GX0032", (8, 5))
    assert problem.what == "The field spec.ports[1].port is missing."


@pytest.mark.parametrize(
    ("text", "what", "mend"),
    [
        ('  ports: [{port: "80"}]\n',
         'spec.ports[0].port must be a whole number, and is the text "80".', "Remove the quotes."),
        ("  ports: [{port: web}]\n",
         'spec.ports[0].port must be a whole number, and is the text "web".',
         "Write a whole number."),
        ("  ports: [{port: true}]\n",
         "spec.ports[0].port must be a whole number, and is true.", "Write a whole number."),
        ("  ports: [{port: 80, targetPort: [1]}]\n",
         "spec.ports[0].targetPort must be a whole number or text, and is a list.",
         "Write a whole number or text."),
        ("  pods: {selector: {v: 1.20}}\n",
         "spec.pods.selector.v must be text, and is the number 1.2.", "Put the value in quotes."),
        ("  targets: edge\n", 'spec.targets must be a list, and is the text "edge".',
         "Write a list: [edge]."),
        ("  ports: {port: 80}\n", "spec.ports must be a list, and is a mapping.",
         "Start each entry with a hyphen."),
        ('  preserveClientIP: "true"\n',
         'spec.preserveClientIP must be true or false, and is the text "true".',
         "Write true or false."),
        ("  pods: 5\n", "spec.pods must be a mapping, and is the number 5.", "Write a mapping."),
        ("  sessionPersistence: 0\n",
         "spec.sessionPersistence must be false, or a mapping with timeoutSeconds, and is the"
         " number 0.", "Write false, or a mapping with timeoutSeconds."),
        ("  drift: {ignore: [{path: x, until: soon}]}\n",
         'spec.drift.ignore[0].until must be a day as YYYY-MM-DD, and is the text "soon".',
         "Write a day as YYYY-MM-DD."),
    ],
)  # fmt: skip
def test_a_wrong_type_says_what_is_expected_and_what_is_there(
    text: str, what: str, mend: str
) -> None:
    problem = line(text)
    assert (problem.id, problem.what, problem.mend) == ("GX0033", what, mend)


def test_a_word_that_is_not_allowed_names_those_that_are() -> None:
    problem = only(told("  loadBalancer: {type: ELB}\n"))
    assert problem.id == "GX0034"
    assert problem.what == 'spec.loadBalancer.type must be CLB, NLB or ALB, and is the text "ELB".'


def test_a_word_in_the_wrong_case_names_the_right_one() -> None:
    problem = only(told("  loadBalancer: {type: CLB, scheme: internet}\n"))
    assert (problem.id, problem.mend) == ("GX0034", "Did you mean Internet?")
    assert place(problem) == (5, 37)


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("  ports: [{port: 0}]\n", "from 1 to 65535"),
        ("  ports: [{port: 80, targetPort: 65536}]\n", "from 1 to 65535"),
        ("  sessionPersistence: {timeoutSeconds: 4000}\n", "from 1 to 3600"),
        ("  routes: [{name: a, backends: [{service: b, weight: 101}]}]\n", "from 0 to 100"),
    ],
)
def test_a_number_out_of_range_names_the_range(text: str, allowed: str) -> None:
    problem = line(text)
    assert problem.id == "GX0035"
    assert problem.mend == f"Write a number {allowed}."


def test_a_list_that_needs_an_entry_must_have_one() -> None:
    assert line("  routes: [{name: a, backends: []}]\n").id == "GX0036"
    assert line("  pods: {selector: {}}\n").id == "GX0036"


def test_only_false_turns_persistence_off_and_a_mapping_sets_it() -> None:
    assert told("  loadBalancer: {type: CLB}\n  sessionPersistence: false\n") == []
    assert told("  loadBalancer: {type: CLB}\n  sessionPersistence: {timeoutSeconds: 9}\n") == []
    problem = line("  sessionPersistence: {timeout: 9}\n")
    assert (problem.id, problem.mend) == ("GX0030", "Did you mean timeoutSeconds?")


@pytest.mark.parametrize(
    "text",
    [
        "  targets: null\n  ports: ~\n",
        "  trafficPolicy:\n  preserveClientIP:\n  sessionPersistence:\n",
        "  drift:\n",
        "  drift: {mode: , ignore: }\n",
        "  pods: {placement: , selector: {a: b}}\n",
        "  ports: [{port: 80, name: , targetPort: , protocol: }]\n",
        "  routes: [{name: r, host: , path: , pathType: , backends: [{pods: , weight: }]}]\n",
    ],
)
def test_null_stands_for_left_out_where_a_field_may_be_left_out(text: str) -> None:
    assert told(f"  loadBalancer: {{type: CLB, scheme: }}\n{text}") == []


def test_what_was_left_out_by_null_has_its_default() -> None:
    text = FLEET.replace("Edge}", "Edge, networks: , albs: ~, nodes: }")
    text += "  drift:\n  guards: {maxDeletes: }\n"
    (found,) = read_contents(text.encode()).found
    assert isinstance(found.spec, FleetSpec)
    assert found.spec.guards.max_deletes == 10
    assert found.spec.targets[0].networks == []
    assert found.spec == read_contents(FLEET.encode()).found[0].spec


@pytest.mark.parametrize(
    "text",
    [
        "  pods: {selector: }\n",
        "  pods: {selector: {a: }}\n",
        "  ports: [{port: }]\n",
        "  targets: [~]\n",
        "  unknown:\n",
    ],
)
def test_null_is_a_mistake_where_something_must_stand(text: str) -> None:
    assert line(text).is_error


@pytest.mark.parametrize(
    ("kind", "text", "field"),
    [
        ("Exposure", "loadBalancer: {type: CLB}\n  trafficPolicy: {Auto: true}", "trafficPolicy"),
        ("Exposure", "loadBalancer: {type: {}}", "loadBalancer.type"),
        ("Exposure", "loadBalancer: {type: CLB}\n  drift: {mode: {}}", "drift.mode"),
        ("Fleet", "targets: [{name: a, region: b, networkPlugin: {name: Terway}}]",
         "targets[0].networkPlugin"),
        ("ServerGroup", "product: {}\n  location: SameVPC\n  protocol: HTTP", "product"),
    ],
)  # fmt: skip
def test_a_mapping_in_the_place_of_a_word_is_told(kind: str, text: str, field: str) -> None:
    where = "" if kind == "Fleet" else ", namespace: b"
    document = f"{HEAD}kind: {kind}\nmetadata: {{name: a{where}}}\nspec:\n  {text}\n"
    (found,) = read_contents(document.encode()).found
    assert found.spec is None
    problem = only(found.problems)
    assert (problem.id, problem.what.split()[0]) == ("GX0034", f"spec.{field}")
    assert problem.what.endswith("and is a mapping.")


def test_the_first_error_after_many_warnings_counts() -> None:
    labels = "".join(f"      k{n}: yes\n" for n in range(150))
    text = f"  loadBalancer: {{type: CLB}}\n  pods:\n    selector:\n{labels}"
    again = "  trafficPolicy: Local\n  trafficPolicy: Cluster\n"
    (found,) = read_contents(exposure(spec=text + again).encode()).found
    assert found.spec is None
    assert [p.id for p in found.problems if p.is_error] == ["GX0005"]


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        ('"80"', "Remove the quotes."),
        ("0123", "Write a whole number without leading zeros."),
        ("1" * 5000, "Write a whole number."),
        ("0x50", "Write a whole number."),
    ],
)
def test_text_for_a_number_is_mended_by_what_would_be_a_number(text: str, mend: str) -> None:
    problems = told(f"  loadBalancer: {{type: CLB}}\n  ports: [{{port: {text}}}]\n")
    assert [p.mend for p in problems if p.is_error] == [mend]


def test_a_whole_number_may_have_a_fraction_of_nothing() -> None:
    assert told("  loadBalancer: {type: CLB}\n  ports: [{port: 80.0, targetPort: 81.0}]\n") == []
    assert line("  ports: [{port: 80.5}]\n").id == "GX0033"
    assert line("  ports: [{port: 1.0e300}]\n").id == "GX0035"


def test_a_plain_day_is_a_warning_where_text_is_meant() -> None:
    labels = told("  loadBalancer: {type: CLB}\n  pods: {selector: {since: 2027-01-31}}\n")
    assert [(p.id, p.is_error, place(p)) for p in labels] == [("GX0012", False, (6, 28))]
    assert ids(told("  loadBalancer: {type: CLB}\n  pods: {selector: {a: '2027-01-31'}}\n")) == []
    until = "  drift: {ignore: [{path: x, until: 2027-01-31}]}\n"
    assert told(f"  loadBalancer: {{type: CLB}}\n{until}") == []


@pytest.mark.parametrize("text", ["2027-1-5", "2027-02-30", "0000-01-01", '"2027-01-31\\n"'])
def test_a_day_that_is_none_is_told(text: str) -> None:
    assert line(f"  drift: {{ignore: [{{path: x, until: {text}}}]}}\n").id == "GX0033"


@pytest.mark.parametrize(
    "text",
    [
        "  LONG: 1\n",
        "  targets: LONG\n",
        "  trafficPolicy: LONG\n",
        "  ports: [{port: LONG}]\n",
        "  pods: {selector: {LONG: 1}}\n",
        "  pods: &LONG {selector: {a: b}}\n",
        "  pods: !LONG {selector: {a: b}}\n",
        "  targets: *LONG\n",
    ],
)
def test_a_message_is_short_however_long_the_value_is(text: str) -> None:
    spec = f"  loadBalancer: {{type: CLB}}\n{text.replace('LONG', 'long' * 200)}"
    (problem,) = told(spec)
    assert len(problem.what) < 300
    assert len(problem.mend) < 300


def test_all_mistakes_of_a_document_are_told_at_once() -> None:
    problems = told("  loadBalancer: {type: X}\n  ports: [{port: a}, {}]\n  what: 1\n")
    assert ids(problems) == ["GX0034", "GX0033", "GX0032", "GX0030"]


def test_what_the_loader_told_is_not_told_again() -> None:
    assert ids(told("  loadBalancer: {type: &a CLB}\n  targets: &b x\n")) == ["GX0006", "GX0006"]


def test_the_list_of_mistakes_has_an_end() -> None:
    ports = "\n".join("  - {port: x}" for _ in range(5000))
    assert len(told(f"  loadBalancer: {{type: CLB}}\n  ports:\n{ports}\n")) == 100


def test_every_error_says_why_it_matters_and_how_to_mend_it() -> None:
    for problem in told("  a: NO\n  ports: [{}]\n  annotations: {}\n"):
        assert problem.why
        assert problem.mend


def test_a_warning_does_not_cost_the_document_its_spec() -> None:
    (found,) = read_contents(
        exposure(spec="  loadBalancer: {type: CLB}\n  pods: {selector: {a: no}}\n").encode()
    ).found
    assert found.spec is not None
    assert [p.severity for p in found.problems] == [Severity.WARNING]


def test_names_of_python_are_no_names_of_users() -> None:
    text = FLEET.replace("networkPlugin", "network_plugin")
    problems = read_contents(text.encode()).found[0].problems
    assert [(p.id, p.mend) for p in problems] == [("GX0030", "Did you mean networkPlugin?")]


def test_a_field_that_is_missing_because_it_is_misspelt_is_told_once() -> None:
    assert ids(told("  loadbalancer: {type: CLB}\n")) == ["GX0030"]
    assert ids(told("  loadbalancer: {type: CLB}\n  loadBalancer: {type: CLB}\n")) == ["GX0030"]
    assert ids(told("  xyzzy: {}\n  trafic: Auto\n")) == ["GX0032", "GX0030", "GX0030"]


def test_mistakes_in_a_server_group_are_told_with_its_paths() -> None:
    text = (
        f"{HEAD}kind: ServerGroup\nmetadata: {{name: a, namespace: b}}\nspec:\n"
        "  product: CLB\n  location: onpremises\n  protocol: HTTP\n"
        "  servers: [{ip: 1.2, port: 70000}]\n"
    )
    problems = read_contents(text.encode()).found[0].problems
    assert [p.what.split()[0] for p in problems] == [
        "spec.product",
        "spec.location",
        "spec.servers[0].ip",
        "spec.servers[0].port",
    ]
    assert problems[1].mend == "Did you mean OnPremises?"
