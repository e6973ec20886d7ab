"""What a user sees when something is wrong: the code, the place, the nearest right name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import redis

if TYPE_CHECKING:
    from collections.abc import Callable

    from command_line import Cli
    from redis_server import RedisServer

VIEW, CONFIG = "features/driver.yaml", "featurectl.yaml"
DATA = "data/driver_stats.parquet"


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        (VIEW, "join_keys: {driver_id: int64}", "join_keys: {driver_id: int64", ["FC101", VIEW]),
        (VIEW, "    ttl: 24h ", "    ttl: 24h\n    ttl: 48h ", ["FC102", f"{VIEW}:1", "^^^"]),
        (VIEW, "    schedule:", "    shedule:", ["FC103", 'did you mean "schedule"?', "^^^^^^^"]),
        (CONFIG, "registry:", "registri:", ["FC103", 'did you mean "registry"?', f"{CONFIG}:2:1"]),
        (VIEW, "    ttl: 24h ", "    # ttl: 24h ", ["FC104", "ttl"]),
        (VIEW, "ttl: 24h", "ttl: 1 day", ["FC105", "1 day"]),
        (VIEW, "acc_rate: {type: float64", "acc_rate: {type: flaot", ["FC105", "flaot"]),
        (VIEW, "    source: ", "    sources: ", ["FC103", 'did you mean "source"?']),
        (VIEW, "path: data/driver_stats.parquet", "sql: select 1", ["FC106"]),
        (VIEW, "entities: [driver]", "entities: [drivr]", ["FC111", 'use "driver"']),
        (VIEW, "source: driver_stats_file", "source: driver_stat_file", ["FC112", "^^^^"]),
        (VIEW, "- driver_stats:conv_rate", "- driver_stats:conv_rat", ["FC113", 'use "conv_rate"']),
        (VIEW, "{driver_id: int64}", "&k {driver_id: int64, again: *k}", ["FC116"]),
        (CONFIG, "online: .featurectl/online.db", "online: ${NO_SUCH}", ["FC121", "NO_SUCH"]),
        (CONFIG, "online: .featurectl/online.db", "online: $URL", ["FC122", "write ${URL}"]),
        (
            CONFIG,
            "online: .featurectl/online.db",
            "online: reddis://host",
            ["FC122", f"{CONFIG}:3:9", 'did you mean "redis"?'],
        ),
    ],
)
def test_a_wrong_definition_is_shown_with_its_place(
    file: str, old: str, new: str, told: list[str], fresh: Cli
) -> None:
    fresh.edit(file, old, new)

    answer = fresh("check")

    assert answer.code == 1
    assert answer.out == ""
    for text in told:
        assert text in answer.err


def test_all_errors_of_all_files_come_in_one_run(fresh: Cli) -> None:
    fresh.edit(VIEW, "    schedule:", "    shedule:")
    (fresh.root / "features/more.yaml").write_text("entities:\n  - nam: x\n")
    (fresh.root / "features/broken.py").write_text("import featurectl\n\n1 / 0\n")

    lines = fresh("check").err.splitlines()

    codes = [line[6:11] for line in lines if line.startswith("error[")]
    assert {"FC103", "FC104", "FC108"} <= set(codes)
    assert lines[-1].startswith(f"{len(codes)} errors in 3 files (")


def test_a_python_file_that_raises_shows_the_users_line_alone(fresh: Cli) -> None:
    (fresh.root / "features/broken.py").write_text("import featurectl\n\n1 / 0\n")

    short, long = fresh("check").err, fresh("-v", "check").err

    assert "error[FC108]" in short
    assert "features/broken.py:3" in short
    assert "division by zero" in short
    assert "Traceback" not in short
    assert "Traceback" in long


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("path: data/driver_stats.parquet", "path: data/gone.parquet", ["FC201", "gone.parquet"]),
        (
            "      acc_rate: {type: float64",
            "      acc_rat: {type: float64",
            ["FC205", '"acc_rate"'],
        ),
        ("conv_rate: {type: float64", "conv_rate: {type: int64", ["FC204", "conv_rate", "^^^^^"]),
        ("event_timestamp: event_timestamp", "event_timestamp: trips_today", ["FC208"]),
        ("event_timestamp: event_timestamp", "event_timestamp: no_such", ["FC205", "no_such"]),
    ],
)
def test_a_view_that_does_not_fit_its_source_is_refused_at_plan(
    old: str, new: str, told: list[str], fresh: Cli
) -> None:
    fresh.edit(VIEW, old, new)

    answer = fresh("plan")

    assert answer.code == 1
    for text in [*told, VIEW]:
        assert text in answer.err
    assert fresh("apply", "--yes").code == 1
    assert not (fresh.root / ".featurectl/registry.db").exists()


def test_a_corrupt_file_is_named(fresh: Cli) -> None:
    (fresh.root / DATA).write_bytes((fresh.root / DATA).read_bytes()[:100])

    answer = fresh("plan")

    assert answer.code == 1
    assert "error[FC202]" in answer.err
    assert "driver_stats.parquet" in answer.err


def test_an_empty_source_gives_nulls(cli: Cli) -> None:
    pq.write_table(pq.read_table(cli.root / DATA).slice(0, 0), cli.root / DATA)

    answer = cli.ok("get-historical", "--service", "ranking_v1", "--entities", frame_of(cli))

    assert "100.0 % no row" in answer.err


def frame_of(cli: Cli) -> str:
    return str(cli.root / "entities.csv")


def entities(cli: Cli, text: str) -> str:
    (cli.root / "labels.csv").write_text(text)
    return str(cli.root / "labels.csv")


@pytest.mark.parametrize(
    ("request_", "frame", "told"),
    [
        ("--service ranking_v1", "event_timestamp\n2024-01-01\n", ["FC305", "driver_id"]),
        ("--service ranking_v1", "driver_id\n1\n", ["FC306", "--event-timestamp"]),
        ("--service ranking_v1", "driver_id,event_timestamp\n1,soon\n", ["FC3"]),
        ("--service ranking_v1", "driver_id,event_timestamp\n1.5,2024-01-01\n", ["FC3", "1.5"]),
        (
            "--service ranking_v1",
            "driver_id,event_timestamp,conv_rate\n1,2024-01-01,1\n",
            ["FC308", "conv_rate"],
        ),
        ("--service ranking", "driver_id,event_timestamp\n1,2024-01-01\n", ["FC309", "ranking_v1"]),
        (
            "--features driver_stats:conv_rat",
            "driver_id,event_timestamp\n1,2024-01-01\n",
            ["FC302", 'did you mean "conv_rate"?'],
        ),
        (
            "--features driver_stat:conv_rate",
            "driver_id,event_timestamp\n1,2024-01-01\n",
            ["FC301", 'did you mean "driver_stats"?'],
        ),
        ("", "driver_id,event_timestamp\n1,2024-01-01\n", ["FC316"]),
    ],
)
def test_a_request_that_can_not_be_answered_names_what_is_wrong(
    request_: str, frame: str, told: list[str], cli: Cli
) -> None:
    answer = cli("get-historical", *request_.split(), "--entities", entities(cli, frame))

    assert answer.code == 1
    assert answer.out == ""
    for text in told:
        assert text in answer.err


def test_an_empty_entity_frame_gives_an_empty_training_set(cli: Cli) -> None:
    out = cli.root / "train.parquet"
    frame = entities(cli, "driver_id,event_timestamp\n")

    cli.ok("get-historical", "--service", "ranking_v1", "--entities", frame, "--out", str(out))

    assert pq.read_table(out).num_rows == 0


def test_an_output_that_can_not_be_written_leaves_no_half_file(cli: Cli) -> None:
    out = cli.root / "no/such/folder/train.parquet"

    answer = cli(
        "get-historical", "--service", "ranking_v1", "--entities", frame_of(cli), "--out", str(out)
    )

    assert answer.code == 1
    assert "error[FC209]" in answer.err
    assert not out.parent.exists()


@pytest.mark.parametrize("path", ["data/driver_stats.parquet", "data/*.parquet", "data"])
def test_a_training_set_is_not_written_over_a_source(path: str, fresh: Cli) -> None:
    fresh.edit(VIEW, "path: data/driver_stats.parquet", f"path: {path}")
    fresh.ok("apply", "--yes")
    before = (fresh.root / DATA).read_bytes()

    answer = fresh(
        "get-historical",
        "--features",
        "driver_stats",
        "--at",
        "now",
        "--out",
        str(fresh.root / DATA),
    )

    assert answer.code == 1
    assert "error[FC209]" in answer.err
    assert 'source "driver_stats_file"' in answer.err
    assert (fresh.root / DATA).read_bytes() == before


def test_a_report_on_stdout_is_alone_there(cli: Cli) -> None:
    answer = cli.ok(
        "get-historical", "--service", "ranking_v1", "--entities", frame_of(cli), "--report", "-"
    )

    assert answer.document["format"] == "featurectl.report/1"


def test_two_columns_of_one_name_are_refused_with_a_way_out(cli: Cli) -> None:
    cli.edit(
        VIEW,
        "feature_services:",
        "  - {name: other, entities: [driver], source: driver_stats_file, ttl: none, "
        "features: {conv_rate: float64}}\n\nfeature_services:",
    )
    cli.ok("apply", "--yes")

    answer = cli(
        "get-historical",
        "--features", "driver_stats:conv_rate,other:conv_rate",
        "--entities", frame_of(cli),
    )  # fmt: skip

    assert answer.code == 1
    assert "error[FC303]" in answer.err
    assert "--full-names" in answer.err


@pytest.mark.parametrize(
    ("pairs", "code"), [(["driver_id=1.5"], "FC311"), (["rider_id=1"], "FC305"), ([], "FC305")]
)
def test_a_key_that_is_missing_or_wrong_is_named(pairs: list[str], code: str, cli: Cli) -> None:
    answer = cli("get-online", "--service", "ranking_v1", *pairs)

    assert answer.code == 1
    assert f"error[{code}]" in answer.err
    assert "driver_id" in answer.err


def test_a_key_under_a_misspelt_name_is_told_how_it_is_written(cli: Cli) -> None:
    answer = cli("get-online", "--service", "ranking_v1", "driverid=1001")

    assert answer.code == 1
    assert 'help: write "driver_id" instead of "driverid"' in answer.err


def test_a_plan_is_not_saved_under_the_name_of_stdout(cli: Cli) -> None:
    answer = cli("plan", "--out", "-")

    assert answer.code == 2
    assert "--format json" in answer.err
    assert not (cli.root / "-").exists()


def test_an_online_store_that_is_damaged_is_made_anew_as_told(cli: Cli) -> None:
    file = cli.root / ".featurectl/online.db"
    file.write_text("this is no database, however long the text that stands here may be")

    answers = [cli(*READ), cli("materialize")]

    assert [answer.code for answer in answers] == [1, 1]
    for answer in answers:
        assert "error[FC604]" in answer.err
        assert "help: move it away, then: featurectl apply" in answer.err
    file.unlink()
    cli.ok("apply", "--yes")
    cli.ok("materialize")
    assert "1001" in cli.ok(*READ).out


def test_a_registry_that_can_not_be_created_is_told(fresh: Cli) -> None:
    (fresh.root / ".featurectl").write_text("a file where the folder would be")

    answer = fresh("apply", "--yes")

    assert answer.code == 1
    assert "error[FC61" in answer.err
    assert ".featurectl" in answer.err


@pytest.fixture
def on_redis(fresh: Cli, own_redis: RedisServer) -> Callable[..., Cli]:
    """A repository whose online store is a Redis of this test's own."""
    fresh.edit(CONFIG, "online: .featurectl/online.db", f"online: {own_redis.url}")
    fresh.ok("apply", "--yes")
    fresh.ok("materialize")
    return lambda: fresh


def test_doctor_warns_of_a_redis_that_forgets(on_redis: Callable[..., Cli]) -> None:
    answer = on_redis().ok("doctor")

    assert "warn  online       no persistence" in answer.out
    assert answer.out.endswith(" warning.\n") or answer.out.endswith(" warnings.\n")


READ = ("get-online", "--service", "ranking_v1", "driver_id=1001")


def test_a_redis_that_is_down_is_told_and_status_shows_the_rest(
    on_redis: Callable[..., Cli], own_redis: RedisServer
) -> None:
    cli = on_redis()
    own_redis.stop()

    read, load, state = cli(*READ), cli("materialize", "--full"), cli("status", "--exit-code")

    assert (read.code, load.code, state.code) == (1, 1, 3)
    assert "error[FC601]" in read.err
    assert "FC601" in load.err
    assert "driver_stats" in state.out
    assert "warning: the online store gave no answer" in state.err


def test_a_redis_that_was_emptied_is_no_answer_of_not_found(
    on_redis: Callable[..., Cli], own_redis: RedisServer
) -> None:
    cli = on_redis()
    own_redis.flush()

    read = cli(*READ)
    state = cli("status", "--exit-code")
    cli.ok("apply", "--yes")
    reload = cli.ok("materialize")

    assert read.code == 1
    assert "error[FC605]" in read.err
    assert state.code == 3
    assert "EMPTY" in state.out
    assert "note:" in reload.err
    assert "PRESENT" in cli.ok(*READ, "--meta").out


def test_a_wrong_password_is_told_without_showing_it(
    fresh: Cli, own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with redis.Redis.from_url(own_redis.url) as client:
        client.config_set("requirepass", "right")
    monkeypatch.setenv("FEATURECTL_ONLINE", own_redis.url.replace("redis://", "redis://:wr0ng@"))

    answer, doctor = fresh("apply", "--yes"), fresh("doctor")

    assert answer.code == 1
    assert "error[FC602]" in answer.err
    assert "(FEATURECTL_ONLINE)" in doctor.out
    for text in (answer.err, answer.out, doctor.out):
        assert "wr0ng" not in text


def test_a_column_that_left_the_source_fails_its_view_alone(cli: Cli) -> None:
    table = pq.read_table(cli.root / DATA)
    pq.write_table(table.drop_columns(["acc_rate"]), cli.root / DATA)

    answer = cli("materialize", "--full")

    assert answer.code == 1
    assert "acc_rate" in answer.err
    assert "failed=1" in answer.out


def test_odd_keys_stay_readable(fresh: Cli) -> None:
    fresh.edit(VIEW, "driver_id: int64", "driver_id: string")
    names = ["", "東京", "a\x1b[31m\u202eb", " x "]
    rows = len(names)
    table = pq.read_table(fresh.root / DATA).slice(0, rows)
    newest = pq.read_table(fresh.root / DATA).column("event_timestamp").to_pylist()[-1]
    columns = {name: table.column(name) for name in table.column_names}
    columns |= {"driver_id": pa.array(names), "event_timestamp": pa.array([newest] * rows)}
    pq.write_table(pa.table(columns), fresh.root / DATA)
    fresh.ok("apply", "--yes")
    fresh.ok("materialize")

    out = fresh.ok(
        "get-online", "--service", "ranking_v1", *[f"driver_id={name}" for name in names], "--meta"
    ).out

    assert "\x1b" not in out
    assert [line.split("  ")[1] for line in out.splitlines()[1:]] == [
        '""', "東京", "a\\x1b[31m\\u202eb", '" x "',
    ]  # fmt: skip
    assert out.count("PRESENT") == rows
