"""How a training set is to be split: parts with their shares, and what decides."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from featurectl.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping

BY_TIME, BY_ENTITY, BY_RANDOM = "time", "entity", "random"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
_MOST = 256
_ROUNDING = Decimal("0.002")  # three thirds may be written 0.333
_FORM = "write names with shares that add up to 1: train=0.8,test=0.2"


@dataclass(frozen=True)
class PartShare:
    """A part by its name, and its share of the rows, more than 0 and less than 1."""

    name: str
    share: Decimal


@dataclass(frozen=True)
class SplitRequest:
    """The parts in their order, and what decides which row goes where.

    ``by`` is ``time``, ``entity``, ``random``, or a column of the entity frame; ``words`` are those
    that were given for the parts.
    """

    parts: tuple[PartShare, ...]
    by: str = BY_TIME
    seed: int = 0
    words: str = ""

    @property
    def bounds(self) -> list[float]:
        """Where each part ends, as a share of all rows: one number per part but the last."""
        ends: list[Decimal] = []
        for part in self.parts[:-1]:
            ends.append(part.share + (ends[-1] if ends else 0))
        return [float(end) for end in ends]

    def document(self) -> dict[str, Any]:
        """The JSON form; there is no seed where chance has no part in it."""
        parts = {part.name: float(part.share) for part in self.parts}
        return {"parts": parts, "by": self.by} | ({} if self.by == BY_TIME else {"seed": self.seed})


def split_request(
    parts: str | Mapping[str, float], by: str | None = None, seed: int | None = None
) -> SplitRequest:
    """The request that the words make: ``train=0.8,test=0.2``, or the same as a mapping.

    One part may have no share: it takes the rest. Shares are decimals or percentages. They are
    taken as they stand in relation to each other where their sum is 1 but for rounding.

    Raises:
        RequestError: FC333 the words say no split.
    """
    by = by or BY_TIME
    if by == BY_TIME and seed is not None:
        raise RequestError(
            "FC333",
            "a split by time has no chance in it, so that a seed has no effect",
            help=["leave the seed out, or split by entity or random"],
        )
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int)):
        raise RequestError("FC333", f"the seed of a split is a whole number, not {seed!r}")
    pairs = _pairs(parts)
    _check_names([name for name, _ in pairs])
    words = ",".join(name if share is None else f"{name}={share}" for name, share in pairs)
    return SplitRequest(_shares(pairs), by, seed or 0, words)


def _pairs(text: str | Mapping[str, float]) -> list[tuple[str, str | None]]:
    found: list[tuple[str, str | None]] = []
    if not isinstance(text, str):
        return [(str(name), str(share)) for name, share in text.items()]
    for word in text.split(","):
        name, equals, share = word.partition("=")
        found.append((name.strip(), share.strip() if equals else None))
    return found


def _check_names(names: list[str]) -> None:
    for name in names:
        if not _NAME.fullmatch(name):
            what = f'"{name}" is no name of a part' if name else "a part of the split has no name"
            raise RequestError(
                "FC333",
                what,
                help=["use letters, digits, _ and -: it becomes a file's name", _FORM],
            )
    seen: dict[str, str] = {}
    for name in names:
        first = seen.setdefault(name.lower(), name)
        if [other.lower() for other in names].count(name.lower()) > 1:
            same = f'"{first}"' if names.count(name) > 1 else f'"{first}" in another case'
            raise RequestError(
                "FC333", f"two parts of the split have one name, {same}", help=[_FORM]
            )
    if not 1 < len(names) <= _MOST:
        raise RequestError(
            "FC333", f"a split has 2 to {_MOST} parts, not {len(names)}", help=[_FORM]
        )


def _shares(pairs: list[tuple[str, str | None]]) -> tuple[PartShare, ...]:
    given = {name: _share(name, text) for name, text in pairs if text is not None}
    total = sum(given.values(), Decimal(0))
    without = [name for name, text in pairs if text is None]
    if len(without) > 1:
        raise RequestError(
            "FC333",
            f"{len(without)} parts have no share: {', '.join(without)}",
            help=["one part may take the rest: train=0.8,test", _FORM],
        )
    if without:
        if total >= 1:
            raise RequestError(
                "FC333",
                f'nothing is left for "{without[0]}": the shares are {_plain(total)} already',
            )
        given[without[0]] = 1 - total
    elif abs(total - 1) > _ROUNDING:
        raise RequestError(
            "FC333", f"the shares of the split add up to {_plain(total)}, not 1", help=[_FORM]
        )
    whole = sum(given.values(), Decimal(0))
    return tuple(PartShare(name, given[name] / whole) for name, _ in pairs)


def _share(name: str, text: str) -> Decimal:
    percent = text.endswith("%")
    try:
        number = Decimal(text.removesuffix("%").strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if number.is_finite() and percent:
        number /= 100
    if not number.is_finite() or not 0 < number < 1:
        raise RequestError(
            "FC333",
            f'the share of "{name}" is {text or "nothing"}, not a number between 0 and 1',
            help=[_FORM],
        )
    return number


def _plain(number: Decimal) -> str:
    return f"{float(number):.6g}"
