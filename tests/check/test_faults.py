"""Every fault of a feed that somebody can cause in a show's folder: `publish check` finds it, and points at the line to edit.

Each row breaks a clean show in one way. Named after the validators' own lists: RSS, Apple, Spotify, PSP-1, the podcast namespace.
"""

from __future__ import annotations

import io
import struct

import pytest

from tests.support.show_factory import long_recording, make_show, picture, recording

FIRST = "episodes/2026-05-01-first"
CLEAN_NOTES = "What the first machine does, and why nobody thanks it for what it does.\n"


@pytest.fixture
def show(tmp_path, monkeypatch):
    """A show without a fault: whatever is found later was put there by the test."""
    made = make_show(tmp_path / "show")
    made.configure('email = "ada@small.example"', 'email = "ada@small.example"\npublic = true')
    made.episode(notes=CLEAN_NOTES, audio=long_recording(700))
    # Loudness has a test of its own; here it would be measured a hundred times.
    monkeypatch.setattr("publisher.media.loudness.measure_loudness", lambda recordings: [None] * len(recordings))
    made.write(f"{FIRST}/transcript.vtt", "WEBVTT\n\n" + "".join(cue(start) for start in range(0, 690, 30)))
    return made


def cue(start: int, text: str = "Here is what it does.") -> str:
    clock = [f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}.000" for second in (start, start + 29)]
    return f"{clock[0]} --> {clock[1]}\n<v Ada Field>{text}\n\n"


def front(*lines):
    """Further lines of front matter."""
    return lambda show: show.edit("2026-05-01-first", "\n+++\n\n", "\n" + "\n".join(lines) + "\n+++\n\n")


def notes(text):
    return lambda show: show.edit("2026-05-01-first", CLEAN_NOTES, text)


def config(old, new):
    return lambda show: show.configure(old, new)


def show_key(*lines):
    """Further lines in `[show]`."""
    return lambda show: show.configure('language = "en"', 'language = "en"\n' + "\n".join(lines))


def tables(text):
    """Tables at the end of config.toml."""
    return lambda show: show.write("config.toml", show.config.read_text() + "\n" + text)


def put(name, made):
    return lambda show: show.write(name, made() if callable(made) else made)


def both(*breakers):
    def apply(show):
        for breaker in breakers:
            breaker(show)

    return apply


def second(front_lines="", **more):
    arguments = {"date": "2026-05-08T06:00:00+02:00", "notes": CLEAN_NOTES, "audio": long_recording(701, 7), "front": front_lines} | more
    return lambda show: show.episode("2026-05-08-second", **arguments)


def tagged(made, **values):
    """An MP3 with tags of its own."""
    from mutagen.id3 import ID3, TALB, TIT2

    stream = io.BytesIO(made)
    tag = ID3()
    for frame in (TIT2, TALB):
        if frame.__name__ in values:
            tag.add(frame(encoding=3, text=values[frame.__name__]))
    tag.save(stream)
    return stream.getvalue()


def frames(*kinds, seconds=700.0):
    """An MP3 whose frames take turns: (header, bytes, seconds) each."""
    turn = b"".join(header + bytes(size - len(header)) for header, size, _ in kinds)
    return turn * round(seconds / sum(length for *_, length in kinds))


def bulky(size):
    """An MP3 with so many bytes of tags before the sound."""
    from mutagen.id3 import APIC, ID3

    stream = io.BytesIO()
    tag = ID3()
    tag.add(APIC(encoding=3, mime="image/jpeg", type=3, data=b"\xff\xd8\xff" + bytes(size)))
    tag.save(stream)
    return stream.getvalue() + long_recording(700)


def chapter_frames(ids, contents):
    """An MP3 with chapters whose ids are as given, put together by hand: no library writes wrong ones."""

    def frame(name, body):
        return name + struct.pack(">I", len(body)) + b"\0\0" + body

    body = b""
    for number, name in enumerate(ids):
        times = struct.pack(">IIII", number * 200_000, number * 200_000 + 200_000, 0xFFFFFFFF, 0xFFFFFFFF)
        body += frame(b"CHAP", name.encode() + b"\0" + times + frame(b"TIT2", b"\0Part"))
    body += frame(b"CTOC", b"toc\0\3" + bytes([len(contents)]) + b"".join(name.encode() + b"\0" for name in contents))
    size = len(body)
    head = b"ID3\3\0\0" + bytes([size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127])
    return head + body + long_recording(700)


def jpeg(**options):
    from PIL import Image

    stream = io.BytesIO()
    image = (
        Image.effect_noise((1500, 1500), 90).convert("RGB") if options.pop("noise", False) else Image.new("RGB", (1400, 1400), (9, 90, 200))
    )
    image.save(stream, "JPEG", **options)
    return stream.getvalue()


def tagless(show):
    """The recording is published as it is."""
    show.write("config.toml", show.config.read_text() + "\n[audio]\ntags = false\n")


def vtt(*cues):
    return "WEBVTT\n\n" + "".join(cues)


PHONE = b"\xff\xf3\x10\xc4", 26, 576 / 22_050
"""8 kbit/s at 22.05 kHz."""
LOW, HIGH = (b"\xff\xfb\x50\xc4", 208, 1152 / 44_100), (b"\xff\xfb\x90\xc4", 417, 1152 / 44_100)
PEOPLE = '[people.ada]\nname = "Ada Field"'
ALTERNATE = '[[alternates]]\nurl = "https://v.example/a.mp4"\ntype = "video/mp4"'
VALUE = '[show.value]\n[[show.value.recipients]]\ntype = "{}"\naddress = "{}"\nsplit = 1\n'
NODE = "02d5c1bf8b940dc9cadca86d1b0a3c37fbe39cee4c7e839e33bef9174531d27f52"
GUID = "917393e3-1b1e-5cef-ace4-edaa54e1f810"

# (what is wrong, how it is brought about, code, file, a part of the line the finding names; "" where the whole file is meant)
FAULTS = [
    # the channel
    ("no title", config('title = "A Small Show"\n', ""), "missing-key", "config.toml", "[show]"),
    ("blank title", config('"A Small Show"', '"  "'), "wrong-value", "config.toml", "title ="),
    ("long title", config('"A Small Show"', '"' + "Small " * 50 + '"'), "F004", "config.toml", "title ="),
    ("HTML in the title", config('"A Small Show"', '"A <b>Small</b> Show"'), "F004", "config.toml", "title ="),
    ("address without host", config('url = "https://small.example"', 'url = "small.example"'), "site-url", "config.toml", "url ="),
    ("http address", config('url = "https://small.example"', 'url = "http://small.example"'), "I024", f"{FIRST}/episode.md", "+++"),
    ("relative link", show_key('link = "/home"'), "F005", "config.toml", "link ="),
    ("no description", config('description = "Machines one can reach from a chair."\n', ""), "missing-key", "config.toml", "[show]"),
    ("long description", config("Machines one can reach from a chair.", "ä" * 2001), "F007", "config.toml", "description ="),
    ("HTML in the description", config("Machines one", "<p>Machines</p> one"), "F008", "config.toml", "description ="),
    ("no language", config('language = "en"\n', ""), "missing-key", "config.toml", "[show]"),
    ("unknown language", config('language = "en"', 'language = "english"'), "F009", "config.toml", "language ="),
    ("no explicit", config("explicit = false\n", ""), "missing-key", "config.toml", "[show]"),
    ("explicit = clean", config("explicit = false", 'explicit = "clean"'), "wrong-value", "config.toml", "explicit ="),
    ("no category", config('categories = ["Science"]', "categories = []"), "category-unknown", "config.toml", "categories ="),
    ("misspelt category", config('["Science"]', '["science"]'), "category-unknown", "config.toml", "categories ="),
    ("retired category", config('["Science"]', '["Games & Hobbies"]'), "category-unknown", "config.toml", "categories ="),
    ("three categories", config('["Science"]', '["Science", "Arts", "History"]'), "F012", "config.toml", "categories ="),
    ("no author", config('author = "Ada Field"\n', ""), "missing-key", "config.toml", "[show]"),
    ("unknown type", show_key('type = "daily"'), "wrong-value", "config.toml", "type ="),
    ("guid is no UUID", config("0f9f6ba2-7e5d-5c6f-9d6b-0f5a3b2c1d00", "my-show"), "F016", "config.toml", "guid ="),
    ("guid of another kind", config("0f9f6ba2-7e5d-5c6f", "0f9f6ba2-7e5d-4c6f"), "F016", "config.toml", "guid ="),
    ("feed sends listeners away", tables('[feed]\nnew_feed_url = "https://else.example/feed.xml"'), "F022", "config.toml", "new_feed_url ="),
    ("owner not reachable", config("public = true", "public = false"), "F023", "config.toml", "[show.owner]"),
    ("copyright sign", show_key('copyright = "© 2026 Ada"'), "F025", "config.toml", "copyright ="),
    ("serial without number", show_key('type = "serial"'), "F020", f"{FIRST}/episode.md", "+++"),
    ("rule of no calendar", show_key('update_frequency = { text = "daily", rrule = "DAILY" }'), "F031", "config.toml", "update_frequency"),
    ("funding is no https address", show_key('funding = "pay.example"'), "F032", "config.toml", "funding ="),
    ("person's page is no address", config(PEOPLE, PEOPLE + '\nurl = "ada"'), "F032", "config.toml", ""),
    ("unknown role", config(PEOPLE, PEOPLE + '\nrole = "boss"'), "F033", "config.toml", ""),
    ("unknown licence", show_key('license = "MINE"'), "F034", "config.toml", "license ="),
    ("place beyond the pole", show_key('location = { name = "Far", geo = "geo:99,200" }'), "F035", "config.toml", "location ="),
    ("unknown country", show_key('location = { name = "Far", country = "XX" }'), "F035", "config.toml", "location ="),
    ("unknown medium", show_key('medium = "radio"'), "F036", "config.toml", "medium ="),
    ("list with episodes", show_key('medium = "podcastL"'), "F036", "config.toml", "medium ="),
    ("unknown service", show_key('blocks = [{ id = "nobody" }]'), "F037", "config.toml", "blocks"),
    ("long txt", show_key(f'txt = [{{ text = "{"x" * 4001}" }}]'), "F038", "config.toml", "txt"),
    ("trailer is no address", show_key('trailer = "trailer.mp3"'), "F032", "config.toml", "trailer ="),
    ("unknown protocol", show_key('social = [{ protocol = "fax", uri = "https://a.example/1" }]'), "F040", "config.toml", "social"),
    ("unknown way of paying", tables(VALUE.format("cheque", "ada")), "F041", "config.toml", "[show.value]"),
    ("address of no node", tables(VALUE.format("node", "02d5")), "F041", "config.toml", "[show.value]"),
    ("podroll without UUID", tables('[[show.podroll]]\nfeed_guid = "x"'), "F042", "config.toml", "show.podroll"),
    ("publisher without UUID", tables('[show.publisher]\nfeed_guid = "x"'), "F042", "config.toml", "show.publisher"),
    ("long button", show_key(f'funding = {{ url = "https://pay.example", label = "{"x" * 129}" }}'), "F043", "config.toml", "funding"),
    ("no time zone for a stream", tables('[[live]]\ntitle="x"\nstatus="live"\nstart=2026-07-01T10:00:00\nguid="g"\nurl="https://a.example/s"\n'
     '[[live.content_links]]\nhref="https://a.example/"\nlabel="x"'), None, "config.toml", ""),
    # items
    ("no episode title", lambda show: show.edit("2026-05-01-first", 'title = "First"\n', ""), "missing-key", f"{FIRST}/episode.md", ""),
    ("number in the title", lambda show: show.edit("2026-05-01-first", '"First"', '"#12 First"'), "I002", f"{FIRST}/episode.md", "title ="),
    ("show in the title", lambda show: show.edit("2026-05-01-first", '"First"', '"A Small Show: First"'), "I002", f"{FIRST}/episode.md", "title ="),
    ("guid twice", second(guid=False, front_lines='guid = "first-guid"'), "guid-twice", "episodes/2026-05-08-second/episode.md", "guid ="),
    ("guid too short", lambda show: show.edit("2026-05-01-first", "first-guid", "7"), "I006", f"{FIRST}/episode.md", "guid ="),
    ("slug twice", second('slug = "first"'), "slug-twice", "episodes/2026-05-08-second/episode.md", "slug ="),
    ("no recording", lambda show: (show.folder / FIRST / "audio.mp3").unlink(), "audio-missing", f"{FIRST}/episode.md", "+++"),
    ("date without zone", both(config('timezone = "Europe/Berlin"\n', ""), lambda show: show.edit("2026-05-01-first", "+02:00", "")),
     "date-without-zone", f"{FIRST}/episode.md", "date ="),
    ("date without time", lambda show: show.edit("2026-05-01-first", "T06:00:00+02:00", ""), "date-without-time", f"{FIRST}/episode.md", "date ="),
    ("hour that does not exist", lambda show: show.edit("2026-05-01-first", "2026-05-01T06:00:00+02:00", "2026-03-29T02:30:00"),
     "date-in-gap", f"{FIRST}/episode.md", "date ="),
    ("no day of the calendar", lambda show: show.edit("2026-05-01-first", "2026-05-01T", "2026-02-30T"), "syntax", f"{FIRST}/episode.md", "date ="),
    ("no notes", notes(""), "I030", f"{FIRST}/episode.md", ""),
    ("http link", notes(CLEAN_NOTES + "\n[x](http://a.example/)\n"), None, "", ""),
    ("angle bracket", front('summary = "Smaller < larger, and what else the machine knows about it."'), None, "", ""),
    ("only links", notes("https://a.example/b\n"), "I030", f"{FIRST}/episode.md", ""),
    ("season 0", front("season = 0"), "wrong-value", f"{FIRST}/episode.md", "season ="),
    ("episode -1", front("episode = -1"), "wrong-value", f"{FIRST}/episode.md", "episode ="),
    ("number twice", both(front("episode = 1"), second("episode = 1")), "I019", f"{FIRST}/episode.md", "episode ="),
    ("unknown episode type", front('type = "special"'), "wrong-value", f"{FIRST}/episode.md", "type ="),
    ("season here, none there", both(front("season = 1"), second()), "I021", "episodes/2026-05-08-second/episode.md", "+++"),
    ("explicit in a clean show", front("explicit = true"), "I023", f"{FIRST}/episode.md", "explicit ="),
    ("soundbite after the end", front("soundbites = [{ start_time = 690, duration = 30 }]"), "I026", f"{FIRST}/episode.md", "soundbites"),
    ("soundbite of a second", front("soundbites = [{ start_time = 6, duration = 1 }]"), "I026", f"{FIRST}/episode.md", "soundbites"),
    ("alternate without address", front('alternates = [{ title = "Video" }]'), "wrong-value", f"{FIRST}/episode.md", "alternates"),
    ("alternate not here", front("[[alternates]]", 'file = "video.mp4"'), "file-missing", f"{FIRST}/episode.md", "file ="),
    ("wrong integrity", both(front("[[alternates]]", 'file = "small.mp3"', f'integrity = "sha384-{"A" * 64}"', ""), put(f"{FIRST}/small.mp3", recording(30, 9))),
     "I027", f"{FIRST}/episode.md", "alternates"),
    ("integrity of no kind", front(ALTERNATE, 'integrity = "md5-1"'), "I027", f"{FIRST}/episode.md", "alternates"),
    ("unknown person", front('hosts = ["bob"]'), "person-unknown", f"{FIRST}/episode.md", "hosts ="),
    ("infinite time", front("soundbites = [{ start_time = inf, duration = 30 }]"), "wrong-value", f"{FIRST}/episode.md", "soundbites"),
    ("misspelt key", front('sumary = "x"'), "unknown-key", f"{FIRST}/episode.md", "sumary ="),
    # recordings
    ("no sound", put(f"{FIRST}/audio.mp3", b""), "audio-empty", f"{FIRST}/audio.mp3", ""),
    ("a page, not a recording", put(f"{FIRST}/audio.mp3", b"<!doctype html><p>not found</p>" * 40), "audio-not-audio", f"{FIRST}/audio.mp3", ""),
    ("a WAV alone", both(lambda show: (show.folder / FIRST / "audio.mp3").unlink(), put(f"{FIRST}/audio.wav", b"RIFF\0\0\0\0WAVEfmt " + bytes(900))),
     "audio-type", f"{FIRST}/episode.md", ""),
    ("two recordings", both(lambda show: (show.folder / FIRST / "audio.mp3").rename(show.folder / FIRST / "a.mp3"), put(f"{FIRST}/b.mp3", recording(5, 5))),
     "audio-several", f"{FIRST}/episode.md", ""),
    ("a telephone's bit rate", put(f"{FIRST}/audio.mp3", lambda: frames(PHONE)), "U004", f"{FIRST}/audio.mp3", ""),
    ("a telephone's sample rate", put(f"{FIRST}/audio.mp3", lambda: frames(PHONE)), "U005", f"{FIRST}/audio.mp3", ""),
    ("a changing bit rate without index", put(f"{FIRST}/audio.mp3", lambda: frames(LOW, HIGH)), "U006", f"{FIRST}/audio.mp3", ""),
    ("a picture of a megabyte inside", both(tagless, put(f"{FIRST}/audio.mp3", lambda: bulky(1_100_000))), "U008", f"{FIRST}/audio.mp3", ""),
    ("another title inside", both(tagless, put(f"{FIRST}/audio.mp3", tagged(long_recording(700), TIT2="Last"))), "U009", f"{FIRST}/audio.mp3", ""),
    ("chapters with one id", both(tagless, put(f"{FIRST}/audio.mp3", chapter_frames(["a", "a", "b"], ["a", "b"]))), "C014", f"{FIRST}/episode.md", ""),
    ("contents list no chapter", both(tagless, put(f"{FIRST}/audio.mp3", chapter_frames(["a", "b", "c"], ["a", "x"]))), "C014", f"{FIRST}/episode.md", ""),
    ("the same recording twice", second(audio=long_recording(700)), "U012", "episodes/2026-05-08-second/audio.mp3", ""),
    # pictures
    ("artwork not square", put("artwork.jpg", picture(1500, 1400)), "artwork-not-square", "artwork.jpg", ""),
    ("artwork too small", put("artwork.jpg", picture(800, 800)), "artwork-too-small", "artwork.jpg", ""),
    ("artwork could be larger", put("artwork.jpg", picture(1400, 1400)), "A003", "artwork.jpg", ""),
    ("artwork for print", put("artwork.jpg", picture(1400, 1400, mode="CMYK")), "artwork-converted", "artwork.jpg", ""),
    ("artwork transparent", both(config("artwork.jpg", "artwork.png"), put("artwork.png", picture(1400, 1400, "PNG", "RGBA"))),
     "artwork-converted", "artwork.png", ""),
    ("artwork too heavy", put("artwork.jpg", lambda: jpeg(noise=True, quality=97)), "artwork-converted", "artwork.jpg", ""),
    ("artwork says 300 dpi", put("artwork.jpg", lambda: jpeg(dpi=(300, 300))), "A006", "artwork.jpg", ""),
    ("artwork is a page", put("artwork.jpg", b"<html>" * 99), "image-unreadable", "artwork.jpg", ""),
    ("no artwork", lambda show: (show.folder / "artwork.jpg").unlink(), "file-missing", "config.toml", "artwork ="),
    ("artwork called PNG", both(config("artwork.jpg", "artwork.png"), put("artwork.png", picture(1400, 1400))), None, "artwork.png", ""),
    ("cover too small", put(f"{FIRST}/cover.jpg", picture(600, 600)), "artwork-too-small", f"{FIRST}/cover.jpg", ""),
    ("cover without alt", put(f"{FIRST}/cover.jpg", picture(1400, 1400)), "A008", f"{FIRST}/episode.md", "+++"),
    ("picture not here", tables('[[show.images]]\nhref = "banner.png"'), "file-missing", "config.toml", "href ="),
    ("picture without alt", both(tables('[[show.images]]\nhref = "banner.png"'), put("banner.png", picture(600, 200, "PNG"))), "A008", "config.toml", "images"),
    ("picture of another shape", both(front("[[images]]", 'href = "wide.png"', 'alt = "x"', 'aspect_ratio = "16/9"'), put(f"{FIRST}/wide.png", picture(300, 200, "PNG"))),
     "A008", f"{FIRST}/episode.md", "images"),
    ("picture in the notes without alt", both(notes(CLEAN_NOTES + "\n![](p.png)\n"), put(f"{FIRST}/p.png", picture(30, 20, "PNG"))),
     "image-alt", f"{FIRST}/episode.md", "![]"),
    # transcripts
    ("no transcript", lambda show: (show.folder / FIRST / "transcript.vtt").unlink(), "T012", f"{FIRST}/episode.md", ""),
    ("a binary transcript", put(f"{FIRST}/transcript.vtt", bytes(range(256)) * 4), "transcript-unreadable", f"{FIRST}/transcript.vtt", ""),
    ("transcript of another recording", put(f"{FIRST}/transcript.vtt", vtt(*map(cue, range(0, 900, 30)))), "T003", f"{FIRST}/transcript.vtt", ""),
    ("half a transcript", put(f"{FIRST}/transcript.vtt", vtt(*map(cue, range(0, 300, 30)))), "T010", f"{FIRST}/transcript.vtt", ""),
    ("transcript with holes", put(f"{FIRST}/transcript.vtt", vtt(*map(cue, range(0, 690, 90)))), "T010", f"{FIRST}/transcript.vtt", ""),
    ("transcript without line ends", put(f"{FIRST}/transcript.srt", "1\n00:00:00,000 --> 00:00:10,000\nA: One\n1\n00:00:05,000 --> 00:11:30,000\nA: Two\n"),
     "transcript-twice", f"{FIRST}/transcript.vtt", ""),
    ("transcript in another language", put(f"{FIRST}/transcript.json", '{"version":"1.0.0","language":"de","segments":[{"startTime":0,"endTime":5,"body":"Ja"}]}'),
     None, "", ""),
    # chapters
    ("chapter at no time", front("[[chapters]]", 'start = "soon"', 'title = "x"'), "chapter-time", f"{FIRST}/episode.md", "[[chapters]]"),
    ("chapters from 0:30", front("chapters = [{start=30,title='a'},{start=200,title='b'},{start=400,title='c'}]"), "C003", f"{FIRST}/episode.md", "chapters ="),
    ("two chapters", front("chapters = [{start=0,title='a'},{start=200,title='b'}]"), "C004", f"{FIRST}/episode.md", "chapters ="),
    ("long chapter title", front("chapters = [{start=0,title='a'},{start=200,title='b'},{start=400,title='" + "c" * 50 + "'}]"),
     "C006", f"{FIRST}/episode.md", "chapters ="),
    ("chapters close together", front("chapters = [{start=0,title='a'},{start=20,title='b'},{start=400,title='c'}]"),
     "C007", f"{FIRST}/episode.md", "chapters ="),
    ("chapter between seconds", front("chapters = [{start=0,title='a'},{start=200.5,title='b'},{start=400,title='c'}]"),
     "C008", f"{FIRST}/episode.md", "chapters ="),
    ("chapter with http link", front("chapters = [{start=0,title='a',url='http://a.example'},{start=200,title='b'},{start=400,title='c'}]"),
     "C010", f"{FIRST}/episode.md", "chapters ="),
    ("chapter's picture not here", front("[[chapters]]", "start = 0", 'title = "a"', 'image = "a.jpg"'), "file-missing", f"{FIRST}/episode.md", "image ="),
    ("chapter file's picture not here", put(f"{FIRST}/chapters.json", '{"version":"1.2.0","chapters":[{"startTime":0,"title":"a","img":"a.jpg"}]}'),
     "chapter-picture", f"{FIRST}/chapters.json", ""),
    ("hidden chapter", front("chapters = [{start=0,title='a'},{start=200,title='b',toc=false},{start=300,title='d'},{start=500,title='c'}]"),
     "C012", f"{FIRST}/episode.md", "chapters ="),
    ("chapters disagree", both(front("chapters = [{start=0,title='a'},{start=200,title='b'},{start=400,title='c'}]"),
     put(f"{FIRST}/chapters.txt", "00:00 x\n00:20 y\n05:00 z\n")), "chapters-disagree", f"{FIRST}/episode.md", "+++"),
    ("chapters that cannot be read", put(f"{FIRST}/chapters.json", "{"), "chapters-unreadable", f"{FIRST}/chapters.json", ""),
    # the show as a whole
    ("nothing published", lambda show: show.edit("2026-05-01-first", "guid =", "draft = true\nguid ="), "F026", f"{FIRST}/episode.md", ""),
    ("show hidden from Apple", show_key("block = true"), None, "", ""),
    ("moved, and a new episode", tables('[feed]\nmoved_to = "https://else.example/feed.xml"'), "moved", f"{FIRST}/episode.md", "+++"),
    ("paged feed", both(second(), tables("[feed]\nlimit = 1")), "feed-limit", "config.toml", "limit ="),
    ("exception nobody needs", tables('[[check.exceptions]]\nrule = "U005"\nreason = "x"'), "exception-unused", "config.toml", "[[check.exceptions]]"),
]  # fmt: skip


def findings(show, ignored="A003"):
    """What `publish check` finds; pictures are of the smallest size, for they are drawn for each test."""
    outcome = show.run("check", "--json", "--ignore", ignored)
    assert outcome.status in (0, 3), outcome.stderr
    return outcome.findings()


def test_the_clean_show_has_no_fault(show):
    assert findings(show) == []


@pytest.mark.parametrize(
    ("width", "height", "said", "unsaid"),
    [
        (800, 600, "3000 by 3000", "600 by 600"),
        (800, 800, "3000 by 3000", "800 by 800 pixels, or"),
        (2000, 1500, "crop it to 1500 by 1500", "too small"),
    ],
)
def test_a_picture_that_is_no_artwork_is_one_finding_with_the_right_size(show, width, height, said, unsaid):
    show.write("artwork.jpg", picture(width, height))
    for _ in range(2):
        found = [row for row in findings(show) if row["severity"] == "error"]
        assert len(found) == 1, found
        assert f"{width} by {height}" in found[0]["message"]
        assert said in found[0]["hint"] and unsaid not in found[0]["hint"]
    show.write("artwork.jpg", picture())
    assert findings(show) == []


def test_artwork_that_is_not_there_is_one_finding(show):
    (show.folder / "artwork.jpg").unlink()
    assert [row["code"] for row in findings(show) if row["severity"] == "error"] == ["file-missing"]


@pytest.mark.parametrize(("breaker", "code", "file", "line"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_a_fault_is_found_where_it_was_made(show, breaker, code, file, line):
    breaker(show)
    found = findings(show, "none" if code == "A003" else "A003")
    if code is None:  # no fault: what was done is mended on the way, or is meant
        assert [row["code"] for row in found if row["severity"] == "error"] == []
        return
    rows = [row for row in found if row["code"] == code]
    assert rows, f"{code} is not among {[(row['code'], row['file'], row['line'], row['message']) for row in found]}"
    assert file in {row["file"] for row in rows}, rows
    if line:
        lines = (show.folder / file).read_text("utf-8").splitlines()
        named = [lines[row["line"] - 1] for row in rows if row["file"] == file and row["line"]]
        assert any(line in text for text in named), f"{named} for {rows}"
