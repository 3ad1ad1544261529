"""Where templates are rendered: ours alone as they are, and all of them in a sandbox as soon as a show brings its own.

A show's templates may come from anybody. They reach values (text, numbers, dates, the fields of ours) and what we give them to
call; no environment, no file, no import, no class.
"""

from __future__ import annotations

import datetime as dt
import marshal
import sys
from contextlib import suppress
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from traceback import walk_tb
from typing import TYPE_CHECKING, Any, Final

from jinja2 import (
    BytecodeCache,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    FunctionLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.runtime import BlockReference, LoopContext, Macro, TemplateReference, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Cycler, Joiner, Namespace
from pydantic import BaseModel

from feed.findings import ContentFault, Finding, Severity
from publisher.core.digests import code_digest
from publisher.core.errors import ContentError
from publisher.core.local_cache import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2.bccache import Bucket

    from publisher.core.show_files import SourceFile

TEMPLATES: Final = Path(__file__).parents[1] / "templates"
_PLAIN: Final = (str, bytes, int, float, complex, list, tuple, dict, set, frozenset, dt.date, dt.time, dt.timedelta, dt.tzinfo)
_JINJA: Final = (Undefined, LoopContext, Macro, BlockReference, TemplateReference, Namespace, Cycler, Joiner)
_OURS: Final = ("feed.", "publisher.site.", "publisher.core.addresses", "publisher.media.colors")


def environment_of(own: Mapping[str, SourceFile]) -> Environment:
    """The environment of our templates, shadowed by those of a show (`own`, by name)."""

    def source(name: str) -> tuple[str, str, None] | None:
        return (own[name].read().decode("utf-8"), own[name].name, None) if name in own else None

    ours = FileSystemLoader(str(TEMPLATES))
    sandboxed = any(name.endswith(".html") for name in own)  # without a template of theirs, nothing of theirs is rendered
    return (_Sandbox if sandboxed else Environment)(
        loader=ChoiceLoader([PrefixLoader({"ours": ours}), FunctionLoader(source), ours]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        bytecode_cache=_Compiled("sandboxed-" if sandboxed else ""),
    )


class _Sandbox(ImmutableSandboxedEnvironment):
    """Attributes of plain values and of ours alone. Of a model nothing but its fields: pydantic's own methods read files and pickles."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may see `obj.attr`."""
        seen = _seen(obj.__class__)
        if seen is None:
            return super().is_safe_attribute(obj, attr, value) and isinstance(obj, (*_PLAIN, *_JINJA))
        return attr in seen


@cache
def _seen(kind: type) -> frozenset[str] | None:
    """The attributes that templates see of a class of ours: fields of a model, and whatever is public of a value; None of any other."""
    if issubclass(kind, BaseModel):
        return frozenset(kind.model_fields)
    if not kind.__module__.startswith(_OURS):
        return None
    own = [item.name for item in fields(kind)] if is_dataclass(kind) else []
    names = [*dir(kind), *own] if own or issubclass(kind, tuple) else []
    return frozenset(name for name in names if not name.startswith("_"))


def fault_in(error: Exception, template: str, own: Mapping[str, SourceFile]) -> ContentError:
    """What went wrong in a template, with its file and line where it is one of the show's."""
    if isinstance(error, ContentError):
        return error
    file, line = "", 0
    names = {source.name for source in own.values()}
    if isinstance(error, TemplateSyntaxError) and error.filename in names:
        file, line = error.filename, error.lineno
    for frame, number in walk_tb(error.__traceback__):
        if frame.f_code.co_filename in names:
            file, line = frame.f_code.co_filename, number
    reason = error.message if isinstance(error, ContentFault) else " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, TemplateNotFound):
        reason = f"there is no template `{reason}`"
    elif isinstance(error, KeyError):  # its words are what was asked for, alone
        reason = f"there is no {reason}"
    finding = Finding(
        code="theme-template",
        severity=Severity.ERROR,
        message=f"this template cannot be rendered{'' if file else f' ({template})'}: {reason[:300]}",
        file=file,
        line=line,
        hint="`publish explain theme-template` says what is at hand in templates",
    )
    return ContentError("a template of the show is at fault", [finding], code="theme-template")


class _Compiled(BytecodeCache):
    """Compiled templates, kept beside ours as Python keeps its modules; never in a show's folder, which may come from anybody."""

    _folder = TEMPLATES / "__pycache__"

    def __init__(self, kind: str) -> None:
        """`kind` keeps apart what other environments make of the same text."""
        self._kind = kind

    def _file(self, bucket: Bucket) -> Path:
        name = f"{code_digest()[:16]}-{self._kind}{bucket.key}-{bucket.checksum[:16]}.{sys.implementation.cache_tag}.compiled"
        return self._folder / name

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what was kept, where it can be read."""
        with suppress(OSError, EOFError, ValueError, TypeError):
            bucket.code = marshal.loads(self._file(bucket).read_bytes())  # noqa: S302  as trusted as the modules beside it

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep one, and drop those of older code; a folder that may not be written is no fault."""
        file = self._file(bucket)
        with suppress(OSError):
            self._folder.mkdir(exist_ok=True)
            write_whole(file, marshal.dumps(bucket.code))
            for old in self._folder.glob(f"*.{sys.implementation.cache_tag}.compiled"):
                if not old.name.startswith(code_digest()[:16]):
                    old.unlink(missing_ok=True)
