"""The server groups of one Alibaba Cloud region, read and changed through ALB's and NLB's APIs.

What belongs here: credentials, endpoints, calls through the official SDKs with pacing and retries,
waiting for the cloud's asynchronous jobs, batches within documented limits, and the translation of
error codes into the errors of `ports`. What does not: knowing how a group should look, which member
is ours, or what to do about a difference.

The SDKs take half a second to import and quietly change logging; only `sdk` and `credentials` touch
them, when the first call of a product is made.
"""

from gitopsd.adapters.alibaba.cloud import AlibabaCloud, AlibabaReader
from gitopsd.adapters.alibaba.credentials import Credentials
from gitopsd.adapters.alibaba.pace import Pace, TokenBucket
from gitopsd.adapters.alibaba.sdk import is_loopback

__all__ = ["AlibabaCloud", "AlibabaReader", "Credentials", "Pace", "TokenBucket", "is_loopback"]
