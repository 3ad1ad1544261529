"""Who signs: keys in the environment at once, everything else through boto3."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any, cast

from publisher.stores.s3.errors import explain_credentials
from publisher.stores.s3.signing import AccessKeys

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.credentials import ReadOnlyCredentials


class Credentials:
    """The credentials of the moment. Those in the environment are taken as they are; all else is boto3's to find and renew."""

    def __init__(self, profile: str, *, elsewhere: bool) -> None:
        self._profile = profile
        self._elsewhere = elsewhere
        self._guard = threading.Lock()
        self._keys = environment_keys()
        self._current: Callable[[], AccessKeys | ReadOnlyCredentials] | None = None

    def __call__(self) -> AccessKeys | ReadOnlyCredentials:
        """The credentials to sign the next request with; StorageError where there are none, or they ran out and cannot be renewed."""
        if self._keys is not None and not self._profile:
            return self._keys
        with self._guard:
            if self._current is None:
                self._current = self._find()
            current = self._current
        from botocore.exceptions import BotoCoreError

        try:
            return current()
        except BotoCoreError as error:
            raise explain_credentials(error, profile=self._profile) from error

    def session(self) -> Any:
        """A boto3 session with these credentials."""
        import boto3
        from botocore.exceptions import BotoCoreError

        try:
            return boto3.Session(profile_name=self._profile or None)
        except BotoCoreError as error:
            raise explain_credentials(error, profile=self._profile) from error

    def profile_region(self) -> str:
        """The region of the profile, empty where no profile is in use: reading it costs the start-up of boto3."""
        if not self._profile and not os.environ.get("AWS_PROFILE") and self._keys:
            return ""
        return self.session().region_name or ""

    def _find(self) -> Callable[[], ReadOnlyCredentials]:
        from botocore.exceptions import BotoCoreError

        session = self.session()
        try:
            if self._elsewhere:  # only a machine at Amazon can ask its surroundings; elsewhere that waits for nobody
                session._session.get_component("credential_provider").remove("iam-role")  # noqa: SLF001  boto3 offers no other way
            found = session.get_credentials()
        except BotoCoreError as error:
            raise explain_credentials(error, profile=self._profile) from error
        if found is None:
            raise explain_credentials(None, profile=self._profile)
        return cast("Callable[[], ReadOnlyCredentials]", found.get_frozen_credentials)


def environment_keys() -> AccessKeys | None:
    """The keys of the environment where both halves are set."""
    key, secret = os.environ.get("AWS_ACCESS_KEY_ID", ""), os.environ.get("AWS_SECRET_ACCESS_KEY", "")
    token = os.environ.get("AWS_SESSION_TOKEN") or os.environ.get("AWS_SECURITY_TOKEN")
    return AccessKeys(key, secret, token) if key and secret else None
