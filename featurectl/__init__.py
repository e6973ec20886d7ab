"""featurectl: one definition of each feature, for training and for serving.

The names below are the Python API. They are imported on first use, so that a process that only
wants the version, or only reads online features, does not pay for the rest.
"""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers know the name; typing itself takes as long as a bare start

if TYPE_CHECKING:
    from featurectl.client.feature_store import FeatureStore
    from featurectl.client.online_client import OnlineClient
    from featurectl.definitions.acknowledgement import acknowledge
    from featurectl.definitions.entity import Entity
    from featurectl.definitions.service import FeatureService, ViewRef
    from featurectl.definitions.source import FileSource
    from featurectl.definitions.view import Feature, FeatureView

__version__ = "0.1.0"

_HOMES = {
    "Entity": "featurectl.definitions.entity",
    "FileSource": "featurectl.definitions.source",
    "SqlSource": "featurectl.definitions.source",
    "Feature": "featurectl.definitions.view",
    "FeatureView": "featurectl.definitions.view",
    "Aggregation": "featurectl.definitions.view",
    "FeatureService": "featurectl.definitions.service",
    "ViewRef": "featurectl.definitions.service",
    "acknowledge": "featurectl.definitions.acknowledgement",
    "on_demand": "featurectl.definitions.on_demand",
    "FeatureStore": "featurectl.client.feature_store",
    "OnlineClient": "featurectl.client.online_client",
}

__all__ = [
    "Entity",
    "Feature",
    "FeatureService",
    "FeatureStore",
    "FeatureView",
    "FileSource",
    "OnlineClient",
    "ViewRef",
    "acknowledge",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'featurectl' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - only when a name is first used

    return getattr(import_module(_HOMES[name]), name)
