"""Which files of a source have to be opened for a range of event times."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from featurectl.offline.protocol import Extent, SourceState
    from featurectl.queries.relation import EventRange


def files_within(state: SourceState, events: EventRange) -> list[str]:
    """The paths of the files that may have rows in the range, in their order.

    A file is left out only where its footer says that all its rows are outside. One of each shape
    is kept, whatever its times, so that the engine finds every column in its type.
    """
    extents = state.extents
    if len(extents) != len(state.files):
        return [file.path for file in state.files]
    wanted = {i for i, extent in enumerate(extents) if _may_be_within(extent, events)}
    shapes = {extents[i].shape for i in wanted}
    for i, extent in enumerate(extents):
        if extent.shape not in shapes:
            shapes.add(extent.shape)
            wanted.add(i)
    return [state.files[i].path for i in sorted(wanted)]


def _may_be_within(extent: Extent, events: EventRange) -> bool:
    if extent.first_us is None or extent.last_us is None:
        return True
    ends_before = events.first_us is not None and extent.last_us < events.first_us
    starts_after = events.last_us is not None and extent.first_us > events.last_us
    return not (ends_before or starts_after)
