"""What `publish comments …` gives with `--json`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from publisher.comments.pulling import PulledComments  # noqa: TC001  the schema is made of it
from publisher.core.json_results import Result

if TYPE_CHECKING:
    import datetime as dt

    from publisher.comments.database.values import StoredComment


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentRow(Result):
    """A comment."""

    id: str
    """By which the other commands know it."""
    episode: str
    """The slug of its episode."""
    name: str
    """Whose it is, as the page shows it; empty once it is erased."""
    text: str
    """What it says; empty once it is erased."""
    at: int | None
    """The second of the recording that it is about."""
    state: str
    """held, approved, rejected, spam or erased."""
    date: str
    """When it came (ISO 8601)."""
    reply_to: str | None
    """The id of the comment that it answers."""
    language: str
    """Of the page it was written on; empty where that is not known."""
    source: str
    """form, isso, disqus, wordpress, json or moderator: where it came from."""

    @classmethod
    def of(cls, comment: StoredComment) -> CommentRow:
        """The row of a comment."""
        return cls(**_values(comment))


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentInFull(CommentRow):
    """A comment with all that is kept of it."""

    guid: str
    """Of its episode."""
    edited: str | None
    """When its author changed it last (ISO 8601)."""
    decided: str | None
    """When its state was decided (ISO 8601)."""
    consent: str
    """The very sentence that its author agreed to; empty where none was recorded."""
    consent_language: str
    """Of that sentence."""
    consent_version: str
    """How the SHA-256 of that sentence begins."""
    consent_at: str | None
    """When its author agreed (ISO 8601)."""
    links: tuple[str, ...]
    """The addresses that approve it, reject it, or call it spam, as a mail has them; none where the service's address is not known."""

    @classmethod
    def whole(cls, comment: StoredComment, links: tuple[str, ...]) -> CommentInFull:
        """All of a comment."""
        return cls(
            **_values(comment),
            guid=comment.guid,
            edited=_written(comment.edited),
            decided=_written(comment.decided),
            consent=comment.consent,
            consent_language=comment.consent_language,
            consent_version=comment.consent_version,
            consent_at=_written(comment.consent_at),
            links=links,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentList(Result):
    """What `publish comments list` found, and what the commands that decide did."""

    comments: tuple[CommentRow, ...]
    """Oldest first, as they are now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased(Result):
    """What `publish comments erase` did."""

    comments: tuple[CommentRow, ...]
    """What is left of each."""
    files: tuple[str, ...]
    """Files of the show's folder that were written anew."""
    published: int | None
    """The number of the publish that took them out of the pages; null where no page had them, or it is left to a later one."""
    records: int
    """How many records of earlier publishes were deleted: no rollback brings them back."""
    left: str
    """What is still to be done; empty when all is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported(Result):
    """What `publish comments export FILE` wrote."""

    file: str
    """The file."""
    comments: int
    """How many are in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTaken(Result):
    """Something of an export that was not taken over."""

    what: str
    """What it was, in words; of a page that is none of the show's, its address."""
    count: int
    """How many comments, or parts of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess(Result):
    """A page of an export whose episode was told by the end of its address, or its title, alone."""

    page: str
    """Its address, or its title."""
    episode: str
    """The slug of the episode that it was taken for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedComments(Result):
    """What `publish comments import` took over."""

    source: str
    """airdate, isso, disqus, wordpress or json: what the file is."""
    added: int
    """Comments that are new here."""
    already: int
    """Comments that were here before; they stay as they are."""
    pages: tuple[NotTaken, ...]
    """Pages that are none of the show's; their comments were left out."""
    left_out: tuple[NotTaken, ...]
    """Comments that were left out for another reason."""
    not_kept: tuple[NotTaken, ...]
    """What was not kept of those that were taken."""
    guessed: tuple[Guess, ...]
    """Pages that are an episode's by a guess."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentCounts(Result):
    """How many comments there are in each state."""

    held: int
    """Notice."""
    approved: int
    """On the page."""
    rejected: int
    """Rejected."""
    spam: int
    """Spam."""
    erased: int
    """Erased."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeComments(CommentCounts):
    """How many comments an episode has."""

    episode: str
    """The slug."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentStats(CommentCounts):
    """What `publish comments stats` counted."""

    waiting_since: str | None
    """When the oldest that waits came (ISO 8601)."""
    outbox: int
    """Messages to moderators, and files, that are still to be sent or written."""
    episodes: tuple[EpisodeComments, ...]
    """Each episode that has comments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentsPulled(Result):
    """What `publish comments pull` brought into the folder."""

    pulled: tuple[PulledComments, ...]
    """Files that were not here as they are on the storage."""


def _values(comment: StoredComment) -> dict[str, Any]:
    names = ("id", "episode", "name", "text", "at", "state", "reply_to", "language", "source")
    return {name: getattr(comment, name) for name in names} | {"date": _written(comment.created)}


def _written(moment: dt.datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment is not None else None
