"""`publish restore`: a show whose folder is lost, brought back from its storage."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from publisher.core import layout
from publisher.core.command_call import Call, common
from publisher.core.console import count_words, size_words
from publisher.core.errors import UsageError
from publisher.core.json_results import Result
from publisher.state.staged import secret_of
from publisher.stores.directory import STATE_FOLDER
from publisher.stores.open_store import Location, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from publisher.core.console import Console
    from publisher.state.state import State
    from publisher.stores.protocol import Store

LOOKED_THROUGH = 20_000
"""Names of a storage that are looked through for the shows that lie there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored(Result):
    """What `publish restore` brought back."""

    folder: str
    """Where the show lies now."""
    guid: str
    """The show's identity."""
    episodes: int
    """How many episodes have their texts here."""
    files: int
    """How many other files are here: pictures, pages, theme, comments."""
    as_published: bool
    """Whether config and texts are word for word what was published; else they were read back from what listeners have."""
    left: tuple[str, ...]
    """Everything that is not here, or not as it was."""


def restore(location: Location, folder: Path, call: Call) -> Restored:
    """Bring back the show that `location` remembers into `folder`; a restore that was cut goes on where it was.

    Raises UsageError where the folder is not empty or no show lies there, StorageError and ContentError for what cannot be read.
    """
    from publisher.restore.from_feed import restore_from_feed
    from publisher.restore.from_texts import restore_from_texts
    from publisher.restore.target_folder import TargetFolder
    from publisher.sync.state_copies import StateCopies
    from publisher.sync.storage import Storage

    console = call.console
    store = open_store(location, Path())
    with TemporaryDirectory(prefix="airdate-", ignore_cleanup_errors=True) as copies:
        state = StateCopies(Path(copies), Storage(public=store, private=store)).read()
    if state.first:
        raise _nothing_there(store, location.url)
    target = TargetFolder(folder, location.url, state.generation)
    console.say(f"“{state.show_title}” from {store.describe()}, publish {state.generation}:")
    files = 0
    if state.config:
        episodes, files, left = restore_from_texts(state, store, target, console, location)
    else:
        episodes, left = restore_from_feed(state, store, target, console, _places(location), call.now)
    left += _never_stored(state, store)
    target.finish()
    for line in left:
        console.warn(line)
    _tell(console, state, folder, episodes, files)
    return Restored(
        folder=str(folder), guid=state.show_guid, episodes=episodes, files=files, as_published=bool(state.config), left=tuple(left)
    )


def _nothing_there(store: Store, url: str) -> UsageError:
    """Why nothing can be restored from here, with the shows that lie below."""
    keys = [item.key for item in islice(store.list(layout.ROOT), LOOKED_THROUGH)]
    shows = layout.shows_below(layout.keys_of(key.replace(f"/{STATE_FOLDER}/", f"/{layout.STATE}/") for key in keys))
    hint = "where the show has a private side ([storage] private), name that one: what is remembered lies there"
    if shows:
        hint = "shows lie below it: " + ", ".join(f"{url.rstrip('/')}/{show.rstrip('/')}" for show in shows[:10])
    what = "remembers no show" if keys else "is empty: no show was published there"
    return UsageError(f"the {store.describe()} {what}", hint=hint, code="restore-empty")


def _places(location: Location) -> dict[str, str]:
    """`[storage]` of a config that is written anew."""
    url = location.url if "://" in location.url else os.path.abspath(os.path.expanduser(location.url))  # noqa: PTH100, PTH111  links stay
    names = ("endpoint", "region", "provider", "profile", "addressing")
    return {"url": url, **{name: str(getattr(location, name)) for name in names}}


def _never_stored(state: State, store: Store) -> Iterator[str]:
    """What no storage keeps."""
    yield "drafts, and episodes that wait for their date, are kept nowhere but on the machine that had them"
    staged = {layout.secret_in(item.key) for item in store.list(layout.STAGED)} - {secret_of(item.guid) for item in state.episodes.values()}
    if staged := staged - {""}:
        yield f"{count_words(len(staged), 'recording')} staged for episodes whose text is not here: write them anew, with the same guid"
    withdrawn = sum(item.withdrawn for item in state.episodes.values())
    if withdrawn:
        yield f"{count_words(withdrawn, 'episode')} withdrawn for good: nothing of {'it' if withdrawn == 1 else 'them'} is kept"


def _tell(console: Console, state: State, folder: Path, episodes: int, files: int) -> None:
    sizes = [item.audio.facts.size for item in state.episodes.values() if item.audio is not None and not (item.removed or item.withdrawn)]
    more = f", {count_words(files, 'other file')}" if files else ""
    console.show(f"{count_words(episodes, 'episode')} restored in {folder}/{more}")
    console.say("Next:")
    console.say(f"  cd {folder}")
    console.say("  publish --dry-run: what a publish would change for listeners")
    if sizes:
        told = f"{count_words(len(sizes), 'recording')}, {size_words(sum(sizes))}"
        console.say(f"  publish pull: {told}, as listeners have them; publishing needs none of them")


@click.command("restore")
@common
@click.argument("storage")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--endpoint", default="", help="Address of an S3-compatible service, as [storage] endpoint.")
@click.option("--provider", default="", help="As [storage] provider: r2, b2, hetzner …")
@click.option("--region", default="", help="As [storage] region.")
@click.option("--profile", default="", help="The profile of ~/.aws/credentials whose keys sign.")
@click.option("--addressing", type=click.Choice(["path", "virtual"]), help="As [storage] addressing.")
def command(
    call: Call, /, storage: str, folder: Path, endpoint: str, provider: str, region: str, profile: str, addressing: str | None
) -> None:
    """Bring back a show whose folder is lost, from STORAGE into the new FOLDER.

    STORAGE is what remembers the show: [storage] private where it has one, else its url, as s3://bucket/prefix or a folder.
    """
    if storage.startswith(("http://", "https://")):
        hint = f"s3://bucket/prefix, with --endpoint; what listeners have: publish import {storage} {folder} --force locked"
        raise UsageError(f"that is an address of the web, not a storage: {storage}", hint=hint, code="restore-address")
    location = Location(url=storage, endpoint=endpoint, provider=provider, region=region, profile=profile, addressing=addressing or "")  # type: ignore[arg-type]  # click's choice
    call.result(restore(location, folder, call))
