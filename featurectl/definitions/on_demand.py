"""On-demand features: computed from other features and the request. Not supported yet."""

from __future__ import annotations

from typing import Any, NoReturn

from featurectl.definitions.definition import NotYetError


def on_demand(**_fields: Any) -> NoReturn:
    """Refuse, rather than accept what would not be computed.

    Raises:
        NotYetError: always.
    """
    raise NotYetError("on-demand features are")
