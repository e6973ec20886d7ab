"""Which views and features were renamed: as the files say, and as it looks where they don't."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from featurectl.definitions.repository import Repository
    from featurectl.definitions.view import FeatureView

_SIMILAR = 0.6  # of difflib's ratio: a letter or a word of a name has changed


@dataclass(frozen=True)
class Renames:
    """What has a new name, from new to old; names that stayed are not in it.

    ``features`` has the features of each view, by the view's new name.
    """

    views: Mapping[str, str] = field(default_factory=dict)
    features: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def old_view(self, view: str) -> str:
        """What the view was called."""
        return self.views.get(view, view)

    def old_feature(self, view: str, feature: str) -> str:
        """What the feature of a view (by its new name) was called."""
        return self.features.get(view, {}).get(feature, feature)

    def new_view(self, old: str) -> str:
        """What a view that was called so is called now."""
        return next((new for new, was in self.views.items() if was == old), old)

    def new_feature(self, view: str, old: str) -> str:
        """What a feature of a view (by its new name) that was called so is called now."""
        found = self.features.get(view, {})
        return next((new for new, was in found.items() if was == old), old)


def find_renames(applied: Repository, repository: Repository) -> Renames:
    """The renames that ``renamed_from`` declares and that are not applied yet.

    A hint counts while the old name is applied and gone from the files, and the new name is not
    applied. So it does nothing once it is applied, and two names can't be swapped in one go.
    """
    hints = {n: view.renamed_from for n, view in repository.views.items() if view.renamed_from}
    views = _renamed(hints, set(applied.views), set(repository.views)) if hints else {}
    features = {}
    for name, view in repository.views.items():
        inner = {n: part.renamed_from for n, part in view.features.items() if part.renamed_from}
        if inner and views.get(name, name) in applied.views:
            old = applied.views[views.get(name, name)]
            features[name] = _renamed(inner, set(old.features), set(view.features))
    return Renames(views, {name: found for name, found in features.items() if found})


def _renamed(hints: Mapping[str, str], old: set[str], new: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    gone = old - new
    for name, was in sorted(hints.items()):
        if was in gone and name not in old and was not in found.values():
            found[name] = was
    return found


def probable_view(
    name: str, view: FeatureView, gone: Mapping[str, FeatureView], *, keep: float = 0.5
) -> str | None:
    """The view among those that are ``gone`` that a new one probably was, or None.

    It read the same source for the same entities, and most features are the same.
    """
    alike = {
        old: _overlap(set(was.features), set(view.features))
        for old, was in gone.items()
        if (was.source, was.entities) == (view.source, view.entities)
    }
    best = max(alike, key=lambda old: (alike[old], _similar(old, name), old), default=None)
    return best if best is not None and alike[best] > keep else None


def probable_feature(
    name: str,
    gone: Mapping[str, tuple[str, str]],
    added: tuple[str, str],
) -> str | None:
    """The feature among those that are ``gone`` that a new one probably was, or None.

    Features are given as (type, column of the source): the same column is a sure sign, a similar
    name with the same type a good one.
    """
    type_name, column = added
    same_column = [old for old, (_, was) in gone.items() if was == column]
    similar = [
        old
        for old, (was, _) in gone.items()
        if was == type_name and _similar(old, name) >= _SIMILAR
    ]
    found = same_column or sorted(similar, key=lambda old: -_similar(old, name))
    return found[0] if found else None


def _overlap(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other)


def _similar(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other).ratio()
