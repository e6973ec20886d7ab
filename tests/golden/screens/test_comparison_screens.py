from collections.abc import Callable, Sequence
from dataclasses import replace

from featurectl.cli.screens.comparison import comparison_screen, comparison_warnings
from featurectl.cli.screens.historical import read_line, report_screen, report_warnings
from featurectl.flows.column_skew import ColumnSkew
from featurectl.flows.report import Report, ViewReport
from featurectl.flows.served_report import ServedReport
from featurectl.flows.skew_compare import Comparison, ViewSkew

Golden = Callable[[str, Sequence[str]], None]

RISK = ViewReport("risk", "risk", "off", 990_000, 4_000, 6_000, 0, 0, 0, 0.0, 9.0, {"score": 0})
NOTE = "2024-01-01T00:00:00Z to 2024-02-01T00:00:00Z: score was string, and is float64 now"
SERVED = replace(
    RISK,
    matched=900_000,
    expired=60_000,
    no_row=40_000,
    served=ServedReport(34_000, 50_000, 0, 10_000, 1_200, 300, (NOTE,)),
)
SCORE = ColumnSkew(
    *("risk", "risk", "score", "score", "float64", 1_000_000, 114_286, 34_000, 0),
    *(0.057143, 0.5, 0.3333, 5.0),
)
BAND = replace(SCORE, feature="band", type="string", differ=12, only_true=0, mean_absolute=None,
               max_absolute=None, mean_relative=None, max_relative=None)  # fmt: skip
COMPARISON = Comparison(1_000_000, (ViewSkew(RISK, SERVED, 43_200.0, 302_400.0),), (SCORE, BAND))


def test_a_comparison_has_a_line_per_feature_and_one_per_view(golden: Golden) -> None:
    lines = comparison_screen(COMPARISON, "payments.parquet")

    golden("comparison.txt", [*lines, "", *comparison_warnings(COMPARISON)])


def test_a_training_set_as_served_says_why_values_are_null(golden: Golden) -> None:
    read = read_line("payments.parquet", 1_000_000, [("category", "string")])
    report = Report(1_000_000, 0, (SERVED,))
    lines = report_screen(read, report, {"risk": "14d"})

    golden("as_served.txt", [*lines, *report_warnings(report)])


def test_the_document_names_both_sides() -> None:
    document = COMPARISON.document()

    assert document["format"] == "featurectl.comparison/1"
    assert document["compared"] == ["point_in_time", "as_served"]
    assert document["views"][0]["as_served"]["as_served"]["not_loaded"] == 34_000
    assert document["features"][0]["differ_share"] == 0.114286
