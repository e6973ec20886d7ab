"""From what a caller hands over, a path or a table, to a frame."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pyarrow as pa

from featurectl.errors import RequestError, first_line
from featurectl.offline.frame_arrow import FILE_START, STREAM_START, ArrowFrame
from featurectl.offline.frame_csv import CsvText, is_csv
from featurectl.offline.frame_file import FrameFile, unreadable
from featurectl.offline.frame_parquet import ParquetFrame
from featurectl.offline.frame_table import TableFrame
from featurectl.offline.spilled_frame import spilled_frame
from featurectl.system.scratch import Scratch

if TYPE_CHECKING:
    from featurectl.offline.frame import Frame

_STDIN = "-"
_PARQUET = b"PAR1"


def read_frame(entities: Any) -> Frame:
    """The frame of a path (Parquet, CSV, Arrow IPC; ``-`` is stdin), or of what is in memory.

    In memory: an Arrow table or reader, a pandas frame (its index is no column), a Polars frame, or
    anything else that gives an Arrow stream. What can be read only once is kept: the rows of a
    reader in memory or, where they are many, in a temporary file; stdin and pipes in one.

    Raises:
        RequestError: FC314 it can't be read.
    """
    if not isinstance(entities, (str, Path)):
        return _from_memory(entities)
    if str(entities) == _STDIN:
        return _once(sys.stdin.buffer, "stdin")
    path = Path(entities)
    if path.is_fifo():
        return _from_pipe(path)
    return _from_file(path)


def _from_file(path: Path) -> Frame:
    file = FrameFile(str(path), str(path))
    found = _of_start(file)
    if found is None and is_csv(path.name):
        return CsvText(file)
    if found is None:
        raise RequestError(
            "FC314",
            f"{path} can't be read: it is neither Parquet nor Arrow IPC, and not named as CSV",
            help=["name a file that ends in .parquet, .csv or .arrow"],
        )
    return found


def _from_pipe(path: Path) -> Frame:
    try:
        with path.open("rb") as file:
            return _once(file, str(path))
    except OSError as error:
        raise unreadable(str(path), error) from error


def _once(coming: IO[bytes], label: str) -> Frame:
    """The frame of what can be read once: Parquet or Arrow by its first bytes, else CSV."""
    scratch = Scratch()
    kept = scratch.folder / "rows"
    try:
        with kept.open("wb") as file:
            shutil.copyfileobj(coming, file, 1 << 20)
    except OSError as error:
        told = unreadable(label, error)
        told.notes = (f"it is kept in {scratch.folder.parent}; another place: TMPDIR=/elsewhere",)
        raise told from error
    found = FrameFile(str(kept), label, keeps=scratch)
    return _of_start(found) or CsvText(found)


def _of_start(file: FrameFile) -> Frame | None:
    """The frame of a file whose first bytes tell its format."""
    with file.reading() as path, Path(path).open("rb") as opened:
        start = opened.read(8)
    if start.startswith(_PARQUET):
        return ParquetFrame(file)
    if start.startswith(FILE_START):
        return ArrowFrame(file, is_stream=False)
    if start.startswith(STREAM_START):
        return ArrowFrame(file, is_stream=True)
    return None


def _from_memory(entities: Any) -> Frame:
    try:
        if isinstance(entities, pa.RecordBatchReader):
            return spilled_frame(entities.schema, entities)
        return TableFrame(_table(entities))
    except (pa.ArrowException, TypeError, ValueError, AttributeError) as error:
        raise RequestError(
            "FC314",
            f"the entity frame can't be read: {first_line(error)}",
            help=[
                "collect it first: frame.collect()"
                if hasattr(entities, "collect")
                else "give a path, an Arrow table, or a pandas or Polars frame"
            ],
        ) from error


def _table(entities: Any) -> pa.Table:
    if isinstance(entities, pa.Table):
        return entities
    if type(entities).__module__.split(".")[0] == "pandas":
        return pa.Table.from_pandas(entities, preserve_index=False)
    return pa.table(entities)
