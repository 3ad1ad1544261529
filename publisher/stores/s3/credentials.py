"""The pair of keys that requests are signed with: from the environment, else from a profile."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from publisher.core.secret_variables import carried, secret_in
from publisher.stores.credential_errors import explain_credentials
from publisher.stores.s3.signing import AccessKeys

if TYPE_CHECKING:
    from collections.abc import Mapping


def plain_keys(profile: str, settings: Mapping[str, str]) -> AccessKeys:
    """The keys of the environment unless a profile is named, else those among the profile's `settings`. StorageError where there are
    none, or what no header can carry.
    """
    keys = None if profile else environment_keys()
    if keys is None:
        where = f"profile {profile or os.environ.get('AWS_PROFILE', 'default')}"
        key, secret, token, older = (
            carried(settings.get(name, ""), f"{name} of {where}")
            for name in ("aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token")
        )
        keys = AccessKeys(key, secret, token or older or None)
    if not keys.access_key or not keys.secret_key:
        raise explain_credentials(None, profile=profile)
    return keys


def whose(part: str, profile: str) -> str:
    """What messages call a part of the keys that sign ("key", "secret" or "token"): where a person finds it."""
    set_here = all(os.environ.get(name) for name in _VARIABLES["key"] + _VARIABLES["secret"])
    named = profile or ("" if set_here else os.environ.get("AWS_PROFILE", ""))
    if named:
        return f"the {part} of profile {named}"
    variable = next((name for name in _VARIABLES[part] if os.environ.get(name)), "") if set_here else ""
    return f"the {part} in {variable}" if variable else f"the {part} that was found for you"


_VARIABLES = {"key": ("AWS_ACCESS_KEY_ID",), "secret": ("AWS_SECRET_ACCESS_KEY",), "token": ("AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")}


def environment_keys() -> AccessKeys | None:
    """The keys of the environment where both halves are set. Raises StorageError for what no header can carry."""
    key, secret = secret_in("AWS_ACCESS_KEY_ID"), secret_in("AWS_SECRET_ACCESS_KEY")
    return AccessKeys(key, secret, secret_in("AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN") or None) if key and secret else None
