"""What the next materialize has to load because of a plan, and what that costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.cli.figures import limit, plural, size, window
from featurectl.cli.paint import pad, paint, width
from featurectl.cli.screens.impact_text import bytes_text, keys_text, rows_text, seconds_text
from featurectl.cli.table import table
from featurectl.definitions.duration import parse_duration
from featurectl.plan.impact import total_impact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.plan.impact import Impact
    from featurectl.plan.plan import Change, Plan

_MINUTE_US = 60_000_000
_SHORT_US = 3 * 86_400_000_000  # longer windows are told by their days
_MOST = 20  # loads that are listed
_NAMED = 3  # features, or views, that are named


def backfill_lines(plan: Plan, *, full: bool = False) -> list[str]:
    """A line for each load, what the store needs at its peak, and a blank line; else nothing.

    Of more than twenty loads the largest are listed, and the sum; with ``full`` all are.
    """
    loads = [change for change in plan.changes if change.impact.loads]
    if not loads:
        return []
    listed = loads if full else sorted(loads, key=lambda load: -(load.impact.rows or 0))[:_MOST]
    rows = [_cells(load, plan.made_at_us) for load in loads if load in listed]
    if len(listed) < len(loads):
        rows.append([f"all {len(loads):,}", "", *_costs(total_impact(loads))])
    peak = _peak(plan, loads)
    names = max(width(name) for name in [*(row[0] for row in rows), *(name for name, _ in peak)])
    lines = table([[pad(name, names), *cells] for name, *cells in rows], right=(2, 3, 4, 5))
    if len(listed) < len(loads):
        hidden = f"# {plural(len(loads) - len(listed), 'smaller load')} hidden (--full)"
        lines.insert(-1, f"  {paint(hidden, 'dim')}")
    told = [f"  {pad(name, names)}  {text}" for name, text in peak]
    return [paint("Backfill", "bold"), *lines, *told, ""]


def online_facts(change: Change) -> dict[str, str]:
    """What becomes of the rows that readers are on, by the words that stand before it."""
    impact = change.impact
    if impact.reuses and not impact.loads:
        return {"serving": f"rows that are there already: {impact.reuses}, nothing is loaded"}
    if not impact.serving:
        return {}
    if impact.loads:
        return {"serving": f"stays on {impact.serving} until the new rows are filled and checked"}
    return {
        "online data": f"{keys_text(impact)}, {bytes_text(impact)}" if impact.keys != 0 else "none"
    }


def _cells(load: Change, now_us: int) -> list[str]:
    because = _because(load)
    aside = [paint(f"({because})", "dim")] if because else []
    return [load.name, _window(load.impact, now_us), *_costs(load.impact), *aside]


def _costs(impact: Impact) -> list[str]:
    return [
        f"{rows_text(impact)} ->", keys_text(impact), bytes_text(impact), seconds_text(impact)
    ]  # fmt: skip


def _window(impact: Impact, now_us: int) -> str:
    """The event times that are read, to the minute, or of many days to the day."""
    start, end = impact.from_us, impact.to_us
    if end is None:
        return "all rows"
    is_long = start is None or end - start > _SHORT_US
    whole = None if start is None else start - start % _MINUTE_US
    return window(whole, end - end % _MINUTE_US, now_us=now_us, short=is_long)


def _because(load: Change) -> str:
    """What is new in an update; a view that is created or rebuilt is loaded as a whole."""
    if load.action in ("create", "rebuild"):
        return ""
    ttl = next((_longer(f.old, f.new) for f in load.fields if f.path == "ttl"), "")
    added = [f.feature for f in load.fields if f.path == f"features.{f.feature}" and f.new]
    wider = [f.feature for f in load.fields if f.path == f"features.{f.feature}.type"]
    parts = [ttl, *_some(added), *(f"{name} wider" for name in _some(wider))]
    return " + ".join(part for part in parts if part)


def _longer(old: str, new: str) -> str:
    if "none" in (old, new):
        return "all of it" if new == "none" else ""
    more = parse_duration(new) - parse_duration(old)
    return f"{limit(more)} more" if more > 0 else ""


def _some(names: Sequence[str]) -> list[str]:
    more = len(names) - _NAMED
    return [*names[:_NAMED], f"{more} more"] if more > 0 else list(names)


def _peak(plan: Plan, loads: Sequence[Change]) -> list[tuple[str, str]]:
    """What the store needs on top while two generations of a view are there, after its name.

    Where what is new does not fit, that is said, too.
    """
    twins = [load for load in loads if load.impact.extra_bytes != 0]
    new = total_impact(load for load in loads if load in twins or load.action == "create")
    free = plan.store.free_bytes if plan.store else None
    is_tight = free is not None and (new.bytes or 0) > free
    if plan.store is None or not (twins or is_tight):
        return []
    views = ", ".join(_some([load.name for load in twins]))
    told = f"{_more(total_impact(twins), 'extra_bytes')} while both versions of {views} exist"
    if not twins:
        told = f"{_more(new, 'bytes')} for what is new"
    left = f"(free: {'?' if free is None else size(free)})"
    if is_tight:
        left = paint(f"{left[:-1]}, which is too little)", "red")
    return [(f"{plan.store.kind} peak", f"{told}  {left}")]


def _more(impact: Impact, figure: str) -> str:
    """``~+180.2 MB``, ``+? B``."""
    text = bytes_text(impact, figure)
    return f"~+{text[1:]}" if text.startswith("~") else f"+{text}"
