"""The desk over HTTP: `/sandbox/faults` on the Kubernetes listener, for the admin's token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import orjson

from gitopsd.sandbox.faults.desk import FaultDesk
from gitopsd.sandbox.kubernetes import errors
from gitopsd.sandbox.kubernetes.requests import Request
from gitopsd.sandbox.kubernetes.responses import Response, of_json

FAULTS_PATH: Final = "/sandbox/faults"


def control(desk: FaultDesk) -> Callable[[Request], Response]:
    """The handler: POST a JSON list of orders, GET what is in force, DELETE takes all back.

    Each answers what is in force then. A POST that cannot be understood is a 400 and changes
    nothing.
    """

    def handle(request: Request) -> Response:
        if request.path.rstrip("/") != FAULTS_PATH:
            raise errors.unknown_resource()
        if request.method == "DELETE":
            desk.clear()
        elif request.method == "POST":
            _add(desk, request.body)
        elif request.method not in ("GET", "HEAD"):
            raise errors.method_not_allowed()
        return of_json(desk.listed())

    return handle


def _add(desk: FaultDesk, body: bytes) -> None:
    try:
        texts = orjson.loads(body)
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise ValueError("a JSON list of orders is expected, each a string")
        desk.add(texts)
    except ValueError as error:  # of the syntax as well as of the JSON
        raise errors.bad_request(str(error)) from error
