"""The two sides of the storage: what listeners reach, and what only the publisher reads."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from publisher.stores.protocol import Conditions, Store

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """Where objects go: `public` is what listeners reach, `private` keeps State and claims (usually the same)."""

    public: Store
    private: Store

    @property
    def keeps_conditions(self) -> bool:
        """Whether conditional writes hold here, as far as anybody asked."""
        return self.private.conditions in (None, "enforced")

    @property
    def is_remote(self) -> bool:
        """Whether what a process sent may be carried out after it has died."""
        return self.public.is_remote or self.private.is_remote

    @property
    def is_apart(self) -> bool:
        """Whether the private side is another place than what listeners reach: it alone keeps what nobody published."""
        return self.private is not self.public

    def to_remember(self, conditions: Conditions) -> str:
        """What was found out about conditional writes, and where, as State remembers it."""
        mark = hashlib.sha256(self.private.place.encode()).hexdigest()[:12] if self.private.place else ""
        return f"{conditions} {mark}".strip()

    def probe_conditions(self) -> Conditions:
        """Find out what the storage makes of conditional writes, for both sides."""
        from publisher.stores.conditions_probe import probe_conditions

        self.public.conditions = found = probe_conditions(self.private)
        return found

    def use_remembered(self, remembered: str) -> bool:
        """Believe what an earlier publish found out; False where there is nothing, or it was found out at another place."""
        for conditions in get_args(Conditions):
            if self.to_remember(conditions) == remembered:
                self.private.conditions = self.public.conditions = conditions
                return True
        return False

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Meanwhile whatever is under way is given up."""
        both = (self.public.stopped, self.private.stopped)
        for event in both:
            event.set()
        try:
            yield
        finally:
            for event in both:
                event.clear()

    def flush(self) -> None:
        """Both, durably."""
        self.public.flush()
        if self.private is not self.public:
            self.private.flush()
