"""What ``check`` found, for a person and for a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from featurectl.cli.figures import brief, plural
from featurectl.cli.paint import paint
from featurectl.errors import FeaturectlError, ManyErrors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.definitions.repository import Repository

FORMAT = "featurectl.check/1"


def errors_of(error: FeaturectlError) -> tuple[FeaturectlError, ...]:
    """The errors one by one."""
    return error.errors if isinstance(error, ManyErrors) else (error,)


def check_screen(repository: Repository, elapsed: float, *, sources: bool) -> list[str]:
    """``ok: 1 entity, 2 sources, 2 views, 1 service in 2 files (41 ms)``."""
    objects = ", ".join(plural(number, kind) for kind, number in _counts(repository).items())
    files = {place.file for place in repository.locations.values()}
    also = ", and they fit their sources" if sources else ""
    where = plural(len(files), "file")
    return [f"{paint('ok:', 'green', 'bold')} {objects} in {where}{also} ({brief(elapsed)})"]


def check_document(
    errors: Sequence[FeaturectlError], repository: Repository | None, notes: Sequence[str] = ()
) -> dict[str, Any]:
    """``featurectl.check/1``: whether all is well, what there is, and what is wrong where."""
    return {
        "format": FORMAT,
        "ok": not errors,
        "objects": _counts(repository) if repository else None,
        "errors": [_document(error) for error in errors],
        "notes": list(notes),
    }


def _counts(repository: Repository) -> dict[str, int]:
    return {
        "entity": len(repository.entities),
        "source": len(repository.sources),
        "view": len(repository.views),
        "service": len(repository.services),
    }


def _document(error: FeaturectlError) -> dict[str, Any]:
    place = error.location
    return {
        "code": error.code,
        "message": error.message,
        "file": place.file if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "hint": error.caret or None,
        "notes": list(error.notes),
        "help": list(error.help),
    }
