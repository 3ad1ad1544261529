"""A built folder is served as the storage would serve it."""

from __future__ import annotations

import pytest

from publisher.core.errors import UsageError
from publisher.preview.application import Preview, add_reload, own_url, read_range, rewrite_address
from publisher.preview.served_files import Sources
from publisher.preview.server import serve

AUDIO = bytes(range(256)) * 4096
SIZE = len(AUDIO)


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [
        ("bytes=0-1", 0, 2),
        ("bytes=10-", 10, SIZE),
        ("bytes=-5", SIZE - 5, SIZE),
        ("bytes=-99999999", 0, SIZE),
        (f"bytes=0-{SIZE * 2}", 0, SIZE),
        ("Bytes=7-7", 7, 8),
    ],
)
def test_a_range_is_answered_with_its_bytes(previewed, header, start, end):
    with previewed() as served:
        answer = served.get("media/zip.mp3", range=header)
    assert answer.status_code == 206
    assert answer.content == AUDIO[start:end]
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{SIZE}"
    assert answer.headers["content-length"] == str(end - start)
    assert answer.headers["content-type"] == "audio/mpeg"


@pytest.mark.parametrize(
    "header", ["bytes=0-1,4-5", "items=0-1", "bytes=5-2", "bytes=-", "bytes", "bytes=a-b", "bytes=" + "9" * 5000 + "-"]
)
def test_several_ranges_and_nonsense_are_answered_with_the_whole(previewed, header):
    with previewed() as served:
        answer = served.get("media/zip.mp3", range=header)
    assert answer.status_code == 200
    assert answer.content == AUDIO
    assert answer.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize("header", [f"bytes={SIZE}-", f"bytes={SIZE * 9}-{SIZE * 9 + 1}", "bytes=-0"])
def test_a_range_behind_the_end_is_refused_with_the_size(previewed, header):
    with previewed() as served:
        answer = served.get("media/zip.mp3", range=header)
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{SIZE}"


def test_an_empty_file_has_no_range_but_is_served():
    assert read_range("bytes=0-", 0) is None
    assert read_range(None, 0) is not None


def test_a_range_of_an_older_version_is_answered_with_the_whole(previewed):
    with previewed() as served:
        etag = served.get("media/zip.mp3").headers["etag"]
        assert served.get("media/zip.mp3", range="bytes=0-1", if_range=etag).status_code == 206
        assert served.get("media/zip.mp3", range="bytes=0-1", if_range='"old"').status_code == 200


@pytest.mark.parametrize("path", ["media/zip.mp3", "index.html", "feed.xml"])
def test_head_says_what_get_would_send(previewed, path):
    with previewed() as served:
        head, got = served.get(path, "HEAD"), served.get(path)
    assert head.status_code == 200
    assert head.content == b""
    assert int(head.headers["content-length"]) == len(got.content)
    assert {name: head.headers[name] for name in ("etag", "content-type")} == {name: got.headers[name] for name in ("etag", "content-type")}


@pytest.mark.parametrize("path", ["media/zip.mp3", "index.html"])
def test_a_known_etag_is_answered_without_the_body_until_the_file_changes(previewed, path):
    with previewed() as served:
        etag = served.get(path).headers["etag"]
        assert served.get(path, if_none_match=f'"other", W/{etag}').status_code == 304
        assert served.get(path, if_none_match='"other"').status_code == 200
        (served.folder / path).write_bytes(b"<html></html> other")
        assert served.get(path, if_none_match=etag).status_code == 200


@pytest.mark.parametrize(
    ("path", "content_type"),
    [("index.html", "text/html; charset=utf-8"), ("media/zip.mp3", "audio/mpeg"), ("feed.xml", "application/rss+xml; charset=utf-8")],
)
def test_types_are_those_of_the_storage(previewed, path, content_type):
    with previewed() as served:
        assert served.get(path).headers["content-type"] == content_type


def test_what_is_missing_is_answered_with_the_shows_own_page(previewed):
    with previewed() as served:
        answer = served.get("episodes/none.html")
        assert (answer.status_code, "Nothing here" in answer.text) == (404, True)
        (served.folder / "404.html").unlink()
        assert served.get("episodes/none.html").status_code == 404


def test_the_root_leads_to_the_index_and_folders_do_not(previewed):
    with previewed() as served:
        answer = served.get("/")
        assert (answer.status_code, answer.headers["location"]) == (307, "/index.html")
        assert served.get("/episodes/").status_code == 404


def test_pretty_urls_serve_index_documents(previewed, folder):
    (folder / "episodes" / "index.html").write_text("<html><head></head>all of them</html>")
    with previewed(pretty_urls=True) as served:
        assert served.get("/").status_code == 200
        assert "all of them" in served.get("/episodes/").text
        assert served.get("/episodes").headers["location"] == "/episodes/"
        assert served.get("/none").status_code == 404


@pytest.mark.parametrize(
    "path", ["../secret.txt", "%2e%2e/secret.txt", "media/..%2f..%2fsecret.txt", "link.txt", "media%00.mp3", "..%5csecret.txt"]
)
def test_nothing_outside_the_folder_is_served(previewed, folder, path):
    (folder.parent / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(folder.parent / "secret.txt")
    with previewed() as served:
        answer = served.get(path)
    assert answer.status_code == 404
    assert "secret" not in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_a_preview_is_only_read(previewed, method):
    with previewed() as served:
        assert served.get("index.html", method).status_code == 405


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8000", "127.0.0.1@evil.example", "192.0.2.1", ""]
)
def test_another_name_for_this_machine_is_refused(previewed, host):
    with previewed() as served:
        answer = served.get("index.html", host=host)
    assert answer.status_code in {400, 421}
    assert "zip" not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "LOCALHOST:9", "[::1]:8000"])
def test_names_of_this_machine_are_answered_with_links_to_themselves(host):
    assert own_url(host) == f"http://{host.lower()}"


def test_no_other_site_may_read_the_preview(previewed):
    with previewed() as served:
        assert "access-control-allow-origin" not in served.get("feed.xml", origin="https://evil.example").headers


def test_the_sites_address_becomes_the_previews_in_texts_only(previewed):
    with previewed() as served:
        own = served.url.rstrip("/")
        assert served.get("feed.xml").text == f"<rss><link>{own}/index.html</link></rss>"
        assert served.get("chapters.json").json() == {"url": f"{own}/a.html", "other": f"{own}/b.html"}
        page = served.get("episodes/zip.html").text
        assert f'href="{own}/episodes/zip.html"' in page
        assert 'href="https://latch.example/shows/other.html"' in page
        (served.folder / "media" / "zip.mp3").write_bytes(b"https://latch.example/show/")
        assert served.get("media/zip.mp3").content == b"https://latch.example/show/"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://a.example", "http://localhost"),
        ("https://a.example/x", "http://localhost/x"),
        ("at https://a.example.", "at http://localhost."),
        ("https://a.example.org/x", "https://a.example.org/x"),
        ("https://a.example:8443/x", "https://a.example:8443/x"),
        ("https://a.examples/x", "https://a.examples/x"),
        ("https://a.example-b/x", "https://a.example-b/x"),
    ],
)
def test_only_the_sites_own_address_is_rewritten(text, expected):
    assert rewrite_address(text.encode(), "https://a.example/", "http://localhost").decode() == expected


def preview_of(folder):
    return Preview(folder=folder, site_url="https://a.example", sources=Sources(folder))


@pytest.mark.parametrize(("host", "port"), [("0.0.0.0", 0), ("::", 0), ("192.0.2.1", 0), ("127.0.0.1", 99999)])  # noqa: S104
def test_it_listens_on_this_machine_only_and_on_real_ports(folder, host, port):
    with pytest.raises(UsageError):
        serve(preview_of(folder), None, host=host, port=port)


def test_a_port_in_use_is_said_with_another_to_take(previewed, folder):
    with previewed() as served:
        port = int(served.url.rstrip("/").rsplit(":", 1)[1])
        with pytest.raises(UsageError) as caught:
            serve(preview_of(folder), None, port=port)
    assert f"--port {port + 1}" in caught.value.hint


def test_the_reload_script_stands_in_the_head_and_the_policy_lets_it_run(previewed):
    with previewed() as served:
        page = served.get("index.html").text
        script = served.get("__preview__/reload.js")
    assert '<script src="/__preview__/reload.js" defer></script></head>' in page
    assert "script-src &#x27;self&#x27; &#x27;sha256-abc=&#x27;" in page
    assert "connect-src &#x27;self&#x27;" in page
    assert "default-src &#x27;none&#x27;" in page
    assert "upgrade-insecure-requests" not in page
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "EventSource" in script.text


def test_a_policy_that_does_not_speak_of_scripts_goes_on_permitting_them():
    tag = b"<meta http-equiv=\"Content-Security-Policy\" content=\"base-uri 'none'; form-action 'self'\">"
    page = add_reload(b"<head>" + tag + b"</head>").decode()
    assert "base-uri" in page
    assert "-src" not in page


@pytest.mark.parametrize("page", [b"", b"<p>no head", b"<meta " * 20000, b"</head" + b" " * 5000])
def test_broken_pages_get_the_script_as_well(page):
    assert b"reload.js" in add_reload(page)
