"""What an S3 service or the network answered, as errors that say what to do about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from publisher.core.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Mapping
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
    """What messages name: the bucket, its endpoint, the region that requests are signed for, who signs."""

    bucket: str
    endpoint: str
    region: str
    identity: str = ""


def parse_xml(body: bytes) -> ET.Element:
    """Parse an answer; StorageError for what is no plain XML. Entities need a document type, so none is taken."""
    from xml.etree import ElementTree as ET  # most answers hold none

    if len(body) > LARGEST_ANSWER or b"<!DOCTYPE" in body:
        raise StorageError("the storage answered something else than S3 does", hint=_NO_S3, code="storage-answer")
    try:
        root = ET.fromstring(body)
    except ET.ParseError as error:
        raise StorageError(
            "the storage answered something else than S3 does", cause=str(error), hint=_NO_S3, code="storage-answer"
        ) from error
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]  # with and without the namespace of 2006
    return root


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
_SECRETS = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or `[storage] profile`)"

TRANSIENT = frozenset(
    {"SlowDown", "RequestTimeout", "InternalError", "ServiceUnavailable", "OperationAborted", "ConditionalRequestConflict", "Throttling"}
)
"""Codes that promise success to whoever asks again, whatever the status."""


def is_transient(answer: S3Answer) -> bool:
    """Whether to ask again."""
    if answer.status in (429, 500, 502, 503, 504):
        return True
    return answer.status in (400, 409) and error_code(answer)[0] in TRANSIENT


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    """An answer that ends the matter, as its explanations see it. `doing`: what we wanted, as in `write feed.xml`."""

    answer: S3Answer
    code: str
    words: str
    doing: str
    place: BucketAccess
    conditional: bool

    @property
    def status(self) -> int:
        return self.answer.status

    @property
    def region(self) -> str:
        """The region a service says the bucket is in: header first, then the body."""
        region = self.answer.headers.get("x-amz-bucket-region", "")
        if not region and b"<Region>" in self.answer.body[:4096]:
            found = re.search(rb"<Region>([a-z0-9-]{1,40})</Region>", self.answer.body[:4096])
            region = found[1].decode() if found else ""
        return region if re.fullmatch(r"[a-z0-9-]{1,40}", region) else ""


_Explanation: TypeAlias = "tuple[str, str, str] | None"
"""Message, hint and code of the error; None where it is another matter."""


def explain(answer: S3Answer, *, doing: str, place: BucketAccess, conditional: bool = False) -> StorageError:
    """The StorageError for an answer that ends the matter. `doing`: what we wanted, as in `write feed.xml`."""
    code, words = error_code(answer)
    refusal = _Refusal(answer=answer, code=code, words=words, doing=doing, place=place, conditional=conditional)
    matters = (
        _conditions_refused,
        _no_bucket,
        _wrong_keys,
        _expired,
        _wrong_clock,
        _elsewhere,
        _no_acl,
        _altered,
        _full,
        _denied,
        _out_of_order,
    )
    message, hint, anchor = next(
        (found for matter in matters if (found := matter(refusal)) is not None),
        (f"the storage refused: could not {doing}", "see the cause above", "storage-answer"),
    )
    cause = f"{answer.status} {code}".rstrip() + (f": {_one_line(words)}" if words else "")
    return StorageError(message, cause=cause, hint=hint, code=anchor)


def _conditions_refused(refusal: _Refusal) -> _Explanation:
    unknown = refusal.status == 400 and refusal.code in ("NotImplemented", "InvalidArgument", "InvalidRequest", "UnsupportedHeader")
    if not (refusal.conditional and (refusal.status == 501 or unknown)):
        return None
    hint = "it is found out by itself; publish from one place at a time"
    return "the storage refuses conditional writes", hint, "storage-conditions"


def _no_bucket(refusal: _Refusal) -> _Explanation:
    if refusal.code != "NoSuchBucket":
        return None
    hint = "create it (`publish bucket`), or correct `[storage] url`, `region` or `endpoint`"
    return f"there is no bucket {refusal.place.bucket} at {refusal.place.endpoint}", hint, "storage-no-bucket"


def _wrong_keys(refusal: _Refusal) -> _Explanation:
    code, place = refusal.code, refusal.place
    if code == "AuthorizationHeaderMalformed" and refusal.region:
        hint = f'set `[storage] region = "{refusal.region}"`'
        return f"the bucket is in region {refusal.region}, not {place.region}", hint, "storage-region"
    if code in ("SignatureDoesNotMatch", "InvalidSecretAccessKey", "AuthorizationHeaderMalformed"):
        what = "says that the secret key is wrong"
    elif code in ("InvalidAccessKeyId", "InvalidAccessKey"):
        what = "does not know this access key"
    else:
        return None
    hint = f"check {_SECRETS}: copied whole, without spaces, and made for this service"
    return f"{place.endpoint} {what}{place.identity and f' ({place.identity})'}", hint, "storage-credentials"


def _expired(refusal: _Refusal) -> _Explanation:
    if refusal.code not in ("ExpiredToken", "ExpiredTokenException", "InvalidToken", "TokenRefreshRequired"):
        return None
    hint = "log in again (`aws sso login`, or renew AWS_SESSION_TOKEN); drop AWS_SESSION_TOKEN if the keys are permanent"
    return "the credentials for the storage have expired", hint, "storage-expired"


def _wrong_clock(refusal: _Refusal) -> _Explanation:
    if refusal.code not in ("RequestTimeTooSkewed", "RequestExpired"):
        return None
    served = refusal.answer.headers.get("date", "")
    hint = "set this machine's clock (timedatectl set-ntp true)" + (f"; the storage says it is {served}" if served else "")
    return "this machine's clock is wrong, so the storage refuses its signatures", hint, "storage-clock"


def _elsewhere(refusal: _Refusal) -> _Explanation:
    redirects = ("PermanentRedirect", "TemporaryRedirect", "IllegalLocationConstraintException")
    if refusal.status not in (301, 302, 307, 308) and refusal.code not in redirects:
        return None
    wanted, place = refusal.region, refusal.place
    if wanted and wanted != place.region:
        message = f"the bucket {place.bucket} is in region {wanted}, not {place.region}"
        return message, f'set `[storage] region = "{wanted}"`', "storage-region"
    target = refusal.answer.headers.get("location", "")
    message = f"{place.endpoint} sends us elsewhere{target and f': {_one_line(target)}'}"
    return message, "correct `[storage] endpoint` or `region`", "storage-region"


def _no_acl(refusal: _Refusal) -> _Explanation:
    unknown = refusal.code == "NotImplemented" and "acl" in refusal.words.lower()
    if refusal.code not in ("AccessControlListNotSupported", "InvalidAclRequest") and not unknown:
        return None
    hint = "remove `[storage] acl`; make it public with a bucket policy (`publish bucket`)"
    return f"the bucket {refusal.place.bucket} takes no ACL", hint, "storage-acl"


def _altered(refusal: _Refusal) -> _Explanation:
    if refusal.code not in ("BadDigest", "InvalidDigest", "IncompleteBody", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch"):
        return None
    hint = "is a file still being written or synced? Publish again when it is done; if it happens again, something on the way alters data"
    return f"other bytes arrived than were measured: could not {refusal.doing}", hint, "storage-changed"


def _full(refusal: _Refusal) -> _Explanation:
    if refusal.code in ("QuotaExceeded", "XMinioStorageFull", "StorageFull", "ServiceQuotaExceeded") or refusal.status == 507:
        return "the storage is full", "make room with `publish prune`, or raise the quota", "storage-full"
    if refusal.code == "EntityTooLarge" or refusal.status == 413:
        hint = "is there a proxy with a size limit in front of it?"
        return f"the storage takes no object of this size: could not {refusal.doing}", hint, "storage-size"
    return None


def _denied(refusal: _Refusal) -> _Explanation:
    place = refusal.place
    if refusal.status == 401 or (refusal.status == 403 and not place.identity):
        return f"the storage wants to know who you are: could not {refusal.doing}", f"set {_SECRETS}", "storage-credentials"
    if refusal.status != 403:
        return None
    hint = (
        f"allow {place.identity or 'this key'} s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket on {place.bucket}: "
        "without ListBucket a missing object is answered as a refusal, too"
    )
    return f"the storage does not allow us to {refusal.doing}", hint, "storage-denied"


def _out_of_order(refusal: _Refusal) -> _Explanation:
    if refusal.status == 404 and not refusal.code:
        return f"nothing answers as a bucket at {refusal.place.endpoint}: could not {refusal.doing}", _NO_S3, "storage-no-bucket"
    if refusal.status in (405, 501):
        return f"the storage cannot {refusal.doing}", _NO_S3, "storage-unsupported"
    if is_transient(refusal.answer):
        hint = "publish again: what was sent is kept, and the show that listeners see is whole"
        return f"the storage is overloaded or out of order: could not {refusal.doing}", hint, "storage-busy-server"
    return None


def explain_network(error: Exception, *, doing: str, place: BucketAccess, tries: int) -> StorageError:
    """The StorageError for a connection that never came about or was lost for good; urllib3's errors are told apart by name."""
    names = [type(link).__name__ for link in _chain(error)]
    said = [words for words in dict.fromkeys(_bare(_one_line(str(link))) for link in _chain(error)) if words]
    text = " / ".join(words for words in said if not any(words != other and words in other for other in said))
    cause = f"{text[:300]} (tried {tries} {'time' if tries == 1 else 'times'})"
    host = place.endpoint.split("//", 1)[-1]

    def made(message: str, hint: str, anchor: str) -> StorageError:
        return StorageError(message, cause=cause, hint=hint, code=anchor)

    if {"NameResolutionError", "gaierror"} & set(names):
        return made(
            f"there is no host {host}", "check `[storage] endpoint` and `region`, and whether this machine is online", "storage-dns"
        )
    if {"SSLError", "SSLCertVerificationError", "SSLEOFError"} & set(names):
        if "CERTIFICATE_VERIFY_FAILED" in text:
            hint = "name the authority that signed it in AWS_CA_BUNDLE: your own, or that of a proxy that reads TLS"
            return made(f"the certificate of {host} is not to be trusted", hint, "storage-tls")
        return made(
            f"no TLS connection to {host}", "does it speak https on this port? Try http:// for a server on your own machine", "storage-tls"
        )
    if "ProxyError" in names:
        return made(
            "the proxy between here and the storage does not let us through", "check HTTPS_PROXY and NO_PROXY", "storage-unreachable"
        )
    if "ConnectionRefusedError" in names or "refused" in text:
        return made(
            f"nobody listens at {host}", "is the service running, and the port in `[storage] endpoint` right?", "storage-unreachable"
        )
    if {"ConnectTimeoutError", "NewConnectionError"} & set(names):
        return made(f"{host} cannot be reached", "is this machine online, and does a firewall stand between?", "storage-unreachable")
    hint = "publish again: what was sent is kept, and the show that listeners see is whole"
    return made(f"the connection to {host} was lost: could not {doing}", hint, "storage-lost")


def explain_credentials(error: Exception | None, *, profile: str) -> StorageError:
    """The StorageError for credentials that cannot be had. `error` None: there simply are none."""
    name = type(error).__name__ if error else ""
    cause = _one_line(str(error)) if error else ""
    if name == "ProfileNotFound":
        return StorageError(
            f"there is no profile {profile or 'of that name'} in ~/.aws/config or ~/.aws/credentials",
            cause=cause,
            hint="correct `[storage] profile` or AWS_PROFILE; `aws configure list-profiles` shows what there is",
            code="storage-credentials",
        )
    if name in ("PartialCredentialsError", "ConfigParseError"):
        hint = "a key has two halves: set both, and AWS_SESSION_TOKEN for temporary ones"
        return StorageError("the credentials for the storage are incomplete", cause=cause, hint=hint, code="storage-credentials")
    if "SSO" in name or "Token" in name or name in ("CredentialRetrievalError", "RefreshWithMFAUnsupportedError", "LoginRefreshRequired"):
        hint = f"log in again: aws sso login{f' --profile {profile}' if profile else ''}"
        return StorageError("the login for the storage has expired", cause=cause, hint=hint, code="storage-expired")
    hint = f"set {_SECRETS}; in CI as secrets of the job. They never go into config.toml"
    return StorageError("no credentials for the storage were found", cause=cause, hint=hint, code="storage-credentials")


def _chain(error: BaseException) -> list[BaseException]:
    links: list[BaseException] = []
    here: BaseException | None = error
    while here is not None and here not in links and len(links) < 10:
        links.append(here)
        inner = getattr(here, "reason", None)
        here = inner if isinstance(inner, BaseException) else here.__cause__ or here.__context__
    return links


def _one_line(text: str) -> str:
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())[:300]


def _bare(text: str) -> str:
    """Without the objects that urllib3 prints: people know no connection pools."""
    return re.sub(r"<[^<>]{0,200} object at 0x[0-9a-f]{1,16}>:? ?|\b[A-Z]\w{1,60}\(host=[^()]{1,300}\):? ?", "", text)
