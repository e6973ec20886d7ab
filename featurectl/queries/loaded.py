"""When each row of a view came to be in the online store, by the runs that have loaded it.

A row counts as loaded by the first run that started when it was known already (at its created time,
without one at its event time) and whose range covers it. Which one that is depends on where its two
times lie among the bounds of the ranges and the starts of the runs. So rows are put into *cells*,
between two neighbouring bounds each; the runs are looked through once for each cell that has a row,
of which there are few, and never for each row.

The tables: ``v_in_loads``, a row per load, with the number ``g`` of its
generation, its place ``n`` by start, ``s`` started and ``f`` finished, the event times ``lo`` to
``hi`` that it covers, and ``cb``: rows created after it are covered up to ``hi`` whatever their
event time. ``v_in_starts``, the first of those for each ``s``. ``v_in_event_marks`` and
``v_in_created_marks``, by ``g`` the lower bounds ``b`` of the cells, the least of all times among
them. ``v_in_generations``, ``g`` with the number ``m`` of the definition that its rows follow, its
least ``lo`` and its least ``cb``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from featurectl.queries.expression import DIALECT, all_of, column, join, table
from featurectl.queries.steps import Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.queries.steps import Steps

_COVERS = '{0}."hi" >= c."re" AND ({0}."lo" <= c."re" OR {0}."cb" < c."rc")'


def loaded_steps(use: str, name: str, number: int, keys: Sequence[str]) -> Steps:
    """The steps that end in ``{name}_history``: keys, ``g``, ``a``, ``k``.

    From ``a`` on the greatest packed time among the rows of the keys that generation ``g`` had is
    ``k``. The rows are those of ``{name}_source`` (``queries/served_rows.py``) whose keys some
    label in ``{name}_labels`` has; ``{name}_known`` are their keys and times. ``number`` is that of
    the definition whose rows they are, of the use ``use``.
    """
    return {
        f"{name}_known": Step(_known(name, keys)),
        f"{name}_placed": Step(_placed(use, name, number, keys)),
        f"{name}_first": Step(_first(use, name)),
        f"{name}_loaded": Step(_loaded(use, name)),
        f"{name}_moments": Step(_moments(name, keys), materialized=False),
        f"{name}_history": Step(_history(name, keys), materialized=False),
    }


def select(*wanted: str | exp.Expr) -> exp.Select:
    """``SELECT`` of expressions over names of our own, which may be given as text."""
    return exp.select(*wanted, dialect=DIALECT, copy=False)


def asof(name: str, alias: str, on: str | exp.Expr, side: str = "") -> exp.Join:
    """``ASOF JOIN name AS alias ON …``: the nearest row by the one inequality in ``on``."""
    condition = exp.condition(on, dialect=DIALECT, copy=False)
    kind = {"side": side} if side else {}
    return exp.Join(this=table(name, alias), method="ASOF", on=condition, **kind)


def on(name: str, alias: str, condition: str | exp.Expr, side: str = "") -> exp.Join:
    """``JOIN name AS alias ON …``."""
    found = exp.condition(condition, dialect=DIALECT, copy=False)
    kind = {"side": side} if side else {}
    return exp.Join(this=table(name, alias), on=found, **kind)


def equal(keys: Sequence[str], left: str, right: str) -> exp.Expr:
    """Whether two tables have the same keys."""
    return all_of(exp.EQ(this=column(key, left), expression=column(key, right)) for key in keys)


def _known(name: str, keys: Sequence[str]) -> exp.Select:
    rows = select(*map(column, keys), '"e"', '"c"', '"k"').from_(table(f"{name}_source"))
    return rows.join(join(f"{name}_labels", "SEMI", keys), copy=False)


def _placed(use: str, name: str, number: int, keys: Sequence[str]) -> exp.Select:
    rows = select(
        *(column(key, "r") for key in keys), 'r."k"', 'x."g"', 'me."b" AS "re"', 'mc."b" AS "rc"'
    ).from_(table(f"{name}_known", "r"), copy=False)
    # What no range can cover, most often the rows from long before the first run, is left out here.
    any_ = f'x."m" = {number} AND (r."e" >= x."lo" OR r."c" > x."cb")'
    for each in (
        on(f"{use}_in_generations", "x", any_),
        asof(f"{use}_in_event_marks", "me", 'me."g" = x."g" AND r."e" >= me."b"'),
        asof(f"{use}_in_created_marks", "mc", 'mc."g" = x."g" AND r."c" >= mc."b"'),
    ):
        rows = rows.join(each, copy=False)
    return rows


def _first(use: str, name: str) -> exp.Select:
    """Each cell with the finish of the first run that started since, where that one covers it."""
    cells = select('"g"', '"re"', '"rc"').distinct().from_(table(f"{name}_placed"), copy=False)
    covers = _COVERS.format("s")
    found = select('c."g"', 'c."re"', 'c."rc"', f'CASE WHEN {covers} THEN s."f" END AS "a"')
    found = found.from_(cells.subquery("c", copy=False), copy=False)
    since = asof(f"{use}_in_starts", "s", 's."g" = c."g" AND c."rc" <= s."s"', "LEFT")
    return found.join(since, copy=False)


def _loaded(use: str, name: str) -> exp.Select:
    """Each cell that any run covers with the finish of the first of these."""
    at_once = select('"g"', '"re"', '"rc"', '"a"').from_(table(f"{name}_first"))
    at_once = at_once.where('"a" IS NOT NULL', copy=False)
    later = select('c."g"', 'c."re"', 'c."rc"', 'arg_min(l."f", l."n") AS "a"')
    later = later.from_(table(f"{name}_first", "c"), copy=False)
    covers = f'l."g" = c."g" AND l."s" >= c."rc" AND {_COVERS.format("l")}'
    later = later.join(on(f"{use}_in_loads", "l", covers), copy=False)
    later = later.where('c."a" IS NULL', copy=False)
    later = later.group_by('c."g"', 'c."re"', 'c."rc"', copy=False)
    both = exp.union(at_once, later, distinct=False, copy=False)
    return select("*").from_(both.subquery("u", copy=False), copy=False)


def _moments(name: str, keys: Sequence[str]) -> exp.Select:
    """The newest row that each run has brought for the keys."""
    names = [column(key, "p") for key in keys]
    found = select(*names, 'p."g"', 'd."a"', 'max(p."k") AS "k"')
    found = found.from_(table(f"{name}_placed", "p"), copy=False)
    same = 'd."g" = p."g" AND d."re" = p."re" AND d."rc" = p."rc"'
    found = found.join(on(f"{name}_loaded", "d", same), copy=False)
    return found.group_by(*(each.copy() for each in names), 'p."g"', 'd."a"', copy=False)


def _history(name: str, keys: Sequence[str]) -> exp.Select:
    """What is newest from each run on: a run never makes a value older."""
    newest = exp.Window(
        this=exp.Max(this=column("k")),
        partition_by=[*map(column, keys), column("g")],
        order=exp.Order(expressions=[exp.Ordered(this=column("a"), nulls_first=False)]),
    )
    found = select(*map(column, keys), '"g"', '"a"', exp.alias_(newest, "k", quoted=True))
    return found.from_(table(f"{name}_moments"), copy=False)
