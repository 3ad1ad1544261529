"""The pages people read, taken apart: prose, code, links, headings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.support import ROOT

if TYPE_CHECKING:
    from pathlib import Path

FENCE = re.compile(r"^( *)```.*?^\1```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"``.+?``|`[^`\n]+`")
MADE = "<!-- Made by `make docs`"


def all_pages() -> list[Path]:
    """Every page of Markdown that is for readers."""
    tops = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "publisher/core/errors.md"]
    below = [path for folder in ("docs", "examples") for path in sorted((ROOT / folder).rglob("*.md")) if "episodes" not in path.parts]
    return [*(ROOT / name for name in tops), *below]


def written_pages() -> list[Path]:
    """Those that a person wrote."""
    return [path for path in all_pages() if MADE not in path.read_text("utf-8")]


def name_of(path: Path) -> str:
    """As pytest shows it."""
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name


def prose(text: str) -> str:
    """A page without its code."""
    return SPAN.sub("", FENCE.sub("", text))


def spans(text: str) -> list[str]:
    """What stands as code within a sentence."""
    return [found[0].strip("`").strip() for found in SPAN.finditer(FENCE.sub("", text))]


def fences(text: str) -> list[tuple[str, str]]:
    """Blocks of code: their kind, and what stands in them without the indent of the block."""
    found = re.findall(r"^( *)```([\w-]*)\n(.*?)^\1```$", text, re.MULTILINE | re.DOTALL)
    return [(kind, re.sub(rf"^{indent}", "", body, flags=re.MULTILINE)) for indent, kind, body in found]


def links(text: str) -> list[str]:
    """Where its links and pictures lead."""
    return re.findall(r"\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^)\s]+)(?: \"[^\"]*\")?\)", SPAN.sub("x", FENCE.sub("", text)))


def pictures(text: str) -> list[str]:
    """Its pictures."""
    return re.findall(r"!\[[^\]]*\]\(([^)\s]+)\)", FENCE.sub("", text))


def anchors(text: str) -> set[str]:
    """What a link into the page may name: headings as GitHub names them, and places of its own."""
    found: set[str] = set(re.findall(r'<a id="([^"]+)"', text))
    for heading in re.findall(r"^#{1,6} (.+)$", FENCE.sub("", text), re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        found.add(slug if slug not in found else f"{slug}-1")
    return found
