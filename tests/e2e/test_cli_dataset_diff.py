"""Two training sets compared: rows, columns, origin, drift."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from made_dataset import Made, new_repository, write_day

from featurectl.client.feature_store import FeatureStore

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return new_repository(tmp_path / "repo").make()


def compared(a: Made, b: Made) -> dict[str, Any]:
    answer = a.cli.ok("dataset", "diff", str(a.out), str(b.out), "--format", "json")
    found: dict[str, Any] = answer.document
    return found


def test_a_set_is_the_same_as_itself_in_any_format(made: Made) -> None:
    at = ("--service", "rank", "--at", "2024-01-02T12:00Z")
    sets = [made.make(*at, out=f"at.{kind}") for kind in ("parquet", "arrow", "csv")]

    for other in sets:
        found = compared(sets[0], other)
        assert found["same"]
        assert found["rows"] == {"only_a": 0, "only_b": 0, "changed": 0, "same": 3}
        assert {each["psi"] for each in found["drift"]} == {0.0}
    assert (
        made.cli("dataset", "diff", *(str(each.out) for each in sets[:2]), "--exit-code").code == 0
    )


def test_what_changed_is_counted_and_explained(made: Made) -> None:
    write_day(made.data, 1, plus=5)
    labels = made.cli.root / "labels.csv"
    with labels.open("a") as file:
        file.write("1,2024-01-01T12:00:00Z,1\n2,2030-01-01T00:00:00Z,0\n")
    made.cli.edit("features/all.yaml", "source: stats, ttl: 2d,", "source: stats, ttl: 4d,")
    made.cli.ok("apply", "--yes")
    words = ("--features", "stats:trips,homes,other:trips", "--full-names", "--known-at")
    other = made.make("--service", "rank", "--entities", str(labels), out="other.parquet")
    wide = made.make(*words, "--entities", str(labels), out="wide.parquet")

    found = compared(made, other)

    assert not found["same"]
    assert found["keys"] == ["driver", "event_timestamp"]
    assert found["rows"] == {"only_a": 0, "only_b": 2, "changed": 3, "same": 9}
    drift = {each["column"]: each for each in found["drift"]}
    assert drift["trips"]["changed"] == 3
    assert drift["rate"]["changed"] == drift["city"]["changed"] == 0
    assert [each["text"] for each in found["made_of"]] == [
        "view stats: ttl 2d -> 4d",
        "stats: 1 changed of 3 files",
        "other rows: 12 -> 14 rows",
        "serial 1 -> 2",
    ]
    columns = compared(made, wide)["columns"]
    assert [each["name"] for each in columns["removed"]] == ["trips", "rate", "city"]
    assert [each["name"] for each in columns["added"]] == [
        "stats__trips", "homes__city", "other__trips",
    ]  # fmt: skip
    answer = made.cli("dataset", "diff", str(made.out), str(other.out), "--exit-code")
    assert answer.code == 3
    assert "They differ" in answer.out


def from_table(made: Made, table: pa.Table, name: str) -> Made:
    path = made.cli.root / name
    with FeatureStore(made.cli.root) as store:
        store.get_historical_features(table, service="rank").write_parquet(path)
    return Made(made.cli, made.data, path)


def frame(rows: int, **columns: Any) -> pa.Table:
    times = pa.array(["2024-01-02T12:00:00Z"] * rows)
    return pa.table(
        {"driver": [n % 3 + 1 for n in range(rows)], "event_timestamp": times, **columns}
    )


def test_a_shift_of_a_column_is_measured_by_psi_and_ks(made: Made) -> None:
    random = np.random.default_rng(1)
    values = random.normal(0, 1, 2_000)
    still, moved = random.normal(0, 1, 2_000), random.normal(1, 1, 2_000)
    words = random.choice(["a", "b", "c"], 2_000)
    one = from_table(made, frame(2_000, x=values, y=values, w=words), "one.parquet")
    nulled = pa.array(moved, mask=random.random(2_000) < 0.5)
    other = from_table(made, frame(2_000, x=still, y=nulled, w=words[::-1]), "other.parquet")

    drift = {each["column"]: each for each in compared(one, other)["drift"]}

    assert drift["x"]["psi"] < 0.1
    assert drift["x"]["ks"] < 0.06
    assert drift["y"]["psi"] > 0.25
    assert 0.3 < drift["y"]["ks"] < 0.45
    assert drift["y"]["b"]["nulls"] == nulled.null_count
    assert drift["y"]["a"]["mean"] == pytest.approx(values.mean())
    assert drift["y"]["a"]["std"] == pytest.approx(values.std(ddof=1))
    assert drift["y"]["a"]["quantiles"]["0.5"] == np.sort(values)[999]
    assert drift["w"]["psi"] == 0.0
    assert drift["w"]["ks"] is None


def test_values_of_every_kind_are_compared(made: Made) -> None:
    kinds = {
        "b": pa.array([True, None, False]),
        "t": pa.array([0, 1, None], pa.timestamp("us", "UTC")),
        "d": pa.array([0, 1, None], pa.date32()),
        "n": pa.array([float("nan"), float("inf"), None]),
        "l": pa.array([[1], [], None]),
        "z": pa.nulls(3),
        'odd "name" \'': pa.array(["it's", "", None]),
        "m": pa.array([Decimal(1), Decimal(2), Decimal(3)], pa.decimal128(9, 2)),
    }
    one = from_table(made, frame(3, **kinds), "one.parquet")
    turned = {name: column.take(pa.array([0, 2, 1])) for name, column in kinds.items()}
    other = from_table(made, frame(3, **turned), "other.parquet")

    found = compared(one, other)

    changed = {each["column"]: each["changed"] for each in found["drift"]}
    assert changed == {**dict.fromkeys(kinds, 2), "z": 0, "trips": 0, "rate": 0, "city": 0}
    assert made.cli.ok("dataset", "diff", str(one.out), str(other.out)).out


def test_equal_rows_are_matched_by_their_occurrence(made: Made) -> None:
    twice = pa.concat_tables([frame(3, label=[1, 2, 3]), frame(3, label=[1, 2, 4])])
    one = from_table(made, twice, "one.parquet")
    other = from_table(made, twice.slice(0, 5), "other.parquet")

    assert compared(one, other)["rows"] == {"only_a": 1, "only_b": 0, "changed": 0, "same": 5}


def test_null_keys_are_matched_too(made: Made) -> None:
    rows = frame(3).set_column(0, "driver", pa.array([None, 1, None], pa.int64()))
    one = from_table(made, rows, "one.parquet")

    assert compared(one, one)["rows"]["same"] == 3


def test_sets_of_other_entities_have_no_rows_in_common(made: Made) -> None:
    table = pq.read_table(made.out).rename_columns(
        ["chauffeur", "event_timestamp", "label", "trips", "rate", "city"]
    )
    other = made.cli.root / "other.parquet"
    pq.write_table(table.replace_schema_metadata(None), other)
    other.with_name("other.parquet.lock.json").write_text(made.lock.read_text())

    answer = made.cli("dataset", "diff", str(made.out), str(other))

    assert answer.code == 1
    assert "[FC342]" in answer.err


@pytest.mark.parametrize("rows", [0, 1])
def test_sets_of_hardly_any_rows_are_compared(made: Made, rows: int) -> None:
    one = from_table(made, frame(3).slice(0, rows), "one.parquet")

    found = compared(one, made)

    assert found["rows"]["only_a"] + found["rows"]["same"] + found["rows"]["changed"] == rows
    assert made.cli.ok("dataset", "diff", str(made.out), str(one.out)).out


@pytest.mark.parametrize("name", ["A", "file_row_number", "#", "k0", "v_a"])
def test_names_that_the_engine_has_itself_or_folds_are_compared(made: Made, name: str) -> None:
    one = from_table(made, frame(3, **{"a": [1, 2, 3], name: [1, 2, 3]}), "one.parquet")
    other = from_table(made, frame(3, **{"a": [1, 2, 3], name: [1, 2, 4]}), "other.parquet")

    changed = {each["column"]: each["changed"] for each in compared(one, other)["drift"]}

    assert {key: count for key, count in changed.items() if count} == {name: 1}
