"""What an S3 service or the network answered, as errors that say what to do about it."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeAlias

from publisher.core.errors import StorageError
from publisher.core.secret_variables import said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from xml.etree import ElementTree as ET

LARGEST_ANSWER = 32 << 20
"""Bytes of XML that are read at most; a listing of 1,000 keys has 0.4 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Answer:
    """What came back. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    repeated: bool = False
    """An earlier attempt may have been carried out, though its answer never arrived."""

    @property
    def etag(self) -> str:
        """The ETag without quotes."""
        return self.headers.get("etag", "").strip('"')


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketAccess:
    """What messages name: the bucket, its endpoint, the region that requests are signed for, who signs, and where secret and token are."""

    bucket: str
    endpoint: str
    region: str
    identity: str = ""
    secret: str = ""
    token: str = ""


def parse_xml(body: bytes) -> ET.Element:
    """Parse an answer; StorageError for what is no plain XML. Entities need a document type, so none is taken."""
    from xml.etree import ElementTree as ET  # most answers hold none

    if len(body) > LARGEST_ANSWER or b"<!DOCTYPE" in body:
        raise StorageError("the storage answered something else than S3 does", hint=_NO_S3, code="storage-answer")
    try:
        root = ET.fromstring(_UNFIT.sub(b"\x7f", body))
    except (ET.ParseError, RecursionError) as error:
        raise StorageError(
            "the storage answered something else than S3 does", cause=str(error), hint=_NO_S3, code="storage-answer"
        ) from error
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]  # with and without the namespace of 2006
    return root


_UNFIT = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|&#(?:x0*(?:[0-8bce-f]|1[0-9a-f])|0*(?:[0-8]|1[124-9]|2[0-9]|3[01]));", re.IGNORECASE)
"""Control characters that XML cannot hold, as they are or as references: some services put them into listings all the same."""


def error_code(answer: S3Answer) -> tuple[str, str]:
    """(Code, Message) of an error answer; empty strings where the body holds none."""
    if b"<Error" not in answer.body[:2048]:
        return "", ""
    try:
        root = parse_xml(answer.body)
    except StorageError:
        return "", ""
    found = root if root.tag == "Error" else root.find("Error")
    if found is None:
        return "", ""
    return found.findtext("Code") or "", found.findtext("Message") or ""


_NO_S3 = "is `[storage] endpoint` the address of the S3 interface, not of the website or the console?"
SECRETS = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY as secrets of the job"

TRANSIENT = frozenset(
    {
        *("SlowDown", "RequestTimeout", "RequestTimeoutException", "InternalError", "ServiceUnavailable", "OperationAborted"),
        *("ConditionalRequestConflict", "PriorRequestNotComplete", "Throttling", "ThrottlingException", "ThrottledException"),
        *("RequestThrottled", "RequestThrottledException", "TooManyRequests", "TooManyRequestsException", "RequestLimitExceeded"),
        *("ProvisionedThroughputExceededException", "TransactionInProgressException", "BandwidthLimitExceeded", "LimitExceededException"),
        "EC2ThrottledException",
    }
)
"""Codes that promise success to whoever asks again, whatever the status: botocore's, and S3's own."""

SKEWED = ("RequestTimeTooSkewed", "RequestExpired", "ExpiredRequest")
"""Codes for a signature whose time is too far from the service's."""

CLOCK_SLACK = 300
"""Seconds that two clocks may differ and still agree: a service allows 900."""


def is_transient(answer: S3Answer) -> bool:
    """Whether to ask again: an error of the service, but for what it does not know (501, 505) or has no room for (507), or too much at once."""
    if answer.status in (408, 425, 429) or (answer.status >= 500 and answer.status not in (501, 505, 507)):
        return True
    return answer.status >= 400 and error_code(answer)[0] in TRANSIENT


def is_skewed(answer: S3Answer) -> bool:
    """Whether the signature's time was refused. An answer to HEAD has no words: there the clocks are compared."""
    return error_code(answer)[0] in SKEWED or (answer.status == 403 and not answer.body and abs(clock_ahead(answer)) > CLOCK_SLACK)


def clock_ahead(answer: S3Answer) -> float:
    """Seconds that the service's clock is before this machine's; 0 where it tells no time."""
    try:
        return parsedate_to_datetime(answer.headers.get("date", "")).timestamp() - time.time()
    except (ValueError, OverflowError):
        return 0.0


def explain(answer: S3Answer, *, doing: str, place: BucketAccess, conditional: bool = False) -> StorageError:
    """The StorageError for an answer that ends the matter. `doing`: what we wanted, as in `write feed.xml`."""
    code, words = error_code(answer)
    rows = (*_about_the_request(answer, code, words, place, conditional=conditional), *_about_the_storage(answer, code, doing, place))
    return first_row(rows, f"{answer.status} {code}".rstrip() + (f": {said(words, 300)}" if words else ""))


Row: TypeAlias = "tuple[bool, str, str, str]"
"""Whether it is the matter at hand; message, hint and code of the error."""


def first_row(rows: Iterable[Row], cause: str) -> StorageError:
    """The error of the first row that is the matter at hand."""
    message, hint, code = next(row[1:] for row in rows if row[0])
    return StorageError(message, cause=cause, hint=hint, code=code)


def _about_the_request(answer: S3Answer, code: str, words: str, place: BucketAccess, *, conditional: bool) -> Iterator[Row]:
    """What is wrong with how we ask: conditions, bucket, keys, clock, region, ACL."""
    unknown = answer.status == 501 or (
        answer.status == 400 and code in ("NotImplemented", "InvalidArgument", "InvalidRequest", "UnsupportedHeader")
    )
    other = _another_header(answer, words)
    hint = "it is found out by itself; publish from one place at a time"
    yield conditional and unknown and not other, "the storage refuses conditional writes", hint, "storage-conditions"
    hint = "create it (`publish bucket`), or correct `[storage] url`, `region` or `endpoint`"
    yield code == "NoSuchBucket", f"there is no bucket {place.bucket} at {place.endpoint}", hint, "storage-no-bucket"
    region = _region_named(answer)
    message, hint = f"the bucket is in region {region}, not {place.region}", f'set `[storage] region = "{region}"`'
    yield code == "AuthorizationHeaderMalformed" and bool(region), message, hint, "storage-region"
    key, secret, token = (where and f" ({where})" for where in (place.identity, place.secret, place.token))
    hint = (
        f"`publish login` asks for both halves anew and tries them; in CI correct {SECRETS}: whole, without spaces, made for this service"
    )
    message = f"the storage takes no request that is signed for the region {place.region}"
    scope = "set `[storage] region` as the service names its own (Garage: s3_region in garage.toml)"
    yield code == "AuthorizationHeaderMalformed" and bool(re.search("scope|region", words)), message, scope, "storage-region"
    malformed = code == "AuthorizationHeaderMalformed"
    yield malformed, f"{place.endpoint} cannot read what was signed with this access key{key}", hint, "storage-credentials"
    wrong = code in ("SignatureDoesNotMatch", "InvalidSecretAccessKey")
    yield wrong, f"{place.endpoint} says that the secret key is wrong{secret}", hint, "storage-credentials"
    strange = code in ("InvalidAccessKeyId", "InvalidAccessKey")
    yield strange, f"{place.endpoint} does not know this access key{key}", hint, "storage-credentials"
    expired = code in ("ExpiredToken", "ExpiredTokenException", "InvalidToken", "TokenRefreshRequired")
    hint = "log in again (`aws sso login`, or renew AWS_SESSION_TOKEN); drop AWS_SESSION_TOKEN if the keys are permanent"
    yield expired, f"the credentials for the storage have expired{token}", hint, "storage-expired"
    served = answer.headers.get("date", "")
    late = code in SKEWED and bool(served) and abs(clock_ahead(answer)) < CLOCK_SLACK
    hint = "is the line very slow, or did this machine sleep? Publish again: what was sent is kept"
    yield late, "a request was on its way for too long, so the storage refused it", hint, "storage-lost"
    hint = "set this machine's clock (timedatectl set-ntp true)" + (f"; the storage says it is {served}" if served else "")
    message = "this machine's clock is wrong, so the storage refuses its signatures"
    yield code in SKEWED, message, hint, "storage-clock"
    redirects = ("PermanentRedirect", "TemporaryRedirect", "IllegalLocationConstraintException")
    elsewhere = answer.status in (301, 302, 307, 308) or code in redirects
    message, hint = f"the bucket {place.bucket} is in region {region}, not {place.region}", f'set `[storage] region = "{region}"`'
    yield elsewhere and region not in ("", place.region), message, hint, "storage-region"
    target = answer.headers.get("location", "")
    message = f"{place.endpoint} sends us elsewhere{target and f': {said(target, 300)}'}"
    yield elsewhere, message, "correct `[storage] endpoint` or `region`", "storage-region"
    no_acl = code in ("AccessControlListNotSupported", "InvalidAclRequest") or (code == "NotImplemented" and "acl" in words.lower())
    hint = "remove `[storage] acl`; make it public with a bucket policy (`publish bucket`)"
    yield no_acl, f"the bucket {place.bucket} takes no ACL", hint, "storage-acl"


def _about_the_storage(answer: S3Answer, code: str, doing: str, place: BucketAccess) -> Iterator[Row]:
    """What the storage does not take, allow or manage; the last row fits whatever else it answers."""
    status = answer.status
    altered = code in ("BadDigest", "InvalidDigest", "IncompleteBody", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch")
    hint = "is a file still being written or synced? Publish again when it is done; if it happens again, something on the way alters data"
    yield altered, f"other bytes arrived than were measured: could not {doing}", hint, "storage-changed"
    full = code in ("QuotaExceeded", "XMinioStorageFull", "StorageFull", "ServiceQuotaExceeded") or status == 507
    yield full, "the storage is full", "make room with `publish prune`, or raise the quota", "storage-full"
    hint = "publish again: what was sent is kept, and the show that listeners see is whole"
    yield is_transient(answer), f"the storage is overloaded or out of order: could not {doing}", hint, "storage-busy-server"
    message, hint = f"the storage takes no object of this size: could not {doing}", "is there a proxy with a size limit in front of it?"
    yield code == "EntityTooLarge" or status == 413, message, hint, "storage-size"
    unknown = status == 401 or (status == 403 and not place.identity)
    yield (
        unknown,
        f"the storage wants to know who you are: could not {doing}",
        f"`publish login` asks for the keys and keeps them; in CI set {SECRETS}",
        "storage-credentials",
    )
    hint = (
        f"allow {place.identity or 'this key'} s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket on {place.bucket}: "
        "without ListBucket a missing object is answered as a refusal, too"
    )
    yield status == 403, f"the storage does not allow us to {doing}", hint, "storage-denied"
    message = f"nothing answers as a bucket at {place.endpoint}: could not {doing}"
    yield status == 404 and not code, message, _NO_S3, "storage-no-bucket"
    header = _another_header(answer, error_code(answer)[1])
    hint = "an S3 service knows it: is this an old version of it, or a gateway in between?"
    yield status == 501 and bool(header), f"the storage does not know {header}: could not {doing}", hint, "storage-unsupported"
    yield status in (405, 501), f"the storage cannot {doing}", _NO_S3, "storage-unsupported"
    yield True, f"the storage refused: could not {doing}", "see the cause above", "storage-answer"


_OTHER_HEADERS = re.compile(r"content-md5|content-type|cache-control|checksum|metadata|x-amz-[a-z-]{1,60}|\bacl\b", re.IGNORECASE)


def _another_header(answer: S3Answer, words: str) -> str:
    """The header that a service complains of by name, where it is none of those that make a write conditional."""
    found = re.search(rb"<(?:Header|HeaderName|ArgumentName)>([^<]{1,100})<", answer.body[:4096])
    named = said(found[1].decode("utf-8", "replace"), 100) if found else words
    if re.search(r"if-(?:none-)?match|condition", named, re.IGNORECASE):
        return ""
    other = _OTHER_HEADERS.search(named)
    return other[0] if other else ""


def _region_named(answer: S3Answer) -> str:
    """The region a service says the bucket is in: header first, then the body."""
    region = answer.headers.get("x-amz-bucket-region", "")
    if not region and (found := re.search(rb"<Region>([a-z0-9-]{1,40})</Region>", answer.body[:4096])):
        region = found[1].decode()
    return region if re.fullmatch(r"[a-z0-9-]{1,40}", region) else ""


def explain_network(error: Exception, *, doing: str, place: BucketAccess, tries: int) -> StorageError:
    """The StorageError for a connection that never came about or was lost for good; urllib3's errors are told apart by name."""
    names = {type(link).__name__ for link in _chain(error)}
    reasons = [words for words in dict.fromkeys(_bare(said(str(link), 300)) for link in _chain(error)) if words]
    text = " / ".join(words for words in reasons if not any(words != other and words in other for other in reasons))
    rows = _about_the_network(names, text, place.endpoint.split("//", 1)[-1], doing)
    return first_row(rows, f"{text[:300]} (tried {tries} {'time' if tries == 1 else 'times'})")


def _about_the_network(names: set[str], text: str, host: str, doing: str) -> Iterator[Row]:
    """What is wrong on the way to a host, by the names of the errors and by what they say; the last row fits whatever else it is."""
    hint = "check `[storage] endpoint` and `region`, and whether this machine is online"
    yield bool({"NameResolutionError", "gaierror"} & names), f"there is no host {host}", hint, "storage-dns"
    tls = bool({"SSLError", "SSLCertVerificationError", "SSLEOFError"} & names)
    hint = "name the authority that signed it in AWS_CA_BUNDLE: your own, or that of a proxy that reads TLS"
    yield tls and "CERTIFICATE_VERIFY_FAILED" in text, f"the certificate of {host} is not to be trusted", hint, "storage-tls"
    hint = "does it speak https on this port? Try http:// for a server on your own machine"
    yield tls, f"no TLS connection to {host}", hint, "storage-tls"
    message = "the proxy between here and the storage does not let us through"
    yield "ProxyError" in names, message, "check HTTPS_PROXY and NO_PROXY", "storage-unreachable"
    refused, hint = (
        "ConnectionRefusedError" in names or "refused" in text,
        "is the service running, and the port in `[storage] endpoint` right?",
    )
    yield refused, f"nobody listens at {host}", hint, "storage-unreachable"
    hint = "is this machine online, and does a firewall stand between?"
    yield bool({"ConnectTimeoutError", "NewConnectionError"} & names), f"{host} cannot be reached", hint, "storage-unreachable"
    hint = "publish again: what was sent is kept, and the show that listeners see is whole"
    yield True, f"the connection to {host} was lost: could not {doing}", hint, "storage-lost"


def _chain(error: BaseException) -> list[BaseException]:
    links: list[BaseException] = []
    here: BaseException | None = error
    while here is not None and here not in links and len(links) < 10:
        links.append(here)
        inner = getattr(here, "reason", None)
        here = inner if isinstance(inner, BaseException) else here.__cause__ or here.__context__
    return links


def _bare(text: str) -> str:
    """Without the objects that urllib3 prints: people know no connection pools."""
    return re.sub(r"<[^<>]{0,200} object at 0x[0-9a-f]{1,16}>:? ?|\b[A-Z]\w{1,60}\(host=[^()]{1,300}\):? ?", "", text)
