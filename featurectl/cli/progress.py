"""Progress on stderr: of a run a line per finished view, and a live line at a terminal."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from featurectl.cli.paint import strip

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from typing_extensions import Self

    from featurectl.cli.console import Console
    from featurectl.cli.screens.run import RunLines
    from featurectl.flows.run_summary import Event


@contextmanager
def rows_progress(console: Console, total: int) -> Iterator[RowsProgress]:
    """What is told of the rows done so far; at a terminal a bar shows them.

    Until there are some, the bar moves without a measure.
    """
    if not console.is_live:
        yield RowsProgress(total, None)
        return
    with _rows_bar(console) as live:
        yield RowsProgress(total, live)


class RowsProgress:
    """Shows how many of ``total`` rows are done, or which view is joined before there are some."""

    def __init__(self, total: int, live: Any) -> None:
        self._total = total
        self._live = live
        self._task = live.add_task("joining", total=None, rows=f"{total:,} rows") if live else None

    def __call__(self, rows: int) -> None:
        """So many rows are done."""
        if self._live:
            told = f"{rows:,} of {self._total:,} rows"
            total = max(1, self._total)
            self._live.update(
                self._task, description="joining", completed=rows, total=total, rows=told
            )

    def view(self, label: str, number: int, views: int) -> None:
        """A view is joined now, number so and so of all."""
        if self._live:
            told = f"joining {label}, view {number} of {views}"
            self._live.update(self._task, description=told, refresh=True)


class RunProgress:
    """Takes the events of a materialization; used as a context manager around it.

    Failed views are told even by a quiet console.
    """

    def __init__(self, console: Console, lines: RunLines) -> None:
        self._console = console
        self._lines = lines
        self._live = _live_bar(console) if console.is_live else None
        self._tasks: dict[str, Any] = {}
        self._told_header = False

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_error: object) -> None:
        if self._live:
            self._live.stop()

    def __call__(self, event: Event) -> None:
        """Show what happened."""
        from featurectl.flows.run_summary import Finished, Started, Written  # noqa: PLC0415 - not for --help

        if isinstance(event, Started):
            self._start(event)
        elif isinstance(event, Written):
            self._update(event)
        elif isinstance(event, Finished):
            self._finish(event)

    def _start(self, event: Any) -> None:
        if self._live:
            text = self._lines.running(event.view, event.from_us, event.to_us)
            self._tasks[event.view] = self._live.add_task(strip(text), total=None, keys=0)

    def _update(self, event: Any) -> None:
        if self._live and event.view in self._tasks:
            self._live.update(self._tasks[event.view], completed=event.keys, keys=event.keys)

    def _finish(self, event: Any) -> None:
        if self._live and event.part.view in self._tasks:
            self._live.remove_task(self._tasks.pop(event.part.view))
        lines = self._lines.finished(event.part, event.notes)
        header = [] if self._told_header else [self._lines.header()]
        if event.part.status == "failed" and self._console.quiet:
            self._console.error(lines)
        else:
            self._told_header = True
            self._print([*header, *lines])

    def _print(self, lines: Sequence[str]) -> None:
        if self._live:  # above the live line, which rich draws again
            from rich.text import Text  # noqa: PLC0415 - at a terminal only

            for line in lines:
                self._live.console.print(Text.from_ansi(line), soft_wrap=True)
        else:
            self._console.note(lines)


def _live_bar(console: Console) -> Any:
    from rich.console import Console as RichConsole  # noqa: PLC0415 - at a terminal only
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415 - same

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[keys]:,} keys"),
        TimeElapsedColumn(),
        console=RichConsole(stderr=True, no_color=not console.colors_notes, highlight=False),
        transient=True,
    )


def _rows_bar(console: Console) -> Any:
    from rich.console import Console as RichConsole  # noqa: PLC0415 - at a terminal only
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415 - same

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[rows]}", markup=False),
        TimeElapsedColumn(),
        console=RichConsole(stderr=True, no_color=not console.colors_notes, highlight=False),
        transient=True,
    )
