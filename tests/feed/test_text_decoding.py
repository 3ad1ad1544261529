"""Bytes to text: UTF-8 stays UTF-8, a guess is said, and a text in no script of the show's language is refused."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress

import pytest

from feed.chapters.reading import read_chapters
from feed.findings import GUESSED, LEFT_OUT, ContentFault
from feed.text_decoding import decode_text, is_text
from feed.transcript.reading import read_transcript
from tests.support.show_factory import make_show, picture, recording

GERMAN = "Schöne Grüße aus Köln, sagte sie, und zwar fürs Gemüse."
SPOKEN = {
    "ru": ("Сегодня мы говорим о садовых бобах и о земле", ("cp1251", "koi8_r", "cp866")),
    "uk": ("Сьогодні ми говоримо про квасолю та її землю", ("cp1251", "koi8_u")),
    "el": ("Σήμερα μιλάμε για τα φασόλια του κήπου", ("cp1253",)),
    "he": ("היום נדבר על שעועית בגינה ועל האדמה", ("cp1255",)),
    "ar": ("نتحدث اليوم عن الفاصوليا في الحديقة", ("cp1256",)),
    "th": ("วันนี้เราจะพูดถึงถั่วในสวนของเรา", ("cp874",)),
    "ja": ("今日は庭の豆について話しましょう", ("shift_jis", "euc_jp", "iso2022_jp")),
    "zh-CN": ("今天我们来谈谈花园里的豆子", ("gb18030",)),
    "zh-TW": ("今天我們來談談花園裡的豆子", ("big5",)),
    "ko": ("오늘은 정원의 콩에 대해 이야기합니다", ("cp949",)),
    "pl": ("Dziś mówimy o fasoli w ogródku, źródłach i żyznej ziemi", ("cp1250",)),
    "tr": ("Bugün bahçedeki fasulyeden konuşuyoruz, değerli dinleyiciler, işte", ("cp1254",)),
    "de": (GERMAN, ("cp1252", "latin-1")),
    "fr": ("L’été dernier, créée à Orléans, l’émission était très écoutée", ("cp1252",)),
}
BOTH = [(language, text, codec) for language, (text, codecs) in SPOKEN.items() for codec in codecs]


def packed(text: str) -> bytes:
    """A document as word processors pack it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", f"<w:t>{text}</w:t>" * 20)
    return made.getvalue()


def srt(text: str, cards: int = 3) -> str:
    return "\n".join(f"{number}\n00:00:0{number},000 --> 00:00:0{number},900\n{text}\n" for number in range(1, cards + 1))


@pytest.mark.parametrize(("language", "text", "codec"), BOTH, ids=lambda value: value if len(value) < 11 else "")
@pytest.mark.parametrize("cards", [1, 9])
def test_what_was_written_before_utf_8_is_read_by_the_shows_language_and_said(language, text, codec, cards):
    decoded = decode_text(srt(text, cards).encode(codec), language)
    assert decoded.text == srt(text, cards)
    assert [remark.code for remark in decoded.remarks] == ([] if codec == "iso2022_jp" else [GUESSED])


@pytest.mark.parametrize(("language", "text", "codec"), BOTH, ids=lambda value: value if len(value) < 11 else "")
def test_another_script_than_the_languages_is_refused(language, text, codec):
    if language in ("de", "fr", "pl", "tr") or codec == "iso2022_jp":
        return
    with pytest.raises(ContentFault) as caught:
        decode_text(srt(text).encode(codec), "en-GB")
    assert caught.value.code == "text-encoding"
    assert "looks like" in caught.value.message and "UTF-8" in caught.value.hint


@pytest.mark.parametrize("text", [GERMAN, "Er sagte: „Grüße“ — und ging.", "naïve—yes", "plain words", "“quoted”"])
def test_latin_letters_in_a_show_of_another_script_are_read_as_such(text):
    assert decode_text(srt(text).encode("cp1252"), "ru").text == srt(text)


@pytest.mark.parametrize("language", ["de", "ru", "ja", ""])
def test_utf_8_with_a_wrong_byte_stays_utf_8_and_the_byte_is_said(language):
    data = f"{GERMAN}\nWie geht".encode() + b"\x92s? M\xfcde.\n"
    decoded = decode_text(data, language)
    assert decoded.text == f"{GERMAN}\nWie geht’s? Müde.\n"
    (remark,) = decoded.remarks
    assert remark.code == GUESSED
    assert "2 places" in remark.message and "line 2" in remark.message and "geht’s" in remark.message


def test_a_byte_that_nothing_has_a_sign_for_is_marked_as_lost():
    assert decode_text("Добрый вечер ".encode() + b"\xd0 \xe9!", "ru").text == "Добрый вечер � �!"
    assert decode_text(GERMAN.encode() + b"\x81.", "de").text == GERMAN + "�."


def test_a_file_that_is_cut_within_a_character_loses_that_one_alone_and_says_so():
    for text, cut in ((GERMAN[:2] + "ö and ö", 1), ("plain’", 1), ("今日は", 1), ("今日は", 2)):
        decoded = decode_text(text.encode()[:-cut])
        assert decoded.text == text[:-1]
        assert [remark.code for remark in decoded.remarks] == [LEFT_OUT]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [GERMAN, "plain", "WEBVTT\n\n00:01.000 --> 00:02.000\nПривет"])
def test_what_says_its_encoding_is_no_guess(codec, text):
    assert decode_text(text.encode(codec), "de") == (text, ())


def test_transcripts_and_chapters_go_through_one_door():
    russian = SPOKEN["ru"][0]
    reading = read_transcript(srt(russian).encode("cp1251"), language="ru")
    assert {cue.text for cue in reading.cues} == {russian}
    assert [remark.code for remark in reading.remarks] == [GUESSED]
    (chapter,) = read_chapters(f"00:00 {russian}".encode("cp1251"), "ru").chapters
    assert chapter.title == russian
    for read in (lambda data: read_transcript(data, language="de"), lambda data: read_chapters(data, "de")):
        with pytest.raises(ContentFault, match="not UTF-8"):
            read(srt(russian).encode("cp1251"))


NO_TEXTS = {
    "every byte": bytes(range(256)) * 4,
    "a picture": picture(60, 60),
    "a recording": recording(),
    "a packed document": packed(GERMAN),
    "noughts": bytes(5000),
    "noughts with a byte order mark": b"\xff\xfe" + bytes(5000),
}


@pytest.mark.parametrize("name", NO_TEXTS)
@pytest.mark.parametrize("language", ["", "de", "ja"])
def test_what_is_no_text_at_all_is_told_so_and_is_no_question_of_encodings(name, language):
    for read, code in ((read_transcript, "transcript-unreadable"), (read_chapters, "chapters-unreadable")):
        with pytest.raises(ContentFault, match="no text") as caught:
            read(NO_TEXTS[name], language=language)
        assert caught.value.code == code
        assert "document" in f"{caught.value.message} {caught.value.hint}"


def test_a_text_with_a_stray_control_character_is_text():
    for text in (srt(GERMAN).replace("Gemüse", "Ge\0müse"), srt(f"\x1b[1m{GERMAN}\x1b[0m"), "\ufeff" + srt(GERMAN, 9)):
        for codec in ("utf-8", "utf-16-le", "utf-16-be"):
            assert read_transcript(text.encode(codec), language="de").cues


@pytest.mark.parametrize(("language", "text", "codec"), BOTH, ids=lambda value: value if len(value) < 11 else "")
def test_a_text_of_before_utf_8_is_text(language, text, codec):
    assert is_text(srt(text).encode(codec)) and is_text(text.encode(codec)), language


def test_a_publish_says_what_it_took_the_files_for(tmp_path):
    show = make_show(tmp_path / "show")
    folder = show.episode().relative_to(show.folder)
    show.write(f"{folder}/transcript.srt", srt(GERMAN).encode("cp1252"))
    show.write(f"{folder}/chapters.txt", "00:00 Grüße\n00:10 Schluß".encode("cp1252"))
    told = show.publish().stderr
    assert f"{folder}/chapters.txt: not UTF-8; read as Windows-1252" in told
    assert f"{folder}/transcript.srt: not UTF-8; read as Windows-1252" in told
    show.write(f"{folder}/transcript.srt", srt(SPOKEN["ru"][0]).encode("cp1251"))
    refused = show.publish()
    assert refused.status == 3
    assert "text-encoding" in refused.stderr and "looks like Windows-1251" in refused.stderr


@pytest.mark.parametrize("data", [b"\xff" * 5000, b"\x80" * 30, bytes(range(128, 256)) * 20, b"\xc3" * 9, b"\xe2\x80", b"a\xe2\x80"])
def test_any_bytes_are_text_or_refused(data):
    for language in ("", "de", "ja", "x-y"):
        with suppress(ContentFault):
            decode_text(data, language).text.encode()
