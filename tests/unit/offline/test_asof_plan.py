"""The engine's plan of an ASOF join: sorted, whatever number of labels it estimates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from featurectl.offline.duckdb import DuckDBEngine
from featurectl.offline.protocol import Query

if TYPE_CHECKING:
    from pathlib import Path

JOIN = "SELECT * FROM labels ASOF JOIN rows ON labels.k = rows.k AND labels.t >= rows.t"


@pytest.mark.parametrize("labels", [1, 63, 64, 5_000])
def test_no_number_of_labels_is_compared_with_all_rows(tmp_path: Path, labels: int) -> None:
    tables = {
        name: pa.table({"k": pa.array([1] * count), "t": pa.array(range(count))})
        for name, count in {"labels": labels, "rows": 5_000}.items()
    }
    engine = DuckDBEngine(tmp_path)
    explained = engine.fetch(Query(f"EXPLAIN (FORMAT JSON) {JOIN}", tables)).read_all()
    engine.close()
    plan = explained["explain_value"][0].as_py()
    assert "ASOF_JOIN" in plan
    assert "LOOP_JOIN" not in plan
