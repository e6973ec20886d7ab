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
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from featurectl.definitions.duration import DURATION_PATTERN, format_duration, parse_duration
from featurectl.definitions.types import TYPE_PATTERN, parse_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Document = dict[str, Any]

NAME_PATTERN = r"^[A-Za-z_][A-Za-z0-9_]*$"
MAX_NAME = 63

Name = Annotated[str, Field(pattern=NAME_PATTERN, max_length=MAX_NAME)]
# Made anew for each part: a default that stood there would be copied deeply, which takes longer.
Tags = Annotated[
    dict[str, str],
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "string"}, "default": {}}),
]
TypeName = Annotated[
    str,
    AfterValidator(lambda text: str(parse_type(text))),
    WithJsonSchema({"type": "string", "pattern": TYPE_PATTERN}),
]


def _duration(value: Any) -> int:
    """Microseconds of what a person wrote: a bare number has no unit."""
    if isinstance(value, (str, timedelta)):
        return parse_duration(value)
    raise ValueError(f"{value!r} is not a duration; write a number and s, m, h, d or w: 24h")


Duration = Annotated[
    int,
    BeforeValidator(
        _duration, json_schema_input_type=Annotated[str, Field(pattern=DURATION_PATTERN)]
    ),
    PlainSerializer(format_duration, return_type=str),
]


def _none_or(parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value in (None, "none") else parse(value)


DurationOrNone = Annotated[
    int | None,
    BeforeValidator(
        _none_or(_duration),
        json_schema_input_type=Annotated[str, Field(pattern=f"^none$|{DURATION_PATTERN}")],
    ),
    PlainSerializer(lambda us: "none" if us is None else format_duration(us), return_type=str),
]

_HINTS = {"renamed_from"}
MISSING: Any = object()  # not None, so that a key that isn't given is told from one without value

_listener: ContextVar[Callable[[Part], None] | None] = ContextVar("listener", default=None)
_refusal: ContextVar[Callable[[Part, ValidationError], None] | None] = ContextVar(
    "refusal", default=None
)


class NotYetError(ValueError):
    """What a later release will have: refused, rather than accepted and not done."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} not supported yet")


class Part(BaseModel):
    """A frozen value inside a definition; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    def __init__(self, /, **fields: Any) -> None:
        refusal = _refusal.get()
        if refusal is None:
            super().__init__(**fields)
            return
        token = _refusal.set(None)  # what is wrong inside belongs to the outermost part
        try:
            super().__init__(**fields)
        except ValidationError as error:
            self._hold(fields)
            refusal(self, error)
        finally:
            _refusal.reset(token)

    def _hold(self, fields: dict[str, Any]) -> None:
        """Keep what was given, unchecked, so that the file that made this can be read to its end.

        Never seen outside: the error that it stands for fails the load.
        """
        object.__setattr__(self, "__dict__", dict(fields))
        object.__setattr__(self, "__pydantic_fields_set__", set(fields))
        object.__setattr__(self, "__pydantic_extra__", None)
        object.__setattr__(self, "__pydantic_private__", None)


class Definition(Part):
    """A named object of a feature repository.

    Constructing one while a repository file is being imported declares it there.
    """

    kind: ClassVar[str]
    ordered: ClassVar[tuple[str, ...]] = ()  # mappings whose order is part of the definition

    name: Name
    description: str = ""
    owner: str = ""
    tags: Tags = Field(default_factory=dict)

    def __init__(self, name: str = MISSING, /, **fields: Any) -> None:
        super().__init__(**named("name", name, fields))

    def model_post_init(self, _context: Any) -> None:
        """Tell who listens that this object was declared."""
        declare(self)

    def document(self) -> Document:
        """The canonical JSON form; a hint such as ``renamed_from`` is no part of it."""
        return _canonical(self)


def declare(part: Part) -> None:
    """Hand what was constructed to the file that is being read, if one is."""
    listener = _listener.get()
    if listener:
        listener(part)


@contextmanager
def declared_to(
    listener: Callable[[Part], None],
    refusal: Callable[[Part, ValidationError], None] | None = None,
) -> Iterator[None]:
    """While the block runs, each definition that is constructed is handed to ``listener``.

    With ``refusal`` a part that is wrong is handed to it with its error, instead of raising it: so
    all errors of a file are found in one run. Such a part holds what was given, unchecked.
    """
    tokens = _listener.set(listener), _refusal.set(refusal)
    try:
        yield
    finally:
        _listener.reset(tokens[0])
        _refusal.reset(tokens[1])


def named(field: str, value: Any, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of a part whose first one may be given by position, or not at all."""
    return fields if value is MISSING else {field: value, **fields}


def differ_in_more_than_case(names: Iterable[str]) -> None:
    """Refuse names that engines, which fold case, can't tell apart.

    Raises:
        PydanticCustomError: ``case_clash``, with both names in its context.
    """
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(name.lower(), name)
        if other != name:
            raise PydanticCustomError(
                "case_clash",
                'names "{other}" and "{name}" differ only in case',
                {"other": other, "name": name},
            )


def canonical_json(document: Document) -> str:
    """One text for one document: sorted keys, no white space, UTF-8 as it is."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def fingerprint(document: Document) -> str:
    """The SHA-256 of the canonical JSON, as 16 hexadecimal digits."""
    return fingerprint_of(canonical_json(document))


def fingerprint_of(text: str) -> str:
    """The fingerprint of a document whose canonical JSON is at hand."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _canonical(part: Part) -> Document:
    document = part.model_dump(mode="json", by_alias=True, exclude=_HINTS)
    for field in getattr(part, "ordered", ()):
        document[field] = [{"name": name, **_item(item)} for name, item in document[field].items()]
    return document


def _item(item: Any) -> Document:
    """What stands under a name: a part as it was dumped with the rest, or a type."""
    if isinstance(item, dict):
        return {key: value for key, value in item.items() if key not in _HINTS}
    return {"type": item}
