"""Entity frames that are in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.offline.frame import BATCH_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

    from featurectl.offline.frame import Frame


class TableFrame:
    """A frame in memory."""

    def __init__(self, table: pa.Table, label: str = "the entity frame") -> None:
        self.label = label
        self._table = table

    @property
    def schema(self) -> pa.Schema:
        """The table's columns and types."""
        return self._table.schema

    def typed(self, types: Mapping[str, str]) -> Frame:  # noqa: ARG002 - it has types already
        """Itself."""
        return self

    def as_text(self) -> Frame:
        """Itself."""
        return self

    def select(self, columns: Sequence[str]) -> pa.Table:
        """Some columns, nothing copied."""
        return self._table.select(list(columns))

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The table in pieces, nothing copied."""
        yield from self._table.to_batches(max_chunksize=BATCH_ROWS)
