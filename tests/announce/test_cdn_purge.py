from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from publisher.announce.cdn_purge import purge
from publisher.core.addresses import all_addresses
from publisher.core.errors import StorageError
from publisher.load.config_tables import CdnTable
from tests.support.show_factory import Show, make_show, recording, tree

SITE = "https://small.example/show"
PAGES = ["index.html", "episodes/first.html", "feed.xml"]


@pytest.fixture(autouse=True)
def tokens(monkeypatch):
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", "cf-secret")
    monkeypatch.setenv("FASTLY_API_TOKEN", "fastly-secret")
    monkeypatch.delenv("AIRDATE_PURGE_TOKEN", raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def test_a_page_is_known_under_every_address_a_listener_may_use():
    assert all_addresses(SITE, ["index.html", "episodes/ä.html"]) == [f"{SITE}/index.html", f"{SITE}/", f"{SITE}/episodes/%C3%A4.html"]
    assert f"{SITE}/episodes/a" in all_addresses(SITE, ["episodes/a.html"], pretty_urls=True)
    assert f"{SITE}/episodes/a" not in all_addresses(SITE, ["episodes/a.html"])


def test_nothing_is_asked_where_nothing_is_configured_or_nothing_changed(service):
    assert purge(CdnTable(), SITE, PAGES) == []
    assert purge(CdnTable(purge="cloudflare", zone="z1"), SITE, []) == []
    assert service.asked == []


def test_cloudflare_is_asked_for_thirty_addresses_at_a_time(service):
    service.answers = [(200, b'{"success": true}', {})]
    keys = [f"episodes/e{number}.html" for number in range(64)]
    assert purge(CdnTable(purge="cloudflare", zone="z1"), SITE, keys) == []
    assert [len(asked.json["files"]) for asked in service.asked] == [30, 30, 4]
    assert {(asked.method, asked.path, asked.headers["authorization"]) for asked in service.asked} == {
        ("POST", "/client/v4/zones/z1/purge_cache", "Bearer cf-secret")
    }
    assert service.asked[0].json["files"][0] == f"{SITE}/episodes/e0.html"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((403, b"no", {}), "403"),
        ((200, b'{"success": false, "errors": [{"message": "Invalid zone"}]}', {}), "Invalid zone"),
        ((200, b"<html>", {}), "cannot be read"),
        ((302, b"", {"Location": "http://127.0.0.1:1/elsewhere"}), "302"),
    ],
)
def test_a_refusal_is_a_warning_with_the_line_to_type_and_no_secret_in_it(service, answer, says):
    service.answers = [answer]
    (warning,) = purge(CdnTable(purge="cloudflare", zone="z1"), SITE, PAGES, retry="publish -c a.toml purge")
    assert says in warning
    assert warning.endswith("publish -c a.toml purge")
    assert "cf-secret" not in warning
    assert len(service.asked) == 1


def test_a_busy_service_is_asked_again(service):
    service.answers = [(503, b"", {}), (429, b"", {}), (200, b'{"success": true}', {})]
    assert purge(CdnTable(purge="cloudflare", zone="z1"), SITE, PAGES) == []
    assert len(service.asked) == 3


def test_a_service_that_stays_busy_is_given_up(service):
    service.answers = [(503, b"", {})]
    (warning,) = purge(CdnTable(purge="cloudflare", zone="z1"), SITE, PAGES)
    assert "503" in warning
    assert len(service.asked) == 3


def test_a_service_that_wants_a_long_pause_is_not_waited_for(service):
    service.answers = [(429, b"", {"Retry-After": "3600"})]
    assert len(purge(CdnTable(purge="cloudflare", zone="z1"), SITE, PAGES)) == 1
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    ("table", "variable", "says"),
    [
        (CdnTable(purge="cloudflare", zone="z1"), "CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_TOKEN"),
        (CdnTable(purge="fastly"), "FASTLY_API_TOKEN", "FASTLY_API_TOKEN"),
        (CdnTable(purge="cloudflare"), "", "zone"),
        (CdnTable(purge="cloudfront"), "", "zone"),
        (CdnTable(purge="akamai"), "", "akamai"),
    ],
)
def test_what_is_missing_is_named_and_nobody_is_asked(service, monkeypatch, table, variable, says):
    if variable:
        monkeypatch.delenv(variable)
    (warning,) = purge(table, SITE, PAGES)
    assert says in warning
    assert service.asked == []


def test_fastly_is_asked_for_each_address(service):
    assert purge(CdnTable(purge="fastly"), SITE, PAGES) == []
    assert [(asked.method, asked.path, asked.headers["fastly-key"]) for asked in service.asked] == [
        ("POST", f"/purge/small.example/show/{path}", "fastly-secret") for path in ("index.html", "", "episodes/first.html", "feed.xml")
    ]


def test_fastly_forgets_a_whole_service_where_very_many_pages_changed(service):
    assert purge(CdnTable(purge="fastly", zone="svc"), SITE, [f"e{number}.html" for number in range(300)]) == []
    assert [asked.path for asked in service.asked] == ["/service/svc/purge_all"]


@pytest.mark.parametrize(("count", "paths"), [(2, ["/show/e0.html", "/show/e1.html"]), (3001, ["/show/*"])])
def test_cloudfront_gets_paths_and_a_wildcard_for_too_many(service, aws_environment, count, paths):
    aws_environment.setenv("AWS_ENDPOINT_URL_CLOUDFRONT", service.address)
    aws_environment.setenv("AWS_ACCESS_KEY_ID", "key")
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    service.answers = [(201, b"<Invalidation><Id>I1</Id></Invalidation>", {})]
    assert purge(CdnTable(purge="cloudfront", zone="EDIST"), SITE, [f"e{number}.html" for number in range(count)]) == []
    (asked,) = service.asked
    assert (asked.method, asked.path.endswith("/distribution/EDIST/invalidation")) == ("POST", True)
    assert re.findall(r"<Path>(.*?)</Path>", asked.body.decode()) == paths


def test_cloudfront_without_keys_is_a_warning(service, aws_environment):
    aws_environment.setenv("AWS_ENDPOINT_URL_CLOUDFRONT", service.address)
    (warning,) = purge(CdnTable(purge="cloudfront", zone="EDIST"), SITE, PAGES)
    assert "CloudFront" in warning
    assert service.asked == []


def test_an_address_of_ones_own_gets_a_list(service, monkeypatch):
    monkeypatch.setenv("AIRDATE_PURGE_TOKEN", "mine")
    assert purge(CdnTable(purge=f"{service.address}/purge"), SITE, ["feed.xml", "media/a-0a1b2c3d.mp3"]) == []
    (asked,) = service.asked
    assert asked.json == {"urls": [f"{SITE}/feed.xml", f"{SITE}/media/a-0a1b2c3d.mp3"]}
    assert asked.headers["authorization"] == "Bearer mine"


def test_a_service_that_is_not_there_is_a_warning_without_its_path(service):
    (warning,) = purge(CdnTable(purge="http://127.0.0.1:9/token-in-path"), SITE, ["feed.xml"])
    assert "127.0.0.1" in warning
    assert "token-in-path" not in warning


def test_the_command_asks_for_all_pages_of_the_show(service, tmp_path):
    show = make_show(tmp_path)
    show.episode()
    assert show.run("purge").status == 2
    show.write("config.toml", show.config.read_text() + f'\n[cdn]\npurge = "{service.address}/purge"\n')
    assert show.publish().status == 0
    service.asked.clear()
    done = show.run("purge", "--json")
    assert done.status == 0
    (asked,) = service.asked
    assert {"https://small.example/feed.xml", "https://small.example/", "https://small.example/episodes/first.html"} <= set(
        asked.json["urls"]
    )
    assert not any("/media/" in url or ".airdate" in url for url in asked.json["urls"])
    service.answers = [(401, b'{"result": "%s", "errors": [{"code": 1, "message": "who are you"}]}' % (b"x" * 600), {})]
    refused = show.run("purge")
    assert refused.status == 4
    assert "who are you" in refused.stderr


@pytest.fixture
def purging(service, tmp_path):
    """A show with a network in front of it."""
    show = make_show(tmp_path / "show")
    show.write("config.toml", show.config.read_text() + f'\n[cdn]\npurge = "{service.address}/purge"\n')
    show.episode()
    show.episode("2026-05-08-second", date="2026-05-08T06:00:00+02:00", front="unlisted = true")
    return show


def forgotten(service) -> set[str]:
    """The keys that were asked for since the last time."""
    found = {url.removeprefix("https://small.example/") for asked in service.asked for url in asked.json["urls"]}
    service.asked.clear()
    return found


SLUGS = st.lists(
    st.from_regex(r"[a-z0-9]{1,9}(-[0-9a-f]{8}|-[0-9a-f]{16}|-[a-z]{1,5}|-[0-9]{8})?", fullmatch=True), min_size=1, max_size=4, unique=True
)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SLUGS, st.booleans())
@example(["news-20260521", "media", "a-0123456789abcdef"], False)
@example(["secret", "news-20260521"], True)
def test_every_page_of_every_slug_is_forgotten_when_its_bytes_change(purging, service, slugs, unlisted):
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(purging.folder, folder, dirs_exist_ok=True)
        show = Show(Path(folder))
        for number, slug in enumerate(slugs):
            front = f'slug = "{slug}"' + ("\nunlisted = true" if unlisted else "")
            show.episode(f"2026-05-20-of-{number}", title=slug, front=front, audio=recording(voice=number))
        assert show.publish("--yes").status == 0
        before = tree(show.public)
        written = {key for key in before if key.endswith((".html", ".xml", ".json", ".txt")) and not key.startswith("media/")}
        pages = {key for key in written if key.count("/") < 2 and not key.startswith("airdate-state/")}
        assert pages <= forgotten(service), "a page may be held as missing"
        show.configure('title = "A Small Show"', 'title = "Another Show"')
        assert show.publish("--yes").status == 0
        after = tree(show.public)
        asked = forgotten(service)
        assert {key for key in before if before[key] != after.get(key) and not key.startswith("airdate-state/")} <= asked
        assert not [key for key in asked if key.startswith(("media/", "art/", ".airdate"))]


def test_what_prune_deletes_is_forgotten_too(purging, service):
    purging.episode("2026-05-10-third", date="2026-05-10T06:00:00+02:00")
    assert purging.publish("--yes").status == 0
    media = next(key for key in tree(purging.public) if key.startswith("media/first-"))
    forgotten(service)
    assert purging.run("withdraw", "first", "--yes", "--no-verify").status == 0
    assert "episodes/first.html" in forgotten(service)
    service.answers = [(500, b"out of order", {})]
    pruned = purging.run("prune", "--yes")
    assert pruned.status == 0
    assert "publish" in pruned.stderr
    assert "purge" in pruned.stderr
    assert media in forgotten(service)


def test_what_a_rollback_brings_back_is_forgotten(purging, service):
    assert purging.publish("--yes").status == 0
    purging.edit("2026-05-08-second", "Some notes.", "A mistake.")
    assert purging.publish("--yes").status == 0
    forgotten(service)
    assert purging.run("rollback", "--yes").status == 0
    assert [key for key in forgotten(service) if key.startswith("episodes/second-")]


def test_a_replaced_recording_is_forgotten_under_its_old_address(purging, service):
    assert purging.publish("--yes").status == 0
    media = next(key for key in tree(purging.public) if key.startswith("media/first-"))
    forgotten(service)
    purging.edit("2026-05-01-first", "+++\ntitle", "+++\naudio_revision = 2\ntitle")
    purging.write("episodes/2026-05-01-first/audio.mp3", recording(25))
    assert purging.publish("--yes").status == 0
    assert media in forgotten(service)
    assert purging.run("purge").status == 0
    assert {media, "feed.xml"} <= forgotten(service)


def test_what_a_cut_publish_left_is_forgotten_by_whoever_finishes_it(purging, service, monkeypatch):
    assert purging.publish("--yes").status == 0
    purging.edit("2026-05-01-first", "Some notes.", "A correction.")
    with monkeypatch.context() as patch:
        patch.setattr(
            "publisher.sync.apply.commit", lambda *_: (_ for _ in ()).throw(StorageError("the network is gone", code="storage-lost"))
        )
        assert purging.publish("--yes").status == 4
    forgotten(service)
    monkeypatch.setattr("publisher.sync.other_publishes.LEASE", -1.0)
    finished = purging.publish("--yes")
    assert finished.status == 0, finished.stderr
    assert "finishing it first" in finished.stderr
    assert {"episodes/first.html", "feed.xml"} <= forgotten(service)


def test_a_key_in_ones_own_address_is_not_said_back(service):
    key = "k3y-of-nobody-else-0123456789"
    service.answers = [(403, f"no purge by /hook/{key}?token={key}".encode(), {})]
    told = str(purge(CdnTable(purge=f"{service.address}/hook/{key}?token={key}"), SITE, PAGES))
    assert "no purge by" in told
    assert key not in told
