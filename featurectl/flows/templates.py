"""A new feature repository from a template; ``templates/README.md`` says what a template is."""

from __future__ import annotations

import re
import runpy
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from featurectl.definitions.repository import PROJECT_PATTERN
from featurectl.errors import DefinitionError, SourceError, did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PROJECT = re.compile(PROJECT_PATTERN)
_PLACEHOLDER = "{{project}}"
CONFIG, FILES, BASE, SAMPLE = "featurectl.yaml", "files", "base", "sample_data.py"
_RENAMED = {"gitignore": ".gitignore"}
_NOT_COPIED = {FILES, BASE, SAMPLE}
_NAMED = 4  # how many files an error names


@dataclass(frozen=True)
class CreatedFile:
    """A file of a new repository: its path from the root with ``/``, and what it holds."""

    path: str
    description: str


@dataclass(frozen=True)
class Created:
    """What :func:`create_repository` has made; ``files`` in the order to show them."""

    root: Path
    template: str
    project: str
    files: tuple[CreatedFile, ...]


def create_repository(
    target: Path, template: str, *, project: str | None = None, now: datetime | None = None
) -> Created:
    """Make a repository in ``target``, with sample data whose newest rows lie just before ``now``.

    The project's name is taken from the folder's unless it is given. Files that are there already
    are never overwritten: all is put together elsewhere first, so that a refusal leaves no trace.

    Raises:
        DefinitionError: FC105 no such template or no valid project name, FC109 a file is in the
            way.
        SourceError: FC209 the folder can't be written.
    """
    layers = _layers(template)
    chosen = _project(target, template, project)
    moment = (now or datetime.now(timezone.utc)).astimezone(timezone.utc)
    with tempfile.TemporaryDirectory(prefix="featurectl-init-") as scratch:
        made = Path(scratch)
        for layer in layers:
            _copy_layer(layer, made, chosen)
        sample = _write_sample_data(layers, made, moment)
        files = _listed(_nearest(layers, FILES), sample)
        _check_listed(template, made, files)
        _refuse_to_overwrite(target, files)
        _copy_into(made, target, files)
    return Created(target, template, chosen, files)


def template_names() -> tuple[str, ...]:
    """The templates' names, sorted; a folder whose name begins with ``_`` is none."""
    folders = (path for path in templates_folder().iterdir() if path.is_dir())
    return tuple(sorted(path.name for path in folders if not path.name.startswith("_")))


def templates_folder() -> Path:
    """Where the templates are: in the package of a wheel, beside it in a checkout."""
    return _shipped("_templates", "templates")


def example_folder() -> Path:
    """Where the example repository is: in the package of a wheel, beside it in a checkout."""
    return _shipped("_example_repo", "example_repo")


def _shipped(packaged: str, checkout: str) -> Path:
    package = Path(__file__).resolve().parents[1]
    inside = package / packaged
    return inside if inside.is_dir() else package.parent / checkout


def _layers(template: str) -> tuple[Path, ...]:
    """The template's folders, its base first."""
    names = template_names()
    if template not in names:
        raise DefinitionError(
            "FC105",
            f'there is no template "{template}"',
            caret=did_you_mean(template, names),
            notes=[f"templates: {', '.join(names)}"],
        )
    folder = templates_folder() / template
    base = folder / BASE
    below = _layers(base.read_text("utf-8").strip()) if base.exists() else ()
    return (*below, folder)


def _nearest(layers: Sequence[Path], name: str) -> Path:
    """The file of that name in the uppermost folder that has one."""
    return next(layer / name for layer in reversed(layers) if (layer / name).exists())


def _project(target: Path, template: str, project: str | None) -> str:
    if project is None:
        name = re.sub(r"[^a-z0-9_]+", "_", target.resolve().name.lower()).strip("_")[:63]
        return name if _PROJECT.fullmatch(name) else template
    if not _PROJECT.fullmatch(project):
        raise DefinitionError(
            "FC105",
            f'"{project}" is not a project name',
            help=["start with a letter; lower-case letters, digits and _ follow: fraud_eu"],
        )
    return project


def _copy_layer(layer: Path, made: Path, project: str) -> None:
    for path in _files(layer):
        relative = path.relative_to(layer)
        if relative.name in _NOT_COPIED:
            continue
        copy = made / relative.with_name(_RENAMED.get(relative.name, relative.name))
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    config = made / CONFIG
    if config.exists():
        config.write_text(config.read_text("utf-8").replace(_PLACEHOLDER, project), "utf-8")


def _files(folder: Path) -> Iterator[Path]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return (path for path in found if "__pycache__" not in path.parts)


def _write_sample_data(layers: Sequence[Path], made: Path, now: datetime) -> list[CreatedFile]:
    # run_path leaves no compiled file behind in a folder that may not be ours to write
    script = runpy.run_path(str(_nearest(layers, SAMPLE)))
    return [_entry(line) for line in script["write"](made, now)]


def _listed(listing: Path, sample: Sequence[CreatedFile]) -> tuple[CreatedFile, ...]:
    """What the template's list says, with the sample data in their place."""
    files: list[CreatedFile] = []
    for line in listing.read_text("utf-8").splitlines():
        files += sample if line.strip() == SAMPLE else [_entry(line)]
    return tuple(files)


def _entry(line: str) -> CreatedFile:
    path, _, description = line.partition("  ")
    return CreatedFile(path, description.strip())


def _check_listed(template: str, made: Path, files: Sequence[CreatedFile]) -> None:
    found = {path.relative_to(made).as_posix() for path in _files(made)}
    differs = sorted(found.symmetric_difference(file.path for file in files))
    if differs:
        raise DefinitionError(
            "FC109",
            f'the template "{template}" does not list what it holds: {", ".join(differs)}',
            notes=[f"its list is {templates_folder() / template / FILES}, or that of its base"],
        )


def _refuse_to_overwrite(target: Path, files: Sequence[CreatedFile]) -> None:
    there = [file.path for file in files if (target / file.path).exists()]
    if target.exists() and not target.is_dir():
        there = [target.name]
    if there:
        raise DefinitionError(
            "FC109",
            f"{target} has {listed(there, _NAMED)} already: nothing was created",
            help=["give a new folder: featurectl init DIR", "or move those files away"],
        )


def _copy_into(made: Path, target: Path, files: Sequence[CreatedFile]) -> None:
    """Copy all files, or none: what a full disk has cut short is removed again."""
    try:
        for file in files:
            (target / file.path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(made / file.path, target / file.path)
    except OSError as error:
        for file in files:
            with suppress(OSError):
                (target / file.path).unlink()
        reason = error.strerror or str(error)
        raise SourceError("FC209", f"can't write to {target}: {reason}") from error
