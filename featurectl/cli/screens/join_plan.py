"""What ``get-historical --explain-plan`` shows: how each view would be joined, and by what SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.cli.figures import count
from featurectl.cli.paint import paint, readable
from featurectl.cli.table import table
from featurectl.definitions.instant import format_instant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.flows.join_plan import JoinPlan, Share
    from featurectl.queries.relation import EventRange

_FIRST_US, _LAST_US = -62_135_596_800_000_000, 253_402_300_799_999_999  # years 1 to 9999


def join_plan_screen(plans: Sequence[JoinPlan]) -> list[str]:
    """One block per use of a view; all but the SQL is a comment of SQL, so that it can be run."""
    lines = ["SET TimeZone = 'UTC';"]
    for plan in plans:
        lines += ["", *_facts(plan), *_statements(plan)]
    return lines


def _facts(plan: JoinPlan) -> list[str]:
    columns = f"{_listed(plan.decided_by)}; of the rows that win {_listed(plan.fetched)}"
    facts = [
        ["join", f"{plan.strategy.name}: {plan.strategy.reason}"],
        ["event times", _range(plan.events)],
        ["files", _share(plan.files)],
    ]
    if plan.row_groups is not None:
        facts.append(["row groups", _share(plan.row_groups)])
    if plan.older_files:
        older = f"{count(plan.older_files)}, where a label has no row within these times"
        facts.append(["older files", older])
    facts.append(["columns", columns])
    return [paint(f"-- {readable(plan.label)}", "bold"), *(f"--{line}" for line in table(facts))]


def _statements(plan: JoinPlan) -> list[str]:
    lines: list[str] = []
    for statement in plan.statements:
        lines += ["", f"-- {statement.purpose}", f"{statement.sql};"]
    return lines


def _range(events: EventRange) -> str:
    if events.first_us is None and events.last_us is None:
        return "all"
    first, last = map(_moment, (events.first_us, events.last_us))
    return f"{first or 'the beginning'} to {last or 'the end'}"


def _moment(us: int | None) -> str | None:
    return format_instant(us) if us is not None and _FIRST_US <= us <= _LAST_US else None


def _share(share: Share) -> str:
    return f"{count(share.read)} of {count(share.all)}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(readable, names)) or "none"
