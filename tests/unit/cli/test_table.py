from featurectl.cli.paint import paint, strip
from featurectl.cli.table import table


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    lines = table(
        [["JFK", "12", "ok"], ["東京", "1,234", paint("STALE", "red")]],
        header=["AIRPORT", "KEYS", "STATE"],
        right=[1],
    )

    assert [strip(line) for line in lines] == [
        "  AIRPORT   KEYS  STATE",
        "  JFK         12  ok",
        "  東京     1,234  STALE",
    ]


def test_a_short_row_and_no_rows_are_tables_too() -> None:
    assert table([]) == []
    assert table([["a"], ["bb", "c"]]) == ["  a", "  bb  c"]
