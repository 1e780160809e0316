"""The operator: gitopsd running by itself, for months, on a schedule and on pushes.

What belongs here: deciding when to look and when to write (as pure values), the threads that
follow those decisions, leases, webhooks, the HTTP server, settings of the operator. What does not:
what a pass does (`engine`), knowledge of any API (`adapters`), or words on a terminal (`cli`).
"""
