"""The configuration of one environment of a repository: featurectl.yaml, variables, options.

A value comes from, in this order: an option, ``FEATURECTL_…``, ``envs.NAME``, the top of the file,
a default. Each one's origin is kept, for ``doctor`` and for errors.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from featurectl.errors import DefinitionError, raise_all
from featurectl.repo.config_file import CONFIG_NAME, read_config_file
from featurectl.repo.offline_config import OfflineConfig
from featurectl.repo.settings import DEFAULT_GRACE_US, Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from featurectl.errors import Location

__all__ = ["Config", "OfflineConfig", "load_config"]


@dataclass(frozen=True)
class Config:
    """What one environment of the repository at ``root`` works with.

    ``registry`` and ``online`` are URLs, or paths relative to ``root``. ``origins`` says of each
    field where its value came from (``featurectl.yaml:14``), ``places`` where it stands, for those
    that stand in the file; ``definitions.0`` is the first of the definitions. Data that nothing
    reads any more are kept for ``grace_us`` microseconds. Where ``promote_from`` names another
    environment, what it has filled is taken over when it is applied here.
    """

    root: Path
    project: str
    env: str
    registry: str
    online: str
    offline: OfflineConfig
    definitions: tuple[str, ...]
    default_owner: str
    default_tags: Mapping[str, str]
    data_root: Path
    origins: Mapping[str, str]
    grace_us: int = DEFAULT_GRACE_US
    promote_from: str | None = None
    places: Mapping[str, Location] = field(default_factory=dict, repr=False, compare=False)


def load_config(
    start: Path,
    *,
    env: str | None = None,
    online: str | None = None,
    registry: str | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Config:
    """The configuration of the repository that ``start`` is in.

    A variable is replaced only where the chosen environment needs the value.

    Raises:
        FeaturectlError: FC110 no featurectl.yaml in ``start`` or above it, FC120 an environment
            that is not configured, FC121 a variable that is not set, and what else is wrong in the
            file; all of it in one :class:`~featurectl.errors.ManyErrors`.
    """
    root = find_root(start)
    settings = Settings(
        read_config_file(root / CONFIG_NAME),
        environ,
        {"env": env, "online": online, "registry": registry},
    )
    config = Config(
        root=root,
        project=settings.project(),
        env=settings.env,
        registry=settings.store("registry"),
        online=settings.store("online"),
        offline=settings.offline(),
        definitions=settings.definitions(),
        default_owner=settings.default_owner(),
        default_tags=settings.default_tags(),
        data_root=root / Path(settings.data_root()).expanduser(),
        origins=settings.origins,
        grace_us=settings.grace_us(),
        promote_from=settings.promote_from(),
        places=settings.places,
    )
    raise_all(settings.errors)
    return config


def find_root(start: Path) -> Path:
    """The folder with featurectl.yaml: ``start`` or the nearest one above it.

    Raises:
        DefinitionError: FC110.
    """
    begin = start.expanduser().resolve()
    folders = (begin, *begin.parents)
    for folder in folders:
        if (folder / CONFIG_NAME).is_file():
            return folder
    if not begin.exists():
        raise DefinitionError("FC110", f"there is no folder {start}")
    other = next((f for f in folders if (f / "featurectl.yml").is_file()), None)
    raise DefinitionError(
        "FC110",
        f"no {CONFIG_NAME} in {begin} or any folder above it",
        help=[
            f"rename {other / 'featurectl.yml'} to {CONFIG_NAME}"
            if other
            else "go to the repository's folder, or name it: featurectl --repo DIR",
            *([] if other else ["make a new repository: featurectl init"]),
        ],
    )
