"""The screen of ``materialize``: a line per view as it finishes, and one that grep can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.cli.figures import count, percent, seconds, window
from featurectl.cli.paint import pad, paint, readable, width

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from featurectl.errors import FeaturectlError
    from featurectl.flows.run_summary import RunSummary
    from featurectl.registry.protocol import ViewRun

_FULL_WINDOW, _SHORT_WINDOW = 36, 24
_NUMBERS = {"ROWS": 11, "KEYS": 9, "LATE": 5, "NULL": 6, "TIME": 8}
_FEWER = {"ROWS": 9, "KEYS": 9, "TIME": 8}


class RunLines:
    """Lines of one run, aligned with each other although they are printed one by one.

    ``views`` are those that may come; ``columns`` the width of the terminal, None where there is
    none.
    """

    def __init__(self, views: Sequence[str], *, now_us: int, columns: int | None) -> None:
        self._now_us = now_us
        name = max([width(view) for view in views] + [len("VIEW")])
        for window_width, numbers in (
            (_FULL_WINDOW, _NUMBERS),
            (_SHORT_WINDOW, _NUMBERS),
            (_SHORT_WINDOW, _FEWER),
        ):
            self._widths = {"VIEW": name, "WINDOW": window_width, **numbers}
            if columns is None or sum(self._widths.values()) + 2 * len(self._widths) <= columns:
                break
        self._short = self._widths["WINDOW"] == _SHORT_WINDOW

    def header(self) -> str:
        """The names of the columns."""
        return paint(self._line({name: name for name in self._widths}), "bold")

    def finished(self, part: ViewRun, notes: Sequence[str] = ()) -> list[str]:
        """What a run did to one view, and what a person should know of it."""
        if part.status in ("failed", "skipped"):
            why = readable(part.error) or "; ".join(map(readable, notes))
            word = paint(part.status, "red" if part.status == "failed" else "yellow")
            lines = [f"  {pad(part.view, self._widths['VIEW'])}  {word}: {why}"]
            return lines + (_notes(notes) if part.error else [])
        cells = {
            "VIEW": part.view,
            "WINDOW": self._window(part.from_us, part.to_us),
            "ROWS": count(part.rows),
            "KEYS": count(part.keys),
            "LATE": count(part.late),
            "NULL": percent(part.nulls, part.values),
            "TIME": seconds((part.finished_us - part.started_us) / 1e6),
        }
        return [self._line(cells), *_notes(notes)]

    def running(self, view: str, from_us: int | None, to_us: int | None) -> str:
        """A view that is at work, without its bar."""
        span = pad(self._window(from_us, to_us), self._widths["WINDOW"])
        return f"  {pad(view, self._widths['VIEW'])}  {span}"

    def _window(self, from_us: int | None, to_us: int | None) -> str:
        return window(from_us, to_us, now_us=self._now_us, short=self._short)

    def _line(self, cells: Mapping[str, str]) -> str:
        padded = [
            pad(cells[name], columns, right=name in _NUMBERS)
            for name, columns in self._widths.items()
        ]
        return ("  " + "  ".join(padded)).rstrip()


def done_line(summary: RunSummary) -> str:
    """One line of ``key=value`` pairs, the same in every run."""
    counts = summary.counts
    pairs = {
        "run": summary.run or "dry",
        "ok": counts["ok"],
        "empty": counts["empty"],
        "failed": counts["failed"],
        "rows": summary.rows,
        "keys": summary.keys,
        "seconds": f"{summary.seconds:.1f}",
    }
    if counts["skipped"]:
        pairs["skipped"] = counts["skipped"]
    return "Done " + " ".join(f"{key}={value}" for key, value in pairs.items())


def remarks(errors: Sequence[FeaturectlError]) -> list[str]:
    """What to do about the failures, each line once."""
    lines = [
        f"  {paint(word, 'cyan')} {readable(text)}"
        for error in errors
        for word, texts in (("note:", error.notes), ("help:", error.help))
        for text in texts
    ]
    return list(dict.fromkeys(lines))


def _notes(notes: Sequence[str]) -> list[str]:
    return [f"    {paint('note:', 'cyan')} {readable(note)}" for note in notes]
