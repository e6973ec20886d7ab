"""What ``check`` says of acknowledgements: those that have no effect on what is applied."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from featurectl.cli.screens.github import Annotation, git_path
from featurectl.errors import FeaturectlError
from featurectl.flows.reviewed_plan import reviewed_plan
from featurectl.wiring.stores import is_embedded

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from featurectl.client.feature_store import FeatureStore


def idle_lines(store: FeatureStore) -> tuple[str, ...]:
    """A line with file and line for each acknowledgement that can go, or names what isn't there.

    Told where the registry is a file that exists, by reading it; elsewhere nothing is: a check asks
    no server. A registry that can't be read says nothing either: that is not what is checked.
    """
    if not store.repository.acknowledgements or not is_embedded(store.config.registry):
        return ()
    try:
        registry = store.environment.readable_registry
        return reviewed_plan(store.snapshot(), store.repository, registry).notes
    except FeaturectlError:
        return ()


def idle_annotations(notes: Sequence[str], root: Path) -> list[Annotation]:
    """The same as remarks on the lines themselves; ``root`` is the repository's folder."""
    start = git_path(root)
    found = []
    for note in notes:
        place = re.fullmatch(r"(.+?):(\d+): (.*)", note, re.DOTALL)
        file, line, text = place.groups() if place else ("", "0", note)
        at = f"{start}{file}" if file else ""
        found.append(Annotation("notice", "acknowledge", text, at, int(line)))
    return found
