"""The small tables that a join as served reads beside the labels.

``queries/loaded.py`` and ``queries/as_served.py`` say what is in them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from featurectl.definitions.arrow_type import arrow_type
from featurectl.definitions.value import parse_value
from featurectl.queries.as_served import POLICIES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from featurectl.flows.served_past import Stretch
    from featurectl.registry.serving_history import Load

_LEAST, _GREATEST = -(1 << 63), (1 << 63) - 1
_TIMES = ("lo", "hi", "cb", "s", "f", "b", "ttl", "r")


@dataclass(frozen=True)
class Told:
    """A stretch, and what can be told of the features asked for in it.

    Args:
        stretch: when, and how readers were answered.
        number: of the definition whose rows were served; None where they can't be read.
        layouts: of each feature, the first layout of the rows that has it, or None.
        defaults: of each feature, in JSON form.
        unknown: something that was served can't be told.
        gone: something that is asked for was not served then.
    """

    stretch: Stretch
    number: int | None
    layouts: tuple[int | None, ...]
    defaults: tuple[Any, ...]
    unknown: bool
    gone: bool


@dataclass(frozen=True)
class _Load:
    """A load in the terms of the query."""

    s: int
    f: int
    lo: int
    hi: int
    cb: int
    layout: int


def served_tables(
    told: Sequence[Told], loads: Sequence[Load], types: Sequence[str]
) -> dict[str, pa.Table]:
    """The tables by their names, without the name of the use."""
    ids = list(dict.fromkeys(each.stretch.generation.id for each in told))
    numbers = {id_: number for number, id_ in enumerate(ids)}
    by_generation: defaultdict[int, list[_Load]] = defaultdict(list)
    for load in loads:
        if load.generation in numbers:
            by_generation[numbers[load.generation]].append(_in_terms(load))
    for each in by_generation.values():
        each.sort(key=lambda load: (load.s, load.f))
    return {
        "in_stretches": _stretches(told, numbers, by_generation, types),
        "in_loads": _loads(by_generation),
        "in_starts": _loads(by_generation, once=True),
        "in_event_marks": _marks(by_generation, lambda load: (load.lo, _after(load.hi))),
        "in_created_marks": _marks(by_generation, lambda load: (_after(load.cb), _after(load.s))),
        "in_generations": _generations(told, numbers, by_generation),
    }


def _in_terms(load: Load) -> _Load:
    bound, first, last = load.created_bound_us, load.from_us, load.to_us
    if first is not None and bound is not None:
        first += 1  # a window with a bound begins after its start
    return _Load(
        load.started_us,
        load.finished_us,
        _LEAST if first is None else first,
        _GREATEST if last is None else last,
        _GREATEST if bound is None else bound,
        load.layout,
    )


def _after(us: int) -> int:
    return min(us, _GREATEST - 1) + 1


def _loads(by_generation: Mapping[int, Sequence[_Load]], *, once: bool = False) -> pa.Table:
    """A row per load or, with ``once``, per start of one."""
    rows = [
        {"g": g, "n": n, "s": load.s, "f": load.f, "lo": load.lo, "hi": load.hi, "cb": load.cb}
        for g, loads in by_generation.items()
        for n, load in enumerate(loads)
        if not (once and n and loads[n - 1].s == load.s)
    ]
    return _table(rows, ("g", "n", "s", "f", "lo", "hi", "cb"))


def _marks(by_generation: Mapping[int, Sequence[_Load]], bounds: Any) -> pa.Table:
    rows = [
        {"g": g, "b": mark}
        for g, loads in by_generation.items()
        for mark in sorted({_LEAST, *(bound for load in loads for bound in bounds(load))})
    ]
    return _table(rows, ("g", "b"))


def _generations(
    told: Sequence[Told],
    numbers: Mapping[str, int],
    by_generation: Mapping[int, Sequence[_Load]],
) -> pa.Table:
    of = {(numbers[each.stretch.generation.id], each.number) for each in told}
    rows = [
        {
            "g": g,
            "m": number,
            "lo": min(load.lo for load in by_generation[g]),
            "cb": min(load.cb for load in by_generation[g]),
        }
        for g, number in sorted((g, number) for g, number in of if number is not None)
        if by_generation.get(g)
    ]
    return _table(rows, ("g", "m", "lo", "cb"))


def _stretches(
    told: Sequence[Told],
    numbers: Mapping[str, int],
    by_generation: Mapping[int, Sequence[_Load]],
    types: Sequence[str],
) -> pa.Table:
    """A row per stretch, and per gap in which nothing was served: before all, too."""
    rows: list[dict[str, Any]] = []
    readable = next((each.number for each in told if each.number is not None), None)
    reached: int | None = _LEAST
    for each in told:
        stretch = each.stretch
        if reached is None or reached < stretch.since_us:
            rows.append(_unserved(_LEAST if reached is None else reached, readable, types))
        g = numbers[stretch.generation.id]
        rows.append(_served(each, g, by_generation.get(g, ())))
        reached = stretch.until_us
    if reached is not None:
        rows.append(_unserved(reached, readable, types))
    for z, row in enumerate(rows):
        row["z"] = z
    plain = _table(rows, ("z", "b", "g", "m", "ttl", "p", "r", "u", "w"))
    for j, type_name in enumerate(types):
        for part in ("q", "y"):
            values = [row.get(f"{part}{j}") for row in rows]
            plain = plain.append_column(f"{part}{j}", pa.array(values, pa.int64()))
        values = [_value(row.get(f"d{j}"), type_name) for row in rows]
        plain = plain.append_column(f"d{j}", pa.array(values, arrow_type(type_name)))
    return plain


def _unserved(since_us: int, number: int | None, types: Sequence[str]) -> dict[str, Any]:
    """A time in which readers were sent nowhere; a definition tells whether there were rows."""
    return {"b": since_us, "m": number, "u": False, "w": bool(types)}


def _served(told: Told, g: int, loads: Sequence[_Load]) -> dict[str, Any]:
    view = told.stretch.answers.view
    row: dict[str, Any] = {
        "b": told.stretch.since_us,
        "g": g,
        "m": told.number,
        "ttl": view.ttl,
        "p": POLICIES[view.on_stale],
        "r": min((load.f for load in loads), default=None),
        "u": told.unknown,
        "w": told.gone,
    }
    for j, layout in enumerate(told.layouts):
        row |= {f"q{j}": None, f"y{j}": None, f"d{j}": told.defaults[j]}
        if layout is not None:
            row |= _present(j, layout, loads)
    return row


def _present(j: int, layout: int, loads: Sequence[_Load]) -> dict[str, Any]:
    """Since when the rows have a feature, and which of them.

    All where every load has written it; else what the first load that did has written again.
    """
    if all(load.layout >= layout for load in loads):
        return {f"q{j}": _LEAST}
    first = min((load for load in loads if load.layout >= layout), key=_finish, default=None)
    return {} if first is None else {f"q{j}": first.f, f"y{j}": first.lo}


def _finish(load: _Load) -> int:
    return load.f


def _value(default: Any, type_name: str) -> Any:
    """A default as a value; None where it is none of that type."""
    try:
        return parse_value(default, type_name)
    except ValueError:
        return None


def _table(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> pa.Table:
    kinds = {"p": pa.int16(), "u": pa.bool_(), "w": pa.bool_()}
    return pa.table(
        {
            name: pa.array([row.get(name) for row in rows], kinds.get(name, pa.int64()))
            for name in names
        }
    )
