"""The screen of ``get-online``: rows as they are served, and why a value is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from featurectl.cli.figures import age, brief, plural
from featurectl.cli.paint import paint, shown, width
from featurectl.cli.table import table
from featurectl.definitions.value import to_json

if TYPE_CHECKING:
    from featurectl.flows.vectors import Found, OnlineFeatures, OutputColumn

_COLORS = {"PRESENT": "green", "NULL": "yellow", "NOT_FOUND": "red", "EXPIRED": "yellow"}
_DIGITS = {"float32": 7, "float64": 9}


def online_screen(vectors: OnlineFeatures, *, meta: bool, columns: int | None) -> list[str]:
    """A line per row, or a block per row where that would not fit or would hide something.

    ``meta`` adds status and age; they differ within a row when it has values of several views.
    ``columns`` is the width that there is, None for any.
    """
    if not meta or len(vectors.found) == 1:
        lines = _lines(vectors, meta=meta)
        if columns is None or max(map(width, lines), default=0) <= columns:
            return lines
    return _blocks(vectors, meta=meta)


def online_footer(vectors: OnlineFeatures, elapsed: float) -> str:
    """``2 keys in 0.6 ms: 2 PRESENT, 2 NOT_FOUND``: how many values have which status."""
    counts: dict[str, int] = {}
    for row in vectors.status:
        for status in row.values():
            counts[status] = counts.get(status, 0) + 1
    said = ", ".join(f"{number:,} {status}" for status, number in sorted(counts.items()))
    return f"{plural(len(vectors), 'key')} in {brief(elapsed)}: {said or 'no values'}"


def _value_text(value: Any, type_name: str) -> str:
    """A feature's value as a person reads it; floats to the digits that their type has."""
    if isinstance(value, float) and type_name in _DIGITS:
        return f"{value:.{_DIGITS[type_name]}g}"
    return shown(to_json(value, type_name))


def _lines(vectors: OnlineFeatures, *, meta: bool) -> list[str]:
    keys = _key_columns(vectors)
    header = [*keys, *vectors.names, *(["status", "age"] if meta else [])]
    rows = []
    for at, request in enumerate(vectors.keys):
        cells = [shown(request.get(key)) for key in keys]
        cells += [_cell(vectors.found[c.use][at], c) for c in vectors.columns]
        if meta:
            found = vectors.found[0][at]
            cells += [paint(found.status, _COLORS[found.status]), _age(found, vectors)]
        rows.append(cells)
    return table(rows, header=header)


def _blocks(vectors: OnlineFeatures, *, meta: bool) -> list[str]:
    lines: list[str] = []
    for at, request in enumerate(vectors.keys):
        keys = " ".join(f"{key}={shown(value)}" for key, value in request.items())
        rows = []
        for column in vectors.columns:
            found = vectors.found[column.use][at]
            status = vectors.status[at][column.name]
            cells = [column.name, _cell(found, column), paint(status, _COLORS[status])]
            rows.append([*cells, _age(found, vectors)] if meta else cells)
        header = ["feature", "value", "status", *(["age"] if meta else [])]
        lines += [*([""] if at else []), paint(keys or "(no key)", "bold")]
        lines += table(rows, header=header)
    return lines


def _cell(found: Found, column: OutputColumn) -> str:
    value = found.values[column.at]
    if value is None:
        return "null" if found.status == "PRESENT" else "-"
    return _value_text(value, column.type)


def _age(found: Found, vectors: OnlineFeatures) -> str:
    return "-" if found.event_us is None else age((vectors.now_us - found.event_us) / 1e6)


def _key_columns(vectors: OnlineFeatures) -> list[str]:
    return list(dict.fromkeys(name for row in vectors.rows for name in row))
