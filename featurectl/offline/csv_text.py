"""Columns as CSV has them: what CSV can't hold becomes text that is read back without loss.

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


def csv_schema(schema: pa.Schema) -> pa.Schema:
    """The types that the columns have as CSV."""
    return pa.schema([pa.field(field.name, _csv_type(field.type)) for field in schema])


def csv_text(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The batch with its columns as ``schema`` has them."""
    arrays = [
        _as_csv(column, field.type) for column, field in zip(batch.columns, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def csv_column(column: pa.Array) -> pa.Array:
    """A column as CSV has it."""
    return _as_csv(column, _csv_type(column.type))


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
        zone = "Z" if column.type.tz else ""
        instants = column.cast(pa.timestamp(column.type.unit))
        return pc.strftime(instants, format=f"%Y-%m-%dT%H:%M:%S{zone}")
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
