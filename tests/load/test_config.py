"""Faults of config.toml: each is told with its line and what to do, all of them at once, and nothing is published."""

from __future__ import annotations

import re

import pytest

from publisher.core.errors import ContentError
from publisher.load.config_reader import read_config
from publisher.state.published_episodes import NETWORKS
from tests.support.show_factory import CONFIG


def changed(old: str, new: str) -> str:
    assert old in CONFIG, old
    return CONFIG.replace(old, new, 1)


def added(text: str) -> str:
    return CONFIG + text


def faults_of(show, text: str | bytes):
    """The findings of a config, as they stand in the JSON of the command."""
    show.config.write_bytes(text.encode() if isinstance(text, str) else text)
    outcome = show.publish("--json")
    assert outcome.status == 3, outcome.stderr
    assert not show.public.exists(), "nothing was sent"
    return outcome.findings()


LIVE = """[[live]]
title = "Live"
status = "pending"
start = 2026-07-01T19:00:00
guid = "live-1"
url = "https://small.example/live.mp3"
content_links = [{href = "https://small.example/live", label = "Watch"}]
"""

# Each case: the config with the comment HERE on the line that is to blame, the code, a part of the message, a part of the hint.
CASES = {
    "text without quotes": (changed('"Ada Field"\nlang', "Ada Field # HERE\nlang"), "syntax", "not valid TOML", "between quotes"),
    "a colon in place of =": (changed('author = "Ada Field"', "author: Ada # HERE"), "syntax", "not valid TOML", "key = value"),
    "True": (changed("explicit = false", "explicit = False # HERE").replace(" # HERE", ""), "syntax", "not valid TOML", "small letters"),
    "a key twice": (changed("explicit = false", "explicit = false\nexplicit = true # HERE"), "syntax", "stands here twice", "delete"),
    "a table twice": (added("[show] # HERE\n"), "syntax", "[show] stands here twice", "first one"),
    "no value": (changed('author = "Ada Field"', "author = "), "syntax", "not valid TOML", "write a value"),
    "an unknown key": (
        changed("explicit", "explicite = true # HERE\nexplicit"),
        "unknown-key",
        "show.explicite",
        "did you mean `explicit`?",
    ),
    "an unknown table": (added("[storrage] # HERE\n"), "unknown-key", "`storrage`", "did you mean `storage`?"),
    "an unknown key of few": (added("bukket = 1 # HERE\n"), "unknown-key", "storage.bukket", "known here: acl, "),
    "a key below its table": (
        changed("[people.ada]", 'type = "serial" # HERE\n[people.ada]'),
        "unknown-key",
        "show.owner.type",
        "above [show.owner]",
    ),
    "a key below a list's first table": (
        added('[[check.exceptions]]\nrule = "F001"\nreason = "so"\n[[live]]\n[[live]]\nshow = 1 # HERE\n'),
        "unknown-key",
        "live[2].show",
        "above the first [[live]]",
    ),
    "a missing key": (changed('title = "A Small Show"\n', "").replace("[show]", "[show] # HERE"), "missing-key", "`show.title`", "name"),
    "an empty text": (changed('"A Small Show"', '" " # HERE'), "wrong-value", "`show.title` must not be empty", ""),
    "a number for a text": (
        changed('author = "Ada Field"', "author = 7 # HERE"),
        "wrong-value",
        "text between quotes, not 7",
        "itunes:author",
    ),
    "a text for true": (changed("false", '"maybe" # HERE'), "wrong-value", "`show.explicit` must be true or false, not 'maybe'", ""),
    "a text for a list": (changed('["Science"]', '"Science" # HERE'), "wrong-value", "must be a list", ""),
    "a value of a closed list": (
        changed("explicit", 'type = "weekly" # HERE\nexplicit'),
        "wrong-value",
        "'episodic' or 'serial', not 'weekly'",
        "",
    ),
    "a number too small": (added("[feed]\nlimit = 0 # HERE\n"), "wrong-value", "`feed.limit` must be at least 1, not 0", ""),
    "a number for a time of day": (
        changed("explicit", "release_time = 6 # HERE\nexplicit"),
        "wrong-value",
        "a time of day like 06:00:00",
        "",
    ),
    "no time of day": (changed("explicit", 'release_time = "soon" # HERE\nexplicit'), "wrong-value", "not 'soon'", "Completes a bare date"),
    "a service of nobody": (
        changed('url = "public"', 'url = "public"\nprovider = "minoi" # HERE'),
        "wrong-value",
        "`storage.provider` is not known: `minoi`",
        "minio",
    ),
    "a category of nobody": (changed('["Science"]', '[\n  "Science",\n  "Cheese", # HERE\n]'), "category-unknown", "`Cheese`", ""),
    "a category with a slip": (
        changed('"Science"', '"News > Tec News" # HERE\n'),
        "category-unknown",
        "Tec News",
        "did you mean `News > Tech News`?",
    ),
    "no category": (changed('["Science"]', "[] # HERE"), "category-unknown", "names no category", "categories ="),
    "a city for a time zone": (
        changed('"Europe/Berlin"', '"Berlin" # HERE'),
        "timezone-unknown",
        "`Berlin`",
        "did you mean `Europe/Berlin`?",
    ),
    "a path for a time zone": (changed('"Europe/Berlin"', '"../../etc/passwd" # HERE'), "timezone-unknown", "etc/passwd", "Europe/Berlin"),
    "a host nobody knows": (changed('["ada"]', '["ada",\n"bob"] # HERE'), "person-unknown", "`bob`", "[people.bob]"),
    "a stream's host nobody knows": (added(LIVE + 'hosts = ["bob"] # HERE\n'), "person-unknown", "`bob`", "[people.bob]"),
    "a stream's guest nobody knows": (added(LIVE + 'guests = ["Bo X", "bo-x"] # HERE\n'), "person-unknown", "`bo-x`", "[people.bo-x]"),
    "an address without https": (changed('"https://small.example"', '"small.example" # HERE'), "site-url", "absolute address", "https://"),
    "an address in pieces": (
        changed('https://small.example"', 'https://[small" # HERE'),
        "site-url",
        "absolute",
        "",
    ),
    "an address with a query": (
        changed('https://small.example"', 'https://small.example?a=1" # HERE'),
        "site-url",
        "without ? or #",
        'url = "https://small.example"',
    ),
    "an address with a space": (changed('https://small.example"', 'https://small.example/a b" # HERE'), "site-url", "absolute address", ""),
    "a port that is none": (changed('https://small.example"', 'https://small.example:port" # HERE'), "site-url", "absolute address", ""),
    "a season in words": (added('[seasons.two] # HERE\nname = "x"\n'), "season-number", "`two`", "[seasons.2]"),
    "season nought": (added('[seasons.0] # HERE\nname = "x"\n'), "season-number", "`0`", ""),
    "machines without a word": (added("[show.ai] # HERE\ncontent = true\n"), "ai-disclosure", "must say so", "disclosure ="),
    "a feed in a folder": (added('[feed]\nfile = "a/feed.xml" # HERE\n'), "feed-file", "a/feed.xml", ""),
    "a feed that is a page": (added('[feed]\nfile = "index.html" # HERE\n'), "feed-file", "index.html", ""),
    "an exception without a reason": (added('[[check.exceptions]] # HERE\nrule = "F001"\n'), "missing-key", "exceptions[1].reason", "Why"),
    "a placeholder of nobody": (
        added('[announce.mastodon]\nserver = "https://a.example"\ntext = "{titel} {link}" # HERE\n'),
        "wrong-value",
        "`{titel}` is no placeholder of a post",
        "What the post says",
    ),
    "a placeholder that looks into things": (
        added('[announce.mastodon]\nserver = "https://a.example"\ntext = "{title.__class__} {link}" # HERE\n'),
        "wrong-value",
        "no placeholder of a post",
        "",
    ),
    "a post that leads nowhere": (
        added('[announce.bluesky]\nhandle = "a.example"\ntext = "{title}" # HERE\n'),
        "wrong-value",
        "{link} must be in it",
        "",
    ),
    "a lone brace": (
        added('[announce.bluesky]\nhandle = "a.example"\ntext = "{link} }" # HERE\n'),
        "wrong-value",
        "a brace that stands alone is written twice",
        "",
    ),
    "a token sent in the open": (
        added('[announce.mastodon]\nserver = "http://a.example" # HERE\n'),
        "wrong-value",
        "must begin with https://",
        "The token goes there and nowhere else",
    ),
    "a server with a path": (
        added('[announce.mastodon]\nserver = "https://a.example/@show" # HERE\n'),
        "wrong-value",
        "must end with the server's name: https://a.example",
        "",
    ),
    "a token in an address": (
        added('[announce.webhook]\nurl = "https://me:secret@a.example/hook" # HERE\n'),
        "wrong-value",
        "must be an address like",
        "",
    ),
    "the storage's key for a network": (
        added('[announce.webhook]\nurl = "https://a.example/hook"\nsecret_env = "AWS_SECRET_ACCESS_KEY" # HERE\n'),
        "wrong-value",
        "`announce.webhook.secret_env`",
        "",
    ),
    "a handle with an @": (added('[announce.bluesky]\nhandle = "@show" # HERE\n'), "wrong-value", "`announce.bluesky.handle`", "without @"),
    "not UTF-8": (changed('Ada Field"\nlang', 'Ad\udce4" # HERE\nlang'), "not-utf8", "not UTF-8", "save it as UTF-8"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_told_with_its_line_and_what_to_do(show, name):
    text, code, message, hint = CASES[name]
    found = faults_of(show, text.encode("utf-8", "surrogateescape"))
    marked = [number for number, line in enumerate(text.split("\n"), 1) if "# HERE" in line]
    fault = next(item for item in found if message in item["message"])
    assert fault["code"] == code
    assert fault["file"] == "config.toml"
    assert fault["severity"] == "error"
    assert hint in fault["hint"]
    if marked:
        assert fault["line"] == marked[0]
    else:
        assert re.search(r"(= False|=) *$", text.split("\n")[fault["line"] - 1])


def test_the_factory_config_has_no_fault(show):
    assert read_config(show.config).config.show.title == "A Small Show"


def test_networks_stand_in_the_order_in_which_they_are_told_each_with_the_host_of_its_token(show):
    show.config.write_text(
        CONFIG
        + """[announce.webhook]
url = "https://hooks.example/a?b=c"
[announce.bluesky]
handle = "show.bsky.social"
[announce.mastodon]
server = "https://Social.Example:8443/"
"""
    )
    announce = read_config(show.config).config.announce
    assert announce.hosts == {"mastodon": "social.example:8443", "bluesky": "bsky.social", "webhook": "hooks.example"}
    assert list(announce.networks) == list(NETWORKS)
    assert announce.mastodon is not None
    assert announce.mastodon.server == "https://social.example:8443"


def test_all_faults_are_told_at_once(show):
    text = changed("explicit = false", 'explicit = "maybe"\nautor = 1\ntype = "weekly"')
    found = faults_of(show, text + "[feed]\nlimit = 0\n")
    assert {item["message"].split("`")[1] for item in found} == {"show.explicit", "show.autor", "show.type", "feed.limit"}
    text = changed('"Europe/Berlin"', '"Berlin"').replace('"Science"', '"Cheese"').replace('["ada"]', '["bob"]')
    assert {item["code"] for item in faults_of(show, text)} == {"category-unknown", "timezone-unknown", "person-unknown"}


def test_findings_for_people_name_file_and_line(show):
    show.configure("explicit = false", "explicit = 3")
    outcome = show.publish()
    assert "  config.toml:9: wrong-value `show.explicit` must be true or false, not 3\n" in outcome.stderr
    assert "publish explain config-invalid" in outcome.stderr
    assert outcome.stdout == ""


@pytest.mark.parametrize(
    ("content", "code"),
    [(None, "config-missing"), (b"#" * 1_100_000, "config-unreadable"), (b"", "config-invalid"), (b"a=" + b"[" * 3000, "config-invalid")],
    ids=["absent", "huge", "empty", "deep"],
)
def test_a_config_that_cannot_be_read_has_words_of_its_own(show, content, code):
    show.config.unlink()
    if content is not None:
        show.config.write_bytes(content)
    outcome = show.publish("--json")
    assert outcome.status == 3
    assert outcome.document["error"]["code"] == code
    assert outcome.document["status"] == 3
    assert "Traceback" not in outcome.stderr


def test_a_missing_config_says_where_it_looked_and_how_to_start(show, tmp_path):
    show.config.unlink()
    outcome = show.publish()
    assert str(show.folder) in outcome.stderr
    assert "publish init" in outcome.stderr


def test_the_config_may_be_named_by_its_folder(show):
    assert read_config(show.folder).path == show.config
    show.configure("explicit = false", "explicit = 3")
    with pytest.raises(ContentError) as caught:
        read_config(show.folder)
    assert caught.value.findings[0].place == "config.toml:9"


def test_a_byte_order_mark_and_windows_line_ends_are_no_fault(show):
    show.config.write_bytes(b"\xef\xbb\xbf" + CONFIG.replace("\n", "\r\n").encode())
    assert read_config(show.config).config.show.author == "Ada Field"
    show.config.write_bytes(b"\xef\xbb\xbf" + CONFIG.replace("explicit = false", "explicit = 3").replace("\n", "\r\n").encode())
    with pytest.raises(ContentError) as caught:
        read_config(show.config)
    assert caught.value.findings[0].line == 9


def test_a_config_one_may_not_read_says_so(show):
    show.config.chmod(0)
    outcome = show.program("--json", humble=True)
    assert outcome.status == 3, outcome.stderr
    assert outcome.document["error"]["code"] == "config-unreadable"
    assert "Permission denied" in outcome.stderr


def test_every_table_may_be_left_out_that_has_a_default(show):
    show.config.write_text(CONFIG.split("[storage]")[0])
    assert read_config(show.config).config.storage.url == "public"


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("", ["Ada Field"]),
        ('guests = ["Bo X"]\n', ["Ada Field", "Bo X"]),
        ('hosts = []\nguests = ["Bo X"]\n', ["Bo X"]),
        ("hosts = []\n", []),
    ],
)
def test_a_stream_without_hosts_of_its_own_has_the_show_s(show, written, heard):
    show.config.write_text(added(LIVE + written), "utf-8")
    assert show.publish().status == 0
    stream = (show.public / "feed.xml").read_text("utf-8").partition("<podcast:liveItem")[2].partition("</podcast:liveItem>")[0]
    assert re.findall(r"<podcast:person[^>]*>([^<]+)<", stream) == heard
