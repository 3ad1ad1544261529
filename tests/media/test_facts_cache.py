import json
import os
import shutil
import time
from pathlib import Path

import pytest

from feed.model import AudioFacts, Chapter
from publisher.media import recordings as audio
from publisher.media.measure import AudioFault, measure_audio
from publisher.media.recordings import FactsCache


class Meter:
    """Measures, and counts how often."""

    def __init__(self):
        self.calls = []

    def __call__(self, path):
        self.calls.append(path)
        return AudioFacts(
            size=path.stat().st_size,
            sha256=path.read_text(encoding="utf-8"),
            duration=1.5,
            type="audio/mpeg",
            extension="mp3",
            tags={"title": "Über"},
            chapters=(Chapter(start=1, title="One", url="https://example.org/"),),
            doubts=("one",),
        )


@pytest.fixture
def recording(tmp_path):
    return written(tmp_path / "audio.mp3", "first")


def written(path, text, age=3600):
    path.write_text(text, encoding="utf-8")
    now = time.time()
    os.utime(path, (now - age, now - age))
    return path


def remembered(tmp_path, recording):
    """A cache of another run, with `recording` measured."""
    (tmp_path / "cache").mkdir()
    cache = FactsCache(tmp_path / "cache" / "audio.json", measure=Meter())
    facts = cache.facts(recording)
    cache.save()
    return facts


def test_an_unchanged_recording_is_not_measured_again(tmp_path, recording):
    facts = remembered(tmp_path, recording)
    meter = Meter()
    cache = FactsCache(tmp_path / "cache" / "audio.json", measure=meter)
    assert cache.facts(recording) == facts
    assert cache.facts(recording) == facts
    assert meter.calls == []


def test_real_facts_come_back_as_they_were(tmp_path, sounds):
    recording = tmp_path / "audio.mp3"
    shutil.copy(sounds.chaptered, recording)
    os.utime(recording, (1, 1))
    cache = FactsCache(tmp_path / "audio.json")
    assert cache.facts(recording) == measure_audio(recording)
    cache.save()
    assert FactsCache(tmp_path / "audio.json", measure=Meter()).facts(recording) == measure_audio(recording)


def resized(recording):
    written(recording, "longer than first")


def touched(recording):
    written(recording, "again", age=1800)


def replaced(recording):
    status = recording.stat()
    other = recording.with_name("other")
    other.write_text("xxxxx", encoding="utf-8")
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(recording)


@pytest.mark.parametrize("change", [resized, touched, replaced])
def test_a_changed_recording_is_measured_again(tmp_path, recording, change):
    remembered(tmp_path, recording)
    change(recording)
    meter = Meter()
    facts = FactsCache(tmp_path / "cache" / "audio.json", measure=meter).facts(recording)
    assert facts.sha256 == recording.read_text(encoding="utf-8") != "first"
    assert len(meter.calls) == 1


def test_a_recording_changed_within_two_seconds_of_measuring_is_not_remembered(tmp_path):
    recording = written(tmp_path / "audio.mp3", "first", age=0)
    cache = FactsCache(tmp_path / "audio.json", measure=Meter())
    cache.facts(recording)
    status = recording.stat()
    # The same size, and a file system too coarse to tell the difference.
    recording.write_text("later", encoding="utf-8")
    os.utime(recording, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert cache.facts(recording).sha256 == "later"


def test_a_damaged_entry_is_measured_anew(tmp_path, recording):
    path = tmp_path / "cache" / "audio.json"
    facts = remembered(tmp_path, recording)
    document = json.loads(path.read_text(encoding="utf-8"))
    del next(iter(document["content"].values()))["facts"]["duration"]
    path.write_text(json.dumps(document), encoding="utf-8")
    assert FactsCache(path, measure=Meter()).facts(recording) == facts


def test_a_change_of_our_measuring_forgets_everything(tmp_path, recording, monkeypatch):
    remembered(tmp_path, recording)
    monkeypatch.setattr(audio, "code_digest", lambda *_parts, **_libraries: "another")
    meter = Meter()
    FactsCache(tmp_path / "cache" / "audio.json", measure=meter).facts(recording)
    assert len(meter.calls) == 1


def test_a_recording_that_is_gone_is_a_fault_and_forgotten(tmp_path, recording):
    remembered(tmp_path, recording)
    recording.unlink()
    cache = FactsCache(tmp_path / "cache" / "audio.json")
    with pytest.raises(AudioFault) as caught:
        cache.facts(recording)
    assert caught.value.code == "audio-missing"
    cache.save()
    assert json.loads((tmp_path / "cache" / "audio.json").read_text(encoding="utf-8"))["content"] == {}


def test_nothing_is_written_when_nothing_was_measured(tmp_path, recording):
    remembered(tmp_path, recording)
    path = tmp_path / "cache" / "audio.json"
    before = path.stat().st_mtime_ns, path.stat().st_ino
    cache = FactsCache(path, measure=Meter())
    cache.facts(recording)
    cache.save()
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before


def test_a_thousand_unchanged_recordings_cost_a_thousand_stat_calls(tmp_path, monkeypatch):
    recordings = [written(tmp_path / f"{number}.mp3", str(number)) for number in range(1000)]
    path = tmp_path / "audio.json"
    cache = FactsCache(path, measure=Meter())
    for recording in recordings:
        cache.facts(recording)
    cache.save()
    calls = []
    real = Path.stat
    monkeypatch.setattr(Path, "stat", lambda self, **options: (calls.append(self), real(self, **options))[1])
    meter = Meter()
    cache = FactsCache(path, measure=meter)
    for recording in recordings:
        cache.facts(recording)
    cache.save()
    assert calls == recordings
    assert meter.calls == []
