"""``featurectl get-historical``."""

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from featurectl.cli.options import Features, FullNames, Service, split

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from featurectl.flows.training_set import TrainingSet

_PREVIEW = 10

_SERVICE = "featurectl get-historical --service rank_v1"
EXAMPLES = (
    (f"{_SERVICE} --entities labels.csv --out train.csv", ""),
    (f"{_SERVICE} --entities labels.csv", "a look at the first rows"),
    (f"cat labels.csv | {_SERVICE} --entities - --out -", "in a pipe"),
    ("featurectl get-historical --features driver:trips --at 2024-01-01", "every entity, then"),
)


def run(  # noqa: PLR0917 - an option each
    ctx: typer.Context,
    entities: Annotated[
        str | None,
        typer.Option(metavar="FILE|-", help="rows to join: Parquet, CSV or Arrow IPC"),
    ] = None,
    service: Service = None,
    features: Features = None,
    out: Annotated[
        str | None,
        typer.Option(metavar="FILE|-", help="where to: .parquet, .csv, .arrow; - is CSV on stdout"),
    ] = None,
    report: Annotated[
        str | None,
        typer.Option(metavar="FILE|-", help="JSON: per view what matched, expired, was not there"),
    ] = None,
    start: Annotated[
        str | None, typer.Option(metavar="T", help="without entities: every event from here …")
    ] = None,
    end: Annotated[str | None, typer.Option(metavar="T", help="… to here")] = None,
    at: Annotated[
        str | None, typer.Option(metavar="T", help="without entities: every entity as of then")
    ] = None,
    event_timestamp: Annotated[
        str, typer.Option(metavar="COLUMN", help="the time of each row", show_default=True)
    ] = "event_timestamp",
    *,
    known_at: Annotated[
        bool, typer.Option("--known-at", help="only values that were known (created) by then")
    ] = False,
    full_names: FullNames = False,
    from_files: Annotated[
        bool, typer.Option("--from-files", help="definitions of the files, applied or not")
    ] = False,
) -> None:
    """A training set: each row with the values that were true at its time.

    Every row comes out once, in order, with all its columns. Without --out the first rows are
    shown. A value is null when its entity has no row yet, or the newest is older than the ttl;
    stderr says how often.
    """
    _check_options(entities, out, report, start=start, end=end, at=at)
    started = time.perf_counter()
    with ctx.obj.store() as store:
        definitions = _definitions(store, from_files=from_files)
        if out and out != "-":
            _keep_sources(out, store.config.data_root, definitions.documents("source"))
        from featurectl.definitions.selector import select_features  # noqa: PLC0415 - not for --help

        found = store.get_historical_features(
            entities,
            features=select_features(split(features), definitions) if features else None,
            service=service,
            full_names=full_names,
            known_at=known_at,
            start=start,
            end=end,
            at=at,
            event_timestamp=event_timestamp,
            from_files=from_files,
        )
        wrote = _write(ctx.obj.console, found, out, started, shows=report != "-")
    ttls = {name: document["ttl"] for name, document in definitions.documents("view").items()}
    _tell(ctx.obj.console, found, entities or "the views' own rows", ttls, wrote)
    if not out and report != "-" and found.rows > _PREVIEW:
        ctx.obj.console.note(
            ["Only the first rows are shown; all of them with: --out train.parquet"]
        )
    if report:
        _write_report(ctx.obj.console, found, report)


def _check_options(
    entities: str | None, out: str | None, report: str | None, **range_: str | None
) -> None:
    """Refuse options that contradict each other; ``range_`` has start, end and at."""
    given = [name for name, value in range_.items() if value]
    if entities and given:
        raise typer.BadParameter(f"give it or --{given[0]}, not both", param_hint="--entities")
    if range_["at"] and len(given) > 1:
        raise typer.BadParameter("give one time or a range, not both", param_hint="--at")
    if not entities and not given:
        raise typer.BadParameter(
            "give a file, or --start and --end, or --at", param_hint="--entities"
        )
    if given in (["start"], ["end"]):
        raise typer.BadParameter("give both ends of the range", param_hint=f"--{given[0]}")
    if out == report == "-":
        raise typer.BadParameter("only one of the two can be stdout", param_hint="--report")


def _definitions(store: Any, *, from_files: bool) -> Any:
    """What is applied or, with ``from_files``, what the files would apply."""
    snapshot = store.snapshot()
    if not from_files:
        return snapshot
    from dataclasses import replace  # noqa: PLC0415 - rarely asked for

    from featurectl.definitions.snapshot import Applied  # noqa: PLC0415 - same

    objects = {
        (item.kind, item.name): Applied(item.kind, item.name, item.document(), "", 0)
        for item in store.repository.objects()
    }
    return replace(snapshot, objects=objects)


def _keep_sources(out: str, data_root: "Path", sources: dict[str, Any]) -> None:
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


def _write(
    console: Any, found: "TrainingSet", out: str | None, started: float, *, shows: bool
) -> list[str]:
    """Write the rows, or the first of them where it ``shows``; the line that tells of it."""
    from featurectl.cli.screens.historical import preview_screen, wrote_line  # noqa: PLC0415 - as above

    with console.working(f"joining {found.rows:,} rows"):
        if out is None:
            first = _first_rows(found)
        else:
            size_bytes = found.write(out)
    elapsed = time.perf_counter() - started
    columns = len(found.schema)
    if out is None:
        if shows:
            console.result(preview_screen(first, columns=console.columns))
        return []
    name = "stdout" if out == "-" else out
    return wrote_line(name, found.rows, columns, None if out == "-" else size_bytes, elapsed)


def _first_rows(found: "TrainingSet") -> "pa.Table":
    import pyarrow as pa  # noqa: PLC0415 - not for --help

    kept: list[pa.RecordBatch] = []
    for batch in found.batches():
        room = _PREVIEW - sum(piece.num_rows for piece in kept)
        if room > 0:
            kept.append(batch.slice(0, room))
    return pa.Table.from_batches(kept, found.schema)


def _tell(
    console: Any, found: "TrainingSet", name: str, ttls: dict[str, str], wrote: list[str]
) -> None:
    from featurectl.cli.screens.historical import read_line, report_screen, report_warnings  # noqa: PLC0415 - as above

    columns = [(field.name, str(field.type)) for field in found.frame.schema]
    source = "standard input" if name == "-" else name
    console.note(report_screen(read_line(source, found.rows, columns), found.report, ttls, wrote))
    for text in report_warnings(found.report):
        console.warn(text)


def _write_report(console: Any, found: "TrainingSet", report: str) -> None:
    import json  # noqa: PLC0415 - not for --help
    from pathlib import Path  # noqa: PLC0415 - same

    from featurectl.system.whole_file import whole_file  # noqa: PLC0415 - same

    if report == "-":
        console.document(found.report.document())
    else:
        text = json.dumps(found.report.document(), indent=2, ensure_ascii=False, allow_nan=False)
        with whole_file(Path(report)) as file:
            file.write(f"{text}\n".encode())
