"""Whatever goes wrong on the way is one of the errors of `ports`, and the right one."""

from __future__ import annotations

import inspect
import ssl

import kubernetes.client.exceptions as client
import orjson
import pytest
import urllib3.exceptions as transport
from kubernetes.config import ConfigException
from urllib3 import HTTPResponse
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

from gitopsd import ports
from gitopsd.adapters.kubernetes.errors import (
    TRANSPORT_ERRORS,
    ListExpired,
    NoSuchObject,
    Untried,
    refused,
    undelivered,
)
from gitopsd.adapters.kubernetes.request import Request

READ = Request("GET", "/api/v1/services", "the list of services", "list", "services")
WRITE = Request("PATCH", "/api/v1/x", "Service shop/tea", "patch", "services")

_POOL = HTTPConnectionPool("cluster.test")
_LINK = HTTPConnection("cluster.test")
_UNSENT = (ports.Unreachable, ports.Unreachable)
_MAYBE = (ports.Unreachable, ports.OutcomeUnknown)
_OURS = (ports.Misconfigured, ports.Misconfigured)
_NEW = transport.NewConnectionError(_LINK, "refused")

#: Every exception class of the libraries: an example, and what a read and a write make of it.
TABLE = {
    transport.HTTPError: (transport.HTTPError("x"), _MAYBE),
    transport.HTTPWarning: (transport.HTTPWarning("x"), _MAYBE),
    transport.PoolError: (transport.PoolError(_POOL, "x"), _MAYBE),
    transport.RequestError: (transport.RequestError(_POOL, "/", "x"), _MAYBE),
    transport.SSLError: (transport.SSLError("x"), _MAYBE),
    transport.ProxyError: (transport.ProxyError("x", _NEW), _UNSENT),
    transport.DecodeError: (transport.DecodeError("x"), _MAYBE),
    transport.ProtocolError: (transport.ProtocolError("x"), _MAYBE),
    transport.MaxRetryError: (transport.MaxRetryError(_POOL, "/", _NEW), _UNSENT),
    transport.HostChangedError: (transport.HostChangedError(_POOL, "/"), _MAYBE),
    transport.TimeoutStateError: (transport.TimeoutStateError("x"), _MAYBE),
    transport.TimeoutError: (transport.TimeoutError("x"), _MAYBE),
    transport.ReadTimeoutError: (transport.ReadTimeoutError(_POOL, "/", "x"), _MAYBE),
    transport.ConnectTimeoutError: (transport.ConnectTimeoutError(_LINK, "x"), _UNSENT),
    transport.NewConnectionError: (_NEW, _UNSENT),
    transport.NameResolutionError: (
        transport.NameResolutionError("cluster.test", _LINK, OSError("x")),  # type: ignore[arg-type]
        _UNSENT,
    ),
    transport.EmptyPoolError: (transport.EmptyPoolError(_POOL, "x"), _UNSENT),
    transport.FullPoolError: (transport.FullPoolError(_POOL, "x"), _UNSENT),
    transport.ClosedPoolError: (transport.ClosedPoolError(_POOL, "x"), _UNSENT),
    transport.LocationValueError: (transport.LocationValueError("x"), _OURS),
    transport.LocationParseError: (transport.LocationParseError("x"), _OURS),
    transport.URLSchemeUnknown: (transport.URLSchemeUnknown("gopher"), _OURS),
    transport.ResponseError: (transport.ResponseError("x"), _MAYBE),
    transport.SecurityWarning: (transport.SecurityWarning("x"), _MAYBE),
    transport.InsecureRequestWarning: (transport.InsecureRequestWarning("x"), _MAYBE),
    transport.NotOpenSSLWarning: (transport.NotOpenSSLWarning("x"), _MAYBE),
    transport.SystemTimeWarning: (transport.SystemTimeWarning("x"), _MAYBE),
    transport.InsecurePlatformWarning: (transport.InsecurePlatformWarning("x"), _MAYBE),
    transport.DependencyWarning: (transport.DependencyWarning("x"), _MAYBE),
    transport.ResponseNotChunked: (transport.ResponseNotChunked("x"), _MAYBE),
    transport.BodyNotHttplibCompatible: (transport.BodyNotHttplibCompatible("x"), _MAYBE),
    transport.IncompleteRead: (transport.IncompleteRead(1, 2), _MAYBE),
    transport.InvalidChunkLength: (transport.InvalidChunkLength(HTTPResponse(b""), b"z"), _MAYBE),
    transport.InvalidHeader: (transport.InvalidHeader("x"), _OURS),
    transport.ProxySchemeUnknown: (transport.ProxySchemeUnknown("gopher"), _OURS),
    transport.ProxySchemeUnsupported: (transport.ProxySchemeUnsupported("x"), _OURS),
    transport.HeaderParsingError: (transport.HeaderParsingError([], None), _MAYBE),
    transport.UnrewindableBodyError: (transport.UnrewindableBodyError("x"), _MAYBE),
    client.OpenApiException: (client.OpenApiException("x"), _MAYBE),
    client.ApiTypeError: (client.ApiTypeError("x"), _MAYBE),
    client.ApiValueError: (client.ApiValueError("x"), _MAYBE),
    client.ApiAttributeError: (client.ApiAttributeError("x"), _MAYBE),
    client.ApiKeyError: (client.ApiKeyError("x"), _MAYBE),
    client.ApiException: (client.ApiException(0, "SSLError\nwrong version"), _MAYBE),
    client.BadRequestException: (client.BadRequestException(400, "x"), _MAYBE),
    client.NotFoundException: (client.NotFoundException(404, "x"), _MAYBE),
    client.UnauthorizedException: (client.UnauthorizedException(401, "x"), _MAYBE),
    client.ForbiddenException: (client.ForbiddenException(403, "x"), _MAYBE),
    client.ServiceException: (client.ServiceException(500, "x"), _MAYBE),
    client.ConflictException: (client.ConflictException(409, "x"), _MAYBE),
    client.UnprocessableEntityException: (
        client.UnprocessableEntityException(422, "x"),
        _MAYBE,
    ),
    ConfigException: (ConfigException("x"), _OURS),
}


def _exceptions(module: object) -> set[type[Exception]]:
    return {
        value
        for _, value in inspect.getmembers(module, inspect.isclass)
        if issubclass(value, Exception) and value.__module__ == getattr(module, "__name__", "")
    }


def test_every_exception_class_of_the_libraries_is_in_the_table() -> None:
    assert _exceptions(transport) | _exceptions(client) | {ConfigException} == set(TABLE)


def test_every_exception_class_of_the_libraries_is_caught() -> None:
    assert all(issubclass(kind, TRANSPORT_ERRORS) for kind in TABLE)


@pytest.mark.parametrize("kind", TABLE, ids=lambda kind: kind.__name__)
def test_an_exception_of_the_libraries_is_translated(kind: type[Exception]) -> None:
    error, (of_read, of_write) = TABLE[kind]
    assert type(undelivered(error, READ).error) is of_read
    assert type(undelivered(error, WRITE).error) is of_write


@pytest.mark.parametrize("kind", TABLE, ids=lambda kind: kind.__name__)
def test_only_what_may_succeed_later_and_was_not_done_is_tried_again(
    kind: type[Exception],
) -> None:
    error = TABLE[kind][0]
    for request in (READ, WRITE):
        failure = undelivered(error, request)
        assert failure.again == isinstance(failure.error, ports.Unreachable)


def test_a_certificate_that_does_not_fit_is_found_before_anything_is_sent() -> None:
    error = client.ApiException(0, "SSLError")
    error.__context__ = transport.SSLError(ssl.SSLCertVerificationError("self-signed"))
    assert isinstance(undelivered(error, WRITE).error, ports.Unreachable)


def _body(code: int, message: str, **more: object) -> bytes:
    return orjson.dumps({"kind": "Status", "message": message, "code": code, **more})


def _causes(*causes: tuple[str, str]) -> dict[str, object]:
    return {"causes": [{"field": field, "message": text} for field, text in causes]}


@pytest.mark.parametrize(
    ("code", "body", "error"),
    [
        (400, _body(400, "bad"), ports.Rejected),
        (401, _body(401, "Unauthorized"), ports.Unauthenticated),
        (403, _body(403, 'User "dev" cannot patch resource "services"'), ports.Forbidden),
        (403, _body(403, 'services "x" is forbidden: exceeded quota: q'), Untried),
        (400, _body(400, 'admission webhook "w" does not support dry run'), Untried),
        (403, _body(403, 'admission webhook "w" denied the request: no'), ports.Rejected),
        (
            403,
            _body(
                403, "unable to create", details={"causes": [{"reason": "NamespaceTerminating"}]}
            ),
            ports.Busy,
        ),
        (
            404,
            _body(404, 'services "x" not found', details={"name": "x", "kind": "services"}),
            NoSuchObject,
        ),
        (
            404,
            _body(404, 'namespaces "n" not found', details={"name": "n", "kind": "namespaces"}),
            ports.Missing,
        ),
        (404, _body(404, "the server could not find the requested resource"), ports.Missing),
        (404, b"404 page not found", ports.Missing),
        (405, _body(405, "not allowed"), ports.Rejected),
        (409, _body(409, "the object has been modified"), ports.Overtaken),
        (410, _body(410, "the provided continue parameter is too old"), ListExpired),
        (413, _body(413, "too large"), ports.Rejected),
        (415, _body(415, "unknown format"), ports.Rejected),
        (422, _body(422, "is invalid", details=_causes(("spec.ports", "x"))), ports.Rejected),
        (
            422,
            _body(422, "is invalid", details=_causes(("metadata.uid", "field is immutable"))),
            ports.Overtaken,
        ),
        (429, _body(429, "too many requests"), ports.Throttled),
        (
            500,
            _body(500, "failed to create typed patch object (a/b; /v1, Kind=Service): .spec.x"),
            ports.Rejected,
        ),
        (500, _body(500, "Internal error: failed calling webhook"), ports.Busy),
        (500, _body(500, "etcdserver: request timed out"), ports.OutcomeUnknown),
        (503, b"<html>no backend</html>", ports.OutcomeUnknown),
        (504, _body(504, "timeout"), ports.OutcomeUnknown),
        (302, b"", ports.Rejected),
    ],
)
def test_a_refused_write_is_translated(code: int, body: bytes, error: type) -> None:
    assert type(refused(code, {}, body, WRITE).error) is error


@pytest.mark.parametrize("code", [500, 502, 503, 504])
def test_a_read_that_meets_a_server_error_is_tried_again(code: int) -> None:
    failure = refused(code, {"Retry-After": "3"}, b"", READ)
    assert isinstance(failure.error, ports.Unreachable)
    assert (failure.again, failure.after) == (True, 3.0)


def test_a_missing_right_is_named_by_verb_and_resource() -> None:
    error = refused(403, {}, _body(403, "no"), WRITE).error
    assert "patch services" in str(error)


def test_all_causes_of_a_rejection_are_told() -> None:
    causes = _causes(("spec.ports[0].port", "must be below 65536"), ("spec.type", "unknown"))
    text = str(refused(422, {}, _body(422, "is invalid", details=causes), WRITE).error)
    assert "spec.ports[0].port: must be below 65536" in text
    assert "spec.type: unknown" in text


def test_a_missing_namespace_comes_with_the_command_that_makes_it() -> None:
    body = _body(404, "not found", details={"name": "shop", "kind": "namespaces"})
    assert refused(404, {}, body, WRITE).error.mend == "kubectl create namespace shop"


def test_a_page_that_is_not_from_an_api_server_is_shown_shortened() -> None:
    error = refused(502, {}, b"<html>" + b"x" * 5000, READ).error
    assert "<html>" in error.detail
    assert len(error.detail) < 300
