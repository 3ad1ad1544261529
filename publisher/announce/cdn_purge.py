"""After a publish: the content network forgets the pages and the feed it still holds."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from feed.text_cleaning import read_json
from publisher.announce import service_requests
from publisher.announce.service_requests import host_of, retry_line, send
from publisher.core.addresses import all_addresses
from publisher.core.errors import StorageError, UsageError
from publisher.core.json_results import Result
from publisher.core.secret_variables import carried, said, secret_in
from publisher.incremental_build.artifacts import FOREVER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from publisher.core.layout import Key
    from publisher.load.config_tables import CdnTable
    from publisher.workspace import Workspace

CLOUDFLARE_BATCH = 30
"""Addresses in one call; Cloudflare's limit."""
CLOUDFRONT_PATHS = 3000
"""Paths that may be under way at once in a distribution; for more, one wildcard stands for all."""
FASTLY_ALONE = 256
"""Addresses purged one by one; for more, the whole service where `zone` names it."""
NAMED = ("cloudflare", "cloudfront", "fastly")


def purge(
    cdn: CdnTable,
    site_url: str,
    keys: Sequence[Key],
    *,
    pretty_urls: bool = False,
    profile: str = "",
    retry: str = "publish purge",
) -> list[str]:
    """Ask the network of `[cdn]` to forget these keys; what did not work, as warnings that end in the line to type.

    Tokens come from the environment: CLOUDFLARE_API_TOKEN, FASTLY_API_TOKEN, AIRDATE_PURGE_TOKEN (sent as
    a bearer to an address of yours, where it is set), and the AWS credentials of `profile` for CloudFront.
    """
    if not cdn.purge:
        return []
    urls = all_addresses(site_url, keys, pretty_urls=pretty_urls)
    if not urls:
        return []
    name = cdn.purge.strip()
    try:
        whys = _asked(cdn, name, urls, site_url, profile)
    except StorageError as error:  # a token that no header can carry, or no keys
        whys = [error.message]
    return [f"the content network may serve the pages of before for a while: {why}; once that is mended: {retry}" for why in whys]


def _asked(cdn: CdnTable, name: str, urls: Sequence[str], site_url: str, profile: str) -> list[str]:
    """Why the network did not do it; empty when it did."""
    if name.lower() == "cloudflare":
        whys = _cloudflare(cdn.zone or "", urls)
    elif name.lower() == "cloudfront":
        whys = _cloudfront(cdn.zone or "", urls, site_url, profile)
    elif name.lower() == "fastly":
        whys = _fastly(cdn.zone or "", urls)
    elif name.startswith(("https://", "http://")):
        whys = _address(name, urls)
    else:
        whys = [f"`purge` under [cdn] is one of {', '.join(NAMED)} or an address, not `{name}`"]
    return whys


def purge_keys(workspace: Workspace, keys: Sequence[Key]) -> list[str]:
    """Purge what was put or deleted under these keys; warnings, none when all went well or nothing is configured."""
    config = workspace.config
    return purge(
        config.cdn,
        config.site.url,
        keys,
        pretty_urls=config.site.pretty_urls,
        profile=workspace.profile,
        retry=retry_line(workspace, "purge"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged(Result):
    """What `publish purge` did."""

    purged: int
    """How many addresses the content network was asked to forget."""


def purge_all(workspace: Workspace) -> Purged:
    """`publish purge`: every page and feed of the show, as the storage remembers them."""
    if not workspace.config.cdn.purge:
        raise UsageError(
            "there is no content network to ask",
            hint='write purge = "cloudflare" (cloudfront, fastly, an address) under [cdn]',
            code="purge-nobody",
        )
    state = workspace.state_copies.read()
    pages = {key for key, item in state.objects.items() if item.cache_control != FOREVER and not item.gone}
    replaced = {key for item in state.episodes.values() if item.audio is not None for key in item.audio.replaced}
    keys = sorted(pages | replaced)
    warnings = purge_keys(workspace, keys)
    if warnings:
        raise StorageError("the content network did not forget everything", cause="\n".join(warnings), code="purge-failed")
    workspace.console.show(f"Asked {host_of(workspace.config.cdn.purge)} to forget {len(keys)} files.")
    return Purged(purged=len(keys))


def _cloudflare(zone: str, urls: Sequence[str]) -> list[str]:
    """Cloudflare API v4, POST /zones/ZONE/purge_cache with `files`."""
    token = secret_in("CLOUDFLARE_API_TOKEN")
    if not token:
        return ["Cloudflare wants a token: set CLOUDFLARE_API_TOKEN"]
    if not zone:
        return ["Cloudflare wants the zone's id: write zone under [cdn] (it stands on the domain's overview page)"]
    url = f"{service_requests.SERVICES.cloudflare}/zones/{quote(zone, safe='')}/purge_cache"
    for start in range(0, len(urls), CLOUDFLARE_BATCH):
        files = urls[start : start + CLOUDFLARE_BATCH]
        headers = {"Authorization": f"Bearer {token}"}
        why = send("POST", url, judge=cloudflare_refusal, headers=headers, json={"files": files})
        if why:  # what refuses one batch refuses the next
            return [f"Cloudflare: {why}"]
    return []


def cloudflare_refusal(body: bytes) -> str:
    """Cloudflare says no under status 200, too."""
    try:
        document = read_json(body)
        if document["success"]:
            return ""
        return "; ".join(said(str(error.get("message", error)), 200) for error in document.get("errors", ())) or "it says that it failed"
    except (ValueError, KeyError, TypeError, AttributeError):
        return "its answer cannot be read"


def _cloudfront(distribution: str, urls: Sequence[str], site_url: str, profile: str) -> list[str]:
    """CreateInvalidation; paths count from the root of the distribution."""
    if not distribution:
        return ["CloudFront wants the distribution's id: write zone under [cdn]"]
    from botocore.exceptions import BotoCoreError, ClientError

    paths = [urlsplit(url).path or "/" for url in urls]
    if len(paths) > CLOUDFRONT_PATHS:
        paths = [f"{urlsplit(site_url).path.rstrip('/')}/*"]
    try:
        _cloudfront_client(profile).create_invalidation(
            DistributionId=distribution,
            InvalidationBatch={"Paths": {"Quantity": len(paths), "Items": paths}, "CallerReference": f"airdate-{time.time_ns()}"},
        )
    except (BotoCoreError, ClientError, StorageError) as error:
        words, _, _ = str(error).partition("\n")  # further lines may show what was signed
        return [f"CloudFront: {said(words, 200)}"]
    return []


def _cloudfront_client(profile: str) -> Any:
    """A client that signs with keys as a header can carry them. Raises StorageError and boto3's errors."""
    import boto3

    from publisher.stores.s3.credentials import environment_keys
    from publisher.stores.s3.errors import SECRETS

    keys = None if profile else environment_keys()
    if keys is None:
        found = boto3.Session(profile_name=profile or None).get_credentials()
        if found is None:
            raise StorageError(
                "no credentials were found", hint=f"`publish login` keeps them; in CI set {SECRETS}", code="storage-credentials"
            )
        where = f"profile {profile}" if profile else "the credentials that boto3 found"
        given = found.get_frozen_credentials()
        key, secret, token = (carried(value or "", f"a key of {where}") for value in (given.access_key, given.secret_key, given.token))
    else:
        key, secret, token = keys.access_key, keys.secret_key, keys.token or ""
    return boto3.Session(key, secret, token or None).client("cloudfront", region_name="us-east-1")


def _fastly(service: str, urls: Sequence[str]) -> list[str]:
    """POST /purge/ADDRESS for each; for very many, POST /service/ID/purge_all."""
    token = secret_in("FASTLY_API_TOKEN")
    if not token:
        return ["Fastly wants a token: set FASTLY_API_TOKEN"]
    base = service_requests.SERVICES.fastly
    headers = {"Fastly-Key": token, "Accept": "application/json"}
    if service and len(urls) > FASTLY_ALONE:
        why = send("POST", f"{base}/service/{quote(service, safe='')}/purge_all", headers=headers)
        return [f"Fastly: {why}"] if why else []
    for url in urls:
        why = send("POST", f"{base}/purge/{url.partition('://')[2]}", headers=headers)
        if why:
            return [f"Fastly: {why} ({url})"]
    return []


def _address(url: str, urls: Sequence[str]) -> list[str]:
    token = secret_in("AIRDATE_PURGE_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    why = send("POST", url, headers=headers, json={"urls": list(urls)})
    return [f"{host_of(url)}: {why}"] if why else []
