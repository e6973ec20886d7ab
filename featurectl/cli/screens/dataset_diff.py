"""The screen of ``dataset diff``: rows, columns, what they were made of, and what drifted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.cli.figures import count, moment, percent
from featurectl.cli.paint import paint, readable
from featurectl.cli.table import fitting_table, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from featurectl.flows.dataset_diff import DatasetDiff
    from featurectl.flows.dataset_drift import ColumnDrift

_HEADER = ("COLUMN", "CHANGED", "NULLS", "MEAN", "STD", "MEDIAN", "PSI", "KS")
_LITTLE, _MUCH = 0.1, 0.25  # as flows/drift_measure.py has them
_MINUTE = 60_000_000  # microseconds; finer than the mean of times is of use
_MOST = 20  # lines of what they were made of


def diff_screen(found: DatasetDiff, *, columns: int | None = None) -> list[str]:
    """Rows and columns first, then why, then the columns with the most drift first."""
    lines = [f"{readable(str(found.a.path))} -> {readable(str(found.b.path))}"]
    lines += table([["rows", _rows(found)], *(["columns", each] for each in _columns(found))])
    if found.made_of:
        lines += ["", paint("Made of", "bold")]
        lines += table([[each.subject, readable(each.text)] for each in found.made_of[:_MOST]])
        if len(found.made_of) > _MOST:
            lines.append(f"  … {len(found.made_of) - _MOST:,} more (--format json)")
    if found.drift:
        lines += ["", paint("Drift", "bold"), *_drift(found, columns)]
    return [*lines, "", _verdict(found)]


def _rows(found: DatasetDiff) -> str:
    rows = found.rows
    parts = [
        (rows.only_a, "only in the first"),
        (rows.only_b, "only in the second"),
        (rows.changed, "changed"),
        (rows.same, "the same"),
    ]
    told = ", ".join(f"{count(number)} {word}" for number, word in parts if number)
    return f"{count(rows.a)} -> {count(rows.b)}" + (f": {told}" if told else "")


def _columns(found: DatasetDiff) -> Iterator[str]:
    for name, kind in found.added:
        yield f"{paint('+', 'green')} {readable(name)} {kind}"
    for name, kind in found.removed:
        yield f"{paint('-', 'red')} {readable(name)} {kind}"
    for name, one, other in found.retyped:
        yield f"{paint('~', 'yellow')} {readable(name)} {one} -> {other}"


def _drift(found: DatasetDiff, columns: int | None) -> list[str]:
    ordered = sorted(found.drift, key=lambda each: -(each.psi or 0))
    return fitting_table(
        [_row(each) for each in ordered],
        header=_HEADER,
        right=("CHANGED", "PSI", "KS"),
        columns=columns,
        optional=("STD", "MEDIAN", "KS"),
    )


def _row(each: ColumnDrift) -> list[str]:
    ours, theirs = each.ours, each.theirs
    nulls = _pair(percent(ours.nulls, ours.rows), percent(theirs.nulls, theirs.rows))
    medians = [side.quantiles[2] if side.quantiles else None for side in (ours, theirs)]
    is_time = each.kind == "time"
    deviations = [_figure(None if is_time else side.std, each.kind) for side in (ours, theirs)]
    return [
        readable(each.name),
        count(each.changed) if each.changed else "-",
        nulls,
        _pair(*(_figure(side.mean, each.kind) for side in (ours, theirs))),
        _pair(*deviations),
        _pair(*(_figure(value, each.kind) for value in medians)),
        _psi(each.psi),
        "-" if each.ks is None else f"{each.ks:.3f}",
    ]


def _pair(one: str, other: str) -> str:
    return one if one == other else f"{one} -> {other}"


def _figure(value: float | None, kind: str) -> str:
    if value is None:
        return "-"
    return moment(round(value) // _MINUTE * _MINUTE) if kind == "time" else f"{value:.4g}"


def _psi(value: float | None) -> str:
    if value is None:
        return "-"
    color = "red" if value >= _MUCH else "yellow" if value >= _LITTLE else ""
    return paint(f"{value:.3f}", *([color] if color else []))


def _verdict(found: DatasetDiff) -> str:
    if not found.is_same:
        much = sum((each.psi or 0) >= _MUCH for each in found.drift)
        told = f"; {much} of {len(found.drift)} columns drifted much (PSI {_MUCH})" if much else ""
        return f"{paint('They differ', 'yellow', 'bold')}{told}."
    return f"{paint('Same', 'green', 'bold')}: rows and columns are equal."
