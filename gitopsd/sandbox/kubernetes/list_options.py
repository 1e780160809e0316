"""Which state a list or a watch is asked for, and which ways of asking mean nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gitopsd.sandbox.kubernetes import errors
from gitopsd.sandbox.kubernetes.requests import Request

_NOT_OLDER: Final = "NotOlderThan"
_MATCHES: Final = ("Exact", _NOT_OLDER)


def check_list_options(request: Request, *, watches: bool) -> None:
    """Refuse a combination of resourceVersion and resourceVersionMatch that means nothing.

    Raises:
        errors.ApiError: 400 or 422.
    """
    version, match = request.parameter("resourceVersion"), request.parameter("resourceVersionMatch")
    goes_on, begins = bool(request.parameter("continue")), "sendInitialEvents" in request.query
    if watches:
        problems = list(_watch_problems(match, begins=begins, goes_on=goes_on, version=version))
    else:
        problems = list(_match_problems(match, version, goes_on=goes_on)) if match else []
        if begins:
            why = "sendInitialEvents is forbidden for list"
            problems.append(errors.forbidden_value("sendInitialEvents", why))
    if problems:
        raise errors.invalid(errors.GroupName("meta.k8s.io", "ListOptions"), "", problems)


def _watch_problems(
    match: str, *, begins: bool, goes_on: bool, version: str
) -> Iterator[errors.FieldProblem]:
    field = "resourceVersionMatch"
    if not match and not begins and version in ("", "0"):  # means to begin with what there is
        match, begins = _NOT_OLDER, True
    if begins and match != _NOT_OLDER:
        why = f"sendInitialEvents requires setting resourceVersionMatch to {_NOT_OLDER}"
        yield errors.forbidden_value(field, why)
    if match and not begins:
        why = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
        yield errors.forbidden_value(field, why)
    if match and match != _NOT_OLDER:
        yield errors.unsupported_value(field, match, (_NOT_OLDER,))
    if match and goes_on:
        why = "resourceVersionMatch is forbidden when continue is provided"
        yield errors.forbidden_value(field, why)


def _match_problems(match: str, version: str, *, goes_on: bool) -> Iterator[errors.FieldProblem]:
    field = "resourceVersionMatch"
    if not version:
        why = "resourceVersionMatch is forbidden unless resourceVersion is provided"
        yield errors.forbidden_value(field, why)
    if goes_on:
        why = "resourceVersionMatch is forbidden when continue is provided"
        yield errors.forbidden_value(field, why)
    if match not in _MATCHES:
        yield errors.unsupported_value(field, match, (*_MATCHES, ""))
    elif match == "Exact" and version == "0":
        why = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
        yield errors.forbidden_value(field, why)
