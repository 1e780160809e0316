"""The world behind the ports: one package for each thing outside that gitopsd talks to.

What belongs here: talking to Git, Kubernetes, Alibaba Cloud, forges and chats, and turning
their answers and failures into our own values and errors. What does not: deciding anything about
what should be done. The packages are siblings that do not know each other; each imports `ports`,
`model` and its own third-party library. Only `gitopsd.wiring` imports them.
"""
