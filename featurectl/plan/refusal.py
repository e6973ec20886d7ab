"""How apply refuses what nobody has approved: what breaks, whose that is, and the ways out."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from featurectl.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.definitions.repository import Repository
    from featurectl.errors import Location
    from featurectl.plan.plan import Change, FieldChange, Plan

Command = str  # what was typed: apply, rollback, or rollback and a run

_ORDER = ("breaking", "narrowing", "destroy")  # in which classes are counted
_SHOWN = 3  # lines to paste: each one that is needed is named in the notes


def unapproved(
    plan: Plan, changes: Sequence[Change], repository: Repository | None, command: Command
) -> RefusedError:
    """FC401 for changes that need an approval, and break no service."""
    counts = {kind: sum(change.change_class == kind for change in changes) for kind in _ORDER}
    present = [kind for kind in _ORDER if counts[kind]]
    words = ", ".join(f"{counts[kind]} {kind}" for kind in present)
    plural = "" if counts[present[-1]] == 1 else "s"
    allowed = _typed(plan, " ".join([command, "--yes", *(f"--allow {each}" for each in present)]))
    in_git = [
        f"in git, by a reviewed line in any file: {_lines(plan, changes, repository)}",
        f"or by a reviewed plan: {_reviewed(plan)}",
        f"or by class: {allowed}",
    ]
    return RefusedError(
        "FC401",
        f"{command} needs approval: {words} change{plural} and no terminal to ask",
        notes=[_listed(change) for change in changes],
        help=in_git if command == "apply" else [f"allow these classes: {allowed}"],
    )


def broken(
    plan: Plan, change: Change, repository: Repository | None, command: Command
) -> RefusedError:
    """FC403 for a change that breaks services: which ones, whose they are, and what to do."""
    fields = [field for field in change.fields if field.change_class == "breaking"]
    deeds = [_deed(change, field) for field in fields]
    services = [change.name] if change.kind == "service" else list(change.consumers)
    named = ", ".join(f'"{service}"' for service in services)
    what = deeds[0] if len(deeds) == 1 else _whole(change)
    return RefusedError(
        "FC403",
        f"{what} breaks feature service{'s' if len(services) > 1 else ''} {named}",
        location=_place(plan, change, repository),
        notes=[
            *(deeds if len(deeds) > 1 else ()),
            *((change.reason,) if change.reason else ()),
            *(_owned(service, repository) for service in services),
        ],
        help=[
            *(_instead(plan, change, repository) if command == "apply" else ()),
            *_nevertheless(plan, change, repository, command),
        ],
    )


def _listed(change: Change) -> str:
    at = f" ({change.file}:{change.line})" if change.file else ""
    return f"{change.change_class}: {change.kind} {change.name}{at}"


def _whole(change: Change) -> str:
    verb = "destroying" if change.change_class == "destroy" else "this change of"
    return f'{verb} {change.kind} "{change.name}"'


def _deed(change: Change, field: FieldChange) -> str:
    where = f'of {change.kind} "{change.name}"'
    if field.feature and field.new is None:
        name = field.feature if change.kind == "view" else field.old
        return f'removing feature "{name}" {where}'
    path = field.path.removeprefix("features.").removesuffix(".type")
    return f"changing {path} {where} from {_shown(field.old)} to {_shown(field.new)}"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _owned(service: str, repository: Repository | None) -> str:
    found = repository.services.get(service) if repository else None
    owner = found.owner if found and found.owner else ""
    at = repository.locate("service", service) if repository else None
    return (
        f"service {service}"
        + (f" is owned by {owner}" if owner else " has no owner")
        + (f" ({at.file}:{at.line})" if at else "")
    )


def _instead(plan: Plan, change: Change, repository: Repository | None) -> list[str]:
    """The ways that break nobody."""
    fields = [field for field in change.fields if field.change_class == "breaking"]
    removed = [field.feature for field in fields if field.feature and field.new is None]
    if change.kind == "service":
        return [f"leave {change.name} as it is, and define a new service beside it for a new model"]
    if change.change_class == "destroy":
        return [
            f"keep view {change.name}, beside a new one, until no applied service reads it",
            f"if it was renamed, say so in the new view: renamed_from: {change.name}",
        ]
    if removed and len(removed) == len(fields):
        return [
            "keep it, beside a new one, until no applied service reads it",
            f"if it was renamed, say so in the new feature: renamed_from: {removed[0]}",
        ]
    if [field.path for field in fields] == ["online"]:
        return ["keep it online until no applied service reads it"]
    cause = _causes(plan, change, repository)[0].kind
    beside = "a new feature or view" if cause == "view" else f"a new {cause} and view"
    return [
        f"leave it as it is, define {beside} beside it, and move the services there",
        *([f"if a feature was renamed: renamed_from: {removed[0]}"] if removed else []),
    ]


def _nevertheless(
    plan: Plan, change: Change, repository: Repository | None, command: Command
) -> list[str]:
    """The ways to break them on purpose."""
    by_hand = f"on purpose, by hand: {_typed(plan, f'{command} --allow {change.change_class}')}"
    if command != "apply":
        return [by_hand]
    lines = _lines(plan, [change], repository)
    return [
        f"on purpose, in git, by a reviewed line in any file: {lines}",
        by_hand,
        f"on purpose, by a reviewed plan: {_reviewed(plan)}",
    ]


def _reviewed(plan: Plan) -> str:
    return f"{_typed(plan, 'plan --out plan.json')}, and then: featurectl apply plan.json"


def _lines(plan: Plan, changes: Sequence[Change], repository: Repository | None) -> str:
    """What to paste into a file, so that the changes are acknowledged."""
    causes = {
        (cause.kind, cause.name): cause
        for change in changes
        for cause in _causes(plan, change, repository)
    }
    lines = [
        f"{{{cause.kind}: {cause.name}, change: {cause.change_class}, reason: WHY}}"
        for cause in causes.values()
    ]
    more = f" and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
    return f"acknowledge: [{', '.join(lines[:_SHOWN])}]{more}"


def _causes(plan: Plan, change: Change, repository: Repository | None) -> list[Change]:
    """The changes whose lines cover a change: itself, or what its rows are made again for."""
    view = repository.views.get(change.name) if repository and change.kind == "view" else None
    is_own = any(field.change_class in _ORDER for field in change.fields)
    if view is None or is_own:
        return [change]
    under = {("source", view.source), *(("entity", entity) for entity in view.entities)}
    causes = [
        each
        for each in plan.changes
        if each.change_class == "breaking" and (each.kind, each.name) in under
    ]
    return causes or [change]


def _place(plan: Plan, change: Change, repository: Repository | None) -> Location | None:
    """Where the first thing stands that breaks a service; of what is gone, where a service does."""
    if repository is None:
        return None
    cause = _causes(plan, change, repository)[0]
    path = next((field.path for field in cause.fields if field.change_class == "breaking"), "")
    found = repository.locate(cause.kind, cause.name, *path.split("."))
    return found or next(
        (at for name in change.consumers if (at := repository.locate("service", name))), None
    )


def _typed(plan: Plan, command: str) -> str:
    only = (f"--only {quote(selector)}" for selector in plan.only)
    return " ".join([f"featurectl {command}", *only, f"--env {plan.env}"])
