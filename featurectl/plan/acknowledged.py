"""Which changes a reviewed line in the files expects, and which lines expect nothing.

A line covers the change that it names, by kind, name and class, and what only follows from it:

- one for a source or an entity covers the views whose rows are made again for that reason; what
  they change themselves beside (a shorter ttl) needs a line of its own;
- those for all of these views cover the source or entity;
- one for a view covers the services that lose the columns that it takes away. What a service
  changes itself (its order, its names, what it reads) needs a line of its own.
"""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from featurectl.plan.approval import ASKED
from featurectl.plan.services import read_column

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from featurectl.definitions.acknowledgement import Acknowledgement
    from featurectl.definitions.repository import Repository
    from featurectl.plan.plan import Change
    from featurectl.plan.sides import Sides

Target = tuple[str, str]  # the kind and name of what changes
_NEAR = 0.8  # of difflib's ratio: a letter or two
_NEXT = "; "  # between what two lines say
_GO = "it can go, unless another env waits for it"
_Covered = dict[Target, str]  # with the words that a line says of it


def acknowledge(
    sides: Sides, changes: Sequence[Change], env: str
) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """The changes with what the lines say that cover them, and a note on each line without effect.

    ``env`` is where the changes would be made, for the notes. Where nothing is applied yet there
    are none: no line can have an effect there, and none is out of date.
    """
    if not sides.files.acknowledgements:
        return tuple(changes), ()
    covered = _directly(sides, changes)
    for follow in (_views, _shared, _services):
        covered |= follow(sides, changes, covered)
    found = tuple(replace(c, acknowledged=covered.get((c.kind, c.name), "")) for c in changes)
    is_new = next(sides.applied.objects(), None) is None
    return found, () if is_new else tuple(_notes(sides, found, env))


def is_of(line: Acknowledgement, change: Mapping[str, Any]) -> bool:
    """Whether a change that was applied, in its JSON form, is one that a line has covered.

    A line with another reason is another line: it was reviewed for another change.
    """
    classes = {change["class"], *(field["class"] for field in change["fields"])}
    is_target = (change["kind"], change["name"]) == line.target and line.change in classes
    return is_target and f"{_NEXT}{line.reason} (" in f"{_NEXT}{change.get('acknowledged') or ''}"


def spent(line: Acknowledgement, place: str, run: int, env: str) -> str:
    """The note on a line whose change was applied by a run."""
    return (
        f"{place}: acknowledge of {line} was applied in env {env} by run #{run}, and is ignored "
        f"since: {_GO}; another change needs a line with a reason of its own"
    )


def place_of(files: Repository, line: Acknowledgement) -> str:
    """Where a line stands: ``features/x.yaml:12``."""
    at = files.locate("acknowledge", str(line))
    return f"{at.file}:{at.line}" if at else "the files"


def _directly(sides: Sides, changes: Sequence[Change]) -> _Covered:
    """What the lines say that name a change, of its class and of the lesser ones in it."""
    found: _Covered = {}
    for change in changes:
        said = _said_of(sides, change, change.change_class)
        lesser = {f.change_class for f in change.fields} - {change.change_class}
        rest = [_said_of(sides, change, each) for each in sorted(lesser)]
        if said:
            found[change.kind, change.name] = _NEXT.join([said, *filter(None, rest)])
    return found


def _said_of(sides: Sides, change: Change, change_class: str) -> str:
    """What a line says that expects a change of that class; empty without one."""
    for line in sides.files.acknowledgements:
        if (*line.target, line.change) == (change.kind, change.name, change_class):
            return f"{line.reason} ({place_of(sides.files, line)})"
    return ""


def _views(sides: Sides, changes: Sequence[Change], covered: _Covered) -> _Covered:
    """The views whose rows are made again because of sources and entities that are covered.

    What a view changes itself beside needs a line of its own.
    """
    found: _Covered = {}
    for change in _open(changes, covered, "view"):
        causes = sorted({(effect.kind, effect.name) for effect in sides.effects[change.name]})
        own = {f.change_class for f in change.fields if f.change_class in ASKED}
        said = [_said_of(sides, change, each) for each in sorted(own)]
        if all(said) and all(cause in covered for cause in causes):
            found["view", change.name] = _NEXT.join([_with(causes[0], covered), *said])
    return found


def _shared(sides: Sides, changes: Sequence[Change], covered: _Covered) -> _Covered:
    """The sources and entities all of whose views are covered."""
    found: _Covered = {}
    for change in _open(changes, covered, "source", "entity"):
        views = [("view", view) for view in sides.views_hit(change.kind, change.name)]
        if all(view in covered for view in views):
            found[change.kind, change.name] = _with(views[0], covered)
    return found


def _services(sides: Sides, changes: Sequence[Change], covered: _Covered) -> _Covered:
    """The services that lose columns only, all of them to views that are covered."""
    found: _Covered = {}
    for change in _open(changes, covered, "service"):
        broken = [field for field in change.fields if field.change_class in ASKED]
        views = [
            ("view", _taken_by(sides, field.old) if field.new is None else "") for field in broken
        ]
        if all(view in covered for view in views):
            found["service", change.name] = _with(views[0], covered)
    return found


def _open(changes: Sequence[Change], covered: _Covered, *kinds: str) -> Iterator[Change]:
    """The breaking changes of these kinds that no line covers yet."""
    for change in changes:
        is_open = (change.kind, change.name) not in covered
        if change.kind in kinds and change.change_class == "breaking" and is_open:
            yield change


def _taken_by(sides: Sides, column: str) -> str:
    """The view, by its name now, that has no longer what a column of a service read; else empty."""
    old_view, old_feature = read_column(column)
    view = sides.renames.new_view(old_view)
    if view not in sides.files.views:
        return view
    feature = sides.renames.new_feature(view, old_feature)
    return "" if feature in sides.files.views[view].features else view


def _with(target: Target, covered: _Covered) -> str:
    return f"with {' '.join(target)}: {covered[target]}"


def _notes(sides: Sides, changes: Sequence[Change], env: str) -> Iterator[str]:
    for line in sides.files.acknowledgements:
        why = _idle(sides, line, changes, env)
        if why:
            yield f"{place_of(sides.files, line)}: acknowledge of {line} has no effect: {why}"


def _idle(sides: Sides, line: Acknowledgement, changes: Sequence[Change], env: str) -> str:
    """Why a line has no effect; empty when it has one."""
    change = next((c for c in changes if (c.kind, c.name) == line.target), None)
    if change is not None:
        return _of_class(line, change, env)
    meant = _meant(line, [c for c in changes if c.change_class in ASKED and not c.acknowledged])
    if meant:
        return f"there is no such change; did you mean {_said(meant)}?"
    if any((o.kind, o.name) == line.target for o in sides.files.objects()):
        return f"{' '.join(line.target)} does not change in env {env}; {_GO}"
    return f"there is no such change in env {env} (applied already?); {_GO}"


def _of_class(line: Acknowledgement, change: Change, env: str) -> str:
    """Why a line for a change of another class has no effect; empty for one that is part of it."""
    if line.change in {change.change_class, *(field.change_class for field in change.fields)}:
        return ""
    found = f"the change is {change.change_class}"
    if change.change_class in ASKED:
        return f"{found}: write change: {change.change_class}"
    return f"{found} in env {env}, which needs no approval; {_GO}"


def _meant(line: Acknowledgement, changes: Sequence[Change]) -> Change | None:
    """The change that a line with another name was probably meant for."""
    kind, name = line.target
    same_kind = [change for change in changes if change.kind == kind]
    same_class = [change for change in same_kind if change.change_class == line.change]
    for among in (same_class, same_kind, changes):
        names = {word: c for c in among for word in (c.old_name, c.name) if word}
        # Nearer than for other names: many a line is for what is applied, and is no slip at all.
        near = difflib.get_close_matches(name, names, n=1, cutoff=_NEAR)
        if near:
            return names[near[0]]
    return None


def _said(change: Change) -> str:
    return f"{change.change_class} of {change.kind} {change.name}"
