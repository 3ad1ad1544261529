"""What a show's bucket must allow, as documents: reading for everybody, writing for one key, CORS, lifecycle. Pure.

Every statement and rule carries a name made of the prefix, so that it is found again and nobody else's is touched.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from publisher.core.errors import UsageError
from publisher.core.layout import COMMENTS, PUBLIC_PATTERNS, SHARDS, STATE_KEY, UNSEEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

EXPOSED = ("Accept-Ranges", "Content-Length", "Content-Range", "Content-Type", "ETag")
"""Headers that players on other sites may read; without Content-Range they cannot seek."""
ABORT_AFTER = 7
"""Days after which an upload in parts that never ended is thrown away: its parts cost money and nobody sees them."""
OLD_VERSIONS = 30
"""Days that B2 keeps what was overwritten; it keeps every version for ever otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketPrefix:
    """A bucket and the prefix in it, with a slash at its end; "" for the whole bucket. `partition` is Amazon's: aws, aws-cn …"""

    bucket: str
    prefix: str = ""
    partition: str = "aws"

    @property
    def arn(self) -> str:
        """The bucket's name in policies."""
        return f"arn:{self.partition}:s3:::{self.bucket}"

    def named(self, what: str) -> str:
        """A name of letters and digits for our statement in this prefix."""
        if not self.prefix:
            return what
        words = "".join(word.capitalize() for word in re.findall(r"[A-Za-z0-9]+", self.prefix))[:40]
        return f"{what}{words}{hashlib.sha256(self.prefix.encode()).hexdigest()[:6]}"


def partition_of(region: str) -> str:
    """Amazon's partition of a region."""
    return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"


def public_read(place: BucketPrefix) -> dict[str, Any]:
    """Everybody may read what listeners need, and nobody may list."""
    return {
        "Sid": place.named("AirdatePublicRead"),
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": [f"{place.arn}/{place.prefix}{pattern}" for pattern in PUBLIC_PATTERNS],
    }


def cloudfront_read(place: BucketPrefix, account: str, distribution: str) -> dict[str, Any]:
    """Only this CloudFront distribution may read (origin access control); the bucket itself stays closed."""
    return {
        **public_read(place),
        "Sid": place.named("AirdateCloudFrontRead"),
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Condition": {"StringEquals": {"AWS:SourceArn": f"arn:{place.partition}:cloudfront::{account}:distribution/{distribution}"}},
    }


def with_statement(policy: Mapping[str, Any], statement: Mapping[str, Any], *, instead_of: Sequence[str] = ()) -> dict[str, Any]:
    """The policy with our statement in it; every other statement stays as it is, in its place. `instead_of`: names of ours to drop."""
    found = policy.get("Statement", [])
    statements = list(found) if isinstance(found, list) else [found]
    kept = [item for item in statements if not (isinstance(item, dict) and item.get("Sid") in instead_of)]
    for index, item in enumerate(kept):
        if isinstance(item, dict) and item.get("Sid") == statement["Sid"]:
            kept[index] = item if _same(item, statement) else dict(statement)
            break
    else:
        kept.append(dict(statement))
    return {"Version": "2012-10-17", **policy, "Statement": kept}


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Equal in meaning: services turn a list of one into a string and "*" into {"AWS": "*"}."""

    def plain(statement: Mapping[str, Any]) -> dict[str, Any]:
        plainer = {**statement}
        for name in ("Action", "Resource"):
            value = plainer.get(name, [])
            plainer[name] = sorted(value if isinstance(value, list) else [value])
        if plainer.get("Principal") in ({"AWS": "*"}, {"AWS": ["*"]}):
            plainer["Principal"] = "*"
        return plainer

    return plain(one) == plain(other)


def publisher_policy(
    places: Sequence[BucketPrefix], *, acl: bool = False, distribution: str = "", logs: BucketPrefix | None = None
) -> dict[str, Any]:
    """The least that the key `publish` runs with must be allowed; `logs`: where `publish stats` reads."""
    actions = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
    statements: list[dict[str, Any]] = [
        {
            "Sid": "Objects",
            "Effect": "Allow",
            "Action": [*actions, "s3:PutObjectAcl"] if acl else actions,
            "Resource": [f"{place.arn}/{place.prefix}*" for place in places],
        }
    ]
    statements += _listing(places)
    # by it a large upload that was cut is found again; apart, since MinIO takes no s3:prefix for it
    arns = [place.arn for place in places]
    statements.append({"Sid": "Uploads", "Effect": "Allow", "Action": "s3:ListBucketMultipartUploads", "Resource": arns})
    statements += _purging(places, distribution)
    if logs is not None:
        statements += [{**item, "Sid": "Logs"} for item in _listing([logs])]
        statements.append({"Sid": "LogFiles", "Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{logs.arn}/{logs.prefix}*"})
    return {"Version": "2012-10-17", "Statement": statements}


def comments_policy(places: Sequence[BucketPrefix], *, acl: bool = False, distribution: str = "") -> dict[str, Any]:
    """The least that the key of `publish comments serve` must be allowed: to read what listeners may, and State, and to write comments alone.

    They lie in the first of the places, the listeners', State in the last. What is staged, kept or counted is none of its business.
    """
    listeners, private = places[0], places[-1]
    reading = [f"{listeners.arn}/{listeners.prefix}{pattern}" for pattern in PUBLIC_PATTERNS]
    reading += [f"{private.arn}/{private.prefix}{pattern}" for pattern in (STATE_KEY, f"{SHARDS}*")]
    comments = f"{listeners.arn}/{listeners.prefix}{COMMENTS}*"
    writing = ["s3:PutObject", "s3:AbortMultipartUpload", *(["s3:PutObjectAcl"] if acl else [])]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": reading},
            {"Sid": "Comments", "Effect": "Allow", "Action": writing, "Resource": comments},
            *_listing(places),
            *_purging(places, distribution),
        ],
    }


def _listing(places: Sequence[BucketPrefix]) -> list[dict[str, Any]]:
    """Only who may list is told 404 instead of 403 for what is not there."""
    statements = []
    for number, place in enumerate(places):
        listing: dict[str, Any] = {"Sid": f"List{number or ''}", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": place.arn}
        if place.prefix:
            # IfExists: a read carries no prefix
            listing["Condition"] = {"StringLikeIfExists": {"s3:prefix": [f"{place.prefix}*"]}}
        statements.append(listing)
    return statements


def _purging(places: Sequence[BucketPrefix], distribution: str) -> list[dict[str, Any]]:
    if not distribution:
        return []
    resource = f"arn:{places[0].partition}:cloudfront::*:distribution/{distribution}"
    return [{"Sid": "Purge", "Effect": "Allow", "Action": "cloudfront:CreateInvalidation", "Resource": resource}]


GITHUB = "github.com"
"""Where a repository lies that names no host."""


def job_trust(repository: str, branch: str, *, account: str, partition: str = "aws") -> dict[str, Any]:
    """Who may take the role that publishes: jobs of one branch of one repository, and no merge request's.

    `repository` is OWNER/NAME at GitHub, HOST/GROUP/NAME at a GitLab; UsageError for anything else. The subjects are those of
    docs.github.com "OpenID Connect reference" and docs.gitlab.com "Connect to cloud services".
    """
    host, found, path = repository.partition("/")
    if not found or "." not in host:
        host, path = GITHUB, repository
    owner_and_name = path.split("/")
    plain = re.fullmatch(r"[\w.@/-]+", path, re.ASCII) and re.fullmatch(r"[\w.-]+", host, re.ASCII) and all(owner_and_name)
    if not plain or len(owner_and_name) < 2 or (host == GITHUB and len(owner_and_name) != 2):
        raise UsageError(f"no repository is called like this: {repository!r}", hint=TRUST_HINT, code="bucket-trust")
    if not re.fullmatch(r"[\w./-]+", branch, re.ASCII):
        raise UsageError(f"no single branch: {branch!r}", hint="name the branch that publishes: --branch main", code="bucket-trust")
    if not re.fullmatch(r"\d{12}", account, re.ASCII):
        raise UsageError("the number of the Amazon account has 12 digits", hint=TRUST_HINT, code="bucket-trust")
    issuer = "token.actions.githubusercontent.com" if host == GITHUB else host
    subject = f"repo:{path}:ref:refs/heads/{branch}" if host == GITHUB else f"project_path:{path}:ref_type:branch:ref:{branch}"
    statement = {
        "Sid": "Jobs",
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:{partition}:iam::{account}:oidc-provider/{issuer}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{issuer}:aud": "sts.amazonaws.com", f"{issuer}:sub": subject}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


TRUST_HINT = "publish bucket --print trust --account 123456789012 --repository OWNER/NAME   (at a GitLab: gitlab.com/GROUP/NAME)"


def cors_rule() -> dict[str, Any]:
    """Players, readers of transcripts and chapters on other sites may read, and seek."""
    return {
        "ID": "airdate",
        "AllowedMethods": ["GET", "HEAD"],
        "AllowedOrigins": ["*"],
        "AllowedHeaders": ["Range", "If-None-Match", "If-Modified-Since"],
        "ExposeHeaders": list(EXPOSED),
        "MaxAgeSeconds": 86400,
    }


def with_cors(rules: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rules with ours among them; unchanged where one of them allows all that ours does."""
    kept = [dict(rule) for rule in rules]
    wanted = cors_rule()
    if any(_allows(rule, wanted) for rule in kept):
        return kept
    return [*(rule for rule in kept if rule.get("ID") != wanted["ID"]), wanted]


def _allows(rule: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    def lower(values: Sequence[str]) -> set[str]:
        return {value.lower() for value in values}

    headers = lower(rule.get("AllowedHeaders", ()))
    return (
        lower(rule.get("AllowedMethods", ())) >= lower(wanted["AllowedMethods"])
        and "*" in rule.get("AllowedOrigins", ())
        and ("*" in headers or headers >= lower(wanted["AllowedHeaders"]))
        and lower(rule.get("ExposeHeaders", ())) >= lower(wanted["ExposeHeaders"])
    )


def lifecycle_rules(place: BucketPrefix, *, versions: bool, days: int = 0) -> list[dict[str, Any]]:
    """Uploads that never ended are thrown away; with `versions`, what was overwritten is, too; with `days`, everything that is older."""
    scope = {"Filter": {"Prefix": place.prefix}, "Status": "Enabled"}
    rules: list[dict[str, Any]] = [
        {"ID": place.named("airdateUploads"), **scope, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": ABORT_AFTER}}
    ]
    if versions:
        rules.append({"ID": place.named("airdateVersions"), **scope, "NoncurrentVersionExpiration": {"NoncurrentDays": OLD_VERSIONS}})
    if days:
        rules.append({"ID": place.named("airdateLogs"), **scope, "Expiration": {"Days": days}})
    return rules


def with_lifecycle(rules: Sequence[Mapping[str, Any]], wanted: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rules with ours among them; the others stay as they are."""
    after = [dict(rule) for rule in rules]
    for rule in wanted:
        if any(_does(item, rule) for item in after):
            continue
        after = [*(item for item in after if item.get("ID") != rule["ID"]), dict(rule)]
    return after


def _does(rule: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether a rule does what ours does: services drop names and an empty filter."""
    scope = rule.get("Filter", {}).get("Prefix", rule.get("Prefix", ""))
    actions = {name: value for name, value in rule.items() if name not in ("ID", "Filter", "Prefix")}
    return scope == wanted["Filter"]["Prefix"] and actions == {
        name: value for name, value in wanted.items() if name not in ("ID", "Filter")
    }


def key_by_hand(provider: str, places: Sequence[BucketPrefix]) -> list[str]:
    """How to make a key that may do no more than publish, where the service knows no such policies; empty where it does."""
    buckets = " and ".join(place.bucket for place in places)
    first = places[0]
    if provider == "r2":
        return [
            "dash.cloudflare.com > R2 > Manage API tokens > Create:",
            f"  permission: Object Read & Write; specify buckets: {buckets} only",
            "  then `publish login` with the access key id and the secret that are shown once",
        ]
    if provider == "b2":
        abilities = "listBuckets,listFiles,readFiles,writeFiles,deleteFiles"
        name = f" --name-prefix {first.prefix}" if first.prefix and len(places) == 1 else ""
        return [f"b2 key create --bucket {place.bucket}{name} airdate-{place.bucket} {abilities}" for place in places]
    if provider == "gcs":
        role = "--member serviceAccount:ACCOUNT --role roles/storage.objectAdmin"
        bindings = [f"gcloud storage buckets add-iam-policy-binding gs://{place.bucket} {role}" for place in places]
        return [*bindings, "gcloud storage hmac create ACCOUNT"]
    if provider == "garage":
        return [f"garage bucket allow --read --write {place.bucket} --key airdate" for place in places]
    if provider == "spaces":
        return [f"cloud.digitalocean.com > Spaces > Access keys > Create: limited access, Read/Write/Delete on {buckets}"]
    return []


def comments_key_by_hand(provider: str, places: Sequence[BucketPrefix]) -> list[str]:
    """How to make a key for `publish comments serve` where the service knows no such policies; empty where it does."""
    first = places[0]
    if provider == "b2":
        abilities = "listBuckets,listFiles,readFiles,writeFiles"  # a key has one prefix for all that it may do
        name = f" --name-prefix {first.prefix}" if first.prefix and len(places) == 1 else ""
        keys = [f"b2 key create --bucket {place.bucket}{name} airdate-comments-{place.bucket} {abilities}" for place in places]
        return [
            *keys,
            "# such a key reads the numbers of `publish stats` as well: here it has one prefix for all that it may do",
        ]
    if provider == "gcs":
        member = "--member serviceAccount:ACCOUNT --role roles/storage"
        start = f"projects/_/buckets/{first.bucket}/objects/{first.prefix}{COMMENTS}"
        condition = f"--condition 'title=comments,expression=resource.name.startsWith(\"{start}\")'"
        return [
            *(
                f"gcloud storage buckets add-iam-policy-binding gs://{place.bucket} {member}.objectViewer {_seen_by_comments(place)}"
                for place in places
            ),
            f"gcloud storage buckets add-iam-policy-binding gs://{first.bucket} {member}.objectUser {condition}",
            "gcloud storage hmac create ACCOUNT",
        ]
    wider = key_by_hand(provider, places)
    return (
        [*wider, "a key of its own all the same: none can be bound to a part of a bucket here, so it may do what publishing may"]
        if wider
        else []
    )


def _seen_by_comments(place: BucketPrefix) -> str:
    """The condition of Google's that leaves out what is staged, kept and counted; State is read."""
    below = f'resource.name.startsWith("projects/_/buckets/{place.bucket}/objects/{place.prefix}'
    hidden = " || ".join(f'{below}{folder}")' for folder in UNSEEN)
    return f"--condition 'title=show,expression={below}{SHARDS.removesuffix('-')}\") || !({hidden})'"


def reading_by_hand(provider: str, place: BucketPrefix) -> list[str]:
    """How to open a bucket to listeners where no request does it; empty where a policy or an ACL does."""
    if provider == "r2":
        return [
            f"dash.cloudflare.com > R2 > {place.bucket} > Settings > Custom domains > Connect: the host of `[site] url`",
            "  (the whole bucket is public then: name another one as `private` under [storage] for what listeners need not read)",
            "  the r2.dev address is for tests only: it is slow on purpose",
        ]
    if provider == "gcs":
        return [
            f"gcloud storage buckets add-iam-policy-binding gs://{place.bucket} --member allUsers --role roles/storage.legacyObjectReader"
        ]
    if provider == "garage":
        return [f"garage bucket website --allow {place.bucket}", "  (listeners then reach it at the web endpoint, not at the S3 one)"]
    return []
