"""What tests of explanations share: a scenario's files and definitions, and one question."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
from joining import us
from scenarios import source_table

from featurectl.definitions.duration import format_duration
from featurectl.flows.explain_question import question_of_keys
from featurectl.flows.explain_value import explain_value

if TYPE_CHECKING:
    from joining import Joining
    from scenarios import Scenario

    from featurectl.flows.explanation import Explanation


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


def explained(joining: Joining, feature: str, at: str | None, **keys: Any) -> Explanation:
    """The explanation of a feature for these keys at a time of the day of all cases.

    ``known_at``, ``before`` and ``after`` among the keys are the question's.
    """
    options = {name: keys.pop(name) for name in ("known_at", "before", "after") if name in keys}
    at_us = None if at is None else us(at)
    question = question_of_keys(feature, keys, at_us, joining.repository)
    question = replace(question, **options)
    return explain_value(question, joining.repository, joining.engine, joining.root)


def whys(found: Explanation) -> list[tuple[Any, str]]:
    """For each candidate the first of its features and why it lost, or that it was chosen."""
    return [(next(iter(row.values.values())), row.why) for row in found.candidates]
