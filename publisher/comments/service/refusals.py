"""Why a post is not taken: each reason has a status, and a sentence in the catalogue of every language (`comment_refused_<code>`)."""

from __future__ import annotations

from typing import Literal

Code = Literal[
    "origin", "unknown", "closed", "malformed", "large", "slow", "name", "short", "long", "at", "reply", "consent", "links", "nonce", "early", "used",
    "twice", "many", "script", "captcha", "token", "late", "answered", "busy",
]  # fmt: skip
STATUSES: dict[Code, int] = {
    "origin": 403,
    "unknown": 404,
    "closed": 403,
    "malformed": 400,
    "large": 413,
    "slow": 408,
    "name": 422,
    "short": 422,
    "long": 422,
    "at": 422,
    "reply": 422,
    "consent": 422,
    "links": 422,
    "nonce": 403,
    "early": 422,
    "used": 409,
    "twice": 409,
    "many": 429,
    "script": 403,
    "captcha": 403,
    "token": 401,
    "late": 403,
    "answered": 409,
    "busy": 503,
}


class Refusal(Exception):  # noqa: N818  a refusal is an answer
    """A post, an edit or a question that is not taken; `values` fill the places of its sentence."""

    def __init__(self, code: Code, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values

    @property
    def status(self) -> int:
        """Of the answer."""
        return STATUSES[self.code]

    @property
    def key(self) -> str:
        """Of its sentence in the catalogues."""
        return f"comment_refused_{self.code}"
