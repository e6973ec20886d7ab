"""A plan of a join tells what the join then does, and its SQL gives the join's values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from joining import Joining, frame, simple_view, times, us
from profiled import ProfiledEngine

from featurectl.cli.paint import strip
from featurectl.cli.screens.join_plan import join_plan_screen
from featurectl.definitions.duration import parse_duration
from featurectl.flows.join_plan import Share
from featurectl.queries.match import LABELS
from featurectl.queries.relation import EventRange

if TYPE_CHECKING:
    from featurectl.flows.join_plan import JoinPlan

LABEL_ROWS = [(1, "10:00"), (1, "12:00"), (2, "12:00"), (9, "12:00")]


@pytest.fixture
def joining(tmp_path) -> Joining:
    engine = ProfiledEngine(tmp_path)
    yield Joining(tmp_path, engine)
    engine.close()


def planned(joining: Joining, *features: str) -> JoinPlan:
    (plan,) = joining.join(frame("driver", *LABEL_ROWS), *features).plans()
    return plan


def test_a_plan_reads_no_feature(joining):
    simple_view(joining, (1, "09:00", 1), (1, "11:00", 2), (2, "11:00", 3), ttl="1h")
    plan = planned(joining, "v:n")
    assert not [profile for profile in joining.engine.profiles if "read_parquet" in profile.sql]
    assert (plan.label, plan.strategy.name) == ("v", "hash")
    assert plan.events == EventRange(us("09:00"), us("12:00"))
    assert (plan.files, plan.row_groups, plan.older_files) == (Share(1, 1), Share(1, 1), 0)
    assert plan.decided_by == ("driver", "ts")
    assert plan.fetched == ("n",)


def test_files_and_row_groups_out_of_reach_are_told(joining):
    joining.entity("driver", driver="int64")
    folder = joining.root / "daily"
    folder.mkdir()
    for hour in range(24):
        clocks = [f"{hour:02}:00", f"{hour:02}:30"]
        columns = {"driver": [1, 2], "ts": times(*clocks), "n": [hour, hour]}
        pq.write_table(pa.table(columns), folder / f"{hour:02}.parquet", row_group_size=1)
    joining.source("v", None, path="daily")
    joining.view("v", ["driver"], {"n": "int64"}, ttl="1h")
    plan = planned(joining, "v:n")
    # From 09:00, an hour before the first label, to 12:00.
    assert plan.files == Share(4, 24)
    assert plan.row_groups == Share(7, 48)
    assert plan.older_files == 9
    assert ran(plan, 4, ttl="1h") == joined(joining, "v:n")
    assert {profile.files for profile in joining.engine.profiles} == {0, 4, 9}


def joined(joining: Joining, *features: str) -> list[list[object]]:
    """The features' values by the join itself."""
    table = joining.join(frame("driver", *LABEL_ROWS), *features).to_arrow()
    return [table[feature.split(":")[1]].to_pylist() for feature in features]


def ran(plan: JoinPlan, labels: int, ttl: str = "") -> list[list[object]]:
    """The features' values by the statements of a plan, run by hand."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'").fetchall()
    rows = [(i, us(clock), driver) for i, (driver, clock) in enumerate(LABEL_ROWS)]
    columns = zip(("i", "t", "x0"), zip(*rows, strict=True), strict=True)
    connection.register(LABELS, pa.table({name: list(cells) for name, cells in columns}))
    *before, newest, held = plan.statements
    for statement in before:
        connection.execute(statement.sql).fetchall()
    connection.execute(f"CREATE TABLE won AS {newest.sql}").fetchall()
    fresh = f" AND e >= t - {parse_duration(ttl)}" if ttl else ""
    winners = connection.sql(
        f"SELECT l.i, t, r, e, 0::TINYINT AS b FROM {LABELS} l LEFT JOIN won ON won.i = l.i{fresh}"
    ).to_arrow_table()
    connection.unregister(LABELS)
    connection.register(LABELS, winners)
    found = connection.sql(held.sql).to_arrow_table()
    connection.close()
    assert found.num_rows == labels
    return [found[f"f{i}"].to_pylist() for i in range(len(plan.fetched))]


def test_rows_without_numbers_are_copied_first(joining, monkeypatch):
    monkeypatch.chdir(joining.root)
    joining.entity("driver", driver="int64")
    rows = "driver,ts,n\n1,2024-01-01T09:30:00Z,1\n2,2024-01-01T11:00:00Z,2\n"
    (joining.root / "v.csv").write_text(rows)
    joining.source("v", None, path="v.csv")
    joining.view("v", ["driver"], {"n": "int64"}, ttl="2h")
    plan = planned(joining, "v:n")
    assert [statement.sql[:4] for statement in plan.statements] == ["COPY", "SELE", "SELE"]
    assert plan.row_groups is None
    assert ran(plan, 4, ttl="2h") == joined(joining, "v:n") == [[1, None, 2, None]]


def test_a_static_view_has_no_range(joining):
    joining.entity("driver", driver="int64")
    joining.source("v", {"driver": [1, 2], "n": [1, 2]}, event_timestamp="none")
    joining.view("v", ["driver"], {"n": "int64"})
    plan = planned(joining, "v:n")
    assert (plan.strategy.name, plan.events) == ("static", EventRange())
    assert (plan.files, plan.row_groups, plan.older_files) == (Share(1, 1), None, 0)
    assert ran(plan, 4) == joined(joining, "v:n")


def test_the_whole_screen_is_sql(joining):
    simple_view(joining, (1, "09:00", 1), (2, "11:00", 3), ttl="1h")
    lines = [strip(line) for line in join_plan_screen([planned(joining, "v:n")])]
    text = "\n".join(line for line in lines if not line.lstrip().startswith("--"))
    statements = duckdb.extract_statements(text)
    assert [statement.type.name for statement in statements] == ["SET", "SELECT", "SELECT"]
