"""What a comparison with a revision of git says beside its changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.cli.figures import plural
from featurectl.cli.paint import paint, readable
from featurectl.cli.screens.history import short_sha

if TYPE_CHECKING:
    from featurectl.flows.compare import Comparison


def compared_header(found: Comparison) -> str:
    """What is compared: ``files at 9c01d3e+ against origin/main (3f2a91c) · no registry read``."""
    at = f" at {short_sha(found.plan.git)}" if found.plan.git else ""
    base = f"{paint(readable(found.base.ref), 'bold')} ({short_sha(found.base.sha)})"
    return f"files{at} against {base} · no registry read"


def nothing_differs(found: Comparison) -> str:
    """The one line where the files change nothing."""
    views = plural(len(found.repository.views), "view")
    base = f"{readable(found.base.ref)} ({short_sha(found.base.sha)})"
    return f"No changes. The files define what {base} does ({views})."
