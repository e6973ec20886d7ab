"""Definitions through the Python API: checked, planned, applied, and rolled back.

What a flow imports is loaded with the first call that needs it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from featurectl.client.arguments import seconds
from featurectl.client.impact import weigher
from featurectl.repo.config import Config, load_config
from featurectl.wiring.environment import Environment
from featurectl.wiring.stores import check_stores

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from typing_extensions import Self

    from featurectl.definitions.repository import Repository
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.flows.apply import ApplyResult
    from featurectl.flows.rollback import Rollback
    from featurectl.plan.plan import Plan


class DefinedStore:
    """One feature repository in one environment: what is in its files, and what is applied.

    The folder is found by walking up from ``path`` to the one with ``featurectl.yaml``. ``online``
    and ``registry`` replace what is configured there.

    Raises:
        DefinitionError: FC110 no repository there, FC120 an environment that is not configured, and
            what else is wrong in ``featurectl.yaml``.
    """

    def __init__(
        self,
        path: str | Path = ".",
        *,
        env: str | None = None,
        online: str | None = None,
        registry: str | None = None,
    ) -> None:
        self.config: Config = load_config(Path(path), env=env, online=online, registry=registry)
        self.environment = Environment(self.config)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Give connections and files back; the next call opens them again."""
        self.environment.close()

    @cached_property
    def repository(self) -> Repository:
        """The definitions in the files, read once.

        Raises:
            ManyErrors: everything that is wrong in any file.
        """
        from featurectl.repo.load import load_repository  # noqa: PLC0415 - loads pydantic

        return load_repository(self.config)

    def snapshot(self, serial: int | None = None) -> Snapshot:
        """What is applied now in the environment, or was at a serial. Writes nothing."""
        return self.environment.readable_registry.snapshot(self.config.env, serial)

    def check(self, *, sources: bool = False) -> Repository:
        """The definitions in the files, once they are found right.

        With ``sources`` each source's schema is read too, and compared with what is declared.

        Raises:
            ManyErrors: everything that is wrong.
        """
        check_stores(self.config)
        if sources:
            from featurectl.flows.source_states import check_against_sources  # noqa: PLC0415 - see above

            check_against_sources(self.repository, self.environment.engine)
        return self.repository

    def plan(self, *, sources: bool = True, only: Sequence[str] = ()) -> Plan:
        """What apply would change, computed without changing anything.

        With ``only``, selectors of views and services, all else is to stay as it is applied.

        Raises:
            RequestError: FC313 a selector matches nothing, FC330 the selection can't stand alone.
            ManyErrors: what is wrong in the files or, unless ``sources`` is False, in the sources.
        """
        from featurectl.flows.apply import make_plan  # noqa: PLC0415 - see above

        check_stores(self.config)
        repository = self._selected(only)
        plan = make_plan(
            repository,
            self.environment.readable_registry,
            self.environment.engine if sources else None,
            env=self.config.env,
            actor=self.environment.actor,
            online=self.environment.prompt_online,
            weigh=weigher(self.environment, repository, sources=sources),
        )
        return replace(plan, only=tuple(only))

    def apply(
        self,
        plan: Plan | None = None,
        *,
        allow: Collection[str] = (),
        saved: bool = False,
        lock_timeout: str | None = None,
    ) -> ApplyResult:
        """Make what is applied equal to the files: all of it or none.

        ``plan`` must equal what would be planned now. ``saved`` says that a person has approved
        exactly this plan; without it the classes in ``allow`` are what is approved beyond the
        harmless ones. No data are loaded: that is done by :meth:`materialize`, of the views that
        the result calls ``incomplete``.

        Raises:
            RefusedError: FC401, FC402, FC403 an approval is missing.
            ConflictError: FC501 the plan is stale, FC502 somebody else is applying.
        """
        plan = plan or self.plan()
        repository = self._selected(plan.only)
        return self._apply(plan, repository, allow=allow, saved=saved, lock_timeout=lock_timeout)

    def _selected(self, only: Sequence[str]) -> Repository:
        """The definitions in the files; of what is not selected those that are applied."""
        if not only:
            return self.repository
        from featurectl.plan.selection import select  # noqa: PLC0415 - rarely needed

        return select(self.snapshot(), self.repository, only)

    def plan_rollback(self, run: int | None = None) -> Rollback:
        """The way back to what a run had applied, by default to before the last change.

        Nothing is changed, and no source is read.

        Raises:
            RequestError: FC320 nothing is applied, FC321 the run has applied nothing.
        """
        from featurectl.flows.rollback import plan_rollback  # noqa: PLC0415 - see above

        check_stores(self.config)
        found = self.environment
        back = plan_rollback(found.readable_registry, self.config.env, found.actor, run)
        if not back.plan.has_changes:
            return back
        weigh = weigher(found, back.repository, sources=False, rolls_back=True)
        return replace(back, plan=weigh(back.plan, self.snapshot(), {}))

    def rollback(
        self,
        rollback: Rollback | None = None,
        *,
        allow: Collection[str] = (),
        lock_timeout: str | None = None,
    ) -> ApplyResult:
        """Apply again what was applied before: a change like any other, with the same approvals.

        Readers get the earlier rows at once where they are still in the store.

        Raises:
            RefusedError: FC401, FC402, FC403 an approval is missing.
            ConflictError: FC501 somebody has applied since it was planned, FC502 is applying.
        """
        found = rollback or self.plan_rollback()
        return self._apply(
            found.plan, found.repository, allow=allow, lock_timeout=lock_timeout, rolls_back=True
        )

    def _apply(
        self,
        plan: Plan,
        repository: Repository,
        *,
        lock_timeout: str | None,
        **how: Any,
    ) -> ApplyResult:
        from featurectl.flows.apply import ApplyRequest, apply  # noqa: PLC0415 - see above
        from featurectl.flows.source_states import columns_now  # noqa: PLC0415 - same

        request = ApplyRequest(
            self.config.grace_us,
            lock_timeout_s=seconds(lock_timeout),
            data=self.environment.data,
            promote_from=self.config.promote_from,
            columns=columns_now(repository, self.environment.engine),
            **how,
        )
        found = self.environment
        return apply(plan, repository, found.registry, found.online, found.actor, request)
