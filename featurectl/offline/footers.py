"""Columns and rows of Parquet files from their footers, unified by name."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from featurectl.definitions.types import UNTYPED, spoken
from featurectl.errors import SourceError, first_line
from featurectl.offline.complete import complete_columns
from featurectl.offline.event_times import event_times
from featurectl.offline.type_name import type_name_of
from featurectl.queries.extent import Extent

if TYPE_CHECKING:
    from collections.abc import Sequence

_READERS = 8


@dataclass(frozen=True)
class Footer:
    """What one file says of itself.

    ``times`` are as :func:`event_times` and ``complete`` as :func:`complete_columns` gives them.
    """

    path: str
    columns: tuple[tuple[str, str], ...]
    rows: int
    times: tuple[int, int] | None = None
    complete: frozenset[str] = frozenset()


def read_footers(source: str, paths: Sequence[str], event: str | None = None) -> list[Footer]:
    """The footers of the files, in their order; a few threads read them.

    ``event`` is the column whose times are looked for.

    Raises:
        SourceError: FC202 a file can't be read or is not Parquet.
    """
    if len(paths) == 1:
        return [_footer(source, paths[0], event)]
    with ThreadPoolExecutor(min(_READERS, len(paths))) as pool:
        return list(pool.map(lambda path: _footer(source, path, event), paths))


def extents(footers: Sequence[Footer]) -> tuple[Extent, ...]:
    """What the files say of their rows, in their order."""
    shapes: dict[tuple[tuple[str, str], ...], int] = {}
    found = []
    for footer in footers:
        first, last = footer.times or (None, None)
        found.append(Extent(first, last, shapes.setdefault(footer.columns, len(shapes))))
    return tuple(found)


def unified_columns(source: str, footers: Sequence[Footer]) -> dict[str, str]:
    """The columns of all files and their types, in the order in which files first name them.

    A column without a type in some file takes that of the others. Names that differ only in case,
    or stand twice in one file, are kept with a type that fits nothing: the engine folds case.

    Raises:
        SourceError: FC203 a column has different types, with the file that differs.
    """
    found: dict[str, tuple[str, str]] = {}
    for footer in footers:
        for name, kind in footer.columns:
            known = found.get(name)
            if known is None or known[0] == UNTYPED:
                found[name] = (kind, footer.path)
            elif kind not in (UNTYPED, known[0]):
                raise _differs(source, name, (kind, footer.path), known)
    return _without_twins({name: kind for name, (kind, _) in found.items()}, footers)


def _footer(source: str, path: str, event: str | None) -> Footer:
    try:
        metadata = pq.read_metadata(path)
        schema = metadata.schema.to_arrow_schema()
    except (OSError, pa.ArrowException) as error:
        raise SourceError(
            "FC202",
            f'source "{source}": {path} can\'t be read as Parquet',
            notes=[first_line(error)],
        ) from error
    columns = tuple((field.name, type_name_of(field.type)) for field in schema)
    times = None if event is None else event_times(metadata, event)
    complete = complete_columns(metadata, {name for name, _ in columns})
    return Footer(path, columns, metadata.num_rows, times, complete)


def _without_twins(columns: dict[str, str], footers: Sequence[Footer]) -> dict[str, str]:
    spellings: dict[str, list[str]] = {}
    for name in columns:
        spellings.setdefault(name.lower(), []).append(name)
    twice = {
        name
        for footer in footers
        for name, _ in footer.columns
        if [column for column, _ in footer.columns].count(name) > 1
    }
    for names in spellings.values():
        if len(names) > 1:
            columns |= dict.fromkeys(names, f"<ambiguous: {' and '.join(sorted(names))}>")
    return columns | dict.fromkeys(twice, "<ambiguous: there twice>")


def _differs(source: str, name: str, here: tuple[str, str], there: tuple[str, str]) -> SourceError:
    return SourceError(
        "FC203",
        f'source "{source}": column "{name}" is {spoken(here[0])} in {here[1]}, '
        f"but {spoken(there[0])} in {there[1]}",
        help=["write the files again with one type for the column"],
    )
