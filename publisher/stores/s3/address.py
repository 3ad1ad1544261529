"""Where requests to a bucket go, and for which region they are signed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from publisher.core.errors import StorageError
from publisher.stores.providers import BY_NAME, Addressing, BucketService, Provider, named_in, provider_of

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How a bucket is reached. `endpoint` has no slash at its end, and the bucket is not in it."""

    provider: Provider
    endpoint: str
    region: str
    addressing: Addressing
    own: bool
    """Whether the endpoint is the service's usual one, and nobody named another."""

    @property
    def host(self) -> str:
        """The endpoint's host."""
        return urlsplit(self.endpoint).hostname or ""

    def address(self, bucket: str) -> str:
        """The address of the bucket itself, without a slash at its end."""
        scheme, _, host = self.endpoint.partition("://")
        return f"{scheme}://{bucket}.{host}" if self.addressing == "virtual" else f"{self.endpoint}/{bucket}"


def reach(service: BucketService, bucket: str, environment: Mapping[str, str], profile: Mapping[str, str]) -> Reach:
    """How a bucket is reached by what the settings say, the environment and the profile in use, in this order; where none of them does, a
    known endpoint tells its region. StorageError `storage-endpoint` where no address comes of it.
    """
    configured = service.endpoint
    ignored = environment.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").strip().lower() == "true"
    if not configured and not ignored and not (service.provider and BY_NAME[service.provider].endpoint):
        named = (environment.get("AWS_ENDPOINT_URL_S3"), environment.get("AWS_ENDPOINT_URL"), profile.get("endpoint_url"))
        configured = next((endpoint for endpoint in named if endpoint), "")
    provider = provider_of(service.provider, configured)
    if configured:
        configured = without_bucket(_address(configured), bucket, provider)
    region = service.region or named_in(provider, urlsplit(configured).hostname or "")
    if not region and provider.name in ("aws", "other", "minio", "ceph"):  # only these services listen to the environment
        region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or profile.get("region")
    region = region or provider.region
    endpoint = configured or provider.endpoint.format(region=region)
    if not endpoint:
        hint = "add `[storage] endpoint`, as the service's console shows it"
        raise StorageError(f"where {provider.title} answers is not known", hint=hint, code="storage-endpoint")
    # no certificate covers a host with another dot in the bucket's name
    usual = "path" if "." in bucket or bucket != bucket.lower() else provider.addressing
    return Reach(provider=provider, endpoint=endpoint, region=region, addressing=service.addressing or usual, own=not configured)


def _address(endpoint: str) -> str:
    """The endpoint with its scheme; StorageError `storage-endpoint` where it is no address."""
    if "://" not in endpoint:
        endpoint = f"https://{endpoint}"
    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.username:
        hint = "it is https://host, with a port where needed, and nothing else"
        shown = endpoint.rpartition("@")[2]  # before it may stand a password
        raise StorageError(f"`[storage] endpoint` is no address: {shown}", hint=hint, code="storage-endpoint")
    return endpoint.rstrip("/")


def without_bucket(endpoint: str, bucket: str, provider: Provider) -> str:
    """The endpoint alone, where a console shows it with the bucket: at its end (R2) or before the host (Spaces, Amazon)."""
    endpoint = endpoint.removesuffix(f"/{bucket}")
    scheme, _, host = endpoint.partition("://")
    rest = host.removeprefix(f"{bucket}.")
    bare = rest.partition(":")[0]
    if rest != host and provider.host and (named_in(provider, bare) is not None or bare.endswith(f".{provider.host}")):
        return f"{scheme}://{rest}"
    return endpoint
