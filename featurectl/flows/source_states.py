"""What the sources of a repository are made of now, and whether its views fit them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
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
    repository: Repository, engine: OfflineEngine
) -> Mapping[str, SourceState]:
    """The state of every source by name, once all views fit; metadata only is read.

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
    raise_all([*errors, *check_sources(repository, columns)])
    return states


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
