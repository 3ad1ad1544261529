"""`publish move`: which ticks are true at each step of the way here, and what the way out changes, shows and refuses."""

from __future__ import annotations

import tomllib

import pytest

from feed.reader import read_feed
from tests.support.service_servers import Answering
from tests.support.show_factory import Show, make_show, picture, recording

ITEM = """<item><title>{title}</title><link>{address}/pages/{name}</link><guid isPermaLink="false">guid-{name}</guid><pubDate>{date}</pubDate>
<description>Words.</description><enclosure url="{address}/{name}.mp3" length="9" type="audio/mpeg"/></item>"""
FEED = """<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">
<channel><title>Old</title><link>{address}</link><description>All of it.</description><language>en</language><itunes:author>Ada</itunes:author>
<generator>{generator}</generator><itunes:explicit>no</itunes:explicit><itunes:category text="Science"/><itunes:image href="{address}/art.png"/>
<itunes:owner><itunes:name>Ada</itunes:name><itunes:email>ada@old.example</itunes:email></itunes:owner>{items}</channel></rss>"""
DAYS = ["Wed, 06 May 2026 06:00:00 +0000", "Wed, 13 May 2026 06:00:00 +0000", "Wed, 20 May 2026 06:00:00 +0000"]


def old_feed(address, names=("one", "two"), generator="Podigee (https://podigee.com)"):
    rows = [ITEM.format(title=name.title(), name=name, date=day, address=address) for name, day in zip(names, DAYS, strict=False)]
    return FEED.format(address=address, generator=generator, items="".join(reversed(rows))).encode()


@pytest.fixture
def old(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Answering(answers=[(404, b"", {})]) as server:
        server.routes = {f"/{name}.mp3": (200, recording(voice=1), {"Content-Type": "audio/mpeg"}) for name in ("one", "two", "three")}
        server.routes["/art.png"] = (200, picture(form="PNG"), {})
        server.routes["/feed.xml"] = (200, old_feed(server.address), {})
        yield server


@pytest.fixture
def new():
    with Answering(answers=[(404, b"", {})]) as server:
        yield server


@pytest.fixture
def show(old, new, tmp_path):
    """Imported from `old`, published into a folder; `serve` puts it where listeners look."""
    folder = tmp_path / "show"
    done = Show(folder).run("import", f"{old.address}/feed.xml", str(folder), "--yes", "--url", new.address)
    assert done.status == 0, done.stderr
    return Show(folder)


def serve(show, new):
    assert show.publish("--no-verify").status == 0
    for path in show.public.rglob("*"):
        if path.is_file() and path.suffix in {".xml", ".html"}:
            new.routes[f"/{path.relative_to(show.public).as_posix()}"] = (200, path.read_bytes(), {"Content-Type": "application/rss+xml"})


def ticks(show, *arguments):
    done = show.run("move", "--json", *arguments)
    assert done.status == 0, done.stderr
    return done.document, {step["step"]: step["done"] for step in done.document["steps"]}


def test_each_tick_becomes_true_when_it_is(show, old, new):
    document, seen = ticks(show)
    assert (document["direction"], document["host"], document["old_feed"]) == ("here", "Podigee", f"{old.address}/feed.xml")
    assert (document["episodes"], document["twice"], document["lost"]) == (2, 0, 0)
    assert {name for name, done in seen.items() if done} == {"old-feed", "imported", "compared", "leans"}
    assert (seen["served"], seen["redirect"], seen["new-feed-url"], seen["pages"]) == (False, False, None, False)
    serve(show, new)
    _, seen = ticks(show)
    assert {name for name, done in seen.items() if done} == {"old-feed", "imported", "served", "compared", "new-feed-url", "leans"}
    old.routes["/feed.xml"] = (301, b"", {"Location": f"{new.address}/feed.xml"})
    old.routes["/pages/two"] = (301, b"", {"Location": f"{new.address}/episodes/two.html"})
    document, seen = ticks(show)
    assert {name for name, done in seen.items() if done} == {"old-feed", "served", "new-feed-url", "redirect", "leans", "pages"}
    assert seen["compared"] is None and document["host"] == ""


def test_the_old_feed_is_named_by_hand_where_the_config_names_none_and_before_what_it_names(show, old, new):
    document, _ = ticks(show, f"{old.address}/feed.xml?again")
    assert document["old_feed"] == f"{old.address}/feed.xml?again"
    config = show.config.read_text()
    show.config.write_text("\n".join(line for line in config.splitlines() if not line.startswith("former")) + "\n")
    refused = show.run("move")
    assert refused.status == 2 and "publish explain move-nothing" in refused.stderr
    document, _ = ticks(show, f"{old.address}/feed.xml")
    assert document["old_feed"] == f"{old.address}/feed.xml"


def test_an_episode_that_is_missing_here_is_counted(show, old, new):
    old.routes["/feed.xml"] = (200, old_feed(old.address, ("one", "two", "three")), {})
    document, seen = ticks(show)
    assert (document["lost"], seen["imported"], seen["compared"]) == (1, False, False)
    serve(show, new)
    document, seen = ticks(show)
    assert (document["lost"], seen["imported"], seen["compared"]) == (1, False, False)
    said = show.run("move").stdout
    assert f"publish import {old.address}/feed.xml . --yes" in said
    assert "- [ ] No episode would come twice, none would be lost: 0 of 3 episodes would come twice; 1 would be lost" in said


def test_the_list_says_where_this_host_sets_its_redirect_and_what_directories_need(show, old, new):
    said = show.run("move").stdout
    assert said.startswith("Moving here from Podigee\n")
    assert "Mehr Optionen" in said and "https://hilfe.podigee.com/article/165-subdomain-andern, read 2026-11-29" in said
    assert f"the address to give: {new.address}/feed.xml" in said
    assert all(name in said for name in ("Spotify reads the new feed", "Amazon Music", "YouTube", "itunes:new-feed-url"))
    old.routes["/feed.xml"] = (200, old_feed(old.address, generator="Own work"), {})
    said = show.run("move").stdout
    assert said.startswith("Moving here\n") and "Mehr Optionen" not in said and "301 (for good), not 302" in said
    assert "was not read" not in said
    old.routes["/feed.xml"] = (200, old_feed(old.address, generator="Libsyn WebEngine 2.0"), {})
    said = show.run("move").stdout
    assert "Where Libsyn sets it and what it is called there was not read: ask its support." in said and "301 (for good), not 302" in said


@pytest.mark.parametrize("answer", [(404, b"", {}), (200, b"no feed", {}), (200, b"<html/>", {})])
def test_an_old_feed_that_is_gone_is_said_and_nothing_is_guessed(show, old, answer):
    old.routes["/feed.xml"] = answer
    document, seen = ticks(show)
    assert (seen["old-feed"], seen["imported"], seen["compared"], seen["redirect"]) == (False, None, None, False)
    assert document["episodes"] is None


def test_a_folder_that_cannot_be_built_is_said_and_the_rest_is_looked_at(show):
    name = "episodes/2026-05-06-one/episode.md"
    show.write(name, (show.folder / name).read_text().replace("guid-one", "guid-two"))
    _, seen = ticks(show)
    assert (seen["imported"], seen["leans"], seen["old-feed"]) == (False, None, True)


def test_what_still_names_the_old_host_is_listed(show, old):
    name = "episodes/2026-05-06-one/episode.md"
    show.write(name, (show.folder / name).read_text() + f"\nSee <{old.address}/about>.\n")
    document, seen = ticks(show)
    assert seen["leans"] is None or seen["leans"] is True  # both lie on 127.0.0.1: nothing can be told apart here
    other = (show.folder / name).read_text() + "\nSee <https://show.podigee.io/about>.\n"
    show.write(name, other)
    document, seen = ticks(show)
    assert seen["leans"] is False
    assert {row["address"] for row in document["named"]} == {"https://show.podigee.io/about"}


def test_what_names_the_host_of_the_old_recordings_is_listed(show, old):
    body = old.routes["/feed.xml"][1].decode().replace(f"{old.address}/one.mp3", "https://media.old.example/one.mp3")
    old.routes["/feed.xml"] = (200, body.encode(), {})
    name = "episodes/2026-05-06-one/episode.md"
    show.write(name, (show.folder / name).read_text() + "\nSee <https://media.old.example/map.png>.\n")
    document, seen = ticks(show)
    assert seen["leans"] is False
    assert {row["address"] for row in document["named"]} == {"https://media.old.example/map.png"}
    show.write("config.toml", show.config.read_text().replace("[feed]", '[feed]\nenclosure_prefix = "https://media.old.example/e/"'))
    assert ticks(show)[1]["leans"] is True


def test_redirects_of_the_old_pages_are_printed_from_what_was_imported(show, old, new):
    host = old.address.removeprefix("http://")
    printed = show.run("move", "--print", "redirects")
    assert printed.status == 0
    assert printed.stdout == (
        f"# _redirects at {host}\n/pages/one {new.address}/episodes/one.html 301\n/pages/two {new.address}/episodes/two.html 301\n"
    )
    for form in ("nginx", "cloudfront", "worker", "fastly"):
        assert f"{new.address}/episodes/two.html" in show.run("move", "--print", form).stdout


def test_a_show_that_came_from_nowhere_has_nothing_to_move(tmp_path):
    show = make_show(tmp_path / "show")
    show.episode()
    done = show.run("move", "--json")
    assert (done.status, done.document["error"]["code"]) == (2, "move-nothing")
    assert show.run("move", "--print", "nginx").status == 2


# the way out


@pytest.fixture
def own(new, tmp_path, monkeypatch):
    """A show of our own, served, and the address of the feed at the host that took it over."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    show = make_show(tmp_path / "show")
    show.configure('url = "https://small.example"', f'url = "{new.address}"')
    show.episode()
    serve(show, new)
    return show


def taken_over(show, new, old_word="", new_word=""):
    """The feed of another host that took the show over."""
    body = (show.public / "feed.xml").read_text().replace(f"{new.address}/", f"{new.address}/other/")
    new.routes["/there.xml"] = (200, body.replace(old_word, new_word).encode() if old_word else body.encode(), {})
    return f"{new.address}/there.xml"


def test_leaving_writes_three_lines_and_the_next_publish_tells_it(own, new):
    there = taken_over(own, new)
    before = own.config.read_text()
    document, seen = ticks(own, "--away", there, "--now", "2026-06-02T12:00:00+00:00", "--yes")
    assert (document["direction"], document["config_changed"], document["twice"], document["lost"]) == ("away", True, 0, 0)
    config = tomllib.loads(own.config.read_text())
    assert config["show"]["locked"] is False and config["show"]["owner"]["public"] is True
    assert config["feed"]["moved_to"] == there and config["feed"]["moved_on"].isoformat() == "2026-06-02"
    assert set(before.splitlines()) <= set(own.config.read_text().splitlines())
    assert (seen["unlocked"], seen["owner"], seen["names-new"], seen["redirect"], seen["safe"]) == (False, False, False, False, False)
    serve(own, new)
    channel = read_feed((own.public / "feed.xml").read_bytes()).channel
    assert channel.value("podcast:locked") == "no" and channel.value("itunes:new-feed-url") == there
    _, seen = ticks(own)
    assert (seen["unlocked"], seen["owner"], seen["names-new"]) == (True, True, True)
    new.routes["/feed.xml"] = (301, b"", {"Location": there})
    document, seen = ticks(own, "--now", "2026-06-20T12:00:00+00:00")
    assert (seen["redirect"], seen["safe"], seen["compared"]) == (True, False, None)
    how = {step["step"]: step["how"] for step in document["steps"]}
    assert (how["unlocked"], how["names-new"]) == ([], []) and "take public = true out" in how["owner"][0]
    assert "keep everything until 2026-07-07" in str(document["steps"])
    _, seen = ticks(own, "--now", "2026-07-07T12:00:00+00:00")
    assert seen["safe"] is True
    new.routes["/feed.xml"] = (404, b"", {})
    assert ticks(own, "--now", "2026-07-07T12:00:00+00:00")[1]["safe"] is False


@pytest.mark.parametrize(("old_word", "new_word"), [("</guid>", "-new</guid>"), ("<item>", "<nothing>")], ids=["another guid", "lost"])
def test_a_new_feed_that_subscribers_would_notice_changes_nothing(own, new, old_word, new_word):
    there = taken_over(own, new, old_word, new_word)
    if new_word == "<nothing>":
        body = new.routes["/there.xml"][1].decode()
        new.routes["/there.xml"] = (200, (body.partition("<nothing>")[0] + "</channel></rss>").encode(), {})
    before = own.config.read_bytes()
    done = own.run("move", "--away", there, "--yes", "--json")
    assert (done.status, done.document["error"]["code"]) == (5, "move-differs")
    assert own.config.read_bytes() == before


def test_without_a_yes_nothing_is_changed(own, new, monkeypatch):
    from publisher.core.command_call import Call

    there, before, asked = taken_over(own, new), own.config.read_bytes(), []
    monkeypatch.setattr(Call, "confirm", lambda _call, question, **more: asked.append((question, more)) or False)
    done = own.run("move", "--away", there, "--json")
    assert (done.status, done.document["error"]["code"]) == (5, "refused-by-you")
    assert own.config.read_bytes() == before
    ((question, more),) = asked
    assert (
        "0 of 1 episodes would come twice; 0 would be lost" in question and "ada@small.example" in question and more == {"default": False}
    )


def test_where_nobody_can_answer_it_has_to_be_told_yes(own, new):
    there, before = taken_over(own, new), own.config.read_bytes()
    done = own.run("move", "--away", there, "--json")
    assert (done.status, done.document["error"]["code"]) == (5, "needs-yes")
    assert "--yes" in done.document["error"]["hint"]
    assert own.config.read_bytes() == before


def test_a_config_that_cannot_be_edited_is_left_to_a_person(own, new):
    there = taken_over(own, new)
    table = '[show.owner]\nname = "Ada Field"\nemail = "ada@small.example"\n'
    inline = '[show]\nowner = {name = "Ada Field", email = "ada@small.example"}\n'
    own.write("config.toml", own.config.read_text().replace(table, "").replace("[show]\n", inline))
    before = own.config.read_bytes()
    done = own.run("move", "--away", there, "--yes", "--json")
    assert (done.status, done.document["error"]["code"]) == (2, "move-by-hand")
    assert f'[feed] moved_to = "{there}"' in done.document["error"]["hint"]
    assert own.config.read_bytes() == before


def test_redirects_of_feed_recordings_and_pages_are_printed_on_the_way_out(own, new):
    there = taken_over(own, new)
    printed = own.run("move", "--away", there, "--print", "redirects").stdout
    lines = [line.split() for line in printed.splitlines() if not line.startswith("#")]
    targets = {source: target for source, target, _ in lines}
    assert targets["/feed.xml"] == there
    assert any(source.endswith(".mp3") and target == f"{new.address}/other{source}" for source, target in targets.items())
    assert any(source.startswith("/episodes/") and target == f"{new.address}/other{source}" for source, target in targets.items())
    assert own.config.read_text().count("moved_to") == 0
    assert own.run("move", "--away", there, "--print", "s3").status == 2


@pytest.mark.parametrize(
    ("storage", "tables", "said"),
    [
        ("public", "", "--print nginx"),
        ("public", '[cdn]\npurge = "cloudflare"\nzone = "z"', "--print worker"),
        ("public", '[cdn]\npurge = "cloudfront"\nzone = "z"', "--print cloudfront"),
        ("public", '[cdn]\npurge = "fastly"\nzone = "z"', "--print fastly"),
        ('s3://show"\nprovider = "aws', "", "--print s3"),
        ('s3://show"\nprovider = "r2', "", "--print worker"),
        ('s3://show"\nprovider = "hetzner', "", "a bucket of Hetzner Object Storage redirects nothing by itself"),
    ],
)
def test_the_list_names_the_redirects_for_where_this_show_lies(own, new, storage, tables, said):
    there = taken_over(own, new)
    own.configure('url = "public"', f'url = "{storage}"')
    own.write("config.toml", f'{own.config.read_text()}\n{tables}\n\n[feed]\nmoved_to = "{there}"\n')
    (step,) = (row for row in ticks(own)[0]["steps"] if row["step"] == "redirect")
    assert said in " ".join(step["how"])


def test_its_own_address_is_no_place_to_move_to(own, new):
    done = own.run("move", "--away", f"{new.address}/feed.xml", "--yes", "--json")
    assert (done.status, done.document["error"]["code"]) == (2, "move-own")
