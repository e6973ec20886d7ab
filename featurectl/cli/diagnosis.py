"""What ``doctor`` looks at. Each check is made for itself: one that fails hides no other."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from featurectl.cli.figures import brief, plural
from featurectl.cli.screens.check import errors_of
from featurectl.definitions.duration import format_duration
from featurectl.definitions.url import mask_url
from featurectl.errors import FeaturectlError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from featurectl.cli.session import Session
    from featurectl.client.feature_store import FeatureStore
    from featurectl.definitions.source import Source

Level = Literal["ok", "warn", "fail"]
_SETTINGS = ("project", "env", "registry", "online", "offline", "definitions", "data_root", "grace")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: how it is, and what to do about it."""

    level: Level
    subject: str
    text: str
    help: tuple[str, ...] = ()


def diagnose(session: Session) -> Iterator[Finding]:
    """Every finding, as it is found."""
    store = None
    try:
        store = session.store()
    except FeaturectlError as error:
        yield from _failures("config", error)
    if store is not None:
        with store:
            yield from _checks(store)
    yield _bytecode()


def _checks(store: FeatureStore) -> Iterator[Finding]:
    failed: set[str] = set()
    for subject, check in _CHECKS.items():
        if _NEEDS.get(subject) in failed:
            continue
        for finding in _guarded(subject, check, store):
            if finding.level == "fail":
                failed.add(subject)
            yield finding


def _guarded(
    subject: str, check: Callable[[FeatureStore], Iterator[Finding]], store: FeatureStore
) -> Iterator[Finding]:
    try:
        yield from check(store)
    except FeaturectlError as error:
        yield from _failures(subject, error)
    except Exception as error:  # noqa: BLE001 - a doctor goes on, and tells
        yield Finding("fail", subject, f"{type(error).__name__}: {error}")


def _failures(subject: str, error: FeaturectlError) -> Iterator[Finding]:
    for each in errors_of(error):
        place = f"{each.location}: " if each.location else ""
        yield Finding("fail", subject, f"{place}{each.message} [{each.code}]", each.help)


def _repo(store: FeatureStore) -> Iterator[Finding]:
    root = store.config.root
    here = Path.cwd()
    up = f" (found by walking up from {here})" if here != root and root in here.parents else ""
    yield Finding("ok", "repo", f"{root}{os.sep}featurectl.yaml{up}")


def _config(store: FeatureStore) -> Iterator[Finding]:
    config = store.config
    values = {
        **{name: getattr(config, name, "") for name in _SETTINGS},
        "online": mask_url(config.online),
        "registry": mask_url(config.registry),
        "offline": config.offline.engine,
        "definitions": ", ".join(config.definitions),
        "grace": format_duration(config.grace_us) if config.grace_us else "none",
    }
    if config.promote_from:
        values["promote_from"] = config.promote_from
    longest = max(map(len, values))
    for name, value in values.items():
        yield Finding("ok", "config", f"{name:<{longest}} {value}  ({_origin(store, name)})")


def _origin(store: FeatureStore, name: str) -> str:
    origins = store.config.origins
    near = [origin for field, origin in origins.items() if field.split(".")[0] == name]
    return origins.get(name) or (near[0] if near else "default")


def _definitions(store: FeatureStore) -> Iterator[Finding]:
    number = sum(1 for _ in store.repository.objects())
    yield Finding("ok", "definitions", f"{plural(number, 'object')}, no error")


def _registry(store: FeatureStore) -> Iterator[Finding]:
    yield Finding("ok", "registry", store.environment.readable_registry.describe())


def _online(store: FeatureStore) -> Iterator[Finding]:
    from featurectl.wiring.health import online_health  # noqa: PLC0415 - may load redis

    version = store.environment.online.ping()  # the first call connects
    started = time.perf_counter()
    store.environment.online.ping()
    took = brief(time.perf_counter() - started)
    facts, worries = online_health(store.config.online)
    yield Finding("ok", "online", ", ".join([version, f"ping {took}", *facts]))
    for worry in worries:
        yield Finding("warn", "online", worry)


def _manifest(store: FeatureStore) -> Iterator[Finding]:
    from featurectl.flows.drift import manifest_drift  # noqa: PLC0415 - loads what readers are told

    snapshot = store.snapshot()
    held = store.environment.online.read(snapshot.project, snapshot.env)
    drift = manifest_drift(snapshot, held)
    if drift:
        level: Level = "fail" if held is None else "warn"
        yield Finding(level, "manifest", drift.text, (drift.help,))
    elif snapshot.serial:
        yield Finding("ok", "manifest", f"published, serial {snapshot.serial}")
    else:
        yield Finding("ok", "manifest", f"nothing is applied in env {snapshot.env} yet")


def _columns(store: FeatureStore) -> Iterator[Finding]:
    """What has changed in the sources since they were applied; silent where nothing has."""
    from featurectl.flows.drift_notes import columns_drift  # noqa: PLC0415 - as above

    engine, registry = store.environment.engine, store.environment.readable_registry
    sources = store.repository.sources
    now = {name: engine.schema(sources[name]).columns for name in sorted(sources)}
    for drift in columns_drift(store.snapshot(), store.repository, registry=registry, columns=now):
        level: Level = "ok" if drift.harmless else "warn"
        yield Finding(level, "columns", drift.text, (drift.help,) if drift.help else ())


def _sources(store: FeatureStore) -> Iterator[Finding]:
    sources = store.repository.sources
    wrong = [error for name in sorted(sources) if (error := _unreadable(store, sources[name]))]
    level: Level = "fail" if wrong else "ok"
    yield Finding(level, "sources", f"{len(sources) - len(wrong)} of {len(sources)} readable")
    for error in wrong:
        yield from _failures("sources", error)


def _unreadable(store: FeatureStore, source: Source) -> FeaturectlError | None:
    try:
        store.environment.engine.schema(source)
    except FeaturectlError as error:
        return error
    return None


def _bytecode() -> Finding:
    from featurectl.cli import run  # noqa: PLC0415 - the module that every command loads

    if os.path.exists(cache_from_source(str(run.__file__))):  # noqa: PTH110 - a text is at hand
        return Finding("ok", "bytecode", "compiled")
    why = "PYTHONDONTWRITEBYTECODE is set" if sys.dont_write_bytecode else "it can't be written"
    folder = Path(run.__file__).parents[1]
    return Finding(
        "warn",
        "bytecode",
        f"not compiled ({why}): each start takes two to four times as long",
        (f"{sys.executable} -m compileall -q {folder}",),
    )


_NEEDS = {
    "manifest": "online",
    "sources": "definitions",
    "columns": "sources",
}  # what fails alike when that has failed
_CHECKS: dict[str, Callable[[FeatureStore], Iterator[Finding]]] = {
    "repo": _repo,
    "config": _config,
    "definitions": _definitions,
    "registry": _registry,
    "online": _online,
    "manifest": _manifest,
    "sources": _sources,
    "columns": _columns,
}
