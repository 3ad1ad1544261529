"""What strangers send: it is refused with a sentence or kept as the text it is, and never runs, hangs or breaks anything."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

import lxml.html
import pytest
import sqlalchemy as sql
from hypothesis import given, settings
from hypothesis import strategies as st

SCRIPTS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '"><script>alert(1)</script>',
    "'><svg onload=alert(1)>",
    "</textarea><script>alert(1)</script>",
    "</title></style></blockquote><script>alert(1)</script>",
    "<a href=javascript:alert(1)>x</a>",
    "[x](javascript:alert(1))",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u003cscript\u003ealert(1)",
    "<scr\u0000ipt>alert(1)</script>",
    "<!--><img src=x onerror=alert(1)>-->",
    "{{7*7}}${7*7}<%= 7*7 %>{% debug %}",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<form action=https://evil.example><input name=nonce>",
    "<base href=https://evil.example/>",
)
QUERIES = (
    "' OR '1'='1",
    "'; DROP TABLE comment; --",
    '" OR ""="',
    "1; DELETE FROM comment WHERE 1=1",
    "' UNION SELECT value FROM setting --",
    "%27%20OR%201=1",
    "\\'; UPDATE comment SET state='approved'; --",
    "first' AND 1=(SELECT count(*) FROM comment) --",
    "'||(SELECT value FROM setting)||'",
    "/**/OR/**/1=1",
    "$$; SELECT pg_sleep(10); $$",
    "'; ATTACH DATABASE '/tmp/x' AS x; --",
    ":name %(name)s ? {name}",
)
BROWSER = {"accept": "text/html,*/*;q=0.5"}


def harmless(text):
    """The page has nothing that runs, loads or leads away."""
    page = lxml.html.document_fromstring(text)
    assert not page.xpath("//script | //iframe | //img | //svg | //base | //object | //embed | //meta[@http-equiv] | //link")
    assert not page.xpath("//@*[starts-with(name(), 'on')]")
    assert all(re.match(r"https://small\.example(/|$)|#t=\d+$", address) for address in page.xpath("//@href"))
    assert not page.xpath("//form[@action]")
    return page


@pytest.mark.parametrize("payload", SCRIPTS)
def test_markup_is_kept_as_the_text_it_is_and_runs_on_no_page(reader, payload):
    fields = reader.fields(name=payload[:50], text=f"{payload} and ten letters")
    asked = reader.send(fields, **BROWSER)
    page = harmless(asked.text)
    if asked.status_code == 200:
        assert dict(page.forms[0].fields)["text"] == fields["text"].replace("\0", "\ufffd")
    answer = reader.post(**fields)
    if answer.status_code == 201:
        (stored,) = reader.stored()
        assert stored.text == fields["text"].replace("\0", "")
    for field in ("page", "episode", "guid", "language", "consent", "nonce", "at", "reply_to"):
        harmless(reader.send(reader.fields(**{field: payload}), **BROWSER).text)
    assert reader.client.get(f"/comments/{quote(payload)}").headers["content-type"] == "application/json"


@pytest.mark.parametrize("payload", QUERIES)
def test_what_is_written_as_a_query_is_kept_as_text_or_refused(reader, payload):
    kept = reader.post(text="What was there before.").json()["id"]
    for field in ("name", "text", "episode", "guid", "page", "language", "at", "reply_to", "consent", "nonce", "token", "website"):
        value = f"{payload} {field} of ten letters" if field == "text" else payload
        assert reader.post(**{field: value}).status_code in {201, 400, 403, 404, 409, 422}, field
    mine = reader.headers | {"authorization": f"Bearer {payload}"}
    for name in (payload, kept):
        assert reader.client.delete(f"/comments/{name}", headers=mine).status_code in {401, 404}
        assert reader.client.patch(f"/comments/{name}", json={"text": "Changed by a stranger."}, headers=mine).status_code in {401, 404}
    assert reader.nonce(payload).status_code == 404
    stored = reader.stored("held", "approved", "spam")
    assert stored[0].id == kept
    assert stored[0].text == "What was there before."
    assert payload in {comment.name for comment in stored}
    assert reader.stored("approved", "erased") == ()
    with reader.taking.database.access.read() as connection:
        assert {"comment", "setting", "outbox"} <= set(sql.inspect(connection).get_table_names())


MALFORMED = (
    ("application/json", b""),
    ("application/json", b"{"),
    ("application/json", b"[]"),
    ("application/json", b"null"),
    ("application/json", b'"text"'),
    ("application/json", b"[" * 100_000),
    ("application/json", b'{"text": ' + b"[" * 50_000),
    ("application/json", b'{"text": {"a": 1}}'),
    ("application/json", b'{"text": ["a"]}'),
    ("application/json", b'{"text": true}'),
    ("application/json", b'{"at": NaN}'),
    ("application/json", b'{"at": 1e400}'),
    ("application/json", b'{"at": ' + b"9" * 50_000 + b"}"),
    ("application/json", b'{"name": "\\ud800"}'),
    ("application/json", b"\xff\xfe\x00{"),
    ("application/json", b"\x00" * 1000),
    ("application/x-www-form-urlencoded", b"%"),
    ("application/x-www-form-urlencoded", b"text=%ff%fe&name=%00"),
    ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % number for number in range(5000))),
    ("application/x-www-form-urlencoded", b"=" * 1000),
    ("application/x-www-form-urlencoded", b"\xff" * 1000),
    ("multipart/form-data", b"nothing"),
    ("multipart/form-data; boundary=x", b"--y\r\n\r\n"),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="text"; filename="a"\r\n\r\nfile\r\n--x--\r\n'),
    ("multipart/form-data; boundary=" + "x" * 500, b"--x"),
    ("multipart/form-data; boundary=x; charset=nonsense", b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\na\r\n--x--\r\n'),
    ("text/plain", b"text=abc"),
    ("application/xml", b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"),
    ("", b"text=abc"),
)


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize(("kind", "body"), MALFORMED)
def test_what_is_no_form_is_refused_with_a_sentence(reader, kind, body, method):
    path = "/comments" if method == "POST" else "/comments/abc"
    headers = reader.headers | {"authorization": "Bearer x", "content-type": kind}
    answer = reader.client.request(method, path, content=body, headers=headers)
    assert 400 <= answer.status_code < 500
    assert answer.json()["error"]
    assert reader.stored("held", "spam") == ()


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=x"])
def test_what_is_too_large_is_not_read_to_its_end(reader, kind):
    read = 0

    async def endless():
        nonlocal read
        while True:
            read += 16_384
            yield b"a" * 16_384

    answer = reader.client.post("/comments", content=endless(), headers=reader.headers | {"content-type": kind})
    assert (answer.status_code, answer.json()["code"]) == (413, "large")
    assert read <= 256 * 1024
    announced = reader.headers | {"content-type": kind, "content-length": "99999999999"}
    assert reader.client.post("/comments", content=b"a", headers=announced).status_code == 413


def test_of_a_stranger_nothing_is_read(reader):
    read = 0

    async def endless():
        nonlocal read
        while True:
            read += 1
            yield b"a" * 1000

    headers = {"origin": "https://evil.example", "content-type": "application/json"}
    assert reader.client.post("/comments", content=endless(), headers=headers).status_code == 403
    assert read == 0


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
def test_anything_at_all_is_answered_with_a_sentence(reader):
    words = st.text() | st.sampled_from([*SCRIPTS, *QUERIES, "first", reader.show.consent, "first-guid", "1" * 400])
    values = words | st.none() | st.integers() | st.floats() | st.booleans() | st.lists(st.integers(), max_size=2)
    names = st.sampled_from(sorted({*reader.fields(), "nonce", "at", "reply_to", "token", "altcha", "x"}))

    @settings(max_examples=150, deadline=None)
    @given(st.dictionaries(names, values, max_size=14), st.sampled_from(["application/json", "text/html", "*/*", ""]))
    def send(other, accept):
        fields = {**reader.fields(), **other}
        body = json.dumps(fields).encode()
        answer = reader.client.post(
            "/comments", content=body, headers=reader.headers | {"content-type": "application/json", "accept": accept}
        )
        assert answer.status_code in {200, 400, 403, 404, 422}, answer.text
        if answer.headers["content-type"] == "application/json":
            assert answer.json()["error"]
        else:
            harmless(answer.text)

    send()
    assert reader.stored("held", "spam", "approved") == ()


@pytest.mark.parametrize("name", ["%00", "a%00b", "%ff", "%0a", "%ed%a0%80", "%e2%80%ae", "%27%20OR%201=1"])
def test_what_is_no_name_of_a_comment_is_nobodys(reader, name):
    mine = reader.headers | {"authorization": "Bearer x"}
    for answer in (
        reader.client.delete(f"/comments/{name}", headers=mine),
        reader.client.patch(f"/comments/{name}", json={"text": "Changed by a stranger."}, headers=mine),
    ):
        assert (answer.status_code, answer.json()["code"]) == (401, "token")


def test_nothing_else_is_there(reader):
    for method, path, status in (
        ("GET", "/", 404),
        ("GET", "/comments", 405),
        ("PUT", "/comments", 405),
        ("POST", "/comments/abc", 405),
        ("GET", "/.git/config", 404),
        ("POST", "/nonce", 405),
        ("DELETE", "/comments/" + "a" * 3000, 401),
    ):
        answer = reader.client.request(method, path, headers=reader.headers)
        assert answer.status_code in {status, 404}, (method, path)
        assert answer.json()["error"]
        assert "traceback" not in answer.text.lower()
