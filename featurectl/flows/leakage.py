"""The leakage proof: what holds of the rows that won, asserted beside the query that found them.

The query says which row of a view won, by its event and created time. Here these are compared with
the time that stands in the entity frame's own column, batch by batch, in another way than the
query's. They become columns of the training set, so that anybody can do it once more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from featurectl.definitions.duration import format_duration
from featurectl.definitions.instant import format_instant
from featurectl.errors import RequestError
from featurectl.offline.key_column import event_times

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from featurectl.offline.frame import Frame

    Times = npt.NDArray[np.int64]
    Mask = npt.NDArray[np.bool_]

_TIME = pa.timestamp("us", "UTC")


@dataclass(frozen=True)
class Rule:
    """What must hold of one use of a view.

    Args:
        view: the view's name.
        label: the alias under which it is joined, else its name.
        ttl_us: how old a value may be; None where it may be of any age.
        known_at: whether it must have been created by the row's time.
        has_created: whether the source tells when a row was created.
        static: whether the rows hold at all times, so that there is nothing to prove.
        fills: whether a feature may have a value though no row won: a default of the view.
    """

    view: str
    label: str
    ttl_us: int | None
    known_at: bool = False
    has_created: bool = False
    static: bool = False
    fills: bool = False

    @property
    def columns(self) -> tuple[str, str]:
        """The columns that carry event and created time of the row that won."""
        return f"{self.label}__event_timestamp", f"{self.label}__created_timestamp"


@dataclass(frozen=True)
class ViewProof:
    """What was proven of one use of a view.

    Args:
        rule: what was asserted of each row.
        rows: how many rows have a value, and were looked at.
        created_later: those whose value was created after their time, which is not ruled out unless
            the rule says so.
    """

    rule: Rule
    rows: int
    created_later: int

    def document(self) -> dict[str, Any]:
        """The JSON form."""
        rule = self.rule
        return {
            "view": rule.view,
            "as": rule.label,
            "static": rule.static,
            "rows": self.rows,
            "event_by_row_time": not rule.static,
            "within_ttl": None if rule.ttl_us is None else format_duration(rule.ttl_us),
            "created_by_row_time": rule.known_at,
            "has_created_time": rule.has_created,
            "created_later": self.created_later,
        }


@dataclass(frozen=True)
class Proof:
    """What was proven of a training set."""

    rows: int
    views: tuple[ViewProof, ...]

    def document(self) -> dict[str, Any]:
        """The JSON form."""
        return {"rows": self.rows, "views": [view.document() for view in self.views]}


def proof_fields(rules: Sequence[Rule]) -> list[pa.Field]:
    """The columns that a proven training set has beside its features: times in UTC, or null."""
    return [pa.field(name, _TIME) for rule in rules for name in rule.columns]


def check_proof_columns(frame: Frame, outputs: Sequence[str], rules: Sequence[Rule]) -> None:
    """Refuse a proof whose columns would be named as others are, also where only the case differs.

    ``outputs`` are the feature columns.

    Raises:
        RequestError: FC308, naming both.
    """
    taken = {name.lower(): f'the feature column "{name}"' for name in outputs}
    taken |= {name.lower(): f'the column "{name}" of {frame.label}' for name in frame.schema.names}
    for rule in rules:
        for name in rule.columns:
            there = taken.get(name.lower())
            if there is not None:
                raise RequestError(
                    "FC308",
                    f'the proof of {rule.label} would be the column "{name}", as is {there}',
                    help=["give the view another alias, or rename the other column"],
                )
            taken[name.lower()] = f"the proof of another use called {rule.label}"


@dataclass
class Prover:
    """Asserts the rules while the batches of the result go by.

    Args:
        rules: one for each use of a view.
        event_timestamp: the frame's column that holds the time of each row.
        times: all of them as microseconds.
        origin: what names the column in an error.
    """

    rules: Sequence[Rule]
    event_timestamp: str
    times: pa.ChunkedArray
    origin: str
    _done: int = 0
    _rows: list[int] = field(init=False)
    _later: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self._rows = [0] * len(self.rules)
        self._later = [0] * len(self.rules)

    def add(
        self,
        rows: pa.RecordBatch,
        won: Sequence[tuple[pa.Array, pa.Array]],
        features: Sequence[Sequence[pa.Array]],
    ) -> list[pa.Array]:
        """The columns of :func:`proof_fields` for a batch, once it has passed.

        ``rows`` are the frame's; ``won`` has, for each rule, event and created microseconds of the
        row that won, and ``features`` what it gave.

        Raises:
            RequestError: FC332, with the view, the number of the row, and both times.
        """
        times = self._times(rows)
        found: list[pa.Array] = []
        for number, (rule, (event, created)) in enumerate(zip(self.rules, won, strict=True)):
            found += self._prove(number, times, event, created)
            if not rule.static and not rule.fills:
                self._check_nulls(rule, event, features[number])
        self._done += rows.num_rows
        return found

    def finish(self) -> Proof:
        """What held of all batches."""
        facts = zip(self.rules, self._rows, self._later, strict=True)
        return Proof(self._done, tuple(ViewProof(*fact) for fact in facts))

    def _times(self, rows: pa.RecordBatch) -> pa.Array:
        column = rows.column(rows.schema.get_field_index(self.event_timestamp))
        if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
            return event_times(pa.chunked_array([column]), self.origin).combine_chunks()
        # Texts have been read already, each of them once.
        return self.times.slice(self._done, rows.num_rows).combine_chunks()

    def _prove(
        self, number: int, times: pa.Array, event: pa.Array, created: pa.Array
    ) -> list[pa.Array]:
        rule = self.rules[number]
        if rule.static:
            return [pa.nulls(len(event), _TIME)] * 2
        timed, t = _known(times)
        won, e = _known(event)
        written, c = _known(created)
        self._check(rule, "has an event time, where its row has no time", won & ~timed, (e, t))
        self._check(rule, "has an event time after its row's", won & (e > t), (e, t))
        if rule.ttl_us is not None:
            self._check(rule, f"is older than its ttl {format_duration(rule.ttl_us)}",
                        won & _older(e, t, rule.ttl_us), (e, t))  # fmt: skip
        later = won & written & (c > t)
        if rule.known_at:
            self._check(rule, "was created after its row's time", later, (c, t))
        self._rows[number] += int(won.sum())
        self._later[number] += int(later.sum())
        shown = created if rule.has_created else pa.nulls(len(created), pa.int64())
        return [column.cast(pa.timestamp("us")).cast(_TIME) for column in (event, shown)]

    def _check(self, rule: Rule, what: str, wrong: Mask, sides: tuple[Times, Times]) -> None:
        if not wrong.any():
            return
        at = int(np.argmax(wrong))
        value, row = (format_instant(int(side[at])) for side in sides)
        raise self._failure(
            rule, what, at, int(wrong.sum()), [f"its time: {value}, the row's: {row}"]
        )

    def _check_nulls(self, rule: Rule, event: pa.Array, features: Sequence[pa.Array]) -> None:
        none = event.is_null().to_numpy(zero_copy_only=False)
        for values in features:
            wrong = none & ~values.is_null().to_numpy(zero_copy_only=False)
            if wrong.any():
                at = int(np.argmax(wrong))
                raise self._failure(
                    rule, "is there though no row has won", at, int(wrong.sum()), []
                )

    def _failure(
        self, rule: Rule, what: str, at: int, count: int, notes: Sequence[str]
    ) -> RequestError:
        named = rule.label if rule.label == rule.view else f"{rule.label} ({rule.view})"
        why = "this is a fault of featurectl, not of your data"
        help_ = "report it, with the definitions of the view and this row"
        if rule.fills:  # as served: a load may bring what is still to come
            why = "readers got it so: a run with an end in the future had loaded it"
            help_ = "end runs at the latest now: featurectl materialize without --to"
        return RequestError(
            "FC332",
            f"leakage proof failed: in row {self._done + at + 1} the value of {named} {what}",
            notes=[
                *notes,
                f"{count:,} of the rows looked at so far, and nothing was written",
                why,
            ],
            help=[help_],
        )


def _known(column: pa.Array) -> tuple[Mask, Times]:
    known = ~column.is_null().to_numpy(zero_copy_only=False)
    return known, column.fill_null(0).to_numpy(zero_copy_only=False)


def _older(event: Times, times: Times, ttl_us: int) -> Mask:
    # Of an event that is not after its row: the difference always fits unsigned.
    age = times.view(np.uint64) - event.view(np.uint64)
    older: Mask = age > np.uint64(min(ttl_us, (1 << 64) - 1))
    return older
