"""What is known of the services that speak S3: where they answer, how buckets are addressed, what they make of conditions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from publisher.stores.protocol import Conditions

Addressing = Literal["path", "virtual"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a service wants its headers named and its requests signed: `scheme` begins algorithm and key and, in small letters, ends the scope."""

    scheme: str
    prefix: str
    service: str


AMAZON = Dialect("AWS4", "X-Amz-", "s3")
GOOGLE = Dialect("GOOG4", "X-Goog-", "storage")


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One service. `endpoint` may hold `{region}`; empty means it must be configured. `conditions` None: only a probe tells."""

    name: str
    title: str
    endpoint: str = ""
    region: str = "us-east-1"
    addressing: Addressing = "path"
    conditions: Conditions | None = None
    acl: bool = True
    host: str = ""
    """How the service's host names end, to know it by its endpoint."""
    also: tuple[str, ...] = ()
    """Other hosts it answers at, with `{region}`."""
    dialect: Dialect = AMAZON
    """What it has to be spoken to in for its `conditions` to hold."""
    note: str = ""


PROVIDERS: tuple[Provider, ...] = (
    Provider(
        name="aws",
        title="Amazon S3",
        endpoint="https://s3.{region}.amazonaws.com",
        addressing="virtual",
        conditions="enforced",
        acl=False,
        host="amazonaws.com",
        also=("s3-{region}.amazonaws.com", "s3.dualstack.{region}.amazonaws.com", "s3.amazonaws.com"),
        note="New buckets refuse ACLs: make the prefix public with a bucket policy.",
    ),
    Provider(
        name="r2",
        title="Cloudflare R2",
        region="auto",
        conditions="enforced",
        acl=False,
        host="r2.cloudflarestorage.com",
        note="Endpoint: https://ACCOUNT.r2.cloudflarestorage.com. The whole bucket is public or none of it: set `[storage] private`.",
    ),
    Provider(
        name="b2",
        title="Backblaze B2",
        endpoint="https://s3.{region}.backblazeb2.com",
        region="us-west-004",
        conditions="refused",
        acl=False,
        host="backblazeb2.com",
        note="Answers 501 to conditional writes: publish from one place only. The whole bucket is public: set `[storage] private`.",
    ),
    Provider(
        name="minio", title="MinIO", conditions="enforced", acl=False, note="Old releases know no conditional writes; the probe finds out."
    ),
    Provider(
        name="hetzner",
        title="Hetzner Object Storage",
        endpoint="https://{region}.your-objectstorage.com",
        region="fsn1",
        host="your-objectstorage.com",
        note='Runs Ceph. Public files by bucket policy or `acl = "public-read"`.',
    ),
    Provider(
        name="spaces",
        title="DigitalOcean Spaces",
        endpoint="https://{region}.digitaloceanspaces.com",
        region="fra1",
        addressing="virtual",
        conditions="enforced",
        host="digitaloceanspaces.com",
        note='Public files by `acl = "public-read"`.',
    ),
    Provider(
        name="wasabi",
        title="Wasabi",
        endpoint="https://s3.{region}.wasabisys.com",
        host="wasabisys.com",
        note="Public access has to be unlocked by its support first.",
    ),
    Provider(
        name="scaleway",
        title="Scaleway Object Storage",
        endpoint="https://s3.{region}.scw.cloud",
        region="fr-par",
        addressing="virtual",
        conditions="enforced",
        host="scw.cloud",
    ),
    Provider(
        name="ovh",
        title="OVHcloud Object Storage",
        endpoint="https://s3.{region}.io.cloud.ovh.net",
        region="gra",
        addressing="virtual",
        conditions="enforced",
        host="cloud.ovh.net",
        also=("s3.{region}.perf.cloud.ovh.net",),
    ),
    Provider(name="garage", title="Garage", region="garage", acl=False, note="Public reading through its web endpoint."),
    Provider(
        name="seaweedfs", title="SeaweedFS", conditions="enforced", acl=False, note="ACLs are accepted and ignored: use a bucket policy."
    ),
    Provider(name="ceph", title="Ceph RADOS Gateway", note="Conditional writes since 16 (Pacific); see below."),
    Provider(
        name="gcs",
        title="Google Cloud Storage",
        endpoint="https://storage.googleapis.com",
        region="auto",
        conditions="enforced",
        acl=False,
        host="storage.googleapis.com",
        dialect=GOOGLE,
        note="With HMAC keys; see below.",
    ),
    Provider(name="other", title="Any other service", note="Give `endpoint`; the first publish probes what it can do."),
)

_SEVERAL = "Several machines may publish at once: one that slept or was cut off overwrites and deletes nothing of another."
_ONE = (
    "Let one machine publish at a time: a publish looks at the show's claim before each write, and one that slept stops; but a request that is "
    "held up on its way for more than half a minute, or a look in the same second as another's, can put an older page over a newer one. "
    "The next publish puts that right."
)
_PROBED = "The first publish tries out whether several machines may publish at once, and says where only one may."

PROMISES: dict[Conditions | None, str] = {"enforced": _SEVERAL, "refused": _ONE, "ignored": _ONE, None: _PROBED}
"""What several machines that publish one show can rely on, by what the service makes of conditions."""

BY_NAME = {provider.name: provider for provider in PROVIDERS}


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketService:
    """How a bucket's service is reached. Empty strings: what the provider, the environment or the AWS files say.

    Secrets are in none of these: they come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or the usual AWS places.
    """

    endpoint: str = ""
    region: str = ""
    profile: str = ""
    provider: str = ""
    addressing: Addressing | Literal[""] = ""
    acl: str = ""
    """A canned ACL like `public-read`, sent with every object that listeners may see; none by default."""


def provider_of(name: str, endpoint: str) -> Provider:
    """The named service, else the one whose host name `endpoint` ends in; Amazon where neither is given. KeyError: no such name."""
    if name:
        return BY_NAME[name]
    if not endpoint:
        return BY_NAME["aws"]
    host = endpoint.split("//", 1)[-1].split("/", 1)[0].split(":", 1)[0].lower()
    for provider in PROVIDERS:
        if provider.host and (host == provider.host or host.endswith("." + provider.host)):
            return provider
    return BY_NAME["other"]


def named_in(provider: Provider, host: str) -> str | None:
    """The region that a host of this service names, "" where it names none; None for a host that is not of its forms."""
    for form in (provider.endpoint.partition("://")[2], *provider.also):
        pattern = re.escape(form).replace(re.escape("{region}"), "([a-z0-9-]+)")
        if form and (found := re.fullmatch(pattern, host)):
            return found[1] if found.groups() else ""
    return None
