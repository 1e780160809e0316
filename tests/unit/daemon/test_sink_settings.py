from __future__ import annotations

import jsonschema
import pytest
import yaml

from gitopsd.daemon.settings import OperatorSettings, read_settings, settings_schema

WHOLE = """\
repositories: [{name: shop, url: https://git.example.com/a.git}]
sinks:
- name: ops
  dingtalk: {webhook: {file: /etc/gitopsd/dingtalk}, secret: {env: DINGTALK_SECRET}}
  language: zh
  only: {repositories: [shop], targets: [edge], namespaces: [shop], modes: [Report]}
  quietHours: {start: "22:00", end: "08:00", timezone: Asia/Shanghai, days: [Mon, Tue]}
  digestSeconds: 3600
- {name: feishu, feishu: {webhook: {file: /f}, secret: {file: /s}, host: open.larksuite.com}}
- {name: wecom, wecom: {webhook: {env: WECOM}}}
- {name: slack, slack: {webhook: {file: /f}}}
- {name: thread, slack: {token: {file: /f}, channel: C024BE91L}}
- {name: teams, teams: {webhook: {file: /f}, host: prod-1.westeurope.logic.azure.com}}
- name: mail
  email:
    host: smtp.example.com
    sender: gitopsd@example.com
    recipients: [ops@example.com]
    username: gitopsd
    password: {file: /f}
- {name: am, alertmanager: {url: "http://alertmanager.monitoring:9093", plainHttp: true}}
- {name: hook, webhook: {url: https://hooks.example.com/gitopsd, secret: {file: /f}}}
- {name: files, files: {folder: /var/lib/gitopsd/drift}}
- {name: issues, issues: {forge: github, project: acme/tea, token: {file: /f}, labels: [drift]}}
- {name: status, commitStatus: {forge: gitlab, project: acme/edge/exposures, token: {file: /f}}}
- {name: rest, apprise: {url: {file: /f}}}
"""


def read(text: str) -> tuple[OperatorSettings | None, list[str]]:
    settings, problems = read_settings(text.encode(), "gitopsd.yaml")
    return settings, [f"{p.position}: {p.what} {p.mend}" for p in problems]


def test_every_service_can_be_named() -> None:
    settings, problems = read(WHOLE)
    assert problems == []
    assert settings
    kinds = [sink.kind for sink in settings.sinks]
    assert kinds == [
        "dingtalk", "feishu", "wecom", "slack", "slack", "teams", "email", "alertmanager",
        "webhook", "files", "issues", "commitStatus", "apprise",
    ]  # fmt: skip


def test_the_schema_takes_what_is_read() -> None:
    jsonschema.validate(yaml.safe_load(WHOLE), settings_schema())


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("name: feishu", "name: ops", "9:10: Two sinks are called ops"),
        ("repositories: [shop]", "repositories: [bank]", "6:25: No repository is called bank."),
        ("Asia/Shanghai", "Asia/Nowhere", "7:56: sinks[0].quietHours.timezone is no time zone"),
        ("{env: WECOM}", "{}", "10:34: sinks[2].wecom.webhook must have either file or env."),
        ("{env: WECOM}", "{env: A, file: /b}", "sinks[2].wecom.webhook must have either"),
        (", channel: C024BE91L", "", "sinks[4].slack needs a webhook, or token and channel."),
        ("    username: gitopsd\n", "", "sinks[6].email needs username and password, or neither."),
        ("files: {folder", "file: {folder", "The field sinks[9].file does not exist. Did you mean"),
        ("forge: github", "forge: codeup", "sinks[10].issues.forge"),
        ("  digestSeconds: 3600\n", "  teams: {webhook: {env: A}, host: b}\n",
         "sinks[0] must name one service, and names dingtalk and teams."),
        ("labels: [drift]}}", "labels: [drift]}, digestSeconds: 60}",
         "sinks[10].digestSeconds means nothing to issues, which calls nobody."),
        (", host: prod-1.westeurope.logic.azure.com", "", "sinks[5].teams.host"),
        ("{file: /etc/gitopsd/dingtalk}", "https://a/b",
         "4:23: sinks[0].dingtalk.webhook must say "),
        ("env: DINGTALK_SECRET", "env: $SECx", "4:68: sinks[0].dingtalk.secret.env is not the na"),
        ("namespaces: [shop]", "namespaces: [a/b]", "6:62: sinks[0].only.namespaces[0] must be a "),
        ("open.larksuite.com", "https://open.larksuite.com", "sinks[1].feishu.host must be a host"),
        ("smtp.example.com", "smtp.example.com:25", "16:11: sinks[6].email.host must be a host na"),
        ("http://alertmanager", "htp://alertmanager",
         "21:34: sinks[7].alertmanager.url: its address starts with neither https:// nor http://."),
        (", plainHttp: true", "", "sinks[7].alertmanager.url: its address is http, which is allow"),
        ("https://hooks", "https://me:pw@hooks", "sinks[8].webhook.url: its address holds cred"),
        ("project: acme/tea", "project: tea",
         "24:51: sinks[10].issues.project 'tea' is no name of a repository. Write OWNER/NAME."),
        ("forge: github, ", "forge: gitea, ", "sinks[10].issues.url is missing. Write the address"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(before: str, after: str, sentence: str) -> None:
    assert before in WHOLE
    settings, problems = read(WHOLE.replace(before, after, 1))
    assert settings is None
    assert any(sentence in problem for problem in problems), problems
    assert not any(
        word in problem for problem in problems for word in ("https://a/b", "me:pw", "$SE")
    )
