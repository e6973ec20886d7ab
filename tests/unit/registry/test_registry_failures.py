"""The words in which a registry tells lengths of time, and of a disk that fails."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from featurectl.definitions.duration import span
from featurectl.errors import StoreError
from featurectl.registry.sqlite_failures import told_of

SECOND = 1_000_000


@pytest.mark.parametrize(
    ("us", "text"),
    [
        (-5 * SECOND, "0 s"),
        (999_999, "0 s"),
        (59 * SECOND, "59 s"),
        (60 * SECOND, "1 m 00 s"),
        (130 * SECOND, "2 m 10 s"),
        (3_600 * SECOND, "1 h 00 m"),
        (10_920 * SECOND, "3 h 02 m"),
        (86_399 * SECOND, "23 h 59 m"),
        (183_600 * SECOND, "2 d 03 h"),
    ],
)
def test_a_length_of_time_is_told_in_its_two_greatest_units(us: int, text: str) -> None:
    assert span(us) == text


@pytest.mark.parametrize(("writing", "code"), [(False, "FC611"), (True, "FC614")])
def test_an_error_of_the_disk_is_no_reason_to_put_back_a_copy(*, writing: bool, code: str) -> None:
    with pytest.raises(StoreError, match=code) as caught, told_of(Path("r.db"), writing=writing):
        raise sqlite3.OperationalError("disk I/O error")

    assert "damaged" not in caught.value.render()
    assert "copy" not in caught.value.render()
