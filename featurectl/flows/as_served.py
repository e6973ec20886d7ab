"""Training sets as they were served: what the join needs to know of runs and definitions.

Rows that failed or killed runs had written before they ended are not known, and a store that was
emptied is not noticed: the run that filled it again is one like any other. A static view's rows are
those of today: what earlier files held is gone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from featurectl.definitions.instant import format_instant
from featurectl.definitions.types import column_fits
from featurectl.errors import RequestError, SourceError
from featurectl.flows.served_past import generations, served_past
from featurectl.flows.served_tables import Told, served_tables
from featurectl.flows.sourced import sourced_view
from featurectl.offline.protocol import Query
from featurectl.queries.as_served import NAME, ServedJoin, as_served
from featurectl.queries.expression import to_sql
from featurectl.queries.match import LABELS
from featurectl.queries.relation import relation
from featurectl.queries.served_rows import ServedRows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from featurectl.definitions.columns import ViewColumns
    from featurectl.flows.served_past import Defined, PastRegistry, Stretch
    from featurectl.offline.protocol import OfflineEngine, SourceState
    from featurectl.queries.relation import EventRange
    from featurectl.registry.serving_history import Load


@dataclass(frozen=True)
class ServedUse:
    """One use of a view: how it is joined, the tables for it, the sources it reads, and what can't
    be told of it, a line each.
    """  # noqa: D205 - one thought

    join: ServedJoin
    tables: Mapping[str, pa.Table]
    states: Mapping[str, SourceState]
    notes: tuple[str, ...] = ()

    def query(self, labels: pa.Table) -> Query:
        """The query that joins it with the labels."""
        tables = {f"{NAME}_{name}": part for name, part in self.tables.items()}
        return Query(to_sql(as_served(self.join)), {LABELS: labels, **tables})


@dataclass
class ServedPast:
    """What was served in one environment; what is asked more than once is kept.

    Args:
        registry: where it is recorded.
        env: the environment.
        engine: looks at the sources of then.
    """

    registry: PastRegistry
    env: str
    engine: OfflineEngine
    _views: dict[str, tuple[list[Stretch], list[Load]]] = field(default_factory=dict)

    def use(
        self,
        columns: ViewColumns,
        keys: Sequence[str],
        times: EventRange,
        *,
        proves: bool = False,
    ) -> ServedUse:
        """How one use of a view is joined for labels of those times.

        Raises:
            RequestError: FC335 the view was never served online, or no run has loaded it.
            SourceError: the source of the view as it is applied now can't be read.
        """
        stretches, loads = self._past(columns.view)
        near = _within(stretches, times)
        found = _Use(self.engine, columns, keys, near, loads, last_us=times.last_us)
        return found.use(proves=proves)

    def _past(self, view: str) -> tuple[list[Stretch], list[Load]]:
        if view not in self._views:
            stretches = served_past(self.registry, self.env, view)
            loads = self.registry.loads(generations(stretches))
            self._views[view] = stretches, loads
        stretches, loads = self._views[view]
        if not stretches:
            raise RequestError(
                "FC335",
                f'view "{view}" was never served online in env {self.env}',
                help=["leave out --as-served for it, or set online: true, apply and materialize"],
            )
        if not loads:
            raise RequestError(
                "FC335",
                f'no run has loaded view "{view}" in env {self.env}: nothing was served of it',
                help=[f"load it first: featurectl materialize {view}"],
            )
        return stretches, loads


def _within(stretches: Sequence[Stretch], times: EventRange) -> list[Stretch]:
    """The stretches that labels of those times fall into; the first where there is none."""
    first, last = times.first_us, times.last_us
    found = [
        stretch
        for stretch in stretches
        if (last is None or stretch.since_us <= last)
        and (first is None or stretch.until_us is None or stretch.until_us > first)
    ]
    return found or list(stretches[:1])


class _Use:
    """Puts together one use of a view from its stretches of time."""

    def __init__(
        self,
        engine: OfflineEngine,
        columns: ViewColumns,
        keys: Sequence[str],
        stretches: Sequence[Stretch],
        loads: Sequence[Load],
        *,
        last_us: int | None,
    ) -> None:
        self._engine, self._columns, self._keys = engine, columns, keys
        self._stretches, self._loads, self._last_label_us = stretches, loads, last_us
        self._rows: list[ServedRows] = []
        self._numbers: dict[str, int | None] = {}
        self._states: dict[str, SourceState] = {}
        self._notes: list[str] = []

    def use(self, *, proves: bool) -> ServedUse:
        """All of it."""
        told = [self._told(stretch) for stretch in self._stretches]
        types = [column.type for column in self._columns.features]
        if len(self._loads) > 1 and any(rows.is_static for rows in self._rows):
            self._notes.append("its rows are those of today: what earlier files held is gone")
        tables = served_tables(told, self._loads, types)
        join = ServedJoin(self._keys, types, self._rows, proves)
        return ServedUse(join, tables, self._states, tuple(dict.fromkeys(self._notes)))

    def _told(self, stretch: Stretch) -> Told:
        """The stretch with what can be told of the features in it."""
        number = self._number(stretch)
        layouts: list[int | None] = []
        gone, unknown = False, number is None
        for j, column in enumerate(self._columns.features):
            then = stretch.answers.names.get(column.feature)
            gone |= then is None
            layouts.append(None if then is None else _first_layout(stretch, then))
            readable = number is None or self._rows[number].places[j] is not None
            unknown |= layouts[-1] is not None and not readable
        defaults = [_default(stretch.answers, column.feature) for column in self._columns.features]
        return Told(stretch, number, tuple(layouts), tuple(defaults), unknown=unknown, gone=gone)

    def _number(self, stretch: Stretch) -> int | None:
        """The number of the definition that the rows follow; None where they can't be read."""
        key = _rows_key(stretch.rows)
        if key not in self._numbers:
            rows = self._readable(stretch)
            self._numbers[key] = None if rows is None else len(self._rows)
            self._rows += [] if rows is None else [rows]
        return self._numbers[key]

    def _readable(self, stretch: Stretch) -> ServedRows | None:
        defined = stretch.rows
        wanted = {key.join_key: key.type for key in self._columns.keys}
        if dict(defined.join_keys) != wanted:
            self._note(stretch, f"its join keys were {', '.join(defined.join_keys) or 'none'}")
            return None
        try:
            return self._read(stretch, defined, wanted)
        except SourceError as error:
            if stretch.until_us is None:
                raise
            self._note(stretch, f"its source of then can't be read: {error.message}")
            return None

    def _read(self, stretch: Stretch, defined: Defined, keys: Mapping[str, str]) -> ServedRows:
        state = self._engine.schema(defined.source)
        sourced = sourced_view(defined.view, defined.source, keys, state)
        features, places = self._features(stretch, defined)
        relation(sourced, list(defined.view.features))  # raises where a column is not there
        self._states[f"{defined.source.name} ({defined.source.path})"] = state
        return ServedRows(sourced, features, places, self._last_us(defined))

    def _features(self, stretch: Stretch, defined: Defined) -> tuple[list[str], list[int | None]]:
        """Which features of then are read, and for each feature asked for its place among them."""
        features: list[str] = []
        places: list[int | None] = []
        for column in self._columns.features:
            then = defined.names.get(column.feature)
            kind = defined.view.features[then].type if then else ""
            if then is None or not column_fits(kind, column.type):
                if then is not None:
                    self._note(stretch, f"{column.feature} was {kind}, and is {column.type} now")
                places.append(None)
                continue
            places.append(len(features))
            features.append(then)
        return features, places

    def _last_us(self, defined: Defined) -> int | None:
        """The last event time that a run has loaded or a label has, whichever is later."""
        ends = [load.to_us for load in self._loads if load.to_us is not None]
        if defined.source.is_static or not ends:
            return None
        return max(*ends, self._last_label_us or ends[0])

    def _note(self, stretch: Stretch, why: str) -> None:
        until = "now" if stretch.until_us is None else format_instant(stretch.until_us)
        self._notes.append(f"{format_instant(stretch.since_us)} to {until}: {why}")


def _rows_key(defined: Defined) -> str:
    """What two definitions have in common whose rows are the same, whatever they are called."""
    view, source = defined.view, defined.source
    document: dict[str, Any] = {
        "source": [source.path, source.format, source.event_timestamp, source.created_timestamp],
        "columns": source.columns,
        "keys": dict(defined.join_keys),
        "features": {name: part.type for name, part in view.features.items()},
        "names": dict(defined.names),
    }
    return json.dumps(document, sort_keys=True)


def _first_layout(stretch: Stretch, feature: str) -> int | None:
    """The first layout of the rows that has the feature; None where none has."""
    layouts = stretch.generation.layouts
    found = [layout.id for layout in layouts if feature in (name for name, _ in layout.columns)]
    return min(found, default=None)


def _default(answers: Defined, feature: str) -> Any:
    then = answers.names.get(feature)
    return answers.view.features[then].default if then else None
