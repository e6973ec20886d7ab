"""Random scenarios as files and definitions that can be joined, and what the rules say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.parquet as pq
from oracle import Found, join_label
from scenarios import Scenario, View, source_table

from featurectl.definitions.duration import format_duration

if TYPE_CHECKING:
    from joining import Joining


def declared(scenario: Scenario, joining: Joining) -> Joining:
    """The same repository with the scenario's views, their sources cut in files."""
    for view in scenario.views:
        for name, kind in view.keys.items():
            joining.entity(name, **{name: kind})
        folder = joining.root / view.name
        folder.mkdir()
        for part in range(view.files):
            table = source_table(view, view.rows[part :: view.files])
            pq.write_table(table, folder / f"{part}.parquet", row_group_size=5)
        joining.source(
            view.name,
            None,
            path=str(folder),
            event_timestamp="none" if view.static else "ts",
            created_timestamp="w" if view.has_created else None,
        )
        joining.view(
            view.name,
            list(view.keys),
            view.features,
            ttl="none" if view.ttl is None else format_duration(view.ttl),
            known_at=view.known_at,
        )
    return joining


def expect(scenario: Scenario, view: View, keys: dict[str, object], t: int | None) -> Found:
    """What a label of these keys gets from the view."""
    return join_label(
        [row for row in view.rows if usable(row, view)],
        tuple(keys[name] for name in view.keys),
        t,
        ttl=view.ttl,
        known_at=(scenario.known_at or view.known_at) and view.has_created,
        static=view.static,
        features=list(view.features),
    )


def usable(row: dict[str, object], view: View) -> bool:
    """Whether a row has its keys and its time."""
    return None not in row["key"] and (view.static or row["event"] is not None)
