"""Keys of the online store: readable, and never the same for two names or values.

A row's key is ``{project}:{generation}:{entity}``, such as ``fraud:user_spend.k3f9:u1``. In names
and values ``%``, ``:``, ``,``, ``{``, ``}`` and control characters are percent-encoded in UTF-8;
nothing is normalized. An entity of several join keys is their values sorted by the keys' names,
joined by ``,``. Integers are in canonical decimal, dates in ISO 8601, bytes in hexadecimal,
booleans ``true`` or ``false``. The empty string is ``%00e``, a view without entity ``-``; a value
that would read as one of these two has its last character encoded (``-`` is ``%2D``).

A manifest is at ``{project}@{env}``, its version at ``{project}@{env}@v``, a generation's stamp at
``{project}@@{generation}``; ``@`` is encoded in these names, so that none is a row's key.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa

    JoinKeys = Sequence[tuple[str, str]]  # names with their types

EMPTY = "%00e"
NO_ENTITY = "-"
SPECIAL = r"%:,{}\x00-\x1f\x7f"  # and U+0080 to U+009F, written differently in each regex dialect

_SPECIAL = re.compile(f"[{SPECIAL}\x80-\x9f]")
_SPECIAL_IN_NAME = re.compile(f"[@{SPECIAL}\x80-\x9f]")
_TOKENS = {"": EMPTY, NO_ENTITY: "%2D", "\0e": "%00%65"}


def row_prefix(project: str, generation: str) -> bytes:
    """What every key of the generation's rows begins with, and no other key."""
    return f"{_name(project)}:{_name(generation)}:".encode()


def row_key(project: str, generation: str, join_keys: JoinKeys, values: Sequence[Any]) -> bytes:
    """The key of one row; ``values[i]`` is of ``join_keys[i]``, typed, and not null."""
    return key_encoder(project, generation, join_keys)(values)


def key_encoder(
    project: str, generation: str, join_keys: JoinKeys
) -> Callable[[Sequence[Any]], bytes]:
    """What makes the key of a row from its typed values, which come in the order of the keys.

    Raises, when called:
        UnicodeEncodeError: a string with half of a surrogate pair.
    """
    prefix = row_prefix(project, generation)
    order = key_order(join_keys)
    if not order:
        alone = prefix + NO_ENTITY.encode()
        return lambda _values: alone
    if len(order) == 1:
        encode_one = _part_encoder(join_keys[0][1])
        return lambda values: prefix + encode_one(values[0]).encode()
    parts = [(i, _part_encoder(join_keys[i][1])) for i in order]
    return lambda values: prefix + ",".join([part(values[i]) for i, part in parts]).encode()


def encode_keys(
    batch: pa.RecordBatch, project: str, generation: str, join_keys: JoinKeys
) -> list[bytes]:
    """The keys of a batch's rows; ``k0``, ``k1`` … are the join keys in their order, not null."""
    from featurectl.online.key_batch import pack_keys  # noqa: PLC0415 - readers need no pyarrow
    from featurectl.online.row_batch import split  # noqa: PLC0415 - same

    return split(pack_keys(batch, project, generation, join_keys))


def manifest_key(project: str, env: str) -> bytes:
    """Where the manifest of a project and environment is."""
    return f"{_name(project)}@{_name(env)}".encode()


def version_key(project: str, env: str) -> bytes:
    """Where the manifest's version is."""
    return manifest_key(project, env) + b"@v"


def stamp_key(project: str, generation: str) -> bytes:
    """Where the stamp of a generation is."""
    return f"{_name(project)}@@{_name(generation)}".encode()


def key_order(join_keys: JoinKeys) -> list[int]:
    """The positions of the join keys, sorted by name."""
    return sorted(range(len(join_keys)), key=lambda i: join_keys[i][0])


def _part_encoder(type_name: str) -> Callable[[Any], str]:
    """What makes the text of one join key's value."""
    return _PARTS[type_name]


def encode_text(text: str) -> str:
    """The text of a string's value.

    >>> encode_text("a:b"), encode_text(""), encode_text("-")
    ('a%3Ab', '%00e', '%2D')
    """
    if text in _TOKENS:
        return _TOKENS[text]
    return _SPECIAL.sub(_percent, text) if _SPECIAL.search(text) else text


def _name(text: str) -> str:
    return _SPECIAL_IN_NAME.sub(_percent, text)


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode())


_PARTS: dict[str, Callable[[Any], str]] = {
    "int32": str,
    "int64": str,
    "bool": lambda value: "true" if value else "false",
    "date": lambda value: str(value.isoformat()),
    "bytes": lambda value: value.hex() or EMPTY,
    "string": encode_text,
}
