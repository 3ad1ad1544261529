"""State: what the storage remembers of the show, with the Ledger of everything ever published, and its bytes there.

It lies on the storage itself, so any machine can go on where another stopped. It never holds drafts or titles that are not
due. On the storage it is one small index and a shard per year, named by its bytes: what a publish does not touch is neither
read anew nor written.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass, field, replace
from operator import is_
from typing import TYPE_CHECKING, Any, NamedTuple

from publisher.core import layout
from publisher.core.digests import canonical_json
from publisher.core.errors import StorageError
from publisher.incremental_build.artifacts import FOREVER, RecipeRecord, StoredObject
from publisher.incremental_build.recipe_names import episode_of
from publisher.state import reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from publisher.core.layout import Key
    from publisher.state.published_episodes import PublishedEpisode

FORMAT = 2
"""1 told no makers: it is read, and what it knew nothing of counts as made by anybody."""
SITE = "site"
"""What belongs to no episode: it lies in the index itself, for it changes with every publish."""


class _Shard(NamedTuple):
    """What one shard holds: three tables, by name or key."""

    episodes: dict[str, PublishedEpisode]
    recipes: dict[str, RecipeRecord]
    objects: dict[Key, StoredObject]

    def plain(self) -> dict[str, Mapping[Any, Any]]:
        """JSON values."""
        episodes = {
            slug: {name: _plain(value) for name, value in _fields(episode) if value not in (False, "", (), None)}
            for slug, episode in self.episodes.items()
        }
        recipes = {name: record if record.rules else record[:2] for name, record in self.recipes.items()}
        return {"episodes": episodes, "recipes": recipes, "objects": self.objects}


@dataclass(slots=True, weakref_slot=True)
class Packed:
    """Shards that were read or written, by key, which names their bytes: one in which nothing changed is not packed again. `last` is
    the State that was written last, with its bytes: what was stored is kept on this machine next, in the same words.
    """

    contents: dict[Key, _Shard] = field(default_factory=dict)
    bodies: dict[Key, bytes] = field(default_factory=dict)
    last: tuple[State, tuple[bytes, dict[Key, bytes]]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What we last stored. `etag` is that of the index as read; empty for a first publish.

    `held` is the publish that a rollback went back to (0: none); `verified` and `announced` the last publish that was looked
    at from outside and told to the hubs; `words` has a digest for each part of the show itself that people write; `published` says
    when each recent publish was made (ISO 8601, by the command's clock). `unsettled` is the generation where this publish was finished
    for a process that had just died: requests of that one may be carried out yet.
    """

    generation: int = 0
    show_guid: str = ""
    show_title: str = ""
    site_url: str = ""
    feed_key: str = ""
    pretty_urls: bool = False
    conditions: str = ""
    held: int = 0
    verified: int = 0
    announced: int = 0
    forgotten: int = 0
    unsettled: int = 0
    words: Mapping[str, str] = field(default_factory=dict)
    config: str = ""
    """The digest of config.toml as it was published; "" where no texts are kept."""
    files: str = ""
    """The sha256 of the list of all other files that the show was made of; "" where none are kept."""
    token_hosts: Mapping[str, str] = field(default_factory=dict)
    """By network, the host that its token went to first: it goes to no other until somebody says so."""
    published: Mapping[str, str] = field(default_factory=dict)
    episodes: Mapping[str, PublishedEpisode] = field(default_factory=dict)
    recipes: Mapping[str, RecipeRecord] = field(default_factory=dict)
    objects: Mapping[Key, StoredObject] = field(default_factory=dict)
    shards: Mapping[str, Key] = field(default_factory=dict)
    etag: str = field(default="", compare=False)
    packed: Packed = field(default_factory=Packed, compare=False, repr=False)
    """Shards of this State, and of those it comes from, as they were read or written."""

    @property
    def first(self) -> bool:
        """Whether nothing was ever published here."""
        return self.generation == 0

    @property
    def publishes(self) -> list[tuple[int, str]]:
        """The publishes that can be named, newest first, each with its time."""
        return [(int(number), at) for number, at in sorted(self.published.items(), key=lambda row: -int(row[0]))]

    def changed_after(self, generation: int) -> set[Key]:
        """The pages and feeds that were put after this publish."""
        return {key for key, stored in self.objects.items() if stored.since > generation and stored.cache_control != FOREVER}

    def by_guid(self) -> dict[str, PublishedEpisode]:
        """The Ledger by guid."""
        return {episode.guid: episode for episode in self.episodes.values()}


_HEAD = (
    "generation", "show_guid", "show_title", "site_url", "feed_key", "pretty_urls", "conditions", "held", "verified", "announced", "forgotten",
)  # fmt: skip


def write_state(state: State) -> tuple[bytes, dict[Key, bytes]]:
    """The index, and the shards by key. Same State, same bytes; every shard is named by what it holds."""
    last = state.packed.last
    if last is not None and _alike(last[0], state):
        return last[1]
    written = _write(state)
    state.packed.last = state, written
    return written


def _alike(one: State, other: State) -> bool:
    """Whether two States are written alike, without looking through all they hold."""
    same = one.episodes is other.episodes and one.recipes is other.recipes and one.objects is other.objects
    return (
        same
        and one.published == other.published
        and one.words == other.words
        and one.token_hosts == other.token_hosts
        and one.unsettled == other.unsettled
        and (one.config, one.files) == (other.config, other.files)
        and all(getattr(one, name) == getattr(other, name) for name in _HEAD)
    )


def _write(state: State) -> tuple[bytes, dict[Key, bytes]]:
    bodies: dict[Key, bytes] = {}
    names: dict[str, Key] = {}
    shards = _divided(state)
    packed = state.packed
    site = shards.pop(SITE, None) or _Shard({}, {}, {})
    for name, shard in sorted(shards.items()):
        key = state.shards.get(name)
        if key is None or packed.contents.get(key) is not shard:
            raw = _json(shard.plain())
            key = layout.shard(name, hashlib.sha256(raw).hexdigest())
            packed.contents[key] = shard
            if key not in packed.bodies:
                packed.bodies[key] = gzip.compress(raw, 6, mtime=0)
        bodies[key] = packed.bodies[key]
        names[name] = key
    index = {name: getattr(state, name) for name in _HEAD} | {
        "format": FORMAT,
        "published": dict(state.published),
        "words": dict(state.words),
        **{
            name: kept
            for name, kept in (("config", state.config), ("files", state.files), ("token_hosts", dict(state.token_hosts)))
            if kept
        },
        "shards": names,
        SITE: site.plain(),
    }
    if state.unsettled == state.generation:
        index["unsettled"] = state.unsettled
    return _json(index), bodies


def _divided(state: State) -> dict[str, _Shard]:
    """State by shard: one in which nothing changed is the very same, whatever is new goes where it belongs."""
    now: tuple[Mapping[Any, Any], ...] = (state.episodes, state.recipes, state.objects)
    shards: dict[str, _Shard] = {}
    touched: list[_Shard] = []
    for name, key in state.shards.items():
        shard = state.packed.contents.get(key) or _Shard({}, {}, {})
        rows: tuple[dict[Any, Any], ...] = shard
        if not all(all(map(is_, map(table.get, then), then.values())) for table, then in zip(now, rows, strict=True)):
            shard = _Shard(*({name: table[name] for name in then if name in table} for table, then in zip(now, rows, strict=True)))
            touched.append(shard)
        shards[name] = shard
    episodes, recipes, objects = (table.keys() - set().union(*(shard[at] for shard in shards.values())) for at, table in enumerate(now))

    def home(name: str) -> _Shard:
        shard = shards.get(name)
        if shard is None or not any(shard is one for one in touched):
            shard = shards[name] = _Shard({**shard.episodes}, {**shard.recipes}, {**shard.objects}) if shard else _Shard({}, {}, {})
            touched.append(shard)
        return shard

    for slug in episodes:
        home(_year(state.episodes[slug])).episodes[slug] = state.episodes[slug]
    for recipe in recipes:
        home(_shard_of([episode_of(recipe)], state)).recipes[recipe] = state.recipes[recipe]
    owners = {
        key: name
        for name, shard in shards.items()
        if any(shard is one for one in touched)
        for record in shard.recipes.values()
        for key in record.keys
    }
    for key in objects:
        made_for = map(episode_of, state.objects[key].makers) if state.objects[key].makers else sorted(layout.owners(key))
        home(owners.get(key) or _shard_of(made_for, state)).objects[key] = state.objects[key]
    return shards


SHARDS = 1000
"""Parts that a State may have: one for each year."""
_READERS = {
    **dict.fromkeys(("generation", "held", "verified", "announced", "forgotten"), reading.generation),
    **dict.fromkeys(("site_url", "feed_key", "conditions"), reading.line),
    **dict.fromkeys(("show_guid", "show_title"), reading.text),
    "pretty_urls": reading.flag,
}


def read_state(
    index: bytes, etag: str, read_shard: Callable[[Key], bytes | None], lost_shard: Callable[[Key], bytes | None] = lambda _key: None
) -> State:
    """State from its index; `read_shard` gives a shard's bytes by key, `lost_shard` what stands in for one that is not there.

    Raises StorageError when it is damaged, or of a newer Airdate.
    """
    try:
        head = reading.document(index)
        if reading.count(head["format"]) > FORMAT:
            raise StorageError(
                "this show was published by a newer Airdate",
                cause=f"the storage remembers it in form {head['format']}, this version reads up to {FORMAT}",
                hint="install the newer one here, the way this one was installed",
                code="state-newer",
            )
        names = {name: reading.key(key) for name, key in sorted(head["shards"].items())}
        if len(names) > SHARDS:
            raise ValueError(f"it has {len(names)} parts")
        packed = Packed()
        shards = [_shard(head[SITE])]
        shards += [_read_shard(name, key, read_shard(key), lost_shard, packed) for name, key in names.items()]
        tables: list[dict[Any, Any]] = [{name: row for shard in shards for name, row in shard[at].items()} for at in range(3)]
        episodes, recipes, objects = tables
        fields: dict[str, Any] = {name: _READERS[name](head[name]) for name in _HEAD}
        return State(
            **fields,
            unsettled=reading.generation(head.get("unsettled", 0)),
            words=reading.texts_by_name(head.get("words", {})),
            config=reading.line(head.get("config", "")),
            files=reading.sha256(head["files"]) if head.get("files") else "",
            token_hosts=reading.hosts(head.get("token_hosts", {})),
            published=reading.publishes(head["published"]),
            shards=names,
            episodes=episodes,
            recipes=recipes,
            objects=objects,
            etag=etag,
            packed=packed,
        )
    except reading.DAMAGE as error:
        raise StorageError(
            f"what the storage remembers of this show cannot be read: {layout.STATE_KEY}",
            cause=reading.damage_in_words(error),
            hint="nothing was changed; `publish --repair` on a machine that published before puts back a lost part; else restore it from a backup, "
            "or move the object away and publish with --force adopt",
            code="state-unreadable",
        ) from error


def _read_shard(name: str, key: Key, raw: bytes | None, lost_shard: Callable[[Key], bytes | None], packed: Packed) -> _Shard:
    """A part of State, which its name must fit, or what stands in for a lost one. Raises ValueError."""
    there = raw is not None
    raw = raw if raw is not None else lost_shard(key)
    if raw is None:
        raise ValueError(f"its part {name} is missing ({key})")
    body = reading.unpacked(raw)
    if there and key != layout.shard(name, hashlib.sha256(body).hexdigest()):
        raise ValueError(f"its part {name} is not what its name says ({key})")
    packed.bodies[key] = raw
    packed.contents[key] = shard = _shard(reading.document(body))
    return shard


def generation_of(index: bytes) -> int:
    """Which publish an index is of; 0 when it cannot be read. Raises StorageError for a web page in its place."""
    try:
        return reading.generation(reading.document(index)["generation"])
    except reading.DAMAGE:
        return 0


def _json(value: Any) -> bytes:
    return canonical_json(value) + b"\n"


def _shard(content: Mapping[str, Any]) -> _Shard:
    """A shard from its JSON values."""
    return _Shard(
        {slug: reading.episode(slug, item) for slug, item in content["episodes"].items()},
        {name: reading.recipe_record(row) for name, row in content["recipes"].items()},
        {reading.key(key): reading.stored_object(row) for key, row in content["objects"].items()},
    )


def _shard_of(slugs: Iterable[str], state: State) -> str:
    """The year of the first of these episodes that there is, else `site`."""
    return next((_year(state.episodes[slug]) for slug in slugs if slug in state.episodes), SITE)


def _year(episode: PublishedEpisode) -> str:
    return episode.date[:4]


def _fields(value: Any) -> Iterator[tuple[str, Any]]:
    return ((name, getattr(value, name)) for name in value.__slots__)


def _plain(value: Any) -> Any:
    """JSON values of a dataclass: what `dataclasses.asdict` gives in five times the time."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return {name: _plain(item) for name, item in _fields(value)} if hasattr(value, "__slots__") else value


def with_etag(state: State, etag: str, shards: Mapping[Key, bytes]) -> State:
    """The State as it is on the storage under `etag`."""
    names = {layout.shard_name(key): key for key in shards}
    return replace(state, etag=etag, shards=names)
