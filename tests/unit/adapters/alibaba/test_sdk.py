"""The SDK's peculiarities are kept from the rest."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from gitopsd.adapters.alibaba import AlibabaReader, Credentials, Pace
from gitopsd.adapters.alibaba.actions import ACTIONS
from gitopsd.adapters.alibaba.sdk import Sdk, is_loopback
from gitopsd.model.desired import Product
from gitopsd.model.ownership import Owner
from gitopsd.ports import CloudScope, Misconfigured, Unauthenticated, Unreachable

KEYS = Credentials(access_key_id="AK", access_key_secret="SK")


@pytest.mark.parametrize(
    "endpoint", ["127.0.0.1", "127.0.0.1:80", "127.9.9.9:1", "localhost:8443", "[::1]:8443"]
)
def test_this_very_machine_is_loopback(endpoint: str) -> None:
    assert is_loopback(endpoint)


@pytest.mark.parametrize(
    "endpoint",
    ["alb.cn-hangzhou.aliyuncs.com", "10.0.0.1:80", "127.0.0.1.evil.test", "localhost.evil.test"],
)
def test_no_other_machine_is_loopback(endpoint: str) -> None:
    assert not is_loopback(endpoint)


def client(endpoint: str | None) -> Sdk:
    return Sdk("ALB", "cn-hangzhou", endpoint, KEYS, Pace())


def test_only_a_loopback_endpoint_is_spoken_to_without_tls() -> None:
    assert client("127.0.0.1:8443")._client._protocol == "http"
    assert client("alb.example.com")._client._protocol == "https"
    assert client(None)._client._protocol == "https"


def test_without_an_endpoint_the_regions_own_is_used() -> None:
    assert client(None)._client._endpoint == "alb.cn-hangzhou.aliyuncs.com"


@pytest.mark.parametrize("product", ["ALB", "NLB"])
def test_every_operation_exists_in_the_sdk(product: Product) -> None:
    sdk = Sdk(product, "cn-hangzhou", "127.0.0.1:9", KEYS, Pace())
    for action in ACTIONS[product].values():
        assert callable(getattr(sdk._client, action.method))
        request = getattr(sdk._models, action.request)()
        assert hasattr(request, "region_id") or not action.region
        assert hasattr(request, "client_token") or not action.token
        assert hasattr(request, "dry_run") or not action.dry_run


def test_the_sdks_log_handler_is_taken_back() -> None:
    client(None)
    logger = logging.getLogger("darabonba-core")
    assert logger.handlers == []
    assert not logger.isEnabledFor(logging.DEBUG)


def test_a_process_that_would_print_signatures_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DEBUG", "SDK")
    with pytest.raises(Misconfigured, match="unset DEBUG"):
        AlibabaReader("cn-hangzhou")


def test_secrets_do_not_show_in_the_credentials_repr() -> None:
    text = repr(Credentials(access_key_id="AK", access_key_secret="S3CR", security_token="T0K"))
    assert "S3CR" not in text
    assert "T0K" not in text


def test_a_profile_that_does_not_exist_names_where_it_was_looked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "AK")
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "SK")
    reader = AlibabaReader(
        "cn-hangzhou", alb_endpoint="127.0.0.1:9", credentials=Credentials(profile="nobody")
    )
    with pytest.raises(Unauthenticated) as caught:
        reader.find("ALB", {"a": "b"})
    assert "CLIProfileCredentialsProvider" in str(caught.value)
    assert "ProfileCredentialsProvider" in str(caught.value)


def test_an_endpoint_without_a_listener_is_a_gap() -> None:
    reader = AlibabaReader(
        "cn-hangzhou",
        nlb_endpoint="127.0.0.1:9",
        credentials=KEYS,
        pace=Pace(sleep=lambda seconds: None),
    )
    view = reader.observe(CloudScope(Owner("acme", "t"), frozenset({"NLB"})))
    assert "refused" in view.gaps[0].why
    with pytest.raises(Unreachable):
        reader.read("NLB", "sgp-1")
