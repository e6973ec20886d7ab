"""What a reader knows of a project: its manifest, and the requests that were compiled from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from featurectl.definitions.columns import ViewShape, in_order, resolve
from featurectl.definitions.value import parse_value
from featurectl.errors import StoreError
from featurectl.flows.vectors import OutputColumn
from featurectl.online.codec import RowReader
from featurectl.online.keys import key_encoder, version_key

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from featurectl.definitions.columns import KeyColumn, ViewColumns
    from featurectl.definitions.manifest import Manifest, ServedView
    from featurectl.definitions.service import ViewRef
    from featurectl.online.protocol import Online

_MOST_PLANS = 1_000  # compiled requests that are kept: a caller who makes up each one finds an end


@dataclass(frozen=True)
class Request:
    """What is asked for: a service, or references such as ``view:feature``."""

    features: tuple[str | ViewRef, ...] | None = None
    service: str | None = None
    full_names: bool = False

    @property
    def key(self) -> Hashable:
        """What equal requests have in common; a reference with join keys can't be hashed itself."""
        features = self.features and tuple(
            ref if isinstance(ref, str) else repr(ref) for ref in self.features
        )
        return features, self.service, self.full_names


@dataclass(frozen=True)
class UsePlan:
    """How one use of a view is read: which keys, which bytes, and what is too old."""

    label: str
    view: ServedView
    keys: tuple[KeyColumn, ...]
    encode: Callable[[Sequence[Any]], bytes]
    reader: RowReader
    defaults: tuple[Any, ...]


@dataclass(frozen=True)
class RequestPlan:
    """A request, compiled: the uses of views that it reads, and where its columns come from."""

    uses: tuple[UsePlan, ...]
    columns: tuple[OutputColumn, ...]
    key_types: Mapping[str, str]


class Served:
    """One manifest, and the requests that were compiled from it."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.version = manifest.version.encode()
        self._plans: dict[Hashable, RequestPlan] = {}

    def plan(self, request: Request) -> RequestPlan:
        """The compiled request; compiled once.

        Raises:
            RequestError: FC301, FC302, FC303, FC304 references that don't resolve, FC309 an unknown
                service, FC316 nothing was asked for.
        """
        key = request.key
        plan = self._plans.get(key)
        if plan is None:
            plan = _compile_request(request, self.manifest)
            if len(self._plans) >= _MOST_PLANS:
                self._plans = {}
            self._plans[key] = plan
        return plan


class ManifestCache:
    """The manifest of a project and environment as it was read last. It may be shared by threads.

    Readers compare its version with the store's along with every read, so that it is never older
    than the answer it serves.
    """

    def __init__(self, store: Online, project: str, env: str) -> None:
        self.store = store
        self.project = project
        self.env = env
        self.version_key = version_key(project, env)
        self._served: Served | None = None

    def served(self) -> Served:
        """The manifest that is held, read first where none is. Raises as :meth:`reload`."""
        return self._served or self.reload()

    def reload(self) -> Served:
        """The manifest as it is in the store now: one round trip.

        Raises:
            StoreError: FC605 there is none.
        """
        manifest = self.store.read(self.project, self.env)
        if manifest is None:
            raise self.absent()
        self._served = Served(manifest)
        return self._served

    def absent(self) -> StoreError:
        """FC605, and nothing is held any more: the store has no manifest."""
        self._served = None
        return StoreError(
            "FC605",
            f'the online store holds nothing of project "{self.project}" in env "{self.env}"',
            notes=["nothing was applied there, or the store was emptied since"],
            help=["check project and env, or publish them again: featurectl apply"],
        )


def _compile_request(request: Request, manifest: Manifest) -> RequestPlan:
    """How a request is read. Raises as :meth:`Served.plan`."""
    uses = _resolve(request, manifest)
    ordered = in_order(uses)
    columns = tuple(
        OutputColumn(column.output, column.type, uses.index(use), use.features.index(column))
        for use, column in ordered
    )
    return RequestPlan(
        tuple(_use_plan(use, manifest) for use in uses),
        columns,
        {key.column: key.type for use in uses for key in use.keys},
    )


def _resolve(request: Request, manifest: Manifest) -> tuple[ViewColumns, ...]:
    from featurectl.definitions.service import ViewRef  # noqa: PLC0415 - loads pydantic
    from featurectl.flows.request import check_asked, find_service, references  # noqa: PLC0415 - same

    check_asked(request.features, request.service)
    shapes = {
        name: ViewShape(name, view.join_keys, view.features)
        for name, view in manifest.views.items()
    }
    if request.service is None:
        refs = references(request.features or ())
        return resolve(refs, shapes, full_names=request.full_names)
    service = find_service(request.service, manifest.services)
    refs = [ViewRef(**document) for document in service.features]
    return resolve(refs, shapes, full_names=request.full_names or service.full_names)


def _use_plan(use: ViewColumns, manifest: Manifest) -> UsePlan:
    view = manifest.views[use.view]
    generation = view.generation
    names = [column.feature for column in use.features]
    defaults = {name: parse_value(view.defaults.get(name), view.features[name]) for name in names}
    return UsePlan(
        use.label,
        view,
        use.keys,
        key_encoder(manifest.project, generation.id, generation.join_keys),
        RowReader(generation.layouts, names, defaults),
        tuple(defaults[name] for name in names),
    )
