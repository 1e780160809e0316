"""What the engine needs from the world, in our own types, and the errors it may meet.

What belongs here: protocols, the values that pass through them, with what a text alone can tell of
them (`remotes`, `addresses`), and errors. What does not: anything that does something. Readers
stand apart from writers: a dry run is a pass without a writer. Adapters implement these protocols
and raise only the errors of `errors`, each with what it was about and, as `__cause__`, the
library's own error. Whether trying again may help is a property of the type.
"""

from gitopsd.ports.alerts import AlertMemory, RateLimit, Sink
from gitopsd.ports.cloud import CloudReader, CloudScope, CloudView, CloudWriter, Health
from gitopsd.ports.cluster import ClusterReader, ClusterScope, ClusterView, ClusterWriter
from gitopsd.ports.errors import (
    Busy,
    Forbidden,
    Incomplete,
    JobFailed,
    JobPending,
    Misconfigured,
    Missing,
    OutcomeUnknown,
    Overtaken,
    Permanent,
    Rejected,
    RepositoryError,
    TermEnded,
    Throttled,
    Transient,
    Unauthenticated,
    Unreachable,
    WorldError,
)
from gitopsd.ports.forges import (
    Comment,
    CommitStatus,
    Forge,
    Issue,
    Limits,
    Marker,
    PullRequest,
    StatusState,
    Subject,
    SubjectKind,
)
from gitopsd.ports.leases import Lease, LeaseStore, Term
from gitopsd.ports.metering import Meter
from gitopsd.ports.mirror import Mirror
from gitopsd.ports.reports import ReportStore, StoredReports
from gitopsd.ports.repositories import (
    Branch,
    BranchWriter,
    ConfigSource,
    EarlierSource,
    FollowedSource,
    Tree,
)
from gitopsd.ports.site import Progress, Site
from gitopsd.ports.tracing import UNTRACED, Span, Tracer

__all__ = [
    "UNTRACED",
    "AlertMemory",
    "Branch",
    "BranchWriter",
    "Busy",
    "CloudReader",
    "CloudScope",
    "CloudView",
    "CloudWriter",
    "ClusterReader",
    "ClusterScope",
    "ClusterView",
    "ClusterWriter",
    "Comment",
    "CommitStatus",
    "ConfigSource",
    "EarlierSource",
    "FollowedSource",
    "Forbidden",
    "Forge",
    "Health",
    "Incomplete",
    "Issue",
    "JobFailed",
    "JobPending",
    "Lease",
    "LeaseStore",
    "Limits",
    "Marker",
    "Meter",
    "Mirror",
    "Misconfigured",
    "Missing",
    "OutcomeUnknown",
    "Overtaken",
    "Permanent",
    "Progress",
    "PullRequest",
    "RateLimit",
    "Rejected",
    "ReportStore",
    "RepositoryError",
    "Sink",
    "Site",
    "Span",
    "StatusState",
    "StoredReports",
    "Subject",
    "SubjectKind",
    "Term",
    "TermEnded",
    "Throttled",
    "Tracer",
    "Transient",
    "Tree",
    "Unauthenticated",
    "Unreachable",
    "WorldError",
]
