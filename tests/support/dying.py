"""A registry and an online store of which the process is killed or stopped at a chosen change."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Any

CHANGES = frozenset({
    "begin", "finish", "advance", "commit", "backup", "acquire", "release",
    "claim", "swept", "record_schemas",
    "put", "delete", "mark", "sweep", "publish",
})  # fmt: skip


class Countdown:
    """Sends this process a signal, SIGKILL mostly, before a change: number ``die_at``, counted from
    1, or the first with the name ``die_before``. Without either, changes are only noted.
    """  # noqa: D205 - one thought

    def __init__(
        self, die_at: int = 0, *, die_before: str = "", by: signal.Signals = signal.SIGKILL
    ) -> None:
        self.calls: list[str] = []
        self._die_at = die_at
        self._die_before = die_before
        self._by = by
        self._lock = threading.Lock()

    def tick(self, name: str) -> None:
        """One change is about to be made."""
        with self._lock:
            is_first = name == self._die_before and name not in self.calls
            self.calls.append(name)
            if len(self.calls) == self._die_at or is_first:
                os.kill(os.getpid(), self._by)
                time.sleep(0.1)  # another thread may take the signal, and this one a moment longer


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
