"""Rows that come once, as a frame that can be read again: in memory, or in a temporary file."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import pyarrow as pa

from featurectl.errors import SourceError
from featurectl.offline.frame_arrow import ArrowFrame
from featurectl.offline.frame_file import FrameFile
from featurectl.offline.frame_table import TableFrame
from featurectl.system.scratch import Scratch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from featurectl.offline.frame import Frame

HELD_BYTES = 64 << 20  # so much is held in memory; more goes to a temporary file


def spilled_frame(
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    label: str = "the entity frame",
    held_bytes: int = HELD_BYTES,
) -> Frame:
    """A frame of these batches, of which at most ``held_bytes`` are in memory.

    Raises:
        SourceError: FC209 the temporary folder takes no more.
    """
    coming, held, size = iter(batches), [], 0
    for batch in coming:
        held.append(batch)
        size += batch.nbytes
        if size > held_bytes:
            return _in_file(schema, chain(held, coming), label)
    return TableFrame(pa.Table.from_batches(held, schema), label)


def _in_file(schema: pa.Schema, batches: Iterator[pa.RecordBatch], label: str) -> Frame:
    scratch = Scratch()
    path = str(scratch.folder / "rows.arrows")
    try:
        with pa.OSFile(path, "wb") as file, pa.ipc.new_stream(file, schema) as writer:
            for batch in batches:
                writer.write_batch(batch)
    except OSError as error:
        scratch.close()
        why = error.strerror or str(error)
        raise SourceError(
            "FC209",
            f"the temporary folder {scratch.folder.parent} can't be written: {why}",
            help=["name one with more room: TMPDIR=/elsewhere"],
        ) from error
    except BaseException:
        scratch.close()
        raise
    return ArrowFrame(FrameFile(path, label, keeps=scratch), is_stream=True)
