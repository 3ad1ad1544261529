"""What was guessed or left out of a person's files: `publish` tells it in one line for each episode, the worst first."""

from __future__ import annotations

import pytest
from mutagen.apev2 import APEv2
from mutagen.id3 import APIC, CHAP, CTOC, GEOB, ID3, PRIV, TIT2

from feed.findings import GUESSED, LEFT_OUT, Finding, Severity
from publisher.core.console import Console
from publisher.publish_report import SHOWN, show_findings
from tests.support.show_factory import make_show, picture, recording

PAGE = "The Garden Show\n\n[00:00:01] Ada: Machines one can reach.\n\n[00:00:09] Ada: From a chair.\n"


@pytest.fixture
def show(tmp_path):
    made = make_show(tmp_path / "show")
    made.write(f"{made.episode().relative_to(made.folder)}/transcript.txt", PAGE)
    return made


def hint(code: str, episode: str, message: str = "something", file: str = "") -> Finding:
    return Finding(code=code, severity=Severity.HINT, message=message, file=file or f"episodes/{episode}/a.vtt", episode=episode)


def told(capsys: pytest.CaptureFixture[str], *findings: Finding, settled: tuple[str, ...] = (), verbose: bool = False) -> list[str]:
    show_findings(Console(verbose=verbose), findings, settled)
    return [line.strip() for line in capsys.readouterr().err.splitlines() if line.startswith("  ")]


def test_a_publish_tells_what_it_left_out_and_the_next_one_is_silent(show):
    line = "episodes/2026-05-01-first/transcript.txt: a line beside the transcript is left out: The Garden Show"
    assert show.publish("--dry-run").stderr.count(line) == 1
    assert show.publish().stderr.count(line) == 1
    assert "left out" not in show.publish().stderr
    show.configure('url = "https://small.example"', 'url = "https://small.example"\nfooter = "All of it."')
    again = show.publish()
    assert [row["code"] for row in show.run("check", "--json").findings("left-out")] == ["left-out"]
    assert again.status == 0


def test_what_a_cue_sheet_says_beside_its_chapters_is_told(tmp_path):
    made = make_show(tmp_path / "cue")
    tracks = ['TRACK 01 AUDIO\nTITLE "One"\nPERFORMER "Ada"\nINDEX 01 00:00:00\n', 'TRACK 02 AUDIO\nTITLE "Two"\nINDEX 01 00:09:00\n']
    made.write(f"{made.episode().relative_to(made.folder)}/chapters.txt", 'FILE "audio.mp3" MP3\n' + "".join(tracks))
    assert made.publish().stderr.count("chapters.txt: PERFORMER of the cue sheet is left out: a chapter has a title alone") == 1


def test_it_is_told_again_when_the_episode_changes(show):
    show.publish()
    show.edit("2026-05-01-first", "notes.", "notes, and more.")
    assert "left out: The Garden Show" in show.publish().stderr


def test_tags_that_the_copy_does_not_carry_are_told_with_the_reason(tmp_path):
    made = make_show(tmp_path / "tagged")
    path = made.episode() / "audio.mp3"
    path.write_bytes(recording())
    ape = APEv2()
    ape["Mood"] = "calm"
    ape.save(path)
    tag = ID3()
    tag.add(PRIV(owner="XMP", data=b"/home/ada/secret"))
    tag.add(PRIV(owner="other", data=b"kept"))
    tag.save(path)
    for told in (made.run("check").stdout, made.publish().stderr):
        assert told.count("its APE tags are left out (Mood)") == told.count("PRIV XMP, 16 bytes") == 1
    assert "left out" not in made.publish().stderr


def test_what_the_copy_is_too_small_for_is_told_by_each_command_though_the_copy_is_kept(tmp_path):
    made = make_show(tmp_path / "large")
    path = made.episode() / "audio.mp3"
    path.write_bytes(recording())
    tag = ID3()
    tag.add(GEOB(encoding=3, mime="x/y", filename="", desc="big", data=bytes(2_000_000)))
    tag.save(path)
    line = "episodes/2026-05-01-first/audio.mp3: its tag holds more than players should wait for; left out is GEOB (2,0"
    for words in (("check",), ("check",), ("publish", "--dry-run"), ("publish",)):
        done = made.run(*words) if words[0] == "check" else made.publish(*words[1:])
        assert " ".join((done.stdout + done.stderr).split()).count("left out is GEOB (2,0") == 1, words
    assert done.stderr.count(line) == 1
    assert "header is wrong" not in done.stderr
    assert "left out" not in made.publish().stderr


def test_chapter_pictures_that_would_delay_the_start_are_told(tmp_path):
    made = make_show(tmp_path / "pictured")
    path = made.episode() / "audio.mp3"
    path.write_bytes(recording())
    tag, names = ID3(), [f"c{number}" for number in range(80)]
    tag.add(CTOC(element_id="toc", flags=3, child_element_ids=names, sub_frames=[]))
    for number, name in enumerate(names):
        shown = APIC(encoding=0, mime="image/jpeg", type=0, desc="", data=picture(20 + number, 20))
        inner = [TIT2(encoding=3, text=f"Part {number}"), shown]
        tag.add(CHAP(element_id=name, start_time=number * 200, end_time=number * 200 + 200, sub_frames=inner))
    tag.save(path, v2_version=3)
    told = made.publish().stderr
    assert told.count("the 80 chapter pictures are left out of the file's tags: together they would delay its start") == 1


def test_what_a_staged_copy_left_out_is_told_where_the_recording_is_not(tmp_path):
    made = make_show(tmp_path / "staged")
    path = made.episode() / "audio.mp3"
    path.write_bytes(recording())
    tag = ID3()
    tag.add(GEOB(encoding=3, mime="x/y", filename="", desc="big", data=bytes(2_000_000)))
    tag.save(path)
    made.run("stage")
    path.unlink()
    done = made.publish()
    assert done.stderr.count("left out is GEOB (2,0") == 1
    assert "header is wrong" not in done.stderr


def test_a_recording_without_such_tags_has_no_line(tmp_path):
    made = make_show(tmp_path / "plain")
    tag = ID3()
    tag.add(PRIV(owner="other", data=b"kept"))
    tag.save(made.episode() / "audio.mp3")
    assert "left out" not in made.publish().stderr


def test_a_meant_one_is_excepted(show):
    show.configure("[site]\n", '[[check.exceptions]]\nrule = "left-out"\nreason = "The title belongs to the page."\n\n[site]\n')
    assert show.publish().stderr.count("The Garden Show") == 0


def test_an_episode_has_one_line_and_the_worst_comes_first(capsys):
    lines = told(
        capsys,
        hint(GUESSED, "ant", "read as windows-1251"),
        hint(GUESSED, "bee", "read as Shift JIS"),
        hint(LEFT_OUT, "bee", "two lines are left out"),
        hint("transcript-repaired", "cow", "repaired"),
    )
    assert lines == [
        "episodes/bee/a.vtt: two lines are left out; read as Shift JIS",
        "episodes/ant/a.vtt: read as windows-1251",
    ]


def test_each_file_of_an_episode_is_named_in_its_line(capsys):
    lines = told(capsys, hint(LEFT_OUT, "bee", "lyrics are left out", file="episodes/bee/a.mp3"), hint(GUESSED, "bee", "a guess"))
    assert lines == ["episodes/bee/a.mp3: lyrics are left out; episodes/bee/a.vtt: a guess"]


def test_many_of_one_episode_are_counted(capsys):
    (line,) = told(capsys, *(hint(LEFT_OUT, "bee", f"number {number}") for number in range(9)))
    assert line.endswith("number 3; and 5 more")


def test_settled_episodes_are_not_told_again(capsys):
    assert told(capsys, hint(LEFT_OUT, "bee"), hint(LEFT_OUT, "ant"), settled=("bee",)) == ["episodes/ant/a.vtt: something"]


def test_an_archive_gets_a_dozen_lines_unless_all_are_asked_for(capsys):
    many = [hint(LEFT_OUT, f"e{number:03}") for number in range(100)]
    assert len(told(capsys, *many)) == SHOWN + 1
    assert len([line for line in told(capsys, *many, verbose=True) if line.endswith("something")]) == 100


def test_control_characters_of_a_file_reach_no_terminal(capsys):
    assert "\x1b" not in told(capsys, hint(LEFT_OUT, "bee", "a\x1b[31mb"))[0]
