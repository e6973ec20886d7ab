"""A process that applies or materializes, and is killed or stopped on the way."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crash_project import CLASSES
from dying import Countdown, Dying

from featurectl.client.feature_store import FeatureStore
from featurectl.errors import FeaturectlError

if TYPE_CHECKING:
    from pathlib import Path
    from signal import Signals


def run(place: Path, command: str, at: tuple[str, Signals], host: str, told: Any) -> None:
    """Run it; ``at`` are a change and the signal that comes before the first such one.

    ``host`` is where the registry takes the process to be, for another than this one. ``told`` gets
    how it ended.
    """
    countdown = Countdown(die_before=at[0], by=at[1])
    with FeatureStore(place) as store:
        found = store.environment
        if host:
            found.__dict__["actor"] = replace(found.actor, host=host)
        for name in ("registry", "online"):
            found.__dict__[name] = Dying(getattr(found, name), countdown)
        told.put(outcome(store, command))


def outcome(store: FeatureStore, command: str) -> list[str]:
    """The codes of what went wrong."""
    try:
        if command == "apply":
            store.apply(allow=CLASSES)
            return []
        return [error.code for error in store.materialize().errors.values()]
    except FeaturectlError as error:
        return [error.code]


def wait_until_stopped(process: Any) -> None:
    """Wait until a child of this process has been stopped."""
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status), status
