"""What tests of training sets as served share: labels, and what was served at their times."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any
from unittest import mock

import pyarrow as pa

from featurectl.definitions.arrow_type import arrow_type
from featurectl.flows.as_served import ServedPast
from featurectl.flows.request import requested_columns
from featurectl.queries import as_served as states
from featurectl.queries.relation import EventRange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from loading import Loading

_NAMES = {
    states.MATCHED: "matched",
    states.EXPIRED: "hide",
    states.EXPIRED | states.STALE: "serve",
    states.EXPIRED | states.DEFAULTED: "default",
    states.EXPIRED | states.REFUSED: "fail",
    states.NOT_LOADED: "not loaded",
    states.UNKNOWN: "unknown",
    0: "no row",
}


@contextlib.contextmanager
def standing(clock: Callable[[], int]) -> Iterator[None]:
    """Runs within the block take their times from the clock."""
    with contextlib.ExitStack() as stack:
        for module in ("view_load", "materialize"):
            stack.enter_context(mock.patch(f"featurectl.flows.{module}.clock_us", clock))
        yield


def answers(
    loading: Loading,
    labels: Sequence[tuple[Any, int]],
    *features: str,
    key: str = "int64",
) -> list[tuple[str, tuple[Any, ...]]]:
    """State and values of each label (key, microseconds) as the join gives them."""
    repository = loading.snapshot.repository
    (columns,) = requested_columns(repository, features or ["stats:x"], None, full_names=False)
    times = [t for _, t in labels]
    span = EventRange(min(times), max(times))
    use = ServedPast(loading.registry, loading.env, loading.engine).use(columns, ["x0"], span)
    table = pa.table(
        {
            "i": pa.array(range(len(labels)), pa.int64()),
            "t": pa.array(times, pa.int64()),
            "x0": pa.array([key_ for key_, _ in labels], arrow_type(key)),
        }
    )
    found = loading.engine.fetch(use.query(table)).read_all().to_pylist()
    count = len(columns.features)
    return [(state(row["s"]), tuple(row[f"f{j}"] for j in range(count))) for row in found]


def state(bits: int | None) -> str:
    """The word for a state, whatever else was noted of it."""
    return _NAMES[(bits or 0) & ~(states.TIED | states.NOT_SERVED)]
