from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from featurectl.cli.paint import strip
from featurectl.cli.screens.dataset_diff import diff_screen
from featurectl.cli.screens.dataset_show import lock_warning, pinned_line, show_screen
from featurectl.cli.screens.dataset_verify import next_question, verify_screen
from featurectl.flows.asked import Asked
from featurectl.flows.dataset_diff import DatasetDiff, RowCounts
from featurectl.flows.dataset_drift import ColumnDrift, Side
from featurectl.flows.dataset_file import DatasetFile
from featurectl.flows.dataset_verify import Verification
from featurectl.flows.input_check import Check
from featurectl.flows.manifest_diff import Difference

Golden = Callable[[str, Sequence[str]], None]

PATH = Path("train.parquet")
FULL = {"rows": 1_000_000, "null_event_timestamps": 0}
STATS = {
    "view": "driver_stats",
    "as": "driver_stats",
    "matched": 962_000,
    "expired": 31_000,
    "no_row": 7_000,
    "created_later": 96_559,
    "features": {"conv_rate": {"nulls": 38_000}, "trips_today": {"nulls": 41_007}},
}
HOMES = {
    "view": "cities",
    "as": "home",
    "matched": 1_000_000,
    "expired": 0,
    "no_row": 0,
    "created_later": 0,
    "features": {"city": {"nulls": 0}},
}


def _column(name: str, kind: str) -> dict[str, str]:
    return {"name": name, "type": kind, "sha256": "0" * 64}


KEYS = [_column("driver_id", "int64"), _column("event_timestamp", "timestamp[us, tz=UTC]")]
MANIFEST: dict[str, Any] = {
    "format": "featurectl.dataset/1",
    "made_at": "2026-11-23T04:10:22.123456Z",
    "by": "ada",
    "project": "fraud",
    "env": "prod",
    "registry": {"lineage": "9f", "serial": 42},
    "git": {"commit": "9c01d3e", "dirty": True},
    "request": {
        "entities": "repo:entities.parquet",
        "service": "ranking_v1",
        "known_at": True,
        "event_timestamp": "event_timestamp",
    },
    "definitions": [
        {"kind": "entity", "name": "driver", "fingerprint": "21b105ddfc380da1"},
        {"kind": "view", "name": "driver_stats", "fingerprint": "ce2123f4f9316140"},
    ],
    "features": [
        {
            "column": "conv_rate",
            "view": "driver_stats",
            "as": "driver_stats",
            "feature": "conv_rate",
        },
        {"column": "home__city", "view": "cities", "as": "home", "feature": "city"},
    ],
    "sources": [
        {
            "name": "driver_stats_file",
            "files": [
                {
                    "path": f"data/{n}.parquet",
                    "size_bytes": 18_400_000,
                    "footer_sha256": f"{n}a9" * 20,
                }
                for n in range(1, 8)
            ],
        },
        {"name": "cities", "files": [{"path": "c.csv", "size_bytes": 800, "sha256": "ab" * 32}]},
    ],
    "entities": {"from": "file", "rows": 1_000_000, "columns": KEYS, "keys": ["driver_id"]},
    "versions": {"featurectl": "1.0.0", "duckdb": "2.0.0", "platform": "linux x86_64"},
    "part": {"name": "train", "by": "time", "seed": 7},
    "report": {**FULL, "views": [STATS, HOMES]},
    "result": {
        "kind": "parquet",
        "sha256": "a6928c4a7edd408de013100790d2f5dc2424a25c8d16adf66147d9fb5cbe0dbc",
        "rows": 1_000_000,
        "columns": [*KEYS, _column("conv_rate", "double"), _column("home__city", "string")],
    },
    "file": {"name": "train.parquet", "size_bytes": 18_400_000},
}
DATASET = DatasetFile(PATH, MANIFEST)


def test_a_training_set_is_shown_with_all_it_was_made_of(golden: Golden) -> None:
    golden("dataset_show.txt", show_screen(DATASET))


CHECKS = (
    Check("lock", "note", "missing; the copy in the file itself was read"),
    Check("file", "same", "1,000,000 rows x 4 columns, as they were written"),
    Check("definitions", "differs", "1 of 2 changed since serial 42, now 44",
          ("view driver_stats: ttl 1d -> 2d",)),
    Check("source", "differs", "7 files then, 1 changed, 21 new",
          ("changed data/3.parquet", *(f"new     data/{n}.parquet" for n in range(8, 29))),
          "driver_stats_file"),
    Check("source", "same", "1 file as before, every byte", (), "cities"),
    Check("entities", "unknown", "labels.csv can't be read"),
    Check("repeat", "differs", "made again, 1 of 2 features differ",
          ("conv_rate: 3 rows, the first is row 12",)),
)  # fmt: skip


def test_what_differs_is_named_below_its_check(golden: Golden) -> None:
    golden("dataset_verify.txt", verify_screen(Verification(PATH, MANIFEST, CHECKS, quick=False)))


def test_the_next_question_is_why_the_first_value_differs() -> None:
    facts = {"columns": [{"column": "home__city", "first_row": 7}]}
    repeat = Check("repeat", "differs", "", facts=facts)
    served = MANIFEST | {"request": {**MANIFEST["request"], "as_served": True}}

    def asked(manifest: Any, *checks: Check) -> str:
        return next_question(Verification(PATH, manifest, checks, quick=False))

    assert asked(MANIFEST, repeat) == f"explain home:city --dataset {PATH} --row 7"
    assert asked(served, repeat) == ""
    assert asked(MANIFEST, *CHECKS) == ""


AS_THEY_WERE = "Same: the file and what it was made of are as they were"


@pytest.mark.parametrize(
    ("checks", "quick", "verdict"),
    [
        (CHECKS[:2], False, f"{AS_THEY_WERE}; made again, it is the same."),
        (CHECKS[:2], True, f"{AS_THEY_WERE}; not made again (--quick)."),
        (CHECKS[5:6], False, "Can not tell: entities."),
    ],
)  # fmt: skip
def test_one_line_says_it_all(checks: tuple[Check, ...], *, quick: bool, verdict: str) -> None:
    lines = verify_screen(Verification(PATH, MANIFEST, checks, quick=quick))

    assert strip(lines[-1]) == verdict


A = Side(1_000_000, 38_000, 0, 0.5, 0.1, 0.0, 1.0, (0.1, 0.3, 0.5, 0.7, 0.9))
B = Side(1_010_000, 90_000, 5, 0.62, 0.2, 0.0, 1.0, (0.1, 0.3, 0.6, 0.7, 0.9))
TIME = Side(10, 0, 0, 1.7e15, 1e12, 1.7e15, 1.8e15, (1.7e15,) * 5)
DRIFT = (
    ColumnDrift("city", "other", True, 0, Side(10, 0), Side(10, 0), 0.0, None),
    ColumnDrift("conv_rate", "number", True, 37, A, B, 0.31, 0.22),
    ColumnDrift("signed_up", "time", True, 0, TIME, TIME, 0.12, 0.05),
    ColumnDrift("label", "number", False, 0, Side(0, 0), Side(0, 0), None, None),
)
DIFF = DatasetDiff(
    a=DATASET,
    b=DatasetFile(Path("new.csv"), MANIFEST),
    keys=("driver_id", "event_timestamp"),
    rows=RowCounts(1_000_000, 1_010_000, 0, 10_000, 37),
    added=(("tips", "double"),),
    removed=(("gone", "int64"),),
    retyped=(("trips", "int32", "int64"),),
    made_of=(
        Difference("definitions", "view driver_stats: ttl 1d -> 2d"),
        Difference("sources", "driver_stats_file: 1 changed of 7 files"),
    ),
    drift=DRIFT,
)


def test_two_training_sets_differ_in_rows_columns_origin_and_drift(golden: Golden) -> None:
    golden("dataset_diff.txt", diff_screen(DIFF))


def test_a_narrow_terminal_has_fewer_figures() -> None:
    lines = diff_screen(DIFF, columns=80)

    assert "MEDIAN" not in "".join(lines)
    assert "PSI" in "".join(lines)


def test_a_lock_that_is_not_right_is_told() -> None:
    assert lock_warning(DATASET) == ""
    told = {state: lock_warning(DatasetFile(PATH, MANIFEST, state))
            for state in ("missing", "stale", "edited", "unreadable")}  # fmt: skip
    assert len(set(told.values())) == 4


def test_the_last_line_says_what_the_rows_are_pinned_as() -> None:
    def line(asked: Asked, serial: int, git: str, lock: str | None = None) -> str:
        origin: Any = SimpleNamespace(
            asked=asked,
            snapshot=SimpleNamespace(serial=serial),
            actor=lambda: SimpleNamespace(git=git),
        )
        return pinned_line(origin, "featurectl dataset verify", ["my train.csv", "b.csv"], lock)

    assert line(Asked(service="ranking_v1"), 42, "9c01d3e") == (
        "pinned as ranking_v1@42 (git 9c01d3e); "
        "repeat with: featurectl dataset verify 'my train.csv' b.csv"
    )
    assert line(Asked(features=("a",)), 42, "", "x.json") == "pinned as serial 42 in x.json"
    assert line(Asked(service="a"), 0, "9c01d3e+dirty", "x") == (
        "pinned as the files (git 9c01d3e+dirty) in x"
    )
