"""Why there are no credentials for a bucket, as an error that says what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from publisher.core.secret_variables import said
from publisher.stores.s3.errors import SECRETS, Row, first_row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from publisher.core.errors import StorageError


def explain_credentials(error: Exception | None, *, profile: str) -> StorageError:
    """The StorageError for credentials that cannot be had. `error` None: there simply are none."""
    words = said(str(error), 300) if error else ""
    return first_row(_about_the_credentials(type(error).__name__, words, profile), words)


_NOT_STARTED = ("FileNotFoundError", "PermissionError", "NotADirectoryError", "OSError")


def _about_the_credentials(name: str, words: str, profile: str) -> Iterator[Row]:
    """What is wrong with the credentials of this machine, by the name of the error; the last row fits whatever else it is."""
    message = f"there is no profile {profile or 'of that name'} in ~/.aws/config or ~/.aws/credentials"
    hint = f"`publish login` makes it here, from the keys it asks for; in CI set {SECRETS}. Or correct `[storage] profile` or AWS_PROFILE"
    yield name == "ProfileNotFound", message, hint, "storage-credentials"
    half = name in ("PartialCredentialsError", "ConfigParseError")
    hint = "a key has two halves: set both, and AWS_SESSION_TOKEN for temporary ones"
    yield half, "the credentials for the storage are incomplete", hint, "storage-credentials"
    program = name == "JSONDecodeError" or (name == "CredentialRetrievalError" and "custom-process" in words) or name in _NOT_STARTED
    hint = "run the command of `credential_process` in ~/.aws/config by hand: it must print JSON with AccessKeyId and SecretAccessKey"
    yield program, f"the program that gives the credentials{profile and f' of profile {profile}'} failed", hint, "storage-credentials"
    renewal = name in ("CredentialRetrievalError", "RefreshWithMFAUnsupportedError", "LoginRefreshRequired")
    hint = f"log in again: aws sso login{f' --profile {profile}' if profile else ''}"
    yield renewal or "SSO" in name or "Token" in name, "the login for the storage has expired", hint, "storage-expired"
    hint = f"`publish login` asks for the keys and keeps them; in CI set {SECRETS}. They never go into config.toml"
    yield True, "no credentials for the storage were found", hint, "storage-credentials"
