"""What a change costs, as data: each figure is exact, an estimate that says so, or not known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from featurectl.definitions.instant import format_optional, parse_instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from featurectl.plan.plan import Change

_FIGURES = ("rows", "keys", "bytes", "seconds", "extra_bytes")


@dataclass(frozen=True)
class Impact:
    """What a change costs: None where it is not known, never a guess.

    ``loads``: the next materialize reads a view's whole window because of it. ``rows`` of the
    source are read then, for ``keys`` entities, which take ``bytes`` in the online store (with the
    store's own overhead) and ``seconds``. ``from_us`` and ``to_us`` are the event times that are
    read, None without a bound. ``extra_bytes`` is what the store needs on top while both
    generations of a view exist, 0 where there is one only. Of what is destroyed, ``keys`` and
    ``bytes`` leave the store; of a source, ``rows`` counts what it has. ``estimated`` names the
    figures that are near, not exact.

    ``serving`` is the generation that readers are on: until the load is done, or until it leaves
    the store. ``reuses`` is the one whose rows are there already, so that nothing is loaded.
    """

    rows: int | None = None
    keys: int | None = None
    bytes: int | None = None
    seconds: float | None = None
    from_us: int | None = None
    to_us: int | None = None
    extra_bytes: int | None = None
    loads: bool = False
    estimated: tuple[str, ...] = ()
    serving: str = ""
    reuses: str = ""

    def document(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "loads": self.loads,
            **{name: getattr(self, name) for name in _FIGURES},
            "from": format_optional(self.from_us),
            "to": format_optional(self.to_us),
            "estimated": list(self.estimated),
            "serving": self.serving or None,
            "reuses": self.reuses or None,
        }


@dataclass(frozen=True)
class StoreRoom:
    """The online store that is written: its kind (``Redis``), and the bytes that it has free.

    None where there is no bound, or the store does not say.
    """

    kind: str
    free_bytes: int | None = None

    def document(self) -> dict[str, Any]:
        """The JSON form."""
        return {"kind": self.kind, "free_bytes": self.free_bytes}


def read_impact(document: Mapping[str, Any]) -> Impact:
    """The impact of its JSON form."""
    times = {f"{end}_us": document[end] for end in ("from", "to")}
    return Impact(
        **{name: document[name] for name in _FIGURES},
        **{name: None if text is None else parse_instant(text) for name, text in times.items()},
        loads=document["loads"],
        estimated=tuple(document["estimated"]),
        serving=document["serving"] or "",
        reuses=document["reuses"] or "",
    )


def total_impact(changes: Iterable[Change]) -> Impact:
    """The figures of all loads together: None where one of them is not known; no window.

    ``loads`` is whether there is any.
    """
    loads = [change.impact for change in changes if change.impact.loads]
    sums: dict[str, Any] = {}
    for name in _FIGURES:
        parts = [getattr(load, name) for load in loads]
        sums[name] = None if None in parts else sum(parts)
    estimated = {name for load in loads for name in load.estimated if sums[name] is not None}
    return Impact(**sums, loads=bool(loads), estimated=tuple(n for n in _FIGURES if n in estimated))
