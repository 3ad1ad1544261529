"""What a service, a credentials file or the environment says is a stranger's word: odd keys, times, sizes, pages and characters."""

from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING

import pytest

from publisher.core import console
from publisher.core.errors import StorageError
from publisher.stores import protocol
from publisher.stores.open_store import Location, open_store
from publisher.stores.protocol import ConditionFailed, Headers
from publisher.stores.s3 import store as s3_store
from publisher.stores.s3.store import S3Settings, S3Store
from tests.stores.test_s3_etags import Keeping, md5
from tests.support import servers
from tests.support.service_servers import Answering

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.service_servers import Asked

PAGE = Headers(content_type="text/html; charset=utf-8")
EVIL = "SECRET-that-nobody-sees"


@pytest.fixture
def answering(aws_environment: pytest.MonkeyPatch) -> Iterator[Answering]:
    aws_environment.setenv("AWS_ACCESS_KEY_ID", servers.KEY)
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", servers.SECRET)
    with Answering() as server:
        yield server


@pytest.fixture
def said() -> list[str]:
    lines: list[str] = []
    console.listen(lines.append)
    return lines


def store_at(server: Answering) -> S3Store:
    return S3Store(S3Settings(bucket="show", endpoint=server.address, patience=s3_store.Patience(attempts=2, first_pause=0.01)))


def listing(*keys: str, encoding: str = "", date: str = "2026-05-21T06:00:00.000Z", size: str = "3") -> bytes:
    rows = "".join(
        f"<Contents><Key>{key}</Key><Size>{size}</Size><ETag>&quot;e&quot;</ETag><LastModified>{date}</LastModified></Contents>"
        for key in keys
    )
    kind = f"<EncodingType>{encoding}</EncodingType>" if encoding else ""
    return f'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{kind}{rows}</ListBucketResult>'.encode()


@pytest.mark.parametrize(
    ("body", "odd"),
    [
        (listing("media/a%01b.mp3", "media/%2E%2E/%2E%2E/x", "media/a+b%26c.mp3", "media/good.mp3", encoding="url"), 2),
        (listing("media/a&#x1;b.mp3", "media/../../x", "media/a b&amp;c.mp3", "media/good.mp3"), 2),
        (listing("media/a\x01b.mp3", "media/../../x", "media/a b&amp;c.mp3", "media/good.mp3"), 2),
        (listing("media/a&#10;b.mp3", "media/" + "x" * 2000, "media/a b&amp;c.mp3", "media/good.mp3"), 2),
        (listing("media/a\\b", "media//b", "media/a b&amp;c.mp3", "media/good.mp3"), 2),
    ],
)
def test_an_odd_key_is_named_and_stops_no_listing(answering: Answering, said: list[str], body: bytes, odd: int) -> None:
    answering.answers = [(200, body, {})]
    assert [row.key for row in store_at(answering).list("media/")] == ["media/a b&c.mp3", "media/good.mp3"]
    assert answering.asked[0].query["encoding-type"] == "url"
    assert len(said) == odd
    assert all("left alone" in line for line in said)


@pytest.mark.parametrize(("size", "date"), [("x", "yesterday"), ("-1", ""), ("9" * 400, "2026-05-21T06:00:00")])
def test_sizes_and_times_of_a_listing_may_be_nonsense(answering: Answering, size: str, date: str) -> None:
    answering.answers = [(200, listing("media/a.mp3", size=size, date=date), {})]
    (row,) = store_at(answering).list("media/")
    assert row.size == 0
    assert row.modified in (None, dt.datetime(2026, 5, 21, 6, tzinfo=dt.UTC))


@pytest.mark.parametrize(
    "date", ["Thu, 21 May 2026 06:00:00 -0000", "x", "Thu, 99 May 2026 06:00:00 GMT", "Thu, 21 May 2026 06:00:00 +9999999"]
)
def test_times_of_an_answer_may_be_nonsense(answering: Answering, date: str) -> None:
    answering.answers = [(200, b"x", {"Last-Modified": date})]
    stored = store_at(answering).read("feed.xml")
    assert stored is not None
    assert stored.modified is None or stored.modified.tzinfo is not None


def test_what_is_read_has_a_limit(answering: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_store, "LARGEST_READ", 1000)
    answering.answers = [(200, b"x" * 1001, {}), (200, b"x" * 1000, {})]
    store = store_at(answering)
    with pytest.raises(StorageError) as caught:
        store.read(".airdate/state.json")
    assert caught.value.code == "storage-answer"
    assert store.read(".airdate/state.json") is not None
    assert protocol.LARGEST_READ >= 64 << 20


@pytest.mark.parametrize(
    ("value", "code"),
    [("text/html\r\nx-amz-acl: public-read", "storage-header"), ("text/html\x00", "storage-header"), ("text/hṭml", "storage-header")],
)
def test_a_header_that_cannot_be_sent_is_named_and_not_shown(answering: Answering, value: str, code: str) -> None:
    with pytest.raises(StorageError) as caught:
        store_at(answering).put("a.html", b"", Headers(content_type=value))
    assert (caught.value.code, "Content-Type" in caught.value.message) == (code, True)
    assert value not in f"{caught.value.message}{caught.value.cause}"
    assert not answering.asked


# keys


@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"])
@pytest.mark.parametrize("ends", ["{}\n", "{}\r\n", "  {}\t", "\n{}"])
def test_blanks_and_line_ends_around_a_key_are_left_out(
    answering: Answering, aws_environment: pytest.MonkeyPatch, name: str, ends: str
) -> None:
    store_at(answering).read("a.html")
    aws_environment.setenv(
        name, ends.format({"AWS_ACCESS_KEY_ID": servers.KEY, "AWS_SECRET_ACCESS_KEY": servers.SECRET}.get(name, "token"))
    )
    store_at(answering).read("a.html")
    before, after = answering.asked
    assert after.headers.get("x-amz-security-token") == (None if "ACCESS" in name else "token")
    if "ACCESS" in name:
        signed = [asked.headers["authorization"].partition("/")[0] for asked in (before, after)]
        assert signed[0] == signed[1]


@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"])
@pytest.mark.parametrize("inside", ["\n", "\r", "\x1b", "é", "\u202e", "\udc80"])
def test_a_key_that_no_header_can_carry_is_refused_by_its_variables_name(
    answering: Answering, aws_environment: pytest.MonkeyPatch, name: str, inside: str
) -> None:
    aws_environment.setenv(name, f"{EVIL}{inside}{EVIL}")
    with pytest.raises(StorageError) as caught:
        store_at(answering).read("a.html")
    error = caught.value
    assert error.code == "secret-unfit"
    assert name in error.message
    assert EVIL not in f"{error.message}{error.cause}{error.hint}{error.__cause__}{error.__context__}"


def program(tmp_path: Path, environment: pytest.MonkeyPatch, script: str) -> None:
    (tmp_path / "give.py").write_text(script)
    config = tmp_path / "config"
    config.write_text(f"[profile podcast]\ncredential_process = {sys.executable} {tmp_path / 'give.py'}\n")
    environment.setenv("AWS_CONFIG_FILE", str(config))
    environment.delenv("AWS_ACCESS_KEY_ID")
    environment.delenv("AWS_SECRET_ACCESS_KEY")


def test_keys_of_a_program_lose_their_line_ends_too(answering: Answering, aws_environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    keys = '{"Version": 1, "AccessKeyId": "key\\n", "SecretAccessKey": " s ", "SessionToken": "token\\r\\n"}'
    program(tmp_path, aws_environment, f"print({keys!r})")
    open_store(Location("s3://show", endpoint=answering.address, profile="podcast"), tmp_path).read("a.html")
    assert answering.asked[0].headers["x-amz-security-token"] == "token"
    assert "Credential=key/" in answering.asked[0].headers["authorization"]


@pytest.mark.parametrize(
    "script",
    [
        "import sys; print('the vault is sealed', file=sys.stderr); sys.exit(3)",
        "print('the vault is sealed')",
        "print('{}')",
        "print('{\"Version\": 2}')",
    ],
)
def test_a_program_that_gives_no_keys_is_named_and_no_login_is_asked_for(
    answering: Answering, aws_environment: pytest.MonkeyPatch, tmp_path: Path, script: str
) -> None:
    program(tmp_path, aws_environment, script)
    with pytest.raises(StorageError) as caught:
        open_store(Location("s3://show", endpoint=answering.address, profile="podcast"), tmp_path).read("a.html")
    assert caught.value.code == "storage-credentials"
    assert "the program that gives the credentials of profile podcast failed" in caught.value.message
    assert "sso" not in caught.value.hint


# delete markers


class Marking(Keeping):
    """A service that takes its own delete marker for an object; `claimed` are bytes that another publisher puts meanwhile."""

    marked = True
    claimed = b""

    def answer(self, asked: Asked) -> tuple[int, bytes, dict[str, str]]:
        if asked.method == "PUT" and "if-none-match" in asked.headers and self.marked:
            return 412, b"", {}
        if asked.method in ("GET", "HEAD") and asked.path not in self.objects:
            return 404, b"", {}
        given = super().answer(asked)
        if asked.method == "PUT" and self.claimed:
            self.objects[asked.path] = self.claimed
        return given


@pytest.fixture
def marking(aws_environment: pytest.MonkeyPatch, monkeypatch: pytest.MonkeyPatch) -> Iterator[Marking]:
    aws_environment.setenv("AWS_ACCESS_KEY_ID", servers.KEY)
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", servers.SECRET)
    monkeypatch.setattr(s3_store, "SETTLED", 0.0)
    with Marking() as server:
        yield server


def test_a_delete_marker_is_no_object(marking: Marking) -> None:
    assert store_at(marking).put(".airdate/claims/00000002", b"mine", PAGE, if_absent=True) == md5(b"mine")
    assert store_at(marking).read(".airdate/claims/00000002").body == b"mine"


def test_over_a_delete_marker_one_of_two_wins(marking: Marking) -> None:
    marking.claimed = b"theirs"
    with pytest.raises(ConditionFailed):
        store_at(marking).put(".airdate/claims/00000002", b"mine", PAGE, if_absent=True)


def test_where_something_lies_the_condition_still_holds(marking: Marking) -> None:
    marking.objects["/show/a.html"] = b"theirs"
    with pytest.raises(ConditionFailed):
        store_at(marking).put("a.html", b"mine", PAGE, if_absent=True)
    assert marking.objects["/show/a.html"] == b"theirs"


def test_a_password_in_an_endpoint_is_not_shown(aws_environment: pytest.MonkeyPatch) -> None:
    aws_environment.setenv("AWS_ENDPOINT_URL", f"https://me:{EVIL}@storage.example/")
    with pytest.raises(StorageError) as caught:
        S3Store(S3Settings(bucket="show"))
    assert "storage.example" in caught.value.message
    assert EVIL not in caught.value.message
