"""Refusals of the Kubernetes API: the Status envelope, its reasons, causes and messages.

An `ApiError` is what a client sees. A `FieldProblem` is one violated rule of a field; several of
them make one `Invalid` refusal with a cause each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from gitopsd.sandbox.kubernetes import gotext
from gitopsd.sandbox.kubernetes.gotext import quote


class GroupName(NamedTuple):
    """A resource or kind name together with its API group ("" for the core group)."""

    group: str
    name: str

    def __str__(self) -> str:
        return f"{self.name}.{self.group}" if self.group else self.name


class ApiError(Exception):
    """A refused request.

    `status` is the body that goes over the wire, `code` its HTTP status, `headers` extra response
    headers, and `warnings` what the client is told besides. A missing `reason` is left out of the
    body, as the real server does.
    """

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        details: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.headers = dict(headers or {})
        self.warnings: tuple[str, ...] = ()
        self.status = status_body(
            "Failure", code, reason=reason, message=message, details=details, metadata=metadata
        )


def status_body(
    outcome: str,
    code: int | None = None,
    *,
    reason: str = "",
    message: str = "",
    details: Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A Status object; parts without a value are left out."""
    body: dict[str, Any] = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": dict(metadata or {}),
        "status": outcome,
    }
    if message:
        body["message"] = message
    if reason:
        body["reason"] = reason
    if details is not None:
        body["details"] = {key: value for key, value in details.items() if value}
    if code is not None:
        body["code"] = code
    return body


_CAUSE_TEXT: Final = {
    "FieldValueNotFound": "Not found",
    "FieldValueRequired": "Required value",
    "FieldValueDuplicate": "Duplicate value",
    "FieldValueInvalid": "Invalid value",
    "FieldValueTypeInvalid": "Invalid value",
    "FieldValueNotSupported": "Unsupported value",
    "FieldValueForbidden": "Forbidden",
    "FieldValueTooLong": "Too long",
    "FieldValueTooShort": "Too short",
    "FieldValueTooMany": "Too many",
    "FieldValueTooFew": "Too few",
    "InternalError": "Internal error",
}
_NO_VALUE: Final = object()


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One violated rule: the cause's `reason`, the `field` it is about, the value and why."""

    reason: str
    field: str
    value: Any = _NO_VALUE
    detail: str = ""

    @property
    def message(self) -> str:
        """The cause's text, for example `Invalid value: 0: must be greater than 0`."""
        text = _CAUSE_TEXT[self.reason]
        if self.value is not _NO_VALUE:
            text += ": " + _shown(self.value)
        return f"{text}: {self.detail}" if self.detail else text

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return quote(value)
    return gotext.escaped_json(value)


def invalid_value(field: str, value: Any, detail: str) -> FieldProblem:
    """The value breaks a rule."""
    return FieldProblem("FieldValueInvalid", field, value, detail)


def required_value(field: str, detail: str = "") -> FieldProblem:
    """A value has to be given."""
    return FieldProblem("FieldValueRequired", field, detail=detail)


def duplicate_value(field: str, value: Any) -> FieldProblem:
    """The value stands elsewhere already and must be unique."""
    return FieldProblem("FieldValueDuplicate", field, value)


def forbidden_value(field: str, detail: str) -> FieldProblem:
    """The field may not be set here."""
    return FieldProblem("FieldValueForbidden", field, detail=detail)


def too_long(field: str, limit: int, unit: str = "bytes") -> FieldProblem:
    """The value is longer than `limit` of `unit`; the value itself is not repeated."""
    return FieldProblem("FieldValueTooLong", field, detail=f"may not be more than {limit} {unit}")


def unsupported_value(field: str, value: Any, supported: Sequence[str]) -> FieldProblem:
    """The value is none of the enumerated ones."""
    shown = ", ".join(quote(item) for item in supported)
    return FieldProblem(
        "FieldValueNotSupported", field, value, f"supported values: {shown}" if shown else ""
    )


def invalid(kind: GroupName, name: str, problems: Iterable[FieldProblem]) -> ApiError:
    """422 with one cause per problem; repeated sentences stand once in the message."""
    listed = list(problems)
    sentences = list(dict.fromkeys(str(problem) for problem in listed))
    shown = sentences[0] if len(sentences) == 1 else "[" + ", ".join(sentences) + "]"
    causes = [
        {"reason": problem.reason, "message": problem.message, "field": problem.field}
        for problem in listed
    ]
    return ApiError(
        422,
        "Invalid",
        f"{kind} {quote(name)} is invalid: {shown}",
        {"name": name, "group": kind.group, "kind": kind.name, "causes": causes},
    )


def not_found(resource: GroupName, name: str) -> ApiError:
    """404 for an object."""
    return ApiError(404, "NotFound", f"{resource} {quote(name)} not found", _about(resource, name))


def already_exists(
    resource: GroupName, name: str, *, going: bool = False, generated: bool = False
) -> ApiError:
    """409 for a create over an existing object, or over one that is on its way out.

    `generated`: the new object asked for a name of the server's choice, as far as it has none.
    """
    message, details = f"{resource} {quote(name)} already exists", _about(resource, name)
    if going:
        message = f"object is being deleted: {message}"
    if generated:
        message += ", the server was not able to generate a unique name for the object"
        details["retryAfterSeconds"] = 1
    headers = {"Retry-After": "1"} if generated else {}
    return ApiError(409, "AlreadyExists", message, details, headers=headers)


def conflict(resource: GroupName, name: str, why: str) -> ApiError:
    """409 for a write that expected another state."""
    message = f"Operation cannot be fulfilled on {resource} {quote(name)}: {why}"
    return ApiError(409, "Conflict", message, _about(resource, name))


def apply_conflict(causes: list[dict[str, str]], message: str) -> ApiError:
    """409 of an apply over fields that other managers own: one cause per field and manager."""
    return ApiError(409, "Conflict", message, {"causes": causes})


def forbidden(resource: GroupName, name: str, why: str, causes: object = None) -> ApiError:
    """403, with the object's name where there is one."""
    about = f"{resource} {quote(name)}" if name else str(resource)
    message = f"{about} is forbidden: {why}" if resource.name else f"forbidden: {why}"
    return ApiError(403, "Forbidden", message, {**_about(resource, name), "causes": causes})


def bad_request(message: str) -> ApiError:
    """400."""
    return ApiError(400, "BadRequest", message)


def unknown_resource() -> ApiError:
    """404 for a path that no resource serves."""
    return ApiError(404, "NotFound", "the server could not find the requested resource", {})


def method_not_allowed() -> ApiError:
    """405."""
    message = "the server does not allow this method on the requested resource"
    return ApiError(405, "MethodNotAllowed", message, {})


def method_not_supported(resource: GroupName, verb: str) -> ApiError:
    """405 as the server of custom resources words it."""
    message = f"{verb} is not supported on resources of kind {quote(str(resource))}"
    return ApiError(405, "MethodNotAllowed", message, _about(resource, ""))


def unauthorized() -> ApiError:
    """401."""
    return ApiError(401, "Unauthorized", "Unauthorized")


def expired(message: str, continue_token: str = "") -> ApiError:
    """410 for a revision whose history is gone; a fresh continue token may come with it."""
    metadata = {"continue": continue_token} if continue_token else None
    return ApiError(410, "Expired", message, metadata=metadata)


def internal(message: str) -> ApiError:
    """500 without a reason: what an error that is no Status becomes on the real server."""
    return ApiError(500, "", message)


def internal_error(message: str) -> ApiError:
    """500 as the server raises it itself."""
    shown = f"Internal error occurred: {message}"
    return ApiError(500, "InternalError", shown, {"causes": [{"message": message}]})


def unsupported_media_type(accepted: Sequence[str]) -> ApiError:
    """415 naming what is accepted."""
    message = "the body of the request was in an unknown format - accepted media types include: "
    return ApiError(415, "UnsupportedMediaType", message + ", ".join(accepted))


def too_many_requests(retry_after: int) -> ApiError:
    """429 with Retry-After in seconds; for 0, without saying when to come back."""
    message = "Too many requests, please try again later."
    if not retry_after:
        return ApiError(429, "TooManyRequests", message, {})
    return ApiError(
        429,
        "TooManyRequests",
        message,
        {"retryAfterSeconds": retry_after},
        headers={"Retry-After": str(retry_after)},
    )


def quota_exhausted(resource: GroupName, name: str) -> ApiError:
    """403 as the quota's admission gives it for one object more than the namespace may hold."""
    what = f"count/{resource}"
    why = f"exceeded quota: sandbox, requested: {what}=1, used: {what}=1, limited: {what}=1"
    return forbidden(resource, name, why)


def _about(resource: GroupName, name: str) -> dict[str, Any]:
    return {"name": name, "group": resource.group, "kind": resource.name}
