"""A query that is made of named steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Step:
    """A named part of a query. One that is not materialized is read anew at each use of it, and
    then only the columns that the use needs.
    """  # noqa: D205 - one thought

    query: exp.Select
    materialized: bool = True


Steps = dict[str, Step]


def with_steps(query: exp.Select, steps: Mapping[str, Step]) -> exp.Select:
    """The query with the steps before it, in their order."""
    for name, step in steps.items():
        alias = exp.to_identifier(name, quoted=True)
        query = query.with_(alias, as_=step.query, materialized=step.materialized, copy=False)
    return query
