"""Whether rows that were made by an earlier definition of a view are those of its definition now.

They are where the change from the one to the other would not rebuild the view. Pure.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from featurectl.definitions.repository import Repository
from featurectl.plan.bindings import Reuse
from featurectl.plan.origin import column_of
from featurectl.plan.renames import find_renames
from featurectl.plan.sides import side_by_side
from featurectl.plan.views import view_changes

if TYPE_CHECKING:
    from featurectl.definitions.binding import Generation
    from featurectl.definitions.snapshot import Snapshot


def reuse_of(
    view: str, then: Snapshot, was: str, generation: Generation, repository: Repository
) -> Reuse | None:
    """How the rows of ``generation``, made by the definition of ``was`` in ``then``, serve a view.

    ``was`` is what the view was called then. None where the rows don't serve it: it was not applied
    then, not served online, or its rows come out otherwise now.
    """
    before, now = _alone(then.repository, was), _alone(repository, view)
    if before is None or now is None or not before.views[was].online:
        return None
    now = _with_hints(before, was, now, view)
    sides = side_by_side(_of(then, before), now)
    change = next(iter(view_changes(sides)), None)
    if change and change.action == "rebuild":
        return None
    renamed = find_renames(before, now).features.get(view, {})
    return Reuse(generation, change, renamed)


def _with_hints(before: Repository, was: str, now: Repository, name: str) -> Repository:
    """``now`` with hints of what was renamed: what is read from the same column.

    The hints that the files have tell of what is applied, which may be of another time.
    """
    old, new = before.views[was], now.views[name]
    names = {column_of(before.sources[old.source], each): each for each in old.features}
    features = {}
    for feature, part in new.features.items():
        hint = names.get(column_of(now.sources[new.source], feature))
        features[feature] = part.model_copy(update={"renamed_from": hint})
    hinted = new.model_copy(update={"features": features, "renamed_from": was})
    return replace(now, views={name: hinted})


def _alone(repository: Repository, name: str) -> Repository | None:
    """The view with its source and its entities, and nothing else."""
    view = repository.views.get(name)
    if view is None:
        return None
    return Repository(
        repository.project,
        {entity: repository.entities[entity] for entity in view.entities},
        {view.source: repository.sources[view.source]},
        {name: view},
    )


def _of(snapshot: Snapshot, repository: Repository) -> Snapshot:
    """The snapshot with the objects of the repository only."""
    keys = [(found.kind, found.name) for found in repository.objects()]
    return replace(snapshot, objects={key: snapshot.objects[key] for key in keys}, bindings={})
