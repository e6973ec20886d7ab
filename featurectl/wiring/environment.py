"""What one environment of a repository is connected to; each thing is opened on first use."""

from __future__ import annotations

import hashlib
import os
from functools import cached_property
from typing import TYPE_CHECKING, Any

from featurectl.definitions.file_format import file_format
from featurectl.offline.files import Whereabouts
from featurectl.offline.remembered import RememberedSchemas
from featurectl.wiring.stores import open_engine, open_online, open_registry, open_scale

if TYPE_CHECKING:
    from collections.abc import Mapping

    from featurectl.online.protocol import Online
    from featurectl.online.scale import Scale
    from featurectl.registry.protocol import Actor, RegistryStore
    from featurectl.repo.config import Config

_PROMPT_S = 2.0


class Environment:
    """Engine, online store and registry as the configuration names them."""

    def __init__(self, config: Config) -> None:
        self.config = config

    @cached_property
    def engine(self) -> RememberedSchemas:
        """The engine over the offline store; loaded with the first question it has to answer."""
        config, offline = self.config, self.config.offline
        return RememberedSchemas(
            lambda: open_engine(
                offline.engine,
                config.data_root,
                memory_limit=offline.memory_limit,
                threads=offline.threads,
            ),
            config.data_root,
            config.root / ".featurectl" / "schemas.json",
        )

    @cached_property
    def online(self) -> Online:
        """The online store; connected with the first call."""
        return open_online(self.config.online, self.config.root)

    @cached_property
    def prompt_online(self) -> Online:
        """The online store for a look at it: one that does not answer at once is given up."""
        return open_online(self.config.online, self.config.root, timeout_s=_PROMPT_S)

    @cached_property
    def scale(self) -> Scale | None:
        """What weighs rows for the online store, where there is one for its kind."""
        return open_scale(self.config.online, self.config.root, timeout_s=_PROMPT_S)

    @cached_property
    def registry(self) -> RegistryStore:
        """The registry, which is created where it does not exist."""
        config = self.config
        return open_registry(config.registry, config.root, config.project, create=True)

    @cached_property
    def readable_registry(self) -> RegistryStore:
        """The registry for reading: one that does not exist is empty, and nothing is written."""
        config = self.config
        return open_registry(config.registry, config.root, config.project, create=False)

    @cached_property
    def actor(self) -> Actor:
        """Who is at work: user, host, process, and the commit of the files."""
        from featurectl.registry.actor import current_actor  # noqa: PLC0415 - runs git

        return current_actor(self.config.root)

    @property
    def data(self) -> str:
        """A short text that differs where relative paths of sources begin elsewhere."""
        root = os.fsencode(self.config.data_root.resolve())
        return hashlib.sha256(root).hexdigest()[:12]

    def known_columns(
        self, sources: Mapping[str, Mapping[str, Any]]
    ) -> dict[str, Mapping[str, str]]:
        """The columns of sources, given as documents, as far as known without reading a file."""
        found = {}
        for name, source in sources.items():
            path = source["path"]
            where = Whereabouts(name, path, file_format(path, source["format"]))
            state = self.engine.remembered(where)
            if state:
                found[name] = state.columns
        return found

    def close(self) -> None:
        """Give connections and files back; the next use opens them again."""
        for name in ("engine", "online", "prompt_online", "scale", "registry", "readable_registry"):
            opened = self.__dict__.pop(name, None)
            if opened is not None:
                opened.close()
