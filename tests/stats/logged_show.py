"""A published show with logs beside it: lines are written as a server would write them, and the command counts them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from publisher.core.errors import Exit
from tests.support.show_factory import Show, long_recording, make_show

APP = "AntennaPod/3.4.0"
LATER = "2026-07-15T12:00:00+00:00"
"""Long after everything that is logged."""
MONDAY = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


def at(days: float = 0, hours: float = 0, minutes: float = 0) -> dt.datetime:
    """A moment of the week that begins on Monday, 1 June 2026."""
    return MONDAY + dt.timedelta(days=days, hours=hours, minutes=minutes)


@dataclass
class LoggedShow:
    """A show of two episodes, `long` of two minutes and `short` of twenty seconds, and what its server logs."""

    show: Show
    paths: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    def line(
        self,
        when: dt.datetime,
        slug: str = "long",
        *,
        ip: str = "203.0.113.7",
        agent: str = APP,
        asked: str | None = None,
        sent: int | None = None,
        status: int | None = None,
        request: str = "GET {path} HTTP/1.1",
    ) -> str:
        """A line of nginx; with `asked` (0-499) of one range; `request` has its {path}."""
        size = self.sizes.get(slug, 0)
        if sent is None and asked:
            first, _, last = asked.partition("-")
            sent = min(int(last) if last else size - 1, size - 1) - int(first) + 1
        status = status or (206 if asked else 200)
        sent = size if sent is None else sent
        request = request.format(path=self.paths.get(slug))
        asked = f"bytes={asked}" if asked else "-"
        return f'{ip} - - [{when:%d/%b/%Y:%H:%M:%S} +0000] "{request}" {status} {sent} "-" "{agent}" "{asked}"\n'

    def enough(self, slug: str) -> int:
        """Bytes of the header and a minute, by what the tag and the frames of the published file have."""
        from publisher.media.measure import measure_audio

        facts = measure_audio(self.show.public / self.paths[slug].lstrip("/"))
        return facts.tag_bytes + round((facts.size - facts.tag_bytes) * 60 / facts.duration)

    def log(self, *lines: str, name: str = "access.log") -> None:
        self.show.write(f"logs/{name}", "".join(lines))

    def window(self, window: str) -> None:
        text = self.show.config.read_text("utf-8").partition("\nwindow = ")[0]
        self.show.write("config.toml", f'{text.rstrip()}\nwindow = "{window}"\n')

    def stats(self, *arguments: str):
        outcome = self.show.run("stats", *arguments, "--json", now=LATER)
        assert outcome.status == Exit.OK, outcome.stderr
        return outcome.document

    def downloads(self, *arguments: str) -> dict[str, int]:
        return {row["slug"]: row["downloads"] for row in self.stats(*arguments)["episodes"]}

    def left_out(self) -> dict[str, int]:
        document = self.stats("check")
        assert document["lines"] == document["downloads"] + sum(row["requests"] for row in document["left_out"])
        return {row["rule"]: row["requests"] for row in document["left_out"] if row["requests"]}


def make_logged_show(folder) -> LoggedShow:
    show = make_show(folder)
    show.episode("2026-05-01-long", audio=long_recording(120))
    show.episode("2026-05-02-short", date="2026-05-02T06:00:00+02:00", audio=long_recording(20))
    show.write("config.toml", show.config.read_text("utf-8") + '\n[stats]\nlogs = "logs/*"\n')
    assert show.publish().status == Exit.OK
    made = LoggedShow(show)
    for path in (show.public / "media").glob("*.mp3"):
        slug = path.name.rpartition("-")[0]
        made.paths[slug], made.sizes[slug] = f"/media/{path.name}", path.stat().st_size
    return made
