"""How much a load reads and writes: counted where that is cheap, sampled, or not known.

What is small is counted by the engine. Of what is larger the footers tell the rows, and the engine
about how many entities there are; of what is too large for that, nothing but the rows is said. The
bytes are those of some rows of the source, packed as a run packs them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from featurectl.offline.protocol import Query
from featurectl.offline.row_groups import Within, newest, row_groups, rows_within
from featurectl.online.codec import encode
from featurectl.online.keys import encode_keys
from featurectl.plan.origin import column_of
from featurectl.queries.expression import to_sql
from featurectl.queries.latest import Reading, counts
from featurectl.queries.probe import about_how_many, some_rows
from featurectl.queries.relation import EventRange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlglot import exp

    from featurectl.definitions.binding import Generation
    from featurectl.offline.protocol import OfflineEngine, SourceFile, SourceState
    from featurectl.offline.row_groups import RowGroup
    from featurectl.online.scale import Scale
    from featurectl.queries.relation import SourcedView

_COUNTED = 1_000_000  # rows that are grouped by entity within a tenth of a second
_READ = 20_000_000  # rows whose keys are read within half a second
_TEXT_BYTES = 32_000_000  # of CSV files, which say nothing of their rows
_SAMPLE = 1_000
_AROUND = 100_000  # rows at the end of a large range that the sample is taken from


@dataclass(frozen=True)
class Load:
    """Rows of a view with event times in ``events``, to be written into ``generation``.

    ``expire``: they get an expiry. ``known_keys`` is how many entities there are, where that is
    known from elsewhere.
    """

    sourced: SourcedView
    state: SourceState
    events: EventRange
    generation: Generation
    expire: bool
    known_keys: int | None = None


@dataclass(frozen=True)
class Size:
    """``rows`` and ``keys`` of a load, and the bytes of each key in the store; None: not known.

    ``estimated`` has those of ``rows`` and ``keys`` that are near, not exact.
    """

    rows: int | None = None
    keys: int | None = None
    key_bytes: float | None = None
    estimated: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Glance:
    """What metadata tell of a load: the row groups of Parquet files with times, and the rows.

    ``within`` is None where nothing is known, and reading the rows may take long.
    """

    groups: Sequence[RowGroup] = ()
    within: Within | None = None

    @property
    def touched(self) -> int:
        """How many rows have to be read for the load; many where that is not known."""
        return self.within.touched if self.within else 1 << 62

    def size(self, load: Load) -> Size:
        """The size as far as it is known without a query."""
        if self.within is None:
            return Size(keys=load.known_keys, estimated=frozenset({"keys"}))
        if self.within.rows == 0 and self.within.is_exact:
            return Size(0, 0)
        estimated = {"keys"} if self.within.is_exact else {"keys", "rows"}
        return Size(self.within.rows, load.known_keys, estimated=frozenset(estimated))


def glance(load: Load) -> Glance:
    """What metadata tell; a footer of each file, which is remembered for the next view.

    Raises:
        SourceError: FC202 a file can't be read.
    """
    groups = _groups(load)
    return Glance(groups, _within(load, groups))


def size_of(
    load: Load, seen: Glance, engine: OfflineEngine, scale: Scale | None, project: str
) -> Size:
    """The size of a load, by two cheap queries.

    Raises:
        SourceError: FC206 and what else a run would fail with.
    """
    size = _counted(load, seen, engine)
    if not size.rows or scale is None:
        return size
    return replace(size, key_bytes=bytes_of_a_key(load, seen, engine, scale, project))


def bytes_of_a_key(
    load: Load, seen: Glance, engine: OfflineEngine, scale: Scale, project: str
) -> float | None:
    """What a key of the view takes in the store, by rows that its source has now; None of none.

    Raises:
        SourceError: FC206 and what else a run would fail with.
    """
    sampled = _sampled(load, seen)
    return _weighed(load, sampled, engine, scale, project) if sampled else None


def _counted(load: Load, seen: Glance, engine: OfflineEngine) -> Size:
    if seen.touched <= _COUNTED:
        (found,) = _answer(engine, counts(load.sourced, Reading(load.events)))
        return Size(found["n"], found["keys"])
    size = seen.size(load)
    if size.keys is not None or seen.touched > _READ:
        return size
    (found,) = _answer(engine, about_how_many(load.sourced, load.events))
    return replace(size, keys=found["keys"])


def _weighed(
    load: Load, events: EventRange, engine: OfflineEngine, scale: Scale, project: str
) -> float | None:
    """The mean of some rows, packed as a run packs them."""
    generation = load.generation
    features = [name for name, _ in generation.layout.columns if name]
    query = Query(to_sql(some_rows(load.sourced, features, events, _SAMPLE)))
    keys: list[bytes] = []
    values: list[bytes] = []
    for batch in engine.fetch(query):
        keys += encode_keys(batch, project, generation.id, generation.join_keys)
        is_static = load.sourced.source.is_static
        values += encode(batch, generation.layout, is_static=is_static)
    return scale.weigh(keys, values, expire=load.expire) / len(keys) if keys else None


def _groups(load: Load) -> Sequence[RowGroup]:
    """The row groups of Parquet files with times; nothing of others."""
    source = load.sourced.source
    if source.event_timestamp is None or source.file_format != "parquet":
        return ()
    keys = tuple(column_of(source, key) for key in load.sourced.join_keys)
    return _read_groups(load.state.files, source.event_timestamp, keys)


@lru_cache(maxsize=256)
def _read_groups(
    files: tuple[SourceFile, ...], event: str, keys: tuple[str, ...]
) -> Sequence[RowGroup]:
    return row_groups([file.path for file in files], event, keys)


def _within(load: Load, groups: Sequence[RowGroup]) -> Within | None:
    """The rows of the load, as far as metadata tell; None where reading them may take long."""
    source = load.sourced.source
    if source.file_format != "parquet":
        size_bytes = sum(file.size_bytes for file in load.state.files)
        return Within(None, is_exact=False, touched=1) if size_bytes <= _TEXT_BYTES else None
    if source.is_static:
        rows = load.state.rows
        return None if rows is None else Within(rows, is_exact=False, touched=rows)
    return rows_within(groups, load.events.first_us, load.events.last_us)


def _sampled(load: Load, seen: Glance) -> EventRange | None:
    """The range that a sample is taken from: all of a small one, the end of a large one.

    None where many rows would have to be read for it.
    """
    if seen.touched <= _COUNTED:
        return load.events
    if not seen.groups:
        return load.events if seen.touched <= _READ else None
    part = newest(seen.groups, load.events.first_us, load.events.last_us, rows=_AROUND)
    if part is None or rows_within(seen.groups, *part).touched > _READ:
        return None
    return EventRange(*part)


def _answer(engine: OfflineEngine, query: exp.Select) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = engine.fetch(Query(to_sql(query))).read_all().to_pylist()
    return found
