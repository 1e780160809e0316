"""Only what a commit touches is compiled again, and what is taken over is no different."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gitopsd.compiler import CompileMemory, compile_specs
from gitopsd.model.desired import DesiredState
from gitopsd.rules import check
from gitopsd.spec.contents import SpecCache
from gitopsd.spec.reading import read_specs
from tests.unit.spec.sources import HEAD, Memory

TARGETS = """\
  targets:
  - name: edge
    region: cn-hangzhou
    networkPlugin: TerwayEdge
    vpc: {id: vpc-1, cidrs: [172.16.0.0/16]}
    albs: [{ingressClass: alb}]
    networks:
    - {name: idc, location: OnPremises, cidrs: [192.168.20.0/24], cen: c, transitRouter: t, vbr: v}
"""


def fleet(mode: str = "Correct") -> str:
    return (
        f"{HEAD}kind: Fleet\nmetadata: {{name: acme}}\nspec:\n  drift: {{mode: {mode}}}\n{TARGETS}"
    )


def layer4(name: str, port: int = 80) -> str:
    return (
        f"{HEAD}kind: Exposure\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n"
        "  loadBalancer: {type: CLB, scheme: Internet}\n"
        f"  pods: {{selector: {{app: {name}}}}}\n  ports: [{{port: {port}}}]\n"
    )


def routed(name: str, group: str, weight: int = 100) -> str:
    return (
        f"{HEAD}kind: Exposure\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n"
        "  loadBalancer: {type: ALB}\n"
        "  drift: {ignore: [{path: ServerGroup/Scheduler, mode: Report}]}\n"
        f"  routes:\n  - name: forward\n    host: {name}.example.com\n    backends:\n"
        f"    - {{serverGroup: {group}, weight: {weight}}}\n"
    )


def group(name: str, port: int = 8080, known: str = "") -> str:
    more = f", serverGroupId: {known}" if known else ""
    return (
        f"{HEAD}kind: ServerGroup\nmetadata: {{name: {name}, namespace: shop}}\n"
        f"spec: {{product: ALB, location: OnPremises, protocol: HTTP{more},"
        f" servers: [{{ip: 192.168.20.11, port: {port}}}]}}\n"
    )


class Repository:
    """Commits that are read and compiled one after another."""

    def __init__(self) -> None:
        self.cache, self.memory = SpecCache(), CompileMemory()

    def commit(self, files: dict[str, str], **options: Any) -> DesiredState:
        specs = read_specs(
            Memory({f"{name}.yaml": text for name, text in files.items()}), self.cache
        )
        problems = check(specs)
        made = compile_specs(specs, problems, memory=self.memory, **options)
        assert_alike(made, compile_specs(specs, problems, **options))
        return made

    @property
    def compiled(self) -> list[str]:
        return sorted(identity.name for identity in self.memory.compiled)


def assert_alike(made: DesiredState, anew: DesiredState) -> None:
    """What was taken over is what would have been compiled, the reasons of each field included."""
    assert made == anew
    for name, target in made.targets.items():
        for kept, new in (
            (target.objects, anew.targets[name].objects),
            (target.groups, anew.targets[name].groups),
        ):
            for identity, item in kept.items():
                assert dict(item.origins) == dict(new[identity].origins)


FILES = {
    "fleet": fleet(),
    "tea": layer4("tea"),
    "coffee": layer4("coffee"),
    "menu": routed("menu", "depot"),
    "depot": group("depot"),
}


def test_a_commit_that_touches_one_document_compiles_that_one() -> None:
    one = Repository()
    assert not any(problem.is_error for problem in one.commit(FILES).problems)
    assert one.compiled == ["coffee", "depot", "menu", "tea"]
    one.commit(FILES)
    assert one.compiled == []
    one.commit({**FILES, "tea": layer4("tea", 8080)})
    assert one.compiled == ["tea"]


def test_what_refers_to_a_document_that_was_touched_is_compiled_with_it() -> None:
    one = Repository()
    one.commit(FILES)
    one.commit({**FILES, "depot": group("depot", known="sgp-1")})
    assert one.compiled == ["depot", "menu"]


def test_another_fleet_or_owner_compiles_all() -> None:
    one = Repository()
    one.commit(FILES)
    one.commit({**FILES, "fleet": fleet("Report")})
    assert len(one.compiled) == 4
    one.commit({**FILES, "fleet": fleet("Report")}, instance="other")
    assert len(one.compiled) == 4


def test_a_document_that_moved_to_another_file_says_so() -> None:
    one = Repository()
    one.commit(FILES)
    moved = {name: text for name, text in FILES.items() if name != "tea"}
    one.commit({**moved, "chai": FILES["tea"]})
    assert one.compiled == ["tea"]


VERSIONS = {
    "fleet": [fleet(), fleet("Report")],
    "tea": [layer4("tea"), layer4("tea", 81), layer4("coffee", 82), "spec: ["],
    "coffee": [layer4("coffee"), routed("coffee", "depot"), routed("coffee", "barn")],
    "menu": [routed("menu", "depot"), routed("menu", "depot", 40)],
    "depot": [group("depot"), group("depot", 81), group("depot", known="sgp-1"), group("barn")],
}


@settings(max_examples=60)
@given(
    st.lists(
        st.fixed_dictionaries(
            {"fleet": st.sampled_from(VERSIONS["fleet"])},
            optional={
                name: st.sampled_from(texts) for name, texts in VERSIONS.items() if name != "fleet"
            },
        ),
        min_size=2,
        max_size=5,
    )
)
def test_whatever_was_committed_before_the_outcome_is_that_of_a_fresh_start(
    commits: list[dict[str, str]],
) -> None:
    one = Repository()
    for files in commits:
        one.commit(files)
