"""An estimate is marked, and what is not known is a question mark."""

from __future__ import annotations

import pytest

from featurectl.cli.screens import impact_text
from featurectl.plan.impact import Impact

ALL = ("rows", "keys", "bytes", "seconds", "extra_bytes")


@pytest.mark.parametrize(
    ("impact", "text"),
    [
        (Impact(loads=True), "? rows, ? s"),
        (Impact(rows=1, seconds=0.4, loads=True), "1 row, <1 s"),
        (Impact(rows=1_807, seconds=6, loads=True), "1,807 rows, 6 s"),
        (
            Impact(rows=39_602_113, seconds=166.2, loads=True, estimated=ALL),
            "~39.6 M rows, ~2 m 46 s",
        ),
        (Impact(rows=5, seconds=1), ""),
    ],
)
def test_a_load_is_told_by_its_rows_and_its_time(impact: Impact, text: str) -> None:
    assert impact_text.cost_text(impact) == text


@pytest.mark.parametrize(
    ("impact", "keys", "size"),
    [
        (Impact(), "? keys", "? B"),
        (Impact(keys=1, bytes=210), "1 key", "210 B"),
        (Impact(keys=48_210, bytes=410_000_000, estimated=("bytes",)), "48,210 keys", "~410.0 MB"),
        (Impact(keys=48_210, bytes=99, estimated=ALL), "~48,200 keys", "~99 B"),
    ],
)
def test_keys_and_bytes_say_whether_they_are_exact(impact: Impact, keys: str, size: str) -> None:
    assert impact_text.keys_text(impact) == keys
    assert impact_text.bytes_text(impact) == size
