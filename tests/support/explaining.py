"""What tests of explanations share: a scenario's files and definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.parquet as pq
from scenarios import source_table

from featurectl.definitions.duration import format_duration

if TYPE_CHECKING:
    from joining import Joining
    from scenarios import Scenario


def declared(scenario: Scenario, joining: Joining) -> Joining:
    """The joining, with the scenario's views defined and their rows in files."""
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
