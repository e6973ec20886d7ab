"""The manifest of what is applied: what readers of the online store are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from featurectl.definitions.duration import parse_duration
from featurectl.definitions.manifest import Manifest, ServedService, ServedView
from featurectl.definitions.value import parse_value, to_json
from featurectl.errors import RefusedError, StoreError
from featurectl.online.keys import version_key
from featurectl.online.records import is_newer

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from featurectl.definitions.binding import Generation
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.online.protocol import Manifests, Online


def publish(snapshot: Snapshot, manifests: Manifests) -> bool:
    """Store the manifest of the snapshot; False when the store has a newer one of this registry.

    One round trip.
    """
    return manifests.publish(manifest_of(snapshot))


def publish_missing(snapshot: Snapshot, manifests: Manifests, allow: Collection[str] = ()) -> bool:
    """Store the manifest of the snapshot where the store has none, an older one, or a changed one.

    Returns whether it was stored. One round trip when the store is up to date.

    Raises:
        StoreError: FC604 what the store has can't be read, unless ``allow`` has ``breaking``.
    """
    try:
        held = manifests.read(snapshot.project, snapshot.env)
    except StoreError as error:
        if error.code != "FC604" or "breaking" not in allow:
            raise
        held = None
    if held and held.lineage == snapshot.lineage:
        is_ahead = held.revision > snapshot.revision
        if is_ahead or (held.revision == snapshot.revision and is_as_published(held, snapshot)):
            return False
    return publish(snapshot, manifests)


def publish_older(snapshot: Snapshot, online: Online) -> None:
    """Store the manifest of the snapshot where the store has an older one of this registry.

    Before rows are written: they may be of a layout that readers have not been told of, where an
    apply was killed in between. A store without a manifest gets none: reads are errors there, which
    is better than values that are not found, until its rows are in. One key is read.
    """
    (held,) = online.get([version_key(snapshot.project, snapshot.env)])
    if held and is_newer(f"{snapshot.lineage}:{snapshot.revision}", held.decode()):
        publish(snapshot, online)


def is_as_published(held: Manifest, snapshot: Snapshot) -> bool:
    """Whether a manifest of the snapshot's revision says what the snapshot does."""
    wanted = manifest_of(snapshot)
    return held == wanted and all(
        list(view.features) == list(wanted.views[name].features)
        for name, view in held.views.items()
    )


def check_owner(snapshot: Snapshot, manifests: Manifests, allow: Collection[str]) -> None:
    """Refuse to take the place of views that another registry has published.

    A registry that is new (it was deleted, or a machine did not bring it along) knows none of the
    rows that are served, so that every read would find nothing from then on. One round trip.

    Raises:
        RefusedError: FC404, unless ``allow`` has ``breaking``.
        StoreError: FC604 what the store has can't be read; likewise.
    """
    if "breaking" in allow:
        return
    held = manifests.read(snapshot.project, snapshot.env)
    if not held or not held.views or held.lineage == snapshot.lineage:
        return
    raise RefusedError(
        "FC404",
        f'the online store serves {len(held.views)} views of project "{snapshot.project}" in env '
        f'"{snapshot.env}" for another registry',
        notes=["this registry knows none of their rows: readers would find nothing"],
        help=["use the registry that they were applied with: registry: in featurectl.yaml",
              "to take over nevertheless: featurectl apply --allow breaking, then materialize"],
    )  # fmt: skip


def manifest_of(snapshot: Snapshot) -> Manifest:
    """What readers need of the applied definitions and bindings; it is made of these alone.

    A view that is not online is no part of it. While a view's new generation is filled, types and
    join keys are those of the generation that serves, everything else is as applied.
    """
    views, sources = snapshot.documents("view"), snapshot.documents("source")
    return Manifest(
        snapshot.project,
        snapshot.env,
        snapshot.lineage,
        snapshot.revision,
        snapshot.serial,
        {
            name: _served(view, sources[view["source"]], snapshot.bindings[name].read)
            for name, view in views.items()
            if name in snapshot.bindings
        },
        {
            name: ServedService(name, tuple(service["features"]), service["full_names"])
            for name, service in snapshot.documents("service").items()
        },
    )


def _served(
    view: Mapping[str, Any], source: Mapping[str, Any], generation: Generation
) -> ServedView:
    stored = {name: kind for layout in generation.layouts for name, kind in layout.columns}
    types = {part["name"]: stored.get(part["name"], part["type"]) for part in view["features"]}
    return ServedView(
        view["name"],
        types,
        _defaults(view, types),
        None if view["ttl"] == "none" else parse_duration(view["ttl"]),
        view["on_stale"],
        source["event_timestamp"] is None,
        generation,
    )


def _defaults(view: Mapping[str, Any], types: Mapping[str, str]) -> dict[str, Any]:
    """The defaults, but for those that are no value of the type that still serves."""
    found = {}
    for part in view["features"]:
        if part["default"] is None:
            continue
        kind = types[part["name"]]
        try:
            found[part["name"]] = to_json(parse_value(part["default"], kind), kind)
        except ValueError:
            continue
    return found
