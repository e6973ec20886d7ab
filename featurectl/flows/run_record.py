"""A run in the ledger for the length of a block."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from featurectl.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from featurectl.registry.protocol import Actor, Ledger, RunKind


@contextlib.contextmanager
def recorded(ledger: Ledger, kind: RunKind, env: str, serial: int, actor: Actor) -> Iterator[int]:
    """Open a run, whose number the block gets, and close it as ``ok`` or, on an error, ``failed``.

    One that the block has closed itself stays as it is. Killed in between, it reads as ``died``.
    """
    run = ledger.begin(kind, env, serial, actor)
    try:
        yield run
    except BaseException:
        with contextlib.suppress(StoreError):  # the first error is the one to tell
            ledger.finish(run, "failed")
        raise
    ledger.finish(run, "ok")
