"""Rows as CSV has them: what CSV can't hold becomes text that is read back without loss.

Times are ISO 8601, with ``Z`` where they had a zone; bytes base64; lists and structs JSON.
"""

from __future__ import annotations

import base64
import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_TEXT = pa.large_string()
_SPECIAL = r'[",\r\n]'


def csv_schema(schema: pa.Schema) -> pa.Schema:
    """The types that the columns have as CSV."""
    return pa.schema([pa.field(field.name, _csv_type(field.type)) for field in schema])


def csv_lines(batch: pa.RecordBatch) -> memoryview:
    """The rows as lines; null is an empty field, the empty text a quoted one.

    Only texts that need it are quoted, so that what was read from CSV is written as it was.
    """
    if not batch.num_columns or not batch.num_rows:
        return memoryview(b"\n" * batch.num_rows)
    fields = [_field(csv_column(column)) for column in batch.columns]
    rows = pc.binary_join_element_wise(
        *fields, _text_scalar(","), null_handling="replace", null_replacement=""
    )
    lines = pc.binary_join_element_wise(rows, _text_scalar(""), _text_scalar("\n"))
    _, ends, data = lines.buffers()
    del ends
    return memoryview(data)[: pc.sum(pc.binary_length(lines)).as_py()]


def csv_header(schema: pa.Schema) -> memoryview:
    """The line of names."""
    names = [pa.array([name], pa.string()) for name in schema.names]
    return csv_lines(pa.RecordBatch.from_arrays(names, [str(i) for i in range(len(names))]))


def csv_column(column: pa.Array) -> pa.Array:
    """A column as CSV has it."""
    return _as_csv(column, _csv_type(column.type))


def _field(column: pa.Array) -> pa.Array:
    texts = column.cast(_TEXT)
    if column.type not in (pa.string(), pa.large_string()):
        return texts
    needs = pc.or_(pc.match_substring_regex(texts, _SPECIAL), pc.equal(texts, ""))
    if not pc.any(needs).as_py():
        return texts
    doubled = pc.replace_substring(texts, '"', '""')
    quoted = pc.binary_join_element_wise(
        _text_scalar('"'), doubled, _text_scalar('"'), _text_scalar("")
    )
    return pc.if_else(needs, quoted, texts)


def _text_scalar(text: str) -> pa.Scalar:
    return pa.scalar(text, _TEXT)


def _csv_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return _csv_type(kind.value_type)
    plain = (
        pa.types.is_primitive(kind)
        and not pa.types.is_temporal(kind)
        and not pa.types.is_float16(kind)
    )
    if plain or pa.types.is_null(kind) or kind in (pa.string(), pa.large_string(), pa.date32()):
        return kind
    return pa.string()


def _as_csv(column: pa.Array, kind: pa.DataType) -> pa.Array:
    if column.type == kind:
        return column
    if pa.types.is_dictionary(column.type):
        return _as_csv(column.dictionary_decode(), kind)
    if pa.types.is_timestamp(column.type):
        texts = column.cast(pa.timestamp(column.type.unit)).cast(pa.string())
        iso = pc.replace_substring(texts, " ", "T", max_replacements=1)
        ends = "Z" if column.type.tz else ""
        return pc.binary_join_element_wise(iso, pa.scalar(ends), pa.scalar(""))
    return pa.array([_text(value) for value in column.to_pylist()], pa.string())


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, (list, dict)):
        return json.dumps(value, default=_in_json, ensure_ascii=False)
    return str(value)


def _in_json(value: Any) -> Any:
    if isinstance(value, (datetime, date, time)):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, (Decimal, timedelta)):
        return str(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} has no JSON form")
