"""Questions to two Parquet files of rows: which rows are in both, and what their columns hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

TIME, NUMBER, OTHER = "time", "number", "other"


class Pair(NamedTuple):
    """A column that both files have, and how its values are compared.

    ``kind`` is ``time``, ``number`` or ``other``; ``is_alike`` whether both have it as one type.
    """

    name: str
    kind: str
    is_alike: bool


def matched_rows(ours: str, theirs: str, keys: Sequence[Pair], values: Sequence[Pair]) -> str:
    """Counts of rows: ``only_a``, ``only_b``, ``both``, ``changed``, and ``c0 c1 …`` per value.

    Rows belong together when they have equal keys and are the first, second … with these in their
    file. Nulls and NaNs are equal to their like, and -0.0 to 0.0.
    """
    partition = [_compared(key) for key in keys]
    differ = [f"{_side('a', value)} IS DISTINCT FROM {_side('b', value)}" for value in values]
    any_differs = " OR ".join(differ) or "FALSE"
    counts = ", ".join(
        f'count(*) FILTER (WHERE a."#" IS NOT NULL AND b."#" IS NOT NULL AND {text}) AS c{n}'
        for n, text in enumerate(differ)
    )
    joined = " AND ".join(
        [*(f"a.k{n} IS NOT DISTINCT FROM b.k{n}" for n in range(len(keys))), 'a."#" = b."#"']
    )
    return (
        f"WITH a AS ({_numbered(ours, partition, values)}), "
        f"b AS ({_numbered(theirs, partition, values)}) "
        'SELECT count(*) FILTER (WHERE b."#" IS NULL) AS only_a, '
        'count(*) FILTER (WHERE a."#" IS NULL) AS only_b, '
        'count(*) FILTER (WHERE a."#" IS NOT NULL AND b."#" IS NOT NULL) AS both, '
        'count(*) FILTER (WHERE a."#" IS NOT NULL AND b."#" IS NOT NULL '
        f"AND ({any_differs})) AS changed{', ' + counts if counts else ''} "
        f"FROM a FULL OUTER JOIN b ON {joined}"
    )


def number_facts(file: str, names: Sequence[tuple[str, str]]) -> str:
    """Of columns of numbers or times, by name and kind: nulls, NaNs, mean, deviation, least, most.

    As ``n0 x0 m0 s0 l0 h0 n1 …``; mean and deviation are of the finite values.
    """
    values = [number(name, kind) for name, kind in names]
    parts = [f"{value} AS v{at}" for at, value in enumerate(values)]
    # A CASE each: aggregates with a FILTER of their own take four times as long.
    cases = [
        f"v{at}, CASE WHEN NOT isnan(v{at}) THEN v{at} END AS w{at}, "
        f"CASE WHEN isfinite(v{at}) THEN v{at} END AS f{at}"
        for at in range(len(values))
    ]
    facts = [
        f"count(*) - count(v{at}) AS n{at}, count(v{at}) - count(w{at}) AS x{at}, "
        f"avg(f{at}) AS m{at}, stddev_samp(f{at}) AS s{at}, "
        f"min(w{at}) AS l{at}, max(w{at}) AS h{at}"
        for at in range(len(values))
    ]
    rows = f"SELECT {', '.join(parts)} FROM {_rows(file)}"
    return f"SELECT {', '.join(facts)} FROM (SELECT {', '.join(cases)} FROM ({rows}))"


def numbers(file: str, name: str, kind: str, every: int) -> str:
    """The values of a column that are neither null nor NaN, of each ``every``-th row, as ``v``."""
    value = number(name, kind)
    return (
        f"SELECT {value} AS v FROM {_rows(file)} "
        f"WHERE file_row_number % {every} = 0 AND {value} IS NOT NULL AND NOT isnan({value})"
    )


def categories(file: str, name: str, most: int) -> str:
    """The most frequent values as texts ``v`` with their count ``n``; null is one of them."""
    return (
        f"SELECT CAST({quoted(name)} AS VARCHAR) AS v, count(*) AS n FROM {_rows(file)} "
        f"GROUP BY v ORDER BY n DESC, v NULLS LAST LIMIT {most}"
    )


def category_counts(file: str, name: str, values: Sequence[str | None]) -> str:
    """How often each of these values, as texts, is there, with all others as ``others``."""
    text = f"CAST({quoted(name)} AS VARCHAR)"
    counts = [
        f"count(*) FILTER (WHERE {text} IS NOT DISTINCT FROM {_text(value)}) AS c{n}"
        for n, value in enumerate(values)
    ]
    return f"SELECT {', '.join(['count(*) AS n', *counts])} FROM {_rows(file)}"


def number(name: str, kind: str) -> str:
    """A column as double; a time as microseconds since 1970."""
    column = quoted(name)
    if kind == TIME:
        return f"CAST(epoch_us(CAST({column} AS TIMESTAMPTZ)) AS DOUBLE)"
    return f"CAST({column} AS DOUBLE)"


def quoted(name: str) -> str:
    """An identifier."""
    return '"' + name.replace('"', '""') + '"'


def _numbered(file: str, partition: Sequence[str], values: Sequence[Pair]) -> str:
    keys = [f"{text} AS k{n}" for n, text in enumerate(partition)]
    kept = [f"{quoted(value.name)} AS {quoted('v_' + value.name)}" for value in values]
    over = f"PARTITION BY {', '.join(partition)} " if partition else ""
    number_ = f'row_number() OVER ({over}ORDER BY file_row_number) AS "#"'
    return f"SELECT {', '.join([*keys, *kept, number_])} FROM {_rows(file)}"


def _compared(key: Pair) -> str:
    column = quoted(key.name)
    if key.kind == TIME:
        return f"epoch_us(CAST({column} AS TIMESTAMPTZ))"
    return column if key.is_alike else f"CAST({column} AS VARCHAR)"


def _side(side: str, value: Pair) -> str:
    column = f"{side}.{quoted('v_' + value.name)}"
    if value.is_alike:
        return column
    return f"CAST({column} AS {'DOUBLE' if value.kind == NUMBER else 'VARCHAR'})"


def _rows(file: str) -> str:
    return f"read_parquet({_text(file)}, file_row_number = true)"


def _text(value: str | None) -> str:
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"
