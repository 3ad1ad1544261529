"""What `publish comments import` and `export` do."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from feed.findings import ContentFault
from feed.text_cleaning import read_json
from publisher.comments.interchange.disqus import MARK as DISQUS
from publisher.comments.interchange.disqus import read_disqus
from publisher.comments.interchange.foreign_rows import taken_over
from publisher.comments.interchange.isso import BEGINS, read_isso
from publisher.comments.interchange.json_form import is_export, read_export, write_export
from publisher.comments.interchange.page_form import read_page_form
from publisher.comments.interchange.threads import ForeignThreads, KnownEpisode
from publisher.comments.interchange.wordpress import MARK as WORDPRESS
from publisher.comments.interchange.wordpress import read_wordpress
from publisher.comments.results import Guess, ImportedComments, NotTaken

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from publisher.comments.database.values import Source, StoredComment
    from publisher.comments.interchange.foreign_comments import Foreign
    from publisher.comments.moderation.desk import Desk


_HEAD = 4096
"""Bytes by which a file is known."""


def export_comments(desk: Desk) -> tuple[bytes, int]:
    """All comments of a show as one document, and how many there are."""
    comments = desk.database.list(desk.show)
    return write_export(desk.show, comments), len(comments)


def import_comments(desk: Desk, file: Path, named: Mapping[str, str], *, dry_run: bool, overwrite: bool) -> ImportedComments:
    """Take over a file; `named` are slugs by the address of a page elsewhere. Raises ContentFault `import-comments`, StorageError.

    The files of the episodes that got approved comments are written before it ends.
    """
    ours = _export_in(file)
    if ours is not None:
        result = ImportedComments(source="airdate", **_NOTHING, added=0, already=0)
        return _kept(desk, read_export(ours, desk.show), result, dry_run=dry_run, overwrite=overwrite)
    source, foreign = read_foreign(file)
    threads = ForeignThreads(episodes=_episodes(desk), site_url=desk.workspace.config.site.url, named=named)
    taken = taken_over(foreign, source, desk.show, threads)
    left_out = Counter(foreign.left_out)
    not_kept = Counter(foreign.not_kept) + Counter({"links to a comment that is not in the export": taken.without_parent})
    result = ImportedComments(
        source=source,
        added=0,
        already=0,
        pages=_rows(taken.strange),
        left_out=_rows(left_out),
        not_kept=_rows(not_kept),
        guessed=tuple(Guess(page=page, episode=slug) for page, slug in threads.guessed.items() if page != slug),
    )
    return _kept(desk, taken.rows, result, dry_run=dry_run, overwrite=overwrite)


_NOTHING: dict[str, tuple[()]] = {"pages": (), "left_out": (), "not_kept": (), "guessed": ()}


def _export_in(file: Path) -> bytes | None:
    """What a file holds, where it is an export of ours."""
    with file.open("rb") as stream:
        if not stream.read(_HEAD).lstrip().startswith(b"{"):
            return None
    raw = file.read_bytes()
    try:
        return raw if is_export(read_json(raw)) else None
    except ValueError:
        return None


def read_foreign(path: Path) -> tuple[Source, Foreign]:
    """Which service a file is from, and what is in it. Raises ContentFault `import-comments`."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if head.startswith(BEGINS):
        return "isso", read_isso(path)
    if WORDPRESS in head:  # before Disqus, whose own extension of WordPress' form it names
        return "wordpress", read_wordpress(path)
    if DISQUS in head:
        return "disqus", read_disqus(path)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return "json", read_page_form(path)
    raise ContentFault(
        "this is no export of comments that is known",
        code="import-comments",
        hint="known are Isso's comments.db, the XML of Disqus and of WordPress, and what `publish comments export` writes",
    )


def _kept(desk: Desk, rows: list[StoredComment], result: ImportedComments, *, dry_run: bool, overwrite: bool) -> ImportedComments:
    known = desk.database.known(desk.show, [row.id for row in rows])
    if dry_run:
        return replace(result, added=len(rows) - len(known), already=len(known))
    added = desk.database.add(rows)
    for slug in sorted({row.episode for row in rows if row.state == "approved"}):
        desk.published.write(slug, overwrite=overwrite)
    return replace(result, added=added, already=len(rows) - added)


def _rows(counted: Counter[str]) -> tuple[NotTaken, ...]:
    return tuple(NotTaken(what=what, count=count) for what, count in counted.most_common() if count)


def _episodes(desk: Desk) -> dict[str, KnownEpisode]:
    """The episodes that were published, with the addresses that the folder names of their former pages."""
    state = desk.state()
    written = {episode.guid: tuple(episode.written.former) for episode in desk.workspace.load(state).episodes}
    return {
        slug: KnownEpisode(slug=slug, guid=item.guid, title=item.title, former=written.get(item.guid, ()))
        for slug, item in state.episodes.items()
        if not item.withdrawn
    }
