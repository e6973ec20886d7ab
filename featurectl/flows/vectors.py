"""The answer to an online request: values with their status, event time and age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from featurectl.definitions.instant import format_optional, to_datetime
from featurectl.definitions.types import parse_type
from featurectl.definitions.value import parse_value, to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    import pyarrow as pa

FORMAT = "featurectl.online/1"
Status = Literal["PRESENT", "NULL", "NOT_FOUND", "EXPIRED"]
_PLAIN = {float: "float64", bytes: "bytes", datetime: "timestamp", date: "date"}
_NUMBERS = ("bool", "int32", "int64", "float32", "float64", "decimal")


class Found(NamedTuple):
    """What one use of a view found for one entity: its features in the order asked for.

    ``status`` is that of all of them, but for those that are null where it is ``PRESENT``.
    ``event_us`` is None where there is no row, and for a static source.
    """

    status: Status
    values: tuple[Any, ...]
    event_us: int | None


@dataclass(frozen=True)
class OutputColumn:
    """A column of the answer: feature ``at`` of the use ``use``, under its output name."""

    name: str
    type: str
    use: int
    at: int


@dataclass(frozen=True)
class OnlineFeatures:
    """Features of ``len(rows)`` entities, in the order of the request, duplicates included.

    ``rows`` are the request's own; ``key_types`` the types of the join keys among their columns.
    ``found[use][row]`` is what was found.
    """

    columns: tuple[OutputColumn, ...]
    key_types: Mapping[str, str]
    rows: Sequence[Mapping[str, Any]]
    found: Sequence[Sequence[Found]]
    now_us: int

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def names(self) -> list[str]:
        """The output columns, in order."""
        return [column.name for column in self.columns]

    def to_dicts(self) -> list[dict[str, Any]]:
        """One dict per row, keyed by output column.

        Values are Python's own: ``int``, ``float``, ``Decimal``, ``bool``, ``str``, ``bytes``,
        ``date``, aware ``datetime`` (UTC), ``list``, None.
        """
        names = self.names
        if len(self.found) == 1:  # one use of one view: its values are the row, in order
            return [dict(zip(names, values, strict=False)) for _, values, _ in self.found[0]]
        return self._per_value(_value)

    @cached_property
    def status(self) -> list[dict[str, Status]]:
        """``PRESENT``, ``NULL``, ``NOT_FOUND`` or ``EXPIRED`` of each value, row by row."""
        return self._per_value(_status)

    @cached_property
    def event_timestamps(self) -> list[dict[str, datetime | None]]:
        """When each value was true (aware, UTC); None without a row, and of a static source."""
        return self._per_value(_moment)

    @cached_property
    def ages(self) -> list[dict[str, float | None]]:
        """Seconds from each value's event time to the request."""
        now_us = self.now_us
        return self._per_value(
            lambda found, _at: None if found.event_us is None else (now_us - found.event_us) / 1e6
        )

    @cached_property
    def keys(self) -> list[dict[str, Any]]:
        """The request's rows, with join keys as values of their types."""
        types = self.key_types
        return [
            {name: parse_value(value, types[name]) if name in types else value
             for name, value in row.items()}
            for row in self.rows
        ]  # fmt: skip

    def to_arrow(self) -> pa.Table:
        """The request's columns, then the features, each of its declared type.

        Raises:
            RequestError: FC307 a request column of mixed types, FC308 a feature's output column
                that is named like one of the request.
        """
        from featurectl.flows.vector_table import table  # noqa: PLC0415 - loads pyarrow

        return table(self)

    def to_numpy(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """A float64 matrix: a row per entity, a column per feature, NaN for null.

        Integers beyond 2^53 are rounded.

        Raises:
            TypeError: a feature that is no number.
        """
        import numpy as np  # noqa: PLC0415 - not needed to read

        for column in self.columns:
            if parse_type(column.type).base not in _NUMBERS:
                raise TypeError(f'"{column.name}" is a {column.type}, no number: use to_arrow()')
        matrix = np.full((len(self.rows), len(self.columns)), np.nan)
        for i, column in enumerate(self.columns):
            for row, value in enumerate(self.column(column)):
                if value is not None:
                    matrix[row, i] = value
        return matrix

    def column(self, column: OutputColumn) -> list[Any]:
        """The values of one column, row by row."""
        at = column.at
        return [values[at] for _, values, _ in self.found[column.use]]

    def document(self) -> dict[str, Any]:
        """The JSON form (``featurectl.online/1``)."""
        types = {column.name: column.type for column in self.columns}
        features = [
            {name: to_json(value, types[name]) for name, value in row.items()}
            for row in self.to_dicts()
        ]
        times = self._per_value(_iso)
        parts = zip(self.keys, features, self.status, times, strict=True)
        return {
            "format": FORMAT,
            "rows": [
                {
                    "keys": {name: self._key_json(name, value) for name, value in keys.items()},
                    "features": values,
                    "status": status,
                    "event_timestamps": moments,
                }
                for keys, values, status, moments in parts
            ],
        }

    def _key_json(self, name: str, value: Any) -> Any:
        return to_json(value, self.key_types[name]) if name in self.key_types else _plain(value)

    def _per_value(self, give: Callable[[Found, int], Any]) -> list[dict[str, Any]]:
        """For each row, what ``give`` says of each column."""
        places = [(column.name, column.use, column.at) for column in self.columns]
        return [
            {name: give(uses[use], at) for name, use, at in places}
            for uses in zip(*self.found, strict=True)
        ]


def _value(found: Found, at: int) -> Any:
    return found.values[at]


def _status(found: Found, at: int) -> Status:
    return "NULL" if found.status == "PRESENT" and found.values[at] is None else found.status


def _moment(found: Found, _at: int) -> datetime | None:
    return None if found.event_us is None else to_datetime(found.event_us)


def _iso(found: Found, _at: int) -> str | None:
    return format_optional(found.event_us)


def _plain(value: Any) -> Any:
    """The JSON form of a value without a declared type, as a request's own columns are."""
    if hasattr(value, "tolist"):  # numpy's
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, str)):
        return value
    kind = _PLAIN.get(type(value))
    return to_json(value, kind) if kind else str(value)
