"""A view over rows that have numbers: where its files have none, over a copy of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from featurectl.offline.protocol import Query
from featurectl.queries.expression import to_sql
from featurectl.queries.relation import relation
from featurectl.queries.row_number import has_row_numbers
from featurectl.queries.scan import numbered_file
from featurectl.system.scratch import Scratch

if TYPE_CHECKING:
    from featurectl.offline.protocol import OfflineEngine
    from featurectl.queries.relation import SourcedView


def numbered(sourced: SourcedView, engine: OfflineEngine) -> tuple[SourcedView, Scratch | None]:
    """The view itself, or the same rows in a Parquet file, and what holds that file.

    A copy is made of texts, which are parsed once for it, and of files with a column of the name by
    which the engine numbers rows. It has all features, because all may decide between rows.

    Raises:
        SourceError: what reading the source raises, FC209 no room for the copy.
    """
    if sourced.rows is not None or has_row_numbers(sourced.source.file_format, sourced.columns):
        return sourced, None
    scratch = Scratch()
    path = scratch.folder / "rows.parquet"
    engine.export(Query(to_sql(relation(sourced, list(sourced.view.features)))), path)
    return replace(sourced, rows=numbered_file(str(path))), scratch
