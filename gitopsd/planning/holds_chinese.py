"""What guards say, in Chinese, for pages that are read in it: name -> (why, how to go on)."""

from __future__ import annotations

from collections.abc import Mapping

_ZERO_MOVES = (
    "手动恢复权重，或使用 apply --correct（以 Git 为准）；或在 Git 中移除不应接收请求的后端"
)

CHINESE: Mapping[str, tuple[str, str]] = {
    "wrong-cluster": (
        "目标 {target} 指定的集群是 {pinned}，而当前集群 {found}",
        "使用正确的 context，或更正 fleet.yaml 中的 clusterUid",
    ),
    "incomplete": (
        "观测不完整时不删除任何资源；未能读取：{gaps}",
        "排除读取故障后重新生成计划",
    ),
    "emptied": (
        "仓库中没有任何 Exposure 和 ServerGroup：目录或分支有误与有意清空无法区分，"
        "因此不删除任何资源",
        "给出正确的目录或分支；如确需清空目标，请在 fleet.yaml 中设置 state: Retiring",
    ),
    "unreadable": (
        "{reasons}：Git 看似不再声明的资源可能就在其中，因此不删除任何资源",
        "修复无法读取的文件",
    ),
    "max-deletes": ("一次{deletions}，超过 maxDeletes 允许的 {limit} 项", ""),
    "max-delete-percent": (
        "一次{deletions}，占此目标 {total} 项资源的 {percent} %，超过 maxDeletePercent {limit}",
        "",
    ),
    "alike": (
        "此目标的 {total} 项资源中有 {count} 项发生相同的漂移（{what}{who}）。背后应有同一个原因："
        "某个人、webhook、备份恢复、连错的集群，或 gitopsd 自身。请先查明再纠正",
        "",
    ),
    "route": (
        "路由 {routes} 将没有可用的后端服务器",
        "为其某个服务器组保留权重大于 0 的后端服务器",
    ),
    "drained": (
        "会把请求转发到已被人工设为 0 的后端{by}：{routes}；"
        "而 Git 已将相应的 action 或路由另作他用",
        "手动恢复权重，或使用 apply --correct；或在 Git 中移除该后端",
    ),
    "renumbered": (
        "{pods} 已作为 {service} 被人工设为 0{by}，而此后将作为 {others} 接收请求",
        _ZERO_MOVES,
    ),
    "passed-on": (
        "{service} 的权重是针对 {pods} 被人工设为 0 的{by}，而此后将属于 {others}",
        _ZERO_MOVES,
    ),
    "group": (
        "{group} 的服务器组 {id} 将没有可用的后端服务器",
        "保留一台权重大于 0 的后端服务器",
    ),
    "silent-group": (
        "{group} 的服务器组 {id} 将没有通过健康检查的后端服务器",
        "查明保留的后端服务器为何异常，或保留一台健康的",
    ),
    "named-group": (
        "{ingress} 将保留，且仍向服务器组 {id} 转发流量",
        "同时从 {ingress} 中移除该后端",
    ),
    "shared": (
        "服务器组 {id} 中有他人添加的后端服务器，会被一并删除：{members}",
        "请其所有者移除",
    ),
    "copy": (
        "{identity} 带有 gitopsd 的标签，但并非由 gitopsd 写入，而是副本，{by}",
        "如需保留，请移除其标签 gitopsd.io/instance 和 gitopsd.io/target",
    ),
    "replacement": ("{why}", "--replace {identity}"),
    "replaced-drained": (
        "{id} 在 {ingress} 中已被人工设为 0{by}，而新的服务器组将按 Git 的声明接收请求",
        "--replace {identity}",
    ),
    "foreign": ("{identity} 已存在，且不属于 gitopsd：{by}", "--adopt {identity}"),
    "stripped": (
        "{identity} 已存在，但没有 gitopsd 的标签（标签被移除）；{by}",
        "--adopt {identity}",
    ),
    "rival": (
        "{identity} 属于另一个 gitopsd（实例 {instance}，目标 {target}，Exposure {exposure}），"
        "双方会轮流覆盖",
        "从对方仓库中移除；或直接接管，对方会得知：--adopt {identity} --adopt-from {owner}",
    ),
    "stripped-group": (
        "服务器组 {id} 正作为 {identity} 提供服务，但 gitopsd 的标签被移除：既不修改，也不重复创建",
        "--adopt {identity}",
    ),
    "members": (
        "{members} 在声明和服务器组中，但没有 gitopsd 的标记：由他人添加，或标记被改动",
        "--adopt {group}",
    ),
    "conflict": ("{reason}", "更换 serverGroupId，或不指定"),
    "stray": ("{reason}", "手动恢复 gitopsd 的标签，或用 serverGroupId 指定该服务器组"),
    "namespace": (
        "集群中没有命名空间 {namespace}，gitopsd 不会创建命名空间",
        "kubectl create namespace {namespace}",
    ),
    "confined": (
        "命名空间 {namespace} 不在 gitopsd 被限定的命名空间之内",
        "把 {namespace} 加入 gitopsd.yaml 的 namespaces，并授予其权限",
    ),
    "no-service": (
        "Service {service} 不存在：其流量将无处可去，且不会报错",
        "创建 Service {service}，或移除该后端",
    ),
    "no-port": (
        "Service {service} 没有端口 {port}（已声明 {declared}）：一个这样的后端会使该 ALB 的所有"
        " Ingress 停止更新",
        "使用已声明的端口，或为 Service {service} 添加端口 {port}",
    ),
    "internal": (
        "Service {service} 的类型是 ClusterIP，使用 Flannel 时只能在集群内访问：一个这样的后端会使"
        "该 ALB 的所有 Ingress 停止更新",
        "将其改为 NodePort",
    ),
    "left-group": (
        "{group} 已被手动删除，且因{why}不予重建，因此没有可引用的服务器组 ID",
        "使用 apply --correct 重建；或{end}；或在 Git 中移除该后端",
    ),
    "left-service": (
        "{service} 已被手动删除，且因{why}不予重建：其流量将无处可去，且不会报错",
        "使用 apply --correct 重建；或{end}；或在 Git 中移除该后端",
    ),
    "left-port": (
        "{service} 没有端口 {port}（已声明 {declared}），且因{why}保持原样：一个这样的后端会使该"
        " ALB 的所有 Ingress 停止更新",
        "使用 apply --correct 纠正；或{end}；或让 Git 声明它已有的端口",
    ),
    "left-internal": (
        "{service} 的类型是 ClusterIP，且因{why}保持原样；使用 Flannel 时只能在集群内访问：一个"
        "这样的后端会使该 ALB 的所有 Ingress 停止更新",
        "使用 apply --correct 纠正；或{end}",
    ),
    "routed": (
        "{ingress} 将保留，且仍向其转发流量",
        "同时从 {ingress} 中移除该后端",
    ),
    "left-routed": (
        "{ingress} 按某人的改动保持原样，且仍向其转发流量",
        "使用 apply --correct（以 Git 为准）；或手动纠正 {ingress} 中保持原样的部分",
    ),
    "dependency": ("所依赖的步骤被拦下：{step}", ""),
    "window": ("{why}", "无需操作，届时自动继续"),
}
