"""The screen and the document of ``history``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from featurectl.cli.figures import moment, plural, seconds
from featurectl.cli.paint import paint, readable
from featurectl.cli.table import fitting_table
from featurectl.definitions.instant import format_instant, format_optional

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.registry.protocol import RunRecord, ViewRun

FORMAT = "featurectl.history/1"
HEADER = ("RUN", "KIND", "STATUS", "STARTED (UTC)", "TIME", "BY", "GIT", "SERIAL", "VIEWS")
_COLORS = {"ok": "green", "failed": "red", "died": "red", "running": "cyan"}
_SHA = 7


def history_screen(
    records: Sequence[RunRecord], env: str, *, columns: int | None = None
) -> list[str]:
    """One line per run, newest first; ``columns`` is the width that there is."""
    if not records:
        return [f"No runs in env {env}."]
    return fitting_table(
        [_row(record) for record in records],
        header=HEADER,
        right=("RUN", "TIME", "SERIAL"),
        columns=columns,
        optional=("GIT", "SERIAL"),
    )


def history_document(records: Sequence[RunRecord]) -> dict[str, Any]:
    """``featurectl.history/1``."""
    return {"format": FORMAT, "runs": [_run(record) for record in records]}


def short_sha(git: str) -> str:
    """A commit as a person reads it; ``+`` where the files differed from it."""
    sha, dirty, _ = git.partition("+dirty")
    return sha[:_SHA] + ("+" if dirty else "")


def _row(record: RunRecord) -> list[str]:
    took = "-"
    if record.finished_us is not None:
        took = seconds((record.finished_us - record.started_us) / 1e6)
    return [
        f"#{record.run}",
        record.kind,
        paint(record.status, _COLORS.get(record.status, "yellow")),
        moment(record.started_us - record.started_us % 1_000_000),
        took,
        readable(record.actor.who),
        short_sha(record.actor.git) or "-",
        str(record.serial),
        _views(record.views),
    ]


def _views(parts: Sequence[ViewRun]) -> str:
    failed = [part.view for part in parts if part.status == "failed"]
    text = plural(len(parts), "view") if parts else "-"
    return f"{text}, {paint('failed:', 'red')} {', '.join(failed)}" if failed else text


def _run(record: RunRecord) -> dict[str, Any]:
    took = None
    if record.finished_us is not None:
        took = (record.finished_us - record.started_us) / 1e6
    return {
        "run": record.run,
        "kind": record.kind,
        "status": record.status,
        "started": format_instant(record.started_us),
        "seconds": took,
        "by": record.actor.by,
        "host": record.actor.host,
        "git": record.actor.git,
        "serial": record.serial,
        "views": [_part(part) for part in record.views],
    }


def _part(part: ViewRun) -> dict[str, Any]:
    return {
        "view": part.view,
        "from": format_optional(part.from_us),
        "to": format_optional(part.to_us),
        "rows": part.rows,
        "keys": part.keys,
        "late": part.late,
        "status": part.status,
        "error": part.error or None,
    }
