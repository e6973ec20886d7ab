"""What the sources of a repository are made of now, and whether its views fit them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import TYPE_CHECKING

from featurectl.errors import FeaturectlError, raise_all
from featurectl.plan.fit import check_sources

if TYPE_CHECKING:
    from collections.abc import Mapping

    from featurectl.definitions.repository import Repository
    from featurectl.definitions.source import Source
    from featurectl.offline.protocol import OfflineEngine, SourceState

_READERS = 4  # sources that are looked at together: the time goes into waiting for files


def check_against_sources(
    repository: Repository,
    engine: OfflineEngine,
    before: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> Mapping[str, SourceState]:
    """The state of every source by name, once all views fit; metadata only is read.

    ``before`` has the columns that sources were applied with, for errors to tell.

    Raises:
        ManyErrors: every source that can't be read (FC201, FC202, FC203) and every column that
            does not fit (FC204, FC205, FC208), with its place in the files.
    """
    errors: list[FeaturectlError] = []
    states: dict[str, SourceState] = {}
    for name, found in _read(repository, engine).items():
        if isinstance(found, FeaturectlError):
            errors.append(found)
        else:
            states[name] = found
    columns = {name: state.columns for name, state in states.items()}
    raise_all([*errors, *check_sources(repository, columns, before)])
    return states


def columns_now(repository: Repository, engine: OfflineEngine) -> dict[str, Mapping[str, str]]:
    """The columns of every source that can be read; metadata only is."""
    found = _read(repository, engine)
    return {
        name: state.columns
        for name, state in found.items()
        if not isinstance(state, FeaturectlError)
    }


def _read(
    repository: Repository, engine: OfflineEngine
) -> dict[str, SourceState | FeaturectlError]:
    def look(source: Source) -> SourceState | FeaturectlError:
        try:
            return engine.schema(source)
        except FeaturectlError as error:
            error.location = error.location or repository.locate("source", source.name, "path")
            return error

    names = sorted(repository.sources)
    with ThreadPoolExecutor(_READERS) as pool:
        return dict(zip(names, pool.map(lambda n: look(repository.sources[n]), names), strict=True))
