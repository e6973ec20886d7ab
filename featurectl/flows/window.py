"""Which event times a run covers, and how far a view is loaded once it has finished. Pure.

The rules are the ones of materialization: a run continues where the last one ended; the first one,
and one that finds the store empty, begins a time to live before its end; an explicit range is read
as asked; rows that became known since the last run are read whatever their event time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from featurectl.definitions.instant import LEAST_US, format_instant
from featurectl.errors import RequestError
from featurectl.registry.protocol import Progress

if TYPE_CHECKING:
    from collections.abc import Iterable

    from featurectl.registry.protocol import ViewRun

Cause = Literal["first", "incremental", "explicit", "full", "lost", "fill"]


@dataclass(frozen=True)
class Asked:
    """What the caller asks of a run; times are microseconds since 1970.

    ``from_us`` None continues where the last run ended, ``to_us`` None ends now. ``full`` covers a
    first run's window again.
    """

    now_us: int
    from_us: int | None = None
    to_us: int | None = None
    full: bool = False

    @property
    def end_us(self) -> int:
        """The last event time that is loaded."""
        return self.now_us if self.to_us is None else self.to_us


@dataclass(frozen=True)
class Loaded:
    """What is known of a view and of the generation that a run writes.

    ``lost``: the store does not have what the registry says was loaded. ``filling``: readers are
    still sent to another generation. ``needs_fill``: a feature or a longer TTL was added.
    """

    ttl_us: int | None
    lookback_us: int | None = None
    has_created: bool = False
    progress: Progress | None = None
    lost: bool = False
    filling: bool = False
    needs_fill: bool = False

    @property
    def watermark_us(self) -> int | None:
        """Event times up to here are in the store; None where nothing is."""
        return self.progress.watermark_us if self.progress and not self.lost else None


@dataclass(frozen=True)
class Window:
    """Event times from ``from_us`` (None: the beginning) to ``to_us``.

    ``to_us`` belongs to it, ``from_us`` when ``includes_from``. Rows created after
    ``created_after_us`` belong to it too, whatever their event time up to ``to_us``. ``complete``
    says that it covers what a first run would.
    """

    cause: Cause
    from_us: int | None
    to_us: int
    includes_from: bool = True
    created_after_us: int | None = None
    complete: bool = False

    @property
    def created_bound_us(self) -> int | None:
        """What is recorded: rows created after it belong to the window.

        Without a created time a row is created with its event, so that the bound also tells a
        window that begins after its start from one that begins with it.
        """
        if self.created_after_us is None and not self.includes_from:
            return self.from_us
        return self.created_after_us


def window(asked: Asked, loaded: Loaded) -> Window | None:
    """The window of a run, or None when its end lies before the watermark: there is nothing to do.

    Raises:
        RequestError: FC315 the start is after the end.
    """
    check_range(asked)
    watermark = loaded.watermark_us
    if asked.from_us is not None:
        return _explicit(asked, asked.from_us, loaded)
    if watermark is None or asked.full:
        return _whole("full" if asked.full else _why_whole(loaded), asked, loaded)
    if asked.end_us < watermark:
        return None
    if loaded.needs_fill:
        return _whole("fill", asked, loaded)
    return _incremental(watermark, asked, loaded)


def check_range(asked: Asked) -> None:
    """Refuse a start after the end.

    Raises:
        RequestError: FC315, naming both.
    """
    if asked.from_us is not None and asked.from_us > asked.end_us:
        raise RequestError(
            "FC315",
            f"the start {format_instant(asked.from_us)} is after the end "
            f"{format_instant(asked.end_us)}",
        )


def progress_after(
    covered: Window, asked: Asked, loaded: Loaded, *, run: int, newest_us: int | None
) -> Progress:
    """How far the generation is loaded once a run has covered its window.

    The watermark moves when there is none, or when the window begins at or before it and ends after
    it; never beyond this moment. ``newest_us`` is the greatest event time that the run has read.
    """
    before = None if loaded.lost else loaded.progress
    # An end in the future: what happens and becomes known until then has not been seen.
    seen_us = min(covered.to_us, asked.now_us)
    if before is None or before.watermark_us is None:
        return Progress(seen_us, seen_us, "", run, newest_us)
    newest = max((us for us in (before.newest_us, newest_us) if us is not None), default=None)
    after = replace(before, run=run, newest_us=newest)
    if covered.to_us < before.watermark_us or not _reaches(covered, before.watermark_us):
        return after
    # An explicit range has not looked for rows that became known since and lie before it.
    bound = before.created_bound_us if covered.cause == "explicit" else seen_us
    watermark_us = max(before.watermark_us, seen_us)
    return replace(after, watermark_us=watermark_us, created_bound_us=bound)


def leaves_gap(covered: Window, loaded: Loaded) -> bool:
    """Whether the window begins after the watermark, so that what lies between is not loaded."""
    watermark = loaded.watermark_us
    return watermark is not None and not _reaches(covered, watermark)


def fills(covered: Window, loaded: Loaded) -> bool:
    """Whether, after the window, nothing is left to fill for an added feature or a longer TTL."""
    watermark = loaded.watermark_us
    return covered.complete and (watermark is None or covered.to_us >= watermark)


def gaps(
    parts: Iterable[tuple[int, ViewRun]], generation: str, watermark_us: int
) -> list[tuple[int, int]]:
    """Ranges behind the watermark that explicit runs have left out, as (run, their start).

    ``parts`` are (run, its part), newest first. A run that continues at the watermark reads them.
    """
    found: list[tuple[int, int]] = []
    for run, part in parts:
        if part.generation != generation or part.status not in ("ok", "empty"):
            continue
        if part.to_us == watermark_us:
            break
        if part.from_us is not None and part.from_us > watermark_us:
            found.append((run, part.from_us))
    return found


def _reaches(covered: Window, watermark_us: int) -> bool:
    return covered.complete or covered.from_us is None or covered.from_us <= watermark_us


def _explicit(asked: Asked, from_us: int, loaded: Loaded) -> Window:
    """The range as asked, extended backwards where the whole window is due anyway."""
    watermark = loaded.watermark_us
    refills = loaded.lost or (loaded.filling and watermark is None)
    fills_up = loaded.needs_fill and watermark is not None and asked.end_us >= watermark
    if not (refills or fills_up or asked.full):
        return Window("explicit", from_us, asked.end_us)
    whole = _whole("full" if asked.full else _why_whole(loaded), asked, loaded)
    start = None if whole.from_us is None else min(whole.from_us, from_us)
    return replace(whole, from_us=start)


def _whole(cause: Cause, asked: Asked, loaded: Loaded) -> Window:
    """A first run's window: from a TTL before the end, or from the beginning."""
    start = None if loaded.ttl_us is None else _before(asked.end_us, loaded.ttl_us)
    return Window(cause, start, asked.end_us, complete=True)


def _before(us: int, duration_us: int) -> int:
    """That long before: a TTL may be longer than all time that 64 bits hold."""
    return max(us - duration_us, LEAST_US)


def _why_whole(loaded: Loaded) -> Cause:
    if loaded.lost:
        return "lost"
    return "fill" if loaded.filling or loaded.needs_fill else "first"


def _incremental(watermark: int, asked: Asked, loaded: Loaded) -> Window:
    """From the watermark on, with the late rows that a created time or a lookback finds."""
    lookback = loaded.lookback_us or 0
    if not loaded.has_created:
        start = _before(watermark, lookback)
        return Window("incremental", start, asked.end_us, includes_from=False)
    bound = loaded.progress.created_bound_us if loaded.progress else None
    after = _before(watermark if bound is None else bound, lookback)
    return Window(
        "incremental", watermark, asked.end_us, includes_from=False, created_after_us=after
    )
