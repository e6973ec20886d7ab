"""A data source: where feature values come from, and which of its columns say when."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from featurectl.definitions.definition import Definition, NotYetError
from featurectl.definitions.file_format import file_format

EventTimestamp = Annotated[
    str | None,
    BeforeValidator(lambda value: None if value in (None, "none") else value),
    Field(description="the event-time column, or `none` for a table whose rows hold at all times"),
]


class FileSource(Definition):
    """Parquet or CSV files: one file, a glob, or a hive-partitioned folder.

    ``event_timestamp`` and ``created_timestamp`` name the source's own columns; ``columns`` renames
    others (``{column in the source: name used everywhere else}``). ``format`` is taken from the
    suffix where it isn't given.
    """

    kind: ClassVar[str] = "source"

    path: Annotated[str, Field(min_length=1)]
    format: Literal["parquet", "csv"] | None = None
    event_timestamp: EventTimestamp
    created_timestamp: str | None = None
    columns: dict[str, str] = {}

    @property
    def is_static(self) -> bool:
        """Whether its rows hold at all times (``event_timestamp: none``)."""
        return self.event_timestamp is None

    @property
    def file_format(self) -> str:
        """``parquet`` or ``csv``: as given, else by the path's suffix, else Parquet."""
        return file_format(self.path, self.format)


class SqlSource(Definition):
    """A query over other sources. Not supported yet: constructing one says so."""

    kind: ClassVar[str] = "source"

    sql: str
    event_timestamp: EventTimestamp
    created_timestamp: str | None = None
    columns: dict[str, str] = {}

    def __init__(self, _name: str = "", /, **_fields: Any) -> None:
        raise NotYetError("SQL sources are")


Source = FileSource
