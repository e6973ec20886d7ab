"""Row keys of Arrow batches, columns at a time: the keys that ``online/keys.py`` makes singly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from featurectl.definitions.arrow_type import arrow_type
from featurectl.online.keys import EMPTY, NO_ENTITY, SPECIAL, encode_text, key_order, row_prefix

if TYPE_CHECKING:
    from featurectl.online.keys import JoinKeys

_NEEDS_ENCODING = rf"[{SPECIAL}\x{{80}}-\x{{9f}}]|^-?$"


def pack_keys(
    batch: pa.RecordBatch, project: str, generation: str, join_keys: JoinKeys
) -> pa.LargeBinaryArray:
    """The keys as one array; the batch is as ``encode_keys`` of ``online/keys.py`` takes it."""
    prefix = row_prefix(project, generation)
    if not join_keys:
        return pa.repeat(pa.scalar(prefix + NO_ENTITY.encode(), pa.large_binary()), batch.num_rows)
    parts = [_part(batch.column(f"k{i}"), join_keys[i][1]) for i in key_order(join_keys)]
    joined = pc.binary_join_element_wise(*parts, _text(",")) if len(parts) > 1 else parts[0]
    return pc.binary_join_element_wise(_text(prefix.decode()), joined, _text("")).cast(
        pa.large_binary()
    )


def _part(column: pa.Array, type_name: str) -> pa.LargeStringArray:
    target = arrow_type(type_name)
    typed = column if column.type == target else column.cast(target)
    if type_name == "string":
        return _strings(typed.cast(pa.large_string()))
    if type_name == "bytes":
        return _hexadecimal(typed)
    return typed.cast(pa.large_string())


def _strings(column: pa.LargeStringArray) -> pa.LargeStringArray:
    """Only those that need it are encoded one by one: mostly none."""
    special = pc.match_substring_regex(column, _NEEDS_ENCODING)
    if not special.true_count:
        return column
    encoded = [encode_text(text) for text in column.filter(special).to_pylist()]
    return pc.replace_with_mask(column, special, pa.array(encoded, pa.large_string()))


def _hexadecimal(column: pa.BinaryArray) -> pa.LargeStringArray:
    texts = [value.hex() or EMPTY for value in column.to_pylist()]
    return pa.array(texts, pa.large_string())


def _text(text: str) -> pa.Scalar:
    return pa.scalar(text, pa.large_string())
