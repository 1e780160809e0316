"""Every metric, as data: its name, type, labels and meaning. The names are an interface.

A target's metrics name it by `repository` (as in the settings) and `target` (as in `fleet.yaml`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: What names a target.
PLACE = ("repository", "target")


@dataclass(frozen=True, slots=True)
class Family:
    """One metric. `name` is without the `_total` that a counter's samples end with."""

    name: str
    type: Literal["counter", "gauge", "histogram", "info"]
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()

    @property
    def sample(self) -> str:
        """What a query names."""
        suffix = {"counter": "_total", "info": "_info", "histogram": "_bucket"}
        return self.name + suffix.get(self.type, "")


_PASS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
_CALL = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)

PHASE = Family(
    "gitopsd_pass_phase_seconds",
    "histogram",
    "How long the phases of passes took: observe, plan, apply.",
    (*PLACE, "phase"),
    _PASS,
)
PASSES = Family(
    "gitopsd_passes",
    "counter",
    "Passes by result: well, troubled (something is wrong or held), withheld (not allowed to write "
    "now), cut_short (by a newer revision or a lost lease), failed (did not come to an end).",
    (*PLACE, "result"),
)
CHANGES = Family(
    "gitopsd_changes",
    "counter",
    "Steps of plans that were carried out, by kind (ServerGroup, Members, Service, Ingress), "
    "operation and outcome (done, failed, waiting, overtaken, blocked, held, interrupted).",
    (*PLACE, "kind", "operation", "outcome"),
)
DRIFT_FOUND = Family(
    "gitopsd_drift_found",
    "counter",
    "Exposures and ServerGroups that were found drifted and had not been in the pass before.",
    (*PLACE, "kind"),
)
CALLS = Family(
    "gitopsd_api_calls",
    "counter",
    "Requests to the APIs of Kubernetes and of the ALB and NLB products, each attempt counted, by "
    "result: ok, or what kind of error came back (throttled, forbidden, missing, ...).",
    ("product", "operation", "result"),
)
CALL = Family(
    "gitopsd_api_call_seconds",
    "histogram",
    "How long single requests to the APIs took.",
    ("product",),
    _CALL,
)
PACED = Family(
    "gitopsd_api_paced_seconds",
    "counter",
    "Seconds for which requests to a product were kept back, so that it need not throttle us.",
    ("product",),
)
WEBHOOKS = Family(
    "gitopsd_webhooks",
    "counter",
    "Deliveries to webhooks, by provider and the HTTP status of the answer.",
    ("provider", "status"),
)

MESSAGES = Family(
    "gitopsd_messages",
    "counter",
    "Messages sent to sinks, each attempt counted, by result: ok, or what kind of error came back "
    "(throttled, unauthenticated, unreachable, ...).",
    ("sink", "kind", "result"),
)

BUILD = Family("gitopsd_build", "info", "What runs: always 1.", ("version", "python"))
READY = Family(
    "gitopsd_ready", "gauge",
    "1 when every repository has been looked at once, and something is known of one.",
)  # fmt: skip
DRIFT = Family(
    "gitopsd_drift_age_seconds",
    "gauge",
    "An Exposure or ServerGroup that has drifted and was not put right, and for how long: since "
    "managedFields say that it was changed, else since this replica has seen it.",
    (*PLACE, "namespace", "name", "kind"),
)
OBSERVED = Family(
    "gitopsd_observation_age_seconds",
    "gauge",
    "Time since a target was last observed completely; before the first time, since its lease "
    "became ours. Told by the replica that holds the lease.",
    PLACE,
)
OBSERVED_LATE = Family(
    "gitopsd_observation_overdue_seconds",
    "gauge",
    "Time since a complete observation of the target was due by drift of its repository; 0 when "
    "none is due. Before the first one, since its lease became ours.",
    PLACE,
)
HELD = Family(
    "gitopsd_held_steps",
    "gauge",
    "Steps of the last plan that a guard held, which wait for a person.",
    (*PLACE, "guard"),
)
SUSPENDED = Family(
    "gitopsd_suspended",
    "gauge",
    "1 when somebody has suspended the target.",
    PLACE,
)
LEASE = Family(
    "gitopsd_lease_held",
    "gauge",
    "1 when this replica holds the target's lease; over all replicas there is one holder.",
    PLACE,
)
TERMS = Family(
    "gitopsd_lease_terms",
    "counter",
    "How often the target's lease has become this replica's.",
    PLACE,
)
FETCHED = Family(
    "gitopsd_fetch_age_seconds",
    "gauge",
    "Time since the repository last answered; before the first time, since it is followed.",
    ("repository",),
)
FETCHED_LATE = Family(
    "gitopsd_fetch_overdue_seconds",
    "gauge",
    "Time since an answer of the repository was due by its sync; 0 when none is due. Before the "
    "first one, since it is followed.",
    ("repository",),
)
ERRORS = Family(
    "gitopsd_config_errors",
    "gauge",
    "Errors in the revision that was read last; what they are about is held.",
    ("repository",),
)
QUEUE = Family(
    "gitopsd_queue_length",
    "gauge",
    "Repositories and targets with open wishes that nobody has set about yet, pushes that wait "
    "for a second to be over among them.",
    ("work",),
)
BUSY = Family(
    "gitopsd_queue_busy",
    "gauge",
    "Repositories and targets that are being worked on.",
    ("work",),
)
TROUBLE = Family(
    "gitopsd_trouble",
    "gauge",
    "1 for each subject that has trouble; GET /readyz has a line about it.",
    ("subject",),
)

SINK_FAILING = Family(
    "gitopsd_sink_failing",
    "gauge",
    "1 when the last message to a sink did not get through, or what it was told could not be kept.",
    ("sink", "kind"),
)
SINK_WAITING = Family(
    "gitopsd_sink_waiting",
    "gauge",
    "News that a sink has not been told yet, because it is gathered, because of quiet hours or the "
    "service's limits, or because the sink fails.",
    ("sink", "kind"),
)

#: What is counted as it happens, and what is read when somebody asks.
COUNTED = (PHASE, PASSES, CHANGES, DRIFT_FOUND, CALLS, CALL, PACED, WEBHOOKS, MESSAGES)
STANDING = (
    BUILD, READY, DRIFT, OBSERVED, OBSERVED_LATE, HELD, SUSPENDED, LEASE, TERMS, FETCHED,
    FETCHED_LATE, ERRORS, QUEUE, BUSY, TROUBLE, SINK_FAILING, SINK_WAITING,
)  # fmt: skip
FAMILIES = (*COUNTED, *STANDING)
