"""What services that speak S3 answer, each with where it is told, and what has to come of it: one table. Another oddity is another row."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from email.utils import formatdate

from tests.support.service_servers import Answering, Asked

AGAIN = "again"
"""Asked again, and then it works."""
CONDITION = "ConditionFailed"
DONE = "done"
"""It works at once."""
SINGLY = "singly"
"""It works, one by one."""
NONE = "none"
"""There is nothing there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`asked` is what we do; the service answers `status`, `code`, `says`, `more` XML and `headers` to the first request that `to` names
    (method, and a word of its query) or to all of them (`always`); where `when` is given, only to one with such a header. `outcome` is what
    comes of it: one of the words above, or the code of the error; `by_boto3` where boto3 knows better.
    """

    service: str
    situation: str
    asked: str
    status: int
    code: str = ""
    says: str = ""
    more: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    to: tuple[str, str] = ("", "")
    when: str = ""
    always: bool = False
    outcome: str
    by_boto3: str = ""
    source: str

    @property
    def body(self) -> bytes:
        """The answer's document."""
        if not self.code:
            return self.says.encode()
        return f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{self.code}</Code><Message>{self.says}</Message>{self.more}</Error>'.encode()


NOT_IMPLEMENTED = "A header you provided implies functionality that is not implemented"
AWS_ERRORS = "docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"
AWS_PUT = "docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html"
R2_ERRORS = "developers.cloudflare.com/r2/api/error-codes"

ROWS: tuple[Row, ...] = (
    # Amazon
    Row(service="AWS", situation="too many requests at once", asked="write", status=503, code="SlowDown", outcome=AGAIN, source=AWS_ERRORS),
    Row(service="AWS", situation="an error of its own", asked="read", status=500, code="InternalError", outcome=AGAIN, source=AWS_ERRORS),
    Row(
        service="AWS",
        situation="a body that came too slowly",
        asked="write",
        status=400,
        code="RequestTimeout",
        outcome=AGAIN,
        source="github.com/aws/aws-sdk-java/issues/1101",
    ),
    Row(
        service="AWS",
        situation="something is there already",
        asked="write new",
        to=("PUT", ""),
        status=412,
        code="PreconditionFailed",
        always=True,
        outcome=CONDITION,
        source=AWS_PUT,
    ),
    Row(
        service="AWS",
        situation="a condition that meets a delete",
        asked="write new",
        status=409,
        code="ConditionalRequestConflict",
        outcome=AGAIN,
        source=AWS_PUT,
    ),
    Row(
        service="AWS",
        situation="nothing to match",
        asked="write over",
        status=404,
        code="NoSuchKey",
        always=True,
        outcome=CONDITION,
        source=AWS_PUT,
    ),
    Row(
        service="AWS", situation="no such object", asked="read", status=404, code="NoSuchKey", always=True, outcome=NONE, source=AWS_ERRORS
    ),
    Row(service="AWS", situation="no such object, asked by HEAD", asked="look", status=404, always=True, outcome=NONE, source=AWS_ERRORS),
    Row(
        service="AWS",
        situation="no such bucket",
        asked="read",
        status=404,
        code="NoSuchBucket",
        always=True,
        outcome="storage-no-bucket",
        source=AWS_ERRORS,
    ),
    Row(
        service="AWS",
        situation="a signature that was too long on its way",
        asked="write",
        status=403,
        code="RequestTimeTooSkewed",
        outcome=AGAIN,
        source=AWS_ERRORS,
    ),
    Row(
        service="AWS",
        situation="one that is so each time, by equal clocks",
        asked="write",
        status=403,
        code="RequestTimeTooSkewed",
        always=True,
        outcome="storage-lost",
        source=AWS_ERRORS,
    ),
    Row(
        service="AWS",
        situation="the bucket is elsewhere",
        asked="read",
        status=301,
        code="PermanentRedirect",
        headers=(("x-amz-bucket-region", "eu-central-1"),),
        outcome="storage-region",
        by_boto3=DONE,
        source="github.com/yanganto/s3rs/issues/18",
    ),
    Row(
        service="AWS",
        situation="signed for another region",
        asked="list",
        status=400,
        code="AuthorizationHeaderMalformed",
        says="the region 'us-east-1' is wrong; expecting 'ap-southeast-2'",
        more="<Region>ap-southeast-2</Region>",
        outcome="storage-region",
        by_boto3=DONE,
        source="github.com/GoogleCloudPlatform/gsutil/issues/1024",
    ),
    Row(
        service="AWS",
        situation="an error inside a 200 at the end of a large upload",
        asked="write large",
        to=("POST", "uploadId"),
        status=200,
        code="InternalError",
        outcome=AGAIN,
        source="docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html",
    ),
    Row(
        service="AWS",
        situation="a token that ran out",
        asked="read",
        status=400,
        code="ExpiredToken",
        outcome="storage-expired",
        source=AWS_ERRORS,
    ),
    Row(
        service="AWS",
        situation="no right to it",
        asked="write",
        status=403,
        code="AccessDenied",
        outcome="storage-denied",
        source=AWS_ERRORS,
    ),
    Row(
        service="AWS",
        situation="a bucket without ACLs",
        asked="write",
        status=400,
        code="AccessControlListNotSupported",
        outcome="storage-acl",
        source="docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html",
    ),
    Row(
        service="AWS",
        situation="a condition in a form it does not take",
        asked="write new",
        status=501,
        code="NotImplemented",
        says=NOT_IMPLEMENTED,
        more="<Header>If-None-Match</Header>",
        always=True,
        outcome="storage-conditions",
        source="github.com/versity/versitygw/issues/2108",
    ),
    *(
        Row(service="AWS", situation="throttling by another name", asked="write", status=status, code=code, outcome=AGAIN, source=where)
        for status, code, where in (
            (400, "ThrottlingException", "github.com/boto/botocore, retries/standard.py"),
            (403, "SlowDown", "github.com/boto/botocore, retries/standard.py"),
            (503, "RequestLimitExceeded", "github.com/boto/botocore, retries/standard.py"),
        )
    ),
    # Cloudflare R2, and whatever stands behind Cloudflare
    *(
        Row(
            service="R2",
            situation="the network before it lost the service",
            asked="write",
            status=status,
            says=f"error code: {status}",
            outcome=AGAIN,
            source="github.com/source-cooperative/data.source.coop/issues/206",
        )
        for status in (520, 522, 524)
    ),
    Row(
        service="R2",
        situation="two writes of one object within a second",
        asked="write",
        status=429,
        code="TooManyRequests",
        outcome=AGAIN,
        source="developers.cloudflare.com/r2/platform/limits",
    ),
    Row(
        service="R2",
        situation="a signature that ran out",
        asked="write",
        status=400,
        code="ExpiredRequest",
        outcome=AGAIN,
        source=R2_ERRORS,
    ),
    Row(
        service="R2",
        situation="no keys it knows",
        asked="read",
        status=401,
        code="Unauthorized",
        outcome="storage-credentials",
        source=R2_ERRORS,
    ),
    Row(
        service="R2",
        situation="not subscribed to",
        asked="write",
        status=403,
        code="NotEntitled",
        outcome="storage-denied",
        source=R2_ERRORS,
    ),
    # Backblaze B2
    Row(
        service="B2",
        situation="a conditional write",
        asked="write new",
        status=501,
        code="NotImplemented",
        says=NOT_IMPLEMENTED,
        when="if-none-match",
        always=True,
        outcome="storage-conditions",
        source="github.com/sathinduga/obsidian-s3-sync-and-backup/issues/78",
    ),
    Row(
        service="B2",
        situation="a vault that is full of connections",
        asked="write large",
        to=("PUT", "partNumber"),
        status=503,
        code="ServiceUnavailable",
        says="no tomes available",
        outcome=AGAIN,
        source="github.com/mastodon/mastodon/issues/30030",
    ),
    # Wasabi
    Row(
        service="Wasabi",
        situation="a part that came too slowly",
        asked="write large",
        to=("PUT", "partNumber"),
        status=400,
        code="RequestTimeout",
        outcome=AGAIN,
        source="github.com/nextcloud/server/issues/20519",
    ),
    Row(
        service="Wasabi",
        situation="the endpoint of another region",
        asked="write large",
        to=("POST", "uploads"),
        status=400,
        code="IllegalLocationConstraintException",
        always=True,
        outcome="storage-region",
        source="github.com/peterrus/docker-s3-cron-backup/issues/13",
    ),
    # Google Cloud Storage
    Row(
        service="GCS",
        situation="a deletion of many",
        asked="delete",
        to=("POST", "delete"),
        status=400,
        code="NotImplemented",
        says="A header or query you provided requested a function that is not implemented.",
        more="<Details>POST ?delete is not implemented for objects.</Details>",
        always=True,
        outcome=SINGLY,
        source="github.com/minio/mc/issues/4778",
    ),
    Row(
        service="GCS",
        situation="a deletion of many, earlier",
        asked="delete",
        to=("POST", "delete"),
        status=400,
        code="InvalidArgument",
        more="<Details>Cannot create buckets using a POST.</Details>",
        always=True,
        outcome=SINGLY,
        source="github.com/minio/mc/issues/2398",
    ),
    Row(
        service="GCS",
        situation="a condition on a write, which it does not read",
        asked="write new",
        to=("PUT", ""),
        status=200,
        headers=(("ETag", '"0a1b"'),),
        always=True,
        outcome=DONE,
        source="github.com/ClickHouse/ClickHouse/issues/115266",
    ),
    # Garage
    Row(
        service="Garage",
        situation="signed for another region, and it does not say which",
        asked="read",
        status=400,
        code="AuthorizationHeaderMalformed",
        says="Authorization header malformed, unexpected scope: 20260519/us-east-1/s3/aws4_request",
        always=True,
        outcome="storage-region",
        source="github.com/PhantomPhoton/S3-Compatible/issues/28",
    ),
    # Ceph, and what runs it
    Row(
        service="Ceph",
        situation="an ETag in quotes",
        asked="write over",
        status=412,
        code="PreconditionFailed",
        when='if-match: "',
        always=True,
        outcome=DONE,
        source="github.com/block/buzz/issues/3002",
    ),
    Row(
        service="Spaces",
        situation="an ETag in quotes",
        asked="write over",
        status=412,
        code="PreconditionFailed",
        when='if-match: "',
        always=True,
        outcome=DONE,
        source="github.com/slatedb/slatedb/issues/1818",
    ),
    Row(
        service="Hetzner",
        situation="too much at once, without a word",
        asked="write",
        status=503,
        code="SlowDown",
        outcome=AGAIN,
        source="github.com/goharbor/harbor/issues/23005",
    ),
    # SeaweedFS
    Row(
        service="SeaweedFS",
        situation="something is there already",
        asked="write new",
        to=("PUT", ""),
        status=412,
        code="PreconditionFailed",
        always=True,
        outcome=CONDITION,
        source="seen of release 4.48",
    ),
    # OVHcloud
    Row(
        service="OVH",
        situation="a condition beside another one",
        asked="write new",
        status=409,
        code="OperationAborted",
        says="A conflicting conditional operation is currently in progress against this resource. Please try again.",
        outcome=AGAIN,
        source="github.com/apache/arrow-rs/issues/4777",
    ),
    *(
        Row(
            service="OVH",
            situation="checksums that newer programs send",
            asked=asked,
            status=501,
            code="NotImplemented",
            when="x-amz-sdk-checksum|x-amz-checksum|streaming-unsigned-payload-trailer",
            always=True,
            outcome=DONE,
            source="github.com/ovh/public-cloud-roadmap/issues/781",
        )
        for asked in ("write", "write large", "delete")
    ),
    # what stands in between
    *(
        Row(
            service="a proxy",
            situation="it waits no longer",
            asked="write",
            status=status,
            outcome=AGAIN,
            source="RFC 9110 15.5.9, RFC 8470 5.2",
        )
        for status in (408, 425)
    ),
    Row(service="a proxy", situation="a limit of its own", asked="write", status=413, outcome="storage-size", source="RFC 9110 15.5.14"),
    Row(
        service="a gateway",
        situation="a header that it does not know",
        asked="write new",
        status=501,
        code="NotImplemented",
        says=NOT_IMPLEMENTED,
        more="<Header>Content-MD5</Header>",
        always=True,
        outcome="storage-unsupported",
        source="github.com/rclone/rclone/issues/2798",
    ),
    Row(service="a gateway", situation="no room", asked="write", status=507, always=True, outcome="storage-full", source="RFC 4918 11.5"),
)


@dataclass
class ServiceServer(Answering):
    """A bucket that keeps objects, and answers as a row says; `given` counts how often it did."""

    row: Row | None = None
    objects: dict[str, bytes] = field(default_factory=dict)
    parts: dict[int, bytes] = field(default_factory=dict)
    given: int = 0

    def answer(self, asked: Asked) -> tuple[int, bytes, dict[str, str]]:
        row = self.row
        if row is not None and (row.always or not self.given) and self._is_meant(row, asked):
            self.given += 1
            return row.status, row.body, {"Date": formatdate(usegmt=True), "Content-Type": "application/xml", **dict(row.headers)}
        return self._keep(asked)

    def _is_meant(self, row: Row, asked: Asked) -> bool:
        method, word = row.to
        lines = "\n".join(f"{name}: {value}" for name, value in asked.headers.items()).lower()
        return method in ("", asked.method) and (not word or word in asked.query) and (not row.when or bool(re.search(row.when, lines)))

    def _keep(self, asked: Asked) -> tuple[int, bytes, dict[str, str]]:
        """As a bucket does."""
        path, query = asked.path, asked.query
        etag = hashlib.md5(asked.body, usedforsecurity=False)
        if "content-md5" in asked.headers and asked.headers["content-md5"] != base64.b64encode(etag.digest()).decode():
            return 400, b"<Error><Code>BadDigest</Code></Error>", {}
        if "uploads" in query:
            return 200, b"<R><UploadId>1</UploadId></R>" if asked.method == "POST" else b"<R/>", {}
        if "uploadId" in query and asked.method == "POST":
            self.objects[path] = b"".join(self.parts[number] for number in sorted(self.parts))
            return 200, b"<R><ETag>whole</ETag></R>", {}
        if "delete" in query:
            for key in re.findall(rb"<Key>([^<]+)</Key>", asked.body):
                self.objects.pop(f"/show/{key.decode()}", None)
            return 200, b"<R/>", {}
        if "list-type" in query:
            return 200, b"<R><IsTruncated>false</IsTruncated></R>", {}
        return self._keep_object(asked, etag.hexdigest())

    def _keep_object(self, asked: Asked, etag: str) -> tuple[int, bytes, dict[str, str]]:
        path = asked.path
        if asked.method == "PUT":
            if "partNumber" in asked.query:
                self.parts[int(asked.query["partNumber"])] = asked.body
            else:
                self.objects[path] = asked.body
            return 200, b"", {"ETag": f'"{etag}"'}
        if asked.method == "DELETE":
            self.objects.pop(path, None)
            return 204, b"", {}
        if path not in self.objects:
            return 404, b"", {}
        return 200, self.objects[path], {"ETag": f'"{hashlib.md5(self.objects[path], usedforsecurity=False).hexdigest()}"'}
