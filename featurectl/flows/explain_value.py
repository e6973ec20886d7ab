"""Why a feature had its value for an entity at a moment: joined as ever, and its rows looked at."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from featurectl.flows.explanation import (
    CHOSEN,
    NULL,
    NULL_KEY,
    NULL_TIME,
    VALUE,
    Candidate,
    Explanation,
)
from featurectl.flows.judged_rows import Judged, judge_rows
from featurectl.flows.key_hints import key_hints
from featurectl.flows.reasons import FoundRow, why_lost, why_value
from featurectl.flows.row_values import python_value
from featurectl.flows.sourced import source_views
from featurectl.offline.files import check_unchanged

if TYPE_CHECKING:
    from pathlib import Path

    from featurectl.definitions.repository import Repository
    from featurectl.flows.explain_question import Question
    from featurectl.offline.protocol import OfflineEngine
    from featurectl.queries.relation import SourcedView


def explain_value(
    question: Question, repository: Repository, engine: OfflineEngine, root: Path
) -> Explanation:
    """The value that historical retrieval gives, and why.

    The value comes from the join's own query, over the entity's rows; the same rows are then judged
    one by one. One scan of the key columns, while the entity has at most ``HELD_ROWS`` rows. Files
    below ``root`` are named by their path within it.

    Raises:
        SourceError: FC201 to FC208 of the source.
        RuntimeError: what is explained is not what was joined.
    """
    sourced, states = source_views([question.use], repository, engine)
    found = _explain(question, sourced[question.use.view], engine, root)
    for source, state in states.items():
        check_unchanged(source, state.files)
    return found


def _explain(
    question: Question, sourced: SourcedView, engine: OfflineEngine, root: Path
) -> Explanation:
    view, source = sourced.view, sourced.source
    has_created = source.created_timestamp is not None and not source.is_static
    cutoff = question.known_at or view.known_at
    told = Explanation(
        view=view.name,
        features={column.feature: column.type for column in question.use.features},
        keys=dict(zip(sourced.join_keys, question.keys, strict=True)),
        key_types=dict(sourced.join_keys),
        at_us=question.at_us,
        ttl_us=view.ttl,
        known_at=("on" if has_created else "no created time") if cutoff else "off",
        outcome=NULL_KEY,
        reason="a join key is null, which no row matches",
        source=source.name,
        types={name: feature.type for name, feature in view.features.items()},
        is_static=source.is_static,
    )
    if None in question.keys:
        return told
    if question.at_us is None:
        return replace(told, outcome=NULL_TIME, reason="the row has no event time")
    looked = judge_rows(
        question, sourced, engine, question.at_us, uses_known_at=told.known_at == "on"
    )
    return _explained(told, looked, sourced, engine, root)


def _explained(
    told: Explanation, looked: Judged, sourced: SourcedView, engine: OfflineEngine, root: Path
) -> Explanation:
    at_us = told.at_us or 0
    told = replace(told, types={name: told.types[name] for name in looked.features})
    candidates = tuple(_candidate(row, looked.winner, told, root) for row in looked.rows)
    outcome, reason = why_value(
        looked.rows,
        looked.winner,
        looked.counts,
        at_us=at_us,
        ttl_us=told.ttl_us,
        knows=told.known_at == "on",
    )
    found = replace(
        told, outcome=outcome, reason=reason, candidates=candidates, counts=looked.counts
    )
    if outcome == VALUE and all(value is None for value in found.values.values()):
        return replace(found, outcome=NULL)
    if not looked.counts.rows:
        return replace(found, hints=tuple(key_hints(sourced, list(told.keys.values()), engine)))
    return found


def _candidate(row: FoundRow, winner: FoundRow | None, told: Explanation, root: Path) -> Candidate:
    values = {
        name: python_value(value, kind)
        for (name, kind), value in zip(told.types.items(), row.values, strict=True)
    }
    created = row.created_us if row.has_created else None
    place = (_short(row.file, root), row.row, row.event_us, created, values)
    if row is winner:
        return Candidate(*place, CHOSEN, "chosen")
    lost = why_lost(row, winner, told.types, at_us=told.at_us or 0, ttl_us=told.ttl_us)
    return Candidate(*place, lost.why, lost.reason, lost.decided_by)


def _short(file: str, root: Path) -> str:
    inside = os.path.relpath(file, root)
    return file if inside.startswith("..") else inside
