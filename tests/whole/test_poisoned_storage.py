"""State, claims, notes and listings that somebody else wrote: every command ends with a documented status, in words, and touches
nothing outside.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publisher.core import layout
from publisher.state import reading
from publisher.state.staged import secret_of
from tests.support import show_factory
from tests.support.memory_bucket import two_episodes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.show_factory import Outcome

ESCAPE = "\x1b]0;owned\x07\x9b2J\u202egnp"
COMMANDS = (("status",), ("--no-verify",), ("pull",), ("prune",), ("verify", "--online"), ("rollback", "1"))
LATER = "2026-09-01T12:00:00+00:00"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A show of two publishes, in a folder, one recording of which is not here any more."""
    show = two_episodes(show_factory.make_show(tmp_path_factory.mktemp("template") / "show"))
    show.configure('url = "https://small.example"', 'url = "http://127.0.0.1:9/show"')
    assert show.publish().status == 0
    show.edit("2026-05-01-first", "Some notes.", "Other notes.")
    assert show.publish().status == 0
    (show.folder / "episodes/2026-05-08-second/audio.mp3").unlink()
    return show.folder


class Poisoned:
    """A copy of the show with hands in its storage."""

    def __init__(self, template: Path, folder: Path) -> None:
        shutil.copytree(template, folder / "show", ignore=shutil.ignore_patterns(".airdate-cache"))
        self.show = show_factory.Show(folder / "show", now=LATER)
        self.state = self.show.public / "airdate-state"

    @property
    def index(self) -> Any:
        return json.loads((self.state / "state.json").read_bytes())

    def write_index(self, head: Any) -> None:
        (self.state / "state.json").write_bytes(head if isinstance(head, bytes) else json.dumps(head).encode())

    def write_shard(self, change: Callable[[Any], Any], *, honest: bool = True) -> None:
        head = self.index
        ((name, key),) = head["shards"].items()
        place = self.state / key.removeprefix(".airdate/")
        raw = json.dumps(change(json.loads(gzip.decompress(place.read_bytes())))).encode()
        if honest:
            head["shards"][name] = layout.shard(name, hashlib.sha256(raw).hexdigest())
            place = self.state / head["shards"][name].removeprefix(".airdate/")
        place.write_bytes(gzip.compress(raw))
        self.write_index(head)

    def write_claim(self, change: Callable[[Any], Any], number: int = 3) -> None:
        """A claim of publish `number`, made of the last one, whose owner died an hour ago."""
        document = json.loads(gzip.decompress((self.state / "claims/00000002").read_bytes()))
        state = json.loads(document["state"])
        document |= {"generation": number, "state": json.dumps(state | {"generation": number})}
        self.write(f"claims/{number:08}", change(document))

    def write(self, name: str, content: Any) -> None:
        place = self.state / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else gzip.compress(json.dumps(content).encode()))
        old = time.time() - 3600
        os.utime(place, (old, old))


def deep(levels: int) -> bytes:
    return b'{"generation":2,"a":' + b"[" * levels + b"]" * levels + b"}"


def changed(**fields: Any) -> Callable[[Poisoned], None]:
    return lambda place: place.write_index(place.index | fields)


def index(raw: bytes) -> Callable[[Poisoned], None]:
    return lambda place: place.write_index(raw)


def episode(**fields: Any) -> Callable[[Poisoned], None]:
    """Fields of the second episode; `audio__` and `facts__` go to what lies in it."""

    def change(shard: Any) -> Any:
        item = shard["episodes"]["second"]
        for name, value in fields.items():
            if name.startswith("facts__"):
                item["audio"]["facts"][name[7:]] = value
            elif name.startswith("audio__"):
                item["audio"][name[7:]] = value
            else:
                item[name] = value
        return shard

    return lambda place: place.write_shard(change)


def post(**fields: Any) -> dict[str, Any]:
    """A post at a network, as State has it."""
    return {"network": "mastodon", "status": "posted", "at": LATER, "host": "social.example", "address": "", "id": "1", **fields}


def shard(change: Callable[[Any], Any], *, honest: bool = True) -> Callable[[Poisoned], None]:
    return lambda place: place.write_shard(change, honest=honest)


def stored(at: int, value: Any) -> Callable[[Poisoned], None]:
    """One field of the row of every object in the shard."""
    return shard(
        lambda content: content | {"objects": {key: [*row[:at], value, *row[at + 1 :]] for key, row in content["objects"].items()}}
    )


def claim(**fields: Any) -> Callable[[Poisoned], None]:
    return lambda place: place.write_claim(lambda document: document | fields)


def claim_row(at: int, value: Any) -> Callable[[Poisoned], None]:
    def change(document: Any) -> Any:
        return document | {"objects": [[*row[:at], value, *row[at + 1 :]] for row in document["objects"]]}

    return lambda place: place.write_claim(change)


def file(name: str, content: Any) -> Callable[[Poisoned], None]:
    return lambda place: place.write(name, content)


def note(**fields: Any) -> Callable[[Poisoned], None]:
    """A note of a staged recording, for an episode that is here without one."""

    def write(place: Poisoned) -> None:
        place.show.episode("2026-05-09-third", date="2026-05-09T06:00:00+02:00", audio=None)
        facts = place.index and json.loads(gzip.decompress(next(place.state.glob("state-2026*")).read_bytes()))
        audio = facts["episodes"]["second"]["audio"]
        secret = secret_of("third-guid")
        document = {
            "key": f"staged/{secret}.mp3",
            "recording_sha256": "r",
            "recording_size": 1,
            "revision": 1,
            "facts": audio["facts"],
            "chapters": [],
        }
        place.show.write(f"public/staged/{secret}.json", json.dumps(document | fields))

    return write


BOMB = gzip.compress(b'{"generation":3,"x":"' + b"0" * 3_000_000 + b'"}')
LOUD = {
    "index: empty": index(b""),
    "index: no JSON": index(b"nope"),
    "index: a list": index(b"[]"),
    "index: a number": index(b"7"),
    "index: null": index(b"null"),
    "index: not UTF-8": index(b"\xff\xfe\x00"),
    "index: nested 200,000 deep": index(deep(200_000)),
    "index: nested 900 deep": index(deep(900)),
    "index: a number of 10,000 digits": index(b'{"generation":' + b"9" * 10_000 + b"}"),
    "index: a web page": index(b"<!DOCTYPE html><title>Log in</title>"),
    "index: a web page after a mark": index(b"\xef\xbb\xbf\r\n <html>"),
    "index: an S3 error": index(b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>"),
    "format: a newer one": changed(format=99),
    "format: text": changed(format="2"),
    "format: missing": changed(format=None),
    "generation: text": changed(generation="2"),
    "generation: null": changed(generation=None),
    "generation: true": changed(generation=True),
    "generation: a float": changed(generation=2.0),
    "generation: negative": changed(generation=-1),
    "generation: 10^30": changed(generation=10**30),
    "generation: infinite": index(b'{"format":2,"generation":1e999,"shards":{},"site":{}}'),
    "site_url: null": changed(site_url=None),
    "site_url: a list": changed(site_url=["x"]),
    "site_url: two lines": changed(site_url="https://a.example\r\nhint: curl"),
    "feed_key: null": changed(feed_key=None),
    "show_guid: a number": changed(show_guid=7),
    "show_title: null": changed(show_title=None),
    "pretty_urls: text": changed(pretty_urls="no"),
    "conditions: a table": changed(conditions={}),
    "held: text": changed(held="1"),
    "held: negative": changed(held=-3),
    "verified: text": changed(verified="2"),
    "forgotten: null": changed(forgotten=None),
    "published: a list": changed(published=["2026-05-21"]),
    "published: null": changed(published=None),
    "published: no date": changed(published={"1": "now"}),
    "published: a number": changed(published={"1": 7}),
    "published: without offset": changed(published={"1": "2026-05-21T06:00:00"}),
    "published: no number": changed(published={"one": "2026-05-21T06:00:00+00:00"}),
    "published: a huge number": changed(published={"9" * 5000: "2026-05-21T06:00:00+00:00"}),
    "shards: a list": changed(shards=[]),
    "shards: null": changed(shards=None),
    "shards: out of the folder": changed(shards={"2026": "../../config.toml"}),
    "shards: another file": changed(shards={"2026": "index.html"}),
    "shards: a number": changed(shards={"2026": 7}),
    "shards: two thousand": changed(shards={str(year): f".airdate/state-{year}-0123456789ab.json.gz" for year in range(2000)}),
    "site: null": changed(site=None),
    "site: half": changed(site={"episodes": {}}),
    "site: tables are lists": changed(site={"episodes": [], "recipes": [], "objects": []}),
    "shard: other bytes than its name says": shard(lambda content: content | {"more": 1}, honest=False),
    "shard: a list": shard(lambda _content: []),
    "shard: an episode is text": shard(lambda content: content | {"episodes": {"first": "x"}}),
    "shard: an episode under another slug": shard(lambda content: content | {"episodes": {"other": content["episodes"]["first"]}}),
    "shard: keys that lead out": shard(lambda content: content | {"objects": {"../../x": [1, "", "", "", "", 1, 0]}}),
    "shard: rows are short": shard(lambda content: content | {"objects": {"x.html": [1]}}),
    "shard: rows are text": shard(lambda content: content | {"objects": {"x.html": "1234567"}}),
    "shard: recipes are text": shard(lambda content: content | {"recipes": {"page/first": "ab"}}),
    "episode: date is no date": episode(date="soon"),
    "episode: date is a number": episode(date=20260508),
    "episode: date has no offset": episode(date="2026-05-08T06:00:00"),
    "episode: slug leads out": episode(slug="../../second"),
    "episode: guid is a list": episode(guid=[]),
    "episode: removed is text": episode(removed="yes"),
    "episode: unheard-of field": episode(owner="x"),
    "episode: texts are text": episode(texts="abc"),
    "episode: alternates are half": episode(alternates=[{"name": "x"}]),
    "post: a host with a path": episode(posts=[post(host="127.0.0.1:2375/containers/json?all=")]),
    "post: a host with somebody at it": episode(posts=[post(host="me@127.0.0.1")]),
    "post: a host that is no text": episode(posts=[post(host=7)]),
    "post: an address that is none": episode(posts=[post(address="javascript:alert(1)")]),
    "post: two at one network": episode(posts=[post(), post()]),
    "post: a state that is none": episode(posts=[post(status="../x")]),
    "token_hosts: a list": changed(token_hosts=["mastodon"]),
    "token_hosts: a network that is none": changed(token_hosts={"../x": "social.example"}),
    "token_hosts: two lines": changed(token_hosts={"mastodon": "a.example\r\nb"}),
    "audio: null field": episode(audio__key=None),
    "audio: key leads out": episode(audio__key="../../../x.mp3"),
    "audio: replaced is text": episode(audio__replaced="abc"),
    "audio: revision is text": episode(audio__revision="1"),
    "facts: ending leads out": episode(facts__extension="x/../../../PWNED.toml"),
    "facts: ending leads out on Windows": episode(facts__extension="x\\..\\..\\..\\PWNED.toml"),
    "facts: ending is a stream on Windows": episode(facts__extension="mp3:PWNED"),
    "facts: size is text": episode(facts__size="1"),
    "facts: duration is not finite": episode(facts__duration=float("inf")),
    "facts: duration is no number": episode(facts__duration=float("nan")),
    "facts: type ends a header": episode(facts__type="audio/mpeg\r\nx-amz-acl: public-read"),
    "facts: chapters are text": episode(facts__chapters="abc"),
    "facts: tags are a list": episode(facts__tags=[1]),
    "object: size is text": stored(0, "1"),
    "object: size is negative": stored(0, -1),
    "object: sha256 is null": stored(1, None),
    "object: etag ends a header": stored(2, 'x"\r\nx: y'),
    "object: type ends a header": stored(3, "text/html\r\nx: y"),
    "object: cache rule beyond Latin-1": stored(4, "no\u202estore"),
    "object: since is text": stored(5, "2"),
    "object: gone is null": stored(6, None),
    "claim: empty": file("claims/00000003", b""),
    "claim: a web page": file("claims/00000003", b"<html>log in</html>"),
    "claim: no gzip": file("claims/00000003", b"{}"),
    "claim: cut": file("claims/00000003", BOMB[:-9]),
    "claim: nested 200,000 deep": file("claims/00000003", gzip.compress(deep(200_000))),
    "claim: a list": file("claims/00000003", []),
    "claim: of another publish": claim(generation=2),
    "claim: generation is text": claim(generation="3"),
    "claim: owner is null": claim(owner=None),
    "claim: machine is a list": claim(machine=[]),
    "claim: state is a table": claim(state={}),
    "claim: state is no JSON": claim(state="nope"),
    "claim: state of another publish": lambda place: place.write_claim(
        lambda document: document | {"state": json.dumps(json.loads(document["state"]) | {"generation": 9})}
    ),
    "claim: shards are a list": claim(shards=[]),
    "claim: shards are no base64": claim(shards={".airdate/state-2026-0123456789ab.json.gz": "é"}),
    "claim: objects are text": claim(objects="abc"),
    "claim: parts lead out": claim(parts=["../../config.toml"]),
    "claim: parts are a page": claim(parts=["index.html"]),
    "claim: parts are not there": claim(parts=[".airdate/history/00000003-x-0"]),
    "claim: a key leads out": claim_row(0, "../../PWNED.html"),
    "claim: a key is absolute": claim_row(0, "/PWNED.html"),
    "claim: a key is State's": claim_row(0, ".airdate/state.json"),
    "claim: a type ends a header": claim_row(1, "text/html\r\nx: y"),
    "claim: a phase that is none": claim_row(3, 99),
    "claim: a phase of hidden files": claim_row(3, 1),
    "claim: a form that is none": claim_row(5, "copyx"),
    "claim: other bytes than it says": claim_row(7, "<p>owned</p>"),
    "claim: a size that is wrong": claim_row(6, 1),
    "claim taken back: State's index": claim(format=2, beat=0, withdrawn={".airdate/state.json": "e"}),
    "claim taken back: a path": claim(format=2, beat=0, withdrawn={"../../config.toml": "e"}),
    "claim taken back: parts are pages": claim(format=2, beat=0, withdrawn={}, parts=["index.html"]),
    "claim taken back: an ETag ends a header": claim(format=2, beat=0, withdrawn={"x.html": 'e"\r\nx: y'}),
    "claim taken back: no beat": claim(format=2, beat="x", withdrawn={}),
    "note: a list": lambda place: (note()(place), place.show.write(f"public/staged/{secret_of('third-guid')}.json", "[]")),
    "note: key is elsewhere": note(key="feed.xml"),
    "note: key leads out": note(key="../../config.toml"),
    "note: revision is text": note(revision="1"),
    "note: chapters are text": note(chapters="abc"),
    "note: unheard-of field": note(more=1),
}
"""What must be refused in words."""
QUIET = {
    "shards: none there": changed(shards={"2026": ".airdate/state-2026-0123456789ab.json.gz"}),
    "show_title: a terminal escape": changed(show_title=ESCAPE, show_guid="somebody-else"),
    "feed_key: a key of another": changed(feed_key="other.xml"),
    "site_url: another": changed(site_url=f"https://other.example/{ESCAPE.replace(chr(27), '').replace(chr(7), '')}"),
    "generation: very many publishes": changed(generation=10**11),
    "held: a publish that never was": changed(held=10**11),
    "episode: a title that paints": episode(title=ESCAPE),
    "episode: a machine that paints": episode(texts=[{"digest": "d", "at": ESCAPE, "machine": "m"}]),
    "facts: a recording of another size": episode(facts__size=1),
    "facts: another sha256": episode(facts__sha256="0" * 64),
    "audio: a key of nothing": episode(audio__key="media/second-00000000.mp3"),
    "claim: a machine that paints": claim(machine="m\x9b2J\u202eevil"),
    "claim: an owner that is a path": claim(owner="../../x"),
    "claim: of the far future": lambda place: place.write_claim(lambda document: document, number=10**9),
    "history: no number": file("history/notanumber", b"x"),
    "history: no part": file("history/00000001", b"x"),
    "history: a long number": file(f"history/{'9' * 200}-x-0", b"x"),
    "claims: no number": file("claims/notanumber", b"x"),
    "claims: a control character": file("claims/0000\x01", b"x"),
    "shards: no shard": file("state-x.json.gz", b"x"),
    "media: a control character": lambda place: place.show.write("public/media/a\x01\x1b]0;x.mp3", b"x"),
    "media: a line end": lambda place: place.show.write("public/media/a\nb.mp3", b"x"),
    "media: a name that is no text": lambda place: (place.show.public / os.fsdecode(b"media/\xff\xfe.mp3")).write_bytes(b"x"),
}
"""What may be believed or passed over."""


def look(outcome: Outcome, place: Poisoned, command: tuple[str, ...]) -> None:
    """What holds for every end of every command."""
    said = outcome.stdout + outcome.stderr
    assert outcome.status in {0, 2, 3, 4, 5, 6}, (command, said)
    assert "Traceback" not in said
    assert "bug" not in said
    assert not set(said) & {chr(code) for code in (*range(9), *range(11, 32), *range(127, 160), 0x202E)}, (command, said)
    above = place.show.folder.parent
    assert {path.name for path in above.iterdir()} == {"show"}
    assert not list(above.rglob("*PWNED*"))


@pytest.mark.parametrize("name", LOUD)
def test_a_poisoned_storage_is_refused_in_words(template: Path, tmp_path: Path, name: str) -> None:
    place = Poisoned(template, tmp_path)
    LOUD[name](place)
    statuses = {}
    for command in COMMANDS:
        outcome = place.show.run(*command, now=LATER)
        look(outcome, place, command)
        statuses[command] = outcome.status
    assert statuses[("--no-verify",)] == 4, statuses


@pytest.mark.parametrize("name", QUIET)
def test_an_odd_storage_stops_no_command(template: Path, tmp_path: Path, name: str) -> None:
    place = Poisoned(template, tmp_path)
    QUIET[name](place)
    for command in COMMANDS:
        look(place.show.run(*command, now=LATER), place, command)


def test_the_show_itself_is_refused_by_no_command(template: Path, tmp_path: Path) -> None:
    place = Poisoned(template, tmp_path)
    outcomes = {command: place.show.run(*command, now=LATER) for command in COMMANDS}
    for command, outcome in outcomes.items():
        look(outcome, place, command)
    assert [outcome.status for command, outcome in outcomes.items() if command[0] != "verify"] == [0, 0, 0, 0, 0]


def test_what_unpacks_without_end_is_not_unpacked(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LARGEST", 1_000_000)
    place = Poisoned(template, tmp_path)
    place.write("claims/00000003", BOMB)
    outcome = place.show.publish(now=LATER)
    look(outcome, place, ())
    assert outcome.status == 4
    assert "unpacks to more than 1,000,000 bytes" in outcome.stderr


def test_a_damaged_copy_of_state_is_read_again(template: Path, tmp_path: Path) -> None:
    place = Poisoned(template, tmp_path)
    assert place.show.publish(now=LATER).status == 0
    for copy in (place.show.folder / ".airdate-cache/state").rglob("state-*"):
        copy.write_bytes(b"nope")
    place.show.edit("2026-05-01-first", "Other notes.", "More notes.")
    outcome = place.show.publish(now=LATER)
    assert outcome.status == 0, outcome.stderr


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["../x", "2", ESCAPE, "9" * 30]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def paths_in(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where a value could be put in place of another, in a JSON document."""
    found = [here] if here else []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        found += paths_in(one, (*here, name))
    return found


def with_value(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    copy = dict(document) if isinstance(document, dict) else list(document)
    copy[path[0]] = with_value(document[path[0]], path[1:], value)
    return copy


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_value_anywhere_is_refused_or_taken(template: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    place = Poisoned(template, tmp_path_factory.mktemp("any"))
    what = data.draw(st.sampled_from(["index", "shard", "claim"]))

    def change(document: Any) -> Any:
        return with_value(document, data.draw(st.sampled_from(paths_in(document))), data.draw(JSON))

    if what == "index":
        place.write_index(change(place.index))
    elif what == "shard":
        place.write_shard(change)
    else:
        place.write_claim(change)
    for command in (("status",), ("--no-verify",), ("prune",), ("rollback", "1")):
        look(place.show.run(*command, now=LATER), place, command)
