"""The event times in each file of a source, and which files a range of them needs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.queries.relation import EventRange, SourcedView


@dataclass(frozen=True)
class Extent:
    """What is known of a file's rows: no event time is outside of these microseconds.

    None where that is not known. Files of one ``shape`` have the same columns in the same types.
    """

    first_us: int | None
    last_us: int | None
    shape: int


def files_within(
    files: Sequence[str], extents: Sequence[Extent], events: EventRange
) -> Sequence[str]:
    """The files that may have rows in the range, in their order.

    ``extents`` are those of the files, or none where nothing is known. One file of each shape is
    kept, whatever its times, so that the engine finds every column in its type.
    """
    if len(extents) != len(files):
        return files
    wanted = {
        i
        for i, extent in enumerate(extents)
        if may_be_within(extent.first_us, extent.last_us, events)
    }
    shapes = {extents[i].shape for i in wanted}
    for i, extent in enumerate(extents):
        if extent.shape not in shapes:
            shapes.add(extent.shape)
            wanted.add(i)
    return [files[i] for i in sorted(wanted)]


def within(sourced: SourcedView, events: EventRange) -> SourcedView:
    """The view over the files that may have rows in the range."""
    files = files_within(sourced.files, sourced.extents, events)
    known = dict(zip(sourced.files, sourced.extents, strict=False))
    return replace(sourced, files=files, extents=[known[file] for file in files if file in known])


def starts_at(sourced: SourcedView, first_us: int) -> bool:
    """Whether no file has an event time before that."""
    return len(sourced.extents) == len(sourced.files) and all(
        extent.first_us is not None and extent.first_us >= first_us for extent in sourced.extents
    )


def may_be_within(first_us: int | None, last_us: int | None, events: EventRange) -> bool:
    """Whether some of the rows with these least and greatest times may be in the range."""
    if first_us is None or last_us is None:
        return True
    ends_before = events.first_us is not None and last_us < events.first_us
    starts_after = events.last_us is not None and first_us > events.last_us
    return not (ends_before or starts_after)
