"""A lost machine: the show comes back from its storage alone, word for word where there is a private side, else as listeners have it."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil

import pytest

from tests.support.every_tag_show import make_every_tag
from tests.support.show_factory import Show, make_show, picture, tree

BEFORE, NOW, LATER = (f"2026-06-0{day}T12:00:00+00:00" for day in (1, 2, 3))
FIRST, SECOND = "2026-05-01-first", "2026-05-08-second"


def restored(storage, folder, *options, status=0):
    done = Show(folder).run("restore", str(storage), str(folder), "--json", *options)
    assert done.status == status, done.stderr
    return done


def folder_of(show):
    """What a person wrote, recordings and what was made apart."""
    return {
        name: body
        for name, body in tree(show.folder).items()
        if not name.startswith((".airdate-cache", "public/", ".gitignore")) and not name.endswith((".mp3", ".opus"))
    }


@pytest.fixture
def every(tmp_path):
    """The show with every tag, and with a theme, a page of its own and comments, published into a folder with a private side."""
    show = make_every_tag(tmp_path / "show")
    show.write("pages/about.md", "# About\n\nAll of it.\n")
    show.write("theme/extra.css", "body { color: red }\n")
    show.write("comments/bell.json", json.dumps({"comments": [{"name": "Bo", "text": "Good."}]}))
    show.configure("[storage]", f'[storage]\nprivate = "{tmp_path / "private"}"')
    line = next(line for line in show.config.read_text().splitlines() if line.startswith("url =") and "://" not in line)
    show.configure(line, f'url = "{tmp_path / "host"}"')
    assert show.publish(now=NOW).status == 0
    return show


def test_every_tag_comes_back_word_for_word_and_nothing_is_sent_afterwards(every, tmp_path):
    host = tree(tmp_path / "host")
    done = restored(tmp_path / "private", tmp_path / "new")
    assert (done.document["episodes"], done.document["as_published"]) == (3, True)
    new = Show(tmp_path / "new")
    assert folder_of(new) == folder_of(every)
    again = new.publish("--json", now=NOW)
    assert (again.status, again.document["changes"], again.document["summary"]["bytes"]) == (0, [], 0), again.stderr
    assert "Nothing changed, nothing sent." in new.publish(now=LATER).stderr
    assert tree(tmp_path / "host") == host
    built = new.run("build", "--out", str(tmp_path / "built"), now=NOW)
    assert built.status == 0, built.stderr
    assert (tmp_path / "built/feed.xml").read_bytes() == host["feed.xml"]


def test_a_picture_that_listeners_have_as_it_is_is_not_kept_twice(every, tmp_path):
    [listed] = (path for path in kept(tmp_path) if path.stem == state_of(tmp_path / "private")["files"])
    rows = json.loads(gzip.decompress(listed.read_bytes()))["files"]
    public = {hashlib.sha256(body).hexdigest() for body in tree(tmp_path / "host").values()}
    assert {place for place, (sha256, apart) in rows.items() if apart} == {
        place for place, (sha256, _) in rows.items() if sha256 not in public
    }
    assert {"ada.png", "pages/about.md"} <= {place for place, (_, apart) in rows.items() if apart}
    assert not rows["banner.png"][1]
    assert not any(name.startswith("airdate-state/files") for name in tree(tmp_path / "host"))
    before = {path.name: path.stat().st_mtime_ns for path in kept(tmp_path)}
    every.write("ada.png", picture(420, 420, "PNG"))
    assert every.publish(now=LATER).status == 0
    after = {path.name: path.stat().st_mtime_ns for path in kept(tmp_path)}
    assert len(after) == len(before) + 2, "the picture, and the list"
    assert all(after[name] == at for name, at in before.items())


def kept(tmp_path):
    return sorted((tmp_path / "private/airdate-state/files").iterdir())


def state_of(folder):
    return json.loads((folder / "airdate-state/state.json").read_bytes())


@pytest.fixture
def ann(tmp_path):
    """A show in a folder with a private side, published once."""
    show = make_show(tmp_path / "ann", storage=str(tmp_path / "host"))
    show.configure("[storage]", f'[storage]\nprivate = "{tmp_path / "private"}"')
    show.episode(FIRST)
    show.write(f"episodes/{FIRST}/cover.jpg", picture(1400, 1400))
    show.write(f"episodes/{FIRST}/transcript.vtt", "WEBVTT\n\n00:00.000 --> 00:04.000\nHello there.\n")
    show.episode(SECOND, date="2026-05-08T06:00:00+02:00", notes="![A latch](photo.jpg)\n")
    show.write(f"episodes/{SECOND}/photo.jpg", picture(301, 200))
    assert show.publish(now=BEFORE).status == 0
    return show


def test_a_folder_that_was_renamed_keeps_its_own_name(ann, tmp_path):
    ann.rename(FIRST, "whatever")
    ann.edit("whatever", "Some notes.", "Other notes.")
    ann.write("pages/about.md", "# About\n")
    assert ann.publish(now=NOW).status == 0
    restored(tmp_path / "private", tmp_path / "new")
    assert folder_of(Show(tmp_path / "new")) == folder_of(ann)
    assert Show(tmp_path / "new").publish("--json", now=LATER).document["changes"] == []


def test_what_is_not_kept_is_said(ann, tmp_path):
    ann.episode("2026-05-15-third", date=None, front="draft = true", notes="Secret plans.\n")
    ann.episode("2026-12-15-fourth", date="2026-12-15T06:00:00Z", notes="Secret plans.\n")
    assert ann.run("stage", "fourth").status == 0
    assert ann.run("withdraw", "first", "--yes", "--no-verify", now=NOW).status == 0
    done = restored(tmp_path / "private", tmp_path / "new")
    left = "\n".join(done.document["left"])
    assert done.document["episodes"] == 1
    assert "drafts, and episodes that wait for their date" in left
    assert "1 recording staged for episodes whose text is not here" in left
    assert "1 episode withdrawn for good: nothing of it is kept" in left
    assert sorted(path.name for path in (tmp_path / "new/episodes").iterdir()) == [SECOND]
    assert b"Secret plans" not in b"".join(tree(tmp_path / "new").values())
    for line in done.document["left"]:
        assert line in done.stderr
    again = Show(tmp_path / "new").publish("--json", now=LATER)
    assert (again.status, again.document["changes"]) == (0, []), again.stderr


def test_of_a_withdrawn_episode_no_file_is_kept(ann, tmp_path):
    ann.write(f"episodes/{FIRST}/cover.jpg", picture(1400, 1400, "WEBP"))
    assert ann.publish(now=BEFORE).status == 0
    cover = hashlib.sha256((ann.folder / f"episodes/{FIRST}/cover.jpg").read_bytes()).hexdigest()
    assert any(path.stem == cover for path in kept(tmp_path))
    assert ann.run("withdraw", "first", "--yes", "--no-verify", now=NOW).status == 0
    assert not any(path.stem == cover for path in kept(tmp_path))
    assert b"first" not in b"".join(gzip.decompress(path.read_bytes()) for path in kept(tmp_path))


def test_what_no_list_names_goes_with_prune(ann, tmp_path):
    import os

    ann.write("pages/about.md", "# About\n")
    assert ann.publish(now=BEFORE).status == 0
    ann.write("pages/about.md", "# About us\n")
    assert ann.publish(now=NOW).status == 0
    for path in kept(tmp_path):
        os.utime(path, (1_780_000_000, 1_780_000_000))  # 28 May 2026
    assert ann.run("prune", "--yes", "--no-verify", now="2026-09-01T12:00:00+00:00").status == 0
    names = {path.stem for path in kept(tmp_path)}
    assert hashlib.sha256(b"# About us\n").hexdigest() in names
    assert hashlib.sha256(b"# About\n").hexdigest() not in names
    restored(tmp_path / "private", tmp_path / "new")
    assert (tmp_path / "new/pages/about.md").read_text() == "# About us\n"


def test_a_folder_in_which_something_lies_is_refused(ann, tmp_path):
    (tmp_path / "new").mkdir()
    (tmp_path / "new/note.txt").write_text("mine")
    done = restored(tmp_path / "private", tmp_path / "new", status=2)
    assert done.document["error"]["code"] == "restore-folder"
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["note.txt"]
    restored(tmp_path / "private", tmp_path / "other")
    assert restored(tmp_path / "private", tmp_path / "other", status=2).document["error"]["code"] == "restore-folder"


def test_a_place_where_no_show_lies_says_so_and_names_those_below(ann, tmp_path):
    (tmp_path / "nothing").mkdir()
    done = restored(tmp_path / "nothing", tmp_path / "new", status=2)
    assert done.document["error"]["code"] == "restore-empty" and "is empty" in done.stderr
    done = restored(tmp_path / "host", tmp_path / "new", status=2)
    assert done.document["error"]["code"] == "restore-empty" and "[storage] private" in done.stderr
    shutil.copytree(tmp_path / "private", tmp_path / "shows/one")
    shutil.copytree(tmp_path / "private", tmp_path / "shows/two")
    done = restored(tmp_path / "shows", tmp_path / "new", status=2)
    assert f"{tmp_path}/shows/one, {tmp_path}/shows/two" in done.stderr
    done = restored("https://podcast.example.org/feed.xml", tmp_path / "new", status=2)
    assert done.document["error"]["code"] == "restore-address" and "publish import https://podcast" in done.stderr
    assert not (tmp_path / "new").exists()


def test_one_that_was_cut_goes_on_and_of_another_publish_it_does_not(ann, tmp_path, monkeypatch):
    from publisher.restore.target_folder import TargetFolder

    write, places = TargetFolder.write, []

    def stopped(target, place, body):
        if len(places) == 3:
            raise KeyboardInterrupt
        places.append(place)
        write(target, place, body)

    with monkeypatch.context() as patched:
        patched.setattr(TargetFolder, "write", stopped)
        restored(tmp_path / "private", tmp_path / "new", status=130)
    assert not (tmp_path / "new/config.toml").exists()
    shutil.copytree(tmp_path / "new", tmp_path / "older")
    monkeypatch.setattr(TargetFolder, "write", lambda target, place, body: places.append(place) or write(target, place, body))
    restored(tmp_path / "private", tmp_path / "new")
    assert len(places) == len(set(places)), "nothing is written twice"
    assert folder_of(Show(tmp_path / "new")) == folder_of(ann)
    ann.edit(FIRST, "Some notes.", "Other notes.")
    assert ann.publish(now=NOW).status == 0
    done = restored(tmp_path / "private", tmp_path / "older", status=2)
    assert "another publish" in done.document["error"]["cause"]


def keep_other_list(tmp_path, change):
    """Put another list of kept files in place of the one that State names."""
    digest = state_of(tmp_path / "private")["files"]
    [listed] = (path for path in kept(tmp_path) if path.stem == digest)
    rows = json.loads(gzip.decompress(listed.read_bytes()))
    change(rows, next(iter(rows["files"].values())))
    body = json.dumps(rows).encode()
    other = hashlib.sha256(body).hexdigest()
    listed.with_name(f"{other}.gz").write_bytes(gzip.compress(body))
    index = tmp_path / "private/airdate-state/state.json"
    index.write_bytes(index.read_bytes().replace(digest.encode(), other.encode()))


@pytest.mark.parametrize(
    "place", ["../outside.md", "/etc/outside", "a/../../outside", ".git/hooks/post-checkout", "a\\..\\b", "a//b", "", "c:d"]
)
@pytest.mark.parametrize("what", ["files", "folders"])
def test_a_list_that_leaves_the_folder_writes_nothing(ann, tmp_path, place, what):
    keep_other_list(tmp_path, lambda rows, row: rows.update({what: {place: row} if what == "files" else {"first": place}}))
    done = restored(tmp_path / "private", tmp_path / "new/show", status=4)
    assert done.document["error"]["code"] == "texts-unreadable"
    assert [name for name in tree(tmp_path / "new") if ".airdate-cache" not in name] == []
    assert ann.publish(now=NOW).status == 0, "whoever has the folder publishes as ever"


@pytest.mark.parametrize(
    "places",
    [
        ("a", "a/b"), ("episodes",), (f"episodes/{FIRST}",), (f"episodes/{FIRST}/episode.md/x",), ("config.toml/x",), ("x" * 300,),
        (f"pages/{'ü' * 125}.md",),
    ],
)  # fmt: skip
def test_a_list_that_no_folder_can_hold_writes_nothing(ann, tmp_path, places):
    keep_other_list(tmp_path, lambda rows, row: rows["files"].update(dict.fromkeys(places, row)))
    done = restored(tmp_path / "private", tmp_path / "new/show", status=4)
    assert done.document["error"]["code"] == "texts-unreadable"
    assert [name for name in tree(tmp_path / "new") if ".airdate-cache" not in name] == []


def test_two_episodes_of_one_folder_come_back_in_two(ann, tmp_path):
    keep_other_list(tmp_path, lambda rows, row: rows.update(folders={"first": SECOND, "second": SECOND}))
    done = restored(tmp_path / "private", tmp_path / "new")
    assert done.document["episodes"] == 2
    texts = {name: body for name, body in folder_of(Show(tmp_path / "new")).items() if name.endswith("episode.md")}
    assert set(texts.values()) == {body for name, body in folder_of(ann).items() if name.endswith("episode.md")}


DAMAGED = {
    "not packed": b"hello",
    "no JSON": gzip.compress(b"hello"),
    "a list": gzip.compress(b"[1]"),
    "a number for a text": gzip.compress(b'{"episode.md": 1}'),
    "a name that leaves the folder": gzip.compress(b'{"../x": "a"}'),
    "nested 100,000 deep": gzip.compress(b"[" * 100_000),
    "a name no file system holds": gzip.compress(json.dumps({"x" * 300: "a"}).encode()),
}


@pytest.mark.parametrize("body", DAMAGED.values(), ids=DAMAGED)
def test_one_damaged_text_is_named_and_all_else_comes_back(ann, tmp_path, body):
    [path] = (tmp_path / "private/airdate-state/texts").glob("first-*")
    path.write_bytes(body)
    done = restored(tmp_path / "private", tmp_path / "new")
    assert done.document["episodes"] == 1
    assert any("the kept texts of “first” cannot be read" in line for line in done.document["left"]), done.document["left"]
    assert f"episodes/{SECOND}/episode.md" in tree(tmp_path / "new")
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("texts", [{"notes.txt": "a"}, {"episode.md": "---\n: [\n"}])
def test_a_text_that_is_no_episode_is_told(ann, tmp_path, texts):
    [path] = (tmp_path / "private/airdate-state/texts").glob("first-*")
    path.write_bytes(gzip.compress(json.dumps(texts).encode()))
    done = restored(tmp_path / "private", tmp_path / "new")
    assert any(line.startswith("1 episode not wholly as published") and line.endswith("first") for line in done.document["left"])


def test_kept_bytes_that_are_others_are_refused(ann, tmp_path):
    ann.write("pages/about.md", "# About\n")
    assert ann.publish(now=NOW).status == 0
    path = tmp_path / f"private/airdate-state/files/{hashlib.sha256(b'# About' + bytes([10])).hexdigest()}.gz"
    path.write_bytes(gzip.compress(b"# Gotcha\n"))
    done = restored(tmp_path / "private", tmp_path / "new")
    assert any(line.startswith("pages/about.md: what is kept") and "hash differs" in line for line in done.document["left"])
    assert "pages/about.md" not in tree(tmp_path / "new")
    path.unlink()
    done = restored(tmp_path / "private", tmp_path / "newer")
    assert "pages/about.md: its bytes are not on the storage any more" in done.document["left"]


def test_of_an_earlier_version_artwork_and_covers_come_back_as_listeners_have_them(ann, tmp_path):
    index = tmp_path / "private/airdate-state/state.json"
    state = json.loads(index.read_bytes())
    del state["files"]
    index.write_bytes(json.dumps(state).encode())
    shutil.rmtree(tmp_path / "private/airdate-state/files")
    done = restored(tmp_path / "private", tmp_path / "new")
    assert any("an earlier version published this show last" in line for line in done.document["left"])
    assert any("not wholly as published" in line and SECOND in line for line in done.document["left"])
    new = folder_of(Show(tmp_path / "new"))
    assert new == {name: body for name, body in folder_of(ann).items() if not name.endswith("photo.jpg")}
    ann.edit(FIRST, "Some notes.", "Other notes.")
    assert ann.publish(now=NOW).status == 0
    restored(tmp_path / "private", tmp_path / "newer")
    assert folder_of(Show(tmp_path / "newer")) == folder_of(ann)
