"""Which client speaks to a bucket, as one table; and what the way there may look like."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from publisher.core.errors import AirdateError, Exit
from publisher.stores.boto3_store import Boto3Store
from publisher.stores.client_choice import Situation, why_boto3
from publisher.stores.open_store import Location, open_store
from publisher.stores.providers import BY_NAME, PROVIDERS, named_in
from publisher.stores.s3.address import reach
from publisher.stores.s3.store import S3Settings, S3Store
from tests.support import ROOT, servers
from tests.support.service_servers import Answering

if TYPE_CHECKING:
    from pathlib import Path

PAIR = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
PROFILE = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
ARN = "arn:aws:s3:eu-west-1:123456789012:accesspoint/pod"

PLAIN: tuple[tuple[str, dict[str, Any]], ...] = (
    ("keys in the environment", {}),
    ("temporary keys", {"environment": {**PAIR, "AWS_SESSION_TOKEN": "token"}}),
    ("a profile with a pair of keys", {"environment": {}, "profile": PROFILE, "named": True}),
    (
        "one with a region and the AWS CLI's own settings",
        {"environment": {}, "profile": {**PROFILE, "region": "eu-west-2", "cli_pager": ""}},
    ),
    ("another service", {"service": {"endpoint": "https://abc.r2.cloudflarestorage.com"}}),
    ("a server of one's own", {"service": {"endpoint": "http://127.0.0.1:8333"}}),
    ("an endpoint in the environment", {"environment": {**PAIR, "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:8333"}}),
    ("a login in the profile that is not used", {"profile": {"sso_session": "office", "role_arn": "r", "credential_process": "p"}}),
    ("a web identity that is not used", {"environment": {**PAIR, "AWS_WEB_IDENTITY_TOKEN_FILE": "/token"}}),
    ("a container's credentials that are not used", {"environment": {**PAIR, "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://x"}}),
    ("an access point by its alias", {"bucket": "pod-0a1b2c3d-s3alias"}),
    ("a switch that is off", {"environment": {**PAIR, "AWS_USE_FIPS_ENDPOINT": "false"}}),
    *((f"Amazon's region {region}", {"service": {"region": region}}) for region in ("us-east-1", "eu-central-1", "ap-southeast-5")),
)
STRANGE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("an access point", {"bucket": ARN}),
    ("S3 Express", {"bucket": "pod--use1-az4--x-s3"}),
    ("FIPS", {"environment": {**PAIR, "AWS_USE_FIPS_ENDPOINT": "true"}}),
    ("dual-stack", {"environment": {**PAIR, "AWS_USE_DUALSTACK_ENDPOINT": "True"}}),
    ("endpoints that are to be ignored", {"environment": {**PAIR, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}}),
    *(
        (f"the partition of {region}", {"service": {"region": region}})
        for region in (
            "cn-north-1",
            "eusc-de-east-1",
            "us-iso-east-1",
            "us-isob-east-1",
            "eu-isoe-west-1",
            "us-isof-south-1",
            "us-gov-west-1",
        )
    ),
    *(
        (f"the endpoint {host}", {"service": {"endpoint": f"https://{host}"}})
        for host in (
            "s3.dualstack.eu-west-1.amazonaws.com",
            "s3-fips.us-east-1.amazonaws.com",
            "s3-accelerate.amazonaws.com",
            "bucket.vpce-1a2b3c4d.s3.us-east-1.vpce.amazonaws.com",
            "s3.cn-north-1.amazonaws.com.cn",
            "s3.eusc-de-east-1.amazonaws.eu",
        )
    ),
    ("a proxy", {"proxy": "http://user:password@proxy:3128"}),
    *(
        (f"{name} in the profile, whoever signs", {"profile": {name: "x"}})
        for name in ("endpoint_url", "services", "s3", "ca_bundle", "use_fips_endpoint", "use_dualstack_endpoint")
    ),
    *(
        (f"{name} in the profile that signs", {"environment": {}, "profile": {**PROFILE, name: "x"}, "named": True})
        for name in (
            "role_arn",
            "sso_session",
            "sso_start_url",
            "credential_process",
            "web_identity_token_file",
            "login_session",
            "new_one",
        )
    ),
    ("a web identity", {"environment": {"AWS_WEB_IDENTITY_TOKEN_FILE": "/token", "AWS_ROLE_ARN": "r"}, "profile": PROFILE}),
    ("a container's credentials", {"environment": {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"}}),
    ("a machine at Amazon", {"environment": {}}),
    ("one half of a key", {"environment": {"AWS_ACCESS_KEY_ID": "key"}, "profile": PROFILE}),
    ("one half of a key in the profile", {"environment": {}, "profile": {"aws_access_key_id": "key"}}),
    ("a profile that nobody knows", {"environment": {}, "profile": None, "named": True}),
)


def situation(given: dict[str, Any]) -> Situation:
    bucket, environment, profile = given.get("bucket", "show"), given.get("environment", PAIR), given.get("profile", {})
    settings = S3Settings(bucket=bucket, **given.get("service", {}))
    return Situation(
        bucket=bucket,
        reach=reach(settings, bucket, environment, profile or {}),
        environment=environment,
        profile=profile,
        named=given.get("named", False),
        proxy=given.get("proxy", ""),
    )


@pytest.mark.parametrize("given", [row[1] for row in PLAIN], ids=[row[0] for row in PLAIN])
def test_what_is_plain_needs_no_boto3(given: dict[str, Any]) -> None:
    assert why_boto3(situation(given)) == ""


@pytest.mark.parametrize("given", [row[1] for row in STRANGE], ids=[row[0] for row in STRANGE])
def test_what_is_not_plain_is_boto3s(given: dict[str, Any]) -> None:
    assert why_boto3(situation(given))


# from [storage] to a client


@pytest.fixture
def keys(aws_environment: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in PAIR.items():
        aws_environment.setenv(name, value)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        aws_environment.delenv(name, raising=False)
        aws_environment.delenv(name.lower(), raising=False)
    return aws_environment


def refused(location: Location, tmp_path: Path) -> AirdateError:
    with pytest.raises(AirdateError) as caught:
        open_store(location, tmp_path).read("feed.xml")
    return caught.value


@pytest.mark.usefixtures("keys")
def test_a_client_can_be_asked_for(tmp_path: Path) -> None:
    here = Location("s3://show", endpoint="http://127.0.0.1:9")
    assert type(open_store(here, tmp_path)) is S3Store
    assert type(open_store(Location("s3://show", endpoint="http://127.0.0.1:9", client="boto3"), tmp_path)) is Boto3Store
    assert type(open_store(Location("s3://show", endpoint="http://127.0.0.1:9", client="lean"), tmp_path)) is S3Store
    assert type(open_store(Location(f"s3://{ARN}/show"), tmp_path)) is Boto3Store
    error = refused(Location(f"s3://{ARN}/show", client="lean"), tmp_path)
    assert (error.code, error.status) == ("storage-client", Exit.CONTENT)
    assert "an access point" in error.message


def test_a_profile_is_read_as_the_aws_tools_read_it(aws_environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config, credentials = tmp_path / "config", tmp_path / "credentials"
    config.write_text("[default]\nregion = eu-west-1\n[profile pod]\nregion = eu-west-3\n[profile odd]\ns3 =\n  addressing_style = path\n")
    credentials.write_text("[pod]\naws_access_key_id = k\naws_secret_access_key = s\n[odd]\naws_access_key_id=k\naws_secret_access_key=s\n")
    aws_environment.setenv("AWS_CONFIG_FILE", str(config))
    aws_environment.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    store = open_store(Location("s3://show", profile="pod"), tmp_path)
    assert (type(store), store.region) == (S3Store, "eu-west-3")
    assert type(open_store(Location("s3://show", profile="odd"), tmp_path)) is Boto3Store
    aws_environment.setenv("AWS_PROFILE", "pod")
    assert type(open_store(Location("s3://show"), tmp_path)) is S3Store
    credentials.write_text("not a file of this kind")
    assert type(open_store(Location("s3://show"), tmp_path)) is Boto3Store


@pytest.mark.usefixtures("keys")
def test_boto3_is_loaded_only_where_it_is_used(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from publisher.stores.open_store import Location, open_store\n"
        "open_store(Location('s3://show', profile='pod'), Path())\n"
        "print(sorted(name for name in sys.modules if name in ('boto3', 'botocore.client', 'urllib3')))"
    )
    (tmp_path / "credentials").write_text("[pod]\naws_access_key_id = k\naws_secret_access_key = s\n")
    environment = {**os.environ, "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials")}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "['urllib3']"


# boto3's own knowledge is used


@pytest.mark.parametrize(
    ("settings", "environment", "endpoint"),
    [
        ({"region": "eu-central-1"}, {}, "https://s3.eu-central-1.amazonaws.com"),
        ({"region": "us-east-1"}, {}, "https://s3.us-east-1.amazonaws.com"),
        ({"region": "cn-north-1"}, {}, "https://s3.cn-north-1.amazonaws.com.cn"),
        ({"region": "eusc-de-east-1"}, {}, "https://s3.eusc-de-east-1.amazonaws.eu"),
        ({"region": "us-iso-east-1"}, {}, "https://s3.us-iso-east-1.c2s.ic.gov"),
        ({"region": "eu-west-1"}, {"AWS_USE_DUALSTACK_ENDPOINT": "true"}, "https://s3.dualstack.eu-west-1.amazonaws.com"),
        ({"region": "us-east-2"}, {"AWS_USE_FIPS_ENDPOINT": "true"}, "https://s3-fips.us-east-2.amazonaws.com"),
        ({"endpoint": "https://abc.r2.cloudflarestorage.com/show"}, {}, "https://abc.r2.cloudflarestorage.com"),
    ],
)
def test_boto3_knows_where_a_region_answers(
    keys: pytest.MonkeyPatch, tmp_path: Path, settings: dict[str, str], environment: dict[str, str], endpoint: str
) -> None:
    for name, value in environment.items():
        keys.setenv(name, value)
    store = open_store(Location("s3://show", client="boto3", **settings), tmp_path)
    assert isinstance(store, Boto3Store)
    assert store.endpoint == endpoint


@pytest.mark.parametrize("style", ["path", "virtual"])
def test_what_a_profile_says_of_the_way_is_obeyed(keys: pytest.MonkeyPatch, tmp_path: Path, style: str) -> None:
    with Answering(answers=[(200, b"here", {})]) as server:
        server.address = server.address.replace("127.0.0.1", "localhost")
        (tmp_path / "config").write_text(f"[profile pod]\nendpoint_url = {server.address}\ns3 =\n  addressing_style = {style}\n")
        (tmp_path / "credentials").write_text("[pod]\naws_access_key_id = k\naws_secret_access_key = s\n")
        keys.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
        keys.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
        known = __import__("socket").getaddrinfo
        keys.setattr("socket.getaddrinfo", lambda host, *more, **named: known("127.0.0.1", *more, **named))
        found = open_store(Location("s3://bucket/show", profile="pod"), tmp_path).read("feed.xml")
        assert found is not None
        assert found.body == b"here"
        assert server.asked[0].path == ("/bucket/show/feed.xml" if style == "path" else "/show/feed.xml")


def test_endpoints_of_the_environment_may_be_ignored(keys: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with Answering(answers=[(200, b"here", {})]) as server:
        keys.setenv("AWS_ENDPOINT_URL_S3", server.address)
        assert open_store(Location("s3://show"), tmp_path).read("feed.xml") is not None
        keys.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
        store = open_store(Location("s3://show"), tmp_path)
        assert isinstance(store, Boto3Store)
        assert "amazonaws.com" in store.endpoint


def test_a_proxy_is_told_who_asks(keys: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with Answering(answers=[(200, b"here", {})]) as proxy:
        for variable in ("HTTP_PROXY", "ALL_PROXY"):
            keys.setenv(variable, proxy.address.replace("//", "//me:pass%20word@"))
            found = open_store(Location("s3://show", endpoint="http://storage.example"), tmp_path).read("feed.xml")
            assert found is not None
            keys.delenv(variable)
    assert [asked.headers["proxy-authorization"] for asked in proxy.asked] == ["Basic bWU6cGFzcyB3b3Jk"] * 2


@pytest.mark.parametrize(
    ("proxy", "words"),
    [
        ("socks5://proxy:1080", "a SOCKS proxy cannot be used: proxy:1080"),
        ("socks5h://me:pass@proxy:1080", "a SOCKS proxy cannot be used: proxy:1080"),
        ("http://", "no address"),
        ("http://proxy:port", "no address"),
        ("http://[::1", "no address"),
        ("ftp://proxy:21", "no address"),
    ],
)
@pytest.mark.parametrize("client", ["auto", "boto3"])
def test_a_proxy_that_is_none_is_one_clear_line(keys: pytest.MonkeyPatch, tmp_path: Path, proxy: str, words: str, client: Any) -> None:
    keys.setenv("HTTPS_PROXY", proxy)
    error = refused(Location("s3://show", endpoint="https://storage.example", client=client), tmp_path)
    assert (error.code, error.status) == ("storage-proxy", Exit.CONTENT)
    assert words in error.message
    assert "pass" not in error.message
    keys.setenv("NO_PROXY", "storage.example")
    assert open_store(Location("s3://show", endpoint="https://storage.example"), tmp_path) is not None


@pytest.mark.parametrize("variable", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
@pytest.mark.parametrize("client", ["lean", "boto3"])
def test_a_file_of_authorities_that_is_none_is_one_clear_line(keys: pytest.MonkeyPatch, tmp_path: Path, variable: str, client: Any) -> None:
    for name in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        keys.delenv(name, raising=False)
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing")
    for path in (tmp_path / "none.pem", tmp_path, empty):
        keys.setenv(variable, str(path))
        error = refused(Location("s3://show", endpoint="https://127.0.0.1:9", client=client), tmp_path)
        assert (error.code, error.status) == ("storage-authorities", Exit.CONTENT)
        assert variable in error.message
    assert type(open_store(Location("s3://show", endpoint="http://127.0.0.1:9"), tmp_path)) is S3Store


@pytest.mark.parametrize("client", ["lean", "boto3"])
def test_a_certificate_may_be_named_as_openssl_names_it(
    keys: pytest.MonkeyPatch, s3_server: servers.S3Server, bucket: str, tmp_path: Path, client: Any
) -> None:
    if not s3_server.certificate.is_file():
        pytest.skip("openssl is not installed (needed for a certificate)")
    for name, value in {"AWS_ACCESS_KEY_ID": servers.KEY, "AWS_SECRET_ACCESS_KEY": servers.SECRET}.items():
        keys.setenv(name, value)
    for name in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
        keys.delenv(name, raising=False)
    keys.setenv("SSL_CERT_FILE", str(s3_server.certificate))
    assert open_store(Location(f"s3://{bucket}", endpoint=s3_server.secure_endpoint, client=client), tmp_path).read("feed.xml") is None


def test_settings_that_lead_nowhere_are_no_traceback(keys: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for location in (
        Location("s3://arn:aws:s3:eu-west-1:123456789012:accesspoint/pod", region="us-east-1", endpoint="http://127.0.0.1:9"),
        Location("s3://show", region="not a region", client="boto3"),
    ):
        error = refused(location, tmp_path)
        assert error.code in ("storage-endpoint", "storage-unreachable", "storage-dns")
    keys.setenv("AWS_USE_FIPS_ENDPOINT", "true")
    keys.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    assert refused(Location("s3://show"), tmp_path).code in ("storage-endpoint", "storage-unreachable")


# endpoints


@pytest.mark.parametrize(
    ("endpoint", "region"),
    [
        ("https://s3.eu-central-003.backblazeb2.com", "eu-central-003"),
        ("https://s3.eu-central-1.wasabisys.com", "eu-central-1"),
        ("https://s3.nl-ams.scw.cloud", "nl-ams"),
        ("https://nyc3.digitaloceanspaces.com", "nyc3"),
        ("https://s3.rbx.io.cloud.ovh.net/", "rbx"),
        ("https://s3.gra.perf.cloud.ovh.net", "gra"),
        ("https://s3.eu-west-1.amazonaws.com", "eu-west-1"),
        ("https://s3-eu-west-1.amazonaws.com", "eu-west-1"),
        ("https://show.s3.eu-west-1.amazonaws.com:443", "eu-west-1"),
        ("nbg1.your-objectstorage.com", "nbg1"),
        ("https://abc.r2.cloudflarestorage.com", "auto"),
        ("https://s3.amazonaws.com", "us-east-1"),
        ("http://127.0.0.1:8333", "us-east-1"),
    ],
)
def test_a_known_endpoint_tells_its_region(endpoint: str, region: str) -> None:
    assert reach(S3Settings(bucket="show", endpoint=endpoint), "show", {}, {}).region == region
    assert reach(S3Settings(bucket="show", endpoint=endpoint, region="given"), "show", {}, {}).region == "given"


@pytest.mark.parametrize("provider", [one for one in PROVIDERS if "{region}" in one.endpoint], ids=lambda one: one.name)
def test_every_endpoint_is_read_as_it_is_written(provider: Any) -> None:
    host = provider.endpoint.format(region="xx-test-1").partition("://")[2]
    assert named_in(provider, host) == "xx-test-1"
    assert named_in(provider, f"{host}.evil.example") is None
    assert named_in(BY_NAME["other"], host) is None


@pytest.mark.parametrize(
    ("endpoint", "bare"),
    [
        ("https://abc.r2.cloudflarestorage.com/show", "https://abc.r2.cloudflarestorage.com"),
        ("https://abc.r2.cloudflarestorage.com/show/", "https://abc.r2.cloudflarestorage.com"),
        ("https://show.abc.r2.cloudflarestorage.com", "https://abc.r2.cloudflarestorage.com"),
        ("https://show.nyc3.digitaloceanspaces.com", "https://nyc3.digitaloceanspaces.com"),
        ("https://show.s3.eu-west-1.amazonaws.com", "https://s3.eu-west-1.amazonaws.com"),
        ("http://127.0.0.1:8333/show", "http://127.0.0.1:8333"),
        ("https://show.nbg1.your-objectstorage.com", "https://nbg1.your-objectstorage.com"),
        ("https://show.digitaloceanspaces.com", "https://show.digitaloceanspaces.com"),  # a region of that name
        ("https://show.storage.example", "https://show.storage.example"),  # a host of that name
        ("https://storage.example/s3", "https://storage.example/s3"),
        ("https://abc.r2.cloudflarestorage.com/other", "https://abc.r2.cloudflarestorage.com/other"),
    ],
)
def test_a_bucket_in_the_endpoint_is_not_doubled(endpoint: str, bare: str) -> None:
    assert reach(S3Settings(bucket="show", endpoint=endpoint), "show", {}, {}).endpoint == bare


# what is said of keys and headers


def test_boto3_trims_keys_and_refuses_what_no_header_can_carry(keys: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from publisher.stores.protocol import Headers

    with Answering(answers=[(200, b"here", {})]) as server:
        keys.setenv("AWS_SECRET_ACCESS_KEY", "secret\n")
        keys.setenv("AWS_SESSION_TOKEN", " token\r\n")
        here = Location("s3://show", endpoint=server.address, client="boto3")
        assert open_store(here, tmp_path).read("feed.xml") is not None
        assert server.asked[0].headers["x-amz-security-token"] == "token"
        with pytest.raises(AirdateError) as caught:
            open_store(here, tmp_path).put("a.html", b"", Headers(content_type="text/html\r\nx-amz-acl: public-read"))
        assert caught.value.code == "storage-header"
        keys.setenv("AWS_SESSION_TOKEN", "to\nken")
        error = refused(here, tmp_path)
        assert error.code == "secret-unfit"
        assert "to\nken" not in f"{error.message}{error.cause}{error.__context__}"
        assert len(server.asked) == 1
