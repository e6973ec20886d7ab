"""The format of a source's files."""

from __future__ import annotations


def file_format(path: str, given: str | None) -> str:
    """``parquet`` or ``csv``: as given, else by the path's suffix, else Parquet.

    >>> file_format("a.csv.gz", None), file_format("lake/", None), file_format("a.txt", "csv")
    ('csv', 'parquet', 'csv')
    """
    if given:
        return given
    return "csv" if path.lower().endswith((".csv", ".csv.gz", ".tsv")) else "parquet"
