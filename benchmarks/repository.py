"""A config repository of any size: the same number always gives the same files."""

from __future__ import annotations

from pathlib import Path

from git import Actor, Repo

FLEET = """\
apiVersion: gitopsd.io/v1alpha1
kind: Fleet
metadata: {name: bench}
spec:
  targets:
  - name: edge
    region: cn-hangzhou
    vpc: {id: vpc-bench, cidrs: [172.16.0.0/12]}
    networkPlugin: Terway
    albs: [{ingressClass: alb, edition: Standard, scheme: Internet}]
    nlb: {zones: {cn-hangzhou-k: vsw-a, cn-hangzhou-j: vsw-b}}
"""

CLB = """\
apiVersion: gitopsd.io/v1alpha1
kind: Exposure
metadata: {{name: app-{n}, namespace: {namespace}}}
spec:
  # an application that wants to see its clients' addresses
  loadBalancer: {{type: CLB, scheme: Internet}}
  pods: {{selector: {{app: app-{n}}}}}
  ports:
  - {{name: http, port: 80, targetPort: 8080}}
  - {{name: https, port: 443, targetPort: 8443}}
  preserveClientIP: true
"""

NLB = """\
apiVersion: gitopsd.io/v1alpha1
kind: Exposure
metadata: {{name: app-{n}, namespace: {namespace}}}
spec:
  loadBalancer: {{type: NLB, scheme: Intranet}}
  pods: {{placement: Cloud, selector: {{app: app-{n}, tier: backend}}}}
  ports: [{{name: tcp, port: 5432}}]
"""

ALB = """\
apiVersion: gitopsd.io/v1alpha1
kind: Exposure
metadata: {{name: app-{n}, namespace: {namespace}}}
spec:
  loadBalancer: {{type: ALB}}
  routes:
  - name: forward
    host: app-{n}.example.com
    path: /
    backends:
    - {{service: app-{first}, port: 80, weight: 80}}
    - {{service: app-{second}, port: 80, weight: 20}}
"""

#: Every tenth spec is an Ingress, every third of the rest an NLB; each makes one object.
_ALB_EVERY, _NLB_EVERY = 10, 3


def spec(n: int, namespaces: int) -> str:
    """The n-th Exposure. Specs of one hundred share a namespace; Ingresses name CLBs of theirs."""
    namespace = f"team-{n // 100 % namespaces}"
    start = n // 100 * 100
    if n % _ALB_EVERY == 0:
        return ALB.format(n=n, namespace=namespace, first=start + 1, second=start + 2)
    clb = n % 100 in (1, 2) or n % _NLB_EVERY
    return (CLB if clb else NLB).format(n=n, namespace=namespace)


def namespaces_of(count: int) -> int:
    """How many namespaces a repository of `count` specs uses."""
    return max(1, min(count // 100, 100))


def make(directory: Path, count: int) -> Path:
    """A bare repository with `count` specs on `main`; answers its path."""
    work, bare = directory / f"work-{count}", directory / f"config-{count}.git"
    work.mkdir(parents=True)
    (work / "fleet.yaml").write_text(FLEET)
    total = namespaces_of(count)
    for n in range(count):
        folder = work / f"team-{n // 100}"
        folder.mkdir(exist_ok=True)
        (folder / f"app-{n}.yaml").write_text(spec(n, total))
    with Repo.init(work, initial_branch="main") as repo:
        repo.git.add(all=True)
        author = Actor("bench", "bench@example.com")
        repo.index.commit("generated", author=author, committer=author)
        repo.clone(str(bare), bare=True)
    return bare
