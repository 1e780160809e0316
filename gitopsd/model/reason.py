"""What kinds of trouble reality can be in with what is wanted (design §5)."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why something is reported. The value is the stable name in outputs, labels and filters.

    Several paths of one thing with one reason are one finding: they have one cause and one cure.
    """

    FIELD = "field-changed"  # a field that we declare has another value
    ADDITION = "field-added"  # a member of a closed set that nobody declared
    DELETED = "deleted"  # an object or a server group of ours is gone
    STAMP = "stamp-stripped"  # our labels or tags were edited or taken off
    MEMBER_GONE = "member-gone"  # a server of ours is no longer in its group
    MEMBER_FOREIGN = "member-foreign"  # a server in our group that we did not add
    MEMBER_SILENT = "member-unhealthy"  # a server does not answer its health check
    COPIED = "copied"  # an object that carries our labels, and that gitopsd never wrote
    SHADOWED = "shadowed"  # another Ingress or Service claims our host and path, or our port
    EXPIRED = "ignore-expired"  # an exception of the drift policy has run out
    MANY = "many"  # so many findings of one pass that they became one report
