"""Whether the views fit the columns that their sources have. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from featurectl.definitions.types import JOIN_KEY_TYPES, TIME_COLUMNS, column_fits, spoken
from featurectl.errors import SourceError, did_you_mean, listed, nearest
from featurectl.plan.origin import column_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from featurectl.definitions.repository import Repository
    from featurectl.definitions.source import Source
    from featurectl.definitions.view import FeatureView
    from featurectl.errors import Location


@dataclass(frozen=True)
class _Wanted:
    """A join key or feature of a view: what it is called, its type, and the paths of both.

    Where a path stands is found for an error only: for 10,000 features that takes 0.3 s.
    """

    what: str
    name: str
    type: str
    path: tuple[str, ...]
    type_path: tuple[str, ...]


def check_sources(
    repository: Repository,
    columns: Mapping[str, Mapping[str, str]],
    before: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> list[SourceError]:
    """Everything that does not fit, with its place in the files; empty when all does.

    ``columns`` has, by source, its own columns and their types as an engine tells them. Sources
    that are not in it are not judged, nor are the views on them. FC204: a column does not fit the
    declared type, FC205: there is no such column, FC208: a time column holds no times. ``before``
    has the columns that sources were applied with, so that an error can tell what a column was.
    """
    found: list[SourceError] = []
    for name in sorted(columns):
        was = before.get(name, {})
        found += _source_errors(repository, repository.sources[name], columns[name], was)
    for name in sorted(repository.views):
        view = repository.views[name]
        if view.source in columns and not _fits(repository, view, columns[view.source]):
            source, now, was = view.source, columns[view.source], before.get(view.source, {})
            for wanted in _wanted(repository, view):
                for error in _misfit(repository, view, now, wanted):
                    column = column_of(repository.sources[source], wanted.name)
                    found.append(_noted(error, column, now, was))
    return found


def _fits(repository: Repository, view: FeatureView, columns: Mapping[str, str]) -> bool:
    """Whether all of a view fits, as nearly always; else it is looked at part by part."""
    own = {name: column for column, name in repository.sources[view.source].columns.items()}
    wanted = {name: feature.type for name, feature in view.features.items()}
    wanted |= repository.join_keys(view)
    found = {name: columns.get(own.get(name, name)) for name in wanted}
    return all(kind is not None and column_fits(kind, wanted[n]) for n, kind in found.items())


def _source_errors(
    repository: Repository, source: Source, columns: Mapping[str, str], was: Mapping[str, str]
) -> Iterator[SourceError]:
    for field in ("event_timestamp", "created_timestamp"):
        column = getattr(source, field)
        at = repository.locate("source", source.name, field)
        if column is not None and column not in columns:
            error = _no_column(source, column, f"as {field}", columns, at)
            yield _noted(error, column, columns, was)
        elif column is not None and columns[column] not in TIME_COLUMNS:
            error = _no_time(source, column, field, columns[column], at)
            yield _noted(error, column, columns, was)
    for column in source.columns:
        if column not in columns:
            at = repository.locate("source", source.name, "columns", column)
            error = _no_column(source, column, "under columns", columns, at)
            yield _noted(error, column, columns, was)


def _noted(
    error: SourceError, column: str, columns: Mapping[str, str], was: Mapping[str, str]
) -> SourceError:
    """The error, with what the column was when it was applied where that is something else."""
    if column in was and was[column] != columns.get(column):
        error.notes = (*error.notes, f"it was {spoken(was[column])} when it was applied")
    return error


def _wanted(repository: Repository, view: FeatureView) -> Iterator[_Wanted]:
    for entity in view.entities:
        for key, type_name in repository.entities[entity].join_keys.items():
            type_path = ("entity", entity, "join_keys", key)
            yield _Wanted("join key", key, type_name, ("view", view.name, "entities"), type_path)
    for name, feature in view.features.items():
        path = ("view", view.name, "features", name)
        yield _Wanted("feature", name, feature.type, path, (*path, "type"))


def _misfit(
    repository: Repository, view: FeatureView, columns: Mapping[str, str], wanted: _Wanted
) -> Iterator[SourceError]:
    source = repository.sources[view.source]
    column = column_of(source, wanted.name)
    if column not in columns:
        if column not in source.columns:  # else it was said of the source
            at = repository.locate(*wanted.path)
            yield _not_found(view, source, columns, wanted, at)
    elif not column_fits(columns[column], wanted.type):
        at = repository.locate(*wanted.type_path)
        yield _wrong_type(view, source, column, columns[column], wanted, at)


def _not_found(
    view: FeatureView,
    source: Source,
    columns: Mapping[str, str],
    wanted: _Wanted,
    at: Location | None,
) -> SourceError:
    names = [source.columns.get(column, column) for column in columns]
    near = nearest(wanted.name, [name for name in names if name not in view.features])
    own = next((column for column in columns if source.columns.get(column, column) == near), None)
    mapped = f"or map it in source {source.name}: columns: {{{own or 'COLUMN'}: {wanted.name}}}"
    return SourceError(
        "FC205",
        f'{wanted.what} "{wanted.name}" of view "{view.name}" is no column of its source '
        f'"{source.name}"',
        location=at,
        caret=f'did you mean "{near}"?' if near else "",
        notes=[_columns(source, columns)],
        help=[f"write the name that the column has, {mapped}"],
    )


def _wrong_type(  # noqa: PLR0917 - what the message names
    view: FeatureView,
    source: Source,
    column: str,
    kind: str,
    wanted: _Wanted,
    at: Location | None,
) -> SourceError:
    can_be = not kind.startswith("<") and (wanted.what == "feature" or kind in JOIN_KEY_TYPES)
    declare = [f"declare it {kind}"] if can_be else []
    return SourceError(
        "FC204",
        f'{wanted.what} "{wanted.name}" of view "{view.name}" is declared {wanted.type}, but the '
        f"source column is {spoken(kind)}: {_loss(kind, wanted.type)}",
        location=at,
        notes=[f'column "{column}" of source "{source.name}" ({source.path})'],
        help=["; or ".join([*declare, "cast the column where the data are written"])],
    )


def _no_column(
    source: Source, column: str, role: str, columns: Mapping[str, str], at: Location | None
) -> SourceError:
    return SourceError(
        "FC205",
        f'source "{source.name}" has no column "{column}", which it names {role}',
        location=at,
        caret=did_you_mean(column, columns),
        notes=[_columns(source, columns)],
    )


def _no_time(
    source: Source, column: str, field: str, kind: str, at: Location | None
) -> SourceError:
    return SourceError(
        "FC208",
        f'column "{column}" of source "{source.name}" is its {field}, but is '
        f"{spoken(kind)}, not a time",
        location=at,
        notes=["a time is a timestamp of any unit, a date, or ISO 8601 text"],
        help=["write a timestamp where the data are made: a bare number says no unit"],
    )


def _columns(source: Source, columns: Mapping[str, str]) -> str:
    each = [f"{name} {spoken(kind)}" for name, kind in columns.items()]
    return f"{source.path} has: {listed(each)}"


def _loss(kind: str, declared: str) -> str:
    if kind.startswith("float") and declared.startswith(("int", "decimal")):
        return "values would be cut"
    if kind.startswith("int") and declared.startswith(("int", "float")):
        return "large values would not fit"
    if (kind, declared) == ("float64", "float32"):
        return "values would be rounded"
    return "not every value converts without loss"
