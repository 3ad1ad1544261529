"""What is wrong with a show's own `theme/`: each fault as a finding with the file and line it is at, and what nothing uses."""

from __future__ import annotations

import re
from pathlib import Path
from traceback import walk_tb
from typing import TYPE_CHECKING, Final

from jinja2 import TemplateNotFound, TemplateSyntaxError

from feed.findings import LEFT_OUT, ContentFault, Finding, Severity
from publisher.core.errors import ContentError
from publisher.load.toml_and_yaml import decoded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from publisher.core.show_files import SourceFile

_TOO_DEEP: Final = "its blocks or brackets are nested too deeply"
_BESIDE: Final = frozenset({"", ".md", ".txt", ".map", ".scss", ".sass", ".less", ".ts", ".toml", ".lock"})
"""Ends of names of what lies beside a theme and is for its author: nobody expects it on a page."""


def theme_text(file: SourceFile) -> str:
    """The text of a template or style of the show. Raises ContentError that names the line which is no UTF-8, and unreadable files."""
    try:
        return decoded(file.read())
    except ContentFault as fault:
        raise _error(fault.finding(file.name)) from fault


def fault_in(error: Exception, template: str, own: Mapping[str, SourceFile]) -> ContentError:
    """What went wrong in a template, with its file and line where it is one of the show's."""
    if isinstance(error, ContentError):
        return error
    names = {source.name for source in own.values()}
    reason = _reason(error)
    file, line = _place(error, names)
    if not file and (blamed := _blamed(reason, template, own)):
        file = own[blamed].name
    finding = Finding(
        code="theme-template",
        severity=Severity.ERROR,
        message=f"this template cannot be rendered{'' if file else f' ({template})'}: {reason[:300]}",
        file=file,
        line=line,
        hint="`publish explain theme-template` says what is at hand in templates",
    )
    return _error(finding)


def without_use(own: Mapping[str, SourceFile], templates: Collection[str], types: Collection[str]) -> Iterator[Finding]:
    """Files of a theme that no page shows: `templates` are the names of ours, `types` the ends of names that are published."""
    texts = [file.read().decode("utf-8", "replace") for name, file in own.items() if name.endswith(".html")]
    for name, file in own.items():
        suffix = Path(name).suffix.lower()
        if suffix == ".html":
            if name in templates or any(name in text for text in texts):
                continue
            message, hint = (
                "no page uses this template",
                "it takes the place of none of ours; is the name right? One of your own is named by another: {% include %}",
            )
        elif "/" in name or suffix in types or suffix in _BESIDE:
            continue
        else:
            message, hint = "files of this kind are not published from a theme", f"those that end in {', '.join(sorted(types))} are"
        yield Finding(code=LEFT_OUT, severity=Severity.HINT, message=message, file=file.name, hint=hint)


def _error(finding: Finding) -> ContentError:
    return ContentError("a file of the show's theme is at fault", [finding], code=finding.code)


def _place(error: BaseException, names: Collection[str]) -> tuple[str, int]:
    """The file of the show where it happened, by its name, and the line: what was being read, else the last that was running."""
    if isinstance(error, TemplateSyntaxError):
        for name in (error.filename, error.name):  # Jinja's lexer gives the file as the name
            if name in names:
                return str(name), error.lineno
    found = ("", 0)
    for frame, number in walk_tb(error.__traceback__):
        if frame.f_code.co_filename in names:
            found = (frame.f_code.co_filename, number)
    return found


def _blamed(reason: str, template: str, own: Mapping[str, SourceFile]) -> str:
    """The template of the show that is at fault where no line tells: the one that the words name, the page's, the only one."""
    pages = [name for name in own if name.endswith(".html")]
    named = [name for name in pages if f"'{name}'" in reason.partition(" (imported")[0]]
    return next(iter(named), "") or (template if template in own else "") or (pages[0] if len(pages) == 1 else "")


def _reason(error: Exception) -> str:
    """What happened, in words of people who write templates."""
    words = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, TemplateNotFound):
        return f"there is no template `{words}`"
    if isinstance(error, KeyError):  # its words are what was asked for, alone
        return f"there is no {words}"
    if isinstance(error, RecursionError):
        return "it goes on for ever: templates include or extend each other in a circle, or a macro calls itself"
    if isinstance(error, MemoryError):
        return "what it makes is too large for the memory that a page may take"
    return re.sub(r"'(?:\w+\.)*(\w+) object' has no attribute '(\w+)'", r"there is no `\2` in it (\1)", words)


def compile_fault(error: Exception, name: str | None, filename: str | None) -> TemplateSyntaxError:
    """What Python made of a template that Jinja took, as Jinja would say it."""
    reason = _TOO_DEEP if isinstance(error, (RecursionError, SyntaxError, MemoryError)) else _reason(error)
    return TemplateSyntaxError(reason, 0, name, filename)
