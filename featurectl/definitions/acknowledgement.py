"""A reviewed line that expects a change: what in git is the approval that a terminal asks for.

It is no definition: it says nothing of what a feature is, and nothing of it is applied.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StringConstraints, model_validator

from featurectl.definitions.definition import Part, declare
from featurectl.definitions.view import Reference

TARGETS = ("entity", "source", "view", "service")
OnPurpose = Literal["narrowing", "breaking", "destroy"]  # the classes that need an approval


class Acknowledgement(Part):
    """``{view: legacy_scores, change: destroy, reason: replaced by scores_v2}``.

    It names one object, by its kind and its name in the files (of one that leaves: its last name),
    and the class of the change that is expected of it. A line for one class is none for another.
    Constructing one while a repository file is being imported declares it there.
    """

    model_config: ClassVar[Any] = {
        "json_schema_extra": {"minProperties": 3, "maxProperties": 3}  # so one object is named
    }

    kind: ClassVar[str] = "acknowledge"

    entity: Reference | None = None
    source: Reference | None = None
    view: Reference | None = None
    service: Reference | None = None
    change: OnPurpose
    reason: Annotated[str, StringConstraints(strip_whitespace=True), Field(min_length=1)]

    @model_validator(mode="after")
    def _names_one_object(self) -> Acknowledgement:
        named = [kind for kind in TARGETS if getattr(self, kind) is not None]
        if len(named) != 1:
            said = f"names {' and '.join(named)}" if named else "names no object"
            raise ValueError(f"{said}; write one of entity, source, view, service: NAME")
        declare(self)  # here, since what is done after construction runs before this check
        return self

    @property
    def target(self) -> tuple[str, str]:
        """Kind and name of the object that changes."""
        return next((kind, name) for kind in TARGETS if (name := getattr(self, kind)) is not None)

    def __str__(self) -> str:
        kind, name = self.target
        return f"{self.change} of {kind} {name}"


def acknowledge(**fields: Any) -> Acknowledgement:
    """Say in a Python file that a change is on purpose.

    ``acknowledge(view="legacy_scores", change="destroy", reason="replaced by scores_v2")``: the
    object by its name or, where it is still there, itself.

    Raises:
        pydantic.ValidationError: not one object, another class of change, or no reason.
    """
    return Acknowledgement(**fields)
