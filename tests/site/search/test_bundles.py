"""The indexes: which there are, what changes them, and that the same show gives the same bytes."""

from __future__ import annotations

import gzip
import json
import re

import pytest

from feed.model import Chapter, Cue
from publisher.site.page_kinds import search
from tests.support.searched_show import add_episode
from tests.support.show_factory import tree


def bundles(files):
    return {key.split("/")[1] for key in files if key.startswith("search/") and key.endswith("pagefind-entry.json")}


def fragments(files):
    return {
        key: json.loads(gzip.decompress(body).removeprefix(b"pagefind_dcd")) for key, body in files.items() if key.endswith(".pf_fragment")
    }


def in_bundle(files, name):
    return {key: body for key, body in files.items() if key.startswith(f"search/{name}/")}


def test_there_is_an_index_for_a_past_year_and_for_each_month_of_the_newest(show):
    assert show.publish("--yes").status == 0
    files = tree(show.public)
    names = bundles(files)
    assert {name for name in names if not name.startswith("pagefind-")} == {"2025", "2026-04", "2026-05"}
    page = files["search.html"].decode()
    runtime = next(name for name in names if name.startswith("pagefind-"))
    assert f'data-runtime="search/{runtime}/"' in page
    assert 'data-bundles="search/2026-05/ search/2026-04/ search/2025/"' in page
    assert not [key for key in files if "pagefind-ui" in key or key.endswith("worker.js")]


def test_a_new_episode_changes_its_month_alone_and_the_rest_keeps_its_bytes(show):
    assert show.publish("--yes").status == 0
    before = tree(show.public)
    add_episode(show, "2026-05-20-horns", "Trombone")
    assert show.publish("--yes").status == 0
    after = tree(show.public)
    for name in ("2025", "2026-04"):
        assert in_bundle(after, name) == in_bundle(before, name)
    assert any("Trombone" in item["content"] for item in fragments(in_bundle(after, "2026-05")).values())
    kept = list(fragments(in_bundle(before, "2026-05")))
    assert all(after[key] == before[key] for key in kept)


def test_a_fresh_checkout_makes_only_what_changed(show, tmp_path):
    assert show.publish("--yes").status == 0
    other = show.copy(tmp_path / "clone", audio=False)
    other.configure('url = "public"', f'url = "{show.public}"')
    add_episode(other, "2026-05-20-horns", "Trombone")
    plan = other.run("--dry-run", "--json").document
    changed = {change["key"] for change in plan["changes"] if change["key"].startswith("search/")}
    assert changed
    assert {key.split("/")[1] for key in changed} == {"2026-05"}


def test_a_new_year_gathers_the_old_one(show):
    assert show.publish("--yes").status == 0
    add_episode(show, "2027-01-02-new-year", "Trombone")
    assert show.publish("--yes", now="2027-02-01T00:00:00Z").status == 0
    page = (show.public / "search.html").read_text()
    assert 'data-bundles="search/2027-01/ search/2026/ search/2025/"' in page
    said = " ".join(item["content"] for item in fragments(in_bundle(tree(show.public), "2026")).values())
    assert "Marmalade" in said and "Quicksilver" in said


def test_the_same_show_gives_the_same_index(show, tmp_path):
    outs = [tmp_path / "one", tmp_path / "two"]
    for out in outs:
        assert show.run("build", "--standalone", "--out", str(out)).status == 0
    first, second = ({key: body for key, body in tree(out).items() if key.startswith("search")} for out in outs)
    assert first
    assert first == second


def test_what_a_person_mends_is_what_is_found(show):
    show.configure("[storage]", '[transcript.replace]\nMarmalade = "Marmelade"\n\n[storage]')
    assert show.publish("--yes").status == 0
    said = " ".join(item["content"] for item in fragments(tree(show.public)).values())
    assert "Marmelade" in said
    assert "Marmalade" not in said


def test_what_listeners_may_not_see_is_not_in_it(served):
    said = json.dumps(list(fragments(tree(served.folder)).values()))
    assert "Quicksilver" in said
    assert "Secretum" not in said


def test_a_withdrawn_episode_leaves_the_index(show):
    assert show.publish("--yes").status == 0
    show.remove("2026-04-04-lamps")
    assert show.publish("--yes", "--force", "remove=lamps").status == 0
    page = (show.public / "search.html").read_text()
    assert "search/2026-04/" not in page
    assert "search/2026-05/" in page


def test_search_can_be_left_out(show):
    show.configure("search = true", "search = false")
    assert show.publish("--yes").status == 0
    assert not [key for key in tree(show.public) if key.startswith("search")]
    assert "search.html" not in (show.public / "index.html").read_text()


def test_without_the_program_the_show_is_published_and_a_warning_says_what_is_missing(show, monkeypatch):
    monkeypatch.setattr(search, "tool", lambda language: None)
    outcome = show.publish("--yes")
    assert outcome.status == 0
    assert "without search" in outcome.stderr
    assert "pip install" in outcome.stderr
    assert "search.html" not in (show.public / "index.html").read_text()
    assert not (show.public / "search.html").exists()


def test_a_program_that_fails_stops_the_publish_with_its_reason(show, monkeypatch, tmp_path):
    broken = tmp_path / "pagefind"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(search, "tool", lambda language: search.Tool(broken, "pagefind 0"))
    outcome = show.publish("--yes")
    assert outcome.status != 0
    assert "search index could not be made" in outcome.stderr
    assert "search = false" in outcome.stderr


def test_the_installed_program_runs_here():
    found = search.tool("en")
    assert found is not None
    assert re.search(r"pagefind .*\d+\.\d+", found.version)


CUES = tuple(Cue(start=second, end=second + 5, text=f"At {second}.") for second in range(0, 60, 5))


@pytest.mark.parametrize(
    ("chapters", "starts"),
    [
        ((), [0, 20, 40]),
        ((Chapter(start=0, title="One"), Chapter(start=30, title="Two")), [0, 20, 30, 50]),
        ((Chapter(start=0, title="One"), Chapter(start=33, title="Hidden", toc=False)), [0, 20, 40]),
        ((Chapter(start=0, title="One"), Chapter(start=90, title="After the last word")), [0, 20, 40, 90]),
    ],
)
def test_passages_end_at_a_chapter_and_after_some_seconds(chapters, starts):
    found = search.passages(CUES, chapters)
    assert [passage.start for passage in found] == starts
    assert " ".join(passage.text for passage in found).split() == " ".join(cue.text for cue in CUES).split()
    assert [passage.heading for passage in found if passage.heading] == [chapter.title for chapter in chapters if chapter.toc]


def test_no_transcript_still_finds_chapters():
    assert [passage.heading for passage in search.passages((), (Chapter(start=5, title="Alone"),))] == ["Alone"]
    assert search.passages((), ()) == ()
