"""The whole sandbox in one process: Kubernetes API, ALB and NLB APIs on loopback.

`Sandbox` serves in a thread of its own and is what tests use; `run` serves in the foreground until
it is told to stop, for the command line.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import orjson
import yaml

from gitopsd.sandbox.cloud import Cloud
from gitopsd.sandbox.faults.control import control
from gitopsd.sandbox.faults.desk import FaultDesk
from gitopsd.sandbox.identity import Secrets, kubeconfig, load_secrets
from gitopsd.sandbox.kubernetes.access import EVERYTHING
from gitopsd.sandbox.kubernetes.allocation import Allocation
from gitopsd.sandbox.kubernetes.app import KubernetesApp
from gitopsd.sandbox.kubernetes.cluster import Cluster
from gitopsd.sandbox.kubernetes.files import write_private
from gitopsd.sandbox.kubernetes.housekeeping import GarbageCollector, NamespaceCleaner
from gitopsd.sandbox.kubernetes.journal import Journal
from gitopsd.sandbox.kubernetes.serving import Listener, bound_socket, serve
from gitopsd.sandbox.preloaded import preload

# Given out once a cluster's usual range is full, so that thousands of Services with ports fit.
_SPARE_PORTS: Final = range(32768, 60000)
_START_SECONDS: Final = 30.0
_SAVE_SECONDS: Final = 2.0
_CONTROLLERS: Final = "gitopsd.sandbox.controllers"
_PORTS: Final = ("kubernetes", "tls", "alb", "nlb")


class Sandbox:
    """A cluster and a cloud on loopback, for the life of a `with` block.

    Args:
        directory: where `kubeconfig.yaml` and `sandbox.json` are written, and with `persist` the
            state; it is created if it is missing.
        kubernetes_port, tls_port, alb_port, nlb_port: ports; 0 takes any free one. With `persist`
            the ports of the last run are taken again if they are free.
        persist: keep state, tokens and keys in the directory.
        controllers: let namespaces that are deleted end, as the cluster's own controller does, and
            have stand-ins for Alibaba's two controllers follow Services and Ingresses.
        seed: repeats which requests a fault with a chance strikes, and, without `persist`, the
            uids and ids that are given out. None: fresh ids, and faults as under 0.

    Attributes:
        cluster: the Kubernetes state, to read and write in process.
        cloud: the ALB and NLB state.
        faults: where faults of both sides are ordered.
        kubernetes_url: the plain HTTP listener; `kubeconfig` points at the HTTPS one.
        tokens: bearer tokens of the users `admin` and `restricted` (who may nothing).
        alb, nlb: `host:port` of the cloud APIs.
    """

    def __init__(
        self,
        directory: Path,
        *,
        kubernetes_port: int = 0,
        tls_port: int = 0,
        alb_port: int = 0,
        nlb_port: int = 0,
        persist: bool = False,
        controllers: bool = True,
        seed: int | None = None,
    ) -> None:
        self.directory = Path(directory)
        self.kubeconfig = self.directory / "kubeconfig.yaml"
        self.kubernetes_url = ""
        self.alb = ""
        self.nlb = ""
        self._asked = dict(
            zip(_PORTS, (kubernetes_port, tls_port, alb_port, nlb_port), strict=True)
        )
        self._persist = persist
        self._controllers = controllers
        self._thread: threading.Thread | None = None
        self._stop: Callable[[], None] = lambda: None
        self._failure: BaseException | None = None
        self.directory.mkdir(parents=True, exist_ok=True)
        self._secrets = load_secrets(self.directory) if persist else Secrets.new()
        self.tokens = {"admin": self._secrets.admin, "restricted": self._secrets.restricted}
        self.access_key_id = self._secrets.access_key_id
        self.access_key_secret = self._secrets.access_key_secret
        # A run that goes on from an earlier one must not give that one's ids out again.
        ids = None if persist else seed
        self.cluster = Cluster(allocation=Allocation(spare_ports=_SPARE_PORTS), seed=ids)
        self.cloud = Cloud(self.access_key_id, self.access_key_secret, seed=ids)
        self.faults = FaultDesk(self.cluster, self.cloud, seed or 0)
        self.cluster.access.grant(self.tokens["admin"], "admin", [EVERYTHING])
        self.cluster.access.grant(self.tokens["restricted"], "restricted")

    def know(self, token: str, user: str) -> None:
        """Take a bearer token for a user: `admin` may do everything, others what everybody may."""
        self.cluster.access.grant(token, user, [EVERYTHING] if user == "admin" else [])

    # -- life

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Serve in a background thread; returns when every listener answers.

        Raises:
            OSError: a port is taken.
            RuntimeError: the sandbox did not come up.
        """
        journal = Journal(self.directory, self.cluster) if self._persist else None
        cloud_file = self.directory / "cloud.json"
        if self._persist and cloud_file.exists():
            self.cloud.load(orjson.loads(cloud_file.read_bytes()))
        listeners = self._listeners()
        preload(self.cluster, listeners["tls"].port)
        ready = threading.Event()
        self._thread = threading.Thread(
            target=self._serve,
            args=(listeners, ready, journal),
            name="gitopsd-sandbox",
            daemon=True,
        )
        self._thread.start()
        if not ready.wait(_START_SECONDS) or self._failure is not None:
            self.stop()
            raise RuntimeError("the sandbox did not come up") from self._failure
        self._write_files(listeners)

    def stop(self) -> None:
        """Stop serving and, with `persist`, save. Safe to call twice."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._stop()
        thread.join()
        (self.directory / "sandbox.json").unlink(missing_ok=True)

    def _serve(
        self, listeners: dict[str, Listener], ready: threading.Event, journal: Journal | None
    ) -> None:
        try:
            asyncio.run(self._main(listeners, ready))
        except BaseException as error:  # noqa: BLE001 - told to the thread that waits in start()
            self._failure = error
        finally:
            if journal is not None:
                journal.close()
                self._save_cloud()
            ready.set()

    async def _main(self, listeners: dict[str, Listener], ready: threading.Event) -> None:
        loop = asyncio.get_running_loop()
        stopping, started = asyncio.Event(), asyncio.Event()
        self._stop = lambda: _tell(loop, stopping)
        apps = {id(one.app): one.app for one in listeners.values()}
        helpers = [asyncio.create_task(_announced(started, ready))]
        if self._controllers:
            helpers.append(asyncio.create_task(NamespaceCleaner(self.cluster).run()))
            helpers.append(asyncio.create_task(GarbageCollector(self.cluster).run()))
            helpers.append(asyncio.create_task(self._control(started)))
        if self._persist:
            helpers.append(asyncio.create_task(self._save_now_and_then()))

        async def end_watches() -> None:
            await stopping.wait()
            for app in apps.values():
                if isinstance(app, KubernetesApp):
                    app.close()

        helpers.append(asyncio.create_task(end_watches()))
        try:
            await serve(list(listeners.values()), started, stopping)
        finally:
            for task in helpers:
                task.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)

    async def _control(self, started: asyncio.Event) -> None:
        """Run the stand-ins, which catch up on whatever was there before them.

        Their modules are read once everything is served, and beside it: who waits for the sandbox
        to be ready does not wait for them.
        """
        await started.wait()
        controllers = await asyncio.to_thread(importlib.import_module, _CONTROLLERS)
        await controllers.Controllers(self.cluster, self.cloud).run()

    async def _save_now_and_then(self) -> None:
        last = b""
        while True:
            await asyncio.sleep(_SAVE_SECONDS)
            last = self._save_cloud(last)

    def _save_cloud(self, last: bytes = b"") -> bytes:
        dump = orjson.dumps(self.cloud.dump())
        if dump != last:
            write_private(self.directory / "cloud.json", dump)
        return dump

    # -- parts

    def _listeners(self) -> dict[str, Listener]:
        last = self._last_ports()
        sockets = {}
        try:
            for name, port in self._asked.items():
                wanted = port or last.get(name, 0)
                sockets[name] = bound_socket(wanted, fallback=not port)
        except OSError:
            for sock in sockets.values():
                sock.close()
            raise
        certificate, key = self.directory / "server.crt", self.directory / "server.key"
        write_private(certificate, self._secrets.certificate)
        write_private(key, self._secrets.key)
        app = KubernetesApp(self.cluster, control=control(self.faults))
        listeners = {
            "kubernetes": Listener(app, sockets["kubernetes"]),
            "tls": Listener(app, sockets["tls"], certificate, key),
            "alb": Listener(self.cloud.app("alb"), sockets["alb"]),
            "nlb": Listener(self.cloud.app("nlb"), sockets["nlb"]),
        }
        app.address = listeners["tls"].address
        self.kubernetes_url = f"http://{listeners['kubernetes'].address}"
        self.alb, self.nlb = listeners["alb"].address, listeners["nlb"].address
        return listeners

    def _last_ports(self) -> dict[str, int]:
        path = self.directory / "ports.json"
        if not self._persist or not path.exists():
            return {}
        found: dict[str, int] = orjson.loads(path.read_bytes())
        return found

    def _write_files(self, listeners: dict[str, Listener]) -> None:
        ports = {name: listener.port for name, listener in listeners.items()}
        if self._persist:
            write_private(self.directory / "ports.json", orjson.dumps(ports))
        server = f"https://{listeners['tls'].address}"
        config = kubeconfig(server, self._secrets.authority, self.tokens)
        write_private(self.kubeconfig, yaml.safe_dump(config, sort_keys=False))
        about = {
            "kubernetes": {
                "url": self.kubernetes_url,
                "kubeconfig": str(self.kubeconfig.absolute()),
                "tokens": self.tokens,
            },
            "alb": self.alb,
            "nlb": self.nlb,
            "accessKeyId": self.access_key_id,
            "accessKeySecret": self.access_key_secret,
        }
        text = orjson.dumps(about, option=orjson.OPT_INDENT_2) + b"\n"
        write_private(self.directory / "sandbox.json", text)


def _tell(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    with contextlib.suppress(RuntimeError):  # the loop is closed: it has stopped by itself
        loop.call_soon_threadsafe(event.set)


async def _announced(started: asyncio.Event, ready: threading.Event) -> None:
    await started.wait()
    ready.set()


def run(
    directory: Path,
    *,
    faults: Sequence[str] = (),
    known: Mapping[str, str] | None = None,
    vpcs: Mapping[str, tuple[str, ...]] | None = None,
    ready: Callable[[Sandbox], None] = lambda _: None,
    **asked: Any,
) -> None:
    """Serve in the foreground until SIGTERM or SIGINT; `ready` is called once it serves.

    `faults` are orders that are in force from the first request on, `known` are further bearer
    tokens with the user each stands for, `vpcs` the address ranges of VPCs by id, `asked` are
    arguments of `Sandbox`.

    Raises:
        FaultSyntaxError: an order cannot be understood.
        OSError: a port is taken or the directory cannot be written.
    """
    stopped = threading.Event()
    sandbox = Sandbox(directory, **asked)
    sandbox.faults.add(faults)
    sandbox.cloud.settings.vpcs |= vpcs or {}
    for token, user in (known or {}).items():
        sandbox.know(token, user)
    with contextlib.ExitStack() as stack:
        for number in (signal.SIGTERM, signal.SIGINT):
            previous = signal.signal(number, lambda *_: stopped.set())
            stack.callback(signal.signal, number, previous)
        stack.enter_context(sandbox)
        ready(sandbox)
        stopped.wait()
