"""``apply --backfill``: what was applied is told, whatever becomes of the load after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command_line import Cli

import featurectl.cli.loading

if TYPE_CHECKING:
    from pathlib import Path

VIEWS = """\
entities:
  - {name: driver, join_keys: {id: int64}}
sources:
  - {name: trips, path: trips.parquet, event_timestamp: none}
feature_views:
  - {name: stats, entities: [driver], source: trips, ttl: none, features: {fare: int64}}
"""


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    (tmp_path / "featurectl.yaml").write_text("project: rides\ndefinitions: [views.yaml]\n")
    (tmp_path / "views.yaml").write_text(VIEWS)
    pq.write_table(pa.table({"id": [1], "fare": [5]}), tmp_path / "trips.parquet")
    return Cli(tmp_path)


def interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_the_document_of_an_apply_is_there_when_its_backfill_is_interrupted(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(featurectl.cli.loading, "load", interrupt)
        stopped = cli("apply", "--yes", "--backfill", "--format", "json")

    assert stopped.code == 130
    assert (stopped.document["serial"], stopped.document["backfill"]) == (1, None)
    assert stopped.document["incomplete"] == ["stats"]
    resumed = cli.ok("apply", "--yes", "--backfill", "--format", "json").document
    assert [part["status"] for part in resumed["backfill"]["views"]] == ["ok"]
