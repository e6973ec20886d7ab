"""Writing the parts of a split: one pass over the join, a thread for each file."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from queue import Full, Queue
from threading import Event
from typing import TYPE_CHECKING, Any

import numpy as np

from featurectl.errors import SourceError
from featurectl.flows.pinned_output import write_pinned
from featurectl.flows.take_rows import take_rows
from featurectl.offline.content_hash import BackgroundHash
from featurectl.system.whole_files import whole_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from concurrent.futures import Future

    import numpy.typing as npt
    import pyarrow as pa

    from featurectl.flows.split import Split
    from featurectl.flows.training_set import TrainingSet

_WAITING = 2  # batches per file
_MOMENT_S = 0.1


@dataclass(frozen=True)
class PartFile:
    """A part of a split as it was written."""

    name: str
    path: Path
    rows: int
    size_bytes: int


def part_path(path: str | Path, name: str) -> Path:
    """Where a part goes: ``data.parquet`` and ``train`` give ``data.train.parquet``."""
    whole = Path(path)
    return whole.with_name(f"{whole.stem}.{name}{whole.suffix}")


def write_parts(
    training: TrainingSet,
    split: Split,
    paths: Mapping[int, Path],
    kind: str,
    watch: Callable[[int], None] | None = None,
    *,
    full_hash: bool = False,
) -> list[PartFile]:
    """Write the parts of these numbers to their paths, all in one folder, and their manifests.

    Rows keep their order. All files appear together, or none does. ``watch`` is told the number of
    rows that went by so far. A few batches per file are held at once.

    Raises:
        SourceError: FC209 a file can't be written, and what the join raises.
    """
    folder = next(iter(paths.values())).parent
    own = len(training.frame.schema)
    entities: dict[str, Any] = {}
    with (
        whole_files(folder) as scratch,
        BackgroundHash(training.frame.schema) as hashing,
        ThreadPoolExecutor(len(paths)) as pool,
    ):
        lanes = {
            number: _Lane(pool, training, scratch / path.name, {
                "kind": kind,
                "full_hash": full_hash,
                "folder": folder,
                "part": {"name": split.parts[number].name, "split": split.document()},
                "entities": lambda: entities["hash"],
            })
            for number, path in paths.items()
        }  # fmt: skip
        try:
            done = 0
            for batch in training.batches():
                hashing.update(batch.select(range(own)))
                _deal(batch, split.places[done : done + batch.num_rows], lanes)
                done += batch.num_rows
                if watch:
                    watch(done)
            hashed = hashing.finish()
            entities["hash"] = hashed.rows, hashed.columns()
            sizes = {number: lane.finish() for number, lane in lanes.items()}
        except BaseException:
            for lane in lanes.values():
                lane.stop()
            raise
    facts = split.parts
    return [
        PartFile(facts[number].name, path, facts[number].rows, sizes[number])
        for number, path in paths.items()
    ]


def rows_of(
    batches: Iterator[pa.RecordBatch], split: Split, number: int
) -> Iterator[pa.RecordBatch]:
    """The rows of one part, in their order."""
    done = 0
    for batch in batches:
        places = split.places[done : done + batch.num_rows]
        done += batch.num_rows
        rows = np.flatnonzero(places == number)
        if len(rows):
            yield take_rows(batch, rows)


def _deal(batch: pa.RecordBatch, places: npt.NDArray[np.uint8], lanes: Mapping[int, _Lane]) -> None:
    for number, lane in lanes.items():
        rows = np.flatnonzero(places == number)
        if len(rows):
            lane.put(take_rows(batch, rows))


class _StoppedError(Exception):
    """The rows of a file will not be complete."""


@dataclass
class _Lane:
    """The batches of one file, on their way to the thread that writes it."""

    pool: ThreadPoolExecutor
    training: TrainingSet
    path: Path
    options: Mapping[str, Any]
    _queue: Queue[pa.RecordBatch | None] = field(default_factory=lambda: Queue(_WAITING))
    _stopped: Event = field(default_factory=Event)
    _written: Future[int] = field(init=False)

    def __post_init__(self) -> None:
        self._written = self.pool.submit(
            write_pinned, self.training, self.path, rows=self._taken(), **self.options
        )

    def put(self, batch: pa.RecordBatch | None) -> None:
        """Hand over a batch, or the end; raises what went wrong where it is written."""
        while not self._written.done():
            try:
                self._queue.put(batch, timeout=_MOMENT_S)
            except Full:
                continue
            return
        self._result()

    def finish(self) -> int:
        """The number of bytes, once all is written."""
        self.put(None)
        return self._result()

    def stop(self) -> None:
        """Let what is half-written go."""
        self._stopped.set()
        while not self._written.done():
            try:
                self._queue.put(None, timeout=_MOMENT_S)
            except Full:
                continue
            return

    def _result(self) -> int:
        try:
            return self._written.result()
        except SourceError as error:  # it names the file by where it is until all are whole
            message = error.message.replace(str(self.path), self.path.name)
            raise SourceError(error.code, message, notes=error.notes, help=error.help) from error

    def _taken(self) -> Iterator[pa.RecordBatch]:
        while (batch := self._queue.get()) is not None and not self._stopped.is_set():
            yield batch
        if self._stopped.is_set():
            raise _StoppedError
