"""On-demand features: computed from other features and the request. Not supported yet."""

from __future__ import annotations

from typing import Any, NoReturn


def on_demand(**_fields: Any) -> NoReturn:
    """Refuse, rather than accept what would not be computed.

    Raises:
        ValueError: always.
    """
    raise ValueError("on-demand features are not supported yet")
