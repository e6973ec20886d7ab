"""One value of ten million rows explained, beside a bare DuckDB that finds the entity's rows."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from measure import compared, run, spent_in_turn

if TYPE_CHECKING:
    from context import Context
    from measure import Figure

ROWS, USERS, FEATURES, GROUP = 10_000_000, 1_000_000, 8, 1_000_000
START_US, SPAN_MS = 1_704_067_200_000_000, 90 * 86_400_000
USER, AT = 17, "2024-02-12"
DEFINITIONS = f"""entities: [{{name: user, join_keys: {{user_id: int64}}}}]
sources: [{{name: big, path: big.parquet, event_timestamp: ts, created_timestamp: written}}]
feature_views:
  - name: big
    entities: [user]
    source: big
    ttl: 30d
    features: {{{", ".join(f"f{i}: float64" for i in range(FEATURES))}}}
"""
BARE = """import duckdb, sys
connection = duckdb.connect()
connection.execute("set timezone = 'UTC'")
query = f"select * from read_parquet('{sys.argv[1]}') where user_id = {sys.argv[2]}"
print(len(connection.sql(query).to_arrow_table()))
"""


def figures(context: Context) -> list[Figure]:
    """Whole processes: one feature, and all of them."""
    folder = context.folder / "explain"
    if not (folder / "featurectl.yaml").exists():
        _generate(folder)
    binary = str(Path(sys.executable).with_name("featurectl"))
    run([binary, "--repo", str(folder), "apply", "--yes"])
    ours = [binary, "--repo", str(folder), "explain"]
    commands = [
        [sys.executable, "-c", BARE, str(folder / "big.parquet"), str(USER)],
        [*ours, "big:f0", f"user_id={USER}", "--at", AT],
        [*ours, "big", f"user_id={USER}", "--at", AT],
    ]
    floor, *each = spent_in_turn([lambda command=command: run(command) for command in commands])
    names = ("one feature", f"{FEATURES} features")
    note = f"{ROWS:,} rows; select * where key = …"
    return [
        compared(f"explain: {name}", found, floor, note=note)
        for name, found in zip(names, each, strict=True)
    ]


def _generate(folder: Path) -> None:
    (folder / "features").mkdir(parents=True)
    random = np.random.default_rng(1)
    events = START_US + random.integers(0, SPAN_MS, ROWS) * 1000
    written = events + random.integers(0, 3600, ROWS) * 1_000_000
    columns = {
        "user_id": random.integers(0, USERS, ROWS),
        "ts": pa.array(events, pa.timestamp("us", "UTC")),
        "written": pa.array(written, pa.timestamp("us", "UTC")),
        **{f"f{i}": random.random(ROWS) for i in range(FEATURES)},
    }
    pq.write_table(pa.table(columns), folder / "big.parquet", row_group_size=GROUP)
    (folder / "features" / "big.yaml").write_text(DEFINITIONS)
    (folder / "featurectl.yaml").write_text("project: explain\n")
