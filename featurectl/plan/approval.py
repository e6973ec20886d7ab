"""What of a plan needs an approval, and whether it has been given. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from featurectl.errors import RefusedError, raise_all
from featurectl.plan.refusal import broken, unapproved

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from featurectl.definitions.repository import Repository
    from featurectl.errors import FeaturectlError
    from featurectl.plan.plan import Change, ChangeClass, Plan
    from featurectl.plan.refusal import Command

ASKED: tuple[ChangeClass, ...] = ("destroy", "breaking", "narrowing")  # the severest first


@dataclass(frozen=True)
class Needed:
    """The changes that apply must be allowed to make, by class, and those it may never make.

    ``protected`` would destroy what is marked ``prevent_destroy``: that is to be removed in the
    files, and applied, first. ``acknowledged`` are those that a reviewed line in the files allows.
    """

    by_class: Mapping[ChangeClass, tuple[Change, ...]]
    protected: tuple[Change, ...]
    acknowledged: tuple[Change, ...] = ()

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
    open_ = [change for change in plan.changes if not change.acknowledged]
    by_class = {kind: tuple(c for c in open_ if c.change_class == kind) for kind in ASKED}
    return Needed(
        {kind: changes for kind, changes in by_class.items() if changes},
        tuple(change for change in plan.changes if change.is_protected),
        tuple(change for change in plan.changes if change.acknowledged),
    )


def check_approved(
    plan: Plan,
    allow: Collection[str],
    *,
    saved: bool = False,
    repository: Repository | None = None,
    command: Command = "apply",
) -> None:
    """Raise unless everything that needs an approval has one: from here, or from a line in git.

    ``saved``: a person has approved exactly this plan. ``repository`` lets the errors show where
    things stand and who owns the services. ``command`` is the one that is refused: the ways out of
    a rollback are fewer, since no line in the files is about it.

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
    errors += [broken(plan, change, repository, command) for change in breaks]
    rest = [change for change in refused if change not in breaks and not _follows(change, hit)]
    raise_all([*errors, *([unapproved(plan, rest, repository, command)] if rest else [])])


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
