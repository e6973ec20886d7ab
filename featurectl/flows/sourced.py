"""The views of a request together with what their sources are made of now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.flows.ignored import all_usable
from featurectl.queries.relation import SourcedView

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from featurectl.definitions.columns import ViewColumns
    from featurectl.definitions.repository import Repository
    from featurectl.definitions.source import FileSource
    from featurectl.definitions.view import FeatureView
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
        name: sourced_view(
            view, sources[view.source], repository.join_keys(view), states[view.source]
        )
        for name, view in views.items()
    }
    return sourced, states


def sourced_view(
    view: FeatureView, source: FileSource, join_keys: Mapping[str, str], state: SourceState
) -> SourcedView:
    """A view together with what its source is made of."""
    files = [file.path for file in state.files]
    usable = all_usable(source, join_keys, state)
    return SourcedView(
        view, source, join_keys, files, state.columns, extents=state.extents, all_usable=usable
    )
