from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitopsd.daemon.webhooks import PROVIDERS, Answer, Delivery, Receiver, Verdict
from gitopsd.daemon.webhooks.providers import TOLERANCE
from gitopsd.daemon.webhooks.receiver import BURST, MEMORY, RATE, TWINS
from tests.unit.daemon.desk import Clock

SECRET, BODY, NOW = b"s3cret", b'{"ref": "refs/heads/main"}', 1_795_000_000.0


def mac(*parts: bytes, secret: bytes = SECRET) -> str:
    return hmac.new(secret, b"".join(parts), hashlib.sha256).hexdigest()


def signed(provider: str, body: bytes = BODY, secret: bytes = SECRET) -> dict[str, str]:
    """Headers as each provider documents them."""
    stamp = str(int(NOW))
    return {
        "github": {
            "x-hub-signature-256": f"sha256={mac(body, secret=secret)}",
            "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
            "x-github-event": "push",
        },
        "gitlab": {
            "x-gitlab-token": secret.decode(),
            "x-gitlab-event": "Push Hook",
            "idempotency-key": "f5e5f430-f57b-4e6e-9fac-d9128cd7232f",
        },
        "gitea": {
            "x-gitea-signature": mac(body, secret=secret),
            "x-gitea-delivery": "f6266f16-1bf3-46a5-9ea4-602e06ead473",
        },
        "bitbucket": {
            "x-hub-signature": f"sha256={mac(body, secret=secret)}",
            "x-request-uuid": "17e8a8c0-3f4a-4b0e-a6a3-6e9b8d4c0f11",
        },
        "codeup": {"x-codeup-token": secret.decode(), "codeup-event": "Push Hook"},
        "generic": {
            "x-timestamp": stamp,
            "x-signature": f"sha256={mac(stamp.encode(), b'.', body, secret=secret)}",
            "x-delivery": "42",
        },
    }[provider]


EVERY = pytest.mark.parametrize("provider", PROVIDERS)


def judge(provider: str, headers: dict[str, str], body: bytes = BODY, at: float = NOW) -> Verdict:
    return PROVIDERS[provider].judge(Delivery(headers, body, at), SECRET)


@EVERY
def test_what_a_provider_signs_is_believed(provider: str) -> None:
    assert judge(provider, signed(provider)) is Verdict.GOOD


@EVERY
def test_another_secret_is_not(provider: str) -> None:
    assert judge(provider, signed(provider, secret=b"guess")) is Verdict.WRONG


@EVERY
def test_a_delivery_that_proves_nothing_is_refused(provider: str) -> None:
    assert judge(provider, {}) is Verdict.MISSING


@pytest.mark.parametrize("provider", ["github", "gitea", "bitbucket", "generic"])
def test_a_body_that_was_changed_is_refused(provider: str) -> None:
    assert judge(provider, signed(provider), BODY + b" ") is Verdict.WRONG


def test_github_s_own_example_is_believed() -> None:
    """From GitHub's page "Validating webhook deliveries"."""
    known = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    delivery = Delivery({"x-hub-signature-256": known}, b"Hello, World!", NOW)
    assert PROVIDERS["github"].judge(delivery, b"It's a Secret to Everybody") is Verdict.GOOD


@pytest.mark.parametrize("late", [TOLERANCE + 1, -TOLERANCE - 1])
def test_a_signed_time_that_is_far_away_is_stale(late: float) -> None:
    assert judge("generic", signed("generic"), at=NOW + late) is Verdict.STALE


def test_the_time_of_a_generic_delivery_is_signed() -> None:
    headers = signed("generic") | {"x-timestamp": str(int(NOW) + 1)}
    assert judge("generic", headers) is Verdict.WRONG


@given(st.dictionaries(st.text(max_size=30), st.text(max_size=80), max_size=4), st.binary())
def test_nothing_that_arrives_makes_a_judge_stumble(headers: dict[str, str], body: bytes) -> None:
    for provider in PROVIDERS.values():
        names = ("x-signature", "x-timestamp", "x-gitlab-token", "x-hub-signature-256")
        odd = dict(zip(names, headers.values(), strict=False)) | headers
        assert provider.judge(Delivery(odd, body, NOW), SECRET) is not Verdict.GOOD


# --- the receiver ------------------------------------------------------------------------------


@dataclass
class Office:
    """A receiver of two repositories that GitHub tells about, and what it has looked at."""

    clock: Clock = field(default_factory=Clock)
    looked: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    leaving: bool = False

    def __post_init__(self) -> None:
        self.receiver = Receiver(
            self.secrets,
            self.looked.append,
            leaving=lambda: self.leaving,
            clock=self.clock,
            time_of_day=Clock(NOW),
        )

    def secrets(self, provider: str) -> Sequence[tuple[str, bytes | None]]:
        self.read.append(provider)
        if provider == "gitea":
            return [("bank", None)]
        if provider == "gitlab":
            return [("bank", b"other"), ("mill", None)]
        known = [("shop", b"old"), ("shop", SECRET), ("bank", b"other")]
        return known if provider in ("github", "generic") else []

    def post(
        self,
        headers: dict[str, str],
        provider: str = "github",
        source: str = "192.0.2.1",
        body: bytes = BODY,
    ) -> int:
        claim = self.receiver.opens(provider, headers, source)
        return (claim if isinstance(claim, Answer) else self.receiver.receive(claim, body)).status


def test_the_secret_tells_which_repository_is_looked_at() -> None:
    office = Office()
    assert office.post(signed("github", secret=b"other")) == 202
    assert office.looked == ["bank"]
    assert office.read == ["github"]  # once, however many steps its judgement has


def test_two_secrets_hold_while_one_replaces_the_other() -> None:
    office = Office()
    assert office.post(signed("github", secret=b"old")) == 202
    assert office.post(signed("github") | {"x-github-delivery": "another"}) == 202
    assert office.looked == ["shop", "shop"]


def test_a_secret_that_cannot_be_read_asks_the_forge_to_send_again() -> None:
    office = Office()
    assert office.post(signed("gitea"), "gitea") == 503
    assert office.post(signed("gitlab", secret=b"mill's, perhaps"), "gitlab") == 503
    assert office.looked == []
    assert office.post(signed("gitlab", secret=b"other"), "gitlab") == 202


def test_who_leaves_asks_the_forge_to_send_again_and_nobody_else() -> None:
    office = Office(leaving=True)
    assert office.post(signed("github")) == 503
    assert office.post(signed("github", secret=b"wrong")) == 401
    assert office.looked == []
    office.leaving = False
    assert office.post(signed("github")) == 202


def test_a_replay_is_answered_without_work() -> None:
    office = Office()
    assert [office.post(signed("github")) for _ in range(3)] == [202, 200, 200]
    assert office.looked == ["shop"]


def test_a_replay_under_another_name_is_known_by_its_signature() -> None:
    office = Office()
    assert office.post(signed("github")) == 202
    office.clock.now += TWINS + 1
    for number in range(50):
        assert office.post(signed("github") | {"x-github-delivery": str(number)}) == 200
    assert office.looked == ["shop"]


def test_who_always_sends_the_same_body_is_heard_again_after_an_hour() -> None:
    office = Office()
    for number in range(3):
        assert office.post(signed("github") | {"x-github-delivery": str(number)}) == 202
        office.clock.now += MEMORY
        assert office.post(signed("github") | {"x-github-delivery": "another"}) == 200
        office.clock.now += 1
    assert office.looked == ["shop"] * 3


def test_two_pushes_that_are_signed_alike_are_two_while_they_may_be() -> None:
    office = Office()
    assert office.post(signed("generic"), "generic") == 202
    assert office.post(signed("generic") | {"x-delivery": "43"}, "generic") == 202
    assert office.post(signed("generic"), "generic") == 200


def test_a_signature_names_what_has_no_other_name() -> None:
    office = Office()
    headers = signed("generic")
    del headers["x-delivery"]
    assert [office.post(headers, "generic") for _ in range(3)] == [202, 200, 200]


def test_a_provider_that_nobody_configured_is_not_found() -> None:
    office = Office()
    assert office.post(signed("codeup"), "codeup") == 404
    assert office.post({}, "../../etc/passwd") == 404
    assert office.looked == []


def test_a_wrong_signature_is_refused_and_spends_no_delivery_id() -> None:
    office = Office()
    assert office.post(signed("github", secret=b"guess")) == 401
    assert office.post(signed("github")) == 202


def test_who_proves_nothing_too_often_waits_and_others_do_not() -> None:
    office = Office()
    told = [office.post({}, source="198.51.100.7") for _ in range(BURST + 5)]
    assert told == [401] * BURST + [429] * 5
    assert office.receiver.suspects("198.51.100.7")
    assert office.post({}, source="198.51.100.8") == 401
    office.clock.now += 1 / RATE
    assert office.post({}, source="198.51.100.7") == 401


def test_guesses_and_unknown_providers_count_as_what_proves_nothing() -> None:
    office = Office()
    guess = signed("github", secret=b"guess")
    assert [office.post(guess) for _ in range(BURST + 1)] == [401] * BURST + [429]
    assert office.post({}, "nobody") == 429


def test_strangers_cannot_shut_out_a_forge_that_shares_their_address() -> None:
    office = Office()
    for _ in range(3 * BURST):
        office.post({})
    for number in range(3 * BURST):
        body = str(number).encode()
        headers = signed("github", body) | {"x-github-delivery": str(number)}
        assert office.post(headers, body=body) == 202


def test_what_is_remembered_is_bounded() -> None:
    office = Office()
    for number in range(6000):
        office.post({}, source=f"source {number}")
        body = str(number).encode()
        office.post(signed("github", body), body=body)
    assert len(office.receiver._seen) < 5000
    assert len(office.receiver._sources) < 5000
