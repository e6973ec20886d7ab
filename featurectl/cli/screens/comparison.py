"""What ``get-historical --compare as-served`` tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.cli.figures import count, percent, plural
from featurectl.cli.paint import readable
from featurectl.cli.screens.served import served_warnings
from featurectl.cli.table import table
from featurectl.definitions.duration import span

if TYPE_CHECKING:
    from featurectl.flows.column_skew import ColumnSkew
    from featurectl.flows.skew_compare import Comparison

_HEADER = (
    "FEATURE",
    "DIFFER",
    "ONLY TRUE",
    "ONLY SERVED",
    "MEAN DIFF",
    "MAX DIFF",
    "MEAN REL",
    "MAX REL",
)


def comparison_screen(comparison: Comparison, name: str) -> list[str]:
    """A line per feature, then one per view: mean ages, and what there was no value for."""
    rows = plural(comparison.rows, "row")
    lines = [f"{readable(name)}, {rows}: what was true at their times, and what was served", ""]
    features = [_feature(each, comparison.rows) for each in comparison.features]
    lines += table(features, header=_HEADER, right=range(1, len(_HEADER)))
    views = [
        [
            view.true.label,
            _age(view.true_age_seconds),
            _age(view.served_age_seconds),
            count(view.served.served.not_loaded if view.served.served else 0),
            count(view.true.expired),
            count(view.served.expired),
        ]
        for view in comparison.views
    ]
    header = ("VIEW", "AGE TRUE", "AGE SERVED", "NOT LOADED", "EXPIRED TRUE", "EXPIRED SERVED")
    return [*lines, "", *table(views, header=header, right=range(1, len(header)))]


def comparison_warnings(comparison: Comparison) -> list[str]:
    """What to know of what was served, each once."""
    found = [text for view in comparison.views for text in served_warnings(view.served)]
    return list(dict.fromkeys(found))


def _feature(feature: ColumnSkew, rows: int) -> list[str]:
    return [
        f"{feature.label}:{feature.feature}",
        percent(feature.differ, rows),
        count(feature.only_true),
        count(feature.only_served),
        _number(feature.mean_absolute),
        _number(feature.max_absolute),
        _share(feature.mean_relative),
        _share(feature.max_relative),
    ]


def _share(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _age(seconds: float | None) -> str:
    return "-" if seconds is None else span(round(seconds * 1e6))
