"""Cheap questions about the rows that a load would read: a few of them, and how many entities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from featurectl.queries.expression import call, column, named, number
from featurectl.queries.relation import relation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.queries.relation import EventRange, SourcedView


def some_rows(
    sourced: SourcedView, features: Sequence[str], events: EventRange, size: int
) -> exp.Select:
    """Up to ``size`` rows of the relation, the same ones each time, from all over the range.

    They are those whose keys and event time have the lowest hashes.
    """
    rows = relation(sourced, features, events)
    parts = [column(f"k{i}") for i in range(len(sourced.join_keys))] + [column("e")]
    found = exp.select("*", copy=False).from_(rows.subquery("r", copy=False), copy=False)
    return found.order_by(call("hash", *parts), copy=False).limit(number(size), copy=False)


def about_how_many(sourced: SourcedView, events: EventRange) -> exp.Select:
    """One row, one column ``keys``: the number of entities in the range, within a few percent.

    It reads the keys and the times only, and takes no more memory for more entities.
    """
    rows = relation(sourced, (), events)
    keys = [column(f"k{i}") for i in range(len(sourced.join_keys))]
    entity = call("hash", *keys) if keys else number(1)
    estimate = named(call("approx_count_distinct", entity), "keys")
    return exp.select(estimate, copy=False).from_(rows.subquery("r", copy=False), copy=False)
