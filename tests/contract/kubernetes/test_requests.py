"""How the server reads requests and forms answers, over the wire."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml

from gitopsd.sandbox.embedded import Sandbox
from gitopsd.sandbox.kubernetes.access import Rule
from tests.contract.kubernetes.client import (
    APPLY,
    CONFIG_MAPS,
    MERGE,
    SERVICES,
    Client,
    config_map,
    service,
)

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    made = Client(sandbox.kubernetes_url, sandbox.tokens["admin"])
    yield made
    for path in (CONFIG_MAPS, SERVICES):
        made.send("DELETE", path)
    made.close()


def test_unknown_members_are_warned_of_refused_or_ignored(client: Client) -> None:
    body = {**config_map("a"), "nope": 1}
    status, _, answer = client.send("POST", CONFIG_MAPS + "?fieldValidation=Warn", body)
    assert (status, answer.headers["warning"]) == (201, '299 - "unknown field \\"nope\\""')
    status, refusal, _ = client.send("POST", CONFIG_MAPS + "?fieldValidation=Strict", body)
    assert (status, refusal["reason"]) == (400, "BadRequest")
    assert refusal["message"].endswith('strict decoding error: unknown field "nope"')
    status, _, answer = client.send("PUT", CONFIG_MAPS + "/a?fieldValidation=Ignore", body)
    assert (status, answer.headers.get("warning")) == (200, None)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?dryRun=Some", "dryRun"),
        ("?fieldValidation=Odd", "fieldValidation"),
        ("?force=true", "force"),
        ("?fieldManager=" + "x" * 129, "fieldManager"),
    ],
)
def test_an_option_that_is_not_understood_is_refused(
    client: Client, query: str, field: str
) -> None:
    status, refusal, _ = client.send("PATCH", f"{CONFIG_MAPS}/a{query}", {}, Content_Type=MERGE)
    assert status == 422
    assert refusal["details"]["kind"] == "PatchOptions"
    assert [cause["field"] for cause in refusal["details"]["causes"]] == [field]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "reason"),
    [
        ("POST", CONFIG_MAPS, b"{", 400, "BadRequest"),
        ("POST", CONFIG_MAPS, [], 400, "BadRequest"),
        ("POST", CONFIG_MAPS, {"apiVersion": "v2", "kind": "ConfigMap"}, 400, "BadRequest"),
        ("POST", CONFIG_MAPS, {"apiVersion": "v1", "kind": "Secret"}, 400, "BadRequest"),
        ("POST", CONFIG_MAPS + "/a", {}, 405, "MethodNotAllowed"),
        ("PUT", CONFIG_MAPS, {}, 405, "MethodNotAllowed"),
        ("DELETE", "/api/v1/namespaces", None, 405, "MethodNotAllowed"),
        ("GET", "/api/v1/services/tea", None, 404, "NotFound"),
        ("GET", SERVICES + "/tea/scale", None, 404, "NotFound"),
        ("GET", CONFIG_MAPS + "?limit=x", None, 400, "BadRequest"),
        ("GET", CONFIG_MAPS + "?continue=x", None, 400, "BadRequest"),
        ("GET", CONFIG_MAPS + "?resourceVersion=x", None, 400, "BadRequest"),
        ("GET", CONFIG_MAPS + "?resourceVersion=99999999", None, 504, "Timeout"),
        ("GET", CONFIG_MAPS + "?fieldSelector=data.x%3D1", None, 400, "BadRequest"),
        ("DELETE", "/api/v1/namespaces/kube-system", None, 403, "Forbidden"),
        ("DELETE", CONFIG_MAPS + "/a", {"propagationPolicy": "Odd"}, 422, "Invalid"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_for_its_reason(
    client: Client, method: str, path: str, body: object, status: int, reason: str
) -> None:
    code, refusal, _ = client.send(method, path, body)
    assert (code, refusal["reason"], refusal["code"]) == (status, reason, status)


def test_a_body_beyond_the_limit_is_refused(client: Client) -> None:
    status, refusal, _ = client.send("POST", CONFIG_MAPS, b"x" * (3 * 1024 * 1024 + 1))
    assert (status, refusal["reason"]) == (413, "RequestEntityTooLarge")


def test_what_the_client_cannot_read_is_not_sent(client: Client) -> None:
    status, refusal, _ = client.send("GET", CONFIG_MAPS, Accept="text/html")
    assert (status, refusal["reason"]) == (406, "NotAcceptable")
    _, body, answer = client.send("GET", CONFIG_MAPS, Accept="application/yaml")
    assert answer.headers["content-type"] == "application/yaml"
    assert body.startswith(b"apiVersion: v1\nitems: []\nkind: ConfigMapList\n")


def test_a_table_has_the_columns_and_cells_of_its_kind(client: Client) -> None:
    client.send("POST", SERVICES, service(type="LoadBalancer"))
    table = client.get(SERVICES + "?fieldSelector=metadata.name%3Dtea", Accept=TABLE)
    names = [column["name"] for column in table["columnDefinitions"]]
    (row,) = table["rows"]
    cells = dict(zip(names, row["cells"], strict=True))
    assert (cells["Name"], cells["Type"], cells["External-IP"]) == (
        "tea",
        "LoadBalancer",
        "<pending>",
    )
    assert row["object"]["kind"] == "PartialObjectMetadata"


@pytest.mark.parametrize(
    ("kind", "path"),
    [("Table", "/a"), ("Table", ""), ("PartialObjectMetadata", "/a"),
     ("PartialObjectMetadataList", "")],
)  # fmt: skip
def test_each_form_of_an_answer_says_the_same_in_yaml(client: Client, kind: str, path: str) -> None:
    client.send("POST", CONFIG_MAPS, config_map("a"))
    form, where = f";as={kind};g=meta.k8s.io;v=v1beta1", f"{CONFIG_MAPS}{path}?includeObject=None"
    told = client.get(where, Accept="application/json" + form)
    _, body, answer = client.send("GET", where, Accept="application/yaml" + form)
    assert answer.headers["content-type"] == "application/yaml"
    read = yaml.safe_load(body)
    assert (read["kind"], read["apiVersion"]) == (kind, "meta.k8s.io/v1beta1")
    for row in (*read.get("rows", ()), *told.get("rows", ())):
        row["cells"].pop()  # the age
    assert read == told


def test_a_yaml_body_is_read_like_a_json_one(client: Client) -> None:
    text = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: dated}\ndata: {day: '2026-01-01'}\n"
    status, body, _ = client.send("POST", CONFIG_MAPS, text, Content_Type="application/yaml")
    assert (status, body["data"]) == (201, {"day": "2026-01-01"})


def test_deleting_a_collection_takes_what_is_selected(client: Client) -> None:
    for name in ("a", "b"):
        body = config_map(name)
        body["metadata"]["labels"] = {"which": name}
        client.send("POST", CONFIG_MAPS, body)
    status, gone, _ = client.send("DELETE", CONFIG_MAPS + "?labelSelector=which%3Da")
    assert status == 200
    assert [one["metadata"]["name"] for one in gone["items"]] == ["a"]
    left = client.get(CONFIG_MAPS + "?labelSelector=which")["items"]
    assert [one["metadata"]["name"] for one in left] == ["b"]


def test_rights_are_asked_for_every_verb_and_for_creating_by_apply(sandbox: Sandbox) -> None:
    rules = [Rule(("get", "patch"), ("",), ("services",), namespaces=("default",))]
    sandbox.cluster.access.grant("limited", "ann", rules)
    client = Client(sandbox.kubernetes_url, "limited")
    status, refusal, _ = client.send("GET", SERVICES)
    assert (status, refusal["message"]) == (
        403,
        'services is forbidden: User "ann" cannot list resource "services" in API group "" in the '
        'namespace "default"',
    )
    path = SERVICES + "/made?fieldManager=x"
    status, refusal, _ = client.send("PATCH", path, service("made"), Content_Type=APPLY)
    assert status == 403
    assert 'cannot create resource "services"' in refusal["message"]
    sandbox.cluster.create("services", service("made"))
    status, _, _ = client.send("PATCH", path, service("made"), Content_Type=APPLY)
    assert status == 200
    review = {"spec": {"resourceAttributes": {"verb": "patch", "resource": "services"}}}
    reviews = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    assert client.send("POST", reviews, review)[1]["status"] == {"allowed": False}
    review["spec"]["resourceAttributes"]["namespace"] = "default"
    assert client.send("POST", reviews, review)[1]["status"] == {"allowed": True}
    sandbox.cluster.delete("services", "default", "made")
    client.close()


def test_without_a_token_only_health_and_version_are_told(sandbox: Sandbox) -> None:
    client = Client(sandbox.kubernetes_url, "")
    assert client.send("GET", "/readyz")[:2] == (200, b"ok")
    assert client.get("/version")["gitVersion"].startswith("v1.")
    status, refusal, _ = client.send("GET", "/apis")
    assert status == 403
    assert refusal["message"] == 'forbidden: User "system:anonymous" cannot get path "/apis"'
    status, refusal, _ = client.send("GET", SERVICES)
    assert 'User "system:anonymous" cannot list resource "services"' in refusal["message"]
    client.close()


def test_ten_thousand_objects_are_listed_page_by_page(sandbox: Sandbox) -> None:
    cluster = sandbox.cluster
    cluster.create("namespaces", {"metadata": {"name": "many"}})
    for number in range(10_000):
        item = {"metadata": {"name": f"c{number:05}", "namespace": "many"}, "data": {"a": "b"}}
        cluster.create("configmaps", item)
    client = Client(sandbox.kubernetes_url, sandbox.tokens["admin"])
    names: list[str] = []
    token = ""
    while True:
        path = f"/api/v1/namespaces/many/configmaps?limit=500&continue={token}"
        page = client.get(path)
        names += [one["metadata"]["name"] for one in page["items"]]
        token = page["metadata"].get("continue", "")
        if not token:
            break
    assert names == [f"c{number:05}" for number in range(10_000)]
    whole = client.get("/api/v1/namespaces/many/configmaps")
    assert len(whole["items"]) == 10_000
    client.close()


def test_who_knows_all_groups_already_is_told_that_nothing_has_changed(client: Client) -> None:
    whole = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    status, body, answer = client.send("GET", "/apis", Accept=whole)
    assert (status, body["kind"]) == (200, "APIGroupDiscoveryList")
    tag = answer.headers["etag"]
    status, _, _ = client.send("GET", "/apis", Accept=whole, **{"If-None-Match": tag})
    assert status == 304
    status, body, _ = client.send("GET", "/apis", Accept=whole, **{"If-None-Match": '"OTHER"'})
    assert (status, body["kind"]) == (200, "APIGroupDiscoveryList")
