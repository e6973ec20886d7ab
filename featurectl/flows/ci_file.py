"""A pipeline for a feature repository: plan on requests, apply on merge, materialize on a schedule.

The files are those of ``templates/_ci``, with what they are about filled in.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from featurectl.errors import DefinitionError, SourceError
from featurectl.flows.templates import templates_folder
from featurectl.repo.config import load_config
from featurectl.repo.config_file import CONFIG_NAME, read_config_file
from featurectl.repo.git import default_branch, git_root

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

System = Literal["github", "gitlab"]
_FOLDER = "_ci"
_WRITTEN = "# Written by `featurectl init"
_PLACES: Mapping[System, tuple[str, ...]] = {
    "github": (".github/workflows/featurectl.yml",),
    "gitlab": (".gitlab-ci.yml", ".gitlab/featurectl.yml"),  # the second where there is the first
}
_EVERYTHING: Mapping[System, str] = {"github": "**", "gitlab": "**/*"}
_PLAIN = re.compile(r"[A-Za-z0-9_. -]+(/[A-Za-z0-9_. -]+)*")  # has no character of a pattern
_LIKELY = ("prod", "production")
_DEFAULT_ENV = "dev"
_UNUSED = "none.db"  # no store is opened here, and its variables may be unset


@dataclass(frozen=True)
class CiFile:
    """A pipeline that was written: ``path`` is seen from ``root``, the git repository.

    ``included_by`` is the file that has to include it, empty where nothing has to.
    """

    root: Path
    path: str
    env: str
    branch: str
    included_by: str = ""


def free_place(folder: Path, system: System) -> tuple[Path, str]:
    """Where a pipeline for the repository in ``folder`` goes: the root of git, and the path there.

    Outside of git that is the folder itself, which need not exist yet.

    Raises:
        DefinitionError: FC109 there is one already.
    """
    top = git_root(folder.resolve()) or folder.resolve()
    for path in _PLACES[system]:
        if not os.path.lexists(top / path):
            return top, path
        if _is_ours(top / path):
            break
    raise DefinitionError(
        "FC109",
        f"{top / path} is there already: nothing was written",
        help=[
            "move it away to have it written anew",
            f"or take from {templates_folder() / _FOLDER / f'{system}.yml'} what it lacks",
        ],
    )


def write_ci_file(folder: Path, system: System, *, version: str, env: str | None = None) -> CiFile:
    """Write a pipeline for the feature repository in ``folder``; no file is overwritten.

    It applies the environment ``env`` or, unless one is given, ``prod``, the only one that is
    configured, or ``dev``. ``version`` is the release that its runners install.

    Raises:
        DefinitionError: FC109 there is one already, FC120 there is no such environment, and what
            else is wrong in featurectl.yaml.
        SourceError: FC209 it can't be written.
    """
    folder = folder.resolve()
    top, path = free_place(folder, system)
    chosen = _environment(folder, env)
    branch = default_branch(top)
    template = (templates_folder() / _FOLDER / f"{system}.yml").read_text("utf-8")
    relative = folder.relative_to(top).as_posix()
    text = _filled(
        template,
        {
            "BRANCH": branch,
            "ENV": chosen,
            "FOLDER": shlex.quote(relative) if system == "gitlab" else json.dumps(relative),
            "PATHS": json.dumps(_patterns(relative, path, system)),
            "VERSION": version,
        },
    )
    _write(top / path, text)
    others = _PLACES[system][0]
    return CiFile(top, path, chosen, branch, "" if path == others else others)


def _is_ours(path: Path) -> bool:
    try:
        return path.read_text("utf-8", errors="replace").startswith(_WRITTEN)
    except OSError:
        return False


def _environment(folder: Path, given: str | None) -> str:
    names = sorted(read_config_file(folder / CONFIG_NAME).env_names)
    likely = [name for name in _LIKELY if name in names]
    chosen = given or (likely or (names if len(names) == 1 else [_DEFAULT_ENV]))[0]
    return load_config(folder, env=chosen, online=_UNUSED, registry=_UNUSED).env


def _patterns(folder: str, path: str, system: System) -> list[str]:
    """What a change has to touch; anything, where the folder's name is no plain one."""
    everything = _EVERYTHING[system]
    if folder == "." or not _PLAIN.fullmatch(folder):
        return [everything]
    return [f"{folder}/{everything}", path]


def _filled(template: str, values: Mapping[str, str]) -> str:
    return re.sub("@([A-Z]+)@", lambda match: values[match[1]], template)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SourceError("FC209", f"can't write {path}: {reason}") from error
