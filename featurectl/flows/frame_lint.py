"""What is suspicious about an entity frame by itself: its times, and rows that contradict."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from featurectl.definitions.instant import format_instant
from featurectl.flows.lint import Lint
from featurectl.flows.take_rows import take_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from featurectl.flows.report import ViewReport
    from featurectl.offline.frame import Frame

DAY_US = 86_400_000_000
_SHOWN = 5
_MOST_ROWS = 200_000  # of one key and time that are compared: enough to see what is wrong
_FEW = 20  # rows by which a share of them says little
_CLOCK = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:"
_ZONED = _CLOCK + r".*(Z|z|[+-][0-9]{2}(:?[0-9]{2})?)$"


def time_lints(times: pa.ChunkedArray, column: pa.ChunkedArray, now_us: int | None) -> list[Lint]:
    """What the times of the rows tell by themselves. Some passes over one number per row.

    Args:
        times: microseconds, null where a row has none.
        column: the same as they stand in the frame.
        now_us: this moment; None where no time is still to come.
    """
    known = pc.drop_null(times).to_numpy()
    found = [*_dates_as_times(known, column.type), *_mixed_zones(column)]
    if now_us is not None and (known > now_us).any():
        ahead = pc.fill_null(pc.greater(times, now_us), False)
        rows = np.flatnonzero(ahead.to_numpy())
        found.append(
            Lint(
                "future_times",
                f"{_rows(len(rows))} {_have(len(rows))} an event time that is still to come "
                f"(the latest {format_instant(int(known.max()))}): features get the values of now",
                len(rows),
                _numbers(rows),
            )
        )
    return found


def label_time_lints(views: Sequence[ViewReport]) -> list[Lint]:
    """Views whose rows have exactly the times of the entity rows: were these taken from them?"""
    return [
        Lint(
            "label_is_feature_time",
            f"{view.label}: {view.same_time:,} of {view.matched:,} values have exactly the time of "
            "their row: were the times taken from this table, not from when a prediction was asked "
            "for?",
            view.same_time,
        )
        for view in views
        if view.matched >= _FEW and view.same_time * 2 > view.matched
    ]


def other_time_lints(times: pa.ChunkedArray, frame: Frame, columns: Sequence[str]) -> list[Lint]:
    """Other times of the frame that are the event times: of when the label was known, perhaps.

    Those of ``columns`` that hold timestamps are read, one by one.
    """
    found: list[Lint] = []
    for name in columns:
        if not pa.types.is_timestamp(frame.schema.field(name).type):
            continue
        others = frame.select([name]).column(0).cast(pa.timestamp("us", "UTC"), safe=False)
        same = pc.sum(pc.equal(times, others.cast(pa.int64()))).as_py() or 0
        if same >= _FEW and same * 2 > times.length() - times.null_count:
            found.append(
                Lint(
                    "event_time_is_label_time",
                    f'"{name}" is the event time itself in {_rows(same)}: if it tells when the '
                    "label was known, features are of then, not of when a prediction was asked for",
                    same,
                    (name,),
                )
            )
    return found


def conflict_lints(
    hashes: npt.NDArray[np.uint64], frame: Frame, labels: Sequence[str]
) -> list[Lint]:
    """Rows of one entity and time that differ in another column: one label each, if it is one.

    ``hashes`` are of the keys and the time of each row; ``labels`` are the columns to compare. A
    column that is another in nearly all rows is taken for an identifier. Sorts one number per row;
    where there are such rows, reads the frame once more.
    """
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    equal = ordered[1:] == ordered[:-1]
    several = np.append(equal, [False]) | np.append([False], equal)
    if not equal.any() or not labels:
        return []
    rows, keys = order[several][:_MOST_ROWS], ordered[several][:_MOST_ROWS]
    ascending = np.sort(rows)
    values, places = _rows_of(frame, labels, ascending), np.searchsorted(ascending, rows)
    found: list[Lint] = []
    for name in labels:
        codes = _codes(values.column(name))
        if codes is not None:
            found += _conflict(name, codes[places], keys, rows)
    return found


def _dates_as_times(known: npt.NDArray[np.int64], kind: pa.DataType) -> Iterator[Lint]:
    dates = pa.types.is_date(kind)
    if not len(known) or (not dates and (known % DAY_US).any()):
        return
    if not dates and len(np.unique(known)) < 2:  # noqa: PLR2004 - one time, chosen on purpose
        return
    yield Lint(
        "dates_as_times",
        "all event times are midnight UTC: dates used as times. A feature row of the same date is "
        "joined, from the future where it sums up that day; what came in during the day is not",
        len(known),
        tuple(format_instant(int(us)) for us in np.unique(known)[:_SHOWN]),
    )


def _mixed_zones(column: pa.ChunkedArray) -> Iterator[Lint]:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if column.type not in (pa.string(), pa.large_string(), pa.string_view()):
        return
    texts = column.cast(pa.large_string())  # not every kind of text can be searched
    texts = texts.filter(pc.match_substring_regex(texts, _CLOCK))
    naive = texts.filter(pc.invert(pc.match_substring_regex(texts, _ZONED)))
    rows = len(naive)
    if not rows or rows == len(texts):
        return
    yield Lint(
        "mixed_zones",
        f"{_rows(rows)} {_have(rows)} an event time without a zone, others have one: those without "
        "are read as UTC",
        rows,
        tuple(naive.unique()[:_SHOWN].to_pylist()),
    )


def _rows_of(frame: Frame, columns: Sequence[str], rows: npt.NDArray[np.int64]) -> pa.Table:
    """The rows of these numbers, ascending."""
    pieces, start = [], 0
    for batch in frame.batches():
        end = start + batch.num_rows
        here = rows[np.searchsorted(rows, start) : np.searchsorted(rows, end)]
        pieces.append(take_rows(batch.select(list(columns)), here - start))
        start = end
    return pa.Table.from_batches(pieces)


def _codes(column: pa.ChunkedArray) -> npt.NDArray[np.int64] | None:
    """A number for each distinct value; None of a type without equality, such as a list."""
    try:
        indices = column.combine_chunks().dictionary_encode().indices
    except pa.ArrowNotImplementedError:
        return None
    codes: npt.NDArray[np.int64] = indices.fill_null(-1).to_numpy().astype(np.int64)
    return codes


def _conflict(
    name: str,
    codes: npt.NDArray[np.int64],
    keys: npt.NDArray[np.uint64],
    rows: npt.NDArray[np.int64],
) -> Iterator[Lint]:
    if len(np.unique(codes)) * 2 > len(codes) and len(codes) > 2 * _FEW:
        return
    starts = np.flatnonzero(np.append([True], keys[1:] != keys[:-1]))
    differs = np.minimum.reduceat(codes, starts) != np.maximum.reduceat(codes, starts)
    count = int(differs.sum())
    if count:
        which = keys[starts][differs][0]
        yield Lint(
            "conflicting_duplicates",
            f"{count:,} {'pair' if count == 1 else 'pairs'} of entity and time {_have(count)} "
            f'several rows that differ in "{name}"',
            count,
            _numbers(np.sort(rows[keys == which])),
        )


def _numbers(rows: npt.NDArray[np.int64]) -> tuple[int, ...]:
    return tuple(int(row) + 1 for row in rows[:_SHOWN])


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


def _have(count: int) -> str:
    return "has" if count == 1 else "have"
