"""CSV text as an Arrow table: join keys by their declared types, other columns as they look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.csv as pcsv

from featurectl.errors import RequestError
from featurectl.offline.key_column import key_values

if TYPE_CHECKING:
    import io
    from collections.abc import Mapping
    from pathlib import Path

_SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt")
_TABS = (".tsv", ".tsv.gz")


def is_csv(name: str) -> bool:
    """Whether a file's name says that it is CSV."""
    return name.lower().endswith(_SUFFIXES)


def read_csv(source: Path | io.BytesIO, types: Mapping[str, str], label: str) -> pa.Table:
    """The whole text; an empty field is null, a quoted empty one is the empty text.

    Raises:
        pyarrow.ArrowException: it is no CSV.
        RequestError: FC311 a text that is no value of the declared type.
    """
    tabs = not hasattr(source, "read") and str(source).lower().endswith(_TABS)
    options = pcsv.ConvertOptions(
        column_types={name: pa.string() for name in types},
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    table = pcsv.read_csv(
        source if hasattr(source, "read") else str(source),
        parse_options=pcsv.ParseOptions(delimiter="\t" if tabs else ",", newlines_in_values=True),
        convert_options=options,
    )
    for name, kind in types.items():
        place = table.schema.get_field_index(name)
        if place >= 0:
            texts, origin = table.column(place), f'column "{name}" of {label}'
            values = key_values(texts, kind, origin)
            if values.null_count != texts.null_count:
                raise RequestError("FC311", f"{origin} has a value beyond {kind}")
            table = table.set_column(place, name, values)
    return table
