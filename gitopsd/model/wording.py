"""Sentences that go into values as English text, with the Chinese in which pages tell them.

A value keeps its sentence as plain English: for JSON, logs, and reports that are kept for weeks.
`said` writes one, and `in_chinese` knows a written one again. What others have written (a reason in
a spec, an error of an API) is quoted as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from string import Formatter
from typing import Any

#: name -> (English, Chinese); both take the same named values.
SENTENCES: Mapping[str, tuple[str, str]] = {
    # verdicts
    "left-git": ("Git no longer asks for it", "Git 已不再声明"),
    "lags": (
        "Git asks for what is there already; the next apply only renews its digest",
        "Git 声明与实际一致，下一次发布只更新摘要标记",
    ),
    "lags-beside": (
        "what else differs is left by the drift policy; the next apply only renews the digest",
        "其余差异按漂移策略保持原样，下一次发布只更新摘要标记",
    ),
    "held": (
        "its document has errors, or refers to one that has: left as it is",
        "其声明文件（或所引用的声明）有错误，保持原样",
    ),
    "unseen-object": (
        "{identity}, or a group that it names, could not be observed",
        "未能读取 {identity} 或其引用的服务器组",
    ),
    "unseen-group": ("its server group could not be observed", "未能读取其服务器组"),
    "unmarked": (
        "{identity} exists and does not carry our labels",
        "{identity} 已存在，但没有 gitopsd 的标签",
    ),
    "unmarked-left": (
        "Git no longer asks for it, and our mark was taken off: it is left as it is",
        "Git 已不再声明，且 gitopsd 的标记已被移除：保持原样",
    ),
    "outdated": ("{id} is an earlier group of another shape", "{id} 是类型不同的旧服务器组"),
    "double": ("{id} is a double", "{id} 是重复的服务器组"),
    "deleting": (
        "was deleted at {when}, and is there until its finalizers are done",
        "已于 {when} 被删除，等待 finalizer 完成",
    ),
    "gone-since": (
        "was deleted by hand, and Git has moved since",
        "已被手动删除，此后 Git 又有变更",
    ),
    "doubtful": (
        "Git or somebody moved it, and nothing tells who: left as it is found until drift there is"
        " put right, or Git asks for what is found",
        "Git 或某人改动了它，无从分辨：保持原样，直到此处的漂移被纠正，或 Git 声明现状",
    ),
    "drained": (
        "Git leads it to {names} alone, set to 0 by hand",
        "Git 将其只转发到 {names}，而后者已被人工设为 0",
    ),
    "copy": (
        "a copy that carries our labels, {by}",
        "带有 gitopsd 标签的副本，{by}",
    ),
    "silent": ("does not answer its health check: {health}", "健康检查异常：{health}"),
    "stranger": (
        "added by somebody else ({description})",
        "由他人添加（{description}）",
    ),
    "no-description": ("no description", "无描述"),
    "new-id": (
        "{names} is gone, and will have another id",
        "{names} 已不存在，重建后服务器组 ID 会改变",
    ),
    # what shadows
    "canary": (
        "{name} is a canary that takes part of {route}",
        "{name} 是灰度规则，会分走 {route} 的部分流量",
    ),
    "claims-first": (
        "{name} claims {route} too; it is asked first",
        "{name} 也占用 {route}，且优先匹配",
    ),
    "claims-last": (
        "{name} claims {route} too; ours is asked first",
        "{name} 也占用 {route}，优先匹配的是我们的规则",
    ),
    "same-port": (
        "{name} asks for {balancer} and its port {port} too",
        "{name} 也使用 {balancer} 的端口 {port}",
    ),
    # marks
    "mark-off": ("our mark was taken off", "gitopsd 的标记已被移除"),
    "mark-never": (
        "it was made anew by others, without our mark",
        "由他人重新创建，没有 gitopsd 的标记",
    ),
    "mark-edited": ("our mark was edited", "gitopsd 的标记已被改动"),
    # exceptions of the drift policy
    "exception-over": (
        "{what} has ended (until {until}): drift there counts again",
        "{what}已到期（截至 {until}），相应漂移重新计入",
    ),
    "exception-over-anew": (
        "{what} has ended (until {until}): the mode around it counts again",
        "{what}已到期（截至 {until}），恢复按外层模式处理",
    ),
    "exception-holds": (
        "{what} leaves drift there alone until {until}",
        "{what}生效中：{until} 之前不处理相应漂移",
    ),
    "exception-idle": (
        "{what} holds nothing: there is no such place in the spec, nor does anything differ there",
        "{what}未保留任何内容：spec 中没有该位置，也没有相应差异",
    ),
    "hold": ("the hold on {path}", "对 {path} 的临时保留"),
    "hold-because": ("the hold on {path} ({facts})", "对 {path} 的临时保留（{facts}）"),
    "mode": ("drift mode {mode}", "漂移模式 {mode} "),
    "mode-because": ("drift mode {mode} ({facts})", "漂移模式 {mode}（{facts}）"),
    "exception": ("the exception for {path}", "对 {path} 的例外"),
    "exception-because": ("the exception for {path} ({facts})", "对 {path} 的例外（{facts}）"),
    "counts-until": ("{what}, in force until {until}", "{what}（有效至 {until}）"),
    "end-hold": ("lift the hold: {command}", "解除临时保留：{command}"),
    "end-exception": ("take {what} out of Git", "从 Git 中移除{what}"),
    "end-mode": ("give it drift mode Correct", "将其漂移模式改为 Correct"),
    "end-also": (
        "{first} (which alone is not enough: {then} too)",
        "{first}（仅此不够，还需{then}）",
    ),
    # why a thing cannot become what is wanted
    "class": (
        "{old} cannot become {new}: loadBalancerClass is immutable",
        "{old} 不能改为 {new}：loadBalancerClass 不可修改",
    ),
    "a-clb": ("a CLB", "CLB"),
    "an-nlb": ("an NLB", "NLB"),
    "headless": (
        "a headless Service cannot become a {type}: clusterIP None is immutable",
        "无头 Service 不能改为 {type}：clusterIP None 不可修改",
    ),
    "frozen": (
        "{name} cannot change on a live load balancer (from {old} to {new})",
        "已创建的负载均衡不能修改 {name}（从 {old} 改为 {new}）",
    ),
    "default": ("the default", "默认值"),
    "group-gone": ("group {id} does not exist", "服务器组 {id} 不存在"),
    "group-controller": (
        "group {id} belongs to a controller (tag {tag})",
        "服务器组 {id} 属于控制器（标签 {tag}）",
    ),
    "group-rival": (
        "group {id} belongs to another gitopsd ({marks})",
        "服务器组 {id} 属于另一个 gitopsd（{marks}）",
    ),
    "group-taken": ("group {id} is already {identity}", "服务器组 {id} 已用作 {identity}"),
    "group-shape": (
        "group {id} has another type, protocol or VPC, which cannot be changed",
        "服务器组 {id} 的类型、协议或 VPC 不同，且不可修改",
    ),
    "groups-stripped": (
        "{names} have lost our tags, and each of them could be {identity}",
        "{names} 都已失去 gitopsd 的标签，均可能是 {identity}",
    ),
    "new-group": (
        "type, protocol and VPC of {id} cannot change: a new group takes its place",
        "{id} 的类型、协议和 VPC 不可修改，将新建服务器组替代",
    ),
    "made-anew": ("{why}: it is deleted and made anew", "{why}，需删除后重建"),
    "made-anew-elsewhere": (
        "{why}: it is deleted and made anew, and its address changes",
        "{why}，需删除后重建，地址会改变",
    ),
    "being-deleted": (
        "it is being deleted, and is made again once it has gone",
        "正在被删除，删除完成后重建",
    ),
    # what could not be read
    "right-cluster": ("the right cluster", "正确的集群"),
    "not-pinned": (
        "it is not {uid}, which the Fleet pins the target to",
        "不是 Fleet 为此目标指定的集群 {uid}",
    ),
    "the-cluster": ("the cluster", "集群"),
    "the-cloud": ("the cloud", "云端"),
    "the-groups": ("the server groups", "服务器组"),
    "product-groups": ("the {product} server groups", "{product} 服务器组"),
    "stripped-groups": (
        "{product} server groups without our tags",
        "没有 gitopsd 标签的 {product} 服务器组",
    ),
    "health": ("the health of group members", "后端服务器的健康状态"),
    "beside": ("what others have put beside ours", "他人的相邻资源"),
    "unheard": (
        "Whether controllers fail on what is there, because their Events could not be read: {why}",
        "控制器处理是否失败，因为未能读取其 Event：{why}",
    ),
    "no-credentials": (
        "no credentials are at hand, and the record names server groups made earlier",
        "没有可用的访问凭证，而记录中有此前创建的服务器组",
    ),
    "objects": ("our {plural}", "我们的 {plural}"),
    "objects-of-others": ("the {plural} of others in {place}", "{place} 中他人的 {plural}"),
    "services-in": ("the services in {namespace}", "{namespace} 中的 services"),
    "namespaces": ("the namespaces", "命名空间"),
    "cluster-uid": ("the cluster's uid", "集群的 uid"),
    "record": ("the target's record", "目标的记录"),
    # why nothing is written for now
    "suspended": ("suspended: {reason}", "已暂停：{reason}"),
    "suspended-until": ("suspended until {until}: {reason}", "已暂停至 {until}：{reason}"),
    "no-reason": ("no reason given", "未说明原因"),
    "window-change": (
        "its window is closed: changes are written from {opens} on",
        "不在变更的时间窗口内，{opens} 起写入变更",
    ),
    "window-drift": (
        "its window is closed: drift is put right from {opens} on",
        "不在漂移纠正的时间窗口内，{opens} 起纠正漂移",
    ),
    # how a thing stands
    "not-looked-at": ("it could not be looked at", "未能观测"),
    "to-apply": ("what Git says is not applied yet", "Git 中的声明尚未发布"),
    "settled": ("there is nothing to do", "无需处理"),
    "left-alone": (
        "what drifted is reported, and left as it is",
        "已报告漂移，并保持现状",
    ),
    "left-to-you": (
        "what drifted is left to a person: the drift reports say what can be done",
        "漂移留待人工处理：可执行的操作见漂移报告",
    ),
    "waits-for-nobody": ("nothing waits for anybody", "没有等待人工处理的事项"),
    "invalid": (
        "its file has errors: what it made is left as it is; gitopsd validate says where",
        "其文件有错误：已创建的资源保持原样；gitopsd validate 会指出位置",
    ),
    "leaving": (
        "Git does not name it any more, and what it made is taken away",
        "Git 已不再声明，其创建的资源将被移除",
    ),
    "leaving-held": (
        "Git does not name it any more, and a guard keeps what it made",
        "Git 已不再声明，守卫保留了其创建的资源",
    ),
    "reachable": (
        "{address} answers, and so does what is behind it",
        "{address} 可以访问，其后端也正常响应",
    ),
    "no-address": ("{what} has no address yet", "{what} 尚无地址"),
    "not-there": ("{what} is not there yet", "{what} 尚不存在"),
    "group-named": ("server group {name}", "服务器组 {name}"),
    "anything": ("anything for it", "对应的资源"),
    "no-member": ("{group} has no member", "{group} 没有后端服务器"),
    "health-untold": ("nobody said how {group}'s members are", "未获知 {group} 后端服务器的状态"),
    "unused": (
        "no listener uses {group}, so nobody asks its servers",
        "没有监听使用 {group}，因此没有健康检查",
    ),
    "answering": (
        "{number} of {total} members of {group} answer",
        "{group} 的 {total} 个后端服务器中 {number} 个正常响应",
    ),
    "endpoints-unread": (
        "the endpoints of {service} could not be read",
        "未能读取 {service} 的 endpoints",
    ),
    "no-endpoint": ("Service {service} has no ready endpoint", "Service {service} 没有就绪的端点"),
    "and-others": ("{first} (and {number} more)", "{first}（另有 {number} 项）"),
    # parts of what guards say
    "unidentified": (
        "{file} has documents that cannot be identified",
        "{file} 中有无法识别的文档",
    ),
    "unread": ("{path} is not read and may hold documents", "{path} 未被读取，可能含有文档"),
    "written": ("written by {names}", "由 {names} 写入"),
    "written-by-others": ("written by others", "由他人写入"),
    "behind-alike": (", written by {names}", "，由 {names} 写入"),
    "alike-gone": ("{path} gone", "{path} 被移除"),
    "alike-added": ("{path} added", "{path} 被添加"),
    "alike-changed": ("{path} changed", "{path} 被修改"),
    "alike-deleted": ("deleted", "被删除"),
    # approvals
    "approve-note": ("the annotation {key} ({hash}…)", "注解 {key}（{hash}…）"),
    "approve-past": ("an approval of it", "对此计划的批准"),
    "approve-used": (
        "{what} was used {used}, and counts once",
        "{what}已于 {used} 使用，仅一次有效",
    ),
    "approve-stale": (
        "{what} was given {given}, and counts for 24 hours",
        "{what}作出于 {given}，有效期为 24 小时",
    ),
    "approve-untimed": (
        "{what} was given at an unknown time, and counts for 24 hours",
        "{what}的作出时间未知，有效期为 24 小时",
    ),
    "approve-other": ("{what} names another plan", "{what} 指定的是另一个计划"),
    "uid-found": ("has uid {uid}", "uid 为 {uid}"),
    "uid-untold": ("did not tell its uid", "未给出 uid"),
    "deletions": ("{count} deletions", "删除 {count} 项"),
    "deletion": ("{count} deletion", "删除 {count} 项"),
    "releases": ("{count} to release", "解除管理 {count} 项"),
    "deletions-and-releases": (
        "{gone} to delete and {left} to release",
        "删除 {gone} 项、解除管理 {left} 项",
    ),
}


def said(name: str, /, **values: Any) -> str:
    """A sentence in English with its values filled in. Raises KeyError for an unknown name."""
    return SENTENCES[name][0].format(**values)


def in_chinese(text: str) -> str:
    """A sentence that `said` wrote, in Chinese, and so are its values; any other text as it is."""
    for pattern, chinese in _patterns():
        if found := pattern.fullmatch(text):
            return chinese.format(**{k: in_chinese(v) for k, v in found.groupdict().items()})
    return text


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """What each sentence looks like when written, those with most words of their own first."""
    found = []
    for english, chinese in SENTENCES.values():
        parts = list(Formatter().parse(english))
        regex = "".join(
            re.escape(words) + (f"(?P<{name}>.+)" if name else "") for words, name, _, _ in parts
        )
        own = sum(len(words) for words, _, _, _ in parts)
        found.append((own, re.compile(regex, re.DOTALL), chinese))
    return tuple((regex, chinese) for _, regex, chinese in sorted(found, key=lambda one: -one[0]))
