"""Who signs: keys in the environment at once, everything else through boto3."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

from publisher.core.secret_variables import carried, secret_in
from publisher.stores.s3.errors import explain_credentials
from publisher.stores.s3.signing import AccessKeys

if TYPE_CHECKING:
    from collections.abc import Callable


class Credentials:
    """The credentials of the moment. Those in the environment are taken as they are; all else is boto3's to find and renew."""

    def __init__(self, profile: str, *, elsewhere: bool) -> None:
        self._profile = profile
        self._elsewhere = elsewhere
        self._guard = threading.Lock()
        self._keys = environment_keys()
        self._current: Callable[[], Any] | None = None

    def __call__(self) -> AccessKeys:
        """The credentials to sign the next request with; StorageError where there are none, or they ran out and cannot be renewed."""
        if self._keys is not None and not self._profile:
            return self._keys
        with self._guard:
            if self._current is None:
                self._current = self._find()
            current = self._current
        from botocore.exceptions import BotoCoreError

        try:
            found = current()
        except (BotoCoreError, ValueError) as error:  # what a credential_process prints may be no JSON
            raise explain_credentials(error, profile=self._profile) from error
        where = f"profile {self._profile}" if self._profile else "these credentials"
        key, secret = (
            carried(value, f"the {what} of {where}") for value, what in ((found.access_key, "key"), (found.secret_key, "secret"))
        )
        return AccessKeys(key, secret, carried(found.token, f"the session token of {where}") if found.token else None)

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

    def _find(self) -> Callable[[], Any]:
        from botocore.exceptions import BotoCoreError

        session = self.session()
        try:
            if self._elsewhere:  # only a machine at Amazon can ask its surroundings; elsewhere that waits for nobody
                session._session.get_component("credential_provider").remove("iam-role")  # noqa: SLF001  boto3 offers no other way
            found = session.get_credentials()
        except (BotoCoreError, ValueError, OSError) as error:
            raise explain_credentials(error, profile=self._profile) from error
        if found is None:
            raise explain_credentials(None, profile=self._profile)
        frozen: Callable[[], Any] = found.get_frozen_credentials
        return frozen


def environment_keys() -> AccessKeys | None:
    """The keys of the environment where both halves are set. Raises StorageError for what no header can carry."""
    key, secret = secret_in("AWS_ACCESS_KEY_ID"), secret_in("AWS_SECRET_ACCESS_KEY")
    return AccessKeys(key, secret, secret_in("AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN") or None) if key and secret else None
