"""Plain pages: what the show wrote itself under `pages/` (about, imprint), in the way notes are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from feed.findings import ContentFault, Finding, Severity
from publisher.core import layout
from publisher.core.slugs import slug_of
from publisher.incremental_build.artifacts import Artifact, Phase, artifact
from publisher.incremental_build.recipe_names import recipe_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from publisher.core.layout import Key
    from publisher.core.show_files import SourceFile
    from publisher.render.media_and_documents import Composition
    from publisher.site.site import Site

_HEADING = re.compile(r"#[ \t]+(\S[^\n]*)")


@dataclass(frozen=True, kw_only=True)
class PlainPage:
    """One page: its title (front matter, else its first heading, else the file's name), its text in Markdown, and what is wrong with both."""

    file: SourceFile
    site_url: str
    slug: str
    title: str
    text: str
    faults: tuple[Finding, ...] = ()

    @property
    def key(self) -> Key:
        """Of the page."""
        return layout.own_page(self.slug)

    @property
    def body(self) -> str:
        """Cleaned HTML, without the heading that is the page's title."""
        return self._rendered[0]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with it; its text is rendered for that."""
        return (*self.faults, *self._rendered[1])

    @cached_property
    def _rendered(self) -> tuple[str, tuple[Finding, ...]]:
        from feed.notes import render_notes

        try:
            return render_notes(self.text, summary=None, base_url=f"{self.site_url.rstrip('/')}/").page, ()
        except ContentFault as fault:
            return "", (fault.finding(self.file.name, severity=Severity.WARNING),)


def read_page(file: SourceFile, site_url: str) -> PlainPage:
    """A page as it lies in the folder."""
    from feed.notes import split_front_matter
    from publisher.load.toml_and_yaml import decoded, read_toml, read_yaml

    title, text, slug = "", "", slug_of(file.path.stem)
    faults: tuple[Finding, ...] = ()
    try:
        kind, front, _, text, _ = split_front_matter(decoded(file.read()))
        if kind:
            found, _ = (read_toml if kind == "toml" else read_yaml)(front)
            title = str(found.get("title") or "").strip()
    except ContentFault as fault:
        faults = (fault.finding(file.name, severity=Severity.WARNING),)
    heading = _HEADING.match(text.lstrip())
    if heading:
        title, text = title or heading[1].rstrip("# \t"), text.lstrip()[heading.end() :]
    title = " ".join(title.split()) or slug.replace("-", " ").capitalize()
    return PlainPage(file=file, site_url=site_url, slug=slug, title=title, text=text, faults=faults)


def plain_pages(composition: Composition) -> tuple[tuple[PlainPage, ...], tuple[Finding, ...]]:
    """The show's own pages, by name of file; one whose address a page of ours has is left out and named."""
    found: dict[str, PlainPage] = {}
    left_out = []
    for file in composition.source.pages:
        page = read_page(file, composition.config.site.url)
        if not page.slug or layout.is_taken(page.key) or page.key in found:
            left_out.append(
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
    return tuple(found.values()), tuple(left_out)


def recipes(site: Site, shared: str, pages: Iterable[PlainPage]) -> None:
    """One recipe a page."""
    for page in pages:

        def render(page: PlainPage = page) -> Iterable[Artifact | Finding]:
            from publisher.site.html.show_pages import plain_page

            yield from page.findings
            yield artifact(page.key, plain_page(site.theme, site.show, page.key, page.title, page.body), Phase.PAGE)

        site.build.make(recipe_name("page-of", page.slug), [shared, page.file.digest, page.title], render)
