"""A bucket whose settings are looked at, and how its service opens buckets to listeners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from publisher.bucket.policies import BucketPrefix

Opening = Literal["policy", "acl", "bucket-acl", "hand"]
"""How a bucket is opened to listeners: a policy, an ACL on each object, an ACL on the bucket, or by hand."""

OPENING: Mapping[str, Opening] = {
    "r2": "hand",
    "gcs": "hand",
    "garage": "hand",
    "b2": "bucket-acl",
    "spaces": "acl",
    "scaleway": "acl",
    "ovh": "acl",
}
"""Services where a bucket policy is not the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A bucket, who runs it, and whom it is for. `distribution` is the CloudFront distribution that alone may read it."""

    client: Any
    place: BucketPrefix
    provider: str
    region: str
    public: bool = True
    distribution: str = ""
    account: str = ""
    pretty: bool = False
    acl: str = ""

    @property
    def opening(self) -> Opening:
        """See OPENING."""
        return OPENING.get(self.provider, "policy")
