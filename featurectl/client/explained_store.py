"""Values of historical retrieval explained through the Python API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from featurectl.client.arguments import instant, now_us
from featurectl.client.defined_store import DefinedStore
from featurectl.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from featurectl.client.arguments import When
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.flows.explanation import Explanation


class ExplainedStore(DefinedStore):
    """What is defined and applied, and why a feature had its value at a time."""

    def explain(
        self,
        feature: str,
        keys: Mapping[str, Any],
        *,
        at: When,
        known_at: bool = False,
        candidates: int | None = None,
        from_files: bool = False,
    ) -> Explanation:
        """Why ``view:feature`` has its value for an entity at a time in historical retrieval.

        ``view`` alone is all of its features. The result has the source rows nearest to the time
        (``candidates`` on either side; by default five and three) with their files and row numbers,
        the one that was chosen, and why each other lost.

        Raises:
            RequestError: FC3xx the question can't be answered as asked.
            SourceError: FC2xx the source can't be read.
        """
        from featurectl.flows.explain_question import question_of_keys, with_candidates  # noqa: PLC0415 - loads pydantic
        from featurectl.flows.explain_value import explain_value  # noqa: PLC0415 - loads pyarrow

        at_us = instant(at, now_us())
        if at_us is None:
            raise RequestError("FC336", "there is no time to explain a value at")
        repository = self.repository if from_files else self._applied().repository
        question = question_of_keys(feature, keys, at_us, repository, known_at=known_at)
        return explain_value(
            with_candidates(question, candidates),
            repository,
            self.environment.engine,
            self.config.data_root,
        )

    def explain_row(
        self, dataset: str | Path, row: int, feature: str, *, candidates: int | None = None
    ) -> Explanation:
        """The same for row number ``row``, from 1, of a training set that was written to a file.

        ``feature`` is a column of it, ``view:feature``, or a view or alias for all it has of that.
        Definitions are those of the file's manifest, sources as they are now: ``changed`` tells
        where the file has another value.

        Raises:
            RequestError: FC3xx, FC334 there is no manifest of the file.
            SourceError: FC2xx the file or the source can't be read.
        """
        from featurectl.flows.dataset_file import read_dataset  # noqa: PLC0415 - loads pyarrow
        from featurectl.flows.explain_dataset import explain_row  # noqa: PLC0415 - same

        return explain_row(
            read_dataset(dataset),
            row,
            feature,
            now=self.snapshot(),
            engine=self.environment.engine,
            root=self.config.data_root,
            candidates=candidates,
        )

    def _applied(self) -> Snapshot:
        snapshot = self.snapshot()
        if not snapshot.serial:
            raise RequestError(
                "FC320",
                f"nothing is applied in env {self.config.env}",
                help=["apply the definitions first: featurectl apply"],
            )
        return snapshot
