"""What all kinds of definitions share: a name, frozen fields, a canonical document, a fingerprint.

A definition's document is its JSON form with defaults written out, durations and types normalized,
and mappings whose order matters as lists of ``{"name": …}``. Formatting of the files it came from
is no part of it, so equal documents mean equal definitions.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from featurectl.definitions.duration import format_duration, parse_duration
from featurectl.definitions.types import parse_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Document = dict[str, Any]

NAME_PATTERN = r"^[A-Za-z_][A-Za-z0-9_]*$"
MAX_NAME = 63

Name = Annotated[str, Field(pattern=NAME_PATTERN, max_length=MAX_NAME)]
TypeName = Annotated[str, AfterValidator(lambda text: str(parse_type(text)))]
Duration = Annotated[
    int,
    BeforeValidator(parse_duration, json_schema_input_type=str),
    PlainSerializer(format_duration, return_type=str),
]


def _none_or(parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value in (None, "none") else parse(value)


DurationOrNone = Annotated[
    int | None,
    BeforeValidator(_none_or(parse_duration), json_schema_input_type=str),
    PlainSerializer(lambda us: "none" if us is None else format_duration(us), return_type=str),
]

_listener: ContextVar[Callable[[Definition], None] | None] = ContextVar("listener", default=None)


class Part(BaseModel):
    """A frozen value inside a definition; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Definition(Part):
    """A named object of a feature repository.

    Constructing one while a repository file is being imported declares it there.
    """

    kind: ClassVar[str]
    ordered: ClassVar[tuple[str, ...]] = ()  # mappings whose order is part of the definition

    name: Name
    description: str = ""
    owner: str = ""
    tags: dict[str, str] = {}

    def __init__(self, name: str, **fields: Any) -> None:
        super().__init__(**{"name": name, **fields})

    def model_post_init(self, _context: Any) -> None:
        """Tell who listens that this object was declared."""
        listener = _listener.get()
        if listener:
            listener(self)

    def document(self) -> Document:
        """The canonical JSON form; a hint such as ``renamed_from`` is no part of it."""
        return _canonical(self)


@contextmanager
def declared_to(listener: Callable[[Definition], None]) -> Iterator[None]:
    """While the block runs, each definition that is constructed is handed to ``listener``."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def canonical_json(document: Document) -> str:
    """One text for one document: sorted keys, no white space, UTF-8 as it is."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def fingerprint(document: Document) -> str:
    """The SHA-256 of the canonical JSON, as 16 hexadecimal digits."""
    return hashlib.sha256(canonical_json(document).encode()).hexdigest()[:16]


def _canonical(part: Part) -> Document:
    document = part.model_dump(mode="json", by_alias=True, exclude=_hints(part))
    for field in getattr(part, "ordered", ()):
        document[field] = [
            {"name": name, **_item(item)} for name, item in getattr(part, field).items()
        ]
    return document


def _hints(part: Part) -> set[str]:
    return {"renamed_from"} & set(type(part).model_fields)


def _item(item: object) -> Document:
    return _canonical(item) if isinstance(item, Part) else {"type": item}
