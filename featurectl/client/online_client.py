"""The Python API of a serving process: online features from the store's URL alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from featurectl.flows.lookup import lookup
from featurectl.flows.serving import ManifestCache, Request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from typing_extensions import Self

    from featurectl.definitions.service import ViewRef
    from featurectl.flows.vectors import OnlineFeatures
    from featurectl.online.protocol import Online


class OnlineClient:
    """Reads online features of one project and environment; no repository, no registry.

    ``OnlineClient("redis://db:6379/0", project="flights", env="prod")``, or ``sqlite:///PATH``.
    What is served is read from the store itself, and seen at once when it changes. Nothing is
    connected before the first call. It may be shared by threads.

    Raises:
        DefinitionError: FC122 a kind of store that is not known.
    """

    def __init__(self, url: str, project: str, env: str = "dev") -> None:
        from featurectl.wiring.stores import open_online  # noqa: PLC0415 - loads the store's client

        self._cache = ManifestCache(open_online(url), project, env)

    @classmethod
    def over(cls, store: Online, project: str, env: str) -> Self:
        """A client of a store that is open already."""
        client = cls.__new__(cls)
        client._cache = ManifestCache(store, project, env)  # noqa: SLF001 - of its own class
        return client

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def get_online_features(
        self,
        *,
        keys: Sequence[Mapping[str, Any]],
        features: Sequence[str | ViewRef] | None = None,
        service: str | None = None,
        full_names: bool = False,
    ) -> OnlineFeatures:
        """The newest values for each row of ``keys``, in order: one round trip.

        ``keys`` are mappings of join keys to values; other columns in them travel along. What is
        asked for is a ``service``, or ``features`` such as ``view:feature``. Output columns are
        the features' names, or ``view__feature`` with ``full_names``.

        Raises:
            RequestError: FC301 to FC304, FC309, FC316 what is asked for does not exist or collides,
                FC305 a row without a join key, FC311 a value that is not of its key's type, FC317 a
                stale value where the view says ``on_stale: fail``.
            StoreError: FC601 to FC604 the store fails, FC605 nothing is applied there.
        """
        asked = None if features is None else tuple(features)
        return lookup(self._cache, Request(asked, service, full_names), keys)

    def close(self) -> None:
        """Give the connections back; the next call connects again."""
        self._cache.store.close()
