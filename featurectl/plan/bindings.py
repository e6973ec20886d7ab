"""Where the rows of each view are after a plan: generations, layouts, renamed columns. Pure.

A generation is kept as long as its rows mean the same. What makes other rows (see ``origin.py`` and
``classify.py``) is filled as a new generation beside it; readers stay on the old one until then.
Where such rows are still there, from an earlier time or of another environment (``reuse.py``), they
are taken instead. A generation that another environment writes is only read, and one that another
environment reads is not changed: what would change it is filled as a new one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from featurectl.definitions.binding import Binding, Generation, Layout
from featurectl.plan.renames import find_renames

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from featurectl.definitions.repository import Repository
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.definitions.view import FeatureView
    from featurectl.plan.plan import Change, Plan

_REMOVED = ""  # the name of a column whose feature is gone: old rows have it, nothing reads it


@dataclass(frozen=True)
class Reuse:
    """Rows that are in the store already, for a view that would be filled anew.

    ``change`` is what becomes of the view's definition since those rows were made (None: nothing),
    ``renamed`` its features that have another name since, from new to old. ``at_once``: readers are
    sent there now; else the next run brings the rows up to date before.
    """

    generation: Generation
    change: Change | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)
    at_once: bool = True
    needs_fill: bool = False


def rebind(
    snapshot: Snapshot,
    repository: Repository,
    plan: Plan,
    new_suffix: Callable[[], str],
    reuse: Mapping[str, Reuse],
) -> dict[str, Binding | None]:
    """The bindings that change, by view; None for a view that has no rows any more.

    ``new_suffix`` gives four random characters of ``a-z0-9``: a generation's id is the name of its
    view when it was made, and such a suffix. ``reuse`` has the views that need no new one.
    """
    renames = find_renames(snapshot.repository, repository)
    changes = {change.name: change for change in plan.changes if change.kind == "view"}
    found: dict[str, Binding | None] = dict.fromkeys(snapshot.bindings)
    for name, view in sorted(repository.views.items()):
        if not view.online:
            continue
        old = snapshot.bindings.get(renames.old_view(name))
        change = changes.get(name)
        keys = tuple(repository.join_keys(view).items())
        if old is not None:
            old = _kept(old, view, keys, renames.features.get(name, {}))
        if name in reuse:
            found[name] = _reused(reuse[name], old, view, keys)
        elif old is None:
            found[name] = Binding(name, _generation(view, keys, new_suffix()))
        elif change and forks(snapshot, old, view, change):
            found[name] = replace(old, fill=_generation(view, keys, new_suffix()), needs_fill=False)
        else:
            found[name] = _changed(old, view, change) if change else old
    return {
        view: binding for view, binding in found.items() if binding != snapshot.bindings.get(view)
    }


def dropped(
    snapshot: Snapshot, changed: Mapping[str, Binding | None]
) -> dict[str, tuple[str, ...]]:
    """The generations that no binding names any more, by the view that had them.

    Nothing reads their rows once the manifest is published.
    """
    after = {**snapshot.bindings, **changed}
    live = {each for binding in after.values() if binding for each in generations(binding)}
    found = {
        view: tuple(each for each in generations(binding) if each not in live)
        for view, binding in snapshot.bindings.items()
    }
    return {view: gone for view, gone in found.items() if gone}


def generations(binding: Binding) -> tuple[str, ...]:
    """The ids of the generations that a binding names: the one that serves, the one filled."""
    return (binding.read.id, binding.fill.id) if binding.fill else (binding.read.id,)


def _kept(
    old: Binding, view: FeatureView, keys: tuple[tuple[str, str], ...], renamed: Mapping[str, str]
) -> Binding:
    """The binding under the view's new name, with the columns named as its features are now."""
    now = {was: name for name, was in renamed.items()}
    names = {
        column: now.get(column, column)
        for generation in (old.read, old.fill)
        if generation
        for layout in generation.layouts
        for column, _ in layout.columns
    }
    names = {was: name if name in view.features else _REMOVED for was, name in names.items()}
    return replace(
        old,
        view=view.name,
        read=_named(old.read, names, keys),
        fill=_named(old.fill, names, keys) if old.fill else None,
    )


def _named(
    generation: Generation, names: Mapping[str, str], keys: tuple[tuple[str, str], ...]
) -> Generation:
    """The generation with other names of columns, and its join keys in their new order."""
    layouts = tuple(
        Layout(layout.id, tuple((names[name], kind) for name, kind in layout.columns))
        for layout in generation.layouts
    )
    same = sorted(keys) == sorted(generation.join_keys)
    return replace(generation, layouts=layouts, join_keys=keys if same else generation.join_keys)


def _reused(
    reuse: Reuse, old: Binding | None, view: FeatureView, keys: tuple[tuple[str, str], ...]
) -> Binding:
    there = Binding(view.name, reuse.generation, needs_fill=reuse.needs_fill)
    there = _kept(there, view, keys, reuse.renamed)
    if reuse.change:
        there = _changed(there, view, reuse.change)
    if old is None or reuse.at_once:
        return there
    return replace(old, fill=there.read, needs_fill=there.needs_fill)


def alters(generation: Generation, view: FeatureView, change: Change) -> bool:
    """Whether a change of the view changes what runs write into its rows, or until when."""
    expires = any(field.path in ("ttl", "on_stale") for field in change.fields)
    return expires or _needs_fill(change) or _extended(generation, view) != generation


def forks(snapshot: Snapshot, binding: Binding, view: FeatureView, change: Change) -> bool:
    """Whether the change takes rows of a new generation.

    What would change rows that another environment reads, or writes, is made of new ones.
    """
    if change.action == "rebuild":
        return True
    target = binding.target
    if snapshot.owner(target.id) != snapshot.env:
        return _needs_fill(change) or _extended(target, view) != target
    return target.id in snapshot.shared and alters(target, view, change)


def _changed(binding: Binding, view: FeatureView, change: Change) -> Binding:
    """The binding with the change made to what is written.

    That may be loaded already where readers are not there yet: rows that they come back to.
    """
    target = _extended(binding.target, view)
    needs_fill = binding.needs_fill or _needs_fill(change)
    if binding.fill:
        return replace(binding, fill=target, needs_fill=needs_fill)
    return replace(binding, read=target, needs_fill=needs_fill)


def _extended(generation: Generation, view: FeatureView) -> Generation:
    """The generation with one more layout, unless the last one has just the view's columns."""
    columns = _columns(view)
    if sorted(columns) == sorted(generation.layout.columns):
        return generation
    next_id = max(layout.id for layout in generation.layouts) + 1
    return replace(generation, layouts=(*generation.layouts, Layout(next_id, columns)))


def _needs_fill(change: Change) -> bool:
    """Whether rows that did not change since the last run are to be loaded again.

    A feature more, a wider type, a longer TTL; and values that are to be served past their TTL must
    lose their expiry.
    """
    return any(
        field.path in ("ttl", f"features.{field.feature}", f"features.{field.feature}.type")
        or (field.path == "on_stale" and field.new == "serve")
        for field in change.fields
        if field.change_class == "additive"
    )


def _generation(view: FeatureView, keys: tuple[tuple[str, str], ...], suffix: str) -> Generation:
    return Generation(f"{view.name}.{suffix}", keys, (Layout(1, _columns(view)),))


def _columns(view: FeatureView) -> tuple[tuple[str, str], ...]:
    return tuple((name, feature.type) for name, feature in view.features.items())
