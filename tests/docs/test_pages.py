"""The pages of docs/ do what they say: each page's ```sh blocks are typed in their order, in a home of its own.

A page names what it begins with (`<!-- begins with: … -->`). A block that cannot run says why in the line above it (`<!-- not run: … -->`),
one that is refused its exit status (`<!-- ends with 5 -->`), TOML that is written into the show's config `<!-- into config.toml -->`, and what
comes after somebody sent the form of an episode's page to the service that runs `<!-- a listener wrote -->`, or answered the posts of the
show's accounts `<!-- somebody answered -->`.
"""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import pytest
import tomlkit

from tests.support import ROOT, servers
from tests.support.comment_service import send_comment
from tests.support.reader import Reader, commands
from tests.support.scripted_bluesky import ScriptedBluesky
from tests.support.scripted_mastodon import ScriptedMastodon
from tests.support.show_factory import Show, make_show, picture, recording
from tests.support.thread_scene import TOKENS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.support.e2e_show import Bucket

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
BLOCK = re.compile(r"^(?:<!-- (?P<mark>[^>]*) -->\n)?^```(?P<kind>sh|toml)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
NOT_RUN = {
    "ci/README.md": 2,
    "ci/container.md": 2,
    "ci/cron.md": 1,
    "how-to/answers.md": 1,
    "how-to/comments.md": 2,
    "how-to/many-logs.md": 1,
    "how-to/move.md": 8,
    "how-to/other-storage.md": 1,
    "how-to/restore.md": 2,
    "how-to/statistics.md": 2,
    "how-to/webhook.md": 1,
    "install.md": 3,
    "storage.md": 2,
    "tutorial.md": 2,
}
"""How many blocks of a page cannot run here."""
CAPTIONS = "WEBVTT\n\n00:00:00.000 --> 00:00:04.000\n<v SPEAKER_00>This is Air date, and the first one.\n"


class Block(NamedTuple):
    """What a page asks to type or to write, and its mark."""

    kind: str
    text: str
    mark: str

    @property
    def runs(self) -> bool:
        return self.kind == "sh" and not self.mark.startswith("not run: ")

    @property
    def status(self) -> int:
        return int(self.mark.removeprefix("ends with ")) if self.mark.startswith("ends with ") else 0


def blocks(page: Path) -> list[Block]:
    return [Block(found["kind"], found["text"], found["mark"] or "") for found in BLOCK.finditer(page.read_text("utf-8"))]


def name_of(page: Path) -> str:
    return page.relative_to(DOCS).as_posix()


RUN = [page for page in PAGES if any(block.runs for block in blocks(page))]


def with_recordings(reader: Reader) -> None:
    """A home in which the recordings and the picture lie that pages speak of."""
    for number, name in enumerate(("first", "third")):
        folder = reader.home / "recordings"
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.mp3").write_bytes(recording(20, voice=number))
    (reader.home / "recordings" / "transcript.vtt").write_text(CAPTIONS)
    (reader.home / "cover.jpg").write_bytes(picture())


def with_show(reader: Reader, storage: str, site: str, episodes: tuple[str, ...]) -> None:
    """The same, and a show, each episode the only new one of a publish; the reader stands in its folder."""
    with_recordings(reader)
    show = make_show(reader.home / "my-show", storage=storage)
    show.configure("https://small.example", site)
    show.write("artwork.jpg", picture(3000, 3000))
    reader.folder = show.folder
    for number, name in enumerate(episodes, 1):
        show.episode(f"2020-05-0{number}-the-{name}-one", title=f"The {name} one", date=f"2020-05-0{number}T06:00:00Z", audio=None)
        show.write(f"episodes/2020-05-0{number}-the-{name}-one/audio.mp3", recording(20, voice=number + 2))
        reader.type("publish --yes --quiet")


def in_git(reader: Reader) -> None:
    """The show's texts in git, with an address to push to; recordings are left out by hand so far."""
    origin = f"{reader.home}/origin/my-show"
    settings = (
        "user.name Ada",
        "user.email ada@small.example",
        "init.defaultBranch main",
        "push.autoSetupRemote true",
        f"url.{reader.home}/origin/.insteadOf https://git.example.org/you/",
    )
    for setting in settings:
        reader.type(f"git config --global {setting}")
    (reader.folder / ".gitignore").write_text(".airdate-cache/\n/public/\n")
    reader.type(f"git init --quiet --bare {origin}; git init --quiet; git remote add origin https://git.example.org/you/my-show")
    reader.type(
        "git add .gitignore config.toml artwork.jpg episodes/*/episode.md; git commit --quiet -m Begun; git push --quiet origin main"
    )


@pytest.fixture(scope="module")
def folder_show(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a show in a folder; to be copied."""
    reader = Reader(tmp_path_factory.mktemp("pages") / "home")
    with_show(reader, "public", "https://small.example", ("first", "second"))
    return reader.home


class Elsewhere(NamedTuple):
    """A Mastodon and a Bluesky where the reader has an account."""

    mastodon: ScriptedMastodon
    bluesky: ScriptedBluesky

    def instead(self, text: str) -> str:
        """What a page writes into config.toml, with these servers in place of the big ones."""
        return text.replace("https://mastodon.social", self.mastodon.address).replace(
            'handle = "my-show.bsky.social"',
            f'server = "{self.bluesky.address}"\nhandle = "{self.bluesky.handle}"\nappview = "{self.bluesky.address}"',
        )

    def answer(self) -> None:
        """Somebody answers each post."""
        for status in self.mastodon.posts():
            self.mastodon.reply(status.id, "<p>The hinge creaks at the end.</p>")
        for record in self.bluesky.posts():
            self.bluesky.reply(record.uri, "We heard it, too.", handle="bob.test", name="Bob")


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    with ScriptedMastodon() as mastodon, ScriptedBluesky() as bluesky:
        yield Elsewhere(mastodon, bluesky)


@pytest.fixture
def begin(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[str], Reader]:
    """What a page begins with, by its words -> a reader there."""

    def reader_at(words: str) -> Reader:
        if words == "a show":
            home = request.getfixturevalue("folder_show")
            reader = Reader(tmp_path / "home")
            shutil.copytree(home, reader.home, dirs_exist_ok=True)
            reader.folder = reader.home / "my-show"
            return reader
        if words.startswith("a show in a bucket"):
            place: Bucket = request.getfixturevalue("place")
            keys = {"AWS_ACCESS_KEY_ID": servers.KEY, "AWS_SECRET_ACCESS_KEY": servers.SECRET, "AWS_ENDPOINT_URL_S3": place.server.endpoint}
            reader = Reader(tmp_path / "home", keys | {"AIRDATE_KEY_ID": servers.KEY, "AIRDATE_SECRET": servers.SECRET})
            with_show(reader, f"s3://{place.name}", place.url, ("first",))
            in_git(reader)
            if words.endswith(" at Amazon"):
                Show(reader.folder).configure("[storage]\n", '[storage]\nprovider = "aws"\n')
            if words.endswith(", and accounts elsewhere"):
                reader.elsewhere = request.getfixturevalue("elsewhere")
                reader.environment |= TOKENS
            return reader
        assert words == "recordings", f"nobody knows what it is to begin with {words!r}"
        reader = Reader(tmp_path / "home")
        with_recordings(reader)
        return reader

    return reader_at


def merge(into: Any, what: Mapping[str, Any]) -> None:
    """Tables of `what` written into the same ones."""
    for key, value in what.items():
        if isinstance(value, dict) and key in into:
            merge(into[key], value)
        else:
            into[key] = value


@pytest.mark.parametrize("page", RUN, ids=name_of)
def test_what_a_page_says_can_be_typed(page, begin):
    [words] = re.findall(r"^<!-- begins with: (.*) -->$", page.read_text("utf-8"), re.MULTILINE)
    reader = begin(words)
    try:
        for block in blocks(page):
            do(reader, block)
        if reader.elsewhere:
            has_answers(reader)
    finally:
        reader.leave()


def has_answers(reader: Reader) -> None:
    """What was answered elsewhere stands in the page of the episode that was posted, as it is served."""
    site = tomlkit.parse((reader.folder / "config.toml").read_text("utf-8"))["site"]["url"]
    page = httpx.get(f"{site}/episodes/the-second-one.html").raise_for_status().text
    assert "The hinge creaks at the end." in page
    assert "We heard it, too." in page


def do(reader: Reader, block: Block) -> None:
    """What a block asks for."""
    config = reader.folder / "config.toml"
    if block.mark == "into config.toml":
        document = tomlkit.parse(config.read_text("utf-8"))
        merge(document, tomlkit.parse(reader.elsewhere.instead(block.text) if reader.elsewhere else block.text))
        config.write_text(tomlkit.dumps(document), "utf-8")
    if block.mark == "a listener wrote":
        site = tomlkit.parse(config.read_text("utf-8"))["site"]["url"]
        send_comment(reader.address, site, "The hinge creaks at the end.", episode="the-first-one")
    if block.mark == "somebody answered":
        reader.elsewhere.answer()
    if not block.runs:
        return
    *lines, last = commands(block.text)
    for line, status in (*((line, 0) for line in lines), (last, block.status)):
        if line.startswith("publish preview"):
            reader.look(line)
        elif line == "publish comments serve":
            reader.address = reader.serve(line)
        else:
            reader.type(line, status)


def test_what_cannot_run_is_counted_and_says_why():
    marked = {name_of(page): [block.mark for block in blocks(page) if block.kind == "sh" and not block.runs] for page in PAGES}
    assert {page: len(marks) for page, marks in marked.items() if marks} == NOT_RUN
    assert all(len(mark) > len("not run: because") for marks in marked.values() for mark in marks)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_mark_is_one_that_is_known_and_no_command_hides_in_another_kind_of_block(page):
    known = re.compile(r"not run: .+|ends with [1-7]|into config\.toml|a listener wrote|somebody answered|")
    assert [block.mark for block in blocks(page) if not known.fullmatch(block.mark)] == []
    fences = re.findall(r"^ *```(\w*)\n(.*?)^ *```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    hidden = [
        text for kind, text in fences if kind in ("", "bash", "shell", "console") and re.search(r"^\$? ?publish ", text, re.MULTILINE)
    ]
    indented = re.findall(
        r"^ {4,}\$? ?(publish .*)$", re.sub(r"^ *```.*?^ *```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL), re.MULTILINE
    )
    assert hidden + indented == []


def test_a_page_that_says_what_is_not_so_is_found(begin, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# Page\n\n<!-- begins with: recordings -->\n\n```sh\npublish --no-such-option\n```\n")
    with pytest.raises(AssertionError, match="no-such-option"):
        test_what_a_page_says_can_be_typed(page, begin)
