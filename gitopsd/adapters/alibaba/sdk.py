"""The official SDKs and their peculiarities, as measured with darabonba-core 1.0.9.

Everything that leans on the inside of darabonba-core stands here, so that an upgrade has one place
to break.
"""

from __future__ import annotations

import importlib
import ipaddress
import logging
import os
import threading
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

from gitopsd import __version__
from gitopsd.adapters.alibaba.actions import Action
from gitopsd.adapters.alibaba.credentials import Credentials
from gitopsd.adapters.alibaba.pace import Pace
from gitopsd.model.desired import Product
from gitopsd.ports import Misconfigured, Rejected

_PACKAGES: Mapping[Product, str] = {
    "ALB": "alibabacloud_alb20200616",
    "NLB": "alibabacloud_nlb20220430",
}
#: Connections per endpoint; more threads than this wait for one.
_POOL = 32
_importing = threading.Lock()


class Sdk:
    """The SDK client of one product, to be shared between threads.

    `endpoint` is `host` or `host:port`, None for the region's own. Raises Misconfigured for an
    environment that would print the request headers.
    """

    def __init__(
        self,
        product: Product,
        region: str,
        endpoint: str | None,
        credentials: Credentials,
        pace: Pace,
    ) -> None:
        refuse_debug()
        package = _load(_PACKAGES[product])
        from alibabacloud_tea_openapi.utils_models import Config
        from darabonba.runtime import RuntimeOptions

        self._models = package.models
        connect, read = pace.write_timeouts
        self._options = RuntimeOptions()
        self._write_options = RuntimeOptions(
            connect_timeout=int(connect * 1000), read_timeout=int(read * 1000)
        )
        self._answers = threading.local()
        protocol = "http" if endpoint and is_loopback(endpoint) else "https"
        config = Config(
            credential=credentials.client(),
            region_id=region,
            endpoint=endpoint,
            protocol=protocol,
            user_agent=f"gitopsd/{__version__}",
            connect_timeout=int(pace.connect_timeout * 1000),
            read_timeout=int(pace.read_timeout * 1000),
            max_idle_conns=_POOL,
        )
        self._client = package.client.Client(config)
        self._send = self._client.call_api
        self._client.call_api = self._keep_raw
        _respect_no_proxy(protocol, self._client._endpoint)

    def call(self, action: Action, parameters: Mapping[str, Any], about: str) -> dict[str, Any]:
        """Make one call with parameters by API name; answers the JSON body as it came.

        Raises Rejected for a parameter that the operation does not know, which the SDK would leave
        out without a word; otherwise whatever the SDK raises.
        """
        request = getattr(self._models, action.request)().from_map(dict(parameters))
        lost = list(_lost(parameters, request.to_map()))
        if lost:
            raise Rejected(about, f"{action.name} does not know {', '.join(lost)}")
        options = self._write_options if action.writes else self._options
        getattr(self._client, action.method)(request, options)
        body: dict[str, Any] = self._answers.body
        return body

    def _keep_raw(self, params: Any, request: Any, runtime: Any) -> dict[str, Any]:
        """Stand in for the client's `call_api`, between its request and its response models.

        The response models would turn a refusal sent with status 200 into a model of nothing and
        drop fields they do not know, so the body is kept and they get an empty one.
        """
        answer: dict[str, Any] = self._send(params, request, runtime)
        body = answer.get("body")
        self._answers.body = body if isinstance(body, dict) else {}
        return answer | {"body": {}}


def _lost(sent: Any, understood: Any, path: str = "") -> Iterator[str]:
    """The paths in `sent` that the request model did not take over."""
    if isinstance(sent, Mapping) and isinstance(understood, Mapping):
        for key, value in sent.items():
            yield from _lost(value, understood.get(key), f"{path}.{key}" if path else key)
    elif isinstance(sent, list) and isinstance(understood, list) and len(sent) == len(understood):
        for number, (value, taken) in enumerate(zip(sent, understood, strict=True)):
            yield from _lost(value, taken, f"{path}[{number}]")
    elif sent != understood:
        yield path


def refuse_debug() -> None:
    """Raise Misconfigured when DEBUG=sdk is set: the SDK would print the Authorization header."""
    if os.environ.get("DEBUG", "").lower() == "sdk":
        about = "the environment variable DEBUG=sdk"
        raise Misconfigured(about, "makes the Alibaba SDK print signatures", "unset DEBUG")


def is_loopback(endpoint: str) -> bool:
    """Whether an endpoint is this very machine: only then is it spoken to without TLS."""
    host = urlsplit(f"//{endpoint}").hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _load(name: str) -> Any:
    """Import an SDK package, and take back the log handler that it puts on standard error."""
    with _importing:
        importlib.import_module(f"{name}.client")
        importlib.import_module(f"{name}.models")
        logger = logging.getLogger("darabonba-core")
        for handler in list(logger.handlers):
            logger.removeHandler(handler)
        logger.setLevel(logging.WARNING)
        return importlib.import_module(name)


def _respect_no_proxy(protocol: str, endpoint: str) -> None:
    """Make the endpoint's HTTP session honour NO_PROXY, and never proxy loopback addresses.

    The SDK hands HTTP_PROXY and HTTPS_PROXY to every request and knows no exception from them.
    """
    from darabonba.core import DaraCore

    key = f"{protocol}://{endpoint}:80:pool={_POOL}"
    session = DaraCore._get_session(session_key=key, protocol=protocol, pool_size=_POOL)
    if "send" in vars(session):
        return  # another client of the same endpoint shares the session
    send = session.send

    def direct(request: Any, **options: Any) -> Any:
        if is_loopback(endpoint) or proxy_bypass(endpoint):
            options["proxies"] = {}
        return send(request, **options)

    session.send = direct
