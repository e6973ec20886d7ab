"""Options of ``get-historical`` that prove a training set or split it, and the writing of parts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from featurectl.cli.console import Console
    from featurectl.flows.split_set import SplitSet

Prove = Annotated[
    bool,
    typer.Option(
        "--prove", help="assert that nothing is of the future; each row carries the times"
    ),
]
Parts = Annotated[
    str | None,
    typer.Option("--split", metavar="PARTS", help="train=0.8,test=0.2: a file for each part"),
]
SplitBy = Annotated[
    str | None,
    typer.Option(metavar="time|entity|random|COLUMN", help="what decides the part; default: time"),
]
Seed = Annotated[
    int | None, typer.Option(metavar="N", help="another split by entity or random; default: 0")
]


def check_split(
    parts: str | None, by: str | None, seed: int | None, out: str | None, lock: str | None
) -> list[str]:
    """The files of a split, once its options go together; none without one.

    Raises:
        BadParameter: an option without a split, or a split without a file.
        RequestError: FC333 the parts are none.
    """
    if parts is None:
        for name, value in (("--split-by", by), ("--seed", seed)):
            if value is not None:
                raise typer.BadParameter("give the parts too: --split train=0.8,test=0.2",
                                         param_hint=name)  # fmt: skip
        return []
    if not out or out == "-":
        raise typer.BadParameter("parts are files: give --out FILE too", param_hint="--split")
    if lock:
        raise typer.BadParameter("each part has its own beside it", param_hint="--lock")
    from featurectl.flows.split_output import part_path  # noqa: PLC0415 - not for --help
    from featurectl.flows.split_request import split_request  # noqa: PLC0415 - same

    asked = split_request(parts, by, seed)
    return [str(part_path(out, part.name)) for part in asked.parts]


def write_split(
    console: Console, found: SplitSet, out: str, started: float, **how: Any
) -> list[list[str]]:
    """Write all parts; the lines that tell of them. ``started`` is when the command was."""
    from featurectl.cli.progress import rows_progress  # noqa: PLC0415 - not for --help
    from featurectl.cli.screens.audit import part_rows  # noqa: PLC0415 - same

    with rows_progress(console, found.rows) as watch:
        files = found.write(out, watch=watch, **how)
    elapsed = time.perf_counter() - started
    return part_rows(files, found.split, len(found.schema), elapsed)
