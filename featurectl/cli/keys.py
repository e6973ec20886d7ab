"""The rows that ``get-online`` is asked for: ``KEY=VALUE`` words, or a file of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from featurectl.errors import RequestError, first_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Row = dict[str, Any]
_JSON_LINES = (".jsonl", ".ndjson", ".json")


def rows_of_pairs(pairs: Sequence[str]) -> list[Row]:
    """One row for each value of the keys that have several; the other keys are the same in all.

    >>> rows_of_pairs(["carrier=AA", "airport=JFK", "airport=LAX"])
    [{'carrier': 'AA', 'airport': 'JFK'}, {'carrier': 'AA', 'airport': 'LAX'}]

    Raises:
        ValueError: a word without ``=``, or keys with different numbers of values.
    """
    values: dict[str, list[str]] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise ValueError(f'"{pair}" is not KEY=VALUE')
        values.setdefault(key, []).append(value)
    several = {key: len(found) for key, found in values.items() if len(found) > 1}
    if len(set(several.values())) > 1:
        told = ", ".join(f"{number} of {key}" for key, number in several.items())
        raise ValueError(f"keys need one value each, or equally many: {told}")
    number = next(iter(several.values()), 1)
    return [
        {key: found[row if len(found) > 1 else 0] for key, found in values.items()}
        for row in range(number)
    ]


def read_rows(path: str) -> list[Row]:
    """The rows of a Parquet or CSV file or of JSON lines; ``-`` is standard input.

    Raises:
        RequestError: FC314 it can't be read.
    """
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    name = "standard input" if path == "-" else path
    kind = _kind(path, data)
    if kind == "parquet":
        return _parquet(name, data)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(name, f"it is no UTF-8: {error.reason}") from error
    return list(_json_lines(name, text) if kind == "json" else _csv(name, text))


def _kind(path: str, data: bytes) -> str:
    suffix = Path(path).suffix.lower()
    if suffix == ".parquet" or data.startswith(b"PAR1"):
        return "parquet"
    if suffix in _JSON_LINES or (path == "-" and data.lstrip()[:1] == b"{"):
        return "json"
    return "csv"


def _parquet(name: str, data: bytes) -> list[Row]:
    import pyarrow as pa  # noqa: PLC0415 - only for Parquet
    import pyarrow.parquet as pq  # noqa: PLC0415 - same

    try:
        rows: list[Row] = pq.read_table(pa.BufferReader(data)).to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(name, first_line(error)) from error
    return rows


def _csv(name: str, text: str) -> Iterator[Row]:
    import csv  # noqa: PLC0415 - only for CSV
    import io  # noqa: PLC0415 - same

    try:
        for number, row in enumerate(csv.DictReader(io.StringIO(text), strict=True), start=2):
            if None in row or None in row.values():
                raise _unreadable(name, f"row {number} does not have one value for each column")
            yield dict(row)
    except csv.Error as error:
        raise _unreadable(name, f"it is no CSV: {error}") from error


def _json_lines(name: str, text: str) -> Iterator[Row]:
    import json  # noqa: PLC0415 - only for JSON

    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise _unreadable(name, f"line {number} is no JSON: {error}") from error
        if not isinstance(row, dict):
            raise _unreadable(name, f"line {number} is no object")
        yield row


def _unreadable(name: str, why: str) -> RequestError:
    return RequestError(
        "FC314",
        f"the keys of {name} can't be read: {why}",
        help=['give Parquet, CSV, or JSON lines such as {"driver_id": 1001}'],
    )
