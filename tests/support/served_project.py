"""A project in an online store, as apply and materialize would have left it there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from featurectl.definitions.arrow_type import arrow_type
from featurectl.definitions.binding import Generation, Layout
from featurectl.definitions.manifest import Manifest, ServedService, ServedView
from featurectl.flows.lookup import lookup
from featurectl.flows.serving import ManifestCache, Request
from featurectl.online.codec import encode
from featurectl.online.keys import encode_keys
from featurectl.online.protocol import Rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from featurectl.flows.vectors import OnlineFeatures
    from featurectl.online.protocol import Online

HOUR = 3_600_000_000
NOON = 1_704_110_400_000_000  # 2024-01-01T12:00:00Z


def view(
    name: str,
    features: Mapping[str, str],
    *,
    keys: Mapping[str, str] | None = None,
    ttl_us: int | None = None,
    on_stale: str = "hide",
    defaults: Mapping[str, Any] | None = None,
    is_static: bool = False,
    layouts: Sequence[Layout] | None = None,
    generation: str = "k3f9",
) -> ServedView:
    """A view of drivers, unless ``keys`` says otherwise; of one layout, unless there are more."""
    join_keys = tuple((keys if keys is not None else {"driver": "int64"}).items())
    found = tuple(layouts or [Layout(1, tuple(features.items()))])
    return ServedView(
        name,
        dict(features),
        dict(defaults or {}),
        ttl_us,
        on_stale,
        is_static,
        Generation(f"{name}.{generation}", join_keys, found),
    )


@dataclass
class Project:
    """What is served of ``demo``; ``cache`` is that of one reader."""

    store: Online
    manifest: Manifest = field(default_factory=lambda: Manifest("demo", "prod", "a1b2", 0, 0))

    def __post_init__(self) -> None:
        self.cache = ManifestCache(self.store, "demo", "prod")

    def publish(self, *views: ServedView, services: Sequence[ServedService] = ()) -> None:
        """Publish the views in place of those of the same names, and the services."""
        self.manifest = replace(
            self.manifest,
            revision=self.manifest.revision + 1,
            views={**self.manifest.views, **{view.name: view for view in views}},
            services={**self.manifest.services, **{one.name: one for one in services}},
        )
        assert self.store.publish(self.manifest)

    def load(
        self,
        name: str,
        *rows: tuple[Sequence[Any], Sequence[Any], int],
        view: ServedView | None = None,
        layout: Layout | None = None,
    ) -> None:
        """Put rows of (join keys, values, event time) into the view's generation."""
        view = view or self.manifest.views[name]
        generation = view.generation
        layout = layout or generation.layout
        columns = {
            "e": pa.array([event for *_, event in rows], pa.int64()),
            "c": pa.array([event for *_, event in rows], pa.int64()),
            "hc": pa.array([False] * len(rows)),
        }
        for i, (_, type_name) in enumerate(generation.join_keys):
            columns[f"k{i}"] = pa.array([keys[i] for keys, *_ in rows], arrow_type(type_name))
        named = [type_name for column, type_name in layout.columns if column]
        for i, type_name in enumerate(named):
            columns[f"f{i}"] = pa.array([values[i] for _, values, _ in rows], arrow_type(type_name))
        batch = pa.record_batch(columns)
        keys = encode_keys(batch, "demo", generation.id, generation.join_keys)
        self.store.put(Rows(keys, encode(batch, layout, is_static=view.is_static)))

    def read(
        self,
        *features: Any,
        keys: Sequence[Mapping[str, Any]],
        service: str | None = None,
        full_names: bool = False,
        now_us: int = NOON,
    ) -> OnlineFeatures:
        """Look features up, at noon."""
        request = Request(features or None, service, full_names)
        return lookup(self.cache, request, keys, now_us=now_us)
