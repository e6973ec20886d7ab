"""Arrow tables as frames of other libraries, without integers that become floats on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl


def to_pandas(table: pa.Table, plain: int) -> pd.DataFrame:
    """A pandas frame with a plain index.

    Integers and booleans get pandas' own nullable types, so that null is null and not NaN: always
    from column number ``plain`` on, and before it where there are nulls.
    """
    import pandas as pd  # noqa: PLC0415 - slow, and an extra

    nullable = {
        pa.bool_(): pd.BooleanDtype(),
        pa.int8(): pd.Int8Dtype(),
        pa.int16(): pd.Int16Dtype(),
        pa.int32(): pd.Int32Dtype(),
        pa.int64(): pd.Int64Dtype(),
        pa.uint8(): pd.UInt8Dtype(),
        pa.uint16(): pd.UInt16Dtype(),
        pa.uint32(): pd.UInt32Dtype(),
        pa.uint64(): pd.UInt64Dtype(),
    }
    names = table.column_names
    with_nulls = [
        name
        for i, name in enumerate(names)
        if table.column(i).type in nullable and (i >= plain or table.column(i).null_count)
    ]
    others = table.drop_columns(with_nulls).to_pandas()
    found = table.select(with_nulls).replace_schema_metadata().to_pandas(types_mapper=nullable.get)
    return pd.concat([others, found], axis=1)[names]


def to_polars(table: pa.Table) -> pl.DataFrame:
    """A Polars frame."""
    import polars as pl  # noqa: PLC0415 - slow, and an extra

    found = pl.from_arrow(table)
    if not isinstance(found, pl.DataFrame):
        raise TypeError("Polars gives a frame for a table")
    return found
