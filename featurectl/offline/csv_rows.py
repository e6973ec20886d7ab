"""CSV that was written here, read back as the Arrow types it had: the inverse of csv_text.py."""

from __future__ import annotations

import base64
import json
from datetime import time
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv as pcsv

from featurectl.errors import SourceError, first_line
from featurectl.offline.csv_text import csv_schema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_is = pa.types


def csv_batches(path: Path, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The rows of the file in the types of ``schema``, batch by batch.

    Raises:
        SourceError: FC202 it is not CSV with these columns, or a text is no value of its type.
    """
    texts = csv_schema(schema)
    convert = pcsv.ConvertOptions(
        column_types=texts,
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    parse = pcsv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False)
    try:
        with pcsv.open_csv(str(path), convert_options=convert, parse_options=parse) as reader:
            if reader.schema.names != schema.names:
                raise _unreadable(path, f"its columns are {', '.join(reader.schema.names)}")
            for batch in reader:
                arrays = [
                    _typed(column, field.type)
                    for column, field in zip(batch.columns, schema, strict=True)
                ]
                yield pa.RecordBatch.from_arrays(arrays, schema=schema)
    except (OSError, ValueError, ArithmeticError, pa.ArrowException) as error:
        raise _unreadable(path, first_line(error)) from error


def _unreadable(path: Path, why: str) -> SourceError:
    return SourceError("FC202", f"{path} can't be read as the CSV that was written", notes=[why])


def _typed(column: pa.Array, kind: pa.DataType) -> pa.Array:
    if column.type == kind:
        return column
    if _is.is_dictionary(kind):
        return _typed(column, kind.value_type).dictionary_encode().cast(kind)
    if _is.is_timestamp(kind):
        plain = pa.timestamp(kind.unit, "UTC" if kind.tz else None)
        return column.cast(plain).cast(kind)
    if _is.is_decimal(kind) or _is.is_float16(kind) or _is_text(kind):
        return column.cast(pa.float32()).cast(kind) if _is.is_float16(kind) else column.cast(kind)
    if _is.is_date64(kind):
        return column.cast(pa.date32()).cast(kind)
    return pa.array([_value(text, kind) for text in column.to_pylist()], kind)


def _is_text(kind: pa.DataType) -> bool:
    return bool(_is.is_large_string(kind) or _is.is_string_view(kind))


def _value(text: str | None, kind: pa.DataType) -> Any:
    if text is None:
        return None
    if _is.is_binary(kind) or _is.is_large_binary(kind) or _is.is_fixed_size_binary(kind):
        return base64.b64decode(text, validate=True)
    if _is.is_time(kind):
        return time.fromisoformat(text)
    if _is.is_nested(kind):
        return json.loads(text)
    raise ValueError(f"{kind} can't be read back from text")
