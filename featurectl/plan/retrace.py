"""The names that what was applied earlier has got since: going back renames it too. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from featurectl.definitions.repository import Repository
    from featurectl.definitions.view import FeatureView

_Names = dict[str, tuple[str, dict[str, str]]]  # of a view then: its name now, its features' names


def with_names_since(earlier: Repository, plans: Sequence[Mapping[str, Any]]) -> Repository:
    """The repository with hints ``renamed_from`` that name what its views and features are now.

    ``plans`` are the documents of the plans that were applied since, oldest first.
    """
    names: _Names = {view: (view, {}) for view in earlier.views}
    for plan in plans:
        for change in plan.get("changes", ()):
            if change["kind"] == "view":
                _follow(names, change)
    views = {name: _hinted(view, *names[name]) for name, view in earlier.views.items()}
    return replace(earlier, views=views)


def _follow(names: _Names, change: Mapping[str, Any]) -> None:
    was = change.get("renamed_from") or change["name"]
    for then, (now, features) in names.items():
        if now == was:
            renamed = dict(_renamed(change["fields"]))
            kept = {old: renamed.pop(name, name) for old, name in features.items()}
            names[then] = (change["name"], {**kept, **renamed})
            return


def _renamed(fields: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, str]]:
    """The features of a view that a plan has renamed, as (old, new)."""
    for field in fields:
        if field["path"].startswith("features.") and field["path"].endswith(".name"):
            yield field["old"], field["new"]


def _hinted(view: FeatureView, now: str, features: Mapping[str, str]) -> FeatureView:
    parts = {
        name: part.model_copy(update={"renamed_from": features[name]})
        if features.get(name, name) != name
        else part
        for name, part in view.features.items()
    }
    hint = now if now != view.name else None
    return view.model_copy(update={"features": parts, "renamed_from": hint})
