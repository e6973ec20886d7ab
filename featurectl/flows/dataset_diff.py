"""How two training sets differ: what they were made of, their rows, their columns, their values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from featurectl.errors import RequestError
from featurectl.flows.dataset_drift import ColumnDrift, measure_drift
from featurectl.flows.manifest_diff import Difference, manifest_differences
from featurectl.offline.column_hash import canonical_type
from featurectl.offline.output import write_output
from featurectl.offline.protocol import Query
from featurectl.queries.dataset_rows import NUMBER, OTHER, TIME, Pair, matched_rows
from featurectl.system.scratch import Scratch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from featurectl.flows.dataset_file import DatasetFile
    from featurectl.offline.protocol import OfflineEngine

FORMAT = "featurectl.dataset-diff/1"
_is = pa.types


@dataclass(frozen=True)
class RowCounts:
    """Rows of two files: the rows of each, those only in one, and those in both that differ."""

    a: int
    b: int
    only_a: int
    only_b: int
    changed: int

    @property
    def same(self) -> int:
        """Rows that are in both, with equal values in all columns that both have."""
        return self.a - self.only_a - self.changed


@dataclass(frozen=True)
class DatasetDiff:
    """How ``b`` differs from ``a``.

    ``added``, ``removed`` and ``retyped`` are columns with their types. ``keys`` are those by which
    rows were matched: the entity keys and the event time.
    """

    a: DatasetFile
    b: DatasetFile
    keys: tuple[str, ...]
    rows: RowCounts
    added: tuple[tuple[str, str], ...]
    removed: tuple[tuple[str, str], ...]
    retyped: tuple[tuple[str, str, str], ...]
    made_of: tuple[Difference, ...]
    drift: tuple[ColumnDrift, ...]

    @property
    def is_same(self) -> bool:
        """Whether both have the same rows and columns, wherever they came from."""
        rows = self.rows
        columns = self.added or self.removed or self.retyped
        return not (columns or rows.only_a or rows.only_b or rows.changed)

    def document(self) -> dict[str, Any]:
        """The JSON form, ``featurectl.dataset-diff/1``."""
        rows = self.rows
        return {
            "format": FORMAT,
            "a": _told(self.a, rows.a),
            "b": _told(self.b, rows.b),
            "same": self.is_same,
            "keys": list(self.keys),
            "rows": {
                "only_a": rows.only_a,
                "only_b": rows.only_b,
                "changed": rows.changed,
                "same": rows.same,
            },
            "columns": {
                "added": [{"name": name, "type": kind} for name, kind in self.added],
                "removed": [{"name": name, "type": kind} for name, kind in self.removed],
                "retyped": [{"name": n, "a": one, "b": other} for n, one, other in self.retyped],
            },
            "made_of": [each.document() for each in self.made_of],
            "drift": [each.document() for each in self.drift],
        }


def diff_datasets(a: DatasetFile, b: DatasetFile, engine: OfflineEngine) -> DatasetDiff:
    """Compare two files. Rows are matched by entity keys, event time, and occurrence of these.

    Both are read by the engine, whose memory is bounded; what is no Parquet, or has names that the
    engine can't tell apart, becomes a temporary Parquet file first.

    Raises:
        RequestError: FC342 a column that rows are matched by is not in both.
        SourceError: FC201, FC202 a file can't be read, FC206 the engine failed.
    """
    scratch = Scratch()
    try:
        schemas = [pa.schema(list(each.batches()[0])) for each in (a, b)]
        called = _engine_names([name for schema in schemas for name in schema.names])
        one = _as_parquet(a, scratch.folder / "a", called)
        other = _as_parquet(b, scratch.folder / "b", called)
        return _compared(a, b, engine, (one, other), schemas, called=called)
    finally:
        scratch.close()


def _compared(
    a: DatasetFile,
    b: DatasetFile,
    engine: OfflineEngine,
    files: tuple[str, str],
    schemas: Sequence[pa.Schema],
    *,
    called: Mapping[str, str],
) -> DatasetDiff:
    one, other = ({field.name: field.type for field in schema} for schema in schemas)
    keys = _keys(a, b, one, other)
    values = [_pair(name, one[name], other[name]) for name in one if name in other]
    values = [pair for pair in values if pair.name not in {key.name for key in keys}]
    asked = [[pair._replace(name=called[pair.name]) for pair in part] for part in (keys, values)]
    query = Query(matched_rows(*files, *asked))
    row = engine.fetch(query).read_all().to_pylist()[0]
    counts = RowCounts(
        row["only_a"] + row["both"],
        row["only_b"] + row["both"],
        row["only_a"],
        row["only_b"],
        row["changed"],
    )
    features = {each["column"] for side in (a, b) for each in side.manifest["features"]}
    columns = [
        (pair, value.name in features, row[f"c{n}"])
        for n, (pair, value) in enumerate(zip(asked[1], values, strict=True))
    ]
    measured = measure_drift(engine, files, (counts.a, counts.b), columns)
    drift = [replace(each, name=pair.name) for each, pair in zip(measured, values, strict=True)]
    types = [{name: canonical_type(kind) for name, kind in side.items()} for side in (one, other)]
    return DatasetDiff(
        a=a,
        b=b,
        keys=tuple(key.name for key in keys),
        rows=counts,
        added=tuple((name, kind) for name, kind in types[1].items() if name not in one),
        removed=tuple((name, kind) for name, kind in types[0].items() if name not in other),
        retyped=tuple(
            (name, kind, types[1][name])
            for name, kind in types[0].items()
            if types[1].get(name, kind) != kind
        ),
        made_of=tuple(manifest_differences(a.manifest, b.manifest)),
        drift=tuple(drift),
    )


def _keys(
    a: DatasetFile, b: DatasetFile, one: dict[str, pa.DataType], other: dict[str, pa.DataType]
) -> list[Pair]:
    """The columns by which rows are matched: those of the first file's entities, and the time."""
    names = list(dict.fromkeys([*a.keys, *b.keys]))
    times = {each.manifest["request"]["event_timestamp"] for each in (a, b)}
    for name in [*names, *sorted(times)]:
        for side, columns in ((a, one), (b, other)):
            if name not in columns:
                raise RequestError(
                    "FC342",
                    f"{side.path} has no column {name!r}, by which rows are matched",
                    help=["only training sets of the same entities can be compared"],
                )
    found = [_pair(name, one[name], other[name]) for name in names]
    return [*found, *(Pair(name, TIME, is_alike=True) for name in sorted(times))]


def _pair(name: str, one: pa.DataType, other: pa.DataType) -> Pair:
    alike = canonical_type(one) == canonical_type(other)
    kinds = {_kind(one), _kind(other)}
    return Pair(name, kinds.pop() if len(kinds) == 1 else OTHER, alike)


def _kind(kind: pa.DataType) -> str:
    if _is.is_dictionary(kind):
        return _kind(kind.value_type)
    if _is.is_integer(kind) or _is.is_floating(kind) or _is.is_decimal(kind):
        return NUMBER
    return TIME if _is.is_timestamp(kind) or _is.is_date(kind) else OTHER


def _engine_names(names: Sequence[str]) -> dict[str, str]:
    """What the engine calls the columns: otherwise where it folds case or has the name itself."""
    distinct = list(dict.fromkeys(names))
    folded = {name.lower() for name in distinct}
    if len(folded) == len(distinct) and "file_row_number" not in folded:
        return {name: name for name in distinct}
    return {name: f"c{number}" for number, name in enumerate(distinct)}


def _as_parquet(dataset: DatasetFile, temporary: Path, called: Mapping[str, str]) -> str:
    schema, rows = dataset.batches()
    names = [called[name] for name in schema.names]
    if dataset.result["kind"] == "parquet" and names == schema.names:
        return str(dataset.path.absolute())
    path = temporary.with_suffix(".parquet")
    fields = [field.with_name(name) for field, name in zip(schema, names, strict=True)]
    write_output(path, pa.schema(fields), (batch.rename_columns(names) for batch in rows))
    return str(path)


def _told(dataset: DatasetFile, rows: int) -> dict[str, Any]:
    return {"file": str(dataset.path), "rows": rows, "sha256": dataset.result["sha256"]}
