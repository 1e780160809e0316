"""The two products: version, table of operations, and which function answers which operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gitopsd.sandbox.cloud import balancers, groups, health, jobs, members, tags
from gitopsd.sandbox.cloud.call import Handler
from gitopsd.sandbox.cloud.errors import Product
from gitopsd.sandbox.cloud.operations_alb import ALB_OPERATIONS
from gitopsd.sandbox.cloud.operations_nlb import NLB_OPERATIONS
from gitopsd.sandbox.cloud.schema import Operation

_BOTH: Mapping[str, Handler] = {
    "CreateServerGroup": groups.create,
    "UpdateServerGroupAttribute": groups.update,
    "DeleteServerGroup": groups.delete,
    "ListServerGroups": groups.list_groups,
    "AddServersToServerGroup": members.add,
    "RemoveServersFromServerGroup": members.remove,
    "UpdateServerGroupServersAttribute": members.update,
    "ListServerGroupServers": members.list_servers,
    "TagResources": tags.tag_resources,
    "ListTagResources": tags.list_tag_resources,
    "ListAsynJobs": jobs.list_jobs,
    "ListLoadBalancers": balancers.list_load_balancers,
    "GetLoadBalancerAttribute": balancers.get_load_balancer,
    "ListListeners": balancers.list_listeners,
    "GetListenerAttribute": balancers.get_listener,
    "GetListenerHealthStatus": health.listener_health,
}


@dataclass(frozen=True, slots=True)
class ProductApi:
    """What an endpoint answers: API version, parameters and functions of each operation."""

    name: Product
    version: str
    operations: Mapping[str, Operation]
    handlers: Mapping[str, Handler]


APIS: Mapping[Product, ProductApi] = {
    "alb": ProductApi(
        "alb",
        "2020-06-16",
        ALB_OPERATIONS,
        {
            **_BOTH,
            "ReplaceServersInServerGroup": members.replace,
            "UnTagResources": tags.untag_resources,
            "ListRules": balancers.list_rules,
        },
    ),
    "nlb": ProductApi(
        "nlb",
        "2022-04-30",
        NLB_OPERATIONS,
        {
            **_BOTH,
            "UntagResources": tags.untag_resources,
            "GetJobStatus": jobs.get_job_status,
        },
    ),
}
