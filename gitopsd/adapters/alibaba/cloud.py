"""The cloud as the ports know it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from gitopsd.adapters.alibaba.actions import ACTIONS
from gitopsd.adapters.alibaba.api import ProductApi, Transport
from gitopsd.adapters.alibaba.credentials import Credentials
from gitopsd.adapters.alibaba.health import health_of
from gitopsd.adapters.alibaba.pace import Pace
from gitopsd.adapters.alibaba.reads import fill, groups_by_id, groups_by_name, tagged_groups
from gitopsd.adapters.alibaba.sdk import Sdk, refuse_debug
from gitopsd.adapters.alibaba.writes import Writes
from gitopsd.model.desired import Product
from gitopsd.model.observed import Gap, ObservedGroup
from gitopsd.model.wording import said
from gitopsd.ports import CloudScope, CloudView, Health, Meter, Term, WorldError


class AlibabaReader:
    """The server groups of one region, to look at: a `CloudReader`.

    `alb_endpoint` and `nlb_endpoint` are `host` or `host:port`, None for the region's own; only a
    loopback address is spoken to without TLS. The SDKs are loaded, and credentials asked for, when
    a product is first called. Methods may be called from several threads; `observe` turns errors
    into gaps, the others raise the errors of `ports`. Raises Misconfigured when DEBUG=sdk is set.
    """

    def __init__(
        self,
        region: str,
        *,
        alb_endpoint: str | None = None,
        nlb_endpoint: str | None = None,
        credentials: Credentials | None = None,
        pace: Pace | None = None,
        term: Term | None = None,
        meter: Meter | None = None,
    ) -> None:
        refuse_debug()
        keys, speed = credentials or Credentials(), pace or Pace()
        endpoints: Mapping[Product, str | None] = {"ALB": alb_endpoint, "NLB": nlb_endpoint}

        def transport(product: Product) -> Transport:
            return Sdk(product, region, endpoints[product], keys, speed)

        self._apis: dict[Product, ProductApi] = {
            product: ProductApi(product, region, partial(transport, product), speed, term, meter)
            for product in ACTIONS
        }

    def observe(self, scope: CloudScope) -> CloudView:
        """See `CloudReader.observe`; a product that cannot be read is a gap.

        The service's tag filter lags behind a moment: groups just made may be missing.
        """
        groups: list[ObservedGroup] = []
        adoptable: dict[str, ObservedGroup] = {}
        gaps: list[Gap] = []
        for product in sorted(scope.products | {product for product, _ in scope.adopt}):
            try:
                if product in scope.products:
                    groups += self._ours(product, scope)
                adoptable |= self._adoptable(product, scope)
            except WorldError as error:
                why = error.detail + (f" ({error.mend})" if error.mend else "")
                gaps.append(Gap(said("product-groups", product=product), why, frozenset({product})))
        return CloudView(groups=tuple(groups), adoptable=adoptable, gaps=tuple(gaps))

    def read(self, product: Product, group_id: str) -> ObservedGroup | None:
        """See `CloudReader.read`."""
        api = self._apis[product]
        found = list(groups_by_id(api, [group_id]).values())
        return fill(api, found, None)[0] if found else None

    def find(self, product: Product, tags: Mapping[str, str]) -> tuple[ObservedGroup, ...]:
        """See `CloudReader.find`."""
        return tuple(tagged_groups(self._apis[product], tags))

    def look_up(
        self, product: Product, names: Iterable[str], ids: Iterable[str]
    ) -> tuple[ObservedGroup, ...]:
        """See `CloudReader.look_up`."""
        api = self._apis[product]
        found = groups_by_name(api, names) | groups_by_id(api, ids)
        return tuple(fill(api, [found[group_id] for group_id in sorted(found)], None))

    def health(self, groups: Iterable[ObservedGroup]) -> Health:
        """See `CloudReader.health`."""
        known = list(groups)
        return {
            group_id: members
            for product, api in self._apis.items()
            for group_id, members in health_of(api, [g for g in known if g.product == product])
        }

    def _ours(self, product: Product, scope: CloudScope) -> list[ObservedGroup]:
        api, tags = self._apis[product], scope.owner.tag_filter
        found = tagged_groups(api, tags)
        return fill(api, [group for group in found if scope.owner.owns_tags(group.tags)], tags)

    def _adoptable(self, product: Product, scope: CloudScope) -> dict[str, ObservedGroup]:
        api = self._apis[product]
        ids = [group_id for of, group_id in scope.adopt if of == product]
        found = list(groups_by_id(api, ids).values())
        return {group.id: group for group in fill(api, found, None)}


class AlibabaCloud(AlibabaReader):
    """The server groups of one region, to look at and to change: also a `CloudWriter`.

    With `dry_run` every change is only tried out by the cloud: a call returns when the cloud has no
    objection and raises what it would refuse; `create_group` then answers "". With a `term`,
    nothing is changed outside it.
    """

    def __init__(
        self,
        region: str,
        *,
        alb_endpoint: str | None = None,
        nlb_endpoint: str | None = None,
        credentials: Credentials | None = None,
        pace: Pace | None = None,
        dry_run: bool = False,
        term: Term | None = None,
        meter: Meter | None = None,
    ) -> None:
        super().__init__(
            region,
            alb_endpoint=alb_endpoint,
            nlb_endpoint=nlb_endpoint,
            credentials=credentials,
            pace=pace,
            term=term,
            meter=meter,
        )
        self._writes = {
            product: Writes(api, dry_run=dry_run) for product, api in self._apis.items()
        }

    def create_group(
        self, product: Product, parameters: Mapping[str, Any], tags: Mapping[str, str], token: str
    ) -> str:
        """See `CloudWriter.create_group`."""
        return self._writes[product].create(parameters, tags, token)

    def update_group(
        self, product: Product, group_id: str, parameters: Mapping[str, Any], token: str
    ) -> None:
        """See `CloudWriter.update_group`."""
        self._writes[product].update(group_id, parameters, token)

    def delete_group(self, product: Product, group_id: str, token: str) -> None:
        """See `CloudWriter.delete_group`."""
        self._writes[product].delete(group_id, token)

    def add_servers(
        self, product: Product, group_id: str, servers: Sequence[Mapping[str, Any]], token: str
    ) -> None:
        """See `CloudWriter.add_servers`."""
        self._writes[product].add_servers(group_id, servers, token)

    def update_servers(
        self, product: Product, group_id: str, servers: Sequence[Mapping[str, Any]], token: str
    ) -> None:
        """See `CloudWriter.update_servers`."""
        self._writes[product].update_servers(group_id, servers, token)

    def remove_servers(
        self, product: Product, group_id: str, servers: Sequence[Mapping[str, Any]], token: str
    ) -> None:
        """See `CloudWriter.remove_servers`."""
        self._writes[product].remove_servers(group_id, servers, token)

    def tag_group(self, product: Product, group_id: str, tags: Mapping[str, str]) -> None:
        """See `CloudWriter.tag_group`."""
        self._writes[product].tag(group_id, tags)

    def untag_group(self, product: Product, group_id: str, keys: Sequence[str]) -> None:
        """See `CloudWriter.untag_group`."""
        self._writes[product].untag(group_id, keys)
