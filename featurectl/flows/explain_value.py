"""Why a feature had its value for an entity at a moment: joined as ever, and its rows looked at."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from sqlglot import exp

from featurectl.flows.explanation import (
    CHOSEN,
    NULL,
    NULL_KEY,
    NULL_TIME,
    VALUE,
    Candidate,
    Counts,
    Explanation,
)
from featurectl.flows.key_hints import key_hints
from featurectl.flows.reasons import FoundRow, why_lost, why_value
from featurectl.flows.row_values import exact_values, python_value
from featurectl.flows.sourced import source_views
from featurectl.offline.files import check_unchanged
from featurectl.offline.protocol import Query
from featurectl.queries.candidates import Near, near_rows
from featurectl.queries.entity_history import (
    entity_rows,
    files_of,
    key_literal,
    rows_without_key,
    tells_numbers,
)
from featurectl.queries.expression import cast, column, named, number, table, to_sql
from featurectl.queries.match import LABELS, ViewJoin
from featurectl.queries.point_in_time import EXPIRED, MATCHED, point_in_time
from featurectl.queries.relation import EventRange

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from featurectl.definitions.columns import ViewColumns
    from featurectl.definitions.repository import Repository
    from featurectl.offline.protocol import OfflineEngine
    from featurectl.queries.relation import SourcedView

_TABLE = "entity_rows"
# Rows of one entity that are held in memory; of more each query reads the files again.
HELD_ROWS = 100_000


@dataclass(frozen=True)
class Question:
    """What is to be explained.

    Args:
        use: the view, and the features that are asked for.
        keys: the typed join keys in the view's order; None where one is null.
        at_us: the moment, in microseconds; None where it is null.
        known_at: only what was created by then, whatever the view says.
        before: how many rows at or before the moment are looked at.
        after: how many after it.
    """

    use: ViewColumns
    keys: Sequence[Any]
    at_us: int | None
    known_at: bool = False
    before: int = 5
    after: int = 3


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
    looked = _look(question, sourced, engine, question.at_us, uses_known_at=told.known_at == "on")
    return _explained(told, looked, sourced, engine, root)


@dataclass(frozen=True)
class _Looked:
    """What the join gave, and what the entity's rows near the moment are."""

    state: int | None
    values: tuple[Any, ...]
    winner: FoundRow | None
    rows: list[FoundRow]
    counts: Counts


def _look(
    question: Question,
    sourced: SourcedView,
    engine: OfflineEngine,
    at_us: int,
    *,
    uses_known_at: bool,
) -> _Looked:
    rows, tables = _rows_of(sourced, question.keys, engine)
    features = list(sourced.view.features)
    label = engine.fetch(Query(to_sql(_label(sourced, question.keys, at_us)))).read_all()
    usable = _select(rows, column("u"))
    use = ViewJoin(
        replace(sourced, rows=usable.subquery("r")),
        [f"k{i}" for i in range(len(question.keys))],
        features,
        known_at=uses_known_at,
        proves=True,
    )
    joined = to_sql(point_in_time([use], EventRange(at_us, at_us)))
    found = engine.fetch(Query(joined, {LABELS: label, **tables})).read_all()
    state = found.column("v0_s")[0].as_py()
    times = found.column("v0_e")[0].as_py(), found.column("v0_c")[0].as_py()
    is_matched = bool(state and state & MATCHED)
    near = Near(
        at_us, uses_known_at, times if is_matched else None, question.before, question.after
    )
    picked = engine.fetch(Query(to_sql(near_rows(sourced, rows, near)), tables)).read_all()
    found_rows = _found_rows(picked, sourced)
    values = _exact(found, sourced, "v0_f")[0]
    counts = _counts(picked, sourced, engine)
    winner = _winner(found_rows, times, values) if is_matched else None
    _check(state, winner, counts, picked)
    return _Looked(state, values, winner, found_rows, counts)


def _rows_of(
    sourced: SourcedView, keys: Sequence[Any], engine: OfflineEngine
) -> tuple[exp.Expr, dict[str, pa.Table]]:
    """The entity's rows, as what a query reads them from, and the table that it then needs."""
    query = entity_rows(sourced, keys)
    if not tells_numbers(sourced):
        files = sorted(engine.fetch(Query(to_sql(files_of(query)))).read_all()["file"].to_pylist())
        query = entity_rows(sourced, keys, files)
    reader = engine.fetch(Query(to_sql(query)))
    held, batches = 0, []
    for batch in reader:
        held += batch.num_rows
        if held > HELD_ROWS:
            reader.close()
            return query.subquery("r"), {}
        batches.append(batch)
    return table(_TABLE), {_TABLE: pa.Table.from_batches(batches, reader.schema)}


def _select(rows: exp.Expr, condition: exp.Expr) -> exp.Select:
    return exp.select("*").from_(rows.copy()).where(condition)


def _label(sourced: SourcedView, keys: Sequence[Any], at_us: int) -> exp.Select:
    # By the engine: Arrow loads pandas where it makes a column of Python values.
    wanted = [named(cast(number(0), "BIGINT"), "i"), named(cast(number(at_us), "BIGINT"), "t")]
    kinds = sourced.join_keys.values()
    literals = [key_literal(key, kind) for key, kind in zip(keys, kinds, strict=True)]
    return exp.select(*wanted, *(named(value, f"k{i}") for i, value in enumerate(literals)))


def _exact(found: pa.Table, sourced: SourcedView, prefix: str) -> list[tuple[Any, ...]]:
    columns = [
        exact_values(found.column(f"{prefix}{i}"), feature.type)
        for i, feature in enumerate(sourced.view.features.values())
    ]
    return list(zip(*columns, strict=True))


def _found_rows(picked: pa.Table, sourced: SourcedView) -> list[FoundRow]:
    names = ("file", "row", "e", "c", "hc")
    rows = zip(
        *(picked.column(name).to_pylist() for name in names),
        _exact(picked, sourced, "f"),
        picked.column("verdict").to_pylist(),
        strict=True,
    )
    return [FoundRow(*row) for row in rows if row[0] is not None]


def _counts(picked: pa.Table, sourced: SourcedView, engine: OfflineEngine) -> Counts:
    without_key = 0
    if sourced.join_keys:
        found = engine.fetch(Query(to_sql(rows_without_key(sourced)))).read_all()
        without_key = found.column("n")[0].as_py()
    names = ("rows", "later", "known_later", "expired", "matching")
    told = {name: picked.column(f"n_{name}")[0].as_py() for name in names}
    without_time = picked.column("n_unusable")[0].as_py()
    return Counts(**told, without_time=without_time, without_key=without_key)


def _winner(
    rows: Sequence[FoundRow], times: tuple[int | None, int | None], values: tuple[Any, ...]
) -> FoundRow:
    # They are ordered as the join orders them.
    equal = (row for row in rows if (row.event_us, row.created_us) == times)
    first = next((row for row in equal if row.verdict == "matching"), None)
    if first is None or first.values != values:
        raise RuntimeError(f"the row that was joined is not found again: {values} at {times}")
    return first


def _check(state: int | None, winner: FoundRow | None, counts: Counts, picked: pa.Table) -> None:
    """Raise RuntimeError where the rows' verdicts contradict what the join has made of them."""
    better = picked.column("n_better")[0].as_py()
    expired = bool(state and state & EXPIRED)
    if better or (winner is None and expired != bool(counts.expired)):
        raise RuntimeError(f"the join says {state}, and its rows {counts}, {better} better")


def _explained(
    told: Explanation, looked: _Looked, sourced: SourcedView, engine: OfflineEngine, root: Path
) -> Explanation:
    at_us = told.at_us or 0
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
