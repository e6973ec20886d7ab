"""Loading views with progress on the screen, for the commands that do."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.cli.console import Console
    from featurectl.client.feature_store import FeatureStore
    from featurectl.flows.run_summary import RunSummary


def load(
    console: Console, store: FeatureStore, selectors: Sequence[str], **options: Any
) -> RunSummary:
    """Materialize the views, telling of each as it ends, and of what failed on stderr.

    ``options`` are those of :meth:`FeatureStore.materialize`.
    """
    from featurectl.cli.progress import RunProgress  # noqa: PLC0415 - not for --help
    from featurectl.cli.screens.run import RunLines, remarks  # noqa: PLC0415 - same
    from featurectl.definitions.selector import select_views  # noqa: PLC0415 - same

    views = select_views(selectors, store.snapshot())
    lines = RunLines(views, now_us=time.time_ns() // 1000, columns=console.note_columns)
    with RunProgress(console, lines) as progress:
        summary = store.materialize(selectors, progress=progress, **options)
    console.error(map(console.addressed, remarks(list(summary.errors.values()))))
    return summary
