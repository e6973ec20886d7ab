"""The names that what was applied earlier has got since: going back renames it too. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from featurectl.definitions.repository import Repository
    from featurectl.definitions.view import FeatureView

# Of a view then: its name now, and its features' names. What was taken away since is not in it.
_Names = dict[str, tuple[str, dict[str, str]]]


def with_names_since(earlier: Repository, plans: Sequence[Mapping[str, Any]]) -> Repository:
    """The repository with hints ``renamed_from`` that name what its views and features are now.

    ``plans`` are the documents of the plans that were applied since, oldest first. What was taken
    away since has no hint: what has its name, or its later one, is another.
    """
    names: _Names = {name: (name, _same(view)) for name, view in earlier.views.items()}
    for plan in plans:
        for change in plan.get("changes", ()):
            if change["kind"] == "view":
                _follow(names, change)
    views = {
        name: _hinted(view, *names.get(name, (name, {}))) for name, view in earlier.views.items()
    }
    return replace(earlier, views=views)


def _same(view: FeatureView) -> dict[str, str]:
    return {feature: feature for feature in view.features}


def _follow(names: _Names, change: Mapping[str, Any]) -> None:
    was = change.get("renamed_from") or change["name"]
    then = next((then for then, (now, _) in names.items() if now == was), None)
    if then is None:
        return
    if change["action"] == "destroy":
        del names[then]
        return
    became = dict(_became(change["fields"]))
    features = {old: became.get(now, now) for old, now in names[then][1].items()}
    kept = {old: now for old, now in features.items() if now is not None}
    names[then] = (change["name"], kept)


def _became(fields: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str | None]]:
    """The features of a view that a plan renamed or took away: old and new name, or None."""
    for field in fields:
        kind, _, path = field["path"].partition(".")
        feature, _, part = path.partition(".")
        if kind == "features" and part == "name":
            yield field["old"], field["new"]
        elif kind == "features" and feature and not part and field["new"] is None:
            yield feature, None


def _hinted(view: FeatureView, now: str, features: Mapping[str, str]) -> FeatureView:
    parts = {
        name: part.model_copy(update={"renamed_from": features[name]})
        if features.get(name, name) != name
        else part
        for name, part in view.features.items()
    }
    hint = now if now != view.name else None
    return view.model_copy(update={"features": parts, "renamed_from": hint})
