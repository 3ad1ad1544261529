"""Which forms there are, which one a log has, and which do not go together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from publisher.core.errors import ContentError
from publisher.stats.forms.bunny import BUNNY, BUNNY_JSON
from publisher.stats.forms.cloudflare import LOGPUSH, R2
from publisher.stats.forms.cloudfront import CLOUDFRONT, CLOUDFRONT_JSON
from publisher.stats.forms.combined import COMBINED
from publisher.stats.forms.s3_access import S3_ACCESS
from publisher.stats.forms.servers_json import CADDY, FASTLY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from publisher.stats.forms.form import Form

FORMS: Final = (COMBINED, S3_ACCESS, CLOUDFRONT, CLOUDFRONT_JSON, BUNNY, BUNNY_JSON, FASTLY, CADDY, LOGPUSH, R2)
"""In the order they are tried."""

ALSO: Final[Mapping[str, Form]] = {"apache": COMBINED, "nginx": COMBINED}
"""Other words for a form in `[stats] form`."""


def _by_name() -> dict[str, Form]:
    return {**{form.name: form for form in FORMS}, **ALSO}


def form_called(name: str) -> Form:
    """The form with this name. Raises ContentError where there is none."""
    by_name = _by_name()
    if name not in by_name:
        said = f"there is no form of log called {name}" if name else "nobody says which form of log it is"
        raise ContentError(said, hint=f"known are {', '.join(by_name)}", code="stats-form")
    return by_name[name]


def forms_of(logs: Mapping[str, Sequence[str]], named: str = "") -> dict[str, Form]:
    """The form of each log, by its name and first lines: the one that config.toml says, else the one it is told by. An empty log has none. A
    log of no known form is read as the one before it, so that its lines are counted among those that cannot be read. Raises ContentError
    where no log at all is of a known form.
    """
    said = form_called(named) if named else None
    told = {name: _told(lines) if said is None else said for name, lines in logs.items() if any(line.strip() for line in lines)}
    known = next((form for form in told.values() if form is not None), None)
    if known is None:
        if not told:
            return {}
        strange = next(iter(told))
        raise ContentError(
            f"nobody can tell which form of log this is: {strange}",
            cause=f"it begins with: {next(line for line in logs[strange] if line.strip())[:200]}",
            hint=f'say it: form = "…" under [stats]; known are {", ".join(_by_name())}',
            code="stats-form",
        )
    found = {}
    for name, form in told.items():
        known = form or known
        found[name] = known.fitted(logs[name]) if known.fitted else known
    return found


def named_form(name: str) -> Form | None:
    """The form of this name; None where there is none, or no more."""
    return next((form for form in FORMS if form.name == name), None)


def _told(first_lines: Sequence[str]) -> Form | None:
    return next((form for form in FORMS if form.tells(first_lines)), None)


def refuse_two_sides(forms: Mapping[str, Form]) -> None:
    """A content network and the bucket or server behind it see the same download twice. Raises ContentError where logs of both are there."""
    sides = {form.side: name for name, form in forms.items()}
    if len(sides) > 1:
        raise ContentError(
            "logs of a content network and of what stands behind it are both there: downloads would be counted twice",
            cause=", ".join(f"{name} is of {_WORDS[side]}, form {forms[name].name}" for side, name in sorted(sides.items())),
            hint="name those of what listeners reach, as a rule the content network: logs = … under [stats]",
            code="stats-two-sides",
        )


_WORDS: Final = {"network": "a content network", "bucket": "a bucket", "server": "a server"}


def limits_of(forms: Iterable[Form]) -> tuple[str, ...]:
    """What has to be said beside the numbers, each sentence once: which form the logs are taken for, and what it does not tell."""
    sentences = ((f"read as `{form.name}` ({form.words})", *form.limits) for form in forms)
    return tuple(dict.fromkeys(sentence for each in sentences for sentence in each))
