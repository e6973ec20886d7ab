"""From the rows of an online request to the keys of the store: checked, typed, never cast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from featurectl.definitions.value import INT_BITS, parse_value
from featurectl.errors import RequestError, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from featurectl.definitions.columns import KeyColumn, ViewColumns
    from featurectl.flows.serving import UsePlan

_LIMIT = 1 << INT_BITS["int64"]


def entity_keys(use: UsePlan, rows: Sequence[Mapping[str, Any]]) -> list[bytes | None]:
    """The key of each row's entity; None where a join key is null, which no row has.

    Raises:
        RequestError: FC305 a row without a join key, FC311 a value that is not of the key's type.
    """
    return [_entity_key(use, row, number) for number, row in enumerate(rows)]


def key_values(use: ViewColumns, row: Mapping[str, Any]) -> list[Any]:
    """The typed join keys of one row, in the view's order; None where one is null.

    Raises:
        RequestError: FC305 and FC311, as :func:`entity_keys` does.
    """
    try:
        values = [_typed(row[key.column], key) for key in use.keys]
    except (KeyError, TypeError, IndexError):
        raise _missing_key(use, row, 0) from None
    for key, value in zip(use.keys, values, strict=True):
        if isinstance(value, str) and any("\ud800" <= mark <= "\udfff" for mark in value):
            raise RequestError("FC311", f'join key "{key.column}" is no valid text')
    return values


def _entity_key(use: UsePlan, row: Mapping[str, Any], number: int) -> bytes | None:
    try:
        values = [_typed(row[key.column], key) for key in use.keys]
        return None if None in values else use.encode(values)
    except (KeyError, TypeError, IndexError):
        raise _missing_key(use, row, number) from None
    except UnicodeEncodeError:
        raise RequestError(
            "FC311", f'a join key of "{use.label}" in row {number + 1} is no valid text'
        ) from None


def _typed(value: Any, key: KeyColumn) -> Any:
    if key.type == "string" and type(value) is str:
        return value
    if key.type == "int64" and type(value) is int and -_LIMIT <= value < _LIMIT:
        return value
    try:
        return parse_value(value, key.type)
    except ValueError as error:
        raise _bad_value(key, error) from None


def _bad_value(key: KeyColumn, error: ValueError) -> RequestError:
    alias = "" if key.column == key.join_key else f' (for "{key.join_key}")'
    return RequestError("FC311", f'join key "{key.column}"{alias}: {error}')


def _missing_key(use: UsePlan | ViewColumns, row: Any, number: int) -> RequestError:
    columns = list(row) if hasattr(row, "keys") else []
    if not columns and not hasattr(row, "keys"):
        what = f"row {number + 1} is a {type(row).__name__}, not join keys with their values"
        return RequestError("FC305", what, help=["give one mapping per row: {name: value}"])
    name = next(key.column for key in use.keys if key.column not in columns)
    known = {key.column for key in use.keys}
    meant = nearest(name, [str(column) for column in columns if column not in known])
    return RequestError(
        "FC305",
        f'row {number + 1} has no join key "{name}", which view "{use.label}" needs',
        notes=[f"join keys of {use.label}: {', '.join(key.column for key in use.keys)}"],
        help=[f'write "{name}" instead of "{meant}"'] if meant else [],
    )
