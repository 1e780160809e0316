"""The composition root: from settings to the objects that do the work.

The only package (beside the sandbox, for itself) that names adapters. It imports them where they
are needed, so that a command pays for no SDK that it does not use.
"""
