"""What may go wrong in the world, as our own types."""

from __future__ import annotations

import re
from collections.abc import Iterable


class WorldError(Exception):
    """The world failed. `about` names the thing, `detail` what happened, `mend` what to do.

    Tree: `Transient` (trying again may help: `Unreachable`, `Throttled`, `Busy`, `Overtaken`,
    `OutcomeUnknown` with its `JobPending`, `TermEnded`) and `Permanent` (`Misconfigured`,
    `Unauthenticated`, `Forbidden`, `Missing`, `Rejected`, `Incomplete`, `JobFailed`,
    `RepositoryError`).
    """

    transient = False

    def __init__(self, about: str, detail: str, mend: str = "") -> None:
        super().__init__(about, detail, mend)
        self.about = about
        self.detail = detail
        self.mend = mend

    def __str__(self) -> str:
        return f"{self.about}: {self.detail}" + (f" ({self.mend})" if self.mend else "")

    def add_before(self, what: str) -> None:
        """Have it told what was done before it came to this."""
        self.detail = f"{what}; {self.detail}"

    @property
    def kind(self) -> str:
        """The name of its type here, in snake_case: adapters have types of their own below."""
        kinds = (cls.__name__ for cls in type(self).__mro__ if cls.__module__ == __name__)
        return re.sub(r"(?<!^)([A-Z])", r"_\1", next(kinds)).lower()


class Transient(WorldError):
    """Trying again later may help."""

    transient = True


class Permanent(WorldError):
    """Trying again will not help until a person changes something."""


class Unreachable(Transient):
    """No answer: connection refused, name not found, TLS failure, time-out before sending."""


class Throttled(Transient):
    """The API refused because of its rate limit, even after the adapter's own retries.

    `after` is for how many seconds it asked to be left alone, None where it did not say.
    """

    def __init__(
        self, about: str, detail: str, mend: str = "", *, after: float | None = None
    ) -> None:
        super().__init__(about, detail, mend)
        self.after = after


class Busy(Transient):
    """The thing is in a state that accepts no change now (IncorrectStatus, ResourceInUse)."""


class Overtaken(Transient):
    """The thing is no longer what the plan expects: somebody was faster."""


class OutcomeUnknown(Transient):
    """A write was sent and its outcome is not known (cut connection, job without an end).

    `have` are names of a sink's own for those who have got a message that others did not get: they
    are handed in again as `message.have`.
    """

    def __init__(
        self, about: str, detail: str, mend: str = "", *, have: Iterable[str] = ()
    ) -> None:
        super().__init__(about, detail, mend)
        self.have = tuple(have)


class JobPending(OutcomeUnknown):
    """The cloud accepted a call and its job has no end yet: to call again would not hurry it."""


class TermEnded(Transient):
    """Our term at the target is over, or ends too soon for a request: nothing was sent."""


class Misconfigured(Permanent):
    """Our own settings do not fit (kubeconfig, context, endpoint, environment variable)."""


class Unauthenticated(Permanent):
    """No credentials, or refused ones."""


class Forbidden(Permanent):
    """The identity has no right to do this."""


class Missing(Permanent):
    """The thing, or the namespace it belongs in, does not exist."""


class Rejected(Permanent):
    """The API refused the content; `detail` holds its words and the fields it named."""


class Incomplete(Permanent):
    """It was told, but not to all that it was meant for, and trying again will not help.

    `handle` is what the sink would have answered.
    """

    def __init__(self, about: str, detail: str, mend: str = "", *, handle: str = "") -> None:
        super().__init__(about, detail, mend)
        self.handle = handle


class JobFailed(Permanent):
    """The cloud accepted a call and then reported its job as failed."""


class RepositoryError(Permanent):
    """The config repository cannot be read as asked (missing branch, not a repository)."""
