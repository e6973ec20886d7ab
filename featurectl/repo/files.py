"""Which files of a repository hold definitions."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from featurectl.errors import DefinitionError, Location
from featurectl.repo.config_file import CONFIG_NAME

if TYPE_CHECKING:
    from featurectl.repo.config import Config

_SUFFIXES = (".yaml", ".yml", ".py")


def definition_files(config: Config) -> tuple[dict[str, Path], list[DefinitionError]]:
    """The files with definitions by their paths relative to the root, sorted.

    Hidden files and ``__pycache__`` are passed over. What leads out of the repository is not
    followed but is an error (FC109), and so is what ``definitions`` lists and does not exist.
    """
    finder = _Finder(config.root)
    for index, listed in enumerate(config.definitions):
        finder.start(listed, config.places.get(f"definitions.{index}"))
    return dict(sorted(finder.found.items())), finder.errors


class _Finder:
    """Walks folders; each file and folder once, however many links lead to it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.found: dict[str, Path] = {}
        self.errors: list[DefinitionError] = []
        self._seen = {root / CONFIG_NAME}

    def start(self, listed: str, at: Location | None) -> None:
        """What one entry of ``definitions`` leads to."""
        path = Path(os.path.normpath(self.root / listed))
        if not path.exists():
            self.errors.append(_missing(listed, at))
        elif not path.is_relative_to(self.root):
            self.errors.append(_outside(listed, at))
        else:
            self._take(path)

    def _take(self, path: Path) -> None:
        file = path.relative_to(self.root).as_posix()
        real = path.resolve()
        if not real.is_relative_to(self.root):
            self.errors.append(_outside(file, Location(file, 1, 1)))
        elif real not in self._seen:
            self._seen.add(real)
            if path.is_dir():
                self._walk(path, file)
            else:
                self.found[file] = path

    def _walk(self, folder: Path, file: str) -> None:
        try:
            names = sorted(path.name for path in folder.iterdir())
        except OSError as error:
            self.errors.append(_unreadable(file, error))
            return
        for name in names:
            path = folder / name
            if name.startswith(".") or name == "__pycache__":
                continue
            if path.is_dir() or path.suffix.lower() in _SUFFIXES:
                self._take(path)


def _missing(listed: str, at: Location | None) -> DefinitionError:
    return DefinitionError(
        "FC109",
        f'there is no file or folder "{listed}" for definitions',
        location=at,
        help=[f"create it, or say in {CONFIG_NAME} where they are: definitions: [FOLDER]"],
    )


def _outside(said: str, at: Location | None) -> DefinitionError:
    return DefinitionError("FC109", f'"{said}" leads out of the repository', location=at)


def _unreadable(file: str, error: OSError) -> DefinitionError:
    return DefinitionError(
        "FC109",
        f"the folder can't be read: {error.strerror}",
        location=Location(file, 1, 1),
    )
