"""What messages say, in each language: key to (English, Chinese). Data, and nothing else.

Titles lead with what to do. What is said of a finding itself is in `drift.render.texts`.
"""

from __future__ import annotations

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    # titles: what to do comes first
    "title.opened.info": (
        "Nothing to do: gitopsd will put {subject} at {target} right",
        "无需处理：gitopsd 将自动纠正 {target} 的 {subject}",
    ),
    "title.opened.withheld": (
        "Nothing to do yet: gitopsd puts {subject} at {target} right as soon as it may write",
        "暂无需处理：允许写入后，gitopsd 将自动纠正 {target} 的 {subject}",
    ),
    "title.opened.warning": (
        "Decide: {subject} at {target} is not as Git wants it",
        "请决定：{target} 的 {subject} 与 Git 不一致",
    ),
    "title.opened.critical": (
        "Act now: {part} of the traffic of {subject} at {target} goes elsewhere",
        "立即处理：{target} 的 {subject} 有 {part} 的流量去向已改变",
    ),
    "title.opened.many": (
        "Decide about {subject} at {target}",
        "请决定：{target} 有 {subject}",
    ),
    "title.many.critical": (
        "Act now: {part} of a route's traffic goes elsewhere, among {subject} at {target}",
        "立即处理：{target} 的 {subject}中，有路由 {part} 的流量去向已改变",
    ),
    "title.reopened": (
        "Decide: {subject} at {target}: drifted again ({number} times by now)",
        "请决定：{target} 的 {subject} 再次漂移，已复发 {number} 次",
    ),
    "title.reopened.critical": (
        "Act now: {part} of the traffic of {subject} at {target} goes elsewhere again",
        "立即处理：{target} 的 {subject} 再次有 {part} 的流量去向已改变",
    ),
    "title.worse": (
        "Decide at last: {subject} at {target}, open since {time}",
        "请尽快决定：{target} 的 {subject} 自 {time} 起未处理",
    ),
    "title.fight": (
        "End the fight: {managers} keep overwriting each other on {subject} at {target}",
        "请停止相互覆盖：{managers} 反复修改 {target} 的 {subject}",
    ),
    "title.fight.late": (
        "End the fight at last: {managers} keep overwriting each other on {subject} at {target},"
        " open since {time}",
        "请尽快停止相互覆盖：{managers} 反复修改 {target} 的 {subject}，自 {time} 起未停止",
    ),
    "title.corrected": (
        "Nothing to do: gitopsd has put {subject} at {target} right",
        "无需处理：gitopsd 已纠正 {target} 的 {subject}",
    ),
    "title.resolved": (
        "Done: {subject} at {target}, as Git wants it again",
        "已恢复：{target} 的 {subject} 与 Git 一致",
    ),
    "title.replaced": (
        "Done: Git no longer asks for {subject} at {target}",
        "已结束：Git 不再声明 {target} 的 {subject}",
    ),
    "title.digest.critical": (
        "Act now: {part} of the traffic of {subject} and of {number} more at {targets} goes"
        " elsewhere",
        "立即处理：{targets} 的 {subject} 有 {part} 的流量去向已改变，另有 {number} 处同样紧急",
    ),
    "title.digest.fight": (
        "End the fight: {managers} keep overwriting each other on {subject};"
        " decide about {number} more at {targets}",
        "请停止相互覆盖：{managers} 反复修改 {subject}；{targets} 另有 {number} 处待处理",
    ),
    "title.digest.fights": (
        "End the fight: {managers} keep overwriting each other on {subject} and {number} more at"
        " {targets}",
        "请停止相互覆盖：{managers} 反复修改 {targets} 的 {subject} 及另外 {number} 处",
    ),
    "title.digest.open": (
        "Decide about {subject} and {number} more at {targets}",
        "请决定：{targets} 的 {subject} 及另外 {number} 处漂移",
    ),
    "title.digest.calm": (
        "Nothing to do: {subject} and {number} more at {targets}",
        "无需处理：{targets} 的 {subject} 及另外 {number} 处漂移",
    ),
    "title.state.open": (
        "Decide about drift at {target}: {number} open",
        "请决定：{target} 有 {number} 份漂移报告待处理",
    ),
    "title.state.calm": (
        "Nothing to do: gitopsd puts {number} right at {target}",
        "无需处理：gitopsd 将自动纠正 {target} 的 {number} 处漂移",
    ),
    "title.state.fine": ("{target} is as Git wants it", "{target} 与 Git 一致"),
    # what moved, in a line
    "summary.many": (
        "{open} of {number} findings, about {subjects} Exposures and server groups",
        "{number} 处漂移中 {open} 处未恢复，涉及 {subjects} 个 Exposure 与服务器组",
    ),
    "summary.fight": (
        "{fields}: {managers} overwrite each other",
        "{fields}：{managers} 相互覆盖",
    ),
    "summary.calm": (
        "{fields}: {managers} overwrite each other; put right for now",
        "{fields}：{managers} 相互覆盖；当前已纠正",
    ),
    "summary.more": ("{what} and others, {number} in all", "{what} 等 {number} 处"),
    # what a message is about
    "subject.many": ("{number} findings", "{number} 处漂移"),
    "subject.part": ("{fought} of {number} findings", "{fought} 处漂移（共 {number} 处）"),
    # lines
    "row.urgent": (", {part} elsewhere since {time}:", "，{part} 的流量去向已改变（{time} 起）："),
    "row.will": (", which gitopsd puts right:", "，gitopsd 将自动纠正："),
    "row.over": (", over ({how}); it was:", "，已结束（{how}），之前为："),
    "row.fight": (
        "{managers} keep overwriting each other at {target}:",
        "{managers} 在 {target} 反复相互覆盖：",
    ),
    "row.calm": (
        "{managers} keep overwriting each other at {target}, put right for now:",
        "{managers} 在 {target} 反复相互覆盖，当前已纠正：",
    ),
    "line.fight": ("They overwrite each other:", "相互覆盖："),
    "line.withheld": ("Nothing is written now:", "当前不写入："),
    "line.held": ("A guard holds it:", "被保护规则拦下："),
    "line.held-correct": (
        "A guard would hold apply --correct:",
        "apply --correct 会被保护规则拦下：",
    ),
    "line.impact": ("{part} of the traffic goes elsewhere:", "{part} 的流量去向已改变："),
    "line.since": ("Since {time}.", "开始时间：{time}。"),
    "line.ended": ("Over since {time}: {how}.", "恢复时间：{time}（{how}）。"),
    "line.more": ("All of it:", "完整内容："),
    "line.who": ("Who:", "修改者："),
    "line.left": (
        "{number} more are left out here; all of them:",
        "此处省略 {number} 条，完整内容：",
    ),
    "group.urgent": ("Act now: {number}", "立即处理：{number}"),
    "group.open": ("Decide: {number}", "请决定：{number}"),
    "group.calm": ("Nothing to do: {number}", "无需处理：{number}"),
}
