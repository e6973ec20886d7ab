"""How many rows of a source can't be used: without a key or a time, or with an infinite one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.offline.protocol import Query
from featurectl.plan.origin import column_of
from featurectl.queries.expression import to_sql
from featurectl.queries.relation import ignored_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from featurectl.definitions.source import FileSource
    from featurectl.offline.protocol import SourceState
    from featurectl.queries.relation import SourcedView


def ignored_query(sourced: SourcedView) -> Query | None:
    """What counts them, as ``n``; None where it is known that there are none.

    The query reads the keys and times of the whole source.
    """
    return None if sourced.all_usable else Query(to_sql(ignored_rows(sourced)))


def all_usable(source: FileSource, join_keys: Iterable[str], state: SourceState) -> bool:
    """Whether the footers of the files tell that there are none."""
    needed = [column_of(source, key) for key in join_keys]
    needed += [name for name in (source.event_timestamp, source.created_timestamp) if name]
    return state.complete.issuperset(needed)
