"""The JSON inside annotations: actions, conditions and listen ports (facts §4.1, §4.3, §4.4)."""

from __future__ import annotations

from typing import Any, Final

from gitopsd.sandbox.controllers.gojson import (
    BOOL,
    INT,
    INT32,
    STRING,
    STRINGS,
    ListOf,
    MapOf,
    Shape,
    Struct,
)


def _config(name: str, **fields: Shape) -> Struct:
    return Struct(name, fields, optional=True)


def _texts(name: str, *fields: str) -> Struct:
    return _config(name, **dict.fromkeys(fields, STRING))


def _tuple(name: str) -> Struct:
    fields = {"serverGroupID": STRING, "serviceName": STRING, "servicePort": INT, "weight": INT}
    return Struct(name, fields)


_STICKY: Final = _config("ServerGroupStickySession", Enabled=BOOL, Timeout=INT)
_MIRROR: Final = Struct(
    "MirrorGroupConfig", {"ServerGroupTuples": ListOf(_tuple("TrafficMirrorServerGroupTuple"))}
)
_ACTION: Final = Struct(
    "Action",
    {
        "Order": INT,
        "Type": STRING,
        "forwardConfig": _config(
            "ForwardActionConfig",
            ServerGroupStickySession=_STICKY,
            serverGroups=ListOf(_tuple("ServerGroupTuple")),
        ),
        "FixedResponseConfig": _texts("FixedResponseConfig", "Content", "ContentType", "HttpCode"),
        "RedirectConfig": _texts(
            "RedirectConfig", "Host", "HttpCode", "Path", "Port", "Protocol", "Query"
        ),
        "InsertHeaderConfig": _config(
            "InsertHeaderConfig", CoverEnabled=BOOL, Key=STRING, Value=STRING, ValueType=STRING
        ),
        "RemoveHeaderConfig": _texts("RemoveHeaderConfig", "Key"),
        "RewriteConfig": _texts("RewriteConfig", "Host", "Path", "Query"),
        "TrafficMirrorConfig": _config(
            "TrafficMirrorConfig", TargetType=STRING, MirrorGroupConfig=_MIRROR
        ),
        "TrafficLimitConfig": _texts("TrafficLimitConfig", "QPS", "QPSPerIp"),
        "CorsConfig": _config(
            "CorsConfig",
            AllowCredentials=STRING,
            MaxAge=STRING,
            AllowOrigin=STRINGS,
            AllowMethods=STRINGS,
            AllowHeaders=STRINGS,
            ExposeHeaders=STRINGS,
        ),
    },
)

_VALUES: Final = {"Values": STRINGS}
_PAIRS: Final = {"Values": ListOf(Struct("Value", {"Key": STRING, "Value": STRING}))}
_KEYED: Final = {"Key": STRING, "Values": STRINGS}
_CONDITION_FIELDS: Final[dict[str, Any]] = {
    "CookieConfig": _PAIRS,
    "HeaderConfig": _KEYED,
    "HostConfig": _VALUES,
    "MethodConfig": _VALUES,
    "PathConfig": _VALUES,
    "QueryStringConfig": _PAIRS,
    "SourceIpConfig": _VALUES,
    "ResponseStatusCodeConfig": _VALUES,
    "ResponseHeaderConfig": _KEYED,
}

ACTIONS: Final = ListOf(_ACTION, "[]configcache.Action")
CONDITIONS: Final = ListOf(
    Struct(
        "Condition",
        {"Type": STRING, **{name: Struct(name, of) for name, of in _CONDITION_FIELDS.items()}},
    ),
    "[]configcache.Condition",
)
LISTEN_PORTS: Final = ListOf(MapOf(INT32, "map[string]int32"), "[]map[string]int32")
