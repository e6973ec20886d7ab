"""A registry and an online store of which the process dies at a chosen change."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

CHANGES = frozenset({
    "begin", "finish", "advance", "commit", "backup", "acquire", "release",
    "claim", "swept", "record_schemas",
    "put", "delete", "mark", "sweep", "publish",
})  # fmt: skip


class Countdown:
    """Kills this process before the change with the number ``die_at``; 0 only counts them."""

    def __init__(self, die_at: int = 0) -> None:
        self.calls: list[str] = []
        self._die_at = die_at
        self._lock = threading.Lock()

    def tick(self, name: str) -> None:
        """One change is about to be made."""
        with self._lock:
            self.calls.append(name)
            if len(self.calls) == self._die_at:
                os.kill(os.getpid(), signal.SIGKILL)


class Dying:
    """``inner``, with every call that changes something counted down."""

    def __init__(self, inner: Any, countdown: Countdown) -> None:
        self._inner = inner
        self._countdown = countdown

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in CHANGES:
            return found

        def call(*args: Any, **options: Any) -> Any:
            self._countdown.tick(name)
            return found(*args, **options)

        return call
