"""Selectors: the one way to name views and features on a command line.

``driver_stats``, ``driver_stats:conv_rate``, ``service:ranking``, ``tag:team=eta`` (or ``tag:team``
for any value), each with the globs ``*``, ``?`` and ``[…]``.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from featurectl.errors import RequestError, did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from featurectl.definitions.snapshot import Snapshot

    Documents = Mapping[str, Mapping[str, Any]]  # canonical ones, by name

_GLOB = "*?["


def select_views(selectors: Sequence[str], snapshot: Snapshot) -> list[str]:
    """The names of the applied views that any selector matches, sorted; all where there is none.

    Raises:
        RequestError: FC313 a selector that matches nothing, with the nearest name.
    """
    views, services = snapshot.documents("view"), snapshot.documents("service")
    if not selectors:
        return list(views)
    return sorted({name for text in selectors for name, _ in _matches(text, views, services)})


def select_objects(
    selectors: Sequence[str], views: Documents, services: Documents
) -> tuple[set[str], set[str]]:
    """The names of the views and of the services that any selector matches.

    A service is matched by ``service:NAME``, with the views that it reads; a feature stands for its
    view.

    Raises:
        RequestError: FC313 a selector that matches nothing, with the nearest name.
    """
    patterns = [text.removeprefix("service:") for text in selectors if text.startswith("service:")]
    return (
        {name for text in selectors for name, _ in _matches(text, views, services)},
        {name for pattern in patterns for name in _named(pattern, services)},
    )


def select_features(selectors: Sequence[str], snapshot: Snapshot) -> list[str]:
    """References ``view`` or ``view:feature`` for what the selectors match, in the order asked.

    A plain name is passed on as it is: whether it exists is judged where the request is resolved.

    Raises:
        RequestError: FC313 a glob, tag or service that matches nothing.
    """
    views, services = snapshot.documents("view"), snapshot.documents("service")
    found: dict[str, None] = {}
    for text in selectors:
        if _is_plain(text):
            found[text] = None
        else:
            found |= dict.fromkeys(_references(_matches(text, views, services)))
    return list(found)


def _is_plain(text: str) -> bool:
    return not text.startswith(("service:", "tag:")) and not any(mark in text for mark in _GLOB)


def _references(matches: Iterable[tuple[str, Sequence[str] | None]]) -> list[str]:
    return [
        reference
        for view, features in matches
        for reference in ([view] if features is None else [f"{view}:{name}" for name in features])
    ]


def _matches(
    text: str, views: Documents, services: Documents
) -> list[tuple[str, list[str] | None]]:
    """Views that the selector matches, each with the features it names (None: all of them)."""
    kind, colon, rest = text.partition(":")
    if kind == "service" and colon:
        return _of_services(rest, services)
    if kind == "tag" and colon:
        return _of_tag(rest, views)
    return _of_views(kind, rest if colon else None, views)


def _of_services(pattern: str, services: Documents) -> list[tuple[str, list[str] | None]]:
    names = _named(pattern, services)
    if not names:
        raise _nothing(f"service:{pattern}", "service", pattern, services)
    return [
        (ref["view"], None if ref["features"] is None else list(ref["features"]))
        for name in names
        for ref in services[name]["features"]
    ]


def _of_tag(text: str, views: Documents) -> list[tuple[str, list[str] | None]]:
    key, equals, value = text.partition("=")
    found = [
        name
        for name, view in views.items()
        if key in view["tags"] and (not equals or fnmatchcase(view["tags"][key], value))
    ]
    if not found:
        tags = {f"{k}={v}" for view in views.values() for k, v in view["tags"].items()}
        raise _nothing(f"tag:{text}", "tag", text, tags)
    return [(name, None) for name in found]


def _of_views(
    pattern: str, feature: str | None, views: Documents
) -> list[tuple[str, list[str] | None]]:
    names = _named(pattern, views)
    if not names:
        raise _nothing(pattern, "view", pattern, views)
    if feature is None:
        return [(name, None) for name in names]
    known = {name: [item["name"] for item in views[name]["features"]] for name in names}
    found = {name: _named(feature, known[name]) for name in names}
    if not any(found.values()):
        every = {f"{name}:{item}" for name in names for item in known[name]}
        raise _nothing(f"{pattern}:{feature}", "feature", f"{pattern}:{feature}", every)
    return [(name, features) for name, features in found.items() if features]


def _named(pattern: str, names: Collection[str]) -> list[str]:
    if any(mark in pattern for mark in _GLOB):
        return [name for name in names if fnmatchcase(name, pattern)]
    return [pattern] if pattern in names else []


def _nothing(selector: str, kind: str, name: str, names: Iterable[str]) -> RequestError:
    known = sorted(names)
    return RequestError(
        "FC313",
        f'"{selector}" matches nothing: there is no such {kind}',
        caret=did_you_mean(name, known),
        notes=[f"{kind}s: {listed(known)}"],
    )
