"""Stand-ins for Alibaba's two controllers: ALB Ingresses and LoadBalancer Services (design §7).

Here belong: `alb` and `services`, which tell without any I/O what the real controllers make of
Kubernetes objects, and the loops that watch the sandbox's cluster, keep its cloud in step and write
back labels, finalizers, status and events. Here do not belong: the cluster and the cloud
themselves, and anything of gitopsd's own compiler, diff or adapters.
"""

from gitopsd.sandbox.controllers.loops.controllers import Controllers

__all__ = ["Controllers"]
