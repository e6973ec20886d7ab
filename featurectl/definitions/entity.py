"""An entity: what features are about, and the join keys that identify one."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, WithJsonSchema, field_validator

from featurectl.definitions.definition import Definition, Name, differ_in_more_than_case
from featurectl.definitions.types import JOIN_KEY_TYPES, parse_type


def _join_key_type(text: str) -> str:
    name = str(parse_type(text))
    if name not in JOIN_KEY_TYPES:
        raise ValueError(f"{name} can't be a join key; join keys: {', '.join(JOIN_KEY_TYPES)}")
    return name


JoinKeyType = Annotated[
    str,
    AfterValidator(_join_key_type),
    WithJsonSchema({"type": "string", "enum": list(JOIN_KEY_TYPES)}),
]


class Entity(Definition):
    """What features are about: ``Entity("airport", join_keys={"airport": "string"})``.

    Raises:
        pydantic.ValidationError: a bad name, no join key, or a type that can't be a key.
    """

    kind: ClassVar[str] = "entity"
    ordered: ClassVar[tuple[str, ...]] = ("join_keys",)

    join_keys: Annotated[dict[Name, JoinKeyType], Field(min_length=1)]

    @field_validator("join_keys")
    @classmethod
    def _names_differ_in_more_than_case(cls, value: dict[str, str]) -> dict[str, str]:
        differ_in_more_than_case(value)
        return value
