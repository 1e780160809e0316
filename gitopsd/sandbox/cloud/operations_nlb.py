"""The NLB operations that the sandbox answers, as data (API 2022-04-30).

Limits are those of facts §6.1 to §6.3 and the vendor's description of each operation. Almost
everything travels in the form body; the exceptions are the tag filter of ListServerGroups and the
read operations on jobs, load balancers and listeners.
"""

from __future__ import annotations

import re

from gitopsd.sandbox.cloud.fields import (
    CLIENT_TOKEN,
    CONTROL,
    GROUP_ID,
    GROUP_NAME,
    NLB_DESCRIPTION,
    PAGING,
    REGION,
    WEIGHT,
    filter_tags,
    server_types,
    written_tags,
)
from gitopsd.sandbox.cloud.schema import (
    Operation,
    flag,
    integer,
    required,
    struct,
    structs,
    text,
    texts,
)

_PROBE_PATH = re.compile(r"/[A-Za-z0-9\-/.%?#&=_;~!()*\[\]@$^:\\\",+]*")
_DOMAIN = re.compile(r"\$SERVER_IP|[A-Za-z0-9](?:[A-Za-z0-9\-.]*[A-Za-z0-9])?")
_PROBE_TEXT = re.compile(r"[A-Za-z0-9]+")
_RESOURCE_TYPES = ("loadbalancer", "securitypolicy", "servergroup")
_TAGGED = (required(texts("ResourceId", 50)), required(text("ResourceType", *_RESOURCE_TYPES)))
_BALANCER_STATES = (
    "Inactive", "Active", "Provisioning", "Configuring", "Deleting", "Deleted", "CreateFailed",
)  # fmt: skip
_PROTOCOLS = ("TCP", "UDP", "TCP_UDP", "TCPSSL")
"""TCPSSL is on no page any more; the cloud controller sends it for TCPSSL listeners."""
_SCHEDULERS = ("Wrr", "Wlc", "rr", "sch", "tch", "qch")

_POST = ("POST",)

_MUTABLE = (
    flag("ConnectionDrainEnabled"),
    integer("ConnectionDrainTimeout", 0, 900),
    struct(
        "HealthCheckConfig",
        flag("HealthCheckEnabled"),
        integer("HealthCheckConnectPort", 0, 65535),
        integer("HealthCheckConnectTimeout", 1, 300),
        text("HealthCheckDomain", minimum=1, maximum=80, pattern=_DOMAIN),
        text("HealthCheckExp", minimum=1, maximum=512, pattern=_PROBE_TEXT),
        texts("HealthCheckHttpCode", 10, "http_2xx", "http_3xx", "http_4xx", "http_5xx"),
        text("HealthCheckHttpVersion", "HTTP1.0", "HTTP1.1"),
        integer("HealthCheckInterval", 1, 300),
        text("HealthCheckReq", minimum=1, maximum=512, pattern=_PROBE_TEXT),
        text("HealthCheckType", "TCP", "HTTP", "UDP"),
        text("HealthCheckUrl", minimum=1, maximum=80, pattern=_PROBE_PATH),
        integer("HealthyThreshold", 2, 10),
        text("HttpCheckMethod", "GET", "HEAD"),
        integer("UnhealthyThreshold", 2, 10),
    ),
    text("IpVersionAffinityMode", "Affinity", "NonAffinity"),
    flag("PreserveClientIpEnabled"),
    text("Scheduler", *_SCHEDULERS),
)
_SERVER = (
    server_types(),
    required(text("ServerId", minimum=1)),
    text("ServerIp"),
    integer("Port", 0, 65535),
)
_UPDATED_SERVER = (
    server_types(),
    required(text("ServerId", minimum=1)),
    text("ServerIp"),
    required(integer("Port", 0, 65535)),
    WEIGHT,
    NLB_DESCRIPTION,
)

_GROUPS = (
    Operation(
        "CreateServerGroup",
        form=(
            *CONTROL,
            REGION,
            required(text("ServerGroupName", minimum=2, maximum=128, pattern=GROUP_NAME)),
            text("ServerGroupType", "Instance", "Ip"),
            required(text("VpcId", minimum=1)),
            text("Protocol", *_PROTOCOLS),
            text("AddressIPVersion", "ipv4", "DualStack"),
            flag("AnyPortEnabled"),
            text("ResourceGroupId"),
            *_MUTABLE,
            written_tags("Tag", key_limit=64, plain=True),
        ),
        access="write",
        job=True,
        methods=_POST,
    ),
    Operation(
        "UpdateServerGroupAttribute",
        form=(
            *CONTROL,
            REGION,
            GROUP_ID,
            text("ServerGroupName", minimum=2, maximum=128, pattern=GROUP_NAME),
            *_MUTABLE,
        ),
        access="write",
        job=True,
        methods=_POST,
    ),
    Operation(
        "DeleteServerGroup",
        form=(*CONTROL, REGION, GROUP_ID),
        access="write",
        job=True,
        methods=_POST,
    ),
    Operation(
        "ListServerGroups",
        query=(filter_tags(20),),
        form=(
            *PAGING,
            REGION,
            text("ResourceGroupId"),
            texts("ServerGroupIds", 20),
            texts("ServerGroupNames", 20),
            text("ServerGroupType", "Instance", "Ip"),
            text("VpcId"),
        ),
    ),
)

_MEMBERS = (
    Operation(
        "AddServersToServerGroup",
        form=(
            *CONTROL,
            REGION,
            GROUP_ID,
            required(structs("Servers", 200, *_SERVER, WEIGHT, NLB_DESCRIPTION)),
        ),
        access="write",
        job=True,
        methods=_POST,
    ),
    Operation(
        "RemoveServersFromServerGroup",
        form=(*CONTROL, REGION, GROUP_ID, required(structs("Servers", 200, *_SERVER))),
        access="write",
        job=True,
        methods=_POST,
    ),
    Operation(
        "UpdateServerGroupServersAttribute",
        form=(*CONTROL, REGION, GROUP_ID, required(structs("Servers", 200, *_UPDATED_SERVER))),
        access="write",
        job=True,
        methods=_POST,
    ),
    Operation(
        "ListServerGroupServers",
        form=(
            *PAGING,
            REGION,
            text("ServerGroupId"),
            texts("ServerIds", 40),
            texts("ServerIps", 40),
        ),
    ),
)

_TAGS_AND_JOBS = (
    Operation(
        "TagResources",
        form=(
            *CONTROL,
            REGION,
            *_TAGGED,
            required(written_tags("Tag", key_limit=64, plain=True)),
        ),
        access="write",
    ),
    Operation(
        "UntagResources",
        form=(*CONTROL, REGION, *_TAGGED, flag("All"), texts("TagKey", 20)),
        access="write",
    ),
    Operation(
        "ListTagResources",
        form=(
            integer("MaxResults", 1, 50),
            text("NextToken"),
            REGION,
            texts("ResourceId", 50),
            required(text("ResourceType", "listener", *_RESOURCE_TYPES)),
            filter_tags(20),
        ),
    ),
    Operation("ListAsynJobs", query=(texts("JobIds", 100),)),
    Operation("GetJobStatus", query=(CLIENT_TOKEN, required(text("JobId", minimum=1)))),
)

_LOOKING_AROUND = (
    Operation(
        "ListLoadBalancers",
        query=(
            *PAGING,
            REGION,
            text("AddressIpVersion", "ipv4", "DualStack"),
            text("AddressType", "Internet", "Intranet"),
            text("DNSName"),
            text("Ipv6AddressType", "Internet", "Intranet"),
            text("LoadBalancerBusinessStatus", "Abnormal", "Normal"),
            texts("LoadBalancerIds", 20),
            texts("LoadBalancerNames", 20),
            text("LoadBalancerStatus", *_BALANCER_STATES),
            text("LoadBalancerType", "network", "Network"),
            text("ResourceGroupId"),
            filter_tags(20),
            texts("VpcIds", 10),
            text("ZoneId"),
        ),
    ),
    Operation(
        "GetLoadBalancerAttribute",
        query=(*CONTROL, REGION, required(text("LoadBalancerId", minimum=1))),
    ),
    Operation(
        "ListListeners",
        query=(
            *PAGING,
            REGION,
            texts("ListenerIds", 20),
            texts("LoadBalancerIds", 20),
            text("ListenerProtocol", "TCP", "UDP", "TCPSSL"),
            text("SecSensorEnabled", "true", "false"),
            filter_tags(20),
        ),
    ),
    Operation(
        "GetListenerAttribute",
        query=(*CONTROL, REGION, required(text("ListenerId", minimum=1))),
    ),
    Operation(
        "GetListenerHealthStatus",
        query=(REGION, required(text("ListenerId", minimum=1))),
    ),
)

NLB_OPERATIONS = {
    operation.name: operation
    for operation in (*_GROUPS, *_MEMBERS, *_TAGS_AND_JOBS, *_LOOKING_AROUND)
}
