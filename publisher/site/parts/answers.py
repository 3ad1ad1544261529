"""Answers that a show's posts on Mastodon and Bluesky got, `comments/<slug>.social.json`: cleaned, bounded, in the order of time.

Who fetches them writes this file and pages are made of it. It may have been changed by hand since, or come from anybody, so both go
through the same cleaning.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from feed.findings import ContentFault, Finding, Severity
from feed.text_cleaning import read_json, xml_safe
from publisher.site.parts.comments import MAX_TEXT, Comment, Comments, Thread, merged, paragraphs_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from publisher.core.show_files import SourceFile

MAX_ANSWERS = 500
"""Those of an episode that are kept: the newest."""
LARGEST_FILE = 6 << 20
"""Bytes of an episode's answers; only very long ones in letters of four bytes come near it."""
MAX_NAME, MAX_HANDLE, MAX_ADDRESS, MAX_WARNING = 50, 120, 600, 200
NETWORKS = {"mastodon": "Mastodon", "bluesky": "Bluesky"}
"""Where answers come from, and how that is called."""
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""What turns the direction of all that follows, as nobody writes it by hand."""
_MARKS = re.compile("[\u061c\u200b-\u200f\u2028\u2029\u2060-\u2064\ufeff]")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.\-]+(?::\d{1,5})?(?:/[!#-;=?-Z_a-z~\[\]@]*)?")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_HANDLE = re.compile(r"[\w.-]+(?:@[\w.-]+(?::\d{1,5})?)?")
_NETWORK = re.compile(r"[a-z]{1,20}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialAnswer:
    """One answer: `text` with the little Markdown of comments, `date` in UTC (ISO 8601), `reply_to` the id of the answer it answers (""
    for the post itself), `warning` what its author put before it, `by_show`: the account that posted says it. Addresses are http(s).
    """

    id: str
    network: str
    name: str
    handle: str
    profile: str
    address: str
    text: str
    date: str
    reply_to: str = ""
    warning: str = ""
    by_show: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFile:
    """The answers to an episode's posts (network and address of each), oldest first; `hidden` are the ids, or addresses, of those that the
    show does not want on its page, for good. `changed` is when others were fetched than before (UTC, ISO 8601), "" where nobody fetched any.
    """

    episode: str
    changed: str = ""
    posts: tuple[tuple[str, str], ...] = ()
    answers: tuple[SocialAnswer, ...] = ()
    hidden: tuple[str, ...] = ()


class SocialAnswers:
    """Those of a show, read when they are asked for: from its folder, and where that has none, as they were published."""

    def __init__(
        self,
        files: Mapping[str, SourceFile],
        published: Callable[[str], str] = lambda _slug: "",
        stored: Callable[[str], bytes | None] = lambda _slug: None,
    ) -> None:
        """`files` by the slug of their episode; `published` gives the sha256 of what the storage has of an episode ("": nothing), and
        `stored` reads it.
        """
        self._files = files
        self._published = published
        self._stored = stored
        self._kept: dict[str, bytes | None] = {}
        self._read: dict[str, AnswerFile | None] = {}

    def digest(self, slug: str) -> str:
        """Changes when the answers to an episode's posts do; "" without any."""
        body = self._chosen(slug)
        return self._published(slug) if body is None else hashlib.sha256(body).hexdigest()

    def document(self, slug: str) -> bytes:
        """The file as it is published. What the storage had and lost is an empty one."""
        body = self._chosen(slug)
        return written(self._as_published(slug) or AnswerFile(episode=slug)) if body is None else body

    def are_lost(self, slug: str) -> bool:
        """Whether answers were published that are neither here nor on the storage."""
        return bool(self._published(slug)) and self._chosen(slug) is None and self._as_published(slug) is None

    def of(self, slug: str) -> tuple[Comment, ...]:
        """The answers as a page shows them."""
        found = read_answers(self.document(slug), slug) if self.digest(slug) else None
        return () if found is None else as_comments(found.answers)

    def findings(self) -> Iterator[Finding]:
        """The files that hold no answers."""
        for slug, file in self._files.items():
            if self._here(slug) is None:
                message = 'these are no answers of this episode: {"episode": "…", "answers": […]} is expected; what was published stays'
                hint = "delete the file, and `publish comments pull` writes it anew"
                yield Finding(code="comments-unreadable", severity=Severity.WARNING, message=message, file=file.name, hint=hint)

    def _chosen(self, slug: str) -> bytes | None:
        """What the folder has, as it is published; None where it has nothing that can be used. An old checkout does not bring back the
        answers of its day: what was fetched later and published wins, but for what is hidden here.
        """
        if slug not in self._kept:
            here = self._here(slug)
            body = None if here is None else written(here)
            there = self._published(slug) if body is not None else ""
            if here is not None and body is not None and there not in ("", hashlib.sha256(body).hexdigest()):
                later = self._as_published(slug)
                if later is not None and later.changed > here.changed:
                    hidden = tuple(sorted({*later.hidden, *here.hidden}))
                    body = written(replace(later, answers=bounded(later.answers, hidden), hidden=hidden))
            self._kept[slug] = body
        return self._kept[slug]

    def _here(self, slug: str) -> AnswerFile | None:
        try:
            return read_answers(self._files[slug].read(), slug) if slug in self._files else None
        except ContentFault:
            return None

    def _as_published(self, slug: str) -> AnswerFile | None:
        if slug not in self._read:
            self._read[slug] = read_answers(self._stored(slug) or b"", slug)
        return self._read[slug]


class Talk(NamedTuple):
    """What is said of the show's episodes: here, and below its posts elsewhere."""

    comments: Comments
    answers: SocialAnswers

    def digest(self, slug: str) -> str:
        """Changes when what is said of an episode does."""
        answers = self.answers.digest(slug)
        return f"{self.comments.digest(slug)} {answers}" if answers else self.comments.digest(slug)

    def thread(self, slug: str) -> Thread:
        """All that is said of an episode, by time."""
        here, elsewhere = self.comments.of(slug), self.answers.of(slug)
        if not elsewhere:
            return here
        count = sum(1 + len(answer.answers) for answer in elsewhere)
        return Thread(comments=merged(here.comments, elsewhere), total=here.total + count)


def read_answers(body: bytes, slug: str) -> AnswerFile | None:
    """What a file of answers to the posts of the episode `slug` says, cleaned and bounded; None for what is no such file."""
    try:
        found = read_json(body)
    except ValueError:
        return None
    if not isinstance(found, dict) or found.get("episode") != slug or not isinstance(found.get("answers"), list):
        return None
    rows = [answer for row in found["answers"] if isinstance(row, dict) and (answer := clean(row)) is not None]
    posts = [row for row in _listed(found.get("posts")) if isinstance(row, dict)]
    named = ((_network(row.get("network")), address_of(row.get("address"))) for row in posts)
    hidden = tuple(sorted({text for text in _listed(found.get("hidden")) if isinstance(text, str) and 0 < len(text) <= MAX_ADDRESS}))
    return AnswerFile(
        episode=slug,
        changed=moment_of(found.get("changed")),
        posts=tuple(dict.fromkeys((network, address) for network, address in named if network and address)),
        answers=bounded(rows, hidden),
        hidden=hidden,
    )


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def written(file: AnswerFile) -> bytes:
    """The file: the same answers, the same bytes."""
    document: dict[str, Any] = {
        "episode": file.episode,
        "changed": file.changed,
        "posts": [{"network": network, "address": address} for network, address in file.posts],
        "answers": [_row(answer) for answer in file.answers],
    }
    document |= {"hidden": list(file.hidden)} if file.hidden else {}
    document = {name: value for name, value in document.items() if name != "changed" or value}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _row(answer: SocialAnswer) -> dict[str, Any]:
    names = ("id", "network", "name", "handle", "profile", "address", "text", "date", "reply_to", "warning", "by_show")
    return {name: value for name in names if (value := getattr(answer, name))}


def bounded(answers: Iterable[SocialAnswer], hidden: Iterable[str] = ()) -> tuple[SocialAnswer, ...]:
    """Each once, without those that are `hidden`, oldest first: the newest that a file may hold."""
    unwanted = frozenset(hidden)
    by_id = {answer.id: answer for answer in answers if not unwanted & {answer.id, answer.address}}
    ordered = sorted(by_id.values(), key=lambda answer: (answer.date, answer.id))[-MAX_ANSWERS:]
    size = 0
    for place in range(len(ordered), 0, -1):
        size += len(json.dumps(_row(ordered[place - 1]), ensure_ascii=False).encode())
        if size > LARGEST_FILE:
            return tuple(ordered[place:])
    return tuple(ordered)


def clean(row: Mapping[str, Any]) -> SocialAnswer | None:
    """An answer as somebody gave it, its texts cut and cleaned, its addresses judged; None for one without text, time or a place."""
    known, moment, address = row.get("id"), moment_of(row.get("date")), address_of(row.get("address"))
    parts = paragraphs_of(_straight(row.get("text")))
    network = _network(row.get("network"))
    if not (isinstance(known, str) and _ID.fullmatch(known) and moment and address and parts and network):
        return None
    above, handle = row.get("reply_to"), one_line(row.get("handle"), MAX_HANDLE)
    return SocialAnswer(
        id=known,
        network=network,
        name=one_line(row.get("name"), MAX_NAME),
        handle=handle if _HANDLE.fullmatch(handle) else "",
        profile=address_of(row.get("profile")),
        address=address,
        text="\n\n".join(parts),
        date=moment,
        reply_to=above if isinstance(above, str) and _ID.fullmatch(above) and above != known else "",
        warning=one_line(row.get("warning"), MAX_WARNING),
        by_show=row.get("by_show") is True,
    )


def one_line(text: object, most: int) -> str:
    """A text on one line, without what is not seen or turns what stands around it, at most so many characters."""
    if not isinstance(text, str):
        return ""
    return " ".join(_MARKS.sub("", _TURNS.sub("", xml_safe(text[: 8 * most]))).split())[:most].strip()


def address_of(address: object) -> str:
    """An address of the web that a page may lead to, "" for anything else: no script, nobody's password, nothing that is not seen."""
    return address if isinstance(address, str) and len(address) <= MAX_ADDRESS and _ADDRESS.fullmatch(address) else ""


def moment_of(text: object) -> str:
    """A moment with its offset in UTC, to the second; "" for what is none."""
    if not isinstance(text, str) or len(text) > 40:
        return ""
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.astimezone(UTC) if moment.tzinfo is not None else datetime.min  # noqa: DTZ901  told apart by its year
    except (ValueError, OverflowError):
        return ""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if 1900 <= moment.year < 2100 else ""


def _straight(text: object) -> object:
    return _TURNS.sub("", text[: 2 * MAX_TEXT]) if isinstance(text, str) else text


def _network(name: object) -> str:
    return name if isinstance(name, str) and _NETWORK.fullmatch(name) else ""


def as_comments(answers: Iterable[SocialAnswer]) -> tuple[Comment, ...]:
    """As a page shows them: what answers an answer, however deep, stands below the one that the row begins with."""
    ordered = {answer.id: answer for answer in answers}
    heads: dict[str, str] = {}
    shown = {known: _comment(answer) for known, answer in ordered.items()}
    for known in ordered:
        way, at = dict[str, None](), known
        while at not in heads and at not in way:  # a circle, which only a file from elsewhere holds, begins with its oldest
            way[at] = None
            at = ordered[at].reply_to if ordered[at].reply_to in ordered else at
        heads |= dict.fromkeys(way, heads.get(at, at))
        if heads[known] != known:
            shown[heads[known]].answers.append(shown[known])
    return tuple(comment for known, comment in shown.items() if heads[known] == known)


def _comment(answer: SocialAnswer) -> Comment:
    return Comment(
        name=answer.name or answer.handle,
        paragraphs=tuple(answer.text.split("\n\n")),
        id=answer.id,
        moment=answer.date,
        date=datetime.fromisoformat(answer.date[:10]),
        by_show=answer.by_show,
        network=NETWORKS.get(answer.network, answer.network.capitalize()),
        handle=answer.handle,
        profile=answer.profile,
        address=answer.address,
        warning=answer.warning,
    )
