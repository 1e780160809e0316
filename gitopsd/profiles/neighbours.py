"""What others write on their objects, as far as it decides whose traffic ours gets."""

from __future__ import annotations

#: By which a Service asks for a load balancer that exists (facts §1.5).
LOAD_BALANCER_ID = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-id"
#: The label by which the cloud controller tells a Service's load balancer (facts §2.1).
LOAD_BALANCER_LABEL = "service.k8s.alibaba/loadbalancer-id"
#: How Ingresses named their class before `ingressClassName`.
INGRESS_CLASS = "kubernetes.io/ingress.class"
#: Among the Ingresses of one ALB the lower number is asked first (facts §4.1, §4.5).
ORDER = "alb.ingress.kubernetes.io/order"
DEFAULT_ORDER = 10
#: Followed by a backend's name: further conditions, so that its rules match less (facts §4.4).
CONDITIONS = "alb.ingress.kubernetes.io/conditions."
#: The listeners that an Ingress is on (facts §4.1).
LISTEN_PORTS = "alb.ingress.kubernetes.io/listen-ports"
#: "true" makes an Ingress take part in the traffic of another with the same host and path.
CANARY = "alb.ingress.kubernetes.io/canary"
