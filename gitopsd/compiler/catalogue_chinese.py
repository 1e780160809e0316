"""Why compiled fields have their values, in Chinese, for pages that are read in it: id -> why."""

from __future__ import annotations

from collections.abc import Mapping

CHINESE: Mapping[str, str] = {
    # every object
    "GR0101": "CLB 或 NLB 的 Exposure 生成一个 Service，ALB 的 Exposure 生成一个 Ingress",
    "GR0102": "Service 或 Ingress 沿用 Exposure 的名称与命名空间",
    "GR0103": "标记说明此资源归谁所有",
    # Service of a CLB or NLB
    "GR0201": "此类型的 Service 会创建 CLB 或 NLB",
    "GR0202": "此 class 表示 NLB；不写则为 CLB",
    "GR0203": "NLB 创建在目标的可用区中",
    "GR0204": "网络类型决定谁可以访问",
    "GR0205": "NLB 可直接访问 Pod 地址，因此以 Pod 为后端",
    "GR0206": "VPC 之外的 Pod 按地址注册，不查找弹性网卡（ENI）",
    "GR0207": "只有 ECS 节点可以作为后端，由此标签识别",
    "GR0211": "没有需求要求其他策略，因此所有节点都提供服务",
    "GR0212": "以节点为后端时，只有 Local 能满足此需求",
    "GR0213": "Exposure 声明了此策略",
    "GR0214": "云外的 Pod 可经任意 ECS 节点转发访问",
    "GR0215": "以 Pod 为后端，此策略不起作用",
    "GR0216": "使用 Local 时，只有加权调度才能让各 Pod 均分流量",
    "GR0217": "NLB 会传递客户端地址",
    "GR0218": "客户端在这段秒数内保持同一后端",
    "GR0221": "与声明一致",
    "GR0222": "未另行声明时，targetPort 与端口相同",
    "GR0223": "未另行声明时，协议为 TCP",
    # Service of pods behind an ALB
    "GR0301": "以 Pod 形式声明的后端有自己的 Service",
    "GR0302": "Pod 使用 VPC 地址，因此不需要节点端口",
    "GR0303": "有此配置，ALB 才会以 ClusterIP Service 的 Pod 为后端",
    "GR0304": "Pod 使用 overlay 地址，因此 ALB 需要节点端口",
    "GR0305": "ALB 经 TCP 发送 HTTP",
    # Ingress
    "GR0401": "Exposure 指定了 ALB 的 class",
    "GR0402": "目标的第一个 ALB 为默认值",
    "GR0403": "每条转发规则对应一条规则，顺序与声明相同",
    "GR0404": "未另行声明时，转发规则按前缀匹配所有路径",
    "GR0405": "只有一个 Service 时不需要转发动作",
    "GR0406": "由转发动作决定去向，通过转发规则的名称关联",
    "GR0407": "请求按权重分配给各后端",
    # server group
    "GR0501": "服务器组以实例、命名空间和名称命名",
    "GR0502": "以实例声明的服务器组成 Instance 类型的服务器组",
    "GR0503": "以地址声明的服务器组成 Ip 类型的服务器组",
    "GR0504": "服务器组属于其负载均衡所在的 VPC",
    "GR0505": "除非声明中关闭，否则对服务器做健康检查",
    "GR0506": "VPC 之外的服务器为远端服务器",
    "GR0507": "VPC 之内的服务器不是远端服务器",
    "GR0508": "后端服务器的类型由其声明方式决定",
    "GR0509": "未另行声明时，后端服务器的权重为 100",
    "GR0510": "描述说明此后端服务器归谁所有",
    "GR0511": "标签说明服务器组归谁所有，以及是哪一个",
    "GR0512": "此标签记录声明移除后仍保留服务器组",
}
