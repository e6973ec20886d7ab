"""Plans weighed over real files and stores, beside what the runs then do."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from applied import repository
from loading import Loading

from featurectl.definitions.entity import Entity
from featurectl.flows.apply import ApplyRequest, apply, make_plan
from featurectl.flows.impact import with_impact
from featurectl.flows.impact_facts import Means
from featurectl.flows.reuse import Sought
from featurectl.wiring.stores import open_scale

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from featurectl.definitions.definition import Definition
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.offline.protocol import SourceState
    from featurectl.online.protocol import Online
    from featurectl.plan.impact import Impact
    from featurectl.plan.plan import Plan

DRIVER = Entity("driver", join_keys={"id": "int64"})
HOUR_US = 3_600_000_000
COLUMNS = {"x": "float64", "n": "int32", "s": "string"}


class Weighing(Loading):
    """A project whose plans are made with what they cost."""

    def __init__(self, folder: Path, online_url: str) -> None:
        super().__init__(folder, online_url)
        self.scale = open_scale(online_url, folder, timeout_s=1)
        self.promote_from: str | None = None

    def close(self) -> None:
        if self.scale:
            self.scale.close()
        super().close()

    def hours(self, drivers: int, name: str = "stats.parquet") -> None:
        """Write a row of each driver three, two and one hours ago, a microsecond apart."""
        now_us = time.time_ns() // 1_000
        rows = [
            (driver, now_us - hours * HOUR_US + driver, float(driver), driver, "text")
            for hours in (3, 2, 1)
            for driver in range(drivers)
        ]
        self.write(name, rows, COLUMNS)

    def plan(
        self,
        *objects: Definition,
        sources: bool = True,
        online: Online | None = None,
        drift: bool = False,
    ) -> Plan:
        """The plan for these objects now; ``online`` in place of the store.

        With ``drift`` the manifest is compared too, which asks the store before.
        """
        files = repository(DRIVER, *objects)

        def weigh(plan: Plan, snapshot: Snapshot, states: Mapping[str, SourceState]) -> Plan:
            engine = self.engine if sources else None
            store = online or self.online
            now_us = time.time_ns() // 1_000
            sought = Sought(self.promote_from)
            means = Means(self.registry, engine, store, self.scale, sought, now_us)
            return with_impact(plan, snapshot, files, states, means)

        engine = self.engine if sources else None
        return make_plan(
            files,
            self.registry,
            engine,
            env=self.env,
            actor=self.actor,
            online=(online or self.online) if drift else None,
            weigh=weigh,
        )

    def impact(self, *objects: Definition, view: str = "stats", **how: bool) -> Impact:
        """What the change of a view costs."""
        plan = self.plan(*objects, **how)
        (found,) = (c.impact for c in plan.changes if (c.kind, c.name) == ("view", view))
        return found

    def change(self, *objects: Definition) -> None:
        """Apply the objects as a person does who has approved it."""
        files = repository(DRIVER, *objects)
        request = ApplyRequest(86_400_000_000, saved=True)
        plan = self.plan(*objects)
        apply(plan, files, self.registry, self.online, self.actor, request)
