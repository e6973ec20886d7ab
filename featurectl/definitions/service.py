"""A feature service: the contract of a model, an ordered list of features of views."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, model_serializer

from featurectl.definitions.definition import MISSING, Definition, Document, Name, Part, named
from featurectl.definitions.view import Reference

REFERENCE_PATTERN = r"^[A-Za-z_][A-Za-z0-9_]*(:[A-Za-z_][A-Za-z0-9_]*)?$"  # for JSON Schema


class ViewRef(Part):
    """Features of one view, possibly under an alias with other join keys.

    ``features`` None means all of the view's; apply pins them. ``join_keys`` maps the view's join
    keys to columns of the entity frame: ``ViewRef(weather, alias="dest_weather",
    join_keys={"airport": "dest"}, features=["visibility"])``.
    """

    view: Reference
    alias: Annotated[Name | None, Field(alias="as")] = None
    join_keys: dict[Name, Name] = {}
    features: Annotated[tuple[Name, ...], Field(min_length=1)] | None = None

    def __init__(self, view: Any = MISSING, /, **fields: Any) -> None:
        super().__init__(**named("view", view, fields))

    @property
    def label(self) -> str:
        """What full names begin with: the alias, else the view."""
        return self.alias or self.view

    @model_serializer
    def _document(self) -> Document:
        return {
            "view": self.view,
            "as": self.alias,
            "join_keys": dict(self.join_keys),
            "features": None if self.features is None else list(self.features),
        }


def parse_reference(text: str) -> Document:
    """The fields of a reference ``view`` or ``view:feature``.

    Raises:
        ValueError: more than one colon, or an empty part.
    """
    view, colon, feature = text.partition(":")
    if not view or (colon and not feature) or ":" in feature:
        raise ValueError(f'"{text}" is not a feature; write view:feature, or a view for all of it')
    return {"view": view, "features": [feature]} if colon else {"view": view}


def _view_ref(value: Any) -> Any:
    if isinstance(value, str):
        return parse_reference(value)
    return {"view": value} if isinstance(value, Definition) else value


ReferenceText = Annotated[str, Field(pattern=REFERENCE_PATTERN)]
ViewRefField = Annotated[
    ViewRef, BeforeValidator(_view_ref, json_schema_input_type=ReferenceText | ViewRef)
]


class FeatureService(Definition):
    """What a model reads, in this order.

    ``FeatureService("model_v1", features=["weather:visibility"])``.
    Output columns are the features' names, or ``view__feature`` with ``full_names``.
    """

    kind: ClassVar[str] = "service"

    features: Annotated[tuple[ViewRefField, ...], Field(min_length=1)]
    full_names: bool = False
