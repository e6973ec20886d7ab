"""The data scientist's question at night: why is it this value, and where does it come from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from featurectl import FeatureStore
from featurectl.cli.run import run

if TYPE_CHECKING:
    from pathlib import Path

    from command_line import Cli

DATA = "data/driver_stats.parquet"
TRIPS = ("explain", "driver_stats:trips_today")


def newest(root: Path) -> dict[str, object]:
    """The newest row of driver 1001, with its number."""
    rows = pq.read_table(root / DATA).to_pylist()
    numbered = [row | {"row": i} for i, row in enumerate(rows, start=1) if row["driver_id"] == 1001]
    return max(numbered, key=lambda row: row["event_timestamp"])


def test_the_value_comes_with_its_file_and_row(cli: Cli) -> None:
    row = newest(cli.root)

    answer = cli.ok(*TRIPS, "driver_id=1001", "--at", row["event_timestamp"].isoformat())

    lines = answer.out.splitlines()
    assert lines[0].startswith(f"driver_stats:trips_today = {row['trips_today']}: the newest row")
    assert lines[1].startswith("  for driver_id=1001 at ")
    assert [line.split()[-1] for line in lines if line.startswith("  >")] == ["chosen"]
    assert lines[-1] == f"  from driver_stats_file: {DATA}, row {row['row']}"


def test_the_document_has_what_get_historical_gives(cli: Cli) -> None:
    row = newest(cli.root)
    at = row["event_timestamp"].isoformat()

    found = cli.ok("explain", "driver_stats", "driver_id=1001", "--at", at, "--format", "json")

    document = found.document
    assert document["format"] == "featurectl.explain/1"
    assert document["chosen"]["row"] == row["row"]
    expected = cli.ok(
        "get-historical", "--features", "driver_stats", "--at", at, "--out", "-"
    ).out.splitlines()
    header, *rows = (line.split(",") for line in expected)
    (mine,) = (dict(zip(header, each, strict=True)) for each in rows if each[0] == "1001")
    told = {name: str(each["value"]) for name, each in document["features"].items()}
    assert told == {name: mine[name] for name in told}
    assert len(document["candidates"]) <= 8


def test_python_gives_the_same_value_with_its_document(cli: Cli) -> None:
    at = newest(cli.root)["event_timestamp"]
    with FeatureStore(cli.root) as store:
        found = store.explain("driver_stats:trips_today", {"driver_id": 1001}, at=at, candidates=1)

    assert found.values["trips_today"] == found.chosen.values["trips_today"]
    assert len(found.candidates) == 1
    assert json.loads(json.dumps(found.document()))["source"] == "driver_stats_file"


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_a_row_of_a_training_set_is_explained_by_its_manifest(suffix: str, cli: Cli) -> None:
    out = str(cli.root / f"train.{suffix}")
    labels = cli.root / "labels.csv"
    labels.write_text("driver_id,when\n1001,2200-01-01\n,2200-01-01\n4040,2024-01-01\n1001,\n")
    cli.ok("get-historical", "--features", "driver_stats", "--entities", str(labels),
           "--event-timestamp", "when", "--out", out)  # fmt: skip
    first = [
        cli.ok("explain", feature, "--dataset", out, "--row", str(row)).out.splitlines()[0]
        for feature, row in (
            ("trips_today", 1),
            ("driver_stats:conv_rate", 2),
            ("driver_stats", 3),
            ("trips_today", 4),
        )
    ]

    assert "past ttl" in first[0]
    assert first[1].endswith("= null: a join key is null, which no row matches")
    assert first[2] == "driver_stats: the source has no row of this entity"
    assert first[3].endswith("= null: the row has no event time")


def test_a_source_that_changed_since_is_told(cli: Cli) -> None:
    row = newest(cli.root)
    out = str(cli.root / "train.parquet")
    labels = pa.table({"driver_id": [1001], "event_timestamp": [row["event_timestamp"]]})
    pq.write_table(labels, cli.root / "labels.parquet")
    cli.ok("get-historical", "--features", "driver_stats:trips_today",
           "--entities", str(cli.root / "labels.parquet"), "--out", out)  # fmt: skip
    table = pq.read_table(cli.root / DATA)
    place = table.schema.get_field_index("trips_today")
    more = pa.array(
        [n + 1 for n in table["trips_today"].to_pylist()], table.schema.field(place).type
    )
    pq.write_table(table.set_column(place, "trips_today", more), cli.root / DATA)

    answer = cli.ok("explain", "trips_today", "--dataset", out, "--row", "1")

    was, now = row["trips_today"], row["trips_today"] + 1
    assert answer.out.startswith(f"driver_stats:trips_today = {now}: ")
    assert f"trips_today is {was} in the file, and {now} by the sources of now" in answer.err


def test_from_any_folder_the_repository_around_the_file_is_asked(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(cli.root / "train.parquet")
    cli.ok("get-historical", "--features", "driver_stats", "--at", "now", "--out", out)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)

    assert run(["explain", "trips_today", "--dataset", out, "--row", "1"]) == 0
    assert capsys.readouterr().out.startswith("driver_stats:trips_today = ")


def test_a_training_set_that_can_t_be_explained_says_why(cli: Cli) -> None:
    out = cli.root / "train.parquet"
    cli.ok("get-historical", "--features", "driver_stats", "--at", "now", "--out", str(out))
    rows = pq.read_metadata(out).num_rows

    beyond = cli(*TRIPS, "--dataset", str(out), "--row", str(rows + 1))
    unknown = cli("explain", "trips_todday", "--dataset", str(out), "--row", "1")
    nothing = cli(*TRIPS, "--dataset", str(cli.root / "labels.csv"), "--row", "1")

    assert f"has no row {rows + 1}" in beyond.err
    assert 'did you mean "trips_today"?' in unknown.err
    assert [answer.code for answer in (beyond, unknown, nothing)] == [1, 1, 1]
    assert [answer.err[6:11] for answer in (beyond, unknown, nothing)] == [
        "FC336",
        "FC336",
        "FC334",
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["driver_stat:x", "driver_id=1", "--at", "now"], 1, ["FC301", '"driver_stats"']),
        (["driver_stats:trips", "driver_id=1", "--at", "now"], 1, ["FC302", "trips_today"]),
        (["driver_stats", "--at", "now"], 1, ["FC305", "driver_id=VALUE"]),
        (["driver_stats", "drivr_id=1", "--at", "now"], 1, ["FC305", '"drivr_id"']),
        (["driver_stats", "driver_id=1", "city=x", "--at", "now"], 1, ["FC336", '"city"']),
        (["driver_stats", "driver_id=1.5", "--at", "now"], 1, ["FC311", "int64"]),
        (["driver_stats", "driver_id=1", "--at", "noon"], 1, ["FC318", "noon"]),
        (["service:ranking", "driver_id=1", "--at", "now"], 1, ["FC336", "view:feature"]),
        (["driver_stats", "driver_id=1", "--at", "now", "--candidates", "0"], 1, ["FC336"]),
        (["driver_stats", "driver_id=1"], 2, ["--at"]),
        (["driver_stats", "driver_id", "--at", "now"], 2, ["KEY=VALUE"]),
        (["driver_stats", "driver_id=1", "driver_id=2", "--at", "now"], 2, ["one value"]),
        (["driver_stats", "--dataset", "train.parquet"], 2, ["--row"]),
        (["driver_stats", "--dataset", "t", "--row", "1", "--at", "now"], 2, ["--dataset"]),
        ([], 2, ["VIEW:FEATURE"]),
    ],
)
def test_a_bad_question_says_what_is_wrong(
    arguments: list[str], code: int, told: list[str], cli: Cli
) -> None:
    answer = cli("explain", *arguments)

    assert (answer.code, answer.out) == (code, "")
    for text in told:
        assert text in answer.err


def test_nothing_applied_is_an_error_but_files_can_be_asked(fresh: Cli) -> None:
    asked = [*TRIPS, "driver_id=1001", "--at", "now"]

    assert "FC320" in fresh(*asked).err
    assert fresh.ok(*asked, "--from-files").out.startswith("driver_stats:trips_today = ")
