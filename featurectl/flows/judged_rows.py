"""The rows of one entity at a moment: which one was joined, and what speaks against each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from sqlglot import exp

from featurectl.flows.explanation import Counts
from featurectl.flows.reasons import FoundRow
from featurectl.flows.row_values import exact_values
from featurectl.flows.view_join import Labels, ViewJoiner
from featurectl.offline.protocol import Query
from featurectl.queries.candidates import Near, near_rows
from featurectl.queries.entity_history import (
    entity_rows,
    files_of,
    key_literal,
    row_ordinal,
    rows_without_key,
    tells_numbers,
    tied_rows,
)
from featurectl.queries.expression import cast, column, named, number, table, to_sql
from featurectl.queries.match import ViewJoin
from featurectl.queries.winner import EXPIRED, MATCHED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from featurectl.flows.explain_question import Question
    from featurectl.offline.protocol import OfflineEngine
    from featurectl.queries.relation import SourcedView

_TABLE = "entity_rows"
# Rows of one entity that are held in memory; of more each query reads the files again.
HELD_ROWS = 100_000


@dataclass(frozen=True)
class Judged:
    """The entity's rows near the moment, the one that was joined, and the features read of them."""

    winner: FoundRow | None
    rows: list[FoundRow]
    counts: Counts
    features: list[str]


@dataclass(frozen=True)
class _Rows:
    """The rows of an entity: what a query reads them from, and the table that it then needs."""

    source: exp.Expr
    tables: Mapping[str, pa.Table]


def judge_rows(
    question: Question,
    sourced: SourcedView,
    engine: OfflineEngine,
    at_us: int,
    *,
    uses_known_at: bool,
) -> Judged:
    """The join's own query asked for the entity at the moment, and its rows judged one by one.

    Raises:
        SourceError: FC2xx of the source.
        RuntimeError: the two contradict each other.
    """
    rows, features = _rows_of(sourced, question, engine)
    joined = _joined(question, sourced, engine, rows, at_us, uses_known_at=uses_known_at)
    state = joined.column("s")[0].as_py()
    times = joined.column("e")[0].as_py(), joined.column("c")[0].as_py()
    is_matched = bool(state and state & MATCHED)
    winner_times = times if is_matched else None
    near = Near(at_us, uses_known_at, winner_times, question.before, question.after)
    query = Query(to_sql(near_rows(sourced, rows.source, near)), rows.tables)
    picked = engine.fetch(query).read_all()
    found = _found_rows(picked, sourced, features)
    winner = None
    if is_matched:
        winner = _winner(found, times, _exact(joined, sourced, "f", features)[0])
    counts = _counts(picked, sourced, engine)
    _check(state, winner, counts, picked)
    return Judged(winner, found, counts, features)


def _joined(
    question: Question,
    sourced: SourcedView,
    engine: OfflineEngine,
    rows: _Rows,
    at_us: int,
    *,
    uses_known_at: bool,
) -> pa.Table:
    """What the join gives for one label, over the entity's rows."""
    label = engine.fetch(Query(to_sql(_label(sourced, question.keys, at_us)))).read_all()
    numbered = named(row_ordinal(sourced.files), "r")
    usable = exp.select("*", numbered).from_(rows.source.copy()).where(column("u"))
    use = ViewJoin(
        replace(sourced, rows=usable.subquery("r")),
        [f"k{i}" for i in range(len(question.keys))],
        list(sourced.view.features),
        known_at=uses_known_at,
        proves=True,
        tables=rows.tables,
    )
    return ViewJoiner(use, Labels(label), engine).batches().read_all()


def _rows_of(
    sourced: SourcedView, question: Question, engine: OfflineEngine
) -> tuple[_Rows, list[str]]:
    """The entity's rows, and the features that were read of them, in the view's order.

    Only where rows of equal times are to be told apart are all of them read: they are most of the
    cost [10M rows, 8 features: 0.26 s, one feature: 0.10 s].
    """
    every = list(sourced.view.features)
    asked = {column.feature for column in question.use.features}
    some = [name for name in every if name in asked]
    files = None
    if not tells_numbers(sourced):
        query = files_of(entity_rows(sourced, question.keys, ()))
        files = sorted(engine.fetch(Query(to_sql(query))).read_all()["file"].to_pylist())
    held = _held(entity_rows(sourced, question.keys, some, files), engine)
    if held is not None:
        tied = engine.fetch(Query(to_sql(tied_rows(held.source)), held.tables)).read_all()
        if some == every or not tied.column("n")[0].as_py():
            return held, some
    whole = entity_rows(sourced, question.keys, every, files)
    held = _held(whole, engine) if held is not None else None
    return held or _Rows(whole.subquery("r"), {}), every


def _held(query: exp.Select, engine: OfflineEngine) -> _Rows | None:
    """The rows as a table; None where they are more than are held."""
    reader = engine.fetch(Query(to_sql(query)))
    held, batches = 0, []
    for batch in reader:
        held += batch.num_rows
        if held > HELD_ROWS:
            reader.close()
            return None
        batches.append(batch)
    return _Rows(table(_TABLE), {_TABLE: pa.Table.from_batches(batches, reader.schema)})


def _label(sourced: SourcedView, keys: Sequence[Any], at_us: int) -> exp.Select:
    # By the engine: Arrow loads pandas where it makes a column of Python values.
    wanted = [named(cast(number(0), "BIGINT"), "i"), named(cast(number(at_us), "BIGINT"), "t")]
    kinds = sourced.join_keys.values()
    literals = [key_literal(key, kind) for key, kind in zip(keys, kinds, strict=True)]
    return exp.select(*wanted, *(named(value, f"k{i}") for i, value in enumerate(literals)))


def _exact(
    found: pa.Table, sourced: SourcedView, prefix: str, features: Sequence[str]
) -> list[tuple[Any, ...]]:
    """The values of the features, row by row."""
    columns = [
        exact_values(found.column(f"{prefix}{i}"), feature.type)
        for i, (name, feature) in enumerate(sourced.view.features.items())
        if name in features
    ]
    return list(zip(*columns, strict=True))


def _found_rows(picked: pa.Table, sourced: SourcedView, features: Sequence[str]) -> list[FoundRow]:
    names = ("file", "row", "e", "c", "hc")
    rows = zip(
        *(picked.column(name).to_pylist() for name in names),
        _exact(picked, sourced, "f", features),
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
