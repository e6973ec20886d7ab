"""The views of a request together with what their sources are made of now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.queries.relation import SourcedView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.definitions.columns import ViewColumns
    from featurectl.definitions.repository import Repository
    from featurectl.offline.protocol import OfflineEngine, SourceState


def source_views(
    columns: Sequence[ViewColumns], repository: Repository, engine: OfflineEngine
) -> tuple[dict[str, SourcedView], dict[str, SourceState]]:
    """Each view once, by name, and the state of each source, by name; every source is looked at.

    Raises:
        SourceError: FC201 to FC203 of a source.
    """
    views = {use.view: repository.views[use.view] for use in columns}
    sources = {view.source: repository.sources[view.source] for view in views.values()}
    states = {name: engine.schema(source) for name, source in sources.items()}
    sourced = {
        name: SourcedView(
            view,
            sources[view.source],
            repository.join_keys(view),
            [file.path for file in states[view.source].files],
            states[view.source].columns,
            extents=states[view.source].extents,
        )
        for name, view in views.items()
    }
    return sourced, states
