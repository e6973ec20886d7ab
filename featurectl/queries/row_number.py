"""A number for each row of a source: the same in every query over the same files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from featurectl.queries.expression import call, cast, column, number, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ROW_BITS = 40  # rows of one file; what is above them is the file's place
_VIRTUAL = ("file_row_number", "file_index", "filename")


def has_row_numbers(file_format: str, columns: Iterable[str]) -> bool:
    """Whether rows of such files can be numbered where they lie.

    Texts have no numbers, and a column of the files' own hides that of the engine.
    """
    return file_format == "parquet" and not {name.lower() for name in columns} & {*_VIRTUAL}


def row_number(files: Sequence[str], *, reads_folders: bool) -> exp.Expr:
    """The number of a row of a scan of these files, 64 bits, not negative.

    ``reads_folders`` says that columns of the view come from the names of folders: the engine then
    may leave files out and count the others from 0, so that a file is told by its name.
    """
    within = column("file_row_number")
    if len(files) == 1:
        return within
    place: exp.Expr = column("file_index")
    if reads_folders:
        paths = exp.Array(expressions=[text(path) for path in files])
        position = call("list_position", paths, column("filename"))
        place = exp.Paren(this=exp.Sub(this=position, expression=number(1)))
    first = exp.Mul(this=cast(place, "BIGINT"), expression=number(1 << ROW_BITS))
    return exp.Add(this=first, expression=within)
