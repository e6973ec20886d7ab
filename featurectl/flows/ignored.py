"""How many rows of a source can't be used: without a key or a time, or with an infinite one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.offline.protocol import Query
from featurectl.plan.origin import column_of
from featurectl.queries.expression import to_sql
from featurectl.queries.relation import ignored_rows

if TYPE_CHECKING:
    from featurectl.offline.protocol import SourceState
    from featurectl.queries.relation import SourcedView


def ignored_query(sourced: SourcedView, state: SourceState) -> Query | None:
    """What counts them, as ``n``; None where the footers of the files tell that there are none.

    The query reads the keys and times of the whole source.
    """
    source = sourced.source
    needed = [column_of(source, key) for key in sourced.join_keys]
    needed += [name for name in (source.event_timestamp, source.created_timestamp) if name]
    if sourced.rows is None and state.complete.issuperset(needed):
        return None
    return Query(to_sql(ignored_rows(sourced)))
