"""A training set that is proven and split from the command line: files, screens, exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from featurectl import FeatureStore
from featurectl.flows.leakage import Prover

if TYPE_CHECKING:
    from pathlib import Path

    from command_line import Cli

REQUEST = ("get-historical", "--service", "ranking_v1")


@pytest.fixture
def labels(cli: Cli) -> Path:
    """A label for each row of the source, minutes after it, that one of its features tells."""
    source = pq.read_table(cli.root / "data/driver_stats.parquet").sort_by("event_timestamp")
    source = source.slice(0, source.num_rows - 10)  # the last ones are minutes ago
    minutes = pa.scalar(600_000_000, pa.duration("us"))
    table = pa.table(
        {
            "driver_id": source["driver_id"],
            "event_timestamp": pc.add(source["event_timestamp"].cast(pa.timestamp("us")), minutes),
            "label": pc.greater(source["conv_rate"], 0.5),
        }
    )
    path = cli.root / "labels.parquet"
    pq.write_table(table, path)
    return path


def parts_of(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("data."))


def test_a_proven_training_set_carries_the_times_and_says_what_holds(
    cli: Cli, labels: Path
) -> None:
    out, report = cli.root / "data.parquet", cli.root / "report.json"
    answer = cli.ok(*REQUEST, "--entities", str(labels), "--prove", "--out", str(out),
                    "--report", str(report))  # fmt: skip

    table = pq.read_table(out)
    assert table.column_names[-2:] == [
        "driver_stats__event_timestamp", "driver_stats__created_timestamp"
    ]  # fmt: skip
    late = pc.greater(table["driver_stats__event_timestamp"].cast(pa.timestamp("us")),
                      table["event_timestamp"])  # fmt: skip
    assert not pc.any(late).as_py()
    assert "proof  1 view" in answer.err
    assert 'driver_stats:conv_rate alone tells "label"' in answer.err
    document = json.loads(report.read_text())
    assert document["proof"]["rows"] == table.num_rows
    manifest = json.loads((cli.root / "data.parquet.lock.json").read_text())
    assert manifest["report"] == document
    assert manifest["request"]["prove"] is True


def test_a_proof_that_fails_leaves_no_file_and_exits_1(
    cli: Cli, labels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Prover._times
    day = 86_400_000_000
    monkeypatch.setattr(Prover, "_times", lambda self, rows: pc.subtract(real(self, rows), day))

    for more in ([], ["--split", "train=0.8,test"]):
        answer = cli(*REQUEST, "--entities", str(labels), "--prove", *more,
                     "--out", str(cli.root / "data.parquet"))  # fmt: skip
        assert answer.code == 1
        assert "error[FC332] leakage proof failed: in row 1 the value of driver_stats" in answer.err
        assert "its time: " in answer.err
        assert parts_of(cli.root) == []


def test_parts_are_files_with_manifests_and_shares(cli: Cli, labels: Path) -> None:
    answer = cli.ok(*REQUEST, "--entities", str(labels), "--split", "train=0.8,test",
                    "--out", str(cli.root / "data.parquet"))  # fmt: skip

    assert parts_of(cli.root) == [
        "data.test.parquet", "data.test.parquet.lock.json",
        "data.train.parquet", "data.train.parquet.lock.json",
    ]  # fmt: skip
    train, test = (pq.read_table(cli.root / f"data.{name}.parquet") for name in ("train", "test"))
    assert pc.max(train["event_timestamp"]).as_py() < pc.min(test["event_timestamp"]).as_py()
    assert train.num_rows + test.num_rows == pq.read_metadata(labels).num_rows
    words = [line.split()[0] for line in answer.err.splitlines()]
    assert words == ["read", "join", "split", "wrote", "wrote", "pinned"]
    manifest = json.loads((cli.root / "data.test.parquet.lock.json").read_text())
    assert manifest["part"]["name"] == "test"
    assert manifest["request"]["split"] == "train=0.8,test"
    assert manifest["request"]["entities"] == "repo:labels.parquet"


def test_no_entity_is_on_both_sides_and_the_seed_is_recorded(cli: Cli, labels: Path) -> None:
    report = cli.root / "report.json"
    cli.ok(*REQUEST, "--entities", str(labels), "--split", "train=0.5,test", "--split-by", "entity",
           "--seed", "3", "--out", str(cli.root / "data.csv"), "--report", str(report))  # fmt: skip

    split = json.loads(report.read_text())["split"]
    assert (split["by"], split["seed"], split["shared_entities"]) == ("entity", 3, 0)
    assert parts_of(cli.root)[0] == "data.test.csv"


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--split", "train=0.8"], 2, "give --out FILE too"),
        (["--split", "train=0.8,test", "--out", "-"], 2, "give --out FILE too"),
        (["--seed", "1", "--out", "data.csv"], 2, "give the parts too"),
        (["--split-by", "entity"], 2, "give the parts too"),
        (["--split", "a=0.5,b", "--out", "data.csv", "--lock", "x"], 2, "each part has its own"),
        (["--split", "train=0.8,test=0.3", "--out", "data.csv"], 1, "error[FC333]"),
        (["--split", "a=0.5,b", "--seed", "1", "--out", "data.csv"], 1, "no chance in it"),
        (["--split", "a=0.5,b", "--split-by", "drver_id", "--out", "data.csv"], 1, "driver_id"),
        (["--split", "a=0.5,b", "--out", "data.txt"], 1, "error[FC209]"),
        (["--split", "a=0.5,b", "--out", "none/data.csv"], 1, "error[FC209]"),
        (["--split", "part=0.5,b", "--out", "data/x.parquet"], 0, "wrote"),
    ],
)
def test_what_can_not_be_split_says_why(  # noqa: PLR0917 - a parameter each
    cli: Cli, labels: Path, monkeypatch: pytest.MonkeyPatch,
    options: list[str], code: int, message: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(cli.root)
    answer = cli(*REQUEST, "--entities", str(labels), *options)

    assert answer.code == code, answer.err
    assert message in " ".join(answer.err.split())
    assert parts_of(cli.root) == []


def test_no_part_becomes_a_file_of_a_source(cli: Cli, labels: Path) -> None:
    out = str(cli.root / "data/driver_stats.parquet")
    text = (cli.root / "features/driver.yaml").read_text()
    (cli.root / "features/driver.yaml").write_text(
        text.replace("path: data/driver_stats.parquet", "path: data/driver_stats*.parquet")
    )
    cli.ok("apply", "--yes", "--allow", "breaking")
    answer = cli(*REQUEST, "--entities", str(labels), "--split", "a=0.5,b", "--out", out)

    assert answer.code == 1
    assert "it would be a file of source" in answer.err


def test_the_same_from_python(cli: Cli, labels: Path) -> None:
    with FeatureStore(cli.root) as store:
        found = store.get_historical_features(str(labels), service="ranking_v1", prove=True)
        parts = found.split("train=0.8,test=0.2", by="entity", seed=1)
        assert list(parts) == ["train", "test"]
        drivers = [set(part.to_arrow()["driver_id"].to_pylist()) for part in parts.values()]
        assert not drivers[0] & drivers[1]
        assert parts["train"].write_parquet(cli.root / "data.parquet") > 0
        assert found.report.proof.rows == found.rows
