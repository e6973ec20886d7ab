"""What ``get-historical`` tells: what was read, what each view gave, what was written."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from featurectl.cli.figures import count, percent, plural, seconds, size
from featurectl.cli.paint import readable, shown, width
from featurectl.cli.screens.audit import audit_rows, audit_warnings
from featurectl.cli.screens.served import served_parts, served_warnings
from featurectl.cli.table import table
from featurectl.definitions.instant import format_instant, parse_instant
from featurectl.errors import listed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from featurectl.flows.report import Report, ViewReport

_NAMED = 3  # columns of the entity frame that are named
_TURNED = 3  # rows that are shown as columns, at most
_DIGITS = {"float": 7, "double": 9}


def read_line(
    name: str, rows: int, columns: Sequence[tuple[str, str]], whole: int | None = None
) -> list[str]:
    """The entity frame: its rows (a sample of the ``whole``), its columns and their types."""
    named = listed([f"{readable(column)} {kind}" for column, kind in columns], _NAMED)
    if whole is not None:
        named = f"sample of {count(whole)}   {named}"
    return ["read", readable(name), plural(rows, "row"), named]


def report_screen(
    read: Sequence[str], report: Report, ttls: Mapping[str, str], *wrote: Sequence[str]
) -> list[str]:
    """All lines, aligned: read, one per view, what was proven, how it was split, wrote."""
    joins = [
        ["join", view.label, plural(report.rows, "row"), _matched(view, report.rows, ttls)]
        for view in report.views
    ]
    rows = [row for row in (read, *joins, *audit_rows(report), *wrote) if row]
    return [line.removeprefix("  ") for line in table(rows, right=[2])]


def report_warnings(report: Report) -> list[str]:
    """What to worry about, each once."""
    found = []
    if report.null_event_timestamps:
        without = plural(report.null_event_timestamps, "row")
        found.append(f"{without} without an event time: no feature has a value there")
    for view in report.views:
        if view.created_later:
            later = plural(view.created_later, "value")
            found.append(
                f"{view.label}: {later} created after the row's time, which a model would not have "
                "had (--known-at leaves such out)"
            )
        if view.ignored:
            ignored = plural(view.ignored, "row")
            found.append(f"{view.label}: {ignored} of the source without time or key, not used")
        found += served_warnings(view)
    unaware = [view.label for view in report.views if view.known_at == "no created time"]
    if unaware:
        found.append(f"{listed(unaware)}: no created time, so --known-at has no effect")
    return list(dict.fromkeys([*found, *audit_warnings(report)]))


def wrote_line(
    name: str, rows: int, columns: int, size_bytes: int | None, elapsed: float
) -> list[str]:
    """The output: its columns, its size where it is a file, and how long it all took."""
    parts = [f"x {plural(columns, 'column')}"]
    if size_bytes is not None:
        parts.append(size(size_bytes))
    parts.append(seconds(elapsed))
    return ["wrote", readable(name), plural(rows, "row"), ", ".join(parts)]


def preview_screen(rows: pa.Table, *, columns: int | None) -> tuple[list[str], int]:
    """Some rows, and how many; where they don't fit the terminal, the first as columns."""
    names = rows.column_names
    kinds = [str(field.type) for field in rows.schema]
    values = [
        [_cell(value, kind) for value in rows.column(at).to_pylist()]
        for at, kind in enumerate(kinds)
    ]
    lines = table([list(row) for row in zip(*values, strict=True)], header=names)
    if columns is None or max(map(width, lines), default=0) <= columns:
        return lines, rows.num_rows
    shown = min(_TURNED, rows.num_rows)
    while True:
        turned = [[name, *cells[:shown]] for name, cells in zip(names, values, strict=True)]
        lines = table(turned, header=["column", *(f"row {at + 1}" for at in range(shown))])
        if shown <= 1 or max(map(width, lines)) <= columns:
            return lines, shown
        shown -= 1


def _matched(view: ViewReport, rows: int, ttls: Mapping[str, str]) -> str:
    parts = [f"{percent(view.matched, rows)} matched"]
    if view.expired:
        ttl = ttls.get(view.view, "")
        parts.append(f"{percent(view.expired, rows)} older than ttl {ttl}".rstrip())
    if view.no_row:
        parts.append(f"{percent(view.no_row, rows)} no row")
    if view.ties:
        parts.append(plural(view.ties, "tie"))
    if view.known_at == "on":
        parts.append("known-at")
    return ", ".join([*parts, *served_parts(view, rows)])


def _cell(value: Any, kind: str) -> str:
    if isinstance(value, float):
        return f"{value:.{_DIGITS.get(kind, 9)}g}"
    if isinstance(value, datetime):
        return format_instant(parse_instant(value))
    return shown(value)
