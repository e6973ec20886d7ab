"""A feature view's rows as one relation: the same few columns whatever the source looks like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from featurectl.definitions.types import TEXT, TIME_COLUMNS, column_fits, spoken
from featurectl.errors import SourceError, did_you_mean, listed
from featurectl.queries.expression import (
    all_of,
    call,
    cast,
    column,
    named,
    not_null,
    number,
    sql_type,
    text,
    transform,
)
from featurectl.queries.extent import files_within
from featurectl.queries.from_text import value_of_text
from featurectl.queries.instant import as_timestamp, microseconds, roughly_between
from featurectl.queries.row_number import row_number
from featurectl.queries.scan import hive_columns, scan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from featurectl.definitions.source import FileSource
    from featurectl.definitions.view import FeatureView
    from featurectl.queries.extent import Extent


@dataclass(frozen=True)
class EventRange:
    """Event times in microseconds, both ends inclusive; None is open."""

    first_us: int | None = None
    last_us: int | None = None


EVERYTHING = EventRange()
_PLAIN = ("bool", "int32", "int64", "float32", "float64", "string")  # read as they are


@dataclass(frozen=True)
class SourcedView:
    """A view, and what its source is made of now.

    ``join_keys`` are the view's, with their types. ``files`` are paths, taken by name: nothing in
    them is a pattern. ``columns`` are the source's own columns and types, as the engine's
    ``schema`` tells them; ``extents`` are what it knows of the times in each file, which leave out
    files of which no row is wanted. ``rows``, where given, is read in place of the files: usable
    rows with the columns of :func:`relation`, all features in the view's order.
    """

    view: FeatureView
    source: FileSource
    join_keys: Mapping[str, str]
    files: Sequence[str]
    columns: Mapping[str, str]
    rows: exp.Expr | None = None
    extents: Sequence[Extent] = ()
    all_usable: bool = False


def relation(
    sourced: SourcedView,
    features: Sequence[str],
    events: EventRange = EVERYTHING,
    *,
    numbered: bool = False,
) -> exp.Select:
    """The usable rows of a view with event times in ``events``.

    Columns, by internal names because the engine folds case: the join keys ``k0 k1 …`` in the order
    of ``join_keys``, ``e`` event and ``c`` created microseconds (the event's where the source has
    no created time; both null for a static source), ``hc`` whether the row has a created time, and
    ``f0 f1 …`` for ``features``, cast to their declared types. Rows with a null or infinite time or
    a null key are left out. With ``numbered``, which only some sources allow, ``r`` numbers them.

    Raises:
        SourceError: FC205 a column is missing, FC204 a column does not fit its declared type, FC208
            a time column that holds no time.
    """
    if sourced.rows is not None:
        return every_row(sourced, features, events, numbered=numbered)
    rows = every_row(sourced, features, events, numbered=numbered)
    keys = [f"k{i}" for i in range(len(sourced.join_keys))]
    wanted: list[exp.Expr] = [column(name) for name in keys]
    wanted += [column("e"), named(call("coalesce", column("c"), column("e")), "c"), column("hc")]
    wanted += [column(f"f{i}") for i in range(len(features))]
    wanted += [column("r")] if numbered else []
    found = exp.select(*wanted, copy=False).from_(rows.subquery("r", copy=False), copy=False)
    judged = [] if sourced.all_usable else usable(sourced.source, keys)
    return found.where(*judged, *_within(sourced.source, events), copy=False)


def ignored_rows(sourced: SourcedView) -> exp.Select:
    """One row, one column ``n``: how many rows of the source are not usable.

    It reads the keys and the times only.
    """
    rows = every_row(sourced, ())
    keys = [f"k{i}" for i in range(len(sourced.join_keys))]
    used = all_of(usable(sourced.source, keys))
    count = named(exp.Count(this=exp.Star()), "n")
    found = exp.select(count, copy=False).from_(rows.subquery("r", copy=False), copy=False)
    return found.where(exp.Not(this=exp.Paren(this=used)), copy=False)


def _of_rows(
    sourced: SourcedView,
    rows: exp.Expr,
    features: Sequence[str],
    events: EventRange,
    *,
    numbered: bool,
) -> exp.Select:
    names = [*(f"k{i}" for i in range(len(sourced.join_keys))), "e", "c", "hc"]
    names += ["r"] if numbered else []
    places = {name: f"f{i}" for i, name in enumerate(sourced.view.features)}
    values = [named(column(places[name]), f"f{i}") for i, name in enumerate(features)]
    found = exp.select(*map(column, names), *values, copy=False).from_(rows.copy(), copy=False)
    return found.where(*_within(sourced.source, events), copy=False)


def every_row(
    sourced: SourcedView,
    features: Sequence[str],
    events: EventRange = EVERYTHING,
    read: Callable[[exp.Expr], exp.Expr] | None = None,
    *,
    numbered: bool = False,
) -> exp.Select:
    """The columns of :func:`relation` for rows usable or not, ``c`` null without a created time.

    ``read`` gives what is read in place of the scan of the files; :func:`usable` judges a row.
    """
    if sourced.rows is not None:
        return _of_rows(sourced, sourced.rows, features, events, numbered=numbered)
    reader = _Reader(sourced)
    event, created = reader.times()
    kinds = sourced.join_keys.items()
    wanted = [named(reader.key(key, kind), f"k{i}") for i, (key, kind) in enumerate(kinds)]
    wanted += [named(event, "e"), named(created, "c"), named(reader.has_created(), "hc")]
    for i, name in enumerate(features):
        declared = sourced.view.features[name].type
        wanted.append(named(reader.value(name, declared), f"f{i}"))
    if numbered:
        wanted.append(named(reader.row_number(), "r"))
    paths = files_within(sourced.files, sourced.extents, events)
    files = scan(sourced.source, paths, hive=reader.from_folders())
    found = exp.select(*wanted, copy=False).from_(read(files) if read else files, copy=False)
    return found.where(*reader.pruning(events), copy=False)


def feature_rows(
    sourced: SourcedView, features: Sequence[str], *, created: bool = False
) -> exp.Select:
    """``f0 f1 …`` and the number ``r`` of every row, usable or not; ``c`` too where ``created``."""
    if sourced.rows is not None:
        return _of_rows(sourced, sourced.rows, features, EVERYTHING, numbered=True)
    reader = _Reader(sourced)
    wanted = [
        named(reader.value(name, sourced.view.features[name].type), f"f{i}")
        for i, name in enumerate(features)
    ]
    wanted += [named(reader.times()[1], "c")] if created else []
    wanted.append(named(reader.row_number(), "r"))
    files = scan(sourced.source, sourced.files, hive=reader.from_folders())
    return exp.select(*wanted, copy=False).from_(files, copy=False)


class _Reader:
    """Reads named columns of one source, and remembers which ones it has read."""

    def __init__(self, sourced: SourcedView) -> None:
        self._view, self._source, self._columns = sourced.view, sourced.source, sourced.columns
        self._own_names = {name: own for own, name in sourced.source.columns.items()}
        self._files, self._hive = sourced.files, hive_columns(sourced.files)
        self._used: set[str] = set()

    def value(self, name: str, declared: str) -> exp.Expr:
        """A join key or feature, as its declared type."""
        own = self._find(self._own_names.get(name, name))
        kind = self._columns[own]
        if not column_fits(kind, declared):
            raise SourceError(
                "FC204",
                f'view "{self._view.name}": "{name}" is declared {declared}, '
                f'but column "{own}" of source "{self._source.name}" is {spoken(kind)}',
            )
        if kind == TEXT:
            return value_of_text(column(own), declared, self._origin(own))
        if kind == declared and declared in _PLAIN:
            return column(own)
        if declared == "timestamp":
            return as_timestamp(column(own))
        if declared == "list<timestamp>":
            return transform(column(own), as_timestamp(column("item")))
        return cast(column(own), sql_type(declared))

    def key(self, name: str, declared: str) -> exp.Expr:
        """A join key, as its declared type."""
        found = self.value(name, declared)
        if declared != "bytes":
            return found
        # Made anew, so that no condition on it reaches the files: DuckDB 1.5 finds no bytes above
        # 7F by the Bloom filters of those that it has written itself.
        return exp.DPipe(this=found, expression=cast(text(""), "BLOB"))

    def times(self) -> tuple[exp.Expr, exp.Expr]:
        """Event and created microseconds; null where the source has none."""
        source = self._source
        event = self._time(source.event_timestamp)
        return event, self._time(None if source.is_static else source.created_timestamp)

    def has_created(self) -> exp.Expr:
        """Whether the row has a created time."""
        name = self._source.created_timestamp
        return exp.false() if self._source.is_static or not name else not_null(column(name))

    def from_folders(self) -> list[str]:
        """Which of the columns read so far come from the names of folders.

        Raises:
            SourceError: FC203 another one stands in both, and the engine would mix them up.
        """
        used = [own for own in self._hive if own in self._used]
        found = [own for own in used if self._columns[own] == TEXT]
        if found and found != used:
            both = next(own for own in used if own not in found)
            raise SourceError(
                "FC203", f"{self._origin(both)} stands in the files and in their folders' names"
            )
        return found

    def row_number(self) -> exp.Expr:
        """The number of a row, once all other columns are read."""
        return row_number(self._files, reads_folders=bool(self.from_folders()))

    def pruning(self, events: EventRange) -> Sequence[exp.Expr]:
        """Conditions that let the engine skip whole row groups and folders."""
        name = self._source.event_timestamp
        if name is None:
            return ()
        return roughly_between(column(name), self._columns[name], events.first_us, events.last_us)

    def _time(self, name: str | None) -> exp.Expr:
        if name is None:
            return cast(exp.null(), "BIGINT")
        kind = self._columns[self._find(name)]
        if kind not in TIME_COLUMNS:
            raise SourceError(
                "FC208",
                f"{self._origin(name)} is {spoken(kind)}, not a time",
            )
        return microseconds(column(name), kind, self._origin(name))

    def _find(self, own: str) -> str:
        if own not in self._columns:
            raise SourceError(
                "FC205",
                f'source "{self._source.name}" has no column "{own}", '
                f'which view "{self._view.name}" needs',
                caret=did_you_mean(own, self._columns),
                notes=[f"columns: {listed(self._columns)}"],
            )
        self._used.add(own)
        return own

    def _origin(self, own: str) -> str:
        return f'column "{own}" of source "{self._source.name}"'


def usable(source: FileSource, keys: Sequence[str]) -> list[exp.Expr]:
    """Whether a row has all its keys and finite times, as conditions over its columns."""
    conditions: list[exp.Expr] = [not_null(column(key)) for key in keys]
    if not source.is_static:
        finite = exp.or_(not_null(column("c")), exp.Not(this=column("hc")), copy=False)
        conditions += [not_null(column("e")), exp.Paren(this=finite)]
    return conditions


def _within(source: FileSource, events: EventRange) -> list[exp.Expr]:
    found: list[exp.Expr] = []
    if events.first_us is not None and not source.is_static:
        found.append(exp.GTE(this=column("e"), expression=number(events.first_us)))
    if events.last_us is not None and not source.is_static:
        found.append(exp.LTE(this=column("e"), expression=number(events.last_us)))
    return found
