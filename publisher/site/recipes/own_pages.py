"""Plain pages: what the show wrote itself under `pages/` (about, imprint), in the way notes are written."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from feed.findings import ContentFault, Finding, Severity
from publisher.core import layout
from publisher.core.slugs import slug_of
from publisher.recipes.artifacts import Phase, artifact
from publisher.recipes.recipe_names import recipe_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from publisher.core.show_files import SourceFile
    from publisher.recipes.artifacts import Artifact
    from publisher.render_show import Renderer

_HEADING = re.compile(r"#[ \t]+(\S[^\n]*)")


class PlainPage:
    """One page: its key, its title (front matter, else its first heading, else the file's name) and, when asked for, its HTML."""

    def __init__(self, file: SourceFile, site: str, findings: list[Finding]) -> None:
        self.file = file
        self.digest = file.digest
        self._site = site
        self._findings = findings
        self.slug = slug_of(file.path.stem)
        self.key = layout.own_page(self.slug)
        self.title, self._text = self._read()

    @cached_property
    def body(self) -> str:
        """Cleaned HTML, without the heading that is the page's title."""
        from feed.notes import render_notes

        try:
            return render_notes(self._text, summary=None, base_url=f"{self._site.rstrip('/')}/").page
        except ContentFault as fault:
            self._findings.append(fault.finding(self.file.name, severity=Severity.WARNING))
            return ""

    def _read(self) -> tuple[str, str]:
        from feed.notes import split_front_matter
        from publisher.load.toml_and_yaml import decoded, read_toml, read_yaml

        title, text = "", ""
        try:
            kind, front, _, text, _ = split_front_matter(decoded(self.file.read()))
            if kind:
                found, _ = (read_toml if kind == "toml" else read_yaml)(front)
                title = str(found.get("title") or "").strip()
        except ContentFault as fault:
            self._findings.append(fault.finding(self.file.name, severity=Severity.WARNING))
        heading = _HEADING.match(text.lstrip())
        if heading:
            title, text = title or heading[1].rstrip("# \t"), text.lstrip()[heading.end() :]
        return " ".join(title.split()) or self.slug.replace("-", " ").capitalize(), text


def plain_pages(renderer: Renderer) -> tuple[PlainPage, ...]:
    """The show's own pages, by name of file; one whose address a page of ours has is left out and named."""
    found: dict[str, PlainPage] = {}
    for file in renderer.source.pages:
        page = PlainPage(file, renderer.config.site.url, renderer.findings)
        if not page.slug or layout.is_taken(page.key) or page.key in found:
            renderer.findings.append(
                Finding(
                    code="page-name",
                    severity=Severity.WARNING,
                    message=f"this page is left out: another page lies at {page.key}",
                    file=file.name,
                    hint="give the file another name",
                )
            )
            continue
        found[page.key] = page
    return tuple(found.values())


def recipes(renderer: Renderer, shared: str, pages: Iterable[PlainPage]) -> None:
    """One recipe a page."""
    for page in pages:

        def render(page: PlainPage = page) -> Iterable[Artifact]:
            from publisher.site.html.show_pages import plain_page

            yield artifact(page.key, plain_page(renderer.theme, renderer.show, page.key, page.title, page.body), Phase.PAGE)

        renderer.build.make(recipe_name("page-of", page.slug), [shared, page.digest, page.title], render)
