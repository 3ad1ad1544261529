"""Where requests to a bucket go."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from publisher.core.errors import StorageError
from publisher.stores.providers import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from publisher.stores.providers import Addressing, Provider


def configured_endpoint(endpoint: str, provider: str) -> str:
    """The endpoint of the settings, else of the environment; empty where the provider has one of its own, and that is meant."""
    if endpoint or (provider and BY_NAME[provider].endpoint):
        return endpoint
    return os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""


def region_for(provider: Provider, profile_region: Callable[[], str]) -> str:
    """The region to sign for where the settings name none. Only Amazon's and "any" services listen to the environment."""
    if provider.name not in ("aws", "other", "minio", "ceph"):
        return provider.region
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or profile_region() or provider.region


def endpoint_for(configured: str, provider: Provider, region: str) -> str:
    """The endpoint as an address without a slash at its end; StorageError `storage-endpoint` where it is none."""
    endpoint = configured or provider.endpoint.format(region=region)
    if not endpoint:
        hint = "add `[storage] endpoint`, as the service's console shows it"
        raise StorageError(f"where {provider.title} answers is not known", hint=hint, code="storage-endpoint")
    if not configured and provider.name == "aws" and region.startswith("cn-"):
        endpoint += ".cn"
    if "://" not in endpoint:
        endpoint = f"https://{endpoint}"
    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.username:
        hint = "it is https://host, with a port where needed, and nothing else"
        shown = endpoint.rpartition("@")[2]  # before it may stand a password
        raise StorageError(f"`[storage] endpoint` is no address: {shown}", hint=hint, code="storage-endpoint")
    return endpoint.rstrip("/")


def addressing_for(bucket: str, usual: Addressing) -> Addressing:
    """Virtual hosts where the service wants them, unless the bucket's name has a dot, which no certificate covers."""
    return "path" if "." in bucket or bucket != bucket.lower() else usual


def bucket_address(endpoint: str, bucket: str, addressing: Addressing) -> str:
    """The address of the bucket itself, without a slash at its end."""
    scheme, _, host = endpoint.partition("://")
    return f"{scheme}://{bucket}.{host}" if addressing == "virtual" else f"{endpoint}/{bucket}"
