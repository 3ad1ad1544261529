from __future__ import annotations

import pytest

from publisher.announce import hubs as announcing
from publisher.announce.hubs import announce, heartbeat
from publisher.core.console import Console
from publisher.load.config_reader import parse_config
from publisher.load.tables.announce import AnnounceTable
from publisher.workspace import Workspace
from tests.support.show_factory import make_show

FEED = "https://small.example/feed.xml"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.delenv("PODPING_TOKEN", raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def configured(tmp_path, more="", *, site="https://small.example", medium=""):
    show = make_show(tmp_path)
    text = show.config.read_text().replace("https://small.example", site)
    if medium:
        text = text.replace("explicit = false", f'explicit = false\nmedium = "{medium}"')
    show.write("config.toml", text + more)
    return show


def config_of(show):
    return parse_config(show.config, show.config.read_bytes()).config


def workspace_of(show):
    return Workspace(parse_config(show.config, show.config.read_bytes()), Console(quiet=True))


def test_nobody_is_told_where_nobody_is_named(service, tmp_path):
    assert announce(config_of(configured(tmp_path)), FEED) == []
    assert service.asked == []


def test_each_hub_is_told_once(service, tmp_path):
    config = config_of(configured(tmp_path, f'\n[feed]\nhubs = ["{service.address}/a", "{service.address}/b", "{service.address}/a"]\n'))
    service.answers = [(204, b"", {})]
    assert announce(config, FEED) == []
    assert [(asked.method, asked.path) for asked in service.asked] == [("POST", "/a"), ("POST", "/b")]
    assert service.asked[0].form == {"hub.mode": "publish", "hub.url": FEED, "hub.topic": FEED}


def test_podping_gets_the_feed_its_medium_and_the_key(service, tmp_path, monkeypatch):
    monkeypatch.setenv("PODPING_TOKEN", "pp-secret")
    config = config_of(configured(tmp_path, "\n[announce]\npodping = true\n", medium="music"))
    assert announce(config, FEED) == []
    (asked,) = service.asked
    assert (asked.method, asked.path) == ("GET", "/podping")
    assert asked.query == {"url": FEED, "reason": "update", "medium": "music"}
    assert asked.headers["authorization"] == "pp-secret"


def test_podping_without_a_key_is_a_warning(service, tmp_path):
    (warning,) = announce(config_of(configured(tmp_path, "\n[announce]\npodping = true\n")), FEED)
    assert "PODPING_TOKEN" in warning
    assert service.asked == []


def test_the_podcast_index_wants_no_key(service, tmp_path):
    assert announce(config_of(configured(tmp_path, "\n[announce]\npodcast_index = true\n")), FEED) == []
    (asked,) = service.asked
    assert (asked.path, asked.query) == ("/pubnotify", {"url": FEED})
    assert "authorization" not in asked.headers


def test_one_who_does_not_answer_keeps_nobody_else_from_hearing(service, tmp_path, monkeypatch):
    monkeypatch.setenv("PODPING_TOKEN", "pp-secret")
    service.routes["/podping"] = (401, b"bad key", {})
    more = f'\n[feed]\nhubs = ["http://127.0.0.1:9/hub", "{service.address}/b"]\n[announce]\npodping = true\npodcast_index = true\n'
    warnings = announce(config_of(configured(tmp_path, more)), FEED, retry="publish announce")
    assert [asked.path for asked in service.asked] == ["/b", "/podping", "/pubnotify"]
    assert len(warnings) == 2
    assert all(warning.endswith("publish announce") for warning in warnings)
    assert "bad key" in warnings[1]
    assert not any("pp-secret" in warning for warning in warnings)


@pytest.mark.parametrize(
    ("event", "path"), [("start", "/ping/0000-1111/start"), ("success", "/ping/0000-1111"), ("fail", "/ping/0000-1111/fail")]
)
def test_the_heartbeat_is_felt_at_start_success_and_failure(service, event, path):
    assert heartbeat(AnnounceTable(heartbeat=f"{service.address}/ping/0000-1111?create=1"), event) == []
    (asked,) = service.asked
    assert (asked.method, asked.path, asked.query) == ("GET", path, {"create": "1"})


def test_a_heartbeat_nobody_feels_is_a_warning_that_keeps_its_secret(service):
    service.answers = [(404, b"", {})]
    (warning,) = heartbeat(AnnounceTable(heartbeat=f"{service.address}/ping/0000-1111"), "success")
    assert "404" in warning
    assert "0000-1111" not in warning
    assert heartbeat(AnnounceTable(), "success") == []


def test_after_a_publish_the_hubs_are_told_when_the_feed_changed_and_only_then(service, tmp_path, monkeypatch):
    show = configured(tmp_path, f'\n[feed]\nhubs = ["{service.address}/hub"]\n')
    monkeypatch.setattr(announcing, "is_online", lambda _workspace: True)
    show.episode()
    assert show.publish().status == 0
    assert [asked.path for asked in service.asked] == ["/hub"]
    show.write("pages/feedback.md", "# Feedback\n\nWrite to us.\n")
    assert show.publish().status == 0
    assert (show.public / "feedback.html").exists()
    assert [asked.path for asked in service.asked] == ["/hub"], "a page changed, the feed did not"


def test_a_folder_that_is_not_online_yet_is_not_announced(service, tmp_path):
    show = configured(tmp_path, f'\n[feed]\nhubs = ["{service.address}/hub"]\n', site=service.address)
    show.episode()
    assert show.publish().status == 0
    service.asked.clear()
    service.routes["/feed.xml"] = (200, b"<rss>of before</rss>", {})
    (warning,) = announcing.announce_when_online(workspace_of(show), 1)
    assert "publish" in warning.rpartition(";")[2]
    assert [asked.path for asked in service.asked] == ["/feed.xml"]
    service.routes["/feed.xml"] = (200, (show.public / "feed.xml").read_bytes(), {})
    assert announcing.announce_when_online(workspace_of(show), 1) == []
    assert service.asked[-1].path == "/hub"


def test_a_hub_that_was_not_reached_hears_of_it_by_the_next_publish_whatever_that_changes(service, tmp_path, monkeypatch):
    show = configured(tmp_path, f'\n[feed]\nhubs = ["{service.address}/hub"]\n')
    show.episode()
    monkeypatch.setattr(announcing, "is_online", lambda _workspace: True)

    def told(answer: int, *arguments: str) -> int:
        service.asked.clear()
        service.answers = [(answer, b"", {})]
        assert show.publish(*arguments).status == 0
        return len(service.asked)

    assert told(503) >= 1
    show.write("pages/about.md", '+++\ntitle = "About"\n+++\n\nAbout us.\n')
    assert told(503) >= 1, "a page alone was changed, and the feed of before is news still"
    assert told(204) == 1, "nothing was changed"
    assert told(204) == 0


def test_the_command_tells_them_again(service, tmp_path):
    show = configured(tmp_path, f'\n[feed]\nhubs = ["{service.address}/hub"]\n')
    done = show.run("announce", "--json")
    assert done.status == 0
    assert done.document == {"feed_url": FEED, "told": ["127.0.0.1"]}
    service.answers = [(500, b"", {})]
    failed = show.run("announce")
    assert failed.status == 4
    assert "publish explain announce-failed" in failed.stderr


def test_the_command_without_anybody_to_tell_says_what_to_write(service, tmp_path):
    done = configured(tmp_path).run("announce")
    assert done.status == 2
    assert "hubs" in done.stderr


def test_a_publish_that_held_a_faulty_episode_back_did_not_go_well_for_the_watchdog(service, tmp_path):
    show = configured(tmp_path, f'\n[announce]\nheartbeat = "{service.address}/ping"\n')
    show.episode("2026-05-01-first")
    show.episode("2026-05-08-second")
    text = (show.folder / "episodes/2026-05-08-second/episode.md").read_text()
    show.write("episodes/2026-05-08-second/episode.md", text.replace('title = "', "title = ", 1))
    assert show.publish("--skip-faulty").status == 7
    assert [asked.path for asked in service.asked] == ["/ping/start", "/ping/fail"]
    show.write("episodes/2026-05-08-second/episode.md", text)
    assert show.publish("--skip-faulty").status == 0
    assert [asked.path for asked in service.asked][2:] == ["/ping/start", "/ping"]
