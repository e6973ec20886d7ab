"""What ``get-historical`` does with a training set: write it or show its first rows, and tell."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

    from featurectl.cli.console import Console
    from featurectl.cli.session import Session
    from featurectl.flows.training_set import TrainingSet

_PREVIEW = 10  # rows that are shown where nothing is written


def keep_sources(out: str, data_root: Path, sources: Mapping[str, Any]) -> None:
    """Refuse an output that is, or would become, a file of a source.

    Raises:
        SourceError: FC209, naming the source.
    """
    from fnmatch import fnmatchcase  # noqa: PLC0415 - not for --help
    from glob import escape  # noqa: PLC0415 - same
    from os.path import normpath, realpath, sep  # noqa: PLC0415 - same
    from pathlib import Path  # noqa: PLC0415 - same

    from featurectl.errors import SourceError  # noqa: PLC0415 - same

    target = realpath(out)
    for name, document in sources.items():
        files = normpath(Path(escape(realpath(data_root))) / document["path"])
        if fnmatchcase(target, files) or fnmatchcase(target, f"{files}{sep}*"):
            raise SourceError(
                "FC209",
                f'{out} can\'t be written: it would be a file of source "{name}"',
                notes=[f"its path: {document['path']}"],
                help=["write the training set somewhere else"],
            )


def show_plan(console: Console, found: TrainingSet) -> None:
    """Show how each view would be joined; nothing is."""
    from featurectl.cli.screens.join_plan import join_plan_screen  # noqa: PLC0415 - not for --help

    with console.working("looking at the sources"):
        plans = found.plans()
    console.result(join_plan_screen(plans))


def write_rows(
    console: Console, found: TrainingSet, out: str, started: float, **how: Any
) -> list[list[str]]:
    """Write all rows; the line that tells of it. ``started`` is when the command was.

    ``how`` says the format, and how the manifest is written; see ``TrainingSet.write``.
    """
    from featurectl.cli.progress import rows_progress  # noqa: PLC0415 - not for --help
    from featurectl.cli.screens.historical import wrote_line  # noqa: PLC0415 - same

    with rows_progress(console, found.rows) as watch:
        found.watch_view = watch.view
        size_bytes = found.write(out, watch=watch, **how)
    elapsed = time.perf_counter() - started
    name, size = ("stdout", None) if out == "-" else (out, size_bytes)
    return [wrote_line(name, found.rows, len(found.schema), size, elapsed)]


def show_rows(console: Console, found: TrainingSet, *, shows: bool) -> int:
    """Join all rows for the report, and print the first of them where it ``shows``: how many."""
    from featurectl.cli.progress import rows_progress  # noqa: PLC0415 - not for --help
    from featurectl.cli.screens.historical import preview_screen  # noqa: PLC0415 - same

    with rows_progress(console, found.rows) as watch:
        found.watch_view = watch.view
        first = _first_rows(found, watch)
    if not shows:
        return 0
    lines, shown = preview_screen(first, columns=console.columns)
    console.result(lines)
    return shown


def tell(
    console: Console,
    found: TrainingSet,
    name: str,
    ttls: Mapping[str, str],
    wrote: list[list[str]],
) -> None:
    """The lines read, join and wrote, and what to worry about, on stderr."""
    from featurectl.cli.screens.historical import read_line, report_screen, report_warnings  # noqa: PLC0415 - not for --help

    columns = [(field.name, str(field.type)) for field in found.frame.schema]
    source = "standard input" if name == "-" else name
    whole = getattr(found.frame, "whole", None)  # of a sample
    read = read_line(source, found.rows, columns, whole)
    console.note(report_screen(read, found.report, ttls, *wrote))
    for text in report_warnings(found.report):
        console.warn(text)


def tell_pinned(
    session: Session, found: TrainingSet, outputs: Sequence[str], lock: str | None
) -> None:
    """What the definitions are called and how the rows are made again, where there is a manifest.

    Of an output that is no file there is one only where it was asked for.
    """
    from featurectl.cli.screens.dataset_show import pinned_line  # noqa: PLC0415 - not for --help
    from featurectl.flows.dataset_manifest import has_lock  # noqa: PLC0415 - same

    if found.origin is not None and (lock or has_lock(outputs[0])):
        verify = session.typed("dataset verify")
        session.console.note([pinned_line(found.origin, verify, outputs, lock)])


def tell_more_rows(console: Console, found: TrainingSet, shown: int) -> None:
    """Say that there are more rows than were shown, where there are."""
    if found.rows > shown:
        console.note(["Only the first rows are shown; all of them with: --out train.parquet"])


def write_report(console: Console, found: TrainingSet, report: str) -> None:
    """The report as JSON to a file, or ``-`` to stdout."""
    if report == "-":
        console.document(found.report.document())
    else:
        write_document(found.report.document(), report)


def write_document(document: Mapping[str, Any], path: str) -> None:
    """A document as JSON to a file, which appears when it is whole."""
    import json  # noqa: PLC0415 - not for --help
    from pathlib import Path  # noqa: PLC0415 - same

    from featurectl.system.whole_file import whole_file  # noqa: PLC0415 - same

    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    with whole_file(Path(path)) as file:
        file.write(f"{text}\n".encode())


def _first_rows(found: TrainingSet, watch: Callable[[int], None]) -> pa.Table:
    import pyarrow as pa  # noqa: PLC0415 - not for --help

    kept: list[pa.RecordBatch] = []
    done = 0
    for batch in found.batches():
        room = _PREVIEW - done
        if room > 0:
            kept.append(batch.slice(0, room))
        done += batch.num_rows
        watch(done)
    return pa.Table.from_batches(kept, found.schema)
