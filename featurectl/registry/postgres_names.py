"""What the schemas are called in which a project's registry and its copies are."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from featurectl.definitions.instant import to_datetime

_LONGEST: Final = 33  # of the 63 bytes of a name: a copy's has 30 more
_DIGITS: Final = 8
_PREFIX: Final = "featurectl_"


def schema_of(project: str) -> str:
    """The schema of the project; the name of a long one is cut, and told apart by its hash.

    >>> schema_of("flights")
    'featurectl_flights'
    >>> schema_of("a_project_with_quite_a_long_name")
    'featurectl_a_project_wit_3d5d8faf'
    """
    name = _PREFIX + project
    if len(name) <= _LONGEST:
        return name
    return f"{name[: _LONGEST - _DIGITS - 1]}_{_hash(project)[:_DIGITS]}"


def copy_of(schema: str, now_us: int) -> str:
    """The schema of a copy that is made now; names sort by time."""
    return f"{schema}_backup_{to_datetime(now_us):%Y%m%dT%H%M%S%f}Z"


def is_copy_of(name: str, schema: str) -> bool:
    """Whether that is the name of a copy, and not a schema of somebody else."""
    return re.fullmatch(rf"{re.escape(schema)}_backup_\d{{8}}T\d{{12}}Z", name) is not None


def lock_of(schema: str) -> int:
    """The number of the lock that writers of the schema take in turn: 64 bits, signed."""
    return int.from_bytes(hashlib.sha256(schema.encode()).digest()[:8], "big", signed=True)


def quoted(name: str) -> str:
    """The name as an identifier."""
    return '"' + name.replace('"', '""') + '"'


def _hash(project: str) -> str:
    return hashlib.sha256(project.encode()).hexdigest()
