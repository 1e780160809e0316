"""The ALB operations that the sandbox answers, as data (API 2020-06-16).

Limits are those of facts §6.1 to §6.3 and the vendor's description of each operation.
"""

from __future__ import annotations

import re

from gitopsd.sandbox.cloud.fields import (
    ALB_DESCRIPTION,
    CONTROL,
    GROUP_ID,
    GROUP_NAME,
    PAGING,
    WEIGHT,
    filter_tags,
    server_types,
    written_tags,
)
from gitopsd.sandbox.cloud.schema import (
    Field,
    Operation,
    flag,
    integer,
    long,
    required,
    struct,
    structs,
    text,
    texts,
)

_PROBE_PATH = re.compile(r"/[A-Za-z0-9\-/.%?#&=_;~!()*\[\]@$^:\\\",+（]*")
_HOST = re.compile(r"\$SERVER_IP|[a-z0-9](?:[a-z0-9\-.]*[a-z0-9])?\.[a-z]+", re.IGNORECASE)
_CODE = re.compile(r"http_[2-5]xx|\d{1,2}(?:-\d{1,2})?")
_COOKIE = re.compile(r"(?!\$)[\x21-\x2b\x2d-\x3a\x3c-\x7e]+")
_RESOURCE_TYPES = ("acl", "loadbalancer", "securitypolicy", "servergroup")
_TAGGED = (required(texts("ResourceId", 50)), required(text("ResourceType", *_RESOURCE_TYPES)))
_BALANCER_STATES = ("Inactive", "Active", "Provisioning", "Configuring", "CreateFailed")
_IDS_20 = ("ListenerIds", "LoadBalancerIds")

_HEALTH_CHECK = struct(
    "HealthCheckConfig",
    required(flag("HealthCheckEnabled")),
    Field("HealthCheckCodes", "list", maximum=10, item=text("Code", pattern=_CODE)),
    integer("HealthCheckConnectPort", 0, 65535),
    text("HealthCheckHost", minimum=1, maximum=80, pattern=_HOST),
    text("HealthCheckHttpVersion", "HTTP1.0", "HTTP1.1"),
    integer("HealthCheckInterval", 1, 50),
    text("HealthCheckMethod", "GET", "POST", "HEAD"),
    text("HealthCheckPath", minimum=1, maximum=80, pattern=_PROBE_PATH),
    text("HealthCheckProtocol", "HTTP", "HTTPS", "TCP", "gRPC", "GRPC"),
    integer("HealthCheckTimeout", 1, 300),
    integer("HealthyThreshold", 2, 10),
    integer("UnhealthyThreshold", 2, 10),
)
_UPDATED_HEALTH_CHECK = struct(
    "HealthCheckConfig",
    flag("HealthCheckEnabled"),
    *(field for field in _HEALTH_CHECK.fields if field.name != "HealthCheckEnabled"),
)
_MUTABLE = (
    struct(
        "ConnectionDrainConfig",
        flag("ConnectionDrainEnabled"),
        integer("ConnectionDrainTimeout", 0, 900),
    ),
    flag("CrossZoneEnabled"),
    text("IpVersionAffinityMode", "Affinity", "NonAffinity"),
    text("Scheduler", "Wrr", "Wlc", "Sch", "Uch"),
    text("ServiceName"),
    struct("SlowStartConfig", flag("SlowStartEnabled"), integer("SlowStartDuration", 30, 900)),
    struct(
        "StickySessionConfig",
        flag("StickySessionEnabled"),
        text("StickySessionType", "Insert", "Server"),
        text("Cookie", minimum=1, maximum=200, pattern=_COOKIE),
        integer("CookieTimeout", 1, 86400),
    ),
    struct("UchConfig", required(text("Type", "QueryString")), required(text("Value", minimum=1))),
    flag("UpstreamKeepaliveEnabled"),
)
_SERVER = (
    server_types("Fc"),
    required(text("ServerId", minimum=1)),
    text("ServerIp"),
    integer("Port", 1, 65535),
)
_WRITTEN_SERVER = (*_SERVER, WEIGHT, ALB_DESCRIPTION)

_GROUPS = (
    Operation(
        "CreateServerGroup",
        query=(
            *CONTROL,
            required(text("ServerGroupName", minimum=2, maximum=128, pattern=GROUP_NAME)),
            text("ServerGroupType", "Instance", "Ip", "Fc"),
            text("VpcId", minimum=1),
            text("Protocol", "HTTP", "HTTPS", "gRPC", "GRPC"),
            flag("Ipv6Enabled"),
            text("ResourceGroupId"),
            required(_HEALTH_CHECK),
            *_MUTABLE,
            written_tags("Tag", key_limit=128),
        ),
        access="write",
        job=True,
    ),
    Operation(
        "UpdateServerGroupAttribute",
        query=(
            *CONTROL,
            GROUP_ID,
            text("ServerGroupName", minimum=2, maximum=128, pattern=GROUP_NAME),
            _UPDATED_HEALTH_CHECK,
            *_MUTABLE,
        ),
        access="write",
        job=True,
    ),
    Operation("DeleteServerGroup", query=(*CONTROL, GROUP_ID), access="write", job=True),
    Operation(
        "ListServerGroups",
        query=(
            *PAGING,
            text("ResourceGroupId"),
            texts("ServerGroupIds", 100),
            texts("ServerGroupNames", 10),
            text("ServerGroupType", "Instance", "Ip", "Fc"),
            filter_tags(10),
            text("VpcId"),
        ),
    ),
)

_MEMBERS = (
    Operation(
        "AddServersToServerGroup",
        query=(*CONTROL, GROUP_ID),
        form=(required(structs("Servers", 200, *_WRITTEN_SERVER, flag("RemoteIpEnabled"))),),
        access="write",
        job=True,
    ),
    Operation(
        "RemoveServersFromServerGroup",
        query=(*CONTROL, GROUP_ID, required(structs("Servers", 200, *_SERVER))),
        access="write",
        job=True,
    ),
    Operation(
        "UpdateServerGroupServersAttribute",
        query=(*CONTROL, GROUP_ID),
        form=(required(structs("Servers", 40, *_WRITTEN_SERVER)),),
        access="write",
        job=True,
    ),
    Operation(
        "ReplaceServersInServerGroup",
        query=(*CONTROL, GROUP_ID, required(structs("RemovedServers", 200, *_SERVER))),
        form=(required(structs("AddedServers", 200, *_WRITTEN_SERVER)),),
        access="write",
        job=True,
    ),
    Operation(
        "ListServerGroupServers",
        query=(*PAGING, text("ServerGroupId"), texts("ServerIds", 200), filter_tags(10)),
    ),
)

_TAGS_AND_JOBS = (
    Operation(
        "TagResources",
        query=(*_TAGGED, required(written_tags("Tag", key_limit=128))),
        access="write",
    ),
    Operation(
        "UnTagResources",
        query=(
            *_TAGGED,
            flag("All"),
            structs("Tag", 20, text("Key"), text("Value")),
            texts("TagKey", 20),
        ),
        access="write",
    ),
    Operation(
        "ListTagResources",
        query=(
            *PAGING,
            texts("ResourceId", 50),
            required(text("ResourceType", *_RESOURCE_TYPES)),
            filter_tags(20),
        ),
    ),
    Operation(
        "ListAsynJobs",
        query=(
            text("ApiName"),
            long("BeginTime", 0),
            long("EndTime", 0),
            texts("JobIds", 100),
            long("MaxResults", 1, 100),
            text("NextToken"),
            texts("ResourceIds", 100),
            text("ResourceType", "listener", "rule", *_RESOURCE_TYPES),
        ),
    ),
)

_LOOKING_AROUND = (
    Operation(
        "ListLoadBalancers",
        query=(
            *PAGING,
            text("AddressIpVersion", "IPv4", "DualStack"),
            text("AddressType", "Internet", "Intranet"),
            text("DNSName"),
            text("Ipv6AddressType", "Internet", "Intranet"),
            text("LoadBalancerBussinessStatus", "Abnormal", "Normal"),
            texts("LoadBalancerIds", 20),
            texts("LoadBalancerNames", 10),
            text("LoadBalancerStatus", *_BALANCER_STATES),
            text("PayType", "PostPay"),
            text("ResourceGroupId"),
            filter_tags(20),
            texts("VpcIds", 10),
            text("ZoneId"),
        ),
    ),
    Operation("GetLoadBalancerAttribute", query=(required(text("LoadBalancerId", minimum=1)),)),
    Operation(
        "ListListeners",
        query=(
            *PAGING,
            *(texts(name, 20) for name in _IDS_20),
            text("ListenerProtocol", "HTTP", "HTTPS", "QUIC"),
            filter_tags(20),
        ),
    ),
    Operation("GetListenerAttribute", query=(required(text("ListenerId", minimum=1)),)),
    Operation(
        "ListRules",
        query=(
            *PAGING,
            text("Direction", "Request", "Response"),
            *(texts(name, 20) for name in _IDS_20),
            texts("RuleIds", 20),
            filter_tags(20),
        ),
    ),
    Operation(
        "GetListenerHealthStatus",
        query=(
            required(text("ListenerId", minimum=1)),
            flag("IncludeRule"),
            long("MaxResults", 1, 30),
            text("NextToken"),
        ),
    ),
)

ALB_OPERATIONS = {
    operation.name: operation
    for operation in (*_GROUPS, *_MEMBERS, *_TAGS_AND_JOBS, *_LOOKING_AROUND)
}
