"""A saved plan, read back from its file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from featurectl.definitions.instant import parse_instant
from featurectl.errors import RequestError
from featurectl.plan.impact import StoreRoom, read_impact
from featurectl.plan.plan import FORMAT, Change, FieldChange, Plan

if TYPE_CHECKING:
    from collections.abc import Mapping


def read_plan(text: str | bytes, *, name: str = "the plan") -> Plan:
    """The plan of a file's text; ``name`` is what errors call it.

    Raises:
        RequestError: FC319 it is no saved plan, one of another format, or a damaged one.
    """
    try:
        document = json.loads(text)
        found = document["format"]
    except (ValueError, TypeError, KeyError):
        raise _unreadable(f"{name} is not a saved plan") from None
    if found != FORMAT:
        raise _unreadable(f"{name} has the format {found!r}; this version reads {FORMAT!r}")
    try:
        return _plan(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _unreadable(f"{name} is damaged: {type(error).__name__} {error}") from None


def _plan(document: Mapping[str, Any]) -> Plan:
    return Plan(
        project=document["project"],
        env=document["env"],
        lineage=document["lineage"],
        serial=document["serial"],
        definitions=document["definitions"],
        changes=tuple(_change(change) for change in document["changes"]),
        git=document["git"],
        made_by=document["made_by"],
        made_at_us=parse_instant(document["made_at"]),
        notes=tuple(document["notes"]),
        only=tuple(document["only"]),
        store=StoreRoom(**document["store"]) if document["store"] else None,
    )


def _change(document: Mapping[str, Any]) -> Change:
    return Change(
        kind=document["kind"],
        name=document["name"],
        action=document["action"],
        change_class=document["class"],
        fields=tuple(
            FieldChange(
                field["path"],
                field["old"],
                field["new"],
                field["class"],
                field["note"],
                field["file"],
                field["line"],
            )
            for field in document["fields"]
        ),
        consumers=tuple(document["consumers"]),
        reason=document["reason"],
        file=document["file"],
        line=document["line"],
        old_name=document["renamed_from"] or "",
        is_protected=document["prevent_destroy"],
        acknowledged=document["acknowledged"] or "",
        impact=read_impact(document["impact"]),
    )


def _unreadable(message: str) -> RequestError:
    return RequestError("FC319", message, help=["make it again: featurectl plan --out FILE"])
