"""Which of the two clients speaks to a bucket: the lean one where everything is plain, boto3 where it is not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from publisher.stores.s3.address import Reach

Client: TypeAlias = Literal["auto", "boto3", "lean"]

KEYS = frozenset({"aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token"})
HARMLESS = KEYS | {
    *("region", "output", "retry_mode", "max_attempts", "defaults_mode", "sts_regional_endpoints"),
    *("request_checksum_calculation", "response_checksum_validation"),
}
"""What a profile may say that changes neither who signs nor where requests go; likewise all that begins with `cli_`."""
WAYS = frozenset(
    {"endpoint_url", "services", "s3", "ca_bundle", "use_fips_endpoint", "use_dualstack_endpoint", "ignore_configure_endpoint_urls"}
)
"""What a profile says of where requests go, whoever signs."""

SWITCHES = ("AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
AMAZON = re.compile(
    r"(?:.+\.)?(?:amazonaws\.(?:com|eu|com\.cn)|api\.aws|s3\.[a-z0-9-]+\.(?:c2s\.ic|sc2s\.sgov|csp\.hci\.ic)\.gov|.+\.adc-e\.uk)"
)
"""Hosts of Amazon, whatever the partition."""
PLAIN_HOST = re.compile(r"s3(?:[.-](?:af|ap|ca|eu|il|me|mx|sa|us)-[a-z]+-[0-9])?\.amazonaws\.com")
"""Amazon's hosts that are reached as any service is: no other partition, no FIPS, no dual-stack, no access point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the choice depends on. `profile` holds what ~/.aws says of the profile in use, None where it cannot be read; `named` whether
    config.toml names it; `proxy` is the one that stands before the endpoint, "" for none.
    """

    bucket: str
    reach: Reach
    environment: Mapping[str, str]
    profile: Mapping[str, str] | None
    named: bool = False
    proxy: str = ""


def why_boto3(here: Situation) -> str:
    """What asks for boto3, in a few words; "" where the lean client will do."""
    return next((reason for asks, reason in _reasons(here) if asks), "")


def _reasons(here: Situation) -> Iterator[tuple[bool, str]]:
    environment, bucket, host = here.environment, here.bucket, here.reach.host
    yield bucket.startswith("arn:"), "an access point"
    yield bucket.endswith(("--x-s3", "--xa-s3")), "a directory bucket (S3 Express)"
    for switch in SWITCHES:
        yield environment.get(switch, "").strip().lower() == "true", switch
    amazon = bool(AMAZON.fullmatch(host))
    yield amazon and not PLAIN_HOST.fullmatch(host), f"the endpoint {host}"
    yield bool(here.proxy), "a proxy"
    profile = here.profile
    if profile is None:
        yield True, "a profile that cannot be read or found"
        return
    halves = [bool(environment.get(name, "").strip()) for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")]
    in_environment = not here.named and any(halves)
    strange = sorted(profile.keys() & WAYS if in_environment else {key for key in profile.keys() - HARMLESS if not key.startswith("cli_")})
    yield bool(strange), f"{', '.join(strange)} in the profile"
    yield in_environment and not all(halves), "one half of a key in the environment"
    identity = not here.named and not in_environment and bool(environment.get("AWS_WEB_IDENTITY_TOKEN_FILE"))
    yield identity, "AWS_WEB_IDENTITY_TOKEN_FILE"
    pair = all(profile.get(name, "").strip() for name in ("aws_access_key_id", "aws_secret_access_key"))
    yield not in_environment and not pair, "no pair of keys in the environment or the profile"
