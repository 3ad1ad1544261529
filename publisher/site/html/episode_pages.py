"""An episode's page and its small one for other sites: the view in, HTML out."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from markupsafe import Markup

from feed.times import parse_time
from publisher.core import addresses as urls
from publisher.core import layout
from publisher.site.html import feed_tags
from publisher.site.html import machine_files as machines
from publisher.site.html.json_ld import episode_data
from publisher.site.html.page_frame import Page, as_script, pictures_of, short
from publisher.site.html.subscribe_links import qr_code
from publisher.site.html.transcript_html import TranscriptView, render_transcript, stamps_in
from publisher.site.parts.words import Words, words_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from feed.model import Chapter, Episode, Show
    from feed.schema.episode import SourceTable
    from publisher.core.addresses import Links
    from publisher.site.parts.page_values import EpisodeView, SiteSettings
    from publisher.site.parts.theme import Theme

_AT_POST = re.compile(r"at://(did:[a-z]+:[A-Za-z0-9._:%-]+|[A-Za-z0-9.-]+)/app\.bsky\.feed\.post/([A-Za-z0-9._:~-]+)")
"""A post on Bluesky as its protocol calls it; people read it at bsky.app."""
# What the player says by itself: words it shows, and sentences with {places} it fills.
_SPOKEN = (
    *("play", "pause", "loading", "buffering", "resume", "starts_at", "valuetext", "valuetext_chapter", "speed_is"),
    *("hits", "no_hits", "copied", "share_at", "play_episode"),
)
# What the script of comments says by itself.
_TALK = (
    *(
        "comment_waits",
        "comment_by_show",
        "comment_answer",
        "comment_answering",
        "comment_edit",
        "comment_changed",
        "comment_delete",
        "comment_delete_sure",
    ),
    *("comment_deleted", "comment_missing", "comment_sending", "comment_offline", "comment_at", "comment_published", "comment_sent"),
    *("comment_trouble", "comment_refused_closed"),
)


def episode_page(theme: Theme, show: Show, view: EpisodeView) -> bytes:
    """An episode: player, notes, chapters and transcript; whole without a script. Reads nothing of `show.episodes`."""
    episode = view.episode
    page = Page(theme, show, view.key)
    links, words = page.links, page.words
    sources = _sources(episode)
    named = [(second, source.title, url) for source, second in sources if second is not None and (url := urls.outside(source.url))]
    # Every second that notes, sources and comments lead to: each needs a place on the page, script or not.
    wanted = stamps_in(episode.notes.page) | {second for _, second in sources if second is not None}
    wanted |= {item.at for comment in view.comments for item in (comment, *comment.answers) if item.at is not None}
    spoken = words_for(episode.written.language) if episode.written.language else words
    transcript = render_transcript(view.sections, wanted=wanted, space=spoken.space, sources=named)
    chapters = tuple(chapter for chapter in episode.chapters if chapter.toc)
    noindex = view.unlisted or view.draft
    service = _comments(theme.settings, episode)
    address = links.absolute(view.key)
    frame = machines.frame(links.absolute(layout.embed_page(episode.slug)), episode.written.title)
    season = dict(theme.settings.seasons).get(episode.written.season or 0)
    trail = (
        []
        if season is None
        else [(season or words("season", number=episode.written.season), layout.season_page(episode.written.season or 0))]
    )
    return page.html(
        "episode.html",
        episode.written.title,
        media=(episode.enclosure.url, *episode.enclosure.hosts),
        trail=[*trail, (episode.written.title, view.key)],
        cover=pictures_of(links, view.covers, episode.image or show.image),
        comments=service,
        posts=_posts(episode),
        description=short(episode.notes.summary or episode.written.title),
        noindex=noindex,
        ld=as_script(episode_data(show, view, address, links)),
        view=view,
        notes=Markup(episode.notes.page),  # noqa: S704  cleaned to an allow-list where notes are rendered
        transcript=transcript,
        chapters=chapters,
        lengths=_lengths(chapters, episode.enclosure.duration),
        anchors=sorted(wanted - transcript.placed - {int(chapter.start) for chapter in chapters}),
        markdown=links.to(view.markdown) if view.markdown else "",
        spoken=_spoken(words, episode.written.language or show.written.language),
        report=_report(theme.settings, show, episode, words, address),
        thread=links.to(layout.comments(episode.slug)),
        closed=episode.written.comment_form == "closed",
        closes=(episode.date + dt.timedelta(days=days)).isoformat() if (days := theme.settings.comments_days) is not None else "",
        summary=_summary(episode),
        embed_sizes=machines.EMBED_SIZES,
        code=qr_code(show.feed_url),
        sources=sources,
        bites=feed_tags.soundbites(episode),
        encodings=feed_tags.encodings(episode, words),
        particulars=feed_tags.particulars(episode.written, words),
        frame=frame,
        embedded=False,
        play_label=_play_label(words, episode),
        data=as_script(_player_data(show, view, links, words, transcript, chapters, talks=bool(service or view.comments))),
    )


def _spoken(words: Words, language: str) -> str:
    """The language that is heard, where it is not the one of the words around it."""
    return words.language_name(language) if words_for(language).primary != words.spoken else ""


def embed_page(theme: Theme, show: Show, view: EpisodeView) -> bytes:
    """The small player other sites show in a frame: plays without a script too."""
    episode = view.episode
    page = Page(theme, show, layout.embed_page(episode.slug))
    chapters = tuple(chapter for chapter in episode.chapters if chapter.toc)
    return page.html(
        "embed.html",
        episode.written.title,
        media=(episode.enclosure.url, *episode.enclosure.hosts),
        canonical=page.links.absolute(view.key),
        view=view,
        chapters=chapters,
        anchors=(),
        embedded=True,
        play_label=_play_label(page.words, episode),
        data=as_script(_player_data(show, view, page.links, page.words, TranscriptView(Markup(), ()), chapters)),
    )


def _player_data(
    show: Show,
    view: EpisodeView,
    links: Links,
    words: Words,
    transcript: TranscriptView,
    chapters: Sequence[Chapter],
    *,
    talks: bool = False,
) -> Mapping[str, object]:
    """What player.js reads from the page; seconds are cut to hundredths."""
    episode = view.episode
    picture = pictures_of(links, view.covers, episode.image or show.image)
    talk = {key: words(key) for key in _TALK} | {"count_comments": words.forms("count_comments")} if talks else {}
    return {
        "guid": episode.guid,
        "title": episode.written.title,
        "show": show.written.title,
        "author": show.written.author,
        "picture": picture.src if picture else "",
        "page": links.absolute(view.key),
        "duration": round(episode.enclosure.duration, 2),
        "chapters": [[round(chapter.start, 2), chapter.title] for chapter in chapters],
        "cues": [[round(start, 2), round(end, 2)] for start, end in transcript.times],
        "words": {key: words(key) for key in _SPOKEN} | {"play_episode": _play_label(words, episode)} | talk,
    }


def _sources(episode: Episode) -> list[tuple[SourceTable, int | None]]:
    """Where something said comes from, and at which second; a time nobody can read is left out."""
    found: list[tuple[SourceTable, int | None]] = []
    for source in episode.written.sources:
        try:
            found.append((source, None if source.at is None else int(parse_time(source.at))))
        except ValueError:
            found.append((source, None))
    return found


def _summary(episode: Episode) -> str:
    """What front matter says in short, where the notes do not begin with it."""
    summary = " ".join((episode.written.summary or "").split())
    return "" if summary and " ".join(episode.notes.text.split()).startswith(summary) else summary


def _play_label(words: Words, episode: Episode) -> str:
    """What the button that plays is called before it was pressed: it says how long that will take."""
    return f"{words('play_episode')} ({words.length(episode.enclosure.duration)})"


def _lengths(chapters: Sequence[Chapter], duration: float) -> list[float]:
    """How long each chapter is, in seconds: to its own end, else to the next one, else to the end of the recording."""
    ends = [chapter.start for chapter in chapters[1:]] + [duration]
    return [max((end if chapter.end is None else chapter.end) - chapter.start, 0) for chapter, end in zip(chapters, ends, strict=False)]


def _comments(settings: SiteSettings, episode: Episode) -> str:
    """Where comments on an episode are sent, or were until they were closed; "" when nobody is asked for one."""
    asked = episode.written.comments is not False and episode.written.comment_form != "none"
    return settings.comments if urls.origin(settings.comments) and asked else ""


class _Post(NamedTuple):
    """A post under which people answer: the host it is at, its address, and whether accounts of other servers find it by that address."""

    host: str
    address: str
    federated: bool


def _posts(episode: Episode) -> list[_Post]:
    """Where an account of the reader's own can answer: what `fediverse` and `social` name, each once."""
    written = episode.written
    named = [("activitypub", written.fediverse), *((table.protocol, table.uri) for table in written.social)]
    found = [(protocol, _AT_POST.sub(r"https://bsky.app/profile/\1/post/\2", (address or "").strip())) for protocol, address in named]
    posts = {address: protocol == "activitypub" for protocol, address in found if urls.origin(address)}
    return [_Post(urls.origin(address).partition("://")[2], address, federated) for address, federated in posts.items()]


def _report(settings: SiteSettings, show: Show, episode: Episode, words: Words, address: str) -> str:
    """The link that tells somebody of a mistake, with episode and second (0, until the script writes where the reader is)."""
    owner = show.written.owner
    target = settings.report or (f"mailto:{owner.email}" if owner and owner.public else "")
    if not urls.outside(target):
        return ""
    fields = {"title": episode.written.title, "slug": episode.slug, "link": f"{address}#t=0"}
    for name, value in fields.items():
        target = target.replace(f"{{{name}}}", quote(value, safe=""))
    if not target.lower().startswith("mailto:") or "?" in target:
        return urls.outside(target)
    subject = words("report_subject", title=episode.written.title)
    return f"{target}?subject={quote(subject, safe='')}&body={quote(words('report_body') + chr(10) * 2 + fields['link'], safe='')}"
