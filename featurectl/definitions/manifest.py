"""What readers of the online store need: views, their generations and layouts, services.

Published in the store itself by apply and materialize, so that a serving process needs the store's
URL and a project's name, and no registry or files.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from featurectl.definitions.binding import Generation, generation_document, read_generation

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = "featurectl.manifest/1"


@dataclass(frozen=True)
class ServedView:
    """A view as readers see it now: while a new generation is filled, as the old one was made.

    ``features`` maps names to types, ``defaults`` names to values in JSON form (see
    ``definitions/value.py``). ``ttl_us`` None means that values never expire.
    """

    name: str
    features: Mapping[str, str]
    defaults: Mapping[str, Any]
    ttl_us: int | None
    on_stale: str
    is_static: bool
    generation: Generation

    @property
    def join_keys(self) -> dict[str, str]:
        """Join keys with their types, in order."""
        return dict(self.generation.join_keys)


@dataclass(frozen=True)
class ServedService:
    """A service: references with explicit features, as documents of ``ViewRef``."""

    name: str
    features: tuple[Mapping[str, Any], ...]
    full_names: bool


@dataclass(frozen=True)
class Manifest:
    """One project and environment. ``version`` is what readers compare: it differs when this does.

    Of one ``lineage`` (a registry), the manifest with the greater ``revision`` is the newer one.
    """

    project: str
    env: str
    lineage: str
    revision: int
    serial: int
    views: Mapping[str, ServedView] = field(default_factory=dict)
    services: Mapping[str, ServedService] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """``lineage:revision``."""
        return f"{self.lineage}:{self.revision}"

    def to_json(self) -> str:
        """The text that is stored."""
        return json.dumps(
            {
                "format": FORMAT,
                "project": self.project,
                "env": self.env,
                "lineage": self.lineage,
                "revision": self.revision,
                "serial": self.serial,
                "views": [_view_document(view) for view in self.views.values()],
                "services": [
                    {"name": s.name, "features": list(s.features), "full_names": s.full_names}
                    for s in self.services.values()
                ],
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )


def read_manifest(text: str | bytes) -> Manifest:
    """The manifest of its stored text.

    Raises:
        ValueError: not a manifest, or one of a newer format.
    """
    document = json.loads(text)
    if document.get("format") != FORMAT:
        raise ValueError(f"the manifest's format is {document.get('format')!r}, not {FORMAT!r}")
    return Manifest(
        document["project"],
        document["env"],
        document["lineage"],
        document["revision"],
        document["serial"],
        {view["name"]: _read_view(view) for view in document["views"]},
        {
            service["name"]: ServedService(
                service["name"], tuple(service["features"]), service["full_names"]
            )
            for service in document["services"]
        },
    )


def _view_document(view: ServedView) -> dict[str, Any]:
    return {
        "name": view.name,
        "features": [list(pair) for pair in view.features.items()],
        "defaults": dict(view.defaults),
        "ttl_us": view.ttl_us,
        "on_stale": view.on_stale,
        "static": view.is_static,
        "generation": generation_document(view.generation),
    }


def _read_view(document: Mapping[str, Any]) -> ServedView:
    return ServedView(
        document["name"],
        dict(document["features"]),
        document["defaults"],
        document["ttl_us"],
        document["on_stale"],
        document["static"],
        read_generation(document["generation"]),
    )
