"""The comment on a pull request: what comes first, what is cut, and that it is harmless."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from gitopsd.engine.previews import preview_offline, preview_target
from gitopsd.model.position import Position
from gitopsd.model.problem import Problem, Severity
from gitopsd.planning import PlanOptions
from gitopsd.planning.notices import notice
from gitopsd.planning.preview import Preview
from gitopsd.planning.render.comment import comment
from gitopsd.planning.render.review import Review
from tests.unit.build import OWNER, found, live, service, wanted

OPTIONS = PlanOptions(date(2026, 11, 22), revision="c0ffee")
MANY = [service(f"s{number}") for number in range(12)]


def held() -> Preview:
    """A plan that deletes more than may go by itself."""
    observed = found(*(live(item) for item in MANY))
    return preview_target(wanted(MANY[0]), wanted(*MANY), observed, OWNER, OPTIONS)


def review(*previews: Preview, **more: object) -> Review:
    return Review(previews or (held(),), "main (1234567)", "c0ffee", **more)  # type: ignore[arg-type]


def problem(what: str, severity: Severity = Severity.ERROR) -> Problem:
    return Problem("GX0001", severity, what, "because", "mend it", Position("a.yaml", 3, 1))


def balanced(text: str) -> bool:
    """Whether everything that is folded or fenced is closed again."""
    plain = "\n".join(outside_code(text))
    return "```" not in plain and plain.count("<details>") == plain.count("</details>")


def test_the_counts_come_first_then_the_warnings_the_table_the_command_and_the_details() -> None:
    text = comment(review(problems=[problem("it is wrong")]), 65_536)
    plan = held().plan
    order = [
        "## gitopsd: 1 error, 11 held",
        "> **Error** `a.yaml:3:1`: it is wrong mend it",
        "> **Held** at `edge`: 11 steps (max-deletes): 11 deletions",
        "| Target | Create | Change | Delete | Held | Due anyway | Plan |",
        f"| `edge` | 0 | 0 | 0 | 11 | 0 | `{plan.hash}` |",
        f"gitopsd approve {plan.hash} --target edge",
        "<details><summary>edge: 11 held</summary>",
        "Revision `c0ffee`, compared with `main (1234567)`.",
    ]
    places = [text.find(words) for words in order]
    assert -1 not in places
    assert places == sorted(places)
    assert balanced(text)


def test_without_a_cluster_no_hash_is_named() -> None:
    preview = preview_offline(wanted(MANY[0]), wanted(*MANY), OWNER, OPTIONS)
    text = comment(review(preview), 65_536)
    assert not re.search("[0-9a-f]{64}", text)
    assert "gitopsd approve" not in text
    assert "No cluster was asked" in text


def test_nothing_to_do_is_said_in_a_line() -> None:
    preview = preview_target(wanted(MANY[0]), wanted(MANY[0]), found(live(MANY[0])), OWNER, OPTIONS)
    text = comment(review(preview), 65_536)
    assert text.startswith("## gitopsd: nothing to do\n")
    assert "<details>" not in text


def test_a_target_that_was_not_reached_and_a_remark_come_before_the_table() -> None:
    told = review(unreached=[("far", "no answer")], remarks=["main went on"])
    text = comment(told, 65_536)
    assert "11 held" in text.splitlines()[0]
    assert "1 target not reached" in text.splitlines()[0]
    assert text.index("**Not reached** `far`: no answer") < text.index("| Target")
    assert text.index("**Note**: main went on") < text.index("| Target")


def test_what_does_not_fit_is_left_out_by_whole_parts_and_said() -> None:
    preview = preview_target(
        wanted(*(service(f"s{n}", externalTrafficPolicy="Local") for n in range(200))),
        wanted(*(service(f"s{n}") for n in range(200))),
        found(*(live(service(f"s{n}")) for n in range(200))),
        OWNER,
        OPTIONS,
    )
    for limit in (3_000, 10_000, 30_000):
        text = comment(review(preview, forge="GitHub", whole="gitopsd plan --base main"), limit)
        assert limit // 2 < len(text) <= limit
        assert balanced(text)
        assert preview.plan.hash in text
        (cut,) = re.findall(r"\*\*Cut here\*\*: (\d+) parts .*", text)
        assert int(cut) + text.count("<summary><code>") == 200
        assert "left out: a comment at GitHub is kept to " in text
        assert "All of it: `gitopsd plan --base main`" in text


def test_of_a_thousand_new_things_as_many_are_told_as_fit() -> None:
    preview = preview_target(
        wanted(*(service(f"s{n}") for n in range(1_000))), wanted(), found(), OWNER, OPTIONS
    )
    text = comment(review(preview), 65_536)
    assert balanced(text)
    assert "1 to 100 of 1,000 to create" in text
    assert text.count("- **+ create**") > 300


def test_errors_that_do_not_fit_are_counted_and_push_nothing_else_away() -> None:
    errors = [problem(f"it is wrong {n} {'x' * 400}") for n in range(60)]
    warnings = [problem("look", Severity.WARNING)] * 5
    text = comment(review(problems=[*errors, *warnings]), 65_536)
    shown = text.count("> **Error**")
    assert 20 < shown < 60
    assert f"> {60 - shown} more errors: left out here." in text
    assert "> **Held** at `edge`" in text
    assert text.count("> Warning `a.yaml:3:1`: look") == 5


def test_a_fleet_that_is_too_large_for_the_table_is_said_to_be() -> None:
    plan = held().plan
    many = [Preview(replace(plan, target=f"target-{n}"), plan) for n in range(600)]
    text = comment(review(*many), 65_536)
    assert len(text) <= 65_536
    assert balanced(text)
    assert re.search(r"\d+ more targets left out of the table", text)
    assert re.search(r"\d+ more commands left out here", text)


def test_an_approval_that_stands_is_told() -> None:
    plan = held().plan
    approved = preview_target(
        wanted(MANY[0]), wanted(*MANY), found(*(live(item) for item in MANY)), OWNER,
        replace(OPTIONS, approve=plan.hash),
    )  # fmt: skip
    text = comment(review(approved), 65_536)
    assert "The plan of `edge` is approved" in text
    assert approved.plan.hash == plan.hash
    assert "gitopsd approve" not in text


_EVIL = st.text(alphabet="`<>@#!|*_[]()&~\\\n\r\t $/-ab1", max_size=80) | st.sampled_from(
    [
        "</details>",
        "```\n@root",
        "<img src=x onerror=y>",
        "<!-- gitopsd:plan -->",
        "/close",
        "\n/close",
    ]
)


@settings(max_examples=150, deadline=None)
@given(_EVIL)
def test_what_others_wrote_is_text_and_nothing_else(evil: str) -> None:
    base = held()
    step = base.plan.steps[0]
    plan = replace(
        base.plan,
        steps=(replace(step, why=evil, hold=None), *base.plan.steps[1:]),
        notices=(problem(evil, Severity.WARNING), notice("GX1001", what=evil, why=evil)),
    )
    told = replace(
        review(Preview(plan, base.before)),
        problems=[problem(evil), problem(evil, Severity.WARNING)],
        unreached=[("far", evil)],
        remarks=[evil],
        other=evil,
        revision=evil,
        approve=lambda target, hash_: f"gitopsd approve {target} {hash_} {evil}",
        whole=evil,
    )
    text = comment(told, 65_536)
    assert balanced(text)
    for line in outside_code(text):
        allowed = re.sub(r"<!-- -->|</?(details|summary|code)>|\\<|\\>|^> ", "", line)
        assert not re.search(r"<[a-zA-Z/!]", allowed), line
        assert not re.search(r"(?<!\\)[@#](?=\w)", line), line
        assert not re.match(r"\s*/[a-z]", line), line


def outside_code(text: str) -> list[str]:
    """The lines of a text without what stands in fences and code spans (CommonMark §6.1)."""
    text = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
    return [
        re.sub(r"(?<!`)(?<!\\)(`+)(?!`)(.*?)(?<!`)\1(?!`)", "", line) for line in text.split("\n")
    ]
