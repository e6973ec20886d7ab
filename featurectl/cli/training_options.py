"""The options of ``get-historical``, and which of them exclude each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.cli.console import Console

Entities = Annotated[
    str | None,
    typer.Option(metavar="FILE|-", help="rows to join: Parquet, CSV or Arrow IPC"),
]
Sql = Annotated[
    str | None,
    typer.Option(
        metavar="QUERY",
        help="rows to join, by a SELECT over the sources; ORDER BY gives them an order of its own",
    ),
]
Sample = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help="only N of the rows, the same ones each time"),
]
Out = Annotated[
    str | None,
    typer.Option(metavar="FILE|-", help="where to: .parquet, .csv, .arrow; - is CSV on stdout"),
]
Format = Annotated[
    Literal["parquet", "csv", "arrow", "json"] | None,
    typer.Option(
        "--format",
        help="the format, whatever the suffix; without --out to stdout; json: of --compare",
    ),
]
ReportFile = Annotated[
    str | None,
    typer.Option(metavar="FILE|-", help="JSON: per view what matched, expired, was not there"),
]
Start = Annotated[
    str | None, typer.Option(metavar="T", help="without entities: every event from here …")
]
End = Annotated[str | None, typer.Option(metavar="T", help="… to here")]
At = Annotated[
    str | None, typer.Option(metavar="T", help="without entities: every entity as of then")
]
EventTimestamp = Annotated[
    str, typer.Option(metavar="COLUMN", help="the time of each row", show_default=True)
]
KnownAt = Annotated[
    bool, typer.Option("--known-at", help="only values that were known (created) by then")
]
LockFile = Annotated[
    str | None,
    typer.Option(
        "--lock",
        metavar="FILE",
        help="where the manifest goes: ROWS.lock.json; default: beside --out",
    ),
]
Hashes = Annotated[
    Literal["cheap", "full"],
    typer.Option("--hash", help="full: every byte of the sources is in the manifest"),
]
ExplainPlan = Annotated[
    bool,
    typer.Option("--explain-plan", help="join nothing: show how, the SQL, and what it would read"),
]
FromFiles = Annotated[
    bool, typer.Option("--from-files", help="definitions of the files, applied or not")
]


def check_rows(entities: str | None, sql: str | None, **range_: str | None) -> None:
    """Refuse two kinds of rows at once, and none; ``range_`` has start, end and at.

    Raises:
        BadParameter: naming the option that is too much, or missing.
    """
    given = [name for name, value in range_.items() if value]
    frames = [name for name, value in (("entities", entities), ("sql", sql)) if value is not None]
    if frames and len(frames) + len(given) > 1:
        other = [*frames, *given][1]
        raise typer.BadParameter(f"give it or --{other}, not both", param_hint=f"--{frames[0]}")
    if range_["at"] and len(given) > 1:
        raise typer.BadParameter("give one time or a range, not both", param_hint="--at")
    if not frames and not given:
        raise typer.BadParameter(
            "give a file, or --sql, or --start and --end, or --at", param_hint="--entities"
        )
    if given in (["start"], ["end"]):
        raise typer.BadParameter("give both ends of the range", param_hint=f"--{given[0]}")


def check_plan(out: str | None, report: str | None) -> None:
    """Refuse what only a join gives, where none is to be done.

    Raises:
        BadParameter: naming the option that is too much.
    """
    for option, value in (("--out", out), ("--report", report)):
        if value:
            raise typer.BadParameter(
                f"nothing is joined with it: leave out {option}", param_hint="--explain-plan"
            )


def check_streams(console: Console, out: str | None, kind: str | None, report: str | None) -> None:
    """Refuse two documents on one stdout, and bytes on a terminal.

    Raises:
        BadParameter: what would go there.
    """
    if out == report == "-":
        raise typer.BadParameter("only one of the two can be stdout", param_hint="--report")
    if out == "-" and kind in ("parquet", "arrow") and console.is_shown:
        raise typer.BadParameter(
            "stdout is a terminal: name a file, or lead it into one", param_hint="--format"
        )


def check_manifest(out: str | None, lock: str | None, hashes: str) -> None:
    """Refuse what a manifest has, where nothing is written that would have one.

    Raises:
        BadParameter: naming the option.
    """
    asked = {"--lock": lock is not None, "--hash": hashes == "full"}
    for option in (option for option, given in asked.items() if given and not out):
        raise typer.BadParameter("a manifest is of an output: give --out too", param_hint=option)
    if lock is not None and not lock.endswith(".lock.json"):
        told = "name it after the file of the rows, as dataset verify does: rows.csv.lock.json"
        raise typer.BadParameter(told, param_hint="--lock")


def check_files(entities: str | None, outputs: Sequence[str], **others: str | None) -> None:
    """Refuse to write one file twice, or over the entity rows; ``others`` has lock and report.

    Raises:
        BadParameter: naming the option.
    """
    from os.path import realpath  # noqa: PLC0415 - not for --help
    from pathlib import Path  # noqa: PLC0415 - same

    taken = {realpath(entities): "--entities"} if entities and entities != "-" else {}
    named = [*(("--out", path) for path in outputs), *((f"--{o}", p) for o, p in others.items())]
    for option, path in named:
        if path is None or path == "-":
            continue
        other = taken.setdefault(realpath(path), option)
        if other != option:
            told = f"{path} is that of {other} too: it would be overwritten"
            raise typer.BadParameter(told, param_hint=option)
        folder = Path(realpath(path)).parent
        if option != "--out" and not folder.is_dir():
            raise typer.BadParameter(f"there is no folder {folder}", param_hint=option)
