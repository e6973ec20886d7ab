"""What the changes of a plan cost, as one environment can find it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.client.arguments import now_us

if TYPE_CHECKING:
    from collections.abc import Mapping

    from featurectl.definitions.repository import Repository
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.flows.apply import Weigh
    from featurectl.offline.protocol import SourceState
    from featurectl.plan.plan import Plan
    from featurectl.wiring.environment import Environment


def weigher(
    environment: Environment, repository: Repository, *, sources: bool, rolls_back: bool = False
) -> Weigh:
    """What adds the cost to a plan of ``repository``; without ``sources`` none of them is read."""

    def weigh(plan: Plan, snapshot: Snapshot, states: Mapping[str, SourceState]) -> Plan:
        from featurectl.flows.impact import with_impact  # noqa: PLC0415 - not for a plan without changes
        from featurectl.flows.impact_facts import Means  # noqa: PLC0415 - same
        from featurectl.flows.reuse import Sought  # noqa: PLC0415 - same

        means = Means(
            environment.readable_registry,
            environment.engine if sources else None,
            environment.prompt_online,
            environment.scale,
            Sought(environment.config.promote_from, environment.data, at_once=rolls_back),
            now_us(),
        )
        return with_impact(plan, snapshot, repository, states, means)

    return weigh
