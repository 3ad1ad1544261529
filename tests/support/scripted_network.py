"""What scripted networks have in common: trouble that is told beforehand, and moments at which a test may act."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from enum import Enum, auto
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from tests.support.service_servers import Answering, Asked, HungUpError

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = tuple[int, bytes, dict[str, str]]


class Trouble(Enum):
    """What happens to one call."""

    RATE_LIMITED = auto()
    """429 with the headers of this network; nothing is done."""
    EXPIRED = auto()
    """The token is no longer good; nothing is done."""
    SERVER_ERROR = auto()
    """A 5xx of what stands in front of the network; nothing is done."""
    HANG_UP_BEFORE = auto()
    """The connection ends, and nothing is done."""
    HANG_UP_AFTER = auto()
    """All is done, and the connection ends without an answer."""
    ERROR_AFTER = auto()
    """All is done, and a 5xx is answered."""
    SILENT = auto()
    """Nothing comes back until `released` is set, or a minute is over."""
    NONSENSE = auto()
    """A page where JSON belongs, with 200: what sits in front of a server when it is being worked on."""


def as_json(status: int, value: object, **headers: str) -> Answer:
    """An answer in JSON; `_` in names of headers is `-`."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return status, json.dumps(value, ensure_ascii=False).encode(), {"Content-Type": "application/json; charset=utf-8", **named}


@dataclass
class ScriptedNetwork(Answering):
    """A network on 127.0.0.1. A call is named as `POST /api/v1/statuses`, with `*` for what may differ."""

    released: threading.Event = field(default_factory=threading.Event)
    _trouble: list[tuple[str, list[Trouble], bool]] = field(default_factory=list)
    _moments: list[tuple[str, str, Callable[[Asked], None]]] = field(default_factory=list)
    _guard: threading.RLock = field(default_factory=threading.RLock)

    def script(self, call: str, *troubles: Trouble, for_ever: bool = False) -> None:
        """The next such calls meet these, one each; `for_ever` repeats the last one."""
        self._trouble.append((call, list(troubles), for_ever))

    def heal(self) -> None:
        """No more trouble."""
        self._trouble.clear()

    def before(self, call: str, act: Callable[[Asked], None]) -> None:
        """`act` is called once, before the next such call is worked on."""
        self._moments.append(("before", call, act))

    def after(self, call: str, act: Callable[[Asked], None]) -> None:
        """`act` is called once, after the next such call was worked on, and before it is answered."""
        self._moments.append(("after", call, act))

    def calls(self, call: str) -> list[Asked]:
        """What was asked so far, of these."""
        return [asked for asked in self.asked if fnmatchcase(_name(asked), call)]

    def answer(self, asked: Asked) -> Answer:
        trouble = self._next_trouble(asked)
        self._act("before", asked)
        if trouble is Trouble.HANG_UP_BEFORE:
            raise HungUpError
        if trouble is Trouble.SILENT:
            self.released.wait(60)
        if trouble is Trouble.NONSENSE:
            return 200, b"<!doctype html><title>Under maintenance</title><p>Back soon.", {"Content-Type": "text/html"}
        if trouble in (Trouble.RATE_LIMITED, Trouble.EXPIRED, Trouble.SERVER_ERROR):
            return self.refusal(trouble)
        with self._guard:
            given = self.work(asked)
        self._act("after", asked)
        if trouble is Trouble.HANG_UP_AFTER:
            raise HungUpError
        return self.refusal(Trouble.SERVER_ERROR) if trouble is Trouble.ERROR_AFTER else given

    def work(self, asked: Asked) -> Answer:
        """What the network does and answers."""
        raise NotImplementedError

    def refusal(self, trouble: Trouble) -> Answer:
        """How this network says RATE_LIMITED, EXPIRED and SERVER_ERROR."""
        raise NotImplementedError

    def _next_trouble(self, asked: Asked) -> Trouble | None:
        with self._guard:
            for call, troubles, for_ever in self._trouble:
                if troubles and fnmatchcase(_name(asked), call):
                    return troubles[0] if for_ever and len(troubles) == 1 else troubles.pop(0)
        return None

    def _act(self, when: str, asked: Asked) -> None:
        with self._guard:
            found = next((one for one in self._moments if one[0] == when and fnmatchcase(_name(asked), one[1])), None)
            if found:
                self._moments.remove(found)
        if found:
            found[2](asked)


def _name(asked: Asked) -> str:
    return f"{asked.method} {asked.path}"


def fields_of(asked: Asked) -> dict[str, Any]:
    """What a body says, as JSON, as a form or in parts; a name that ends in `[]` is a list. A file is (its type, its bytes)."""
    kind = asked.headers.get("content-type", "")
    if kind.startswith("application/json"):
        return dict(asked.json)
    pairs = _parts(asked) if kind.startswith("multipart/form-data") else _form(asked)
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name.endswith("[]"):
            fields.setdefault(name[:-2], []).append(value)
        else:
            fields[name] = value
    return fields


def _form(asked: Asked) -> list[tuple[str, Any]]:
    from urllib.parse import parse_qsl

    return list(parse_qsl(asked.body.decode(), keep_blank_values=True))


def _parts(asked: Asked) -> list[tuple[str, Any]]:
    import email
    import email.policy

    head = f"Content-Type: {asked.headers['content-type']}\r\n\r\n".encode()
    message = email.message_from_bytes(head + asked.body, policy=email.policy.HTTP)
    pairs: list[tuple[str, Any]] = []
    for part in message.iter_parts():  # type: ignore[attr-defined]
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True)
        pairs.append((name, (part.get_content_type(), content) if part.get_filename() else content.decode()))
    return pairs
