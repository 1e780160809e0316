"""The loops that keep the sandbox's cloud in step with its cluster (design §7).

Here belong: following changes, the queue of what is to be done, and writing: labels, finalizers,
status and events in the cluster; load balancers, listeners, rules, groups and members in the cloud.
Here do not belong: decisions about manifests, which are made by `alb` and `services`.
"""
