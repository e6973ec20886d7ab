"""A rebuilt view is checked before it serves, and the screen says what was found."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

if TYPE_CHECKING:
    from command_line import Cli

VIEW = "features/driver.yaml"
DATA = "data/other.parquet"


@pytest.fixture
def rebuilt(cli: Cli) -> Cli:
    """A breaking change is applied, and not loaded yet."""
    shutil.copy(cli.root / "data" / "driver_stats.parquet", cli.root / DATA)
    cli.edit(VIEW, "path: data/driver_stats.parquet", f"path: {DATA}")
    cli.ok("apply", "--yes", "--allow", "breaking")
    return cli


def test_what_was_compared_is_on_the_screen(rebuilt: Cli) -> None:
    shown = rebuilt.ok("materialize").err
    assert re.search(r"note: check \w{4}: 5 keys, sample 5 equal offline\n", shown)
    assert re.search(r"note: serving \w{4} -> \w{4}\n", shown)


def test_an_emptied_source_does_not_empty_the_view_unless_that_is_wanted(rebuilt: Cli) -> None:
    file = rebuilt.root / DATA
    file = rebuilt.root / DATA
    table = pq.read_table(file)
    key = table["driver_id"][0].as_py()
    pq.write_table(table.slice(0, 0), file)
    answer = rebuilt("materialize")
    assert answer.code == 4
    assert "it has no rows, and readers have some now" in answer.err
    flags = f"--repo {rebuilt.root}"
    assert f"featurectl materialize {flags} driver_stats --allow empty" in answer.err
    assert '"trips_today": null' not in served(rebuilt, key)

    rebuilt.ok("materialize", "--allow", "empty")
    assert '"trips_today": null' in served(rebuilt, key)


def test_what_no_check_finds_can_not_be_allowed(cli: Cli) -> None:
    answer = cli("materialize", "--allow", "breaking")
    assert (answer.code, "empty, nulls" in answer.err) == (2, True)


def served(cli: Cli, key: int) -> str:
    asked = ["--service", "ranking_v1", f"driver_id={key}", "--format", "json"]
    return cli.ok("get-online", *asked).out
