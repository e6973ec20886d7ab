from featurectl.cli.paint import paint, strip
from featurectl.cli.table import fitting_table, table


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


def test_a_table_leaves_out_what_it_can_until_it_fits() -> None:
    def shown(columns: int | None) -> list[str]:
        lines = fitting_table(
            [["a" * 10, "b" * 10, "1"]],
            header=["A", "B", "N"],
            right=["N"],
            columns=columns,
            optional=["N", "B"],
        )
        return strip(lines[0]).split()

    assert [shown(None), shown(27), shown(26), shown(5)] == [
        ["A", "B", "N"],
        ["A", "B", "N"],
        ["A", "B"],
        ["A"],
    ]
