"""A bucket spoken to by boto3: for logins, endpoints, partitions and proxies that are boto3's to know.

What is asked, and what an answer means, is the same as of the lean client: patience, repeats, conditions, parts and words are S3Store's.
boto3 finds who signs and where requests go, signs them, and sends each once.
"""

from __future__ import annotations

import threading
from contextlib import nullcontext
from functools import cached_property
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import unquote

from publisher.core.errors import StorageError
from publisher.core.secret_variables import carried
from publisher.stores.credential_errors import explain_credentials
from publisher.stores.network_settings import authorities, proxy_before
from publisher.stores.s3.bodies import Reader
from publisher.stores.s3.credentials import environment_keys
from publisher.stores.s3.errors import BucketAccess, S3Answer
from publisher.stores.s3.http import AGENT, CONNECTIONS, Lost, S3Http, S3Request, patient, receive, refuse_unfit
from publisher.stores.s3.store import S3Settings, S3Store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from publisher.stores.s3.address import Reach

SETTING_ATTEMPTS = 4
"""How often boto3 itself asks for a bucket's settings."""

OF_BUCKET = {("GET", "list-type"): "ListObjectsV2", ("GET", "uploads"): "ListMultipartUploads", ("POST", "delete"): "DeleteObjects"}
OF_OBJECT = {
    ("GET", ""): "GetObject",
    ("HEAD", ""): "HeadObject",
    ("PUT", ""): "PutObject",
    ("DELETE", ""): "DeleteObject",
    ("PUT", "x-amz-copy-source"): "CopyObject",
    ("POST", "uploads"): "CreateMultipartUpload",
    ("GET", "uploadId"): "ListParts",
    ("PUT", "uploadId"): "UploadPart",
    ("POST", "uploadId"): "CompleteMultipartUpload",
    ("DELETE", "uploadId"): "AbortMultipartUpload",
}
"""boto3's name for a request, by its method and the word that tells it from others."""

UNREACHABLE = frozenset(
    {
        *("ParamValidationError", "InvalidRegionError", "MissingDependencyException", "EndpointProviderError", "EndpointVariantError"),
        *("UnsupportedS3ArnError", "UnsupportedS3ConfigurationError", "UnsupportedS3AccesspointConfigurationError"),
        *("UnknownEndpointResolutionBuiltInName", "EndpointResolutionError", "InvalidConfigError", "InvalidProxiesConfigError"),
        *("InvalidS3AddressingStyleError", "InvalidS3UsEast1RegionalEndpointConfigError"),
    }
)
"""boto3's names for settings that lead to no address."""


class Boto3Store(S3Store):
    """Objects in a bucket, by boto3."""

    _http: Boto3Http

    def _client(self, place: BucketAccess, profile: Mapping[str, str]) -> S3Http:  # noqa: ARG002  boto3 reads it by itself
        return Boto3Http(self.settings, self._reach, place)

    @cached_property
    def endpoint(self) -> str:
        """See S3Store."""
        return self._http.endpoint()

    def client(self) -> Any:
        """boto3's own client of this bucket, for what is no publish: the bucket's settings."""
        return self._http.make_client(SETTING_ATTEMPTS)


class _Call(threading.local):
    """The request that this thread has under way, and what was answered to it."""

    name = ""
    request: S3Request | None = None
    answer: tuple[int, dict[str, str], Any] | None = None


class Boto3Http(S3Http):
    """Requests by boto3's client, each sent once: it is S3Http that repeats them."""

    def __init__(self, settings: S3Settings, reach: Reach, place: BucketAccess) -> None:
        super().__init__(place, settings.patience)
        self._settings = settings
        self._reach = reach
        self._call = _Call()
        self._making = threading.Lock()

    def endpoint(self) -> str:
        """Where the service answers; Amazon's own as boto3 has it for the partition and the switches. Asks nobody for credentials."""
        if not self._reach.own or self._reach.provider.name != "aws":
            return self._reach.endpoint
        found = str(self.make_client(keys={"aws_access_key_id": "none", "aws_secret_access_key": "none"}).meta.endpoint_url)
        return self._reach.endpoint if found == "https://s3.amazonaws.com" else found

    @cached_property
    def _session(self) -> Any:
        """A boto3 session with the credentials of the moment, those of the environment without the blanks around them."""
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError

        profile = self._settings.profile
        try:
            keys = None if profile else environment_keys()
            if keys is not None:
                return boto3.Session(keys.access_key, keys.secret_key, keys.token)
            session: Any = boto3.Session(profile_name=profile or None)
            if self._reach.provider.name != "aws":  # only a machine at Amazon can ask its surroundings; elsewhere that waits for nobody
                session._session.get_component("credential_provider").remove("iam-role")  # noqa: SLF001  boto3 offers no other way
            found = None if self._settings.anonymous else session.get_credentials()
            if found is not None:
                frozen = found.get_frozen_credentials
                frozen()
                found.get_frozen_credentials = lambda: self._carried(frozen())
        except (BotoCoreError, ClientError, ValueError, OSError) as error:  # what a credential_process prints may be no JSON
            raise explain_credentials(error, profile=profile) from error
        if found is None and not self._settings.anonymous:
            raise explain_credentials(None, profile=profile)
        return session

    def _carried(self, frozen: Any) -> Any:
        """Credentials without blanks and line ends around them. Raises StorageError for what no header can carry."""
        names = ("access_key", "secret_key", "token")
        where = f"profile {self._settings.profile}" if self._settings.profile else "the credentials that boto3 found"
        return frozen._replace(**{name: carried(value, f"the {name} of {where}") for name in names if (value := getattr(frozen, name))})

    def make_client(self, attempts: int = 1, keys: Mapping[str, str] | None = None) -> Any:
        """boto3's client for the bucket's service, with `keys` in place of those that are to be found."""
        import boto3
        from botocore import UNSIGNED
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError

        reach, settings = self._reach, self._settings
        ours = settings.addressing or settings.endpoint or reach.provider.name not in ("aws", "other")  # else a profile may name another
        style: Any = {"addressing_style": reach.addressing} if ours else {}
        proxy = proxy_before(reach.address(settings.bucket))
        config = Config(
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3=style | {"payload_signing_enabled": False},
            retries={"mode": "standard", "total_max_attempts": attempts},
            connect_timeout=self.patience.connect,
            read_timeout=self.patience.read,
            max_pool_connections=CONNECTIONS,
            proxies={"http": proxy, "https": proxy} if proxy else None,
            user_agent_extra=AGENT,
            signature_version=UNSIGNED if settings.anonymous else None,
        )
        named = settings.endpoint or (reach.own and reach.provider.name != "aws")
        try:
            session: Any = boto3.Session(profile_name=settings.profile or None) if keys else self._session
            return session.client(
                "s3",
                endpoint_url=reach.endpoint if named else None,
                region_name=reach.region,
                config=config,
                verify=(authorities() or None) if reach.endpoint.startswith("https:") else None,
                **(keys or {}),
            )
        except (BotoCoreError, ValueError) as error:
            self._refuse(error)

    @cached_property
    def _client(self) -> Any:
        """The client that sends what S3Http asks for."""
        client = self.make_client()
        client.meta.events.register_first("before-parse.s3", self._keep_answer)
        client.meta.events.register_last("before-call.s3", self._fill)
        client.meta.events.register("before-sign.s3", self._set_clock)
        client.meta.events.register("before-send.s3", self._before_send)
        pools = client._endpoint.http_session._pool_classes_by_scheme  # noqa: SLF001  boto3 has no other way to reach its connections
        pools.update({scheme: patient(pool, self.patience.read, self._ask_fence) for scheme, pool in pools.items()})
        return client

    def _once(self, request: S3Request) -> S3Answer:
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, SSLError
        from botocore.exceptions import ConnectionError as NoConnection
        from botocore.parsers import ResponseParserError
        from urllib3.exceptions import HTTPError

        with self._making:
            client = self._client
        told = next((word for word in ("list-type", "uploads", "delete", "uploadId") if word in request.query), "")
        if "x-amz-copy-source" in request.headers:
            told = "x-amz-copy-source"
        call, name = self._call, (OF_OBJECT if request.key else OF_BUCKET)[request.method, told]
        call.name, call.request, call.answer = name, request, None
        failure: Exception | None = None
        try:
            with nullcontext(request.body) if isinstance(request.body, bytes) else Reader(request.body, self.stopped) as body:
                client._make_api_call(name, self._parameters(client, name, body))  # noqa: SLF001  what its methods call, by the name itself
        except (ClientError, ResponseParserError) as error:  # whose words S3Store reads by itself
            failure = error
        except (HTTPClientError, NoConnection) as error:
            inner = error.kwargs.get("error") if type(error) is HTTPClientError else None
            if isinstance(inner, Exception) and not isinstance(inner, (HTTPError, OSError, HTTPException)):
                raise inner from error  # a fence's, or the body's own
            never_sent = type(error).__name__ in ("EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError")
            raise Lost(error, sent=not never_sent, tls=isinstance(error, SSLError)) from error
        except BotoCoreError as error:
            self._refuse(error)
        finally:
            call.request = None
        if call.answer is None:
            raise explain_credentials(failure, profile=self._settings.profile) from failure  # a role, say, that was not given
        status, headers, content = call.answer
        if isinstance(content, bytes):
            return S3Answer(status=status, headers=headers, body=content)
        try:
            return S3Answer(status=status, headers=headers, body=receive(content, status, request.target, request.limit))
        except (HTTPClientError, BotoCoreError, HTTPError) as error:
            raise Lost(error, sent=True, tls=False) from error
        finally:
            content.close()

    def _parameters(self, client: Any, name: str, body: Any) -> dict[str, Any]:
        """What boto3 wants of a request by name; whatever is a header, `_fill` writes."""
        request = self._call.request
        assert request is not None  # noqa: S101  it is under way
        members = client.meta.service_model.operation_model(name).input_shape.members
        queried = {
            one.serialization.get("name"): word for word, one in members.items() if one.serialization.get("location") == "querystring"
        }
        found: dict[str, Any] = {"Bucket": self._settings.bucket}
        if request.key:
            found["Key"] = request.key
        for word, value in request.query.items():
            if word in queried:
                found[queried[word]] = int(value) if members[queried[word]].type_name == "integer" else value
        if name == "DeleteObjects":
            found["Delete"] = {"Objects": [{"Key": "-"}]}  # in its place `_fill` puts the request's own document
        elif name == "CopyObject":
            bucket, _, key = unquote(request.headers["x-amz-copy-source"]).removeprefix("/").partition("/")
            found["CopySource"] = {"Bucket": bucket, "Key": key}
        elif name in ("PutObject", "UploadPart"):
            found["Body"] = body
        return found

    def _fill(self, model: Any, params: dict[str, Any], **_: Any) -> None:
        """Send our headers and documents, and none that services disagree on: no `Expect`, Content-MD5 instead of newer checksums."""
        request = self._call.request
        if request is None or model.name != self._call.name:
            return
        params["headers"].pop("Expect", None)
        express = self._settings.bucket.endswith("--x-s3")  # where Content-MD5 is not known
        if not express:
            params["context"].pop("checksum", None)
        left_out = {"x-amz-copy-source", "content-md5" if express else ""}
        params["headers"].update({name: value for name, value in request.headers.items() if name.lower() not in left_out})
        if request.method == "POST" and isinstance(request.body, bytes):
            params["body"] = request.body

    def _set_clock(self, request: Any, **_: Any) -> None:
        if self._ahead:
            request.context = _Shifted(request.context, ahead=self._ahead)

    def _before_send(self, request: Any, **_: Any) -> None:
        refuse_unfit({name: value.decode("latin-1") if isinstance(value, bytes) else str(value) for name, value in request.headers.items()})
        self._count()

    def _keep_answer(self, operation_model: Any, response_dict: dict[str, Any], **_: Any) -> None:
        if operation_model.name == self._call.name:
            headers = {name.lower(): value for name, value in response_dict["headers"].items()}
            self._call.answer = response_dict["status_code"], headers, response_dict["body"]

    def _refuse(self, error: Exception) -> NoReturn:
        """The StorageError for what boto3 says before it asks anybody."""
        if type(error).__name__ not in UNREACHABLE and not isinstance(error, ValueError):
            raise explain_credentials(error, profile=self._settings.profile) from error
        hint = "check `[storage] url`, `endpoint` and `region`, and what ~/.aws/config says of them"
        message = f"boto3 finds no way to the bucket {self._settings.bucket}"
        raise StorageError(message, cause=str(error), hint=hint, code="storage-endpoint") from error


class _Shifted(dict[str, Any]):
    """A request's context whose time, which botocore signs for, is the service's."""

    def __init__(self, context: Mapping[str, Any], *, ahead: float) -> None:
        super().__init__(context)
        self._ahead = ahead

    def __setitem__(self, name: str, value: Any) -> None:
        if name == "timestamp":
            from datetime import datetime, timedelta

            form = "%Y%m%dT%H%M%SZ"
            value = (datetime.strptime(value, form) + timedelta(seconds=self._ahead)).strftime(form)  # noqa: DTZ007  all in UTC
        super().__setitem__(name, value)
