"""What the APIs answer when they refuse: code, HTTP status, message.

Codes and statuses follow facts §6.5 and the error tables on the vendor's pages of the single
operations. Where the two products write a code in different letter case, the case is part of the
answer. No page confirms the reasons behind ALB's OperationDenied codes, the code of a duplicated
ALB member, and what a parameter that the operation does not declare is answered with: the real
gateway ignores such a parameter, the sandbox refuses it, because it is always a mistake.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Product = Literal["alb", "nlb"]

_KINDS = ("ServerGroup", "LoadBalancer", "Listener", "Rule")


class ApiError(Exception):
    """A refusal as the wire carries it.

    `code` and `message` become the body's Code and Message, `status` is the HTTP status.
    `access_denied` is the AccessDeniedDetail object of a rights refusal. `retry_after_ms` is sent
    as header x-acs-retry-after, which the SDK turns into its ThrottlingException.
    """

    def __init__(
        self,
        code: str,
        message: str,
        status: int = 400,
        *,
        access_denied: Mapping[str, str] | None = None,
        retry_after_ms: int | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.access_denied = access_denied
        self.retry_after_ms = retry_after_ms


def illegal(parameter: str, why: str) -> ApiError:
    """A parameter whose value, type or place the operation does not take."""
    return ApiError(f"IllegalParam.{parameter}", f"The param of {parameter} is illegal: {why}.")


def missing(parameter: str) -> ApiError:
    """A required parameter that did not come."""
    return ApiError(f"MissingParam.{parameter}", f"The parameter of {parameter} is missing.")


def not_found(resource: str) -> ApiError:
    """`resource` is the spelling of the product, for example ServerGroup or serverGroup."""
    return ApiError(
        f"ResourceNotFound.{resource}",
        f"The specified resource of {resource} is not found.",
        404,
    )


def incorrect_status(resource: str, identity: str, status: str) -> ApiError:
    """The resource is busy; the same call succeeds once it is available again."""
    return ApiError(
        f"IncorrectStatus.{resource}",
        f"The status of {resource} [{identity}] is incorrect: {status}.",
    )


def in_use(resource: str, identity: str) -> ApiError:
    """The resource cannot go: a listener or a rule still refers to it."""
    return ApiError(
        f"ResourceInUse.{resource}",
        f"The specified resource of {resource} is in use: {identity}.",
    )


def denied(reason: str) -> ApiError:
    """The combination asked for does not exist in the product."""
    return ApiError(
        f"OperationDenied.{reason}", f"The operation is not allowed because of {reason}."
    )


def mismatch(what: str, left: str, right: str) -> ApiError:
    """Two things that have to agree do not."""
    return ApiError(f"Mismatch.{what}", f"The {what} is mismatched for {left} and {right}.")


def quota_exceeded(code: str, quota: str, usage: int, limit: int) -> ApiError:
    """`code` is the part after QuotaExceeded; `quota` names the quota in the message."""
    return ApiError(
        f"QuotaExceeded.{code}", f"The quota of {quota} is exceeded, usage {usage}/{limit}."
    )


def throttled(retry_after_ms: int | None = None) -> ApiError:
    """Too many calls; with `retry_after_ms` the answer says when to come back."""
    return ApiError(
        "Throttling.User",
        "Request was denied due to api flow control.",
        retry_after_ms=retry_after_ms,
    )


def dry_run_passed() -> ApiError:
    """A dry run that found nothing wrong is answered as an error too (facts §6.4)."""
    return ApiError("DryRunOperation", "Request validation has been passed with DryRun flag set.")


def forbidden(product: Product, action: str, access_key_id: str) -> ApiError:
    """The access key has no right to the action.

    ALB names the kind of resource in the code, NLB does not.
    """
    kinds = [kind for kind in _KINDS if kind in action] if product == "alb" else []
    subject = kinds[0] if kinds else "NoPermission"
    return ApiError(
        f"Forbidden.{subject}",
        f"Authentication is failed for {subject}: the caller is not authorized to perform "
        f"{product}:{action}.",
        403,
        access_denied={
            "AuthAction": f"{product}:{action}",
            "AuthPrincipalType": "SubUser",
            "AuthPrincipalOwnerId": "1000000000000000",
            "AuthPrincipalDisplayName": access_key_id,
            "NoPermissionType": "ImplicitDeny",
            "PolicyType": "AccountLevelIdentityBasedPolicy",
        },
    )
