"""The screen of ``explain``: the value and why, the rows it could have come from, what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from featurectl.cli.figures import count, plural
from featurectl.cli.paint import paint, readable, shown
from featurectl.cli.table import fitting_table, table
from featurectl.definitions.instant import format_instant
from featurectl.definitions.value import to_json
from featurectl.flows.explanation import CHOSEN, NULL

if TYPE_CHECKING:
    from featurectl.flows.explanation import Candidate, Explanation

_DIGITS = {"float32": 9, "float64": 17}
_MANY = 1  # files: with more of them each row tells its own


def explain_screen(found: Explanation, *, columns: int | None) -> list[str]:
    """The value, the reason, the candidates, and what is not among them.

    ``columns`` is the width that there is, None for any: features are left out of the table, the
    last ones first, until it fits.
    """
    lines = [*_value(found), f"  {_asked(found)}"]
    lines += [f"  {text}" for text in found.hints]
    if found.candidates:
        lines += ["", *_candidates(found, columns), ""]
    lines += [f"  {text}" for text in _left_out(found)]
    chosen = found.chosen
    if chosen is not None:
        lines.append(f"  from {readable(found.source)}: {readable(chosen.file)}, row {chosen.row}")
    return lines


def explain_warnings(found: Explanation) -> list[str]:
    """What a model would not have had, and what is not as it was."""
    later, chosen, warnings = found.created_later_us, found.chosen, []
    if chosen is not None and chosen.created_us is not None and later is not None:
        created = format_instant(chosen.created_us)
        leak = f"the chosen row was created at {created}, after that time: a leak in training"
        advice = "a model would not have had it (--known-at leaves such rows out)"
        warnings.append(f"{leak}; {advice}")
    if found.known_at == "no created time":
        warnings.append(f"{found.view}: no created time, so --known-at has no effect")
    for name, value in found.changed.items():
        before = _cell(value, found.features[name])
        now = _cell(found.values[name], found.features[name])
        told = "featurectl dataset verify tells what has changed"
        warnings.append(f"{name} is {before} in the file, and {now} by the sources of now: {told}")
    return warnings


def _value(found: Explanation) -> list[str]:
    values = {name: _cell(found.values[name], kind) for name, kind in found.features.items()}
    if len(values) == 1:
        ((name, value),) = values.items()
        in_source = ", as in the source" if found.outcome == NULL else ""
        return [f"{paint(f'{found.view}:{name} = {value}', 'bold')}{in_source}: {found.reason}"]
    rows = [[name, value] for name, value in values.items()]
    return [f"{paint(found.view, 'bold')}: {found.reason}", *table(rows)]


def _asked(found: Explanation) -> str:
    keys = [
        f"{name}={'null' if found.keys[name] is None else shown(to_json(found.keys[name], kind))}"
        for name, kind in found.key_types.items()
    ]
    when = "a null time" if found.at_us is None else format_instant(found.at_us)
    known = ", known by then" if found.known_at == "on" else ""
    return f"for {' '.join(keys) or 'the one row of all'} at {when}{known}"


def _candidates(found: Explanation, columns: int | None) -> list[str]:
    decided = [row.decided_by for row in found.candidates if row.decided_by]
    features = list(dict.fromkeys([*found.features, *decided]))
    header = ["", "EVENT TIME", "CREATED", *features, "FILE", "ROW", "WHY"]
    gone = set()
    if len({row.file for row in found.candidates}) <= _MANY:
        gone.add("FILE")
    if all(row.created_us is None for row in found.candidates):
        gone.add("CREATED")
    if all(row.event_us is None for row in found.candidates):
        gone.add("EVENT TIME")
    rows = [_line(row, found, features) for row in found.candidates]
    kept = [at for at, name in enumerate(header) if name not in gone]
    return fitting_table(
        [[row[at] for at in kept] for row in rows],
        header=[header[at] for at in kept],
        right=["ROW"],
        columns=columns,
        optional=[*features[:0:-1], *(["CREATED"] if "CREATED" not in gone else [])],
    )


def _line(row: Candidate, found: Explanation, features: list[str]) -> list[str]:
    times = ["-" if us is None else format_instant(us) for us in (row.event_us, row.created_us)]
    values = [_cell(row.values[name], found.types[name]) for name in features]
    cells = [*times, *values, readable(row.file), str(row.row)]
    if row.why == CHOSEN:
        return [paint(">", "green", "bold"), *cells, paint(row.reason, "green", "bold")]
    return ["", *cells, row.reason]


def _left_out(found: Explanation) -> list[str]:
    lines = []
    rest = [f"{count(n)} {word}" for word, n in found.not_shown.items() if n]
    if rest:
        lines.append(f"not shown: {' and '.join(rest)} rows of this entity")
    if found.counts.without_time:
        number = plural(found.counts.without_time, "row")
        lines.append(f"not used: {number} of this entity, whose time is null or infinite")
    if found.counts.without_key:
        number = plural(found.counts.without_key, "row")
        lines.append(f"not used: {number} of the source without a join key")
    return lines


def _cell(value: Any, type_name: str) -> str:
    if value is None:
        return "null"
    if isinstance(value, float) and type_name in _DIGITS:
        return _shortest(value, _DIGITS[type_name])
    return shown(to_json(value, type_name))


def _shortest(value: float, digits: int) -> str:
    return repr(value) if digits > 9 else f"{value:.{digits}g}"  # noqa: PLR2004 - float32's digits
