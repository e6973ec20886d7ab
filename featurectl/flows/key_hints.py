"""What may help where a source has no row of an entity: which key has none, and what is like it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from featurectl.definitions.value import to_json
from featurectl.offline.protocol import Query
from featurectl.queries.entity_history import nearest_spelling, rows_per_key
from featurectl.queries.expression import to_sql

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from featurectl.offline.protocol import OfflineEngine
    from featurectl.queries.relation import SourcedView

_LIKE = 0.8  # how like a text must be: 1 is the same but for case and white space


def key_hints(sourced: SourcedView, keys: Sequence[Any], engine: OfflineEngine) -> Iterator[str]:
    """One line for each join key without rows: its type, and the text that is most like it.

    Of several keys it is told how many rows have each. Reads the key columns once or twice.
    """
    names = list(sourced.join_keys.items())
    if not names:
        return
    found = engine.fetch(Query(to_sql(rows_per_key(sourced, keys)))).read_all()
    for i, (name, kind) in enumerate(names):
        number = found.column(f"n{i}")[0].as_py()
        word = to_json(keys[i], kind)
        if number:
            yield f"{number:,} {'row has' if number == 1 else 'rows have'} {name}={word}"
            continue
        near = _nearest(sourced, i, keys[i], engine) if kind == "string" else None
        meant = "" if near is None else f'; did you mean {name}="{near}"?'
        yield f"no row has {name}={word} ({kind}){meant}"


def _nearest(sourced: SourcedView, place: int, value: str, engine: OfflineEngine) -> str | None:
    found = engine.fetch(Query(to_sql(nearest_spelling(sourced, place, value)))).read_all()
    if not found.num_rows or found.column("likeness")[0].as_py() < _LIKE:
        return None
    return str(found.column("key")[0].as_py())
