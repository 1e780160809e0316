from __future__ import annotations

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gitopsd.daemon.settings import OperatorSettings, read_settings, settings_schema
from gitopsd.model.problem import Problem

WHOLE = """\
repositories:
- name: shop
  url: https://git.example.com/acme/exposures.git
  branch: main
  path: shop
  credentials: {tokenFile: /etc/gitopsd/token}
  signatures: {sshSignersFile: /etc/gitopsd/signers}
  webhook: {provider: github, secretFile: /etc/gitopsd/webhook}
  limits: {maxDeletes: 3}
  sync: {everySeconds: 30, jitterSeconds: 3}
  drift: {cron: 0 3 * * mon-fri, timezone: Asia/Shanghai, window: {start: "22:00", end: "06:00"}}
listen: 0.0.0.0:8080
log: json
dashboard:
  hosts: [page.example.com]
  tokenFile: /etc/gitopsd/page
  proxy: {header: X-Forwarded-User, addresses: [10.0.0.7, "fd00::/8"]}
tracing: {endpoint: "http://collector:4318"}
"""


def read(text: str) -> tuple[OperatorSettings | None, list[str]]:
    settings, problems = read_settings(text.encode(), "gitopsd.yaml")
    return settings, [told(problem) for problem in problems]


def told(problem: Problem) -> str:
    return f"{problem.position}: {problem.what} {problem.mend}"


def test_a_whole_file_is_read() -> None:
    settings, problems = read(WHOLE)
    assert problems == []
    assert settings
    shop = settings.repositories[0]
    assert (shop.branch, shop.sync.every_seconds, shop.limits.max_deletes) == ("main", 30, 3)


def test_the_least_that_can_be_said_is_one_repository() -> None:
    settings, _ = read("repositories: [{name: shop, url: https://git.example.com/a.git}]")
    assert settings
    assert settings.repositories[0].drift.every_seconds == 300


def test_the_schema_takes_what_is_read() -> None:
    jsonschema.validate(yaml.safe_load(WHOLE), settings_schema())


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("everySeconds: 30", "everySeconds: 0", "10:24: repositories[0].sync.everySeconds is 0"),
        ("limits:", "limit:", "9:3: The field repositories[0].limit does not exist. Did you mean"),
        ("0 3 * * mon-fri", "0 3 * * nope", "11:17: repositories[0].drift.cron cannot be read"),
        ("Asia/Shanghai", "Asia/Nowhere", "11:44: repositories[0].drift.timezone is no time zone"),
        ('"06:00"', '"6am"', "repositories[0].drift.window.end must be a time of day as HH:MM"),
        ("sshSignersFile: /etc/gitopsd/signers", "", "7:15: repositories[0].signatures names nob"),
        ("tokenFile: /etc/gitopsd/token", "tokenFile: a, sshKeyFile: b",
         "6:43: repositories[0].credentials.sshKeyFile means nothing to a repository that is re"),
        ("https://git.example.com/acme/", "git@git.example.com:",
         "6:28: repositories[0].credentials.tokenFile means nothing to a repository that is"
         " reached by ssh. Remove it, or correct the url."),
        ("https", "htps", "3:8: repositories[0].url cannot be used: the scheme 'htps' is not al"),
        ("https://", "ftp://", "3:8: repositories[0].url cannot be used: the scheme 'ftp' is not"),
        ("https://", "https:/", "3:8: repositories[0].url cannot be used: two slashes come behind"),
        ("https://", "http://", "3:8: repositories[0].url cannot be used: http is allowed on loop"),
        ("https://git.example.com/acme/exposures.git", "ext::sh -c id",
         "3:8: repositories[0].url cannot be used: a transport by program"),
        ("branch: main", "branch: ma in",
         "4:11: repositories[0].branch cannot be the name of a branch, a tag or a commit. Name o"),
        ("branch: main", "branch: a..b", "4:11: repositories[0].branch cannot be the name of a"),
        ("path: shop", "path: /etc", "5:9: repositories[0].path must lie within the repository."),
        ("path: shop", "path: ../../etc", "5:9: repositories[0].path must lie within the reposi"),
        ("branch: main", "targets: []",
         "4:12: repositories[0].targets is empty: of no target anything would be followed."
         " Name a target, or remove the list"),
        ("0 3 * * mon-fri", "0 3 31 2 *", "11:17: repositories[0].drift.cron never comes"),
        ("log: json", "albEndpoint: https://alb.example.com", "13:14: albEndpoint must be a host"),
        ("log: json", "nlbEndpoint: nlb:99999", "13:14: nlbEndpoint must be a host as HOST or"),
        ("everySeconds: 30", "cron: 0 3 * * *, everySeconds: 30", "must have either everySeconds"),
        ("github", "githup", "Did you mean github?"),
        ("0.0.0.0:8080", "here", "12:9: listen must be an address as HOST:PORT"),
        ("0.0.0.0:8080", "0.0.0.0:65536", "12:9: listen must be an address as HOST:PORT"),
        ("0.0.0.0:8080", '"[fe80]:80"', "12:9: listen must be an address as HOST:PORT"),
        ("0.0.0.0:8080", f"{'a' * 64}:80", "12:9: listen must be an address as HOST:PORT"),
        ("0.0.0.0:8080", "256.1.1.1:80", "12:9: listen must be an address as HOST:PORT"),
        ("0.0.0.0:8080", "1.2.3.4.5:80", "12:9: listen must be an address as HOST:PORT"),
        ("0.0.0.0:8080", "127.0.0.1.:80", "12:9: listen must be an address as HOST:PORT"),
        ("log: json", "namespaces: [shop, a/b]", "13:20: namespaces[1] must be a namespace: a-z"),
        ("page.example.com", "https://page", "15:11: dashboard.hosts[0] must be a host name"),
        ("10.0.0.7", "10.0.0.300", "17:49: dashboard.proxy.addresses[0] must be an address, or a"),
        ("10.0.0.7", "0.0.0.0/0", "17:49: dashboard.proxy.addresses[0] believes the header of ev"),
        ("X-Forwarded-User", "X User", "17:19: dashboard.proxy.header must be the name of an HT"),
        ('[10.0.0.7, "fd00::/8"]', "[]", "17:48: dashboard.proxy.addresses"),
        ("http://c", "http://me:pw@c", "18:21: tracing.endpoint must be a URL such as http://col"),
        (":4318", ":99999", "18:21: tracing.endpoint must be a URL such as http://collector:4318"),
        ("http://c", "c", "18:21: tracing.endpoint must be a URL such as"),
        ("name: shop", "name: Shop", "2:9: repositories[0].name must be a name of a-z"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(before: str, after: str, sentence: str) -> None:
    assert before in WHOLE
    settings, problems = read(WHOLE.replace(before, after))
    assert settings is None
    assert any(sentence in problem for problem in problems), problems


@pytest.mark.parametrize("address", ["0.0.0.0:65535", "[::1]:0", "a_b.example.com:80", "::1"])
def test_an_address_is_taken_when_a_socket_could_be_bound_to_it(address: str) -> None:
    settings, _ = read(WHOLE.replace("0.0.0.0:8080", f'"{address}"'))
    assert (settings is not None) == (address != "::1")


@pytest.mark.parametrize("text", ["", "[]", "a: [", "repositories: []", "--- {}\n--- {}\n", "\x00"])
def test_what_is_no_settings_file_is_refused_and_never_raises(text: str) -> None:
    settings, problems = read(text)
    assert settings is None
    assert problems


def test_mistakes_of_form_and_of_meaning_are_told_at_once() -> None:
    text = WHOLE.replace("jitterSeconds: 3", "jiterSeconds: 3").replace("maxDeletes: 3", "max: x")
    text = text.replace("0 3 * *", "61 * * *").replace("Asia/Shanghai", "Mars/One")
    text = text.replace("https://git", "https://me:pass@git").replace("log: json", "log: loud")
    _, problems = read(text)
    lines = [problem.split(":")[1] for problem in problems]
    assert lines == ["3", "9", "10", "11", "11", "13"], problems


SEVERAL = """\
repositories:
- name: shop
  url: https://u:p@x/y.git
  sync: {cron: "61 * * * *", window: {days: [Mo], start: 6am, end: "06:00", timezone: Mars/One}}
  webhook: {provider: svn, secretFile: x}
- name: shop
  drift: {everySeconds: 60, timezone: Mars/One}
- name: Bad
  url: https://u:p@x/y.git
- 5
sinks:
- {name: one, dingtalk: {webhook: {}}, only: {repositories: [bad]}}
- {dingtalk: {webhook: {}}}
namespaces: [Bad_NS]
"""


def test_no_mistake_of_form_hides_one_of_meaning() -> None:
    _, problems = read(SEVERAL)
    lines = [int(problem.split(":")[1]) for problem in problems]
    assert lines == [3, 4, 4, 4, 4, 5, 6, 6, 7, 8, 9, 10, 12, 13, 13, 14], problems
    assert not any("stand-in" in problem for problem in problems)


@settings(max_examples=40, deadline=None)
@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=3) | st.just("shop"),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["repositories", "name", "url", "sync", "window", "sinks", "only"]),
                inner,
                max_size=4,
            )
        ),
    )
)
def test_whatever_the_file_holds_is_told_and_never_raised(value: object) -> None:
    found, problems = read(yaml.safe_dump(value))
    assert (found is None) == bool(problems)


def test_a_mistake_of_form_makes_no_other_mistake_of_its_place() -> None:
    _, problems = read(WHOLE.replace("everySeconds: 30", "everySeconds: often"))
    assert len(problems) == 1


def test_two_repositories_of_one_name_are_refused() -> None:
    entry = "{name: shop, url: https://git.example.com/a.git}"
    settings, problems = read(f"repositories: [{entry}, {entry}]")
    assert settings is None
    assert "Two repositories are called shop" in problems[0]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://git:s3cret@git.example.com/a.git", "holds credentials: a password"),
        ("ssh://git:s3cret@git.example.com/a.git", "holds credentials: a password"),
        ("https://s3cret@git.example.com/a.git", "holds credentials: a user name or a token"),
        (
            "https://git.example.com/a.git?private_token=s3cret",
            "may hold credentials: a query (?…)",
        ),
    ],
)
def test_a_url_with_a_secret_in_it_is_refused_and_not_repeated(url: str, why: str) -> None:
    settings, (problem,) = read(f'repositories:\n- name: shop\n  url: "{url}"\n')
    assert settings is None
    assert problem.startswith(f"gitopsd.yaml:3:8: repositories[0].url {why}")
    assert "tokenFile" in problem
    assert "s3cret" not in problem


@pytest.mark.parametrize(
    "url",
    [
        "ssh://git@git.example.com/a.git",
        "git@example.com:a.git",
        "/a?b",
        "foo",
        "./a:b",
        "a/b:c",
        "HTTPS://git.example.com/a",
        "http://127.0.0.1:8080/a",
        "file:///a",
        "example.com:/a",
    ],
)
def test_a_url_that_may_lead_to_a_repository_is_taken_and_the_schema_takes_it_too(url: str) -> None:
    text = f'repositories: [{{name: shop, url: "{url}", branch: feature/a+b, path: ./a/b/}}]'
    settings, problems = read(text)
    assert (settings is not None, problems) == (True, [])
    jsonschema.validate(yaml.safe_load(text), settings_schema())


@pytest.mark.parametrize(
    ("key", "value"),
    [("url", "htp://x/y"), ("url", "ext::sh"), ("branch", "ma in"), ("path", "/etc"),
     ("targets", [])],
)  # fmt: skip
def test_an_editor_is_told_by_the_schema(key: str, value: object) -> None:
    given = {"repositories": [{"name": "shop", "url": "/a", key: value}]}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(given, settings_schema())


def test_credentials_are_not_judged_by_a_url_that_is_none() -> None:
    _, problems = read(WHOLE.replace("https", "htps"))
    assert len(problems) == 1
