"""An entity frame checked against what is asked for, and the part of it that the engine sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from featurectl.errors import FeaturectlError, RequestError, did_you_mean, listed, raise_all
from featurectl.offline.key_column import event_times, key_values

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from featurectl.definitions.columns import ViewColumns
    from featurectl.offline.frame import Frame

_FOLDED = "names that differ only in case are one name, as engines fold it"
_RENAME = "rename the column of the frame"
_FULL_NAMES = "name features view__feature: --full-names"


def check_frame(frame: Frame, columns: Sequence[ViewColumns], event_timestamp: str) -> Frame:
    """The frame with its join keys and times as declared, once it has all columns that are needed.

    Raises:
        RequestError: FC305 no column for a join key, FC306 none for the event time, FC308 a feature
            would have a column's name, FC311 a text that is no key, FC314 unreadable, FC318 a
            text that is no time.
        ManyErrors: several of these.
    """
    names = frame.schema.names
    errors = [
        *_twice(frame, names),
        *_missing_keys(frame, names, columns),
        *_no_time(frame, names, event_timestamp),
        *_collisions(frame, names, columns),
    ]
    raise_all(errors)
    keys = {key.column: key.type for use in columns for key in use.keys}
    return frame.typed({event_timestamp: "timestamp"} | keys)


def label_table(
    frame: Frame, columns: Sequence[ViewColumns], event_timestamp: str
) -> tuple[pa.Table, Mapping[tuple[str, str], str]]:
    """What the engine sees of the frame, and which of its columns carries which key as which type.

    The table has the ordinal ``i``, the time ``t`` in microseconds, and keys ``x0 x1 …``.

    Raises:
        RequestError: FC307 a column of another type, FC311 a text that is no key, FC318 a text that
            is no time.
    """
    keys = dict.fromkeys((key.column, key.type) for use in columns for key in use.keys)
    chosen = dict.fromkeys([event_timestamp, *(name for name, _ in keys)])
    data = frame.select(list(chosen))
    arrays = {
        "i": pa.array(np.arange(data.num_rows, dtype=np.int64)),
        "t": event_times(data.column(event_timestamp), _origin(event_timestamp, frame)),
    }
    placed = {key: f"x{i}" for i, key in enumerate(keys)}
    for (name, kind), place in placed.items():
        arrays[place] = key_values(data.column(name), kind, _origin(name, frame))
    return pa.table(arrays), placed


def _origin(name: str, frame: Frame) -> str:
    return f'column "{name}" of {frame.label}'


def _twice(frame: Frame, names: Sequence[str]) -> Iterator[FeaturectlError]:
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield RequestError("FC314", f'{frame.label} has two columns named "{name}"')


def _missing_keys(
    frame: Frame, names: Sequence[str], columns: Sequence[ViewColumns]
) -> Iterator[FeaturectlError]:
    needed: dict[str, list[str]] = {}
    for use in columns:
        for key in use.keys:
            needed.setdefault(key.column, []).append(use.label)
    for name, views in needed.items():
        if name not in names:
            plural = "s" if len(views) > 1 else ""
            yield RequestError(
                "FC305",
                f'{frame.label} has no column "{name}", a join key of '
                f"view{plural} {', '.join(views)}",
                caret=did_you_mean(name, names),
                notes=[f"columns: {listed(names)}"],
            )


def _no_time(frame: Frame, names: Sequence[str], wanted: str) -> Iterator[FeaturectlError]:
    if wanted not in names:
        yield RequestError(
            "FC306",
            f'{frame.label} has no column "{wanted}", the time of each row',
            caret=did_you_mean(wanted, names),
            notes=[f"columns: {listed(names)}"],
            help=["name the column that holds it: --event-timestamp COLUMN"],
        )


def _collisions(
    frame: Frame, names: Sequence[str], columns: Sequence[ViewColumns]
) -> Iterator[FeaturectlError]:
    taken = {name.lower(): name for name in names}
    for use in columns:
        for column in use.features:
            there = taken.get(column.output.lower())
            if there is not None:
                full = column.output != column.feature
                yield RequestError(
                    "FC308",
                    f'{frame.label} already has a column "{there}", and '
                    f'{use.label}:{column.feature} would be "{column.output}"',
                    notes=[_FOLDED] if there != column.output else [],
                    help=[_RENAME if full else f"{_FULL_NAMES}, or {_RENAME}"],
                )
