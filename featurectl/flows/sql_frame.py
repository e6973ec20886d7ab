"""Entity rows that a query over the repository's sources gives."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from featurectl.errors import FeaturectlError, RequestError, SourceError, did_you_mean
from featurectl.offline.protocol import Query
from featurectl.offline.spilled_frame import spilled_frame
from featurectl.queries.entity_sql import over_sources, parse_entity_sql, quoted_sql
from featurectl.queries.source_rows import source_rows
from featurectl.queries.sql_place import place_of_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa
    from sqlglot import exp

    from featurectl.definitions.repository import Repository
    from featurectl.offline.frame import Frame
    from featurectl.offline.protocol import OfflineEngine, SourceState

LABEL = "the result of the SQL"
_OF_THE_SQL = re.compile(
    r"the engine failed: (Binder|Catalog|Conversion|Invalid Input|Out of Range|Parser|Syntax|Type"
    r"|Not implemented|Mismatch Type) Error: (.*)",
    re.DOTALL,
)


def sql_frame(
    sql: str,
    repository: Repository,
    engine: OfflineEngine,
    states: Mapping[str, SourceState],
) -> tuple[Frame, dict[str, SourceState]]:
    """The rows of the query, which runs once and now, and the states of the sources it reads.

    The rows are in the query's order, then in that of all its columns. ``states`` are those of
    sources that have been looked at already. Many rows go to a temporary file.

    Raises:
        RequestError: FC331 the SQL is wrong, or its result could not be made again.
        SourceError: FC201 to FC206 of a source.
    """
    parsed = parse_entity_sql(sql, repository.sources)
    read = {
        name: states.get(name) or engine.schema(repository.sources[name]) for name in parsed.sources
    }
    rows = {
        name: source_rows(
            repository.sources[name],
            [file.path for file in state.files],
            state.columns,
            _declared(repository, name),
        )
        for name, state in read.items()
    }
    ask = _Asking(sql, engine, [named.alias for query in rows.values() for named in query.selects])
    columns = ask.fetch(over_sources(parsed, rows, None)).schema
    found = ask.fetch(over_sources(parsed, rows, len(columns)))
    return spilled_frame(found.schema, ask.told(found), LABEL), read


def _declared(repository: Repository, source: str) -> dict[str, str]:
    """The types that views declare of the source's columns, where they agree."""
    found: dict[str, set[str]] = {}
    for view in repository.views.values():
        if view.source == source:
            features = {name: feature.type for name, feature in view.features.items()}
            for name, kind in {**features, **repository.join_keys(view)}.items():
                found.setdefault(name, set()).add(kind)
    return {name: next(iter(kinds)) for name, kinds in found.items() if len(kinds) == 1}


@dataclass(frozen=True)
class _Asking:
    """The engine asked for a person's SQL; what it does not like of that is told as such."""

    sql: str
    engine: OfflineEngine
    columns: list[str]

    def fetch(self, query: exp.Query) -> pa.RecordBatchReader:
        try:
            return self.engine.fetch(Query(quoted_sql(query)))
        except SourceError as error:
            raise self._of_the_sql(error) from error

    def told(self, batches: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
        try:
            yield from batches
        except SourceError as error:
            raise self._of_the_sql(error) from error

    def _of_the_sql(self, error: SourceError) -> FeaturectlError:
        told = _OF_THE_SQL.match(error.message)
        if told is None:
            return error
        named = re.search(r'"([^"]+)"', told[2])
        return RequestError(
            "FC331",
            f"the SQL does not work: {told[2]}",
            location=place_of_word(self.sql, named[1]) if named else None,
            caret=did_you_mean(named[1], self.columns) if named else "",
        )
