"""`publish init`: a new show's config.toml and folders."""

from __future__ import annotations

import shutil
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from feed.guids import show_guid
from publisher.core import placeholders
from publisher.core.command_call import Call, common
from publisher.core.errors import UsageError
from publisher.core.json_results import Result
from publisher.load.config_reader import parse_config
from publisher.load.toml_and_yaml import toml_string
from publisher.workspace import Workspace

if TYPE_CHECKING:
    from publisher.core.console import Console

QUESTIONS = (
    ("title", "What is the show called?", placeholders.TITLE),
    ("author", "Who makes it?", placeholders.AUTHOR),
    ("description", "What is it about, in a sentence or two?", placeholders.DESCRIPTION),
    ("language", "Which language (en, de, pt-br …)?", "en"),
    ("category", "Which category of Apple's?", "Technology"),
    ("timezone", "Which time zone do your dates stand in?", "UTC"),
    ("url", "Where will listeners reach it (https://…; leave empty if you do not know yet)?", ""),
    ("storage", "Where do the files go (a folder, or s3://bucket)?", "public"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewShow(Result):
    """The show that `publish init` wrote."""

    folder: str
    """Where it lies."""
    config: str
    """Its config.toml."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What is known of a new show: `texts` by the name of its question or option, "" where nothing was said."""

    texts: dict[str, str]
    explicit: bool = False
    artwork: Path | None = None

    def asked(self) -> Answers:
        """With what a person says to the questions that are open."""
        open_questions = [row for row in QUESTIONS if not self.texts.get(row[0])]
        answers = {
            name: click.prompt(question, default=default, err=True, show_default=bool(default))
            for name, question, default in open_questions
        }
        return replace(self, texts={**self.texts, **answers})


def init_show(folder: Path, answers: Answers, console: Console, *, ask: bool) -> NewShow:
    """Write config.toml and the folders of a new show. Raises UsageError when there is one already, ContentError for answers
    that no show can have.
    """
    path = folder / "config.toml"
    if path.exists():
        hint = "publish it with `publish`, or choose another folder"
        raise UsageError(f"there is a show here already: {path}", hint=hint, code="init-exists")
    if ask:
        answers = answers.asked()
    config = _config(answers)
    file = parse_config(path, config.encode())
    (folder / "episodes").mkdir(parents=True, exist_ok=True)
    path.write_text(config, "utf-8")
    if answers.artwork:
        shutil.copyfile(answers.artwork, folder / f"artwork{answers.artwork.suffix.lower()}")
    if not (folder / ".gitignore").exists():
        (folder / ".gitignore").write_text(".airdate-cache/\n/public/\n", "utf-8")
    Workspace(file, console).last_publish.keep(0, {}, ())
    console.show(f"Your show is in {folder}/")
    console.say("Next:")
    if str(folder) != ".":
        console.say(f"  cd {folder}")
    if not answers.artwork:
        console.say("  put a square picture of 3000 x 3000 pixels there: artwork.jpg")
    if not answers.texts.get("url"):
        console.say(f"  write where listeners will reach it into config.toml: url under [site] (it says {placeholders.SITE} now)")
    console.say('  publish new "The first episode" --audio recording.mp3')
    console.say("  publish preview")
    return NewShow(folder=str(folder), config=str(path))


def _config(answers: Answers) -> str:
    """The config.toml of a new show."""
    given = {name: answers.texts.get(name) or default for name, _, default in QUESTIONS}
    url = given["url"].rstrip("/")
    guid = show_guid(f"{url}/feed.xml") if url else str(uuid.uuid5(uuid.uuid4(), given["title"]))
    extension = answers.artwork.suffix.lower() if answers.artwork else ".jpg"
    lines = [
        "[show]",
        f"title = {toml_string(given['title'])}",
        f"description = {toml_string(given['description'])}",
        f"author = {toml_string(given['author'])}",
        f"language = {toml_string(given['language'])}",
        f"categories = [{toml_string(given['category'])}]",
        f"artwork = {toml_string('artwork' + extension)}",
        f"artwork_alt = {toml_string('The cover of ' + given['title'])}    # better: what it shows, for those who do not see it",
        f"explicit = {'true' if answers.explicit else 'false'}",
        f"timezone = {toml_string(given['timezone'])}",
        f"guid = {toml_string(guid)}    # the show's identity for life: never change it",
        "",
        "[site]",
        f"url = {toml_string(url or placeholders.SITE)}    # where listeners reach the storage",
        "",
        "[storage]",
        f"url = {toml_string(given['storage'])}    # keys and secrets never stand here",
    ]
    lines += [f"{name} = {toml_string(answers.texts[name])}" for name in ("endpoint", "provider") if answers.texts.get(name)]
    return "\n".join(lines) + "\n"


@click.command("init")
@common
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--title", help="The show's name.")
@click.option("--author", help="Who makes it.")
@click.option("--description", help="What it is about.")
@click.option("--language", help="en, de, pt-br …")
@click.option("--category", help='One of Apple\'s: "News > Tech News".')
@click.option("--explicit/--clean", default=None, help="Whether it is for adults only.")
@click.option("--timezone", help="Europe/Berlin")
@click.option("--url", help="Where listeners will reach it: https://podcast.example.org")
@click.option("--storage", help="A folder, or s3://bucket/prefix.")
@click.option("--endpoint", help="Address of an S3-compatible service.")
@click.option("--provider", help="aws, r2, b2, minio, hetzner, spaces, wasabi …")
@click.option("--artwork", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="A square picture, copied in.")
def command(call: Call, /, folder: Path, explicit: bool | None, artwork: Path | None, **texts: str | None) -> None:
    """Start a new show in FOLDER."""
    known = {name: words for name, words in texts.items() if words}
    answers = Answers(texts=known, explicit=bool(explicit), artwork=artwork)
    call.result(init_show(folder, answers, call.console, ask=call.console.interactive and not call.yes))
