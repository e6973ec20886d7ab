"""Entity frames: the rows that ask for features, from a file or from memory, never changed."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

BATCH_ROWS = 65_536


class Frame(Protocol):
    """Rows in an order, read as often as needed.

    Laws: ``batches`` gives all columns in the types of ``schema``, in the same order each time, and
    so does ``select``. Nothing is read before it is asked for, but what ``schema`` needs. A file
    that was written again since it was first looked at is an error (FC207) at the end of a pass.
    """

    label: str

    @property
    @abstractmethod
    def schema(self) -> pa.Schema:
        """The columns and their types."""

    @abstractmethod
    def typed(self, types: Mapping[str, str]) -> Frame:
        """The frame with these columns as declared types, where its file has only text."""

    @abstractmethod
    def as_text(self) -> Frame:
        """The frame as CSV gives it back: where its file has only text, that text."""

    @abstractmethod
    def select(self, columns: Sequence[str]) -> pa.Table:
        """Some columns of all rows, in memory."""

    @abstractmethod
    def batches(self) -> Iterator[pa.RecordBatch]:
        """All columns of all rows, batch by batch."""
