"""What becomes of each feature service."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from featurectl.plan.classify import Around, classify
from featurectl.plan.fields import service_fields
from featurectl.plan.pin import Use, columns_of, use_of
from featurectl.plan.plan import GONE, Change, worst

if TYPE_CHECKING:
    from collections.abc import Mapping

    from featurectl.definitions.service import FeatureService
    from featurectl.plan.plan import FieldChange
    from featurectl.plan.sides import Sides


class _Column(NamedTuple):
    """A column of a service: what it reads, in the names of now, and as it was written then."""

    use: Use
    feature: str
    text: str
    is_named: bool


def service_changes(sides: Sides) -> list[Change]:
    """The changes of services, those that leave included; in no order."""
    found = [
        Change("service", name, "destroy", "destroy", reason=GONE)
        for name in sides.applied.services
        if name not in sides.files.services
    ]
    pinned = sides.pinned.services.values()
    changed = (_changed(sides, each) for each in pinned if ("service", each.name) not in sides.same)
    return found + [change for change in changed if change]


def _changed(sides: Sides, service: FeatureService) -> Change | None:
    old = sides.applied.services.get(service.name)
    before = _before(sides, old) if old else {}
    after = _after(sides, sides.files.services[service.name])
    fields = service_fields(
        old.document() if old else None,
        service.document(),
        {name: column.text for name, column in before.items()},
        {name: column.text for name, column in after.items()},
    )
    if not fields:
        return None
    fields = [_judged(sides, service.name, field, before, after) for field in fields]
    if old is None:
        fields = [replace(field, change_class="additive", note="") for field in fields]
    severity = worst([field.change_class for field in fields])
    file, line = sides.place("service", service.name)
    return Change(
        "service",
        service.name,
        "update" if old else "create",
        severity,
        tuple(fields),
        reason="; ".join(_reasons(sides, fields, before, after)) if old else "",
        file=file,
        line=line,
    )


def _before(sides: Sides, service: FeatureService) -> dict[str, _Column]:
    found: dict[str, _Column] = {}
    for ref in service.features:
        use = use_of(ref)
        view = sides.renames.new_view(use.view)
        now = use._replace(view=view)
        for name in ref.features or ():
            feature = sides.renames.new_feature(view, name)
            found[f"{now.label}:{feature}"] = _Column(now, feature, _text(use, name), is_named=True)
    return found


def _after(sides: Sides, service: FeatureService) -> dict[str, _Column]:
    columns = columns_of(service, sides.files, sides.applied, sides.renames)
    return {
        f"{use.label}:{feature}": _Column(use, feature, _text(use, feature), is_named)
        for use, feature, is_named in columns
    }


def _text(use: Use, feature: str) -> str:
    keys = ", ".join(f"{key} = {column}" for key, column in use.join_keys)
    return f"{use.view}:{feature}" + (f" where {keys}" if keys else "")


def read_column(text: str) -> tuple[str, str]:
    """View and feature, by the names of then, of what a service's column reads.

    >>> read_column("weather:visibility where airport = dest")
    ('weather', 'visibility')
    """
    view, _, feature = text.partition(" where ")[0].partition(":")
    return view, feature


def _judged(
    sides: Sides,
    service: str,
    field: FieldChange,
    before: Mapping[str, _Column],
    after: Mapping[str, _Column],
) -> FieldChange:
    column = field.path.removeprefix("features.")
    verdict = classify(
        "service", field, Around(follows=_follows(sides, before.get(column), after.get(column)))
    )
    judged = replace(field, change_class=verdict.change_class, note=verdict.note)
    return sides.located("service", service, judged)


def _follows(sides: Sides, old: _Column | None, new: _Column | None) -> bool:
    """Whether a column is the same under a new name, by a reference that was changed in the files.

    A reference to the whole view names the view, but not the feature.
    """
    if not old or not new or old.use != new.use:
        return False
    was = sides.renames.old_feature(new.use.view, new.feature)
    return new.is_named or was == new.feature


def _reasons(
    sides: Sides,
    fields: list[FieldChange],
    before: Mapping[str, _Column],
    after: Mapping[str, _Column],
) -> list[str]:
    """Why a service changes although its own lines did not."""
    found = []
    for field in fields:
        column = field.path.removeprefix("features.")
        old, new = before.get(column), after.get(column)
        if new and not new.is_named and field.old is None:
            found.append(f"{new.use.view} is named whole, and has {new.feature} now")
        if new and old and not new.is_named and not _follows(sides, old, new):
            found.append(f"{new.use.view} is named whole, and calls {old.text} {new.feature} now")
        if old and not new and old.feature not in _features(sides, old.use.view):
            found.append(f"{old.use.view} no longer has {old.feature}")
    return found


def _features(sides: Sides, view: str) -> set[str]:
    found = sides.files.views.get(view)
    return set(found.features) if found else set()
