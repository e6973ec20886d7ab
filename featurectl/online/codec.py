"""The packed row: one view's values of one entity, as the online store holds them.

::

    u16 layout id · u8 flags · u8 version (1) · i64 event µs · i64 created µs
    null bitmap, one bit per column of the layout, lowest bit first, set where the value is null
    fixed-width columns in the layout's order, little-endian; zero where null
    u32 end offset of each variable-width column, counted from the first one's first byte
    the bytes of the variable-width columns

``created`` is the event time where the source has none. The first twenty bytes are the same in all
layouts, so that a store can compare (event, created) without knowing any. How a value is held:
``online/wire.py``.
"""

from __future__ import annotations

import struct
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from featurectl.definitions.value import parse_value
from featurectl.online.wire import wire

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pyarrow as pa

    from featurectl.definitions.binding import Layout
    from featurectl.online.wire import Wire

    Values = tuple[Any, ...]
    Plan = Callable[[bytes], tuple[int, Values]]

VERSION = 1
TOMBSTONE = 1  # the entity has no row any more; columns may be left out
HAS_CREATED = 2
STATIC = 4  # holds at all times: event and created are 0

HEADER = struct.Struct("<HBBqq")
_HEAD = struct.Struct("<HBB")
_TIMES = struct.Struct("<qq")
_TIMES_AT = 4


class UnknownLayoutError(Exception):
    """A row was written in a layout that this reader does not know: its manifest is old."""


class DamagedRowError(Exception):
    """A row is shorter or longer than its layout says."""


def encode(batch: pa.RecordBatch, layout: Layout, *, is_static: bool = False) -> list[bytes]:
    """The rows of a batch, packed.

    The batch has columns ``e``, ``c``, ``hc`` (none of them read when ``is_static``) and ``f0``,
    ``f1`` … : the layout's named columns, in its order. Columns at a time, one pass over each.
    """
    from featurectl.online.row_batch import pack, split  # noqa: PLC0415 - readers need no pyarrow

    return split(pack(batch, layout, is_static=is_static))


def tombstone(layout: Layout, event_us: int, created_us: int | None = None) -> bytes:
    """A row that says that the entity has none any more, since ``event_us``."""
    flags = TOMBSTONE if created_us is None else TOMBSTONE | HAS_CREATED
    return HEADER.pack(
        layout.id, flags, VERSION, event_us, event_us if created_us is None else created_us
    )


def row_times(row: bytes) -> tuple[int, int]:
    """Event and created time of a packed row, in microseconds since 1970; both 0 when static."""
    event_us, created_us = _TIMES.unpack_from(row, _TIMES_AT)
    return event_us, created_us


class RowReader:
    """Reads some features out of packed rows, each by the layout it was written in.

    ``features`` come out in the order given, each of its type in the last layout that has it. One
    that a row's layout does not have reads as its value in ``absent``, else None. Reading an
    all-fixed row is one ``struct`` call.
    """

    def __init__(
        self,
        layouts: Sequence[Layout],
        features: Sequence[str],
        absent: Mapping[str, Any] | None = None,
    ) -> None:
        types = dict(column for layout in layouts for column in layout.columns)
        self._plans: dict[bytes, tuple[int, Plan]] = {}
        for layout in layouts:
            plan = _plan(layout, features, absent or {}, types)
            for flags in (0, HAS_CREATED, STATIC, STATIC | HAS_CREATED):
                self._plans[_HEAD.pack(layout.id, flags, VERSION)] = (flags, plan)

    def read(self, row: bytes) -> tuple[int, int | None, Values | None]:
        """Flags, event time (None when static) and values (None for a tombstone).

        Raises:
            UnknownLayoutError: of a layout or version that this reader doesn't know.
            DamagedRowError: not a whole row.
        """
        known = self._plans.get(row[:4])
        try:
            if known is None:
                return _read_tombstone(row)
            flags, plan = known
            event_us, values = plan(row)
        except (struct.error, ValueError) as error:
            raise DamagedRowError(str(error)) from error
        return flags, None if flags & STATIC else event_us, values


def _read_tombstone(row: bytes) -> tuple[int, int, None]:
    layout_id, flags, version, event_us, _ = HEADER.unpack_from(row)
    if version != VERSION or not flags & TOMBSTONE:
        raise UnknownLayoutError(layout_id)
    return flags, event_us, None


def bitmap_size(columns: int) -> int:
    """Bytes of the null bitmap."""
    return (columns + 7) // 8


def _plan(
    layout: Layout, features: Sequence[str], absent: Mapping[str, Any], types: Mapping[str, str]
) -> Plan:
    """What reads a row of the layout: to its event time and the values of ``features``."""
    kinds = [wire(type_name) for _, type_name in layout.columns]
    index = {name: i for i, (name, _) in enumerate(layout.columns) if name}
    wanted = sorted({index[name] for name in features if name in index})
    packed, place = _packed(kinds, wanted)
    arrange = _arrange(
        [place[index[name]] if name in index else None for name in features],
        [absent.get(name) for name in features],
    )
    found = [(place[i], _reader(kinds[i], *layout.columns[i], types)) for i in wanted]
    reads = [(at, read) for at, read in found if read]
    bits = [(place[i], i) for i in wanted]
    no_nulls = bytes(bitmap_size(len(kinds)))
    variable = sum(not kind.code for kind in kinds)

    def read_plain(row: bytes) -> tuple[int, Values]:
        fields = packed.unpack(row)
        if fields[1] == no_nulls:
            return fields[0], arrange(fields)
        return fields[0], tuple(arrange(_without_nulls(fields, bits)))

    def read_any(row: bytes) -> tuple[int, Values]:
        fields = list(packed.unpack_from(row))
        ends = fields[len(fields) - variable :]
        fields[len(fields) - variable :] = _slices(row, packed.size, ends)
        fields = fields if fields[1] == no_nulls else _without_nulls(fields, bits)
        for at, read in reads:
            if fields[at] is not None:
                fields[at] = read(fields[at])
        return fields[0], tuple(arrange(fields))

    return read_any if variable or reads else read_plain


def _reader(
    kind: Wire, name: str, type_name: str, types: Mapping[str, str]
) -> Callable[[Any], Any] | None:
    """What makes a value of the type in ``types`` of a packed one; None where it is that already.

    A row from before a type was widened holds a value of the narrower one.
    """
    target = types[name]
    if target == type_name:
        return kind.read
    read = kind.read or (lambda value: value)
    return lambda value: parse_value(read(value), target)


def _packed(kinds: Sequence[Wire], wanted: Sequence[int]) -> tuple[struct.Struct, dict[int, int]]:
    """Unpacks event time, null bitmap and columns, with the place of each wanted column.

    Fixed-width columns that aren't wanted are skipped; of variable-width ones all ends are given.
    """
    fixed = [i for i, kind in enumerate(kinds) if kind.code]
    variable = [i for i, kind in enumerate(kinds) if not kind.code]
    chosen = [i for i in fixed if i in wanted]
    codes = "".join(kinds[i].code if i in chosen else f"{kinds[i].width}x" for i in fixed)
    packed = struct.Struct(f"<4xq8x{bitmap_size(len(kinds))}s{codes}{len(variable)}I")
    return packed, {i: 2 + n for n, i in enumerate([*chosen, *variable])}


def _arrange(places: Sequence[int | None], absent: Sequence[Any]) -> Callable[[Sequence[Any]], Any]:
    """Picks the fields at ``places``, or the value in ``absent`` where that is None."""
    present = [at for at in places if at is not None]
    if len(present) < len(places) or len(present) == 1:
        pairs = list(zip(places, absent, strict=True))
        return lambda fields: tuple([v if at is None else fields[at] for at, v in pairs])
    if present == list(range(2, 2 + len(present))):
        return itemgetter(slice(2, 2 + len(present)))  # the usual case: all, in their order
    return itemgetter(*present)


def _without_nulls(fields: Sequence[Any], bits: Sequence[tuple[int, int]]) -> list[Any]:
    """The fields, with None where the bitmap says null; ``bits`` are (place, bit)."""
    found = list(fields)
    nulls = int.from_bytes(found[1], "little")
    for at, bit in bits:
        if nulls >> bit & 1:
            found[at] = None
    return found


def _slices(row: bytes, start: int, ends: Sequence[int]) -> list[bytes]:
    """The bytes of the variable-width columns, which begin at ``start``."""
    size = start + (ends[-1] if ends else 0)
    if len(row) != size:
        raise DamagedRowError(f"{len(row)} bytes, not {size}")
    return [row[start + a : start + b] for a, b in pairwise((0, *ends))]
