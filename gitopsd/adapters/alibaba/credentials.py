"""Where the keys come from; never what they are."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_ID = "ALIBABA_CLOUD_ACCESS_KEY_ID"
_SECRET = "ALIBABA_CLOUD_ACCESS_KEY_SECRET"  # noqa: S105 - the name of a variable
_TOKEN = "ALIBABA_CLOUD_SECURITY_TOKEN"  # noqa: S105 - the name of a variable
#: What the default chain looks at beside these: variables and files (facts §8.2).
_CHAIN = (
    "ALIBABA_CLOUD_ROLE_ARN",
    "ALIBABA_CLOUD_PROFILE",
    "ALIBABA_CLOUD_CREDENTIALS_FILE",
    "ALIBABA_CLOUD_CREDENTIALS_URI",
)
_FILES = ("~/.aliyun/config.json", "~/.alibabacloud/credentials.ini")


@dataclass(frozen=True, slots=True)
class Credentials:
    """Whose keys to use.

    With nothing given, the environment's keys as they are at each call, then the SDK's default
    chain: RRSA (OIDC), CLI profile, credentials file, ECS role, URI (facts §8.2). `profile` names
    a profile of the CLI or of the credentials file instead. `role_arn` is a role to assume with
    whatever the rest gives. `access_key_id` and its companions are keys given directly; they are
    left out of `repr`.
    """

    profile: str | None = None
    role_arn: str | None = None
    access_key_id: str | None = None
    access_key_secret: str | None = field(default=None, repr=False)
    security_token: str | None = field(default=None, repr=False)
    _made: list[Any] = field(default_factory=list, repr=False, compare=False)
    _making: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def client(self) -> Any:
        """The SDK's credentials client, always the same one. Nothing is read or asked yet."""
        from alibabacloud_credentials.client import Client

        with self._making:
            if not self._made:
                self._made.append(Client(provider=self._provider()))
            return self._made[0]

    def _provider(self) -> Any:
        from alibabacloud_credentials.provider import RamRoleArnCredentialsProvider

        base = self._base()
        if self.role_arn is None:
            return base
        return RamRoleArnCredentialsProvider(
            credentials_provider=base, role_arn=self.role_arn, role_session_name="gitopsd"
        )

    def _base(self) -> Any:
        from alibabacloud_credentials.provider import (
            CLIProfileCredentialsProvider,
            ProfileCredentialsProvider,
            StaticAKCredentialsProvider,
            StaticSTSCredentialsProvider,
        )

        pair = {
            "access_key_id": self.access_key_id,
            "access_key_secret": self.access_key_secret,
        }
        if self.access_key_id and self.security_token:
            return StaticSTSCredentialsProvider(**pair, security_token=self.security_token)
        if self.access_key_id:
            return StaticAKCredentialsProvider(**pair)
        if self.profile is not None:
            return _Either(
                CLIProfileCredentialsProvider(profile_name=self.profile),
                ProfileCredentialsProvider(profile_name=self.profile),
            )
        return _Either(_Environment(), _Default(_Either(*_chain(), loyal=True)))


def _chain() -> list[Any]:
    """The providers of the SDK's default chain, but for the environment's keys (facts §8.2).

    The SDK's own `DefaultCredentialsProvider` starts a scheduler with threads for the role of an
    ECS instance, which nothing ends and which complains while the process does. Asked like this,
    that role's keys are fetched anew when somebody needs them, as all others are.
    """
    from alibabacloud_credentials import provider
    from alibabacloud_credentials.utils import auth_util as environment

    chain: list[Any] = []
    if environment.enable_oidc_credential:
        chain.append(provider.OIDCRoleArnCredentialsProvider())
    chain += [provider.CLIProfileCredentialsProvider(), provider.ProfileCredentialsProvider()]
    if environment.environment_ecs_metadata_disabled.lower() != "true":
        chain.append(provider.EcsRamRoleCredentialsProvider(async_update_enabled=False))
    if environment.environment_credentials_uri:
        chain.append(provider.URLCredentialsProvider())
    return chain


class _Environment:
    """The keys in the environment now; the SDK's own provider remembers those at import."""

    def get_credentials(self) -> Any:
        """Keys out of the three variables; raises CredentialException when they are not set."""
        from alibabacloud_credentials.exceptions import CredentialException
        from alibabacloud_credentials.provider.refreshable import Credentials as Keys

        key, secret = os.environ.get(_ID), os.environ.get(_SECRET)
        missing = [name for name, text in ((_ID, key), (_SECRET, secret)) if not text]
        if missing:
            verb = "is" if len(missing) == 1 else "are"
            raise CredentialException(f"{' and '.join(missing)} {verb} not set")
        return Keys(
            access_key_id=key,
            access_key_secret=secret,
            security_token=os.environ.get(_TOKEN),
            provider_name=self.get_provider_name(),
        )

    def get_provider_name(self) -> str:
        """The name that the API's audit trail shows."""
        return "env"


class _Default:
    """The default chain; where nothing was prepared for it, it is told what it looks for."""

    def __init__(self, chain: Any) -> None:
        self._chain = chain

    def get_credentials(self) -> Any:
        """Keys of the chain; raises CredentialException."""
        from alibabacloud_credentials.exceptions import CredentialException

        try:
            return self._chain.get_credentials()
        except CredentialException as error:
            if any(os.environ.get(name) for name in _CHAIN) or any(
                Path(name).expanduser().exists() for name in _FILES
            ):
                raise  # something was prepared: its own words say what is wrong with it
            raise CredentialException(
                f"none of {', '.join(_CHAIN)} is set, there is no {' and no '.join(_FILES)}, "
                "and no ECS instance gives its role"
            ) from error

    def get_provider_name(self) -> str:
        """The name that the API's audit trail shows."""
        return "default"


class _Either:
    """The first provider that has keys; when none has, an error with what each of them said.

    A `loyal` one stays with the provider that had some: when its source is away for a while, the
    next one's keys would make us somebody else.
    """

    def __init__(self, *providers: Any, loyal: bool = False) -> None:
        self._providers = providers
        self._loyal = loyal

    def get_credentials(self) -> Any:
        """Keys of the first provider that has some; raises CredentialException."""
        from alibabacloud_credentials.exceptions import CredentialException

        said: list[str] = []
        for provider in self._providers:
            try:
                keys = provider.get_credentials()
            # Providers raise whatever their sources do (files, HTTP, JSON); each is told.
            except Exception as error:  # noqa: BLE001
                words = getattr(error, "message", None) or str(error) or type(error).__name__
                name = type(provider).__name__
                said.append(words if name.startswith("_") else f"{name}: {words}")
            else:
                if self._loyal:
                    self._providers = (provider,)
                return keys
        raise CredentialException("; ".join(said))

    def get_provider_name(self) -> str:
        """The name that the API's audit trail shows."""
        return "gitopsd"
