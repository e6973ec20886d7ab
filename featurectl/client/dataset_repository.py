"""A feature store as what training sets are verified against."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from featurectl.client.feature_store import FeatureStore
from featurectl.errors import FeaturectlError

if TYPE_CHECKING:
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.flows.asked import Asked
    from featurectl.flows.dataset_file import DatasetFile
    from featurectl.flows.dataset_verify import Verification
    from featurectl.flows.training_set import TrainingSet


class StoreRepository:
    """One environment of a feature store, as a training set is made again with."""

    def __init__(self, store: FeatureStore) -> None:
        self._store = store

    def now(self, *, from_files: bool) -> Snapshot:
        """The definitions as they are now: applied, or in the files."""
        snapshot = self._store.snapshot()
        if not from_files:
            return snapshot
        from featurectl.flows.dataset_origin import of_files  # noqa: PLC0415 - rarely needed

        return of_files(snapshot, self._store.repository)

    def at(self, serial: int) -> Snapshot:
        """The definitions as they were applied at a serial."""
        return self._store.snapshot(serial)

    def answer(self, asked: Asked, entities: Any, snapshot: Snapshot) -> TrainingSet:
        """The answer to a request by these definitions."""
        return self._store.answer(asked, entities, snapshot=snapshot)

    @property
    def root(self) -> Path:
        """The repository's folder."""
        return self._store.config.root

    @property
    def data_root(self) -> Path:
        """Where relative paths of sources begin."""
        return self._store.config.data_root

    @property
    def git(self) -> str:
        """The commit of the files."""
        return self._store.environment.actor.git


def verify_dataset(
    dataset: DatasetFile,
    repo: str | Path = ".",
    *,
    env: str | None = None,
    quick: bool = False,
    full: bool = False,
) -> Verification:
    """Verify a training set with the repository at ``repo`` or, without one, around the file.

    ``env`` is by default the one that the training set was made in.
    """
    from featurectl.flows.dataset_verify import verify  # noqa: PLC0415 - loads pyarrow

    try:
        store = store_around(dataset, repo, env=env)
    except FeaturectlError as error:
        return verify(dataset, error, quick=quick, full=full)
    with store:
        return verify(dataset, StoreRepository(store), quick=quick, full=full)


def store_around(
    dataset: DatasetFile, repo: str | Path = ".", *, env: str | None = None
) -> FeatureStore:
    """The store of the repository at ``repo`` or, without one there, of the one around the file.

    ``env`` is by default the one that the training set was made in.

    Raises:
        FeaturectlError: what opening a ``FeatureStore`` raises, FC110 there is no repository.
    """
    env = env or dataset.manifest["env"]
    try:
        return FeatureStore(repo, env=env)
    except FeaturectlError as error:
        if error.code != "FC110" or Path(repo) != Path():
            raise
    return FeatureStore(dataset.path.absolute().parent, env=env)
