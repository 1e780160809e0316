"""Stand-ins for GitHub, GitLab and Gitea on loopback, written from their documentation.

They share no code with `gitopsd.adapters`, so that they cannot share its mistakes.
"""
