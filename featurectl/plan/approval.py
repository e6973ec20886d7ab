"""What of a plan needs an approval, and whether it has been given. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from featurectl.errors import RefusedError, raise_all

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from featurectl.definitions.repository import Repository
    from featurectl.errors import FeaturectlError, Location
    from featurectl.plan.plan import Change, ChangeClass, FieldChange, Plan

ASKED: tuple[ChangeClass, ...] = ("destroy", "breaking", "narrowing")  # the severest first


@dataclass(frozen=True)
class Needed:
    """The changes that apply must be allowed to make, by class, and those it may never make.

    ``protected`` would destroy what is marked ``prevent_destroy``: that is to be removed in the
    files, and applied, first.
    """

    by_class: Mapping[ChangeClass, tuple[Change, ...]]
    protected: tuple[Change, ...]

    @property
    def classes(self) -> tuple[ChangeClass, ...]:
        """The classes to allow, the severest first."""
        return tuple(self.by_class)

    @property
    def destroyed(self) -> tuple[str, ...]:
        """The names of what would be destroyed, which a person types to go on."""
        return tuple(change.name for change in self.by_class.get("destroy", ()))


def needed(plan: Plan) -> Needed:
    """What must be approved before the plan is applied."""
    by_class = {
        kind: tuple(change for change in plan.changes if change.change_class == kind)
        for kind in ASKED
    }
    return Needed(
        {kind: changes for kind, changes in by_class.items() if changes},
        tuple(change for change in plan.changes if change.is_protected),
    )


def check_approved(
    plan: Plan,
    allow: Collection[str],
    *,
    saved: bool = False,
    repository: Repository | None = None,
) -> None:
    """Raise unless everything that needs an approval has one.

    ``saved``: a person has approved exactly this plan. ``repository`` lets the errors show where
    things stand and who owns the services.

    Raises:
        RefusedError: FC401 classes that are not in ``allow``, FC402 something protected would be
            destroyed (which nothing allows), FC403 a feature service would break.
    """
    asked = needed(plan)
    errors: list[FeaturectlError] = [_protected(change) for change in asked.protected]
    refused = [
        change
        for kind, changes in asked.by_class.items()
        if not saved and kind not in allow
        for change in changes
        if not change.is_protected
    ]
    breaks = [change for change in refused if _breaks_services(change)]
    hit = {service for change in breaks for service in change.consumers}
    breaks += [
        change
        for change in refused
        if (change.kind, change.change_class) == ("service", "breaking") and change.name not in hit
    ]
    errors += [_broken(plan, change, repository) for change in breaks]
    rest = [change for change in refused if change not in breaks and not _follows(change, hit)]
    raise_all([*errors, *([_unapproved(rest)] if rest else [])])


def _breaks_services(change: Change) -> bool:
    severe = change.change_class in ("breaking", "destroy")
    return change.kind == "view" and severe and bool(change.consumers)


def _follows(change: Change, hit: Collection[str]) -> bool:
    """Whether a breaking change is the cause or the effect of one that has an error of its own."""
    if change.change_class != "breaking" or change.kind == "view":
        return False
    return (
        change.name in hit if change.kind == "service" else bool(set(change.consumers) & set(hit))
    )


def _protected(change: Change) -> RefusedError:
    return RefusedError(
        "FC402",
        f'{change.kind} "{change.name}" has prevent_destroy: true, and would be destroyed',
        notes=[change.reason] if change.reason else [],
        help=[
            f"put {change.name} back into the files",
            "or set prevent_destroy: false on it, apply that, and remove it then",
        ],
    )


def _unapproved(changes: list[Change]) -> RefusedError:
    counts = {kind: sum(change.change_class == kind for change in changes) for kind in ASKED}
    present = [kind for kind in reversed(ASKED) if counts[kind]]
    present.sort(key=("breaking", "narrowing", "destroy").index)
    words = ", ".join(f"{counts[kind]} {kind}" for kind in present)
    plural = "" if counts[present[-1]] == 1 else "s"
    flags = " ".join(f"--allow {kind}" for kind in present)
    return RefusedError(
        "FC401",
        f"apply needs approval: {words} change{plural} and no terminal to ask",
        notes=[f"{change.change_class}: {change.kind} {change.name}" for change in changes],
        help=[
            "review, then run: featurectl apply plan.json",
            f"or allow these classes: featurectl apply --yes {flags}",
        ],
    )


def _broken(plan: Plan, change: Change, repository: Repository | None) -> RefusedError:
    fields = [field for field in change.fields if field.change_class == "breaking"]
    deeds = [_deed(change, field) for field in fields]
    services = [change.name] if change.kind == "service" else list(change.consumers)
    named = ", ".join(f'"{service}"' for service in services)
    what = deeds[0] if len(deeds) == 1 else _whole(change)
    return RefusedError(
        "FC403",
        f"{what} breaks feature service{'s' if len(services) > 1 else ''} {named}",
        location=_place(change, fields, repository),
        notes=[
            *(deeds if len(deeds) > 1 else ()),
            *((change.reason,) if change.reason else ()),
            *(_owned(service, repository) for service in services),
        ],
        help=_ways_out(plan, change, fields),
    )


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


def _ways_out(plan: Plan, change: Change, fields: list[FieldChange]) -> list[str]:
    allow = f"featurectl apply --env {plan.env} --allow {change.change_class}"
    removes = bool(fields) and all(field.feature and field.new is None for field in fields)
    if change.kind == "service":
        keep = f"leave {change.name} as it is, and define a new service beside it for the new model"
    elif removes or change.change_class == "destroy":
        keep = "keep it until no applied service reads it: take it out of the services first"
    else:
        keep = "add the new form as another feature or view, move the services to it, then do this"
    hint = ["if it was renamed, write renamed_from: OLD_NAME in the new one"] if removes else []
    return [keep, *hint, f"to do it nevertheless: {allow}, or apply a saved plan that was reviewed"]


def _place(
    change: Change, fields: list[FieldChange], repository: Repository | None
) -> Location | None:
    if repository is None:
        return None
    path = fields[0].path.split(".") if fields else []
    found = repository.locate(change.kind, change.name, *path)
    return found or repository.locate("service", change.consumers[0]) if change.consumers else found
