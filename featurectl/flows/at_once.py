"""Several pieces of work at once, whose queries end when one of them fails or a signal comes."""

from __future__ import annotations

from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

    from featurectl.offline.protocol import OfflineEngine

_SIGNALS_SECONDS = 0.1  # how often it is looked whether a signal has come
_T = TypeVar("_T")


def at_once(works: Sequence[Callable[[], _T]], engine: OfflineEngine, *, most: int) -> list[_T]:
    """What each of them returns, in their order; at most so many run at a time.

    Raises:
        BaseException: what the first one that failed has raised, in the order of ``works``, or a
            signal's handler; the others are over by then.
    """
    if len(works) == 1:
        return [works[0]()]
    with ThreadPoolExecutor(most) as pool:
        begun = [pool.submit(work) for work in works]
        try:
            _wait(begun)
        finally:
            _end(begun, engine)
    return [work.result() for work in begun]


def _wait(begun: Sequence[Future[_T]]) -> None:
    # Again and again, because where Polars is loaded its handler of signals lets a wait go on.
    waiting = set(begun)
    while waiting:
        done, waiting = wait(waiting, timeout=_SIGNALS_SECONDS, return_when=FIRST_EXCEPTION)
        if any(work.exception() for work in done):
            return


def _end(begun: Sequence[Future[_T]], engine: OfflineEngine) -> None:
    for work in begun:
        work.cancel()
    # A query that begins between two looks is ended by the next one.
    while wait(begun, timeout=_SIGNALS_SECONDS).not_done:
        engine.interrupt()
