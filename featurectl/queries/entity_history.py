"""All rows of one entity, each with its place in the files, and what is near a key without rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlglot import exp

from featurectl.queries.expression import (
    all_of,
    call,
    cast,
    column,
    is_null,
    named,
    not_null,
    number,
    sql_type,
    text,
)
from featurectl.queries.relation import every_row, usable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.queries.relation import SourcedView

_ROW_NUMBER = "file_row_number"
_MOST_ROWS = 1 << 42  # in one file


def entity_rows(
    sourced: SourcedView,
    keys: Sequence[Any],
    features: Sequence[str],
    files: Sequence[str] | None = None,
) -> exp.Select:
    """All rows of the entity with these keys: one scan of the key columns, the rest where they fit.

    Columns: those of ``relation`` with all features in the view's order, null where they are not
    among ``features``, which alone are read; ``u`` whether the join may use the row, ``file``, and
    ``row``, which counts from 1 within the file. Where the reader can't
    tell a row's number, ``row`` is null; given the ``files`` that are in question, their rows are
    counted, in one thread and at the cost of reading them from their beginning.

    Raises:
        SourceError: FC204, FC205, FC208 as ``relation`` does.
    """
    names = {name.lower() for name in sourced.columns}
    file, row = _unused("file", names), _unused("row", names)

    def read(scan: exp.Expr) -> exp.Expr:
        scan.append(
            "expressions", exp.EQ(this=exp.to_identifier("filename"), expression=text(file))
        )
        return scan if files is None else _counted(scan, sourced.files, files, row)

    found = every_row(sourced, features, read=read)
    number_of = column(row) if files is not None else _told_number(sourced)
    found = found.select(named(column(file), "file"), named(number_of, "row"), copy=False)
    parts = [f"k{i}" for i in range(len(keys))]
    kinds = sourced.join_keys.values()
    equal = [
        exp.EQ(this=column(part), expression=key_literal(key, kind))
        for part, key, kind in zip(parts, keys, kinds, strict=True)
    ]
    wanted: list[exp.Expr] = [*map(column, parts), column("e")]
    wanted += [named(call("coalesce", column("c"), column("e")), "c"), column("hc")]
    wanted += _all_features(sourced, features)
    wanted += [named(all_of(usable(sourced.source, parts)), "u"), column("file"), column("row")]
    return exp.select(*wanted, copy=False).from_(found.subquery("r", copy=False)).where(*equal)


def tells_numbers(sourced: SourcedView) -> bool:
    """Whether the reader knows the number of each row without counting."""
    is_parquet = sourced.source.file_format == "parquet"
    return is_parquet and _ROW_NUMBER not in map(str.lower, sourced.columns)


def files_of(rows: exp.Select) -> exp.Select:
    """The files, as ``file``, that hold any of the rows of ``entity_rows``."""
    return exp.select(column("file")).distinct().from_(rows.subquery("r", copy=False))


def row_ordinal(files: Sequence[str]) -> exp.Expr:
    """A number for each row of ``entity_rows``, the same in every query, that no other row has."""
    paths = exp.Array(expressions=[text(path) for path in files])
    place = cast(call("list_position", paths, column("file")), "BIGINT")
    first = exp.Mul(this=place, expression=number(_MOST_ROWS))
    return exp.Add(this=first, expression=column("row"))


def tied_rows(rows: exp.Expr) -> exp.Select:
    """One row, ``n``: how many usable rows are equal to another in event and created time."""
    times = [column("e"), column("c")]
    count = exp.Count(this=exp.Star())
    groups = exp.select(named(count, "n")).from_(rows.copy()).where(column("u")).group_by(*times)
    several = groups.having(exp.GT(this=count.copy(), expression=number(1)))
    total = named(call("coalesce", exp.Sum(this=column("n")), number(0)), "n")
    return exp.select(total).from_(several.subquery("g", copy=False))


def key_literal(value: Any, type_name: str) -> exp.Expr:
    """A join key's value as a constant of its type."""
    if type_name == "bytes":
        return call("unhex", text(value.hex()))
    if type_name == "string":
        return _any_text(value)
    written = text(value.isoformat()) if type_name == "date" else text(str(value))
    return cast(written, sql_type(type_name))


def rows_without_key(sourced: SourcedView) -> exp.Select:
    """One row, one column ``n``: how many rows of the source have a null join key."""
    parts = [f"k{i}" for i in range(len(sourced.join_keys))]
    null = [is_null(column(part)) for part in parts]
    count = exp.select(named(exp.Count(this=exp.Star()), "n"))
    return count.from_(every_row(sourced, ()).subquery("r", copy=False)).where(exp.or_(*null))


def rows_per_key(sourced: SourcedView, keys: Sequence[Any]) -> exp.Select:
    """One row: for each join key, ``n0 n1 …``, how many rows have its value whatever the others."""
    kinds = sourced.join_keys.values()
    wanted = [
        _count_of(exp.EQ(this=column(f"k{i}"), expression=key_literal(key, kind)), f"n{i}")
        for i, (key, kind) in enumerate(zip(keys, kinds, strict=True))
    ]
    return exp.select(*wanted).from_(every_row(sourced, ()).subquery("r", copy=False))


def nearest_spelling(sourced: SourcedView, place: int, value: str) -> exp.Select:
    """One row, ``key`` and ``likeness`` (0 to 1), of the text of a join key most like ``value``.

    Case and white space around it play no part. All different values are compared.
    """
    key = f"k{place}"
    every = exp.select(column(key)).distinct().from_(every_row(sourced, ()).subquery("r"))
    like = call("jaro_winkler_similarity", _folded(column(key)), _folded(_any_text(value)))
    found = exp.select(named(column(key), "key"), named(like, "likeness"))
    found = found.from_(every.subquery("d", copy=False)).where(not_null(column(key)))
    best = exp.Ordered(this=column("likeness"), desc=True, nulls_first=False)
    return found.order_by(best, exp.Ordered(this=column("key"))).limit(1)


def _all_features(sourced: SourcedView, read: Sequence[str]) -> list[exp.Expr]:
    places = {name: column(f"f{i}") for i, name in enumerate(read)}
    return [
        named(places.get(name, cast(exp.null(), sql_type(feature.type))), f"f{i}")
        for i, (name, feature) in enumerate(sourced.view.features.items())
    ]


def _counted(
    scan: exp.Expr, all_files: Sequence[str], files: Sequence[str], row: str
) -> exp.Subquery:
    # One scan for each file: a row's number in the result is then its number in the file, since the
    # engine runs a window without order or partition in one thread, over rows as they are read. The
    # last, empty one has the columns that some of the files lack.
    paths = scan.expressions[0].expressions
    place = named(exp.Window(this=exp.RowNumber()), row)
    whole = exp.select("*", exp.Alias(this=cast(exp.null(), "BIGINT"), alias=_quoted(row)))
    parts = [whole.from_(scan.copy()).limit(0)]
    for file in files:
        one = scan.copy()
        one.expressions[0].set("expressions", [paths[list(all_files).index(file)].copy()])
        parts.append(exp.select("*", place.copy()).from_(one))
    union: exp.Query = exp.select("*").from_(parts[0].subquery("p0", copy=False))
    for i, part in enumerate(parts[1:], start=1):
        more = exp.select("*").from_(part.subquery(f"p{i}", copy=False))
        union = exp.Union(this=union, expression=more, distinct=False, by_name=True)
    return union.subquery("files", copy=False)


def _told_number(sourced: SourcedView) -> exp.Expr:
    if not tells_numbers(sourced):
        return cast(exp.null(), "BIGINT")
    return exp.Add(this=column(_ROW_NUMBER), expression=number(1))


def _any_text(value: str) -> exp.Expr:
    # DuckDB 1.5 takes a character zero for the end of the query.
    return (
        call("decode", call("unhex", text(value.encode().hex()))) if "\0" in value else text(value)
    )


def _folded(value: exp.Expr) -> exp.Expr:
    return call("lower", call("trim", value))


def _unused(name: str, names: set[str]) -> str:
    while name in names:
        name += "_"
    return name


def _quoted(name: str) -> exp.Identifier:
    return exp.to_identifier(name, quoted=True)


def _count_of(condition: exp.Expr, name: str) -> exp.Expr:
    count = exp.Count(this=exp.Star())
    return named(exp.Filter(this=count, expression=exp.Where(this=condition)), name)
