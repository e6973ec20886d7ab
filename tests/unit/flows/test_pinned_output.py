"""The manifest appears after the rows, and what happens in between is seen later."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from made_dataset import Made, new_repository, write_day

from featurectl.client.feature_store import FeatureStore
from featurectl.errors import SourceError
from featurectl.flows import pinned_output
from featurectl.flows.dataset_file import read_dataset

FRAME = pa.table({"driver": [1, 2, 3], "event_timestamp": ["2024-01-02T12:00:00Z"] * 3})
DYING = """
import os, signal, sys
from featurectl.client.feature_store import FeatureStore
from featurectl.flows import pinned_output

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

pinned_output.write_lock = die
with FeatureStore(sys.argv[1]) as store:
    store.get_historical_features(at="2024-01-03", service="rank").write_parquet(sys.argv[2])
"""


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return new_repository(tmp_path / "repo").make()


def test_rows_that_got_no_manifest_tell_of_themselves_and_the_old_one_is_stale(made: Made) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DYING, str(made.cli.root), str(made.out)],
        check=False,
        capture_output=True,
        cwd=Path(__file__).resolve().parents[3],
    )

    assert done.returncode == -signal.SIGKILL
    found = read_dataset(made.out)
    assert found.lock == "stale"
    assert found.manifest["request"]["at"] == "2024-01-03T00:00:00Z"
    assert made.states()["file"] == "same"
    assert made.states()["exit"] == "3"


def test_what_can_not_be_written_leaves_rows_and_manifest_as_they_were(made: Made) -> None:
    rows, lock = made.out.read_bytes(), made.lock.read_text()
    with FeatureStore(made.cli.root) as store:
        found = store.get_historical_features(FRAME, service="rank")
        write_day(made.data, 1, plus=1)  # while it is being made
        os.utime(made.data / "stats" / "1.parquet")
        with pytest.raises(SourceError) as told:
            found.write(made.out)

    assert told.value.code == "FC207"
    assert (made.out.read_bytes(), made.lock.read_text()) == (rows, lock)


def test_a_manifest_that_can_not_be_written_is_told_when_the_rows_are(
    made: Made, tmp_path: Path
) -> None:
    out = tmp_path / "out.parquet"
    (tmp_path / "out.parquet.lock.json").mkdir()
    with FeatureStore(made.cli.root) as store:
        found = store.get_historical_features(FRAME, service="rank")
        with pytest.raises(SourceError, match=r"out\.parquet\.lock\.json can't be written"):
            found.write(out)

    assert pq.read_table(out).num_rows == 3


def test_the_copy_in_a_parquet_file_says_what_the_lock_says(made: Made) -> None:
    metadata = pq.read_metadata(made.out).metadata or {}
    copy = json.loads(metadata[b"featurectl.dataset"])
    own = ("file", "seal")

    assert {key: value for key, value in made.manifest.items() if key not in own} == {
        key: value for key, value in copy.items() if key not in own
    }
    assert made.manifest["file"] == {
        "name": "train.parquet",
        "size_bytes": made.out.stat().st_size,
    }


def test_hashing_ends_with_its_output(made: Made, tmp_path: Path) -> None:
    before = threading.active_count()
    with FeatureStore(made.cli.root) as store:
        found = store.get_historical_features(FRAME, service="rank")
        with pytest.raises(SourceError):
            found.write(tmp_path / "nowhere" / "out.parquet")
        found.write(tmp_path / "out.parquet")

    assert threading.active_count() == before


def test_a_set_that_came_from_no_store_has_no_manifest(made: Made, tmp_path: Path) -> None:
    with FeatureStore(made.cli.root) as store:
        found = store.get_historical_features(FRAME, service="rank")
        found.origin = None
        found.write(tmp_path / "out.parquet")

    assert not (tmp_path / "out.parquet.lock.json").exists()
    assert pinned_output.METADATA_KEY.encode() not in (
        pq.read_metadata(tmp_path / "out.parquet").metadata or {}
    )


def test_the_same_request_is_pinned_alike_whenever_it_is_made(made: Made) -> None:
    first = made.manifest
    again = made.make().manifest

    assert first["result"] == again["result"]
    changing = ("made_at", "seal")
    assert {k: v for k, v in first.items() if k not in changing} == {
        k: v for k, v in again.items() if k not in changing
    }


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("labels.csv", "the entity rows are read from it"),
        ("data/stats/0.parquet", "it is a file of a source"),
    ],
)
def test_what_the_rows_are_made_of_is_not_written_over(made: Made, path: str, told: str) -> None:
    labels = made.cli.root / "labels.csv"
    before = (made.cli.root / path).read_bytes()
    with FeatureStore(made.cli.root) as store:
        found = store.get_historical_features(str(labels), service="rank")
        with pytest.raises(SourceError, match=told):
            found.write(made.cli.root / path)

    assert (made.cli.root / path).read_bytes() == before


def test_a_part_is_not_written_over_the_rows_that_are_split(made: Made) -> None:
    labels = made.cli.root / "labels.csv"
    rows = labels.rename(labels.with_name("set.a.csv"))
    before = rows.read_bytes()
    with FeatureStore(made.cli.root) as store:
        found = store.get_historical_features(str(rows), service="rank").split("a=0.5,b")
        with pytest.raises(SourceError, match="the entity rows are read from it"):
            found.write(made.cli.root / "set.csv")

    assert rows.read_bytes() == before
    assert not (made.cli.root / "set.b.csv").exists()
