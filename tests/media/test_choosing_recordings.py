import pytest

from feed.model import AudioFacts
from publisher.media.measure import AudioFault
from publisher.media.recordings import choose_recording
from tests.support.show_factory import make_show, recording


def lengths(path):
    return AudioFacts(size=1, sha256="", duration=len(path.name) * 60, type="audio/mpeg", extension="mp3")


@pytest.fixture
def folder(tmp_path):
    episode = tmp_path / "show" / "episodes" / "one"
    episode.mkdir(parents=True)
    return episode


def fill(folder, *names):
    for name in names:
        (folder / name).write_bytes(b"x")


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["audio.mp3"], "audio.mp3"),
        (["audio.M4A"], "audio.M4A"),
        (["audio.mp3", "bonus.mp3", "video.mp4"], "audio.mp3"),
        (["Episode 12 final.mp3"], "Episode 12 final.mp3"),
        (["folge.m4b", "folge.wav", "folge.flac"], "folge.m4b"),
        (["audio.wav", "mixed.mp3"], "mixed.mp3"),
        (["audio.mp3", "._audio.mp3", ".audio.mp3.part", "cover.jpg", "episode.md"], "audio.mp3"),
        (["._audio.mp3", "episode.md"], None),
        (["episode.md", "cover.jpg"], None),
        ([], None),
    ],
)
def test_the_recording_is_audio_or_the_only_file_that_apps_play(folder, names, chosen):
    fill(folder, *names)
    path = choose_recording(folder, None)
    assert (path and path.name) == chosen
    assert choose_recording(folder, None, names=names) == path


def test_a_folder_that_is_not_there_has_no_recording(folder):
    assert choose_recording(folder / "nowhere", None) is None


def test_a_folder_called_audio_is_no_recording(folder):
    (folder / "audio.mp3").mkdir()
    assert choose_recording(folder, None) is None
    assert choose_recording(folder, None, names=["audio.mp3"]) is None


def test_what_a_mac_keeps_beside_a_recording_is_none(tmp_path):
    show = make_show(tmp_path)
    show.episode(audio=None)
    show.write("episodes/2026-05-01-first/._audio.mp3", recording())
    assert "audio-missing" in show.publish().stderr


@pytest.mark.parametrize("names", [["a.mp3", "bb.mp3"], ["audio.mp3", "audio.m4a"], ["one.mp4", "two.mp3", "three.m4a"]])
def test_several_are_listed_with_their_lengths_and_the_lines_to_write(folder, names):
    fill(folder, *names)
    with pytest.raises(AudioFault) as caught:
        choose_recording(folder, None, measure=lengths)
    assert caught.value.code == "audio-several"
    for name in names:
        assert f"{name} ({len(name)}:00)" in caught.value.message
        assert f'audio = "{name}"' in caught.value.hint


def test_several_that_cannot_be_measured_are_listed_all_the_same(folder):
    fill(folder, "a.mp3", "b.mp3")
    with pytest.raises(AudioFault) as caught:
        choose_recording(folder, None)
    assert "a.mp3 (this is no audio" in caught.value.message


@pytest.mark.parametrize(("name", "said"), [("audio.wav", "a WAV"), ("take 3.FLAC", "a FLAC"), ("audio.opus", "an Opus")])
def test_a_master_alone_is_a_fault_with_the_line_that_converts_it(folder, name, said):
    fill(folder, name)
    with pytest.raises(AudioFault) as caught:
        choose_recording(folder, None)
    assert caught.value.code == "audio-type"
    assert f"{name} is {said}" in caught.value.message
    assert f'ffmpeg -i "{name}"' in caught.value.hint


def test_what_is_written_wins(folder):
    fill(folder, "audio.mp3", "other.mp3")
    assert choose_recording(folder, "other.mp3") == folder / "other.mp3"


def test_what_is_written_may_lie_elsewhere_in_the_shows_folder(folder):
    root = folder.parent.parent
    (root / "takes").mkdir()
    fill(root / "takes", "one.mp3")
    path = choose_recording(folder, "../../takes/one.mp3", root=root)
    assert path is not None and path.samefile(root / "takes" / "one.mp3")


@pytest.mark.parametrize(
    "written", ["../../../outside.mp3", "/etc/passwd", "linked.mp3", "linked-folder/outside.mp3", "loop.mp3", "a\0b.mp3"]
)
def test_what_is_written_may_not_leave_the_shows_folder(folder, written):
    root = folder.parent.parent
    fill(root.parent, "outside.mp3")
    (folder / "linked.mp3").symlink_to(root.parent / "outside.mp3")
    (folder / "linked-folder").symlink_to(root.parent)
    (folder / "loop.mp3").symlink_to("loop.mp3")
    with pytest.raises(AudioFault) as caught:
        choose_recording(folder, written, root=root)
    assert caught.value.code == ("audio-missing" if written == "loop.mp3" else "path-outside")
    assert caught.value.hint


def test_what_is_written_but_not_there_is_missing(folder):
    with pytest.raises(AudioFault) as caught:
        choose_recording(folder, "gone.mp3")
    assert caught.value.code == "audio-missing"


def test_a_name_too_long_is_missing(folder):
    with pytest.raises(AudioFault) as caught:
        choose_recording(folder, "a" * 5000 + ".mp3")
    assert caught.value.code == "audio-missing"


def test_a_folder_one_may_not_read_is_a_fault(tmp_path, monkeypatch):
    def denied(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(tmp_path), "iterdir", denied)
    with pytest.raises(AudioFault) as caught:
        choose_recording(tmp_path, None)
    assert caught.value.code == "audio-unreadable"
