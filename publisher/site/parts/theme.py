"""Templates and assets of the pages: ours, shadowed by name by those in the show's `theme/` folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from feed.times import iso_duration, short_clock
from publisher.core import layout
from publisher.core.addresses import Links, outside
from publisher.media.colors import dark_tokens, light_tokens
from publisher.site.parts.comment_markup import comment_html
from publisher.site.parts.template_environment import environment_of, one_page
from publisher.site.parts.theme_faults import fault_in, theme_text, without_use

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Environment

    from feed.findings import Finding
    from publisher.core.layout import Key
    from publisher.core.show_files import SourceFile
    from publisher.site.parts.page_values import SiteSettings

_REMARK = re.compile(r"/\*(?! (?:light|dark) \*/).*?\*/", re.DOTALL)
_HERE = Path(__file__).parents[1]
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".woff": "font/woff",
    ".ttf": "font/ttf",
    ".otf": "font/otf",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file the pages refer to. Its key carries a hash, so it changes with the content."""

    key: Key
    content_type: str
    body: bytes


class Theme:
    """What pages look like. Reading it costs once; a thousand pages share it."""

    def __init__(self, settings: SiteSettings, own: Mapping[str, SourceFile] | None = None) -> None:
        """`own` are the show's templates and assets, by name; without them everything is ours."""
        self.settings = settings
        self._own = own or {}
        self._sources = _sources(_HERE / "templates", _HERE / "assets")
        self.light, self.dark = light_tokens(settings.accent), dark_tokens(settings.accent)

    @cached_property
    def _environment(self) -> Environment:
        environment = environment_of(self._own)
        environment.filters.update(outside=outside, clock=short_clock, comment_html=comment_html, iso_duration=iso_duration)
        return environment

    @cached_property
    def assets(self) -> tuple[Asset, ...]:
        """Every style sheet, script and picture of the theme, under a name that holds its hash."""
        made = []
        for name in self._kept:
            own = self._own.get(name)
            stem, suffix = Path(name).stem, Path(name).suffix
            if name in {"site.css", "icon.svg"}:
                body = self._coloured(theme_text(own) if own is not None else _plain(self._sources[name].read_text("utf-8"))).encode()
            elif own is not None:
                body = own.read()
            else:
                body = self._sources[name].read_bytes()
                body = _lean(body) if suffix == ".js" else body
            digest = sha256(body).hexdigest()[:8]
            made.append(Asset(key=layout.asset(stem, digest, suffix[1:]), content_type=_TYPES[suffix.lower()], body=body))
        return tuple(made)

    @cached_property
    def keys(self) -> dict[str, Key]:
        """The key of each asset by the name it has in the folder."""
        return {name: asset.key for name, asset in zip(self._kept, self.assets, strict=True)}

    @property
    def _kept(self) -> list[str]:
        """The names of the assets, in order."""
        return [name for name in sorted({*self._sources, *self._own}) if Path(name).suffix.lower() in _TYPES and "/" not in name]

    @cached_property
    def style(self) -> Markup:
        """The style sheet for a page that has it in itself, and loads nothing: it ends nowhere before its end."""
        body = next(asset.body for asset in self.assets if asset.key == self.keys["site.css"])
        return Markup(body.decode().replace("</", "<\\/"))  # noqa: S704  as its docstring says

    def without_use(self) -> tuple[Finding, ...]:
        """Files of the show's theme that no page shows."""
        return tuple(without_use(self._own, self._sources.keys(), _TYPES.keys()))

    @cached_property
    def footer(self) -> Markup:
        """`[site] footer`, a line of Markdown, as HTML without pictures."""
        from markdown_it import MarkdownIt

        if not self.settings.footer:
            return Markup()
        reader = MarkdownIt("commonmark", {"html": False}).disable("image")
        return Markup(reader.renderInline(self.settings.footer))  # noqa: S704  HTML in it is escaped, and links are only to addresses

    def links(self, key: Key, *, rooted: bool = False) -> Links:
        """The links that lead from what lies under `key`."""
        return Links(self.settings.url, key, self.settings.pretty_urls, rooted=rooted)

    def render(self, template: str, **values: object) -> bytes:
        """The page `template` makes of `values`: UTF-8, text escaped. Raises ContentError for a fault in a template of the show."""
        try:
            with one_page(self._environment):
                return self._environment.get_template(template).render(**values).encode()
        except Exception as error:
            if not self._environment.sandboxed:
                raise
            raise fault_in(error, template, self._own) from error

    def _coloured(self, text: str) -> str:
        """The text with the colours of this theme in it; a style sheet gets them in front, as custom properties."""
        text = text.replace("{{ accent }}", self.light.fill).replace("{{ on accent }}", self.light.on_fill)
        return text.replace("/* light */", self.light.css()).replace("/* dark */", self.dark.css())


def _lean(script: bytes) -> bytes:
    """A script of ours without indentation and comments, which nobody needs on the wire: those of a line, and those behind ` // `."""
    lines = (line.strip() for line in script.splitlines())
    return b"".join(line.split(b" // ")[0].rstrip() + b"\n" for line in lines if line and not line.startswith(b"//"))


def _plain(style: str) -> str:
    """A style sheet of ours without comments and indentation; where the colours come stays marked."""
    lines = (line.strip() for line in _REMARK.sub("", style).splitlines())
    return "".join(f"{line}\n" for line in lines if line)


def _sources(*folders: Path) -> dict[str, Path]:
    """Our files by name."""
    found = {path.name: path for folder in folders for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")}
    return dict(sorted(found.items()))
