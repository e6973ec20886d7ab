"""The files as they are, compared with what git has of them: no registry, no store, no source."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from featurectl.definitions.snapshot import Snapshot
from featurectl.errors import FeaturectlError, ManyErrors, RequestError
from featurectl.plan.as_applied import as_applied
from featurectl.plan.diff import diff
from featurectl.registry.actor import current_actor
from featurectl.repo.config import load_config
from featurectl.repo.config_file import CONFIG_NAME
from featurectl.repo.load import load_repository
from featurectl.repo.revision import extract, resolve

if TYPE_CHECKING:
    from featurectl.definitions.repository import Repository
    from featurectl.plan.plan import Plan
    from featurectl.repo.config import Config
    from featurectl.repo.revision import Revision

_UNUSED = "unused.db"  # in the place of stores: none is opened, and their variables may be unset
_TOLD = 3  # errors of the other revision that a message lists


@dataclass(frozen=True)
class Comparison:
    """What the files at ``root`` change of ``base``, as a plan of serial 0."""

    plan: Plan
    base: Revision
    repository: Repository
    root: Path


def compare(start: Path, ref: str, *, env: str | None = None) -> Comparison:
    """What applying the files would change if those at ``ref`` were what is applied.

    The repository is the one that ``start`` is in; where there was none at ``ref``, all is new.
    Nothing is written but a temporary folder, which is removed. Python files of both sides are run,
    each with the modules of its own side.

    Raises:
        RequestError: FC325 no git repository, FC326 no such revision, FC327 the files there
            are wrong.
        ManyErrors: what is wrong in the files as they are.
    """
    config = load_config(start, env=env, online=_UNUSED, registry=_UNUSED)
    repository = load_repository(config)
    base = resolve(config.root, ref)
    before = _before(config.root, base)
    snapshot = (
        as_applied(before, config.env) if before else Snapshot(repository.project, config.env, "")
    )
    plan = diff(snapshot, _with_new_lines(repository, before))
    actor = current_actor(config.root)
    plan = replace(plan, git=actor.git, made_by=actor.who, made_at_us=time.time_ns() // 1_000)
    return Comparison(plan, base, repository, config.root)


def _with_new_lines(repository: Repository, before: Repository | None) -> Repository:
    """The repository with the acknowledgements that the revision does not have.

    One that is there was reviewed for another change, and is ignored when that is applied.
    """
    known = before.acknowledgements if before else ()
    lines = tuple(line for line in repository.acknowledgements if line not in known)
    return replace(repository, acknowledgements=lines) if known else repository


def _before(root: Path, base: Revision) -> Repository | None:
    """The files at the revision; None where there was no repository."""
    with TemporaryDirectory(prefix="featurectl-base-") as scratch:
        folder = Path(scratch).resolve()
        if not extract(root, base, folder) or not (folder / CONFIG_NAME).is_file():
            return None
        try:
            return load_repository(_config(folder))
        except FeaturectlError as error:
            raise _broken(base, error) from error


def _config(folder: Path) -> Config:
    """The configuration there in the default environment: the chosen one may be new.

    Definitions, project and defaults are the same in all.
    """
    environ = {name: value for name, value in os.environ.items() if name != "FEATURECTL_ENV"}
    return load_config(folder, online=_UNUSED, registry=_UNUSED, environ=environ)


def _broken(base: Revision, error: FeaturectlError) -> RequestError:
    errors = error.errors if isinstance(error, ManyErrors) else (error,)
    more = len(errors) - _TOLD
    return RequestError(
        "FC327",
        f'the repository at "{base.ref}" is not right: there is nothing to compare with',
        notes=[*map(str, errors[:_TOLD]), *([f"and {more} more"] if more > 0 else [])],
        help=["put it right there, or compare with another revision"],
    )
