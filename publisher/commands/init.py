"""New shows and new episodes: `init`, `new`, `release`. Each ends with the next commands to type."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feed.identity import show_guid
from publisher.core.call import COMMON, Call, common, pass_call
from publisher.core.errors import UsageError
from publisher.load.config_file import parse_config
from publisher.load.toml_and_yaml import text

if TYPE_CHECKING:
    from publisher.core.console import Console

QUESTIONS = (
    ("title", "What is the show called?", "My Podcast"),
    ("author", "Who makes it?", "Me"),
    ("description", "What is it about, in a sentence or two?", "A podcast."),
    ("language", "Which language (en, de, pt-br …)?", "en"),
    ("category", "Which category of Apple's?", "Technology"),
    ("timezone", "Which time zone do your dates stand in?", "UTC"),
    ("url", "Where will listeners reach it (https://…; leave empty if you do not know yet)?", ""),
    ("storage", "Where do the files go (a folder, or s3://bucket)?", "public"),
)


def init_show(folder: Path, answers: dict[str, Any], console: Console, *, ask: bool) -> None:
    """Write config.toml and the folders of a new show. Raises UsageError when there is one already, ContentError for answers
    that no show can have.
    """
    if (folder / "config.toml").exists():
        raise UsageError(
            f"there is a show here already: {folder / 'config.toml'}",
            hint="publish it with `publish`, or choose another folder",
            code="init-exists",
        )
    if ask:
        import click

        for name, question, default in QUESTIONS:
            if not answers.get(name):
                answers[name] = click.prompt(question, default=default, err=True, show_default=bool(default))
    given = {name: answers.get(name) or default for name, _, default in QUESTIONS}
    url = given["url"].rstrip("/")
    guid = show_guid(f"{url}/feed.xml") if url else str(uuid.uuid5(uuid.uuid4(), given["title"]))
    config = _config(given, url or "https://podcast.example.org", guid, answers)
    parse_config(folder / "config.toml", config.encode())
    (folder / "episodes").mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(config, "utf-8")
    if answers.get("artwork"):
        shutil.copyfile(answers["artwork"], folder / f"artwork{answers['artwork'].suffix.lower()}")
    if not (folder / ".gitignore").exists():
        (folder / ".gitignore").write_text(".airdate-cache/\n/public/\n", "utf-8")
    console.say(f"Your show is in {folder}/")
    step = f"cd {folder}" if str(folder) != "." else ""
    console.say("Next:")
    for line in (
        step,
        "" if answers.get("artwork") else "put a square picture of 3000 x 3000 pixels there: artwork.jpg",
        ""
        if url
        else f"write where listeners will reach it into config.toml: url under [site] (it says {url or 'https://podcast.example.org'} now)",
        'publish new "The first episode" --audio recording.mp3',
        "publish preview",
    ):
        if line:
            console.say(f"  {line}")


def _config(given: dict[str, str], url: str, guid: str, answers: dict[str, Any]) -> str:
    extension = answers["artwork"].suffix.lower() if answers.get("artwork") else ".jpg"
    lines = [
        "[show]",
        f"title = {text(given['title'])}",
        f"description = {text(given['description'])}",
        f"author = {text(given['author'])}",
        f"language = {text(given['language'])}",
        f"categories = [{text(given['category'])}]",
        f"artwork = {text('artwork' + extension)}",
        f"explicit = {'true' if answers.get('explicit') else 'false'}",
        f"timezone = {text(given['timezone'])}",
        f"guid = {text(guid)}    # the show's identity for life: never change it",
        "",
        "[site]",
        f"url = {text(url)}    # where listeners reach the storage",
        "",
        "[storage]",
        f"url = {text(given['storage'])}    # keys and secrets never stand here",
    ]
    lines += [f"{name} = {text(answers[name])}" for name in ("endpoint", "provider") if answers.get(name)]
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
@pass_call
def command(call: Call, /, folder: Path, **said: Any) -> None:
    """Start a new show in FOLDER."""
    answers = _split(said)
    call.hear(**said)
    init_show(folder, answers, call.console, ask=call.console.interactive and not call["yes"])


def _split(said: dict[str, Any]) -> dict[str, Any]:
    """Take the options of this command alone out of what was said."""
    shared = {names[-1].lstrip("-").replace("-", "_") for names, _ in COMMON}
    return {name: said.pop(name) for name in list(said) if name not in shared}
