"""The sandbox: a Kubernetes API and the ALB and NLB APIs on loopback, for trying and for tests.

What belongs here: servers that behave as the real ones do over the wire, and stand-ins for the
cloud's controllers. What does not: anything from `adapters`, `compiler` or `diff`; whoever tests
against the sandbox must not meet the program's own assumptions in it.

`embedded` puts the parts together: `Sandbox` for tests, `run` for the command line.
"""
