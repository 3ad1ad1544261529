"""Where the numbers lie: on the private side of the storage, and nowhere that answers to anybody."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from publisher.core import layout
from publisher.core.errors import PlanRefused
from publisher.core.placeholders import has_none, is_nowhere
from publisher.stores.directory import STATE_FOLDER, DirectoryStore
from publisher.stores.protocol import ConditionFailed, Headers

if TYPE_CHECKING:
    from pathlib import Path

    from publisher.stores.protocol import Store
    from publisher.workspace import Workspace

FOLDER = "airdate-private"
"""Where the private side of the numbers lies beside config.toml, of a show whose storage is a folder without `[storage] private`."""

PRIVATE = Headers(content_type="application/octet-stream", cache_control="no-store")
_PROBE = b"Only the show's own people may read this.\n"
_HINT = 'name a place that only you reach: private = "s3://another-bucket" under [storage]'


def private_side(workspace: Workspace, *, make: bool = True) -> Store:
    """The store that keeps the numbers. A folder is made where there is none, and told to git as none of its business.

    Raises PlanRefused `refused-readable` where what lies there answers to anybody, StorageError where it does not answer to us.
    """
    storage = workspace.config.storage
    place = storage.private or storage.url
    if place in storage.buckets:
        store = workspace.storage.private
        _refuse_readable(workspace, store)
        return store
    folder = workspace.file.folder / (storage.private or FOLDER)
    _refuse_inside(folder, [workspace.file.folder / url for url in storage.folders[:1] if url == storage.url])
    if make and not storage.private:
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            (folder / ".gitignore").write_text("*\n")
    return workspace.storage.private if storage.private else DirectoryStore(folder)


def kept_in(workspace: Workspace) -> Store:
    """The same store for somebody who only reads: whoever else reaches it, nothing is written."""
    storage = workspace.config.storage
    beside = not storage.private and storage.url not in storage.buckets
    return DirectoryStore(workspace.file.folder / FOLDER) if beside else workspace.storage.private


def _refuse_inside(folder: Path, public: list[Path]) -> None:
    """What lies in the listeners' folder is uploaded with it."""
    for root in public:
        if folder.resolve().is_relative_to(root.resolve()):
            message = f"the numbers would lie in the folder that listeners reach: {folder / STATE_FOLDER}"
            hint = 'name a folder outside of it: private = "../private" under [storage]'
            raise PlanRefused(message, hint=hint, code="refused-readable")


def _refuse_readable(workspace: Workspace, store: Store) -> None:
    """An object that holds nothing is put where the numbers would lie, and asked for without keys."""
    with suppress(ConditionFailed):  # it is there
        store.put(layout.STATS_PROBE, _PROBE, PRIVATE, if_absent=True)
    readable = getattr(store, "readable_by_anyone", None)
    if readable is not None and readable(layout.STATS_PROBE):
        raise PlanRefused(f"anybody can read what lies in the {store.describe()}", hint=_HINT, code="refused-readable")
    url = workspace.config.site.url
    if has_none(url) or is_nowhere(url):
        return
    from publisher.web.web_requests import Limits, get

    address = f"{url.rstrip('/')}/{layout.STATS_PROBE}"
    answer = get(address, Limits(threads=1, step=5.0, answer=20.0, body=4096, pauses=()))
    if answer.status == 200 and answer.body.startswith(_PROBE):
        raise PlanRefused(f"anybody can read what lies beside it: {address}", hint=_HINT, code="refused-readable")
