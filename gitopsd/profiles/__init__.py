"""Facts as data: what Kubernetes, its controllers and Alibaba Cloud fill in, limit and forbid.

What belongs here: names, numbers, ranges and tables, each with the section of the fact sheet or of
the design that it comes from, and lookups over one table. What does not: judging a spec (that is
`rules`), making an object (that is `compiler`), comparing (that is `diff`), and anything that reads
the world.

- `kubernetes`: closed sets and fields that others fill in
- `annotations`: the option to annotation table
- `placement`: where pods run × load balancer × network plugin, and what needs ask for
- `servergroups`: the two server group APIs
- `albrules`: hosts and paths of ALB rules
- `limits`: quotas
- `names`: forms of names and ids, and the names that gitopsd makes
- `defaults`: what a spec means where it says nothing
"""
