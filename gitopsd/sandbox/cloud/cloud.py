"""The assembly: both products behind one lock, their endpoints, and the way in for tests."""

from __future__ import annotations

import copy
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from gitopsd.sandbox.cloud.balancer_desk import BalancerDesk
from gitopsd.sandbox.cloud.dispatch import Dispatcher
from gitopsd.sandbox.cloud.errors import Product
from gitopsd.sandbox.cloud.faults import Fault
from gitopsd.sandbox.cloud.group_desk import GroupDesk
from gitopsd.sandbox.cloud.idempotence import dump_tokens, load_tokens
from gitopsd.sandbox.cloud.keys import EVERYTHING, READ_ONLY, KeyRing
from gitopsd.sandbox.cloud.persistence import FORMAT, dump_state, load_state
from gitopsd.sandbox.cloud.wire import App, build_app
from gitopsd.sandbox.cloud.world import Settings, World

PRODUCTS: tuple[Product, ...] = ("alb", "nlb")
SEEDED_ALB = "alb-sandbox0ingress"
SEEDED_VPC = "vpc-sandbox"


class Cloud:
    """ALB and NLB of one region and account, in memory.

    access_key_id, access_key_secret: the key that may do everything. `clock` drives jobs and lags
    (seconds, any origin), `wall` is the time of day in epoch seconds. `read_only` is a second key
    pair that may only look. `seed` makes ids repeatable. A new sandbox holds one ALB, `SEEDED_ALB`
    in VPC `SEEDED_VPC`, which stands for the one behind IngressClass `alb`; `seeded=False` leaves
    it out.

    faults: rules of what goes wrong, matched in order (see `Fault`). settings: durations, quotas,
    VPCs. groups, balancers: what others do in the cloud. All of it may be used from any thread.
    """

    def __init__(
        self,
        access_key_id: str,
        access_key_secret: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        region: str = "cn-hangzhou",
        read_only: tuple[str, str] | None = None,
        seed: int | None = None,
        seeded: bool = True,
    ) -> None:
        self.faults: list[Fault] = []
        self.settings = Settings()
        self.region = region
        self._clock = clock
        self._lock = threading.RLock()
        self._keys = KeyRing()
        self.add_key(access_key_id, access_key_secret)
        if read_only is not None:
            self.add_key(*read_only, allow=READ_ONLY)
        chance = random.Random(seed)  # noqa: S311 - ids of a sandbox guard nothing
        self._worlds: dict[Product, World] = {
            product: World(product, region, self.settings, clock, wall, chance)
            for product in PRODUCTS
        }
        self._dispatchers = {
            product: Dispatcher(product, world, self._keys, self.faults)
            for product, world in self._worlds.items()
        }
        self.groups = GroupDesk(self.entered)
        self.balancers = BalancerDesk(self.entered)
        if seeded:
            zones = {f"{region}-{letter}": f"vsw-sandbox-{letter}" for letter in "jk"}
            self.balancers.add("alb", "alb", SEEDED_VPC, load_balancer_id=SEEDED_ALB, zones=zones)

    def app(self, product: Product) -> App:
        """The ASGI application of a product's endpoint."""
        return build_app(self._dispatchers[product], self._lock)

    @contextmanager
    def entered(self) -> Iterator[Mapping[Product, World]]:
        """Hold the lock with all due jobs finished; gives both products' worlds."""
        with self._lock:
            for world in self._worlds.values():
                world.settle()
            yield self._worlds

    def add_key(
        self,
        access_key_id: str,
        secret: str,
        *,
        allow: Iterable[str] = EVERYTHING,
        security_token: str | None = None,
    ) -> None:
        """Add or change a key; `allow` are patterns such as "nlb:*" or "*:List*"."""
        with self._lock:
            self._keys.add(access_key_id, secret, allow, security_token)

    def release_stuck_jobs(self) -> None:
        """Let jobs that a `job-stuck` fault holds finish."""
        with self._lock:
            for world in self._worlds.values():
                world.release_stuck()

    def dump(self) -> dict[str, Any]:
        """State, client tokens and VPCs as JSON-able data; keys and faults are not part of it."""
        with self.entered() as worlds:
            now = self._clock()
            return {
                "format": FORMAT,
                "vpcs": {vpc: list(cidrs) for vpc, cidrs in self.settings.vpcs.items()},
                "tokens": {
                    product: dump_tokens(dispatcher.tokens)
                    for product, dispatcher in self._dispatchers.items()
                },
                **{product: dump_state(worlds[product].state, now) for product in PRODUCTS},
            }

    def load(self, data: Mapping[str, Any]) -> None:
        """Replace the state by a dump; VPCs that are told already stay as they are.

        Raises ValueError for a dump of another format.
        """
        if data.get("format") != FORMAT:
            raise ValueError(f"a dump of format {FORMAT} is expected")
        own = copy.deepcopy(dict(data))
        with self._lock:
            for vpc, cidrs in own["vpcs"].items():
                self.settings.vpcs.setdefault(vpc, tuple(cidrs))
            for product in PRODUCTS:
                self._worlds[product].state = load_state(own[product], self._clock())
                self._dispatchers[product].tokens = load_tokens(own["tokens"][product])
