"""Half a pictograph, which JSON can write and UTF-8 cannot hold, goes through no reader."""

from __future__ import annotations

import gzip
import hashlib
import json
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feed.chapters.reading import read_chapters
from feed.rules.chapters import CHAPTERS, ChaptersContext
from feed.text_cleaning import read_json
from feed.transcript.reading import read_transcript
from publisher.announce.cdn_purge import cloudflare_refusal
from publisher.bucket.settings import as_text
from publisher.core.layout import shard, shard_name, staged_note, staged_recording
from publisher.importing.html_to_markdown import as_markdown
from publisher.state.published_episodes import PublishedEpisode
from publisher.state.staged import read_staged, secret_of
from publisher.state.state import State, read_state, write_state
from publisher.stores.protocol import Headers
from publisher.sync.claims import Claim, new_keys, read_claim, read_objects, write_claim
from publisher.verify.network import chapter_pictures
from publisher.verify.observations import ServedFile
from tests.support.memory_store import MemoryStore

HALF = "cut \\ud83d!"
TEXTS = st.text(st.characters(codec=None) | st.sampled_from(["\ud83d", "\ude00", "\\", '"', "u", "\U0001f600"]))
VALUES = st.recursive(TEXTS | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=8)


def cleaned(value):
    if isinstance(value, str):
        return "".join(sign for sign in value if not "\ud800" <= sign <= "\udfff")
    if isinstance(value, list):
        return [cleaned(item) for item in value]
    return {cleaned(key): cleaned(item) for key, item in value.items()} if isinstance(value, dict) else value


@given(VALUES, st.booleans())
def test_whatever_was_written_is_read_without_lone_surrogates_and_nothing_else_changes(value, escaped):
    value = json.loads(json.dumps(value))  # two halves side by side are one sign
    text = json.dumps(value, ensure_ascii=escaped)
    assert read_json(text) == cleaned(value)
    assert read_json(text.encode("utf-8", "surrogatepass")) == cleaned(value)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (r'"\ud83d\ude00"', "\U0001f600"),
        (r'"\uD83D\uDE00"', "\U0001f600"),
        (r'"\ude00\ud83d"', ""),
        (r'"\ud83d\ud83d\ude00"', "\U0001f600"),
        (r'"\\ud83d"', r"\ud83d"),
        (r'"\\\ud83d"', "\\"),
        (r'"a\u00e9\n"', "aé\n"),
        (b'"\xed\xa0\xbd"', ""),
        (b'\xef\xbb\xbf"a"', "a"),
        ('"é"'.encode("utf-16"), "é"),
    ],
)
def test_pairs_stay_and_halves_go(raw, text):
    assert read_json(raw) == text


@pytest.mark.parametrize("raw", ["", "{", r'"\ud8"', r'"\ud83"', "[" * 100_000, b"\xff"])
def test_what_is_no_json_is_none_as_before(raw):
    with pytest.raises((ValueError, RecursionError)):
        read_json(raw)


def test_chapters():
    body = f'{{"version": "1.2.0", "chapters": [{{"startTime": 0, "title": "{HALF}"}}]}}'
    assert [chapter.title for chapter in read_chapters(body.encode()).chapters] == ["cut !"]
    assert CHAPTERS.check(ChaptersContext(chapters=(), json=body)) is not None


def test_transcripts():
    body = f'{{"version": "1.0.0", "segments": [{{"speaker": "{HALF}", "startTime": 0, "endTime": 4, "body": "{HALF}"}}]}}'
    reading = read_transcript(body.encode())
    assert [(cue.speaker, cue.text) for cue in reading.cues] == [("cut !", "cut !")]


def test_state():
    title = PublishedEpisode(slug="a", guid="a", date="2026-05-01T06:00:00+02:00", title="TITLE")
    index, shards = write_state(State(generation=1, show_title="TITLE", episodes={"a": title}))
    odd = {}
    for key, body in shards.items():  # each part is named by what it holds
        raw = gzip.decompress(body).replace(b"TITLE", HALF.encode())
        name = shard(shard_name(key), hashlib.sha256(raw).hexdigest())
        index, odd[name] = index.replace(key.encode(), name.encode()), gzip.compress(raw)
    state = read_state(index.replace(b"TITLE", HALF.encode()), "", odd.get)
    assert (state.show_title, state.episodes["a"].title) == ("cut !", "cut !")


def test_claims():
    body = write_claim(Claim(generation=1, owner="o", machine="MACHINE", state=State(generation=1), objects=()))
    odd = gzip.compress(gzip.decompress(body).replace(b"MACHINE", HALF.encode()))
    store = MemoryStore()
    assert read_claim(store, 1, odd).machine == "cut !"
    assert (read_objects(store, 1, odd), new_keys(1, odd)) == ((), frozenset())


def test_what_is_staged():
    facts = '{"size": 1, "sha256": "0", "duration": 1, "type": "audio/mpeg", "extension": "mp3", "tags": {}, "chapters": [], "doubts": []}'
    key = staged_recording(secret_of("g"), "0" * 64, "mp3")
    note = f'{{"key": "{key}", "recording_sha256": "0", "recording_size": 1, "revision": 1, "facts": {facts}, "chapters": [{{"start": 0, "title": "{HALF}"}}]}}'
    store = MemoryStore()
    store.put(staged_note(secret_of("g")), note.encode(), Headers(content_type="application/json", cache_control=""))
    staged = read_staged(store, "g")
    assert staged is not None
    assert staged.chapters[0].title == "cut !"


def test_answers_of_services():
    assert cloudflare_refusal(f'{{"success": false, "errors": [{{"message": "{HALF}"}}]}}'.encode()) == "cut !"
    assert as_text(read_json(f'{{"Id": "{HALF}"}}')).encode()


def test_pictures_of_served_chapters():
    body = f'{{"chapters": [{{"img": "https://a.example/{HALF}.jpg"}}]}}'.encode()
    whole = SimpleNamespace(body=body)
    served = ServedFile(kind="chapters", address="https://a.example/c.json", item="", whole=whole)
    assert [picture.address for picture in chapter_pictures([served])] == ["https://a.example/cut !.jpg"]


def test_notes_of_an_imported_feed():
    assert as_markdown("<p>cut &#xD83D;!</p>").encode()
