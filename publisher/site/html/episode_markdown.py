"""An episode as Markdown: its facts, notes, chapters and transcript, for programs and people who read plain text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from feed.times import short_clock
from publisher.core.addresses import outside
from publisher.site.parts.words import words_for

if TYPE_CHECKING:
    from feed.model import Show
    from publisher.site.parts.page_values import EpisodeView

_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_SIGNS = re.compile(r"([\\`*_\[\]<>#|~])")
_LIST = re.compile(r"^(\s*)(\d+)([.)])|^(\s*)([-+=])", re.MULTILINE)


def episode_markdown(show: Show, view: EpisodeView) -> str:
    """The page of an episode without its looks. CommonMark; nothing anybody wrote is markup in it."""
    episode, words = view.episode, words_for(show.written.language)
    page = episode.link
    facts = [
        show.written.title,
        words.date(episode.date),
        words.length(episode.enclosure.duration),
        *dict.fromkeys([*([episode.written.author] if episode.written.author else []), *(item.name for item in episode.people)]),
    ]
    out = [f"# {_plain(episode.written.title)}", " · ".join(_plain(fact) for fact in facts)]
    if view.season_name:
        out[1] += f" · {_plain(view.season_name)}"
    recording = outside(episode.enclosure.url)
    out.append(f"<{page}>" + (f"\n<{recording}>" if recording else ""))
    if episode.notes.text.strip():
        out += [f"## {words('show_notes')}", _plain(episode.notes.text.strip())]
    chapters = [chapter for chapter in episode.chapters if chapter.toc]
    if chapters:
        lines = [f"- [{short_clock(int(item.start))}]({page}#t={int(item.start)}) {_plain(item.title)}" for item in chapters]
        out += [f"## {words('chapters')}", "\n".join(lines)]
    if view.sections:
        out.append(f"## {words('transcript')}")
        space = words_for(episode.written.language or show.written.language).space
        for section in view.sections:
            if section.chapter is not None:
                out.append(f"### {_plain(section.chapter.title)}")
            for turn in section.turns:
                who = f"**{_plain(turn.speaker)}** " if turn.speaker else ""
                for paragraph in turn.paragraphs:
                    second = int(paragraph[0].start)
                    text = space.join(cue.text for cue in paragraph)
                    out.append(f"[{short_clock(second)}]({page}#t={second}) {who}{_plain(text)}")
                    who = ""
    return "\n\n".join(out) + "\n"


def _plain(text: str) -> str:
    """`text` with every sign escaped that Markdown would take for its own; line ends stay."""
    text = _CONTROLS.sub(" ", text)
    return _LIST.sub(
        lambda found: f"{found[1]}{found[2]}\\{found[3]}" if found[2] else f"{found[4]}\\{found[5]}", _SIGNS.sub(r"\\\1", text)
    )
