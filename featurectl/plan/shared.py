"""What becomes of entities and sources: what views stand on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from featurectl.plan.classify import Around, classify
from featurectl.plan.fields import entity_fields, source_fields
from featurectl.plan.plan import GONE, Change, worst

if TYPE_CHECKING:
    from collections.abc import Mapping

    from featurectl.definitions.definition import Definition
    from featurectl.plan.plan import FieldChange
    from featurectl.plan.sides import Sides

_FIELDS = {"entity": entity_fields, "source": source_fields}


def shared_changes(sides: Sides) -> list[Change]:
    """The changes of entities and sources, those that leave included; in no order."""
    return [
        *_changes(sides, "entity", sides.applied.entities, sides.files.entities),
        *_changes(sides, "source", sides.applied.sources, sides.files.sources),
    ]


def _changes(
    sides: Sides, kind: str, old: Mapping[str, Definition], new: Mapping[str, Definition]
) -> list[Change]:
    gone = [name for name in old if name not in new]
    found = [Change(kind, name, "destroy", "destroy", reason=GONE) for name in gone]
    found += [_created(sides, kind, new[name]) for name in new if name not in old]
    stay = (name for name in new if name in old and (kind, name) not in sides.same)
    both = (_changed(sides, kind, old[name], new[name]) for name in stay)
    return found + [change for change in both if change]


def _created(sides: Sides, kind: str, definition: Definition) -> Change:
    name = definition.name
    fields = tuple(
        sides.located(kind, name, replace(field, change_class="additive"))
        for field in _FIELDS[kind]({}, definition.document())
    )
    file, line = sides.place(kind, name)
    return Change(kind, name, "create", "additive", fields, file=file, line=line)


def _changed(sides: Sides, kind: str, old: Definition, new: Definition) -> Change | None:
    hit = sides.views_hit(kind, new.name)
    fields = [
        _judged(kind, field, has_effect=bool(hit))
        for field in _FIELDS[kind](old.document(), new.document())
    ]
    if not fields:
        return None
    severity = worst([field.change_class for field in fields])
    if severity != "breaking":
        hit = []
    file, line = sides.place(kind, new.name)
    return Change(
        kind,
        new.name,
        "update",
        severity,
        tuple(sides.located(kind, new.name, field) for field in fields),
        sides.readers(hit),
        f"the rows of {', '.join(hit)} are made again" if hit else "",
        file,
        line,
    )


def _judged(kind: str, field: FieldChange, *, has_effect: bool) -> FieldChange:
    verdict = classify(kind, field, Around(has_effect=has_effect))
    return replace(field, change_class=verdict.change_class, note=verdict.note)
