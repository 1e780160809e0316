"""What pages say, in each language: key to (English, Chinese). Data, and nothing else.

The Chinese uses the words of Alibaba Cloud's consoles: 服务器组, 后端服务器, 权重, 转发规则.
Keys that end in a name of a value (`state.drifted`, `reason.deleted`) have a row for each value.
"""

from __future__ import annotations

from collections.abc import Mapping

from gitopsd.drift.render.flow_texts import FLOW_TEXTS

TEXTS: Mapping[str, tuple[str, str]] = {
    # how things are put
    "percent": (" %", "%"),
    "comma": (", ", "、"),
    "colon": (": ", "："),
    "stop": (". ", "。"),
    "space": (" ", ""),
    "brackets": (" ({inner})", "（{inner}）"),
    # the page
    "page.title": ("{target}: drift", "{target}：漂移报告"),
    "page.kicker": ("Drift report", "漂移报告"),
    "page.drifted": (
        "{number} of {total} Exposures and server groups drifted",
        "{total} 个 Exposure 与服务器组中，{number} 个发生漂移",
    ),
    "page.unknown": (
        "{number} of {total} Exposures and server groups cannot be judged",
        "{total} 个 Exposure 与服务器组中，{number} 个状态未知",
    ),
    "page.changed": (
        "{number} of {total} Exposures and server groups wait for an apply",
        "{total} 个 Exposure 与服务器组中，{number} 个等待发布",
    ),
    "page.fine": (
        "All {total} Exposures and server groups are as Git wants them",
        "全部 {total} 个 Exposure 与服务器组均与 Git 一致",
    ),
    "page.traffic": (
        "Requests go elsewhere on {number} of {total} routes; most of all on {route}: {part}.",
        "{total} 条转发规则中，{number} 条的流量去向已改变；影响最大的是 {route}：{part}。",
    ),
    "page.moved": ("{part} of the traffic", "{part} 的流量"),
    "page.drawn": ("Its route is drawn above.", "转发路径见上图。"),
    "page.empty": ("Nothing is declared here", "此目标未声明任何资源"),
    "page.partly": (
        "As asked for, as far as could be read",
        "已读取的部分均与声明一致",
    ),
    "page.blind": ("Nothing could be read", "未能读取任何状态"),
    "page.counted": (
        "Exposures and server groups at this target",
        "此目标下的 Exposure 与服务器组",
    ),
    "page.at": ("Observed {time}", "观测时间 {time}"),
    "page.revision": ("Git revision {revision}", "Git 版本 {revision}"),
    "page.contents": ("Worth a look", "需要关注"),
    "page.fine-list": ("In sync: {number}", "一致：{number} 项"),
    "page.resolved-list": ("Resolved lately: {number}", "近期已恢复：{number} 项"),
    "page.gap": ("Could not be read", "未能读取"),
    "page.gaps-mean": (
        "What depends on it is unknown. Nothing is deleted on an incomplete observation.",
        "与之相关的资源状态未知；观测不完整时不会删除任何资源。",
    ),
    # text and Markdown
    "semicolon": ("; ", "；"),
    "note.weight": ("{name} weight {before} → {after}", "{name} 权重 {before} → {after}"),
    "note.dangling": (
        "{groups} is gone, and will have another id",
        "{groups} 已不存在，重建后服务器组 ID 会改变",
    ),
    "note.no-forward": ("is no forward action any more", "已不是转发动作"),
    "text.count": ("{number} {state}", "{state} {number} 项"),
    "text.partly": ("{counts}; not everything could be read", "{counts}；部分状态未能读取"),
    "text.blind": ("nothing could be read", "未能读取任何状态"),
    "text.empty": ("nothing is declared here", "此目标未声明任何资源"),
    "text.gap": ("could not be read: {what}: {why}", "未能读取：{what}：{why}"),
    "text.cause.drift": (
        "changed behind Git's back (wanted → found)",
        "在 Git 之外被修改（期望值 → 实际值）",
    ),
    "text.ended": (
        "exceptions of the drift policy that have ended",
        "漂移策略中已到期的例外",
    ),
    "ended.on": (
        "until {until}; the mode around it counts again",
        "截至 {until}；恢复按外层模式处理",
    ),
    "ended.at": ("written at {position}", "写于 {position}"),
    "ended.whole": ("the mode of the whole", "整体模式"),
    "text.cause.change": (
        "changed in Git, not applied yet (found → wanted)",
        "Git 已变更，尚未发布（实际值 → 期望值）",
    ),
    "text.more": (
        "What you can do about each is told with -v and in -o html.",
        "各项可执行的操作请用 -v 或 -o html 查看。",
    ),
    "text.gone": ("is gone", "已不存在"),
    "text.unborn": ("does not exist yet", "尚未创建"),
    "text.unwanted": ("is there, and nothing asks for it", "存在，但无任何声明"),
    "text.by": ("by {who}", "修改者 {who}"),
    "text.at": ("{who} at {time}", "{who}，{time}"),
    "text.mode.Report": (
        "reported and left as it is (drift mode Report)",
        "仅报告，不做修改（漂移模式 Report）",
    ),
    "text.never": (
        "told only: gitopsd never changes this by itself",
        "仅报告：gitopsd 不会自行改动",
    ),
    "text.mode.Ignore": ("ignored (drift mode Ignore)", "已忽略（漂移模式 Ignore）"),
    "text.manual": ("set to 0 by hand: never corrected by itself", "人工设为 0：不会自动恢复"),
    "text.belongs": ("belongs to what is asked for at {position}", "所属声明位于 {position}"),
    "markdown.change": ("changed in Git", "Git 已变更"),
    "markdown.evidence": ("What moved, since when, by whom", "变动详情：时间、修改者、字段"),
    "markdown.cut": (
        "{number} more are left out here: `gitopsd drift` tells them all.",
        "此处省略 {number} 项，完整内容请运行 `gitopsd drift`。",
    ),
    # verdicts and reports
    "state.drifted": ("drifted", "已漂移"),
    "state.changed": ("changed", "Git 已变更"),
    "state.unknown": ("unknown", "未知"),
    "state.in sync": ("in sync", "一致"),
    "state.unheard": ("as asked for with unknown health", "与声明一致但健康状态未知"),
    "state.waiting": ("waiting for a controller", "等待控制器"),
    "waiting.address": ("{resource} has no address yet.", "{resource} 尚未分配地址。"),
    "waiting.use": (
        "No load balancer uses {resource} yet.",
        "尚无负载均衡实例使用 {resource}。",
    ),
    "waiting.group": (
        "The cloud is still working on {resource}.",
        "云端仍在处理 {resource}。",
    ),
    "waiting.members": (
        "The cloud is still working on members of {resource}.",
        "云端仍在处理 {resource} 的后端服务器。",
    ),
    "waiting.failure": (
        "The controller has failed on {resource}, and told no success since ({detail}).",
        "控制器处理 {resource} 失败，此后未报告成功（{detail}）。",
    ),
    "waiting.health": (
        "Nobody says whether the members of {resource} answer.",
        "无法得知 {resource} 的后端服务器是否正常响应。",
    ),
    "page.blind-to": ("Not looked for this time:", "本次未检查："),
    "cause.change": (
        "Git asks for something else than stands there.",
        "Git 中的声明已更新。",
    ),
    "cause.unknown": (
        "Not everything that this rests on could be read.",
        "所依赖的部分状态未能读取，无法判定。",
    ),
    "reason.field-changed": (
        "Fields were changed behind Git's back.",
        "字段在 Git 之外被修改。",
    ),
    "reason.field-added": (
        "Something was added that Git does not ask for, and a controller acts on it.",
        "被添加了 Git 未声明、但会被控制器读取的配置。",
    ),
    "reason.deleted": ("It was deleted.", "资源已被删除。"),
    "reason.stamp-stripped": (
        "The labels or tags by which gitopsd knows it were edited, or are not there.",
        "gitopsd 用于识别资源的标签被修改或不存在。",
    ),
    "reason.member-gone": (
        "Servers of ours were taken out of the group.",
        "服务器组中由我们添加的后端服务器被移除。",
    ),
    "reason.member-foreign": (
        "Somebody else added servers to the group.",
        "服务器组中出现了他人添加的后端服务器。",
    ),
    "reason.member-unhealthy": (
        "Servers do not pass the health check.",
        "后端服务器健康检查异常。",
    ),
    "reason.copied": (
        "Somebody made a copy that carries the labels of gitopsd.",
        "有人创建了带有 gitopsd 标签的副本。",
    ),
    "reason.shadowed": (
        "Another object claims the same host and path, or the same port.",
        "其他资源占用了相同的域名与路径，或相同的监听端口。",
    ),
    "reason.ignore-expired": (
        "An exception of the drift policy has run out.",
        "漂移策略中的一条例外已过期。",
    ),
    "reason.many": (
        "So much moved in one pass that it is told in one report.",
        "同一轮中漂移过多，已合并为一份报告。",
    ),
    "resolution.corrected": ("gitopsd put it right", "已由 gitopsd 纠正"),
    "resolution.gone": ("it is no longer so", "已自行恢复"),
    "resolution.fight-ended": ("the overwriting has stopped", "已停止相互覆盖"),
    "resolution.asked-for-no-more": ("Git no longer asks for it", "Git 已不再声明"),
    "action.correct": ("The next pass puts it right.", "下一轮同步将自动纠正。"),
    "action.hold": (
        "Guard {guard} holds what would put it right.",
        "守卫 {guard} 拦下了纠正操作。",
    ),
    "action.withhold": (
        "It would be put right, but nothing is written here for now.",
        "本应自动纠正，但目前不向此目标写入。",
    ),
    "action.leave": (
        "It is told and left as it is (drift mode Report).",
        "仅报告，不做修改（漂移模式 Report）。",
    ),
    "action.decide": (
        "Nothing by itself: a person decides.",
        "不会自动处理，需由人工决定。",
    ),
    "action.manual": (
        "A weight set to 0 by hand is never raised by itself.",
        "人工设为 0 的权重不会被自动恢复。",
    ),
    "action.manual-rest": (
        "A weight set to 0 by hand is never raised by itself; the other weights are treated by the"
        " drift mode.",
        "人工设为 0 的权重不会被自动恢复；其余权重按漂移模式处理。",
    ),
    "change.correct": ("The next apply brings what Git asks for.", "下一次发布时生效。"),
    "change.hold": (
        "Guard {guard} holds what Git asks for.",
        "守卫 {guard} 拦下了 Git 声明的变更。",
    ),
    "change.withhold": (
        "What Git asks for waits: nothing is written here for now.",
        "目前不向此目标写入，Git 声明的变更需等待。",
    ),
    "rows.correct": ("The next pass puts them right.", "下一轮同步将自动纠正。"),
    "rows.hold": ("A guard holds what would put them right.", "守卫拦下了纠正操作。"),
    "rows.withhold": (
        "They would be put right, but nothing is written here for now.",
        "本应自动纠正，但目前不向此目标写入。",
    ),
    "rows.leave": (
        "They are told and left as they are (drift mode Report).",
        "仅报告，不做修改（漂移模式 Report）。",
    ),
    "rows.decide": ("Nothing by itself: a person decides.", "不会自动处理，需由人工决定。"),
    "will.about": ("{fields}: {text}", "{fields}：{text}"),
    "will.more": ("{number} more", "另 {number} 项"),
    "will.rows": ("{number} findings", "{number} 处"),
    # what holds back what would put things right
    "page.held": ("Held by guard {guard}", "被守卫 {guard} 拦下"),
    "page.held-correct": (
        "Guard {guard} would hold apply --correct",
        "守卫 {guard} 会拦下 apply --correct",
    ),
    "page.go-on": ("to go on: {release}", "如需继续：{release}"),
    "page.withheld": ("Nothing is written here for now", "目前不向此目标写入"),
    # what is known of a finding
    "fact.since": ("Since", "开始时间"),
    "fact.reopened-once": ("came back {number} time", "已复发 {number} 次"),
    "fact.reopened": ("came back {number} times", "已复发 {number} 次"),
    "fact.escalated": ("open for too long since {time}", "自 {time} 起超时未处理"),
    "fact.who": ("Who", "修改者"),
    "fact.who-value": ("{manager} ({operation})", "{manager}（{operation}）"),
    "fact.who-unknown": (
        "not recorded; ActionTrail keeps who called the cloud's API",
        "未记录；可在操作审计（ActionTrail）中查询云 API 的调用者",
    ),
    "fact.who-object": ("not recorded", "未记录"),
    "fact.fight": (
        "{managers} keep overwriting each other at {fields}",
        "{managers} 反复相互覆盖 {fields}",
    ),
    "fact.calm": (
        "put right at {time}, and watched until it stays so",
        "已于 {time} 纠正，仍在观察是否再被覆盖",
    ),
    "fact.will": ("What happens next", "后续处理"),
    "fact.asked": ("asked for at {position}", "声明于 {position}"),
    "fact.note": ("Note", "备注"),
    "section.stale": (
        "What is told here was last seen at {time}; this time it could not be looked at.",
        "以下内容最近一次观测于 {time}；本次未能观测。",
    ),
    "section.many": (
        "{number} findings at once, about {subjects} Exposures and server groups",
        "同一轮中的 {number} 处漂移，涉及 {subjects} 个 Exposure 与服务器组",
    ),
    "table.path": ("Field", "字段"),
    "table.wanted": ("Wanted by Git", "期望值（Git）"),
    "table.found": ("Found", "实际值"),
    "table.resource": ("Resource", "资源"),
    "table.reason": ("What", "类型"),
    "table.paths": ("Fields", "字段数"),
    "table.whole": ("the whole", "整个资源"),
    "value.absent": ("absent", "无"),
    # what can be done
    "remedies": ("What you can do", "可执行的操作"),
    "remedy.look": ("Look again.", "重新检查："),
    "remedy.end-fight": (
        "Let only one of them write it: take it out of what the other applies, or take its value"
        " into Git.",
        "只保留一方写入：从另一方的配置中去掉它，或将其值写回 Git。",
    ),
    "remedy.correct": (
        "Put it right at once, with all else that has drifted at this target.",
        "立即纠正（连同此目标的其他漂移）：",
    ),
    "remedy.approve": (
        "Let go what the guard holds, once you know why; the next pass, or apply, does it.",
        "查明原因后，放行被守卫拦下的操作（下一轮同步或 apply 时执行）：",
    ),
    "remedy.replace": (
        "Let it be deleted and made anew.",
        "允许删除并重建：",
    ),
    "remedy.hold": (
        "Leave it alone for a time, say during an incident.",
        "暂时保留（例如故障处理期间）：",
    ),
    "remedy.accept": (
        "Try to take it into Git, so that it is what is wanted; where no spec can say it, the"
        " command tells why.",
        "尝试接受现状，写回 Git；若声明无法表达，命令会说明原因：",
    ),
    "remedy.adopt": ("Take it back under gitopsd's care.", "重新纳入 gitopsd 管理："),
    "remedy.let-go": (
        "Have it deleted: with its marks back, the next pass does it.",
        "删除它：恢复标记后，下一轮同步会将其删除：",
    ),
    "remedy.forget": ("Keep it, and hear no more of it.", "保留它，且不再提示："),
    "remedy.ways-out": (
        "Read in the plan how to have it deleted, or kept without a word.",
        "在发布计划中查看如何删除或保留它：",
    ),
    "remedy.mend": (
        "Mend the server, the other object or the spec line; gitopsd does not touch it.",
        "请修复对应的后端服务器、冲突资源或声明；gitopsd 不会改动。",
    ),
    "remedy.plan": ("See what the next apply does.", "查看下一次发布的内容："),
    "remedy.apply": ("Bring it about.", "立即发布："),
    **FLOW_TEXTS,
}  # fmt: skip
