"""The files of a source as a table: read by name, nothing guessed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from featurectl.queries.expression import call, column, named, number, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from featurectl.definitions.source import FileSource

HIVE_FOLDER = re.compile(r"^([^=]+)=")


def scan(source: FileSource, files: Sequence[str], *, hive: Iterable[str] = ()) -> exp.Expr:
    """The table function that reads the files, columns unified by name.

    A CSV file is read as text throughout, with a header; ``hive`` names the columns that come from
    the names of folders, read as text too.
    """
    options: dict[str, exp.Expr] = {"union_by_name": exp.true(), "hive_partitioning": exp.false()}
    if hive:
        types = exp.Struct(
            expressions=[
                exp.PropertyEQ(
                    this=exp.to_identifier(name, quoted=True), expression=text("VARCHAR")
                )
                for name in hive
            ]
        )
        options |= {"hive_partitioning": exp.true(), "hive_types": types}
    if source.file_format == "csv":
        options |= _csv_options(files)
    paths = exp.Array(expressions=[text(_literal_path(path)) for path in files])
    named_options = [
        exp.EQ(this=exp.to_identifier(name), expression=value) for name, value in options.items()
    ]
    function = "read_csv" if source.file_format == "csv" else "read_parquet"
    return call(function, paths, *named_options)


def numbered_file(path: str) -> exp.Subquery:
    """A Parquet file of our own, whose rows have their numbers as ``r``."""
    rows = exp.select("*", named(column("file_row_number"), "r"), copy=False)
    files = call("read_parquet", text(_literal_path(path)))
    return rows.from_(files, copy=False).subquery("copied", copy=False)


def hive_columns(files: Sequence[str]) -> list[str]:
    """The columns that all the files' folders name as ``column=value``, outermost first."""
    each = [_hive_names(path) for path in files]
    return each[0] if each and all(names == each[0] for names in each) else []


def _csv_options(files: Sequence[str]) -> dict[str, exp.Expr]:
    # Skipped lines and comments are off: the sniffer otherwise drops lines that it can't explain.
    tab = bool(files) and files[0].lower().endswith((".tsv", ".tsv.gz"))
    return {
        "header": exp.true(),
        "all_varchar": exp.true(),
        "delim": text("\t" if tab else ","),
        "quote": text('"'),
        "escape": text('"'),
        "nullstr": text(""),
        "allow_quoted_nulls": exp.false(),
        "skip": number(0),
        "comment": text(""),
    }


def _literal_path(path: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", path)


def _hive_names(path: str) -> list[str]:
    folders = re.split(r"[/\\]", path)[:-1]
    return [match[1] for folder in folders if (match := HIVE_FOLDER.match(folder))]
