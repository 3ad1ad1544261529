"""Results of commands: frozen values that `--json` shows, and the rows that several of them share.

Each class is the contract of one document: its fields are the keys, in this order. A field that is None by default is a key
that is left out while it is None.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, cast

from feed.findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = str | int | float | bool | list["Json"] | dict[str, "Json"] | None
"""What a JSON document is made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a command found or did."""

    __pydantic_config__: ClassVar[dict[str, bool]] = {"use_attribute_docstrings": True}


def document_of(value: object) -> Json:
    """A result as JSON."""
    if isinstance(value, Result):
        shown = ((field, getattr(value, field.name)) for field in fields(value))
        return {field.name: document_of(item) for field, item in shown if item is not None or field.default is not None}
    if isinstance(value, (tuple, list)):
        return [document_of(item) for item in value]
    return value.value if isinstance(value, Enum) else cast("Json", value)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow(Result):
    """A finding of `publish check`, `publish verify` or of a publish."""

    code: str
    """The rule; `publish explain CODE` prints it in full."""
    severity: Severity
    """error, warning or hint."""
    file: str
    """Where, as a path in the show's folder or an address; empty where no file is meant."""
    line: int
    """In that file; 0 where no line is meant."""
    message: str
    """What is wrong."""
    hint: str
    """What to do."""
    episode: str = ""
    """The slug of the episode that it is about, in a feed of others its guid; empty for the whole show."""

    @classmethod
    def of(cls, finding: Finding) -> FindingRow:
        """The row of a finding."""
        return cls(**{name: getattr(finding, name) for name in cls.__slots__})

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> FindingRow:
        """A row from its JSON form. Raises TypeError, ValueError or KeyError where it is none."""
        return cls(**{**row, "severity": Severity(row["severity"])})

    def finding(self) -> Finding:
        """The finding of a row."""
        return Finding(**{name: getattr(self, name) for name in self.__slots__})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow(Result):
    """One object of the storage that will differ, or does."""

    action: str
    """`put` sends it, `keep` leaves what nothing names any more to `publish prune`."""
    key: str
    """Its name on the storage."""
    reason: str
    """new, content, headers, lost or gone."""
    bytes: int
    """Its size."""
    phase: str
    """When it is written: media, document, page, feed, echo (addresses of replaced recordings) or state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeChange(Result):
    """An episode that a publish brings, changes or takes out of the feed."""

    slug: str
    """The episode."""
    guid: str
    """Its identity in apps."""
    title: str
    """Its title; empty for one that was unlisted and goes."""
    page: str
    """The address of its page."""
    enclosure: str
    """The address of its recording; empty for one that goes."""
    change: str
    """new, changed or removed."""
    parts: tuple[str, ...]
    """What of it changed: title, date, recording, other encodings, notes, details (front matter), transcript, chapters, cover, pictures, or
    text where that is not known more closely."""
    last_by: str | None = None
    """Who published it last."""
    last_at: str | None = None
    """When that was (ISO 8601)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary(Result):
    """How many changes there are of each reason."""

    new: int
    """Nothing of that name was there."""
    content: int
    """Other bytes."""
    headers: int
    """The same bytes, another type or cache rule."""
    lost: int
    """It vanished from the storage, or holds other bytes there than were put."""
    gone: int
    """Nothing names it any more."""
    bytes: int
    """To be sent for all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LostRow(Result):
    """A file that was not on the storage as it was put there."""

    key: str
    """Its name on the storage."""
    found: str
    """`missing`, or `changed` where it held other bytes."""
    put_back: bool
    """Whether it is there again."""
    reason: str
    """Why it cannot be put back; empty where it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair(Result):
    """What `--repair` found on the storage, or a publish after a look from outside that missed something."""

    looked_at: int
    """How many files were looked for."""
    files: tuple[LostRow, ...]
    """Those that were lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRow(Result):
    """A faulty episode that `--skip-faulty` held back."""

    slug: str
    """The episode."""
    folder: str
    """Its folder in the show's, or the file that is at fault."""
    published: bool
    """Whether listeners go on having it, as it was last published."""
    findings: tuple[FindingRow, ...]
    """What is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRow(Result):
    """An episode that was told to a network, or with `--dry-run` would be."""

    slug: str
    """The episode."""
    network: str
    """mastodon, bluesky or webhook."""
    status: str
    """`posted`; `owed` where it was surely not taken, and by `--dry-run`; `unclear` where nobody can tell."""
    text: str
    """What the post says; empty for a webhook."""
    address: str
    """Where people read it; empty where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published(Result):
    """What a publish did, or with `--dry-run` would do."""

    changes: tuple[ChangeRow, ...]
    """The plan, in the order it is carried out."""
    summary: Summary
    """The plan in numbers."""
    episodes: tuple[EpisodeChange, ...]
    """The episodes that it brought, changed or took away, the newest first."""
    show: tuple[str, ...]
    """What of the show itself changed: title, description, details (`[show]`, people, seasons), looks, settings (other
    tables), live streams, pictures, cover, pages, address."""
    findings: tuple[FindingRow, ...]
    """What was found in the folder; errors stop a publish, but for those of episodes that are held back."""
    held: tuple[HeldRow, ...]
    """Faulty episodes that were held back; where there are some, the exit status is 7."""
    generation: int
    """The number of the publish that listeners have now."""
    requests: int
    """Sent to the storage."""
    bytes_sent: int
    """Sent to the storage; 0 when nothing was."""
    seconds: float
    """How long it took."""
    feed_url: str
    """The feed's address."""
    next_due: str | None
    """When the next waiting episode is due (ISO 8601)."""
    verified: tuple[FindingRow, ...] | None = None
    """What the look from outside found; absent when nobody looked."""
    repair: Repair | None = None
    """What was lost on the storage; absent when nobody looked for it."""
    posts: tuple[PostRow, ...] | None = None
    """What was told to networks, or with `--dry-run` would be; absent where nothing was to be told."""

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Published:
        """The value of a remembered document. Raises TypeError, ValueError or KeyError where it is none."""
        made = {
            "changes": tuple(ChangeRow(**row) for row in document["changes"]),
            "episodes": tuple(EpisodeChange(**{**row, "parts": tuple(row["parts"])}) for row in document["episodes"]),
            "show": tuple(document["show"]),
            "summary": Summary(**document["summary"]),
            "findings": tuple(map(FindingRow.read, document["findings"])),
            "held": (),  # a publish that held something back is not remembered
        }
        return cls(**{**document, **made})


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRow(Result):
    """What went wrong."""

    code: str
    """`publish explain CODE` prints it in full; `bug` where the fault is Airdate's own."""
    message: str
    """What."""
    cause: str | None = None
    """Why; may be empty."""
    hint: str | None = None
    """What to do next; may be empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed(Result):
    """What any command says instead of its result when it ends in an error."""

    error: ErrorRow
    """What went wrong."""
    status: int
    """The exit status."""
    findings: tuple[FindingRow, ...] = ()
    """Where the folder is at fault."""
    repair: Repair | None = None
    """What was lost on the storage; absent when nobody looked for it."""
