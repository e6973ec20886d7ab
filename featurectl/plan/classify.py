"""The class of each change of a field: the one table that says what a change costs. Pure.

===================  =============================================  ==============================
kind, path           change                                         class
===================  =============================================  ==============================
any                  ``description owner tags``                     metadata
entity               ``join_keys``, their order only                metadata
entity               ``join_keys``                                  breaking, where a view uses it
source               ``path format columns``, the times             breaking, where a view's rows
                                                                    come out otherwise
view                 ``name`` or a feature's ``name``, by a hint    rename
view                 ``schedule lookback prevent_destroy``          metadata
view                 ``entities``, their order only                 metadata
view                 ``entities``                                   breaking, new rows
view                 ``source``                                     breaking, new rows, where it has
                                                                    other data; else metadata
view                 ``ttl`` longer or none                         additive
view                 ``ttl`` shorter                                narrowing
view                 ``known_at``                                   additive: stored rows and their
                                                                    meaning stay, training changes
view                 ``on_stale`` gives more / less                 additive / narrowing
view                 ``online`` on                                  additive
view                 ``online`` off                                 narrowing; breaking where read
view                 order of ``features``                          metadata: read by name
view                 a feature more                                 additive
view                 a feature less                                 narrowing; breaking where read
view                 a feature's ``type`` widened                   additive
view                 a feature's ``type`` otherwise                 breaking, new rows
view                 a feature's ``default`` given                  additive
view                 a feature's ``default`` otherwise              narrowing, past the ttl
service              a column more                                  additive
service              a column that follows a rename by its own      rename
                     reference
service              a column less, from elsewhere, or renamed      breaking
                     behind a view that is named whole
service              order of columns, ``full_names``               breaking: models read by place
                                                                    and by name
===================  =============================================  ==============================

"Where read": by a service that is applied and stays. "Widened": ``widens`` in
``definitions/types.py``. A field that is not in the table is breaking, so that nothing new is let
through unseen; that there is none is held by a test.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from featurectl.definitions.duration import parse_duration
from featurectl.definitions.types import widens

if TYPE_CHECKING:
    from featurectl.plan.plan import ChangeClass, FieldChange

_METADATA = ("description", "owner", "tags")
_OPERATIONS = ("schedule", "lookback", "prevent_destroy")
_ROWS = ("join_keys", "path", "format", "event_timestamp", "created_timestamp", "columns")
_GIVES = ("fail", "hide", "default", "serve")  # what `on_stale` answers, less first


@dataclass(frozen=True)
class Around:
    """What the class of a field depends on beside the field itself.

    ``is_read``: an applied service that stays reads what changes. ``has_effect``: the rows of an
    applied view come out otherwise. ``follows``: a service's own reference was changed along.
    """

    is_read: bool = False
    has_effect: bool = False
    follows: bool = False


@dataclass(frozen=True)
class Verdict:
    """A class, whether the rows are made again as a new generation, and a word for a person."""

    change_class: ChangeClass
    rebuilds: bool = False
    note: str = ""


_REBUILD = Verdict("breaking", rebuilds=True, note="forces rebuild")
_UNKNOWN = Verdict("breaking", note="what it means is not known")


def classify(kind: str, change: FieldChange, around: Around) -> Verdict:
    """What one changed field of an object that stays means."""
    top, *rest = change.path.split(".", 2)
    if top in _METADATA:
        return Verdict("metadata")
    if kind == "view":
        return _view_feature(change, rest, around) if rest else _view(change, around)
    if kind == "service":
        return _service(change, around)
    return _shared(change, around)


def _shared(change: FieldChange, around: Around) -> Verdict:
    """Of an entity or source: what it does to the views on it."""
    if change.path.partition(".")[0] not in _ROWS:
        return _UNKNOWN
    if _is_order_only(change):
        return Verdict("metadata", note="order only")
    return Verdict("breaking" if around.has_effect else "metadata")


def _view(change: FieldChange, around: Around) -> Verdict:
    if change.path in _OPERATIONS:
        return Verdict("metadata")
    if _is_order_only(change):
        return Verdict("metadata", note="order only")
    return _VIEW.get(change.path, _unknown)(change, around)


def _unknown(_change: FieldChange, _around: Around) -> Verdict:
    return _UNKNOWN


def _is_order_only(change: FieldChange) -> bool:
    return isinstance(change.new, list) and sorted(change.old) == sorted(change.new)


def _entities(_change: FieldChange, _around: Around) -> Verdict:
    return _REBUILD


def _source(_change: FieldChange, around: Around) -> Verdict:
    return _REBUILD if around.has_effect else Verdict("metadata", note="the same data")


def _known_at(change: FieldChange, _around: Around) -> Verdict:
    words = "only rows known at the time are" if change.new else "rows are, whenever written,"
    return Verdict("additive", note=f"in training sets {words} used")


def _name(_change: FieldChange, _around: Around) -> Verdict:
    return Verdict("rename", note="0 bytes moved")


def _ttl(change: FieldChange, _around: Around) -> Verdict:
    longer = change.new == "none" or (
        change.old != "none" and parse_duration(change.new) > parse_duration(change.old)
    )
    return Verdict("additive" if longer else "narrowing")


def _on_stale(change: FieldChange, _around: Around) -> Verdict:
    more = _GIVES.index(change.new) > _GIVES.index(change.old)
    return Verdict("additive" if more else "narrowing", note="what is read past the ttl")


def _online(change: FieldChange, around: Around) -> Verdict:
    if change.new:
        return Verdict("additive", note="filled at the next materialize")
    note = "its rows leave the online store"
    return Verdict("breaking" if around.is_read else "narrowing", note=note)


def _view_feature(change: FieldChange, path: list[str], around: Around) -> Verdict:
    if len(path) == 1:
        return _presence(change, around)
    field = path[1].partition(".")[0]
    if field in _METADATA:
        return Verdict("metadata")
    return _FEATURE.get(field, _unknown)(change, around)


def _presence(change: FieldChange, around: Around) -> Verdict:
    if change.old is None:
        return Verdict("additive")
    return Verdict("breaking" if around.is_read else "narrowing")


def _type(change: FieldChange, _around: Around) -> Verdict:
    if widens(change.old, change.new):
        return Verdict("additive", note="rewritten at the next materialize")
    return _REBUILD


def _default(change: FieldChange, around: Around) -> Verdict:
    note = "services read it" if around.is_read else ""
    return Verdict("additive" if change.old is None else "narrowing", note=note)


def _service(change: FieldChange, around: Around) -> Verdict:
    if change.path == "features":
        return Verdict("breaking", note="the order of its columns")
    if change.path == "full_names":
        return Verdict("breaking", note="the names of its columns")
    if not change.path.startswith("features."):
        return _UNKNOWN
    if change.old is None:
        return Verdict("additive")
    return Verdict("rename" if around.follows and change.new else "breaking")


_VIEW = {
    "name": _name,
    "entities": _entities,
    "source": _source,
    "ttl": _ttl,
    "known_at": _known_at,
    "on_stale": _on_stale,
    "online": _online,
}
_FEATURE = {"name": _name, "type": _type, "default": _default}
