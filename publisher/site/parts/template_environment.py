"""Where templates are rendered: ours alone as they are, and all of them in a sandbox as soon as a show brings its own.

A show's templates may come from anybody. They reach values (text, numbers, dates, the fields of ours) and what we give them to
call; no environment, no file, no import, no class.
"""

from __future__ import annotations

import datetime as dt
import marshal
import sys
from collections.abc import Sized
from contextlib import contextmanager, suppress
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jinja2 import (
    BytecodeCache,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    FunctionLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
    nodes,
    pass_context,
)
from jinja2.exceptions import SecurityError
from jinja2.runtime import BlockReference, LoopContext, Macro, TemplateReference, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Cycler, Joiner, Namespace
from pydantic import BaseModel

from publisher.core.digests import code_digest
from publisher.core.local_cache import write_whole
from publisher.site.parts.theme_faults import compile_fault, theme_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from jinja2.bccache import Bucket
    from jinja2.runtime import Context

    from publisher.core.show_files import SourceFile

TEMPLATES: Final = Path(__file__).parents[1] / "templates"
_PLAIN: Final = (str, bytes, int, float, complex, list, tuple, dict, set, frozenset, dt.date, dt.time, dt.timedelta, dt.tzinfo)
_JINJA: Final = (Undefined, LoopContext, Macro, BlockReference, TemplateReference, Namespace, Cycler, Joiner)
STEPS: Final = 3_000_000
"""Turns of loops and calls that a page of a show with templates of its own may take; ten hours of transcript take some ten thousand."""
LARGEST: Final = 10_000_000
"""Characters, entries or bits of a value made by `*` or `**`."""
MEMORY: Final = 1 << 30
"""Bytes of memory that a page of such a show may take: text that is put together from itself doubles with each step, and so do widths."""
_COUNTED: Final = "counted steps"
_OURS: Final = ("feed.", "publisher.site.", "publisher.core.addresses", "publisher.media.colors")


@contextmanager
def one_page(environment: Environment) -> Iterator[None]:
    """Let a page be rendered: the steps that templates of a show may take begin anew, and so does the memory (Linux; MemoryError)."""
    if not isinstance(environment, _Sandbox):
        yield
        return
    environment.left = STEPS
    if sys.platform != "linux":
        yield
        return
    import resource

    before = resource.getrlimit(resource.RLIMIT_AS)
    now = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    allowed = [limit for limit in (now + MEMORY, *before) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min(allowed), before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def environment_of(own: Mapping[str, SourceFile]) -> Environment:
    """The environment of our templates, shadowed by those of a show (`own`, by name)."""

    def source(name: str) -> tuple[str, str, None] | None:
        return (theme_text(own[name]), own[name].name, None) if name in own else None

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
    """Attributes of plain values and of ours alone. Of a model nothing but its fields: pydantic's own methods read files and pickles.

    A page may take STEPS turns of loops and calls, however they are nested, and make no value larger than LARGEST; what
    gives something else each time (`random`, `lipsum`) is not there.
    """

    intercepted_binops = frozenset(("*", "**"))

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.left = STEPS
        self.filters[_COUNTED] = _counted
        del self.filters["random"], self.globals["lipsum"]

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may see `obj.attr`."""
        seen = _seen(obj.__class__)
        if seen is None:
            return super().is_safe_attribute(obj, attr, value) and isinstance(obj, (*_PLAIN, *_JINJA))
        return attr in seen

    def spend(self, steps: int) -> None:
        """Count steps of the page that is rendered. Raises SecurityError when there were too many."""
        self.left -= steps
        if self.left < 0:
            raise SecurityError(f"its loops and macros take more than {STEPS:,} steps; does one of them end?")

    def call(self, context: Context, obj: Any, /, *arguments: Any, **named: Any) -> Any:
        """A call in a template, which is a step."""
        self.spend(1)
        return super().call(context, obj, *arguments, **named)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """`*` and `**`, of which a few letters can ask for more than fits anywhere."""
        if operator == "**":
            large = isinstance(left, int) and isinstance(right, int) and left.bit_length() * right > LARGEST
        else:
            sized = [
                (len(one), other) for one, other in ((left, right), (right, left)) if hasattr(one, "__len__") and isinstance(other, int)
            ]
            large = any(length * times > LARGEST for length, times in sized)
        if large:
            raise SecurityError(f"what `{operator}` makes here is too large")
        return super().call_binop(context, operator, left, right)

    def compile(self, source: Any, name: str | None = None, filename: str | None = None, **settings: Any) -> Any:  # type: ignore[override]
        """Compile a template. Raises TemplateError, also for what Python alone refuses."""
        try:
            return super().compile(source, name, filename, **settings)
        except TemplateError:
            raise
        except (RecursionError, SyntaxError, ValueError, OverflowError, MemoryError) as error:
            raise compile_fault(error, name, filename) from error

    def _generate(self, source: nodes.Template, *arguments: Any, **settings: Any) -> str:
        """The Python of a template, whose loops count their turns."""
        for loop in source.find_all(nodes.For):
            loop.iter = nodes.Filter(loop.iter, _COUNTED, [], [], None, None, lineno=loop.iter.lineno)
        return super()._generate(source, *arguments, **settings)


@pass_context
def _counted(context: Context, values: Iterable[object]) -> Iterable[object]:
    """What a loop goes through, its turns counted as steps."""
    environment = context.environment
    if not isinstance(environment, _Sandbox):
        raise TypeError(environment)
    if isinstance(values, Sized):
        environment.spend(len(values) + 1)
        return values
    return _counting(environment, values)


def _counting(environment: _Sandbox, values: Iterable[object]) -> Iterator[object]:
    for value in values:
        environment.spend(1)
        yield value


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
