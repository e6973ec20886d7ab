"""An engine that tells what DuckDB says of each query: files opened, rows in between."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from featurectl.offline.duckdb import DuckDBEngine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

    from featurectl.offline.protocol import Query


@dataclass(frozen=True)
class Operator:
    """A part of a query that ran: the rows that it gave and, of a scan of files, their number."""

    kind: str
    rows: int
    files: int | None


@dataclass(frozen=True)
class Profile:
    """What a query did."""

    sql: str
    operators: list[Operator] = field(default_factory=list)

    @property
    def files(self) -> int:
        """The most files that any of its scans opened."""
        return max((part.files for part in self.operators if part.files is not None), default=0)

    @property
    def rows(self) -> int:
        """The most rows that any of its parts gave."""
        return max((part.rows for part in self.operators), default=0)


class ProfiledEngine(DuckDBEngine):
    """DuckDB, with the profile of every query in ``profiles``; each runs once more for it."""

    def __init__(self, root: Path, **settings: Any) -> None:
        super().__init__(root, **settings)
        self.profiles: list[Profile] = []

    def fetch(self, query: Query) -> pa.RecordBatchReader:
        """The result as a stream of batches."""
        explain = replace(query, sql=f"EXPLAIN (ANALYZE, FORMAT JSON) {query.sql}")
        told = super().fetch(explain).read_all().column("explain_value")[0].as_py()
        self.profiles.append(Profile(query.sql, list(_operators(json.loads(told)))))
        return super().fetch(query)


def _operators(node: dict[str, Any]) -> Iterator[Operator]:
    # DuckDB 1.5 names its parts otherwise than 2.0.
    files = node.get("extra_info", {}).get("Total Files Read")
    kind = node.get("type") or node.get("operator_type") or ""
    rows = node.get("intermediate_rows", node.get("operator_cardinality", 0))
    yield Operator(kind, int(rows), None if files is None else int(files))
    for part in (*node.get("operator", ()), *node.get("children", ())):
        yield from _operators(part)
