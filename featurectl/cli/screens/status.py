"""The screen of ``status``: one line per view, the worst said in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.cli.figures import age, count, limit, percent
from featurectl.cli.paint import paint, readable
from featurectl.cli.table import fitting_table

if TYPE_CHECKING:
    from featurectl.flows.drift import Drift
    from featurectl.flows.status import StatusReport, ViewStatus

HEADER = ("VIEW", "FRESHNESS", "SLO", "ONLINE KEYS", "NULLS", "LAST RUN", "STATE")
_COLORS = {"ok": "green", "stale": "yellow", "empty": "red", "failed": "red", "never": "yellow"}


def status_screen(report: StatusReport, *, columns: int | None = None) -> list[str]:
    """All views, what has drifted, then how many views are in which state.

    ``columns`` is the width that there is.
    """
    drift = [line for each in report.drift for line in _drift_lines(each)]
    if not report.views:
        return [*drift, f"No view of env {report.env} is served online."]
    counts = ", ".join(
        f"{number} {paint(state, _COLORS[state])}" for state, number in report.counts.items()
    )
    rows = [_row(view) for view in report.views]
    lines = fitting_table(
        rows,
        header=HEADER,
        right=("ONLINE KEYS", "NULLS"),
        columns=columns,
        optional=("NULLS", "LAST RUN"),
    )
    said = f"by the registry alone: {counts}; the online store is {paint('silent', 'red')}"
    return [*lines, "", *drift, f"{said if report.store_error else counts}."]


def _drift_lines(drift: Drift) -> list[str]:
    help_line = f"{'':7}{paint('help:', 'cyan')} {readable(drift.help)}"
    return [f"{paint('drift:', 'yellow')} {readable(drift.text)}", help_line]


def _row(view: ViewStatus) -> list[str]:
    return [
        view.view,
        "-" if view.freshness_us is None else age(view.freshness_us / 1e6),
        "-" if view.limit_us is None else limit(view.limit_us),
        "-" if view.online_keys is None else count(view.online_keys),
        "-" if view.null_share is None else percent(round(view.null_share * 10**9), 10**9),
        f"#{view.last.run} {view.last.part.status}" if view.last else "-",
        _state(view),
    ]


def _state(view: ViewStatus) -> str:
    word = view.state if view.state == "ok" else view.state.upper()
    late = ""
    if view.state == "stale" and view.freshness_us is not None and view.limit_us is not None:
        late = f"for {age((view.freshness_us - view.limit_us) / 1e6)}"
    why = ", ".join(part for part in (late, readable(view.detail)) if part)
    return f"{paint(word, _COLORS[view.state])}  {why}".rstrip()
