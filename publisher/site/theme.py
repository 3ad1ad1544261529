"""Templates and assets of the pages: ours, shadowed by name by those in the show's `theme/` folder."""

from __future__ import annotations

import marshal
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import BytecodeCache, ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup

from feed.times import iso_duration, short_clock
from publisher.build import code_digest
from publisher.site.color import dark_tokens, light_tokens
from publisher.site.urls import outside

if TYPE_CHECKING:
    from jinja2.bccache import Bucket

    from publisher.site.views import SiteSettings

_HERE = Path(__file__).parent
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
_LIBRARIES = ("Jinja2", "MarkupSafe", "babel", "markdown-it-py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file the pages refer to. `name` is its key, `assets/site-1a2b3c4d.css`: it changes with the content."""

    name: str
    content_type: str
    body: bytes


class Theme:
    """What pages look like. Reading it costs once; a thousand pages share it."""

    def __init__(self, settings: SiteSettings) -> None:
        """`settings.theme` may be missing or None: then everything is ours."""
        self.settings = settings
        own = settings.theme if settings.theme is not None and settings.theme.is_dir() else None
        self._sources = _sources(_HERE / "templates", _HERE / "assets", *([own] if own else []))
        self.light, self.dark = light_tokens(settings.accent), dark_tokens(settings.accent)

    @cached_property
    def _environment(self) -> Environment:
        folders = [str(folder) for folder in (self.settings.theme, _HERE / "templates") if folder is not None]
        environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(folders), PrefixLoader({"ours": FileSystemLoader(folders[-1])})]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
            bytecode_cache=_Compiled(),
        )
        environment.filters.update(outside=outside, clock=short_clock, iso_duration=iso_duration)
        return environment

    @cached_property
    def assets(self) -> tuple[Asset, ...]:
        """Every style sheet, script and picture of the theme, under a name that holds its hash."""
        made = []
        for name, path in self._sources.items():
            kind = _TYPES.get(path.suffix)
            if kind is None:
                continue
            body = path.read_bytes()
            if name in {"site.css", "icon.svg"}:
                body = self._coloured(body.decode()).encode()
            elif path.suffix == ".js" and path.is_relative_to(_HERE):
                body = _lean(body)
            digest = sha256(body).hexdigest()[:8]
            made.append(Asset(name=f"assets/{path.stem}-{digest}{path.suffix}", content_type=kind, body=body))
        return tuple(made)

    @cached_property
    def keys(self) -> dict[str, str]:
        """The key of each asset by the name it has in the folder: `{"site.css": "assets/site-1a2b3c4d.css"}`."""
        kept = [name for name, path in self._sources.items() if path.suffix in _TYPES]
        return {name: asset.name for name, asset in zip(kept, self.assets, strict=True)}

    @cached_property
    def footer(self) -> Markup:
        """`[site] footer`, a line of Markdown, as HTML without pictures."""
        from markdown_it import MarkdownIt

        if not self.settings.footer:
            return Markup()
        reader = MarkdownIt("commonmark", {"html": False}).disable("image")
        return Markup(reader.renderInline(self.settings.footer))  # noqa: S704  HTML in it is escaped, and links are only to addresses

    @cached_property
    def sources_digest(self) -> str:
        """Changes when any template or asset, a library that renders them, or this package's code does (hexadecimal SHA-256)."""
        digest = sha256()
        for library in _LIBRARIES:
            digest.update(f"{library} {version(library)}\n".encode())
        code = {str(path.relative_to(_HERE)): path for path in sorted(_HERE.rglob("*")) if path.suffix in {".py", ".toml"}}
        for name, path in [*self._sources.items(), *code.items()]:
            digest.update(f"{name}\n{sha256(path.read_bytes()).hexdigest()}\n".encode())
        digest.update(self.settings.accent.encode())
        return digest.hexdigest()

    def render(self, template: str, **values: object) -> bytes:
        """The page `template` makes of `values`: UTF-8, text escaped."""
        return self._environment.get_template(template).render(**values).encode()

    def _coloured(self, text: str) -> str:
        """The text with the colours of this theme in it; a style sheet gets them in front, as custom properties."""
        text = text.replace("{{ accent }}", self.light.fill).replace("{{ on accent }}", self.light.on_fill)
        return text.replace("/* light */", self.light.css()).replace("/* dark */", self.dark.css())


class _Compiled(BytecodeCache):
    """Compiled templates, kept beside ours as Python keeps its modules; never in a show's folder, which may come from anybody."""

    _folder = _HERE / "templates" / "__pycache__"

    def _file(self, bucket: Bucket) -> Path:
        name = f"{code_digest()[:16]}-{bucket.key}-{bucket.checksum[:16]}.{sys.implementation.cache_tag}.compiled"
        return self._folder / name

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what was kept, where it can be read."""
        with suppress(OSError, EOFError, ValueError, TypeError):
            bucket.code = marshal.loads(self._file(bucket).read_bytes())  # noqa: S302  as trusted as the modules beside it

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep one, and drop those of older code; a folder that may not be written is no fault."""
        file = self._file(bucket)
        temporary = file.with_suffix(f".{os.getpid()}")
        with suppress(OSError):
            self._folder.mkdir(exist_ok=True)
            temporary.write_bytes(marshal.dumps(bucket.code))
            temporary.replace(file)
            for old in self._folder.glob(f"*.{sys.implementation.cache_tag}.compiled"):
                if not old.name.startswith(code_digest()[:16]):
                    old.unlink(missing_ok=True)


def _lean(script: bytes) -> bytes:
    """A script of ours without indentation and lines that are comments, which nobody needs on the wire."""
    lines = (line.strip() for line in script.splitlines())
    return b"".join(line + b"\n" for line in lines if line and not line.startswith(b"//"))


def _sources(*folders: Path) -> dict[str, Path]:
    """The files of the folders by name, later folders shadowing earlier ones, in order of name. Links out of a folder are left alone."""
    found: dict[str, Path] = {}
    for folder in folders:
        root = folder.resolve()
        for path in sorted(folder.iterdir()):
            if path.is_file() and not path.name.startswith(".") and path.resolve().is_relative_to(root):
                found[path.name] = path
    return dict(sorted(found.items()))
