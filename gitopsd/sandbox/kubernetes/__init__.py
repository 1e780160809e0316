"""A small Kubernetes API server: one process, no dependencies, faithful in what clients see.

What belongs here: the API's mechanism (storage and revisions, verbs, server-side apply, patches,
selectors, pages, watches, rights, discovery), the kinds as data, and its faults on demand. What
does not: anything about Alibaba Cloud, stand-ins of controllers, and any code the program under
test is made of; the sandbox must not share its mistakes.

Where to look: `cluster` is the state with its verbs and the in-process API, `app` the HTTP face,
`writing`, `reading`, `deleting` and `watching` the verbs, `ownership` and `structure` server-side
apply, `kinds` the built-in kinds, `custom` what a CustomResourceDefinition adds, `rules` what its
rules in CEL ask of objects.
"""
