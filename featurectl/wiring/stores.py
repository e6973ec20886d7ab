"""Which name in the configuration means which engine, store or registry; loaded on first use.

A new implementation is one line in one of the tables here. What is installed beside featurectl adds
its own through the entry points ``featurectl.online``, ``featurectl.registry`` and
``featurectl.offline``.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from featurectl.definitions.url import mask_url
from featurectl.errors import DefinitionError, nearest, raise_all

if TYPE_CHECKING:
    from collections.abc import Mapping

    from featurectl.errors import FeaturectlError, Location
    from featurectl.offline.protocol import OfflineEngine
    from featurectl.online.protocol import Online
    from featurectl.online.scale import Scale
    from featurectl.registry.protocol import RegistryStore
    from featurectl.repo.config import Config

_ONLINE = {
    "sqlite": "featurectl.online.sqlite:SqliteOnline",
    "redis": "featurectl.online.redis:RedisOnline",
    "rediss": "featurectl.online.redis:RedisOnline",
    "unix": "featurectl.online.redis:RedisOnline",
}
_SERVERS = ("redis", "rediss", "unix")
_SCALES = {
    "sqlite": "featurectl.online.sqlite_scale:SqliteScale",
    **dict.fromkeys(_SERVERS, "featurectl.online.redis_scale:RedisScale"),
}
_REGISTRY = {
    "sqlite": "featurectl.registry.sqlite:SqliteRegistry",
    "postgresql": "featurectl.registry.postgres:PostgresRegistry",
    "postgres": "featurectl.registry.postgres:PostgresRegistry",
}
_OFFLINE = {"duckdb": "featurectl.offline.duckdb:DuckDBEngine"}


def open_online(url: str, root: Path | None = None, *, timeout_s: float | None = None) -> Online:
    """The online store of a URL (``redis://…``), or of a SQLite file relative to ``root``.

    Nothing is connected or created before the first call of a method. ``timeout_s`` is how long a
    server may take to answer, where the URL says nothing of it.

    Raises:
        DefinitionError: FC122 a kind of store that is not known.
    """
    scheme, target = _parse(url, root)
    store = _load(_ONLINE, "featurectl.online", scheme, url)
    takes_time = timeout_s is not None and scheme in _SERVERS
    found: Online = store(target, timeout_s) if takes_time else store(target)
    return found


def open_scale(url: str, root: Path | None, *, timeout_s: float) -> Scale | None:
    """What weighs rows for the online store of a URL; None where its kind has no scale."""
    scheme, target = _parse(url, root)
    if scheme not in _SCALES:
        return None
    scale = _load(_SCALES, "featurectl.online", scheme, url)
    found: Scale = scale(target, timeout_s) if scheme in _SERVERS else scale(target)
    return found


def open_registry(url: str, root: Path, project: str, *, create: bool) -> RegistryStore:
    """The registry of a URL or of a SQLite file relative to ``root``.

    With ``create`` False one that does not exist is read as empty, and nothing is written.

    Raises:
        DefinitionError: FC122 a kind of registry that is not known.
    """
    scheme, target = _parse(url, root)
    registry = _load(_REGISTRY, "featurectl.registry", scheme, url)
    found: RegistryStore = registry.open(target, project, create=create)
    return found


def open_engine(
    name: str, data_root: Path, *, memory_limit: str | None, threads: int | None
) -> OfflineEngine:
    """The engine of that name over sources whose relative paths begin at ``data_root``.

    Raises:
        DefinitionError: FC122 an engine that is not known.
    """
    engine = _load(_OFFLINE, "featurectl.offline", name, name)
    found: OfflineEngine = engine(data_root, memory_limit=memory_limit, threads=threads)
    return found


def check_stores(config: Config) -> None:
    """Refuse an online store or a registry of a kind that is not known; nothing is connected.

    Raises:
        FeaturectlError: FC122, with the place in featurectl.yaml; of both in a ManyErrors.
    """
    tables = {"registry": _REGISTRY, "online": _ONLINE}
    errors: list[FeaturectlError] = []
    for setting, table in tables.items():
        url = getattr(config, setting)
        scheme = _parse(url, config.root)[0]
        if scheme not in table and not _installed(f"featurectl.{setting}", scheme):
            errors.append(_unknown(table, url, config.places.get(setting)))
    raise_all(errors)


def is_embedded(url: str) -> bool:
    """Whether a URL of the configuration means a SQLite file."""
    return "://" not in url or url.startswith("sqlite://")


def _parse(url: str, root: Path | None) -> tuple[str, Any]:
    if not is_embedded(url):
        return url.partition("://")[0], url
    path = Path(url.removeprefix("sqlite:///") if url.startswith("sqlite:") else url)
    return "sqlite", (root or Path.cwd()) / path.expanduser()


def _load(table: Mapping[str, str], group: str, name: str, url: str) -> Any:
    if name in table:
        module, _, attribute = table[name].partition(":")
        return getattr(import_module(module), attribute)
    for point in _installed(group, name):
        return point.load()
    raise _unknown(table, url)


def _installed(group: str, name: str) -> Any:
    # Looked for only when the name is not one of ours: a scan of what is installed costs 30 ms.
    from importlib.metadata import entry_points  # noqa: PLC0415

    return entry_points(group=group, name=name)


def _unknown(table: Mapping[str, str], url: str, at: Location | None = None) -> DefinitionError:
    near = nearest(url.partition("://")[0], table)
    return DefinitionError(
        "FC122",
        f'"{mask_url(url)}" is not supported yet',
        location=at,
        caret=f'did you mean "{near}"?' if near else "",
        help=[f"supported: {', '.join(table)}"],
    )
