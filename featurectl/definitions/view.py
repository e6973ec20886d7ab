"""A feature view: features of entities, from one source, with a time to live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from featurectl.definitions.definition import (
    MISSING,
    Definition,
    Duration,
    DurationOrNone,
    Name,
    NotYetError,
    Part,
    Tags,
    TypeName,
    differ_in_more_than_case,
    named,
)
from featurectl.definitions.value import parse_value, to_json

if TYPE_CHECKING:
    from pydantic import ValidationInfo

OnStale = Literal["hide", "serve", "default", "fail"]
NOT_YET = ("every", "aggregations")


class Feature(Part):
    """One column of a view: ``Feature("float64", description="knots", renamed_from="wspd")``.

    ``default`` is a value of the feature's type, held in its JSON form.
    """

    type: TypeName
    description: str = ""
    tags: Tags = Field(default_factory=dict)
    default: Any = None
    renamed_from: Name | None = None

    def __init__(self, type: str = MISSING, /, **fields: Any) -> None:  # noqa: A002 - the YAML's own word
        super().__init__(**named("type", type, fields))

    @field_validator("default")
    @classmethod
    def _of_the_type(cls, value: Any, info: ValidationInfo) -> Any:
        type_name = info.data.get("type")  # absent when it was refused itself
        return value if type_name is None else to_json(parse_value(value, type_name), type_name)


def _feature(value: Any) -> Any:
    return {"type": value} if isinstance(value, str) else value


def _name_of(value: Any) -> Any:
    return value.name if isinstance(value, Definition) else value


FeatureField = Annotated[
    Feature, BeforeValidator(_feature, json_schema_input_type=TypeName | Feature)
]
Reference = Annotated[Name, BeforeValidator(_name_of)]


class FeatureView(Definition):
    """Features of entities from one source: the unit that is joined and materialized.

    ``entities`` and ``source`` take names or, in Python, the objects. No entity means one global
    row. ``ttl="none"`` must be written out to mean that values never expire.
    """

    kind: ClassVar[str] = "view"
    ordered: ClassVar[tuple[str, ...]] = ("features",)

    entities: tuple[Reference, ...] = ()
    source: Reference
    ttl: DurationOrNone
    features: Annotated[dict[Name, FeatureField], Field(min_length=1)]
    schedule: Duration | None = None
    lookback: Duration | None = None
    known_at: bool = False
    on_stale: OnStale = "hide"
    online: bool = True
    prevent_destroy: bool = False
    renamed_from: Name | None = None

    @model_validator(mode="before")
    @classmethod
    def _not_yet(cls, data: Any) -> Any:
        found = [key for key in NOT_YET if isinstance(data, dict) and key in data]
        if found:
            raise NotYetError(f'"{found[0]}" is')
        return data

    @field_validator("features")
    @classmethod
    def _names_differ_in_more_than_case(cls, value: dict[str, Feature]) -> dict[str, Feature]:
        differ_in_more_than_case(value)
        return value


class Aggregation(Part):
    """A windowed aggregation. Not supported yet: constructing one says so."""

    def __init__(self, **_fields: Any) -> None:
        raise NotYetError("aggregations are")
