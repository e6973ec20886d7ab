"""What plan and apply say of drift, and how apply takes note of the columns that sources have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.errors import StoreError, listed
from featurectl.flows.drift import manifest_drift
from featurectl.flows.source_drift import fits, source_drift, uses_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from featurectl.definitions.repository import Repository
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.flows.drift import Drift
    from featurectl.online.protocol import Manifests
    from featurectl.registry.retention import SourceSchemas

    Schemas = Mapping[str, Mapping[str, str]]

SILENT = "what readers of the online store see is not known: "  # and why it does not answer


def drift_notes(
    snapshot: Snapshot,
    repository: Repository,
    *,
    registry: SourceSchemas,
    online: Manifests | None,
    columns: Schemas,
) -> tuple[str, ...]:
    """One line for each disagreement between what is applied and what is there.

    ``columns`` are those that the sources of ``repository`` have now. One round trip to the store,
    none without ``online``; a store that does not answer is one of the lines.
    """
    found = columns_drift(snapshot, repository, registry=registry, columns=columns)
    return (*_on_manifest(snapshot, online), *(drift.line for drift in found))


def columns_drift(
    snapshot: Snapshot, repository: Repository, *, registry: SourceSchemas, columns: Schemas
) -> tuple[Drift, ...]:
    """How ``columns``, those of the repository's sources now, differ from those applied.

    A source whose files are others now is not judged: that is a change of its definition.
    """
    before = registry.schemas(snapshot.env)
    return source_drift(snapshot, before, _of_same_files(snapshot, repository, columns))


def record_columns(
    snapshot: Snapshot, registry: SourceSchemas, columns: Schemas
) -> tuple[str, ...]:
    """Take note of the columns that the applied sources have now; what was new is said.

    A source that its views do not fit any more keeps its note: it is told of until it does.
    """
    before = registry.schemas(snapshot.env)
    differs = {name for name, found in columns.items() if found != before.get(name)}
    uses = uses_of(snapshot) if differs else {}
    changed = {
        source: columns[source]
        for source in sorted(uses.keys() & differs)
        if fits(uses[source], columns[source])
    }
    if changed:
        registry.record_schemas(snapshot.env, changed)
    known = [source for source in changed if source in before]
    return (f"took note of the columns of {listed(known)} as they are now",) if known else ()


def _on_manifest(snapshot: Snapshot, online: Manifests | None) -> list[str]:
    if online is None:
        return []
    try:
        found = manifest_drift(snapshot, online.read(snapshot.project, snapshot.env))
    except StoreError as error:
        return [SILENT + error.message]
    return [found.line] if found else []


def _of_same_files(snapshot: Snapshot, repository: Repository, columns: Schemas) -> Schemas:
    applied = snapshot.documents("source")
    return {
        name: found
        for name, found in columns.items()
        if name in applied
        and all(
            applied[name][field] == getattr(repository.sources[name], field)
            for field in ("path", "format")
        )
    }
