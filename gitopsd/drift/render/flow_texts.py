"""What pages say of traffic and write into its drawings; see `texts`."""

from __future__ import annotations

from collections.abc import Mapping

FLOW_TEXTS: Mapping[str, tuple[str, str]] = {
    # traffic
    "traffic.none": (
        "No requests have changed their destination.",
        "请求的去向没有改变。",
    ),
    "traffic.others": (
        "That requests go elsewhere now has other causes.",
        "请求去向的改变另有原因。",
    ),
    "traffic.requests": ("requests to {route}", "访问 {route} 的请求"),
    "traffic.connections": ("connections to port {route}", "端口 {route} 的连接"),
    "traffic.moved": (
        "{part} of the {flow} now go to {gained} instead of {lost}",
        "{flow}中，{part} 现在转发到 {gained}，而不是 {lost}",
    ),
    "traffic.spread": (
        "{part} of the {flow} go elsewhere now: {shifts}",
        "{flow}中，{part} 的去向已改变：{shifts}",
    ),
    "traffic.lost": (
        "{part} of the {flow} now reach nobody: {lost}",
        "{flow}中，{part} 现在无后端响应：{lost}",
    ),
    "traffic.unknown": (
        "Which share of the {flow} goes elsewhere is not known",
        "{flow}中有多少去向已改变，目前未知",
    ),
    "traffic.pending": (
        "With the next apply {part} of the {flow} change their destination",
        "下一次发布后，{flow}中有 {part} 将改变去向",
    ),
    "traffic.ignored": (
        "{part} of the {flow} go elsewhere on purpose: {why}",
        "{flow}中，{part} 按约定转发到其他去向：{why}",
    ),
    "traffic.ignored.lost": (
        "{part} of the {flow} reach nobody, and that is left so on purpose: {why}",
        "{flow}中，{part} 无后端响应，且按约定保留现状：{why}",
    ),
    "traffic.ignored.part": (
        "A part of where the {flow} go is left so on purpose: {why}",
        "{flow}的去向有一部分是按约定保留的：{why}",
    ),
    "traffic.ignored.perhaps": (
        "The {flow} may go elsewhere on purpose; which share is not known: {why}",
        "{flow}可能按约定转发到其他去向，比例未知：{why}",
    ),
    "traffic.also": ("{told}; also because of {causes}", "{told}；原因还包括：{causes}"),
    "traffic.by.change": (
        "a change in Git that is not applied yet",
        "Git 中尚未发布的变更",
    ),
    "traffic.by.ignored": ("what is ignored on purpose", "按约定忽略的差异"),
    "ignored.until": ("ignored until {until}", "忽略至 {until}"),
    "ignored.open": ("ignored without an end", "忽略，未设期限"),
    "traffic.shadow.all": (
        "All of the {flow} go to {by}, which is asked first",
        "{flow}全部转发到优先匹配的 {by}",
    ),
    "traffic.shadow.part": (
        "Some of the {flow} go to {by}, which is asked first; how many is not known",
        "{flow}中有一部分转发到优先匹配的 {by}，比例未知",
    ),
    "traffic.shadow.perhaps": (
        "Some of the {flow} may go to {by}: which of the two gets them is not certain",
        "{flow}可能有一部分转发到 {by}：由哪一方处理无法确定",
    ),
    "traffic.nobody": ("nobody", "无后端"),
    # the drawing
    "draw.title": ("Where the {flow} go", "{flow}的转发路径"),
    "draw.clients": ("Clients", "客户端"),
    "draw.address-unknown": ("no address yet", "尚无地址"),
    "draw.any-host": ("any host", "任意域名"),
    "draw.weight": ("weight {weight}", "权重 {weight}"),
    "draw.weight-moved": ("weight {before} → {after}", "权重 {before} → {after}"),
    "draw.absent": ("none", "无"),
    "draw.members": ("{serving} of {members} serving", "{members} 台中 {serving} 台接收流量"),
    "draw.healthy": ("{healthy} of {members} healthy", "{members} 台中 {healthy} 台健康"),
    "draw.health-unknown": ("health not known", "健康状态未知"),
    "draw.answers-not": ("nobody answers", "无后端响应"),
    "draw.unhealthy": ("unhealthy", "异常"),
    "draw.gone": ("gone", "已移除"),
    "draw.not-reached": ("not reached", "请求不会到达"),
    "draw.added": ("added", "新增"),
    "draw.more": ("{number} more", "另有 {number} 台"),
    "draw.not-asked": ("not asked for by Git", "Git 未声明"),
    "draw.route-gone": ("matches nothing any more", "转发规则已不存在"),
    "draw.route-unknown": ("live shares not known", "当前占比未知"),
    "draw.part": ("{before} → {after}", "{before} → {after}"),
    "draw.part-unknown": ("{before} → ?", "{before} → ?"),
    "place.pods": ("Pods of the cluster", "集群 Pod"),
    "place.cloud pods": ("Pods in the cloud", "云上 Pod"),
    "place.edge pods": ("Pods at the edge", "边缘 Pod"),
    "place.cloud and edge pods": ("Pods in the cloud and at the edge", "云上与边缘 Pod"),
    "place.servers in the VPC": ("Servers in the VPC", "同 VPC 服务器"),
    "place.servers in another region": ("Servers in another region", "跨地域服务器"),
    "place.servers in a data centre": ("Servers in the data centre", "本地数据中心服务器"),
    "place.servers": ("Servers", "服务器"),
    "place.another object": ("Another object", "其他资源"),
    "place.a group of others": ("A group of others", "他人的服务器组"),
}  # fmt: skip
