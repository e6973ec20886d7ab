"""Objects that a plan would create: one line each, the features of views below them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.cli.figures import count, plural
from featurectl.cli.paint import paint, readable, width
from featurectl.cli.screens.backfill import online_facts
from featurectl.cli.screens.field_text import mark, text_of
from featurectl.cli.table import table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from featurectl.plan.plan import Change

_LONG = 70  # characters of a service's features that are named one by one
_SHOWN = 4  # views of a service that are named


def created_lines(changes: Sequence[Change], *, full: bool = False) -> list[str]:
    """All of them, aligned; with ``full`` every field that is set."""
    rows = [
        [f"{mark('+')} {item.kind:<7}", paint(item.name, "bold"), _ABOUT[item.kind](item, full)]
        for item in changes
    ]
    heads = table(rows)
    views = [item for item in changes if item.kind == "view"]
    names = max((width(name) for item in views for name, _ in _features(item)), default=0)
    lines = []
    for item, head in zip(changes, heads, strict=True):
        lines.append(head)
        if full:
            lines += _settings(item)
        if item.kind == "view":
            lines += [
                f"      {mark('+')} {name:<{names}}  {kind}" for name, kind in _features(item)
            ]
            told = online_facts(item).values()
            lines += [f"      {paint(f'# {text}', 'dim')}" for text in told]
    return lines


def _features(change: Change) -> list[tuple[str, str]]:
    """Columns that come: ``features.NAME`` of a view or service, with its type or origin."""
    return [
        (rest, text_of(field.new))
        for field in change.fields
        for top, _, rest in [field.path.partition(".")]
        if top == "features" and rest and "." not in rest
    ]


def _value(change: Change, path: str) -> str:
    found = [field.new for field in change.fields if field.path == path]
    return text_of(found[0]) if found and found[0] is not None else ""


def _entity(change: Change, _full: bool) -> str:  # noqa: FBT001 - one signature for the table
    keys = [field.new for field in change.fields if field.path == "join_keys"]
    word = "join keys" if keys and len(keys[0]) > 1 else "join key"
    return f"{word} {text_of(keys[0])}" if keys else ""


def _source(change: Change, _full: bool) -> str:  # noqa: FBT001 - see above
    counted = change.impact.rows
    rows = "" if counted is None else f"{count(counted)} rows"
    time = _value(change, "event_timestamp")
    static = "static" if time in ("", "none") else time
    return " · ".join(part for part in (_value(change, "path"), rows, static) if part)


def _view(change: Change, _full: bool) -> str:  # noqa: FBT001 - see above
    online = "not online" if _value(change, "online") == "false" else "online"
    ttl = _value(change, "ttl") or "none"
    return f"{plural(len(_features(change)), 'feature')} · ttl {ttl} · {online}"


def _service(change: Change, full: bool) -> str:  # noqa: FBT001 - see above
    names = [readable(name) for name, _ in _features(change)]
    named = ", ".join(names)
    if full or len(named) <= _LONG:
        return named
    views = list(dict.fromkeys(name.partition(":")[0] for name in names))
    listed = ", ".join(views) if len(views) <= _SHOWN else plural(len(views), "view")
    return f"{plural(len(names), 'feature')} of {listed}"


def _settings(change: Change) -> list[str]:
    said = ("join_keys", "path", "event_timestamp", "ttl", "online")
    return [
        f"        {field.path:<14} {text_of(field.new)}"
        for field in change.fields
        if not field.path.startswith("features") and field.path not in said
    ]


_ABOUT: dict[str, Callable[[Change, bool], str]] = {
    "entity": _entity,
    "source": _source,
    "view": _view,
    "service": _service,
}
