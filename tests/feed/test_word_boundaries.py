"""What a word is, in every script."""

from __future__ import annotations

import json

import pytest
import regex

from feed.model import Cue
from feed.transcript.reading import read_transcript
from feed.transcript.replacements import apply_replacements
from feed.transcript.writers import write_json, write_srt, write_text, write_vtt
from feed.word_boundaries import UNSPACED, count, fold, join, parted, words

SENTENCES = {
    "zh": ("大家好欢迎收听本期节目", "今天我们聊一聊花园", "首先要说的是土壤", "好的土壤非常重要", "其次是阳光"),
    "ja": ("こんばんは庭の番組です", "今日は豆の話をします", "土はとても大切です", "水も忘れないでください", "それではまた"),
    "th": ("สวัสดีครับยินดีต้อนรับ", "วันนี้เราจะพูดถึงถั่ว", "ดินที่ดีสำคัญมาก", "อย่าลืมรดน้ำทุกวัน", "แล้วพบกันใหม่ครับ"),
    "lo": ("ສະບາຍດີທຸກທ່ານ", "ມື້ນີ້ພວກເຮົາເວົ້າ", "ດິນດີສໍາຄັນຫຼາຍ", "ຢ່າລືມຫົດນ້ຳທຸກມື້"),
    "km": ("សួស្តីអ្នកទាំងអស់គ្នា", "ថ្ងៃនេះយើងនិយាយ", "ដីល្អសំខាន់ណាស់", "កុំភ្លេចស្រោចទឹក"),
}
SPOKEN_WORDS = {
    "zh": ("今天", "我们", "聊", "花园", "。"),
    "ja": ("今日", "は", "いい", "天気", "です"),
    "th": ("วันนี้", "เรา", "จะ", "พูด", "ถึง"),
}


@pytest.mark.parametrize("language", SENTENCES)
@pytest.mark.parametrize("shape", ["whisper", "podlove", "whisper.cpp", "own"])
def test_segments_of_a_script_without_spaces_stay_as_they_are(language, shape):
    rows = [(number * 3.0, number * 3.0 + 2.8, text) for number, text in enumerate(SENTENCES[language])]
    cues = tuple(Cue(start=start, end=end, text=text) for start, end, text in rows)
    documents: dict[str, object] = {
        "whisper": {"segments": [{"start": start, "end": end, "text": text} for start, end, text in rows]},
        "podlove": [{"start_ms": start * 1000, "end_ms": end * 1000, "text": text} for start, end, text in rows],
        "whisper.cpp": {
            "transcription": [{"offsets": {"from": start * 1000, "to": end * 1000}, "text": text} for start, end, text in rows]
        },
        "own": json.loads(write_json(cues)),
    }
    assert read_transcript(json.dumps(documents[shape]).encode()).cues == cues


@pytest.mark.parametrize("language", SPOKEN_WORDS)
def test_words_of_a_script_without_spaces_are_joined_without_them(language):
    said = SPOKEN_WORDS[language]
    rows = [{"word": word, "start": number * 0.4, "end": number * 0.4 + 0.4} for number, word in enumerate(said)]
    (cue,) = read_transcript(json.dumps({"words": rows}).encode()).cues
    assert cue.text == "".join(said)


def test_no_sign_below_thai_is_of_a_script_without_spaces():
    below = "".join(map(chr, range(1, ord("\u0e00"))))
    assert not regex.search(rf"[{UNSPACED}\u3000-\u303f\uff01-\uff60]", below)
    assert parted(below) == below
    assert parted("Ein Bär, 豆の") == "Ein Bär, 豆 の "


def test_words_of_two_scripts_are_joined_as_each_is_written():
    assert join(["今日は", "いい天気", "です"]) == "今日はいい天気です"
    assert join(["so it", "begins", "学習", "と", "AI"]) == "so it begins学習とAI"
    assert join([]) == ""
    assert (count("so it begins"), count("今天我们聊一聊花园") > 3, count("は"), count("")) == (3, True, 1, 0)


@pytest.mark.parametrize("write", [write_vtt, write_srt, write_text])
@pytest.mark.parametrize("language", SENTENCES)
def test_no_form_puts_spaces_between_them(write, language):
    cues = [Cue(start=at * 3, end=at * 3 + 3, text=text * 9) for at, text in enumerate(SENTENCES[language])]
    written = write(cues)
    assert not any(" " in line for line in written.splitlines() if line[:1] > "\u0e00")
    lines = [line for line in written.splitlines() if line[:1] > "\u0e00"]
    assert "".join(lines) == "".join(cue.text for cue in cues)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Straße", "strasse"),
        ("don’t", "don't"),
        ("don't", "dont"),
        ("José", "Jose\u0301"),
        ("ÄRGER", "ärger"),
        ("naïve", "naive"),
        ("Łódź", "lodz"),
        ("don‘t", "don’t"),
        ("ＡＢＣ", "abc"),
        ("ﾃｽﾄ", "テスト"),
        ("ΟΔΟΣ", "οδος"),
        ("Soft\u00adhyphen", "softhyphen"),
        ("مَرْحَبًا", "مرحبا"),
    ],
)
def test_spellings_of_one_word_are_one(one, two):
    assert fold(one) == fold(two)
    assert words(one) == words(two)


def test_words_of_a_text():
    assert words("Don’t panic: Straße 7, 機械学習!") == ["dont", "panic", "strasse", "7", "機械", "械学", "学習"]
    assert words("राम रामायण") == [fold("राम"), fold("रामायण")]
    assert words("豆 AI") == ["豆", "ai"]


@pytest.mark.parametrize("sign", ["👨\u200d👩\u200d👧", "🏳\ufe0f\u200d🌈", "perche´", "caffe`", "a \u0301 b", "\u200d", "¨", "¸"])
def test_signs_alone_are_no_words_and_stop_nothing(sign):
    """What is joined to a letter (accents, the joiner of emoji) may stand without one."""
    from publisher.site.parts.related import _words

    assert all(any(part.isalnum() for part in word) for word in words(f"{sign} family"))
    assert list(_words(f"{sign} family"))[-1] == "family"


@pytest.mark.parametrize(
    ("text", "rules", "expected"),
    [
        ("रामायण राम", {"राम": "Ram"}, "रामायण Ram"),
        ("அருண்மொழி அருண்", {"அருண்": "Arun"}, "அருண்மொழி Arun"),
        ("Jose\u0301 y Jose", {"Jose": "José"}, "José y José"),
        ("Jose\u0301", {"José": "Pepe"}, "Pepe"),
        ("क्षमा क्ष", {"क्": "x"}, "क्षमा क्ष"),
        ("機械学習を", {"学習": "がくしゅう"}, "機械がくしゅうを"),
        ("กิน กินี", {"กิ": "x"}, "xน xนี"),
        ("กี่", {"ก": "x"}, "กี่"),
    ],
)
def test_a_replacement_never_cuts_a_letter(text, rules, expected):
    (cue,), _ = apply_replacements([Cue(start=0, end=1, text=text)], rules, {})
    assert cue.text == expected


def test_related_episodes_know_words_of_every_script():
    from publisher.site.parts.related import _words

    assert list(_words("Don’t go: Straße 70")) == ["dont", "strasse"]
    assert set(_words("機械学習の話")) & set(_words("学習")) == {"学習"}
    assert list(_words("राम और सीता")) == [fold("राम"), fold("सीता")]  # और has two letters
