"""Codes mean what the documentation says, in whatever letter case they come (facts §6.5)."""

from __future__ import annotations

import pytest

from gitopsd import ports
from gitopsd.adapters.alibaba.errors import (
    CloudMissing,
    Meaning,
    meaning,
    refusal,
    refused,
    undelivered,
)

DOCUMENTED = {
    "Throttling": Meaning.THROTTLED,
    "Throttling.User": Meaning.THROTTLED,
    "Throttling.Api": Meaning.THROTTLED,
    "IncorrectStatus.ServerGroup": Meaning.BUSY,
    "IncorrectStatus.serverGroup": Meaning.BUSY,
    "IncorrectStatus.LoadBalancer": Meaning.BUSY,
    "ResourceInConfiguring.Listener": Meaning.BUSY,
    "VipStatusNotSupport": Meaning.BUSY,
    "Conflict.Lock": Meaning.BUSY,
    "Conflict": Meaning.BUSY,
    "Conflict.Priority": Meaning.REJECTED,
    "SystemBusy": Meaning.BUSY,
    "IdempotenceProcessing": Meaning.BUSY,
    "OperationFailed.ResourceIsConfiguring": Meaning.BUSY,
    "ServiceUnavailable": Meaning.UNAVAILABLE,
    "ResourceNotFound.ServerGroup": Meaning.MISSING,
    "ResourceNotFound.BackendServer": Meaning.MISSING,
    "ResourceInUse.ServerGroup": Meaning.IN_USE,
    "QuotaExceeded.ServerGroup": Meaning.REJECTED,
    "QuotaInsufficient": Meaning.REJECTED,
    "OperationDenied.ServiceManagedResource": Meaning.MANAGED,
    "IllegalParam.VpcId": Meaning.REJECTED,
    "ParameterMissing": Meaning.REJECTED,
    "Forbidden.RAM": Meaning.FORBIDDEN,
    "Forbidden.NoPermission": Meaning.FORBIDDEN,
    "NoPermission": Meaning.FORBIDDEN,
    "Forbidden.AccessKeyDisabled": Meaning.UNAUTHENTICATED,
    "InvalidAccessKeyId.NotFound": Meaning.UNAUTHENTICATED,
    "InvalidSecurityToken.Expired": Meaning.UNAUTHENTICATED,
    "SignatureDoesNotMatch": Meaning.UNAUTHENTICATED,
    "InvalidTimeStamp.Expired": Meaning.UNAUTHENTICATED,
    "DryRunOperation": Meaning.PASSED,
}


@pytest.mark.parametrize("code", DOCUMENTED)
@pytest.mark.parametrize("spell", [str, str.lower, str.upper])
def test_a_documented_code_is_understood(code: str, spell: object) -> None:
    assert meaning(spell(code), 400) is DOCUMENTED[code]  # type: ignore[operator]


def test_an_unknown_code_is_judged_by_its_status() -> None:
    assert meaning("NeverHeardOf", 400) is Meaning.REJECTED
    assert meaning("NeverHeardOf", 502) is Meaning.UNAVAILABLE


@pytest.mark.parametrize("found", [m for m in Meaning if m is not Meaning.PASSED])
@pytest.mark.parametrize("writes", [True, False])
def test_only_what_may_succeed_later_is_tried_again(found: Meaning, writes: bool) -> None:
    told = refusal({"Code": "x", "Message": "y", "RequestId": "z"}, 400)
    told = type(told)(told.code, told.message, told.request_id, found)
    failure = refused(told, "group", "alb:X", writes=writes)
    later = {Meaning.THROTTLED, Meaning.BUSY, Meaning.UNAVAILABLE}
    assert failure.again == (found in later)
    assert failure.error.transient == (found in later | {Meaning.IN_USE})


def test_a_refusal_tells_code_words_and_request() -> None:
    body = {"Code": "IllegalParam.VpcId", "Message": "no such VPC", "RequestId": "R-1"}
    failure = refused(refusal(body, 400), "group g", "alb:CreateServerGroup", writes=True)
    assert failure.error.detail == (
        "alb:CreateServerGroup: IllegalParam.VpcId: no such VPC (request R-1)"
    )


def test_a_missing_right_is_the_one_that_the_cloud_names() -> None:
    body = {"Code": "Forbidden.RAM", "AccessDeniedDetail": {"AuthAction": "ecs:DescribeInstances"}}
    failure = refused(refusal(body, 403), "group", "alb:AddServersToServerGroup", writes=True)
    assert isinstance(failure.error, ports.Forbidden)
    assert "ecs:DescribeInstances" in failure.error.mend


def test_what_was_signed_is_not_repeated() -> None:
    body = {"Code": "SignatureDoesNotMatch", "Message": "server string to sign is: TOKEN"}
    assert "TOKEN" not in str(refusal(body, 400))


def test_an_empty_refusal_still_says_something() -> None:
    assert str(refusal({}, 500)) == "HTTP 500: no message (request unknown)"


def test_a_missing_thing_is_missing() -> None:
    told = refusal({"Code": "ResourceNotFound.ServerGroup"}, 404)
    assert isinstance(refused(told, "g", "a", writes=True).error, CloudMissing)


def named(name: str, base: type[Exception] = Exception) -> Exception:
    """An exception known by its class's name, as the libraries' are."""
    return type(name, (base,), {})("words")


@pytest.mark.parametrize("name", ["NewConnectionError", "ConnectTimeoutError", "ProxyError"])
def test_a_write_that_was_never_sent_is_unreachable(name: str) -> None:
    outer = RuntimeError("outer")
    outer.__context__ = named(name, OSError)
    assert isinstance(undelivered(outer, "g", "a", writes=True).error, ports.Unreachable)


def test_a_write_without_an_answer_has_an_unknown_outcome() -> None:
    error = named("ReadTimeout", OSError)
    assert isinstance(undelivered(error, "g", "a", writes=True).error, ports.OutcomeUnknown)
    assert isinstance(undelivered(error, "g", "a", writes=False).error, ports.Unreachable)


def test_absent_keys_are_unauthenticated_and_not_tried_again() -> None:
    failure = undelivered(named("CredentialException"), "g", "a", writes=False)
    assert isinstance(failure.error, ports.Unauthenticated)
    assert not failure.again
