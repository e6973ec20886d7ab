"""What ``check`` says of acknowledgements: those that have no effect on what is applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.errors import FeaturectlError
from featurectl.flows.reviewed_plan import reviewed_plan
from featurectl.wiring.stores import is_embedded

if TYPE_CHECKING:
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
