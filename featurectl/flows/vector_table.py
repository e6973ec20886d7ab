"""The answer to an online request as an Arrow table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from featurectl.definitions.arrow_type import arrow_type
from featurectl.errors import RequestError

if TYPE_CHECKING:
    from featurectl.flows.vectors import OnlineFeatures


def table(vectors: OnlineFeatures) -> pa.Table:
    """The request's columns, then the features.

    Raises:
        RequestError: FC307 a request column of mixed types, FC308 two columns of one name.
    """
    arrays: dict[str, pa.Array] = {}
    for name in dict.fromkeys(name for row in vectors.rows for name in row):
        values = [row.get(name) for row in vectors.keys]
        arrays[name] = _request_column(name, values, vectors.key_types.get(name))
    taken = {name.lower(): name for name in arrays}
    for column in vectors.columns:
        if column.name.lower() in taken:
            raise RequestError(
                "FC308",
                f'the feature "{column.name}" and the request\'s column '
                f'"{taken[column.name.lower()]}" have one name',
                help=["use full names (view__feature)"],
            )
        arrays[column.name] = pa.array(vectors.column(column), arrow_type(column.type))
    return pa.table(arrays)


def _request_column(name: str, values: list[Any], type_name: str | None) -> pa.Array:
    try:
        return pa.array(values, arrow_type(type_name) if type_name else None)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise RequestError("FC307", f'the request\'s column "{name}": {error}') from error
