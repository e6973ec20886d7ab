"""Which part of a split each row belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from featurectl.definitions.instant import format_optional
from featurectl.errors import RequestError, did_you_mean, listed
from featurectl.flows.lint import Lint
from featurectl.flows.split_request import BY_ENTITY, BY_RANDOM, BY_TIME
from featurectl.flows.stable_hash import has_hash, ordinal_hashes, row_hashes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt
    import pyarrow as pa

    from featurectl.flows.split_request import SplitRequest
    from featurectl.offline.frame import Frame

_NO_CUT = (1 << 63) - 1  # after all times
_UNIT = 2.0**-53


@dataclass(frozen=True)
class SplitRows:
    """What of an entity frame decides where its rows go.

    Args:
        times: microseconds, int64; null where a row has no time.
        keys: the join keys as they are typed for the join, by the frame's column.
        frame: the frame, for a split by another of its columns.
    """

    times: pa.ChunkedArray
    keys: Mapping[str, pa.ChunkedArray]
    frame: Frame


@dataclass(frozen=True)
class PartFacts:
    """What a part of a split has become; times are microseconds, None where it has none."""

    name: str
    asked: float
    rows: int
    entities: int
    first_us: int | None
    last_us: int | None


@dataclass(frozen=True)
class Split:
    """All rows in their parts.

    Args:
        request: what was asked for.
        places: the number of each row's part, a byte per row.
        parts: the facts of each part.
        null_times: rows without a time; split by time they are in the first part.
        entities: how many there are, told apart by all join keys; rows with a null key have none.
        shared_entities: how many of them have rows in more than one part.
        keys: the columns of the frame that tell them apart, all together.
    """

    request: SplitRequest
    places: npt.NDArray[np.uint8]
    parts: tuple[PartFacts, ...]
    null_times: int
    entities: int
    shared_entities: int
    keys: tuple[str, ...] = ()

    def lints(self) -> list[Lint]:
        """Parts without rows, and entities that a model meets again in another part."""
        found = [
            Lint("empty_part", f'part "{part.name}" of the split has no rows', 0, (part.name,))
            for part in self.parts
            if not part.rows
        ]
        if self.shared_entities and self.request.by in {BY_TIME, BY_RANDOM}:
            found.append(
                Lint(
                    "entity_in_two_parts",
                    f"{self.shared_entities:,} of {self.entities:,} entities have rows in more "
                    "than one part: what is learned of one is met again (--split-by entity keeps "
                    "each in one)",
                    self.shared_entities,
                )
            )
        return found

    def document(self) -> dict[str, Any]:
        """The JSON form."""
        total = len(self.places)
        return {
            **self.request.document(),
            "parts": [
                {
                    "name": part.name,
                    "asked": part.asked,
                    "rows": part.rows,
                    "share": part.rows / total if total else None,
                    "entities": part.entities,
                    "first": format_optional(part.first_us),
                    "last": format_optional(part.last_us),
                }
                for part in self.parts
            ],
            "null_event_timestamps": self.null_times,
            "join_keys": list(self.keys),
            "entities": self.entities,
            "shared_entities": self.shared_entities,
        }


def split_rows(request: SplitRequest, rows: SplitRows) -> Split:
    """Each row's part, by what the request names; the order of the rows matters to chance alone.

    By ``time``: cuts are where the number of rows before them is nearest to what was asked for;
    rows of one time are in one part, and rows without a time in the first. By ``random``: the rows
    in the order of a hash of their number and the seed are dealt out; shares are exact. By
    ``entity`` or a column: a hash of the typed values and the seed decides (see stable_hash.py), so
    that a value is in the same part whatever the other rows are; shares are approximate, and null
    is a value like others.

    Holds some 8 bytes per row while it works, and one afterwards.

    Raises:
        RequestError: FC333 no such column, no join keys, or a column of a type that is no identity.
    """
    times = rows.times.fill_null(0).to_numpy()
    timed = ~rows.times.is_null().to_numpy()
    if request.by == BY_TIME:
        places = _by_time(times, timed, request.bounds)
    elif request.by == BY_RANDOM:
        places = _by_chance(len(times), request)
    else:
        hashes = row_hashes(_deciding(request.by, rows), len(times), request.seed)
        # 53 bits: a float holds them exactly.
        points = (hashes >> np.uint64(11)).astype(np.float64) * _UNIT
        places = np.searchsorted(request.bounds, points, side="right").astype(np.uint8)
    return _described(request, rows, places, times, timed)


def _by_time(
    times: npt.NDArray[np.int64], timed: npt.NDArray[np.bool_], bounds: Sequence[float]
) -> npt.NDArray[np.uint8]:
    distinct, counts = np.unique(times[timed], return_counts=True)
    before = np.concatenate([[0], np.cumsum(counts)])  # rows before each distinct time
    cuts = [
        _NO_CUT if place == len(distinct) else distinct[place] for place in _nearest(before, bounds)
    ]
    places = np.searchsorted(np.array(cuts, np.int64), times, side="right").astype(np.uint8)
    places[~timed] = 0
    return places


def _nearest(before: npt.NDArray[np.int64], bounds: Sequence[float]) -> list[int]:
    """Where to cut: no part is left empty as long as there is a time for each."""
    last, spare = len(before) - 1, len(before) - 1 - len(bounds)
    found: list[int] = []
    for number, bound in enumerate(bounds):
        wanted = bound * before[-1]
        place = int(np.searchsorted(before, wanted))
        if place and wanted - before[place - 1] <= before[min(place, last)] - wanted:
            place -= 1
        place = min(place, last)
        if spare > 0:
            place = min(max(place, found[-1] + 1 if found else 1), spare + number)
        found.append(place)
    return found


def _by_chance(rows: int, request: SplitRequest) -> npt.NDArray[np.uint8]:
    order = np.argsort(ordinal_hashes(rows, request.seed), kind="stable")
    ends = [round(bound * rows) for bound in request.bounds]
    places = np.empty(rows, np.uint8)
    places[order] = np.searchsorted(ends, np.arange(rows), side="right")
    return places


def _deciding(by: str, rows: SplitRows) -> list[pa.ChunkedArray]:
    if by == BY_ENTITY:
        if not rows.keys:
            raise RequestError(
                "FC333",
                "there are no entities to split by: none of the views has join keys",
                help=["split by time, by random, or by a column of the entity frame"],
            )
        return [rows.keys[name] for name in sorted(rows.keys)]
    if by in rows.keys:
        return [rows.keys[by]]
    names = rows.frame.schema.names
    if by not in names:
        raise RequestError(
            "FC333",
            f'{rows.frame.label} has no column "{by}" to split by',
            caret=did_you_mean(by, [BY_TIME, BY_ENTITY, BY_RANDOM, *names]),
            notes=[f"columns: {listed(names)}"],
            help=["split by time, entity, random, or by one of the columns"],
        )
    column = rows.frame.select([by]).column(0)
    if not has_hash(column.type):
        raise RequestError(
            "FC333",
            f'column "{by}" of {rows.frame.label} is {column.type}: no rows are split by that',
        )
    return [column]


def _described(
    request: SplitRequest,
    rows: SplitRows,
    places: npt.NDArray[np.uint8],
    times: npt.NDArray[np.int64],
    timed: npt.NDArray[np.bool_],
) -> Split:
    known = np.ones(len(places), bool)
    for column in rows.keys.values():
        known &= ~column.is_null().to_numpy()
    hashes = row_hashes([rows.keys[name] for name in sorted(rows.keys)], len(places))
    # Each entity once per part: its first 56 bits, and the part in the last 8.
    pairs = np.unique((hashes[known] & ~np.uint64(0xFF)) | places[known].astype(np.uint64))
    if not rows.keys:
        pairs = pairs[:0]
    where = (pairs & np.uint64(0xFF)).astype(np.int64)
    held = np.bincount(where, minlength=len(request.parts))
    _, times_seen = np.unique(pairs >> np.uint64(8), return_counts=True)
    return Split(
        request=request,
        places=places,
        parts=tuple(
            _facts(part.name, float(part.share), times[(places == n) & timed],
                   int((places == n).sum()), int(held[n]))
            for n, part in enumerate(request.parts)
        ),
        null_times=int((~timed).sum()),
        entities=len(times_seen),
        shared_entities=int((times_seen > 1).sum()),
        keys=tuple(sorted(rows.keys)),
    )  # fmt: skip


def _facts(
    name: str, asked: float, times: npt.NDArray[np.int64], rows: int, entities: int
) -> PartFacts:
    first = int(times.min()) if len(times) else None
    last = int(times.max()) if len(times) else None
    return PartFacts(name, asked, rows, entities, first, last)
