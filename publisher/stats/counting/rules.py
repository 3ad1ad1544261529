"""The rules that look at one request: each with its paragraph in the Podcast Technical Measurement Guidelines 2.3 and its condition.

The first that applies is the one a request is left out by.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from publisher.stats.agents.agent import NOT_COUNTED


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRule:
    """A reason why a line of a log is not a download."""

    name: str
    """Its word in results."""
    paragraph: str
    """Where the guideline says so; "" for what is not its matter."""
    words: str
    """What it leaves out, for people."""
    condition: str = ""
    """When a request is left out, in SQL over the columns of `asked` (`count.py` beside this module); "" for what is told in another way."""


UNREAD: Final = CountRule(name="unread", paragraph="", words="lines that cannot be read")
OTHER_FILES: Final = CountRule(name="other-files", paragraph="", words="requests for something that is no recording of this show")
METHOD: Final = CountRule(name="method", paragraph="5.5.2, step 1.3, 1 and 2", words="requests other than GET", condition="method <> 'GET'")
STATUS: Final = CountRule(
    name="status",
    paragraph="5.5.2, step 1.3, 2",
    words="answers other than 200 and 206 (304: nothing new; errors)",
    condition="status IS NULL OR status NOT IN (200, 206)",
)
TWO_BYTES: Final = CountRule(
    name="two-bytes",
    paragraph="5.5.2, step 1.2, 6",
    words="requests for the first two bytes, which ask whether ranges are served",
    condition="status = 206 AND first = 0 AND last <= 1",
)
NO_ADDRESS: Final = CountRule(name="no-address", paragraph="5.5.4", words="requests that tell no address", condition="address = ''")
AGENTS: Final = {
    "none": CountRule(name="no-agent", paragraph="5.5.2, step 1.2, 4", words="requests that tell no agent", condition="kind = 'none'"),
    "malformed": CountRule(
        name="malformed-agent",
        paragraph="5.5.2, step 1.2, 4",
        words="agents that are written as no app writes itself",
        condition="kind = 'malformed'",
    ),
    "watch": CountRule(
        name="watch",
        paragraph="5.5.2, step 1.2, 7; 8.1",
        words="Apple Watches, which fetch again what their phone fetched",
        condition="kind = 'watch'",
    ),
    "bot": CountRule(name="bot", paragraph="5.5.2, step 1.2, 2 and 5", words="known bots", condition="kind = 'bot'"),
    "preload": CountRule(
        name="preload", paragraph="5.5.2, step 1.1", words="apps known to load before anybody listens", condition="kind = 'preload'"
    ),
}
DATA_CENTRE: Final = CountRule(
    name="data-centre", paragraph="5.5.2, step 1.2, 2", words="addresses of data centres", condition="centre AND NOT included"
)
REQUEST_RULES: Final = (METHOD, STATUS, TWO_BYTES, NO_ADDRESS, *(AGENTS[kind] for kind in NOT_COUNTED), DATA_CENTRE)
"""In the order they are applied."""

TWICE: Final = CountRule(name="twice", paragraph="", words="lines that are equal in every field")
SHORT: Final = CountRule(
    name="below-a-minute", paragraph="5.5.3", words="requests that together brought less than the header and one minute of sound"
)
UNREALISTIC: Final = CountRule(
    name="unrealistic", paragraph="5.5.2, step 1.2, 1", words="addresses with more downloads in a day than people make"
)
SAME: Final = CountRule(name="same-download", paragraph="5.5.4", words="requests of a download that is counted already")

RULES: Final = (UNREAD, OTHER_FILES, *REQUEST_RULES, TWICE, SHORT, UNREALISTIC, SAME)
"""All of them: what is left out by each, and the downloads, are together all lines that were read."""


def first_rule() -> str:
    """The SQL expression that names the rule by which a request is left out, NULL where none applies."""
    cases = " ".join(f"WHEN {rule.condition} THEN '{rule.name}'" for rule in REQUEST_RULES)
    return f"CASE {cases} END"
