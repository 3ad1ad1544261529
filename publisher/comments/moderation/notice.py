"""What a moderator is told of one comment, whatever the way: its words, its episode and second, and the addresses that decide."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from feed.text_cleaning import one_line
from feed.times import short_clock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from publisher.comments.database.values import StoredComment
    from publisher.comments.moderation.signed_links import Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A comment that was taken. `page` is the address of its episode's page, `answers` the name of whom it answers, `links` what decides
    (none where the service's own address is not known).
    """

    comment: StoredComment
    episode: str
    page: str
    answers: str = ""
    links: Mapping[Action, str] = field(default_factory=dict)

    @property
    def at_page(self) -> str:
        """The address of the page at the second that the comment is about."""
        return self.page if self.comment.at is None else f"{self.page}#t={self.comment.at}"

    @property
    def heading(self) -> str:
        """Who wrote about what, on one line."""
        second = f", at {short_clock(self.comment.at)}" if self.comment.at is not None else ""
        answers = f", answering {one_line(self.answers)}" if self.answers else ""
        return f"{one_line(self.comment.name)} on “{one_line(self.episode)}”{second}{answers}"

    @property
    def stands(self) -> bool:
        """Whether it is on the page already, approved by itself."""
        return self.comment.state == "approved"
