"""What the shell offers for a name: what is applied, read from the registry."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from featurectl.cli.session import Session
    from featurectl.definitions.snapshot import Snapshot


def complete_selector(ctx: Any, incomplete: str) -> list[tuple[str, str]]:
    """Views, their features after a colon, and services as ``service:NAME``."""
    snapshot = _snapshot(ctx)
    if snapshot is None:
        return []
    before, comma, last = incomplete.rpartition(",")
    views = snapshot.documents("view")
    view, colon, _ = last.partition(":")
    if colon and view in views:
        found = [(f"{view}:{f['name']}", f["type"]) for f in views[view]["features"]]
    else:
        found = [(name, "view") for name in views]
        found += [(f"service:{name}", "service") for name in snapshot.documents("service")]
    return [(before + comma + name, text) for name, text in found]


def complete_service(ctx: Any) -> list[tuple[str, str]]:
    """The services."""
    return _names(ctx, ("service",))


def complete_object(ctx: Any) -> list[tuple[str, str]]:
    """Everything that has a name."""
    return _names(ctx, ("entity", "source", "view", "service"))


def complete_template() -> list[str]:
    """The templates of init."""
    from featurectl.flows.templates import template_names  # noqa: PLC0415 - only to complete it

    return list(template_names())


def _names(ctx: Any, kinds: tuple[str, ...]) -> list[tuple[str, str]]:
    snapshot = _snapshot(ctx)
    return [
        (name, kind) for kind in kinds for name in (snapshot.documents(kind) if snapshot else ())
    ]


def _snapshot(ctx: Any) -> Snapshot | None:
    """What is applied where the command line points to; nothing may go wrong while typing."""
    session: Session = ctx.obj
    with contextlib.suppress(Exception), session.store() as store:
        return store.snapshot()
    return None
