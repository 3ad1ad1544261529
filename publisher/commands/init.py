"""`publish init`: a new show's config.toml and folders."""

from __future__ import annotations

import os
import shlex
import shutil
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from feed.guids import show_guid
from feed.iso_codes import CODES, is_language_tag
from publisher.core import placeholders
from publisher.core.command_call import Call, common
from publisher.core.errors import AirdateError, ContentError, UsageError
from publisher.core.json_results import Result
from publisher.load.config_reader import parse_config
from publisher.load.toml_and_yaml import toml_string
from publisher.stores.open_store import Location, open_store
from publisher.workspace import Workspace

if TYPE_CHECKING:
    from publisher.core.console import Console

_LOCALTIME = Path("/etc/localtime")
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
class InitAnswers:
    """What is known of a new show: `texts` by the name of its question or option, "" where nothing was said."""

    texts: dict[str, str]
    explicit: bool = False
    artwork: Path | None = None

    def asked(self, folder: Path, console: Console) -> InitAnswers:
        """With what a person says to the questions that are open, each asked until it fits; what was said is not lost by Ctrl-C."""
        found = self._judged(console)
        offers = {"language": _language(), "timezone": _time_zone()}
        try:
            for name, question, default in QUESTIONS:
                while not found.texts.get(name):
                    offer = offers.get(name, default)
                    said = click.prompt(question, default=offer, err=True, show_default=bool(offer)).strip()
                    fault = fault_of(name, said)
                    if not fault:
                        found = replace(found, texts={**found.texts, name: said})
                        break
                    console.say(f"  {fault}", always=True)
            return found if found.artwork else replace(found, artwork=_picture_here(folder, console))
        except click.Abort:
            words = [f"--{name} {shlex.quote(said)}" for name, said in found.texts.items() if said]
            if words:
                console.say(
                    f"\nNothing was written. To go on from here: publish init {shlex.quote(str(folder))} {' '.join(words)}", always=True
                )
            raise

    def _judged(self, console: Console) -> InitAnswers:
        """Without those options that no show can have: they are asked for, with the reason."""
        texts = dict(self.texts)
        for name, _, _ in QUESTIONS:
            if texts.get(name) and (fault := fault_of(name, texts[name])):
                console.say(f"--{name}: {fault}", always=True)
                del texts[name]
        return replace(self, texts=texts)


def _time_zone() -> str:
    """The name of the machine's time zone; UTC where it tells none."""
    named = os.environ.get("TZ", "").lstrip(":")
    try:
        linked = _LOCALTIME.resolve().as_posix().partition("zoneinfo/")[2]
    except OSError:
        linked = ""
    for name in (named, linked.removeprefix("posix/"), "UTC"):
        try:
            return ZoneInfo(name).key
        except (ValueError, OSError, KeyError):  # an unknown name is a KeyError, "" a ValueError
            continue
    return "UTC"


def _language() -> str:
    """The language of the machine's locale, with Brazil's region, which tells two languages apart; "en" where it says none."""
    found = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    code, _, region = found.partition(".")[0].partition("@")[0].partition("_")
    if (code, region) == ("pt", "BR"):
        return "pt-br"
    return code if len(code) == 2 and code.isascii() and code.islower() else "en"


def fault_of(name: str, said: str) -> str:
    """What is wrong with the answer to one question, and what would do; "" for one that a show can have."""
    if any(not character.isprintable() for character in said):
        return f"there is a character in it that no {name} has; type it again"
    if name == "language" and said and not is_language_tag(said):
        return f"`{said}` is no code of a language: {CODES}"
    if name == "url" and said and "://" not in said:
        return f"an address is written whole: https://{said}"
    if name == "storage" and said:
        if said.lower() in ("y", "yes", "n", "no", "ja", "nein", "none"):
            return f"`{said}` is no place; a folder, like public, or a bucket, like s3://bucket/prefix"
        try:
            open_store(Location(said), Path())
        except AirdateError as error:
            return f"{error.message}; {error.hint}"
    try:
        parse_config(Path("config.toml"), _config(InitAnswers(texts={name: said} if said else {})).encode())
    except ContentError as error:
        return "; ".join(dict.fromkeys(text for item in error.findings[:1] for text in (item.message, item.hint) if text))
    return ""


def _picture_here(folder: Path, console: Console) -> Path | None:
    """A picture that lies in the show's folder, or where the command is typed, and that a person takes as the artwork."""
    names = [f"{stem}.{ending}" for stem in ("artwork", "cover") for ending in ("jpg", "jpeg", "png")]
    for path in [place / name for place in dict.fromkeys((folder, Path())) for name in names if (place / name).is_file()]:
        from publisher.media.image_processing import measure_image

        if fault := _unfit(path):
            console.say(f"{path} lies here, but {fault}", always=True)
            continue
        facts = measure_image(path)
        if click.confirm(f"{path} lies here, {facts.width} by {facts.height} pixels. Is it the artwork?", default=True, err=True):
            return path
    return None


def _unfit(picture: Path) -> str:
    """Why no directory takes a picture as the artwork, and what would do; "" for one that is taken, or can be made fit."""
    from publisher.media.image_processing import ImageFault, compliant

    try:
        compliant(picture)
    except ImageFault as fault:
        return "; ".join(text for text in (fault.message, fault.hint) if text)
    return ""


def init_show(folder: Path, answers: InitAnswers, console: Console, *, ask: bool) -> NewShow:
    """Write config.toml and the folders of a new show. Raises UsageError when there is one already, ContentError for answers
    that no show can have.
    """
    path = folder / "config.toml"
    if path.exists():
        hint = "publish it with `publish`, or choose another folder"
        raise UsageError(f"there is a show here already: {path}", hint=hint, code="init-exists")
    if ask:
        answers = answers.asked(folder, console)
    for name in ("language", "storage"):  # what config.toml itself does not judge
        if fault := fault_of(name, answers.texts.get(name, "")):
            raise UsageError(f"--{name}: {fault}", hint=f"publish init {folder} --{name} …", code="usage")
    config = _config(answers)
    file = parse_config(path, config.encode())
    (folder / "episodes").mkdir(parents=True, exist_ok=True)
    path.write_text(config, "utf-8")
    if answers.artwork:
        place = folder / f"artwork{answers.artwork.suffix.lower()}"
        if not (place.exists() and place.samefile(answers.artwork)):
            shutil.copyfile(answers.artwork, place)
    if not (folder / ".gitignore").exists():
        (folder / ".gitignore").write_text(".airdate-cache/\n/public/\n", "utf-8")
    Workspace(file, console).last_publish.keep(0, {}, ())
    console.show(f"Your show is in {folder}/")
    if not answers.artwork:
        console.say("Still missing: put a square picture of 3000 x 3000 pixels there: artwork.jpg")
    elif fault := _unfit(answers.artwork):
        console.say(f"Before listeners come: another picture in place of artwork{answers.artwork.suffix.lower()}, for {fault}")
    if not answers.texts.get("url"):
        console.say("Before listeners come: write where they reach it into config.toml: url under [site]; till then it goes into a folder")
    console.say("Next:")
    commands = ('publish new "The first episode" --audio recording.mp3', "publish preview", "publish release the-first-episode")
    for command in commands if folder.resolve() == Path.cwd() else (f"cd {shlex.quote(str(folder))}", *commands[:2]):
        console.say(f"  {command}")
    return NewShow(folder=str(folder), config=str(path))


def _config(answers: InitAnswers) -> str:
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
        f"url = {toml_string(url)}    # where listeners reach the storage"
        if url
        else '# url = "https://…"    # where listeners will reach the storage',
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
    answers = InitAnswers(texts=known, explicit=bool(explicit), artwork=artwork)
    call.result(init_show(folder, answers, call.console, ask=call.console.interactive and not call.yes))
