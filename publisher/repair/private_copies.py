"""What the private side keeps for whoever loses their folder, texts and files: looked for by `--repair`, put back from this folder."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from publisher.core import layout
from publisher.core.errors import StorageError
from publisher.core.json_results import LostRow
from publisher.incremental_build.artifacts import bytes_of
from publisher.state.state import State
from publisher.sync.kept.files import files_to_keep, read_kept_file, read_kept_files
from publisher.sync.kept.texts import CONFIG, digest_of_config, named_texts, read_texts, texts_to_keep
from publisher.sync.uploads import SHARD_HEADERS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from publisher.core.layout import Key
    from publisher.folder_to_plan import Prepared
    from publisher.stores.protocol import Store
    from publisher.workspace import Workspace

AT_ONCE = 8
"""Objects that are read at the same time: each of them whole, and a picture may be large."""
GONE = "this folder no longer has it as it was published; what is published next is kept again"


def lost_of_kept(workspace: Workspace, state: State) -> dict[Key, str]:
    """What State says is kept and cannot be read: `missing` or `changed` by key. All of it is read. Raises StorageError."""
    if not workspace.storage.is_apart:
        return {}
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        looked = pool.map(lambda asked: (asked[0], _found(asked[1])), _readers(workspace.storage.private, state))
        return {key: found for key, found in sorted(looked) if found}


def kept_again(workspace: Workspace, prepared: Prepared, lost: Collection[Key]) -> frozenset[Key]:
    """Put back what of `lost` this folder still has byte for byte as it was published; which that was."""
    if not lost:
        return frozenset()
    private, state = workspace.storage.private, prepared.state
    sources = {content.slug: content.source for content in prepared.rendering.contents if content.slug in state.episodes}
    as_kept = {slug: source for slug, source in sources.items() if source.text_digest == state.episodes[slug].texts[0].digest}
    texts = [*texts_to_keep(State(), replace(state, config=digest_of_config(workspace.file)), workspace.file, as_kept)]
    files = files_to_keep(private, State(), state, prepared.source, sources).uploads
    made = [item for item in (*texts, *files) if item.key in lost]
    for item in made:
        private.put(item.key, bytes_of(item), SHARD_HEADERS)
    private.flush()
    return frozenset(item.key for item in made)


def kept_rows(lost: Mapping[Key, str], again: Collection[Key], *, done: bool) -> Iterator[LostRow]:
    """The rows of the result."""
    for key, found in lost.items():
        yield LostRow(key=key, found=found, put_back=key in again, reason="" if key in again or not done else GONE)


def _readers(private: Store, state: State) -> Iterator[tuple[Key, Callable[[], object]]]:
    """A way to read each object that State says is kept."""
    named = {layout.text(slug, item.texts[0].digest): (slug, item.texts[0].digest) for slug, item in state.episodes.items() if item.texts}
    for key in named_texts(state):
        name, digest = named.get(key) or (CONFIG, state.config)
        yield key, partial(read_texts, private, name, digest)
    if state.files:
        yield layout.kept_file(state.files), partial(read_kept_files, private, state.files)
        for sha256 in _listed(private, state):
            yield layout.kept_file(sha256), partial(read_kept_file, private, sha256)


def _listed(private: Store, state: State) -> list[str]:
    """The hashes that the list names; none where it cannot be read."""
    try:
        kept = read_kept_files(private, state.files)
    except StorageError as error:
        if error.code != "texts-unreadable":
            raise
        kept = None
    return sorted(kept.apart) if kept is not None else []


def _found(read: Callable[[], object]) -> str:
    try:
        return "missing" if read() is None else ""
    except StorageError as error:
        if error.code != "texts-unreadable":
            raise
        return "changed"
