"""The columns that sources had when they were last applied, as SQL."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from featurectl.registry import schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from featurectl.registry.session import Session


def read(con: Session, env: str) -> dict[str, dict[str, str]]:
    """By source, columns with their types in the order they had."""
    if schema.version(con) < schema.WITH_GENERATIONS:
        return {}
    found = con.execute(
        "SELECT source, document FROM source_schemas WHERE env = ? ORDER BY source", (env,)
    )
    return {source: json.loads(document) for source, document in found}


def write(con: Session, env: str, schemas: Mapping[str, Mapping[str, str]], now_us: int) -> None:
    """Replace those of the sources that are given."""
    con.executemany(
        "INSERT INTO source_schemas (env, source, document, seen_us) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (env, source)"
        " DO UPDATE SET document = excluded.document, seen_us = excluded.seen_us",
        [
            (env, source, json.dumps(dict(columns), ensure_ascii=False), now_us)
            for source, columns in schemas.items()
        ],
    )
