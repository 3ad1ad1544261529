"""Which forms there are, and which one a log has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from publisher.core.errors import ContentError
from publisher.stats.forms.nginx import NGINX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from publisher.stats.forms.form import Form

FORMS: Final = (NGINX,)
"""In the order they are tried."""


def form_of(name: str, first_lines: Sequence[str], named: str = "") -> Form:
    """The form of the log `name`: the one that config.toml says, else the one its first lines are told by. Raises ContentError."""
    found = next((form for form in FORMS if (form.name == named if named else form.tells(first_lines))), None)
    if found is None:
        raise ContentError(
            f"nobody can tell which form of log this is: {name}",
            hint=f'say it: form = "{FORMS[0].name}" under [stats]; known: {", ".join(form.name for form in FORMS)}',
            code="stats-form",
        )
    return found
