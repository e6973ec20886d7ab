"""Where the rows of a training set come from, how they come back, and in which format."""

from __future__ import annotations

import csv
import io
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from terminal import ROOT, Terminal

from featurectl.cli.paint import strip
from featurectl.client.feature_store import FeatureStore

if TYPE_CHECKING:
    from pathlib import Path

    from command_line import Cli

FEATURES = ("--features", "driver_stats:conv_rate")
GET = ("get-historical", *FEATURES)
# Texts that are easily taken for something else.
LABELS = (
    "driver_id,event_timestamp,label,flag,score,note\n"
    "1001,2024-05-01 07:00:00-05:00,007,True,1.50,\n"
    '1002,2024-05-01,1e5,TRUE,-0,""\n'
    '1001,2024-05-01T00:00:00Z,+1, true,.5,"two\nlines, ""quoted"""\n'
    "1003,2024-05-02T12:00,0x1F,false,1_000,🛫 ü\n"
)


def written(cli: Cli, text: str, name: str = "labels.csv") -> str:
    (cli.root / name).write_bytes(text.encode())
    return str(cli.root / name)


def test_a_csv_frame_comes_back_as_its_texts(cli: Cli) -> None:
    answer = cli.ok(*GET, "--entities", written(cli, LABELS), "--out", "-")
    read = list(csv.reader(io.StringIO(LABELS)))
    found = list(csv.reader(io.StringIO(answer.out)))
    assert [row[:-1] for row in found] == read


def test_a_csv_frame_comes_back_byte_for_byte(cli: Cli) -> None:
    text = LABELS.replace("two\nlines, ", "two lines")
    answer = cli.ok(*GET, "--entities", written(cli, text), "--out", "-")
    assert [line.rpartition(",")[0] for line in answer.out.splitlines()] == text.splitlines()


def test_marks_and_ends_of_lines_of_a_csv_frame_do_no_harm(cli: Cli) -> None:
    plain = cli.ok(*GET, "--entities", written(cli, LABELS.replace("two\n", "two ")), "--out", "-")
    odd = "\ufeff" + LABELS.replace("two\n", "two ").replace("\n", "\r\n")
    assert cli.ok(*GET, "--entities", written(cli, odd), "--out", "-").out == plain.out


def test_a_typed_result_has_types_that_lose_nothing(cli: Cli) -> None:
    out = cli.root / "train.parquet"
    text = LABELS.replace("007", "7").replace("1e5", "8").replace("+1", "9").replace("0x1F", "")
    cli.ok(*GET, "--entities", written(cli, text), "--out", str(out))
    found = pq.read_table(out)
    assert [str(field.type) for field in found.schema][:-1] == [
        "int64", "timestamp[us, tz=UTC]", "int64", "string", "string", "string",
    ]  # fmt: skip
    assert found["label"].to_pylist() == [7, 8, 9, None]
    assert found["score"].to_pylist() == ["1.50", "-0", ".5", "1_000"]
    assert found["note"].to_pylist()[:2] == [None, ""]


def test_every_format_goes_to_stdout(loaded: Path) -> None:
    def piped(*options: str) -> bytes:
        command = [sys.executable, "-m", "featurectl", *GET, "--entities", "entities.csv", *options]
        found = subprocess.run(
            command, cwd=loaded, env=_environment(), capture_output=True, check=True
        )
        return found.stdout

    text = piped("--out", "-")
    assert text.startswith(b"driver_id,event_timestamp,")
    assert piped("--format", "csv") == text
    table = pq.read_table(pa.BufferReader(piped("--format", "parquet", "--out", "-")))
    assert pa.ipc.open_stream(piped("--format", "arrow")).read_all().equals(table)
    assert table.num_rows == len(text.splitlines()) - 1


def test_what_one_command_writes_the_next_one_reads(loaded: Path, tmp_path: Path) -> None:
    arrow = [
        sys.executable,
        "-m",
        "featurectl",
        *GET,
        "--entities",
        "entities.csv",
        "--format",
        "arrow",
    ]
    rows = subprocess.run(
        arrow, cwd=loaded, env=_environment(), capture_output=True, check=True
    ).stdout
    asked = ["get-historical", "--features", "driver_stats:acc_rate", "--entities", "-"]
    again = [sys.executable, "-m", "featurectl", *asked, "--out", str(tmp_path / "b.parquet")]
    subprocess.run(
        again, cwd=loaded, env=_environment(), input=rows, capture_output=True, check=True
    )
    names = pq.read_table(tmp_path / "b.parquet").column_names
    assert names[-2:] == ["conv_rate", "acc_rate"]


def _environment() -> dict[str, str]:
    import os  # noqa: PLC0415 - read at each call: tests change it

    return {**os.environ, "PYTHONPATH": str(ROOT)}


def test_a_format_is_taken_whatever_the_suffix(cli: Cli) -> None:
    out = cli.root / "train.dat"
    refused = cli(*GET, "--entities", str(cli.root / "entities.csv"), "--out", str(out))
    assert refused.code == 1
    assert "names no format" in refused.err
    cli.ok(
        *GET, "--entities", str(cli.root / "entities.csv"), "--out", str(out), "--format", "parquet"
    )
    assert pq.read_table(out).num_rows > 0


def test_rows_come_from_sql_over_the_sources(cli: Cli) -> None:
    out = cli.root / "train.parquet"
    sql = (
        "select driver_id, max(event_timestamp) as event_timestamp, count(*) as n "
        "from driver_stats_file group by all order by driver_id desc"
    )
    answer = cli.ok(*GET, "--sql", sql, "--out", str(out))
    found = pq.read_table(out).to_pydict()
    assert found["driver_id"] == sorted(found["driver_id"], reverse=True)
    assert None not in found["conv_rate"]
    assert re.match(r"read +the SQL +5 rows +driver_id int64, event_timestamp ", answer.err)
    again = cli.ok(*GET, "--sql", sql, "--out", "-").out
    assert again == cli.ok(*GET, "--sql", sql, "--out", "-").out


def test_python_takes_the_same_rows(cli: Cli) -> None:
    sql = "select driver_id, event_timestamp from driver_stats_file"
    asked = {"features": ["driver_stats:conv_rate"], "sql": sql, "sample": 20}
    with FeatureStore(cli.root) as store:
        found = store.get_historical_features(**asked)
        assert found.to_arrow().num_rows == 20
        assert asked.items() <= found.origin.asked.document().items()
        found.write(cli.root / "a.csv")
    options = ("--sql", sql, "--sample", "20", "--out", "-")
    assert cli.ok(*GET, *options).out == (cli.root / "a.csv").read_text()


def test_wrong_sql_is_shown_with_its_place(cli: Cli) -> None:
    answer = cli(
        *GET, "--sql", "select driver_id,\n  now() as event_timestamp from driver_stats_fil"
    )
    assert answer.code == 1
    assert "sql:2:3" in answer.err
    assert 'there is no source "driver_stats_fil"' in answer.err
    assert 'did you mean "driver_stats_file"?' in answer.err
    assert "2 errors" in answer.err


def test_sql_without_a_time_says_what_is_missing(cli: Cli) -> None:
    answer = cli(*GET, "--sql", "select driver_id, event_timestamp as seen from driver_stats_file")
    assert "error[FC306] the result of the SQL has no column" in answer.err


def test_a_sample_has_the_same_rows_each_time_in_order(cli: Cli) -> None:
    rows = "".join(f"{1001 + i % 5},2024-05-01,{i}\n" for i in range(1000))
    frame = written(cli, f"driver_id,event_timestamp,i\n{rows}")

    def sample(size: int) -> list[int]:
        answer = cli.ok(*GET, "--entities", frame, "--sample", str(size), "--out", "-")
        assert size >= 1000 or re.search(rf" {size} rows +sample of 1,000 +driver_id", answer.err)
        return [int(line.split(",")[2]) for line in answer.out.splitlines()[1:]]

    assert sample(100) == sample(100) == sorted(sample(100))
    assert len(sample(100)) == 100
    assert set(sample(10)) < set(sample(100)) < set(sample(5000)) == set(range(1000))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--entities", "e.csv", "--sql", "select 1"], "give it or --sql, not both"),
        (["--sql", "select 1", "--at", "now"], "give it or --at, not both"),
        (["--entities", "e.csv", "--sample", "0"], "--sample"),
        (["--entities", "e.csv", "--format", "xlsx"], "--format"),
        (["--entities", "e.csv", "--format", "csv", "--report", "-"], "only one of the two"),
        (["--entities", "e.csv", "--format", "json"], "json is of --compare"),
        (["--entities", "e.csv", "--lock", "e.json"], "--lock: a manifest is of an output"),
        (["--entities", "e.csv", "--hash", "full"], "--hash: a manifest is of an output"),
        (["--entities", "e.csv", "--out", "-", "--lock", "e.json"], "--lock: name it after"),
        (["--entities", "e.csv", "--out", "./e.csv"], "--out: ./e.csv is that of --entities too"),
        (
            ["--at", "now", "--out", "o.csv", "--report", "o.csv"],
            "--report: o.csv is that of --out",
        ),
        (["--at", "now", "--report", "no/such/r.json"], "--report: there is no folder"),
        (
            ["--entities", "e.a.csv", "--split", "a=0.5,b", "--out", "e.csv"],
            "--out: e.a.csv is that of --entities too",
        ),
    ],
)
def test_options_that_contradict_each_other_are_refused(
    cli: Cli, options: list[str], told: str
) -> None:
    answer = cli(*GET, *options)
    assert answer.code == 2
    assert told in answer.err


@pytest.mark.parametrize(
    ("column", "options", "told"),
    [
        (
            "conv_rate",
            [],
            ['already has a column "conv_rate"', "--full-names", "rename the column"],
        ),
        ("Conv_Rate", [], ['already has a column "Conv_Rate"', "differ only in case"]),
        ("DRIVER_STATS__conv_rate", ["--full-names"], ['would be "driver_stats__conv_rate"']),
    ],
)
def test_a_label_named_like_a_feature_is_refused_with_a_way_out(
    cli: Cli, column: str, options: list[str], told: list[str]
) -> None:
    frame = written(cli, f"driver_id,event_timestamp,{column}\n1001,2024-05-01,1\n")
    answer = cli(*GET, *options, "--entities", frame)
    assert answer.code == 1
    assert all(text in answer.err for text in ["FC308", *told])
    assert ("--full-names" in answer.err) == (not options)
    other = ["--full-names"] if not options else []
    assert cli(*GET, *other, "--entities", frame).code == 0


def test_times_of_any_zone_and_none_stand_beside_each_other(cli: Cli) -> None:
    lines = ["2024-05-01T12:00:00+02:00", "2024-05-01 10:00", "2024-05-01T05:00-05:00", ""]
    rows = "".join(f"1001,{line}\n" for line in lines)
    answer = cli.ok(
        *GET, "--entities", written(cli, f"driver_id,event_timestamp\n{rows}"), "--out", "-"
    )
    found = [row.split(",") for row in answer.out.splitlines()[1:]]
    assert [row[1] for row in found] == lines
    assert len({row[2] for row in found[:3]}) == 1
    assert found[3][2] == ""
    assert "1 row without an event time" in answer.err


def test_a_terminal_shows_how_many_rows_are_done(cli: Cli) -> None:
    frame = written(cli, "driver_id,event_timestamp\n" + "1001,2024-05-01\n" * 50)
    with Terminal(cli.root, *GET, "--entities", frame, "--out", "t.parquet") as terminal:
        assert terminal.finish() == 0
        shown = strip(terminal.shown)
    assert "joining driver_stats, view 1 of 1" in shown
    assert "50 rows" in shown
    with Terminal(cli.root, *GET, "--entities", frame, "--format", "parquet") as terminal:
        assert terminal.finish() == 2
        assert "stdout is a terminal" in terminal.shown


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_command_leaves_nothing(loaded: Path, tmp_path: Path, ending: int) -> None:
    spilled, out = tmp_path / "tmp", tmp_path / "out"
    spilled.mkdir()
    out.mkdir()
    sql = (
        "select 1001 as driver_id, timestamp '2024-05-01' + to_seconds(x) as event_timestamp, "
        "md5(x::varchar) as a from range(30000000) r(x)"
    )
    command = [
        sys.executable,
        "-m",
        "featurectl",
        *GET,
        "--sql",
        sql,
        "--out",
        str(out / "t.parquet"),
    ]
    process = subprocess.Popen(
        command, cwd=loaded, env={**_environment(), "TMPDIR": str(spilled)}, stderr=subprocess.PIPE
    )
    deadline = time.monotonic() + 60
    while not list(spilled.rglob("*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1)
    process.send_signal(ending)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 128 + ending, told
    assert list(spilled.iterdir()) == []
    assert list(out.iterdir()) == []
