"""What becomes of each feature view."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from featurectl.plan.classify import Around, Verdict, classify
from featurectl.plan.fields import view_fields
from featurectl.plan.origin import column_of
from featurectl.plan.plan import GONE, Change, worst
from featurectl.plan.renames import probable_feature, probable_view

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.definitions.repository import Repository
    from featurectl.definitions.view import FeatureView
    from featurectl.plan.plan import Action, FieldChange
    from featurectl.plan.sides import Sides


def view_changes(sides: Sides) -> list[Change]:
    """The changes of views, those that leave included; in no order."""
    stays = {name: sides.renames.old_view(name) for name in sides.files.views}
    known = set(stays.values())
    gone = {n: sides.applied.views[n] for n in sides.applied.views if n not in known}
    new = {n: v for n, v in sides.files.views.items() if stays[n] not in sides.applied.views}
    likely = {name: probable_view(name, view, gone) for name, view in sorted(new.items())}
    found = [_created(sides, view, likely[name]) for name, view in new.items()]
    found += [
        _destroyed(sides, view, next((n for n, was in likely.items() if was == name), None))
        for name, view in gone.items()
    ]
    for name, view in sides.files.views.items():
        is_same = ("view", name) in sides.same and not sides.effects[name]
        change = None if name in new or is_same else _changed(sides, view)
        found += [change] if change else []
    return found


def _created(sides: Sides, view: FeatureView, probably: str | None) -> Change:
    fields = tuple(
        sides.located("view", view.name, replace(field, change_class="additive"))
        for field in view_fields({}, view.document(), {})
    )
    hint = f"looks like a rename of {probably}: add renamed_from: {probably}" if probably else ""
    file, line = sides.place("view", view.name)
    return Change("view", view.name, "create", "additive", fields, (), hint, file, line)


def _destroyed(sides: Sides, view: FeatureView, probably: str | None) -> Change:
    hint = f"; {probably} looks like it under a new name: add renamed_from there"
    return Change(
        "view",
        view.name,
        "destroy",
        "destroy",
        consumers=tuple(sorted(sides.consumers.of(view.name))),
        reason=GONE + (hint if probably else ""),
        is_protected=view.prevent_destroy,
    )


def _changed(sides: Sides, view: FeatureView) -> Change | None:
    old = sides.applied.views[sides.renames.old_view(view.name)]
    renamed = sides.renames.features.get(view.name, {})
    fields = view_fields(old.document(), view.document(), renamed)
    effects = sides.effects[view.name]
    if not fields and not effects:
        return None
    verdicts = [classify("view", field, _around(sides, view.name, field)) for field in fields]
    rebuilds = bool(effects) or any(verdict.rebuilds for verdict in verdicts)
    severity = worst([v.change_class for v in verdicts] + ["breaking" for _ in effects[:1]])
    action: Action = "update" if old.name == view.name else "rename"
    file, line = sides.place("view", view.name)
    return Change(
        "view",
        view.name,
        "rebuild" if rebuilds and old.online and view.online else action,
        severity,
        tuple(
            sides.located("view", view.name, _judged(field, verdict))
            for field, verdict in zip(fields, verdicts, strict=True)
        ),
        _consumers(sides, view.name, fields, verdicts),
        "; ".join([*_reasons(sides, view.name), *_probable(sides, old, view, fields)]),
        file,
        line,
        old.name if old.name != view.name else "",
    )


def _judged(field: FieldChange, verdict: Verdict) -> FieldChange:
    return replace(field, change_class=verdict.change_class, note=verdict.note)


def _around(sides: Sides, view: str, field: FieldChange) -> Around:
    return Around(
        is_read=bool(_readers(sides, view, field)),
        has_effect=any(effect.kind == "source" for effect in sides.effects[view]),
    )


def _readers(sides: Sides, view: str, field: FieldChange) -> frozenset[str]:
    feature = sides.renames.old_feature(view, field.feature) if field.feature else ""
    return sides.consumers.of(sides.renames.old_view(view), feature)


def _consumers(
    sides: Sides, view: str, fields: Sequence[FieldChange], verdicts: Sequence[Verdict]
) -> tuple[str, ...]:
    """The services that are hit: by what is more than metadata."""
    hit: set[str] = set(sides.readers([view]) if sides.effects[view] else ())
    for field, verdict in zip(fields, verdicts, strict=True):
        if verdict.change_class != "metadata":
            hit |= _readers(sides, view, field)
    return tuple(sorted(hit))


def _reasons(sides: Sides, view: str) -> list[str]:
    return [f"{kind} {name}: {text}" for kind, name, text in sides.effects[view]]


def _probable(
    sides: Sides, old: FeatureView, new: FeatureView, fields: Sequence[FieldChange]
) -> list[str]:
    """Features that look renamed, where the files don't say so."""
    single = [field for field in fields if field.path == f"features.{field.feature}"]
    gone = {
        f.feature: (f.old, _column(sides.applied, old, f.feature)) for f in single if f.new is None
    }
    found = []
    for field in single:
        if field.old is None:
            name = field.feature
            was = probable_feature(name, gone, (field.new, _column(sides.files, new, name)))
            if was:
                found.append(f"{name} looks like a rename of {was}: add renamed_from: {was}")
    return found


def _column(repository: Repository, view: FeatureView, feature: str) -> str:
    return column_of(repository.sources[view.source], feature)
