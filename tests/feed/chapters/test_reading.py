"""Chapters files in every form tools write, and what is said about those that are none."""
# ruff: noqa: ISC004, PT017  tables read best with a case on a line; a fault is as right as an answer

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feed.chapters.reading import FILE_BYTES, read_chapters
from feed.chapters.writing import write_json
from feed.findings import LEFT_OUT, ContentFault
from feed.model import Chapter

INTRO, TOPIC, END = Chapter(start=0, title="Intro"), Chapter(start=65.5, title="Topic"), Chapter(start=3723, title="End")
LINK = "https://show.example/a"

FORMS = {
    "mp4chaps": ("00:00:00.000 Intro\n00:01:05.500 Topic\n01:02:03.000 End\n", [INTRO, TOPIC, END]),
    "minutes and seconds": ("0:00 Intro\n1:05.5 Topic\n62:03 End", [INTRO, TOPIC, END]),
    "brackets and dashes": ("[00:00] Intro\n(01:05.5) - Topic\n1:02:03 – End", [INTRO, TOPIC, END]),
    "dash without a blank before": ("00:00- Intro\n01:05,5: Topic\n1:02:03-End", [INTRO, TOPIC, END]),
    "blank lines and remarks": ("# made by hand\n\n00:00 Intro\n\n\n01:05.5\tTopic\n", [INTRO, TOPIC]),
    "carriage returns": ("00:00 Intro\r\n01:05.5 Topic\r\n", [INTRO, TOPIC]),
    "auphonic with links": (
        f"00:00:00.000 Intro <{LINK}>\n00:01:05.500 Topic\n",
        [Chapter(start=0, title="Intro", url=LINK), TOPIC],
    ),
    "a link that would run a script is dropped": ("0:00 Intro <javascript:alert(1)>", [INTRO]),
    "angle brackets within a title stay": ("0:00 a <b> c", [Chapter(start=0, title="a <b> c")]),
    "audacity labels": (
        "0.000000\t0.000000\tIntro\n65.500000\t70.000000\tTopic\n",
        [INTRO, Chapter(start=65.5, title="Topic", end=70.0)],
    ),
    "audacity labels with frequencies": ("0.0\t0.0\tIntro\n\\\t100.0\t200.0\n65,5\t65,5\tTopic\n", [INTRO, TOPIC]),
    "ogm lines": ("CHAPTER01=00:00:00.000\nCHAPTER01NAME=Intro\nCHAPTER02=00:01:05.500\nCHAPTER02NAME=Topic\n", [INTRO, TOPIC]),
    "json 1.2": (
        json.dumps({
            "version": "1.2.0",
            "chapters": [
                {"startTime": 0, "title": "Intro"},
                {"startTime": 65.5, "endTime": 70, "title": "Topic", "img": "https://show.example/i.jpg", "url": LINK, "toc": False},
            ],
        }),
        [INTRO, Chapter(start=65.5, end=70, title="Topic", image="https://show.example/i.jpg", url=LINK, toc=False)],
    ),
    "json with times as texts": ('{"version":"1.0.0","chapters":[{"startTime":"0"},{"startTime":"00:01:05.5","title":"Topic"}]}', [Chapter(start=0, title=""), TOPIC]),
    "podlove's json": ('[{"start":"00:00:00.000","title":"Intro"},{"start":"00:01:05.500","title":"Topic","href":""}]', [INTRO, TOPIC]),
    "json without chapters": ('{"version":"1.2.0","chapters":[]}', []),
    "podlove simple chapters": (
        '<?xml version="1.0" encoding="utf-8"?>\n<psc:chapters version="1.2" xmlns:psc="http://podlove.org/simple-chapters">'
        f'<psc:chapter start="0" title="Intro"/><psc:chapter start="00:01:05.500" title="Topic" href="{LINK}" image="https://show.example/i.jpg"/></psc:chapters>',
        [INTRO, Chapter(start=65.5, title="Topic", url=LINK, image="https://show.example/i.jpg")],
    ),
    "podlove within a feed": (
        '<rss xmlns:p="http://podlove.org/simple-chapters"><channel><item><p:chapters><p:chapter start="0" title="Intro"/></p:chapters></item></channel></rss>',
        [INTRO],
    ),
    "ffmetadata": (
        ";FFMETADATA1\ntitle=All\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=65500\ntitle=Intro\n[CHAPTER]\nTIMEBASE=1/10\nSTART=655\nEND=655\ntitle=Topic\n",
        [Chapter(start=0, title="Intro", end=65.5), TOPIC],
    ),
    "ffmetadata with escapes": (
        ";FFMETADATA1\n; remark\n[CHAPTER]\nSTART=0\nEND=0\ntitle=a\\=b\\;c \\\\ d\\\ne\n[STREAM]\ntitle=x\n",
        [Chapter(start=0, title="a=b;c \\ d e")],
    ),
    "ffprobe": (
        json.dumps({"chapters": [
            {"id": 0, "time_base": "1/1000", "start": 0, "start_time": "0.000000", "end": 65500, "end_time": "65.500000", "tags": {"title": "Intro"}},
            {"id": 1, "time_base": "1/1000", "start": 65500, "start_time": "65.500000", "end": 70000, "end_time": "70.000000"},
        ]}),
        [Chapter(start=0, title="Intro", end=65.5), Chapter(start=65.5, title="", end=70.0)],
    ),
    "ffprobe with clock times and the streams": (
        '{"streams":[{"index":0}],"chapters":[{"id":0,"time_base":"1/44100","start":2888550,"start_time":"0:01:05.500000","tags":{"TITLE":"Topic"}}]}',
        [TOPIC],
    ),
    "webvtt": (
        "WEBVTT - chapters\n\nNOTE made\n\nchapter-1\n00:00.000 --> 01:05.500\nIntro\n\nchapter-2\n00:01:05.500 --> 00:01:10.000 line:1\nTopic: a &amp; <b>b</b>\n",
        [Chapter(start=0, title="Intro", end=65.5), Chapter(start=65.5, title="Topic: a & b", end=70.0)],
    ),
    "webvtt with titles that repeat and lines that break": (
        "WEBVTT\n\n00:00.000 --> 00:10.000\nPart\n\n00:10.000 --> 00:20.000\nPart\none\n\n00:20.000 --> 00:20.000\nPart one\n",
        [Chapter(start=0, title="Part", end=10.0), Chapter(start=10, title="Part one", end=20.0), Chapter(start=20, title="Part one")],
    ),
    "srt": ("1\n00:00:00,000 --> 00:01:05,500\nIntro\n\n2\n00:01:05,500 -->\nTopic\n", [Chapter(start=0, title="Intro", end=65.5), TOPIC]),
    "cue sheet": (
        'REM made by hand\nPERFORMER "All"\nTITLE "The whole"\nFILE "audio.wav" WAVE\n  TRACK 01 AUDIO\n    TITLE "Intro"\n    PERFORMER "A"\n'
        '    INDEX 01 00:00:00\n  TRACK 02 AUDIO\n    TITLE Topic\n    INDEX 00 01:05:30\n    INDEX 01 01:05:37\n  TRACK 03 AUDIO\n    INDEX 00 62:03:00\n',
        [INTRO, Chapter(start=65.493, title="Topic"), Chapter(start=3723, title="")],
    ),
    "matroska": (
        '<?xml version="1.0"?>\n<!-- <!DOCTYPE Chapters SYSTEM "matroskachapters.dtd"> -->\n<Chapters><EditionEntry><EditionFlagDefault>0</EditionFlagDefault>'
        "<ChapterAtom><ChapterTimeStart>0</ChapterTimeStart></ChapterAtom></EditionEntry><EditionEntry><EditionFlagDefault>1</EditionFlagDefault>"
        "<ChapterAtom><ChapterTimeStart>00:00:00.000000000</ChapterTimeStart><ChapterTimeEnd>00:01:05.500000000</ChapterTimeEnd><ChapterFlagHidden>1</ChapterFlagHidden>"
        "<ChapterDisplay><ChapterString>Intro</ChapterString><ChapterLanguage>eng</ChapterLanguage></ChapterDisplay><ChapterDisplay><ChapterString>Anfang</ChapterString></ChapterDisplay></ChapterAtom>"
        "<ChapterAtom><ChapterTimeStart>00:01:05.500000000</ChapterTimeStart><ChapterDisplay><ChapterString>Topic</ChapterString></ChapterDisplay></ChapterAtom>"
        "<ChapterAtom><ChapterTimeStart>00:02:00.000</ChapterTimeStart><ChapterFlagEnabled>0</ChapterFlagEnabled></ChapterAtom></EditionEntry></Chapters>",
        [Chapter(start=0, title="Intro", end=65.5, toc=False), TOPIC],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_a_chapters_file_is_read_in_every_form_tools_write(name):
    text, chapters = FORMS[name]
    assert list(read_chapters(text.encode()).chapters) == chapters


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize(
    "form", ["0:00 Größe\n", '{"chapters":[{"startTime":0,"title":"Größe"}]}', '<chapters><chapter start="0" title="Größe"/></chapters>']
)
def test_a_chapters_file_is_read_in_every_usual_encoding(encoding, form):
    assert read_chapters(form.encode(encoding)).chapters == (Chapter(start=0, title="Größe"),)


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("cue sheet", ["PERFORMER of the cue sheet"]),
        ("matroska", ["other editions of", "chapters that are switched off"]),
        ("mp4chaps", []),
    ],
)
def test_what_a_chapters_file_holds_beside_its_chapters_is_told(form, told):
    remarks = read_chapters(FORMS[form][0].encode()).remarks
    assert [remark.code for remark in remarks] == [LEFT_OUT] * len(told)
    assert all(words in remark.message for words, remark in zip(told, remarks, strict=True))


FAULTS = {
    "prose": ("00:00 Intro\nand then\n", 2, "“and then”"),
    "a minute of 75 seconds": ("00:00 Intro\n\n00:75 Topic\n", 3, "“00:75”"),
    "a label that starts nowhere": ("soon\t1\tIntro\n", 1, "“soon”"),
    "empty": (" \n", 0, "empty"),
    "half of a json": ('{"version": "1.2.0",\n "chapters": [', 2, "no JSON"),
    "json of another kind": ('{"segments": []}', 0, "no list “chapters”"),
    "json with a text as chapter": ('{"chapters": ["Intro"]}', 0, "chapter 1"),
    "json with a start below zero": ('{"chapters": [{"startTime": 0}, {"startTime": -1}]}', 0, "chapter 2"),
    "json with a start that is no number": ('{"chapters": [{"startTime": NaN}]}', 0, "chapter 1"),
    "json with true as start": ('{"chapters": [{"startTime": true}]}', 0, "chapter 1"),
    "json without start": ('{"chapters": [{"title": "x"}]}', 0, "chapter 1"),
    "json nested without end": ("[" * 100_000, 0, "no JSON"),
    "json with an endless number": ('{"chapters": [{"startTime": ' + "9" * 9_000 + "}]}", 0, ""),
    "broken xml": ("<chapters>\n<chapter start='0'>\n</chapters>", 3, "no XML"),
    "xml with a document type": ("<!DOCTYPE c [<!ENTITY a 'b'>]><chapters><chapter start='0' title='&a;'/></chapters>", 0, "document type"),
    "xml with a document type alone": ("<!doctype c SYSTEM 'https://evil.example/c.dtd'><chapters><chapter start='0'/></chapters>", 0, "document type"),
    "xml of another kind": ("<html><p>x</p></html>", 0, "no <psc:chapter>"),
    "xml with a bad start": ("<chapters>\n<chapter start='x' title='a'/></chapters>", 2, "chapter 1"),
    "ffmetadata without start": (";FFMETADATA1\n\n[CHAPTER]\ntitle=x\n", 3, "line 3"),
    "ffmetadata with a timebase of zero": (";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/0\nSTART=0\n", 2, "TIMEBASE"),
    "ogm with prose": ("CHAPTER01=00:00\nand then\n", 2, "“and then”"),
    "matroska without a start": ("<Chapters>\n<EditionEntry><ChapterAtom>\n</ChapterAtom></EditionEntry></Chapters>", 2, "chapter 1"),
    "cue sheet of several recordings": ('FILE "a.wav" WAVE\nTRACK 01 AUDIO\nINDEX 01 00:00:00\nFILE "b.wav" WAVE\n', 4, "several recordings"),
    "cue sheet with a track without index": ('FILE "a.wav" WAVE\nTRACK 01 AUDIO\nTITLE "x"\n', 2, "no INDEX"),
    "cue sheet with 75 frames": ('FILE "a.wav" WAVE\nTRACK 01 AUDIO\nINDEX 01 00:00:75\n', 3, "no index"),
    "cue sheet with prose": ('FILE "a.wav" WAVE\nand then\n', 2, "“and then”"),
    "webvtt with a start that is no time": ("WEBVTT\n\n00:75.000 --> 01:00.000\nx\n", 0, "chapter 1"),
    "ffprobe without a start": ('{"chapters": [{"id": 0, "time_base": "1/1000"}]}', 0, "chapter 1"),
    "binary": ("\x00\x01\x02PNG", 0, "no text"),
    "too many": ("0:00 x\n" * 5_001, 0, "5,000"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_file_that_holds_no_chapters_is_refused_with_the_line_and_the_forms_tried(name):
    text, line, said = FAULTS[name]
    with pytest.raises(ContentFault) as caught:
        read_chapters(text.encode())
    fault = caught.value
    assert (fault.code, fault.line) == ("chapters-unreadable", line)
    assert said in fault.message
    assert all(form in fault.hint for form in ("JSON", "Podlove", "ffmetadata", "Audacity", "mp4chaps"))


def test_a_file_over_the_limit_is_refused_before_it_is_parsed():
    with pytest.raises(ContentFault, match="1,000,000") as caught:
        read_chapters(b"{" + b" " * FILE_BYTES)
    assert caught.value.code == "chapters-unreadable"


def test_a_long_line_is_shown_shortened():
    with pytest.raises(ContentFault) as caught:
        read_chapters(b"x" * 10_000)
    assert len(caught.value.message) < 200


TITLES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=20)
CHAPTERS = st.lists(
    st.builds(
        Chapter,
        start=st.integers(0, 9_000_000).map(lambda millis: millis / 1000),
        title=TITLES,
        url=st.sampled_from(["", LINK]),
        image=st.sampled_from(["", "https://show.example/i.jpg"]),
        toc=st.booleans(),
    ),
    max_size=8,
)


@given(CHAPTERS)
def test_json_that_was_written_is_read_without_loss(chapters):
    assert list(read_chapters(write_json(chapters, title="Episode", show="Show").encode()).chapters) == chapters


def as_ffmpeg_writes(chapter: Chapter) -> str:
    title = re.sub(r"([=;#\\])", r"\\\1", chapter.title)
    return f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={round(chapter.start * 1000)}\nEND=99999999\ntitle={title}\n"


@given(CHAPTERS)
def test_ffmetadata_is_read_with_starts_and_titles(chapters):
    chapters = sorted(chapters, key=lambda chapter: chapter.start)
    read = read_chapters(b";FFMETADATA1\n" + "".join(map(as_ffmpeg_writes, chapters)).encode()).chapters
    assert [(chapter.start, chapter.title) for chapter in read] == [(chapter.start, chapter.title) for chapter in chapters]


SEEDS = [text.encode() for text, _ in FORMS.values()] + [text[:2_000].encode() for text, *_ in FAULTS.values()]


@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.tuples(st.sampled_from(SEEDS), st.integers(0, 400), st.binary(max_size=6)).map(lambda t: t[0][: t[1]] + t[2] + t[0][t[1] + 1 :]),
    )
)
def test_any_bytes_are_chapters_or_a_fault(data):
    try:
        chapters = read_chapters(data).chapters
    except ContentFault as fault:
        assert fault.code in ("chapters-unreadable", "text-encoding")
        assert "\n" not in fault.message
    else:
        assert all(chapter.start >= 0 and chapter.title == " ".join(chapter.title.split()) for chapter in chapters)
