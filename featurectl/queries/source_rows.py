"""A source's rows under the names that are used everywhere else, for SQL that a person writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from featurectl.definitions.types import TEXT, UNTYPED
from featurectl.queries.expression import cast, column, named
from featurectl.queries.from_text import value_of_text
from featurectl.queries.instant import as_timestamp, timestamp_of_text
from featurectl.queries.scan import hive_columns, scan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from featurectl.definitions.source import FileSource


def source_rows(
    source: FileSource,
    files: Sequence[str],
    columns: Mapping[str, str],
    declared: Mapping[str, str],
) -> exp.Select:
    """All rows and columns of a source, renamed as its ``columns:`` says.

    Event and created time are UTC timestamps whatever the files hold. Other columns have the types
    of the files; text of CSV files and of folders is read as the type that is ``declared`` of it,
    by name, and is text where none is.
    """
    folders = [own for own in hive_columns(files) if own in columns]
    mixed = [own for own in folders if columns[own] != TEXT]  # the engine would mix them up
    folders = [] if mixed else folders
    wanted: list[exp.Expr] = []
    for own, kind in columns.items():
        name = source.columns.get(own, own)
        value = _value(source, own, kind, declared.get(name))
        wanted.append(named(value, name))
    return exp.select(*wanted, copy=False).from_(scan(source, files, hive=folders), copy=False)


def _value(source: FileSource, own: str, kind: str, declared: str | None) -> exp.Expr:
    origin = f'column "{own}" of source "{source.name}"'
    if own in (source.event_timestamp, source.created_timestamp):
        if kind == UNTYPED:
            return cast(exp.null(), "TIMESTAMPTZ")
        if kind in (TEXT, "string"):
            return timestamp_of_text(column(own), origin)
        return as_timestamp(column(own)) if kind in ("timestamp", "date") else column(own)
    if kind == TEXT and declared is not None:
        return value_of_text(column(own), declared, origin)
    return column(own)
