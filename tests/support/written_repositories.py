"""The files of a repository, written as a person might: in either language, in any form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from random import Random

    from featurectl.definitions.definition import Definition
    from featurectl.definitions.repository import Repository
    from featurectl.definitions.view import Feature

SECTIONS = {
    "entity": "entities",
    "source": "sources",
    "view": "feature_views",
    "service": "feature_services",
}
DURATIONS = {
    "1h": ["60m", "3600s", "1h"],
    "1d": ["24h", "1d", "1440m"],
    "2d": ["48h", "2d"],
    "14d": ["2w", "14d", "336h"],
}
TYPES = {"list<int64>": ["list<int64>", "list< int64 >", "list <int64>"]}
FILES = ["a.yaml", "b.yml", "deep/c.yaml", "deep/er/d.yaml", "e.py", "deep/f.py"]
IMPORTS = (
    "from featurectl import Entity, Feature, FeatureService, FeatureView, FileSource, ViewRef\n"
)


def write(repository: Repository, root: Path, random: Random) -> None:
    """Put each object into one of several files, and write them."""
    files: dict[str, list[Definition]] = {}
    for found in _shuffled(repository.objects(), random):
        files.setdefault(random.choice(FILES), []).append(found)
    (root / "featurectl.yaml").write_text(f"project: {repository.project}\n")
    (root / "features").mkdir()
    for name, objects in files.items():
        text = _python(objects, random) if name.endswith(".py") else _yaml(objects, random)
        path = root / "features" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def _yaml(objects: list[Definition], random: Random) -> str:
    """One document for each object, or one for all; in flow or block style, with comments."""
    together: dict[str, list[Any]] = {}
    for found in objects:
        together.setdefault(SECTIONS[found.kind], []).append(_fields(found, random))
    apart = [{SECTIONS[found.kind]: [_fields(found, random)]} for found in objects]
    documents = random.choice([apart, [dict(_shuffled(together.items(), random))]])
    # A text with spaces would be folded, and a remark would stand inside of it.
    is_spaced = any(f" {mark}" in str(documents) for mark in "<>")
    style = {
        "default_flow_style": random.choice([True, False, None]),
        "default_style": random.choice([None, None, '"', "'"]),
        "indent": random.choice([2, 4]),
        "width": 1_000_000 if is_spaced else random.choice([20, 80]),
        "allow_unicode": random.choice([True, False]),
        "sort_keys": False,
    }
    text = yaml.dump_all(documents, Dumper=_Texts, explicit_start=True, **style)
    return "".join(f"{line}\n{_comment(random)}" for line in text.splitlines())


class _Texts(yaml.SafeDumper):
    """Booleans stay plain, whatever the style of texts: a quoted one would be read as text."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


_Texts.add_representer(
    bool,
    lambda dumper, value: dumper.represent_scalar(
        "tag:yaml.org,2002:bool", "true" if value else "false", style=""
    ),
)


def _comment(random: Random) -> str:
    return random.choice(["", "", "\n", "# a remark: [it] is {no} part of it\n"])


def _python(objects: list[Definition], random: Random) -> str:
    lines = [f"{_call(found, _fields(found, random), random)}\n" for found in objects]
    return "".join([IMPORTS, *(line + _comment(random) for line in lines)])


def _call(part: Any, fields: Mapping[str, Any], random: Random) -> str:
    """``FeatureView("weather", ttl="3h", …)``: what constructs a part again."""
    named = dict(fields)
    first = next(name for name in ("name", "type", "view") if name in named)
    begin = [repr(named.pop(first))] if random.random() < 0.5 else []
    if isinstance(getattr(part, "features", None), dict):
        named["features"] = _Code(_features(part, named["features"], random))
    if "features" in named and part.__class__.__name__ == "FeatureService":
        refs = [_reference(ref, random) for ref in named["features"]]
        named["features"] = _Code(f"[{', '.join(refs)}]")
    if "as" in named:
        named["alias"] = named.pop("as")
    space = random.choice([" ", "\n    "])
    arguments = [*begin, *(f"{name}={value!r}" for name, value in named.items())]
    return f"{type(part).__name__}({space.lstrip(' ')}{f',{space}'.join(arguments)})"


class _Code(str):
    """A text that stands in the file as it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _features(view: Any, written: Mapping[str, Any], random: Random) -> str:
    parts = [
        f"{name!r}: {value!r}"
        if isinstance(value, str)
        else f"{name!r}: {_call(view.features[name], value, random)}"
        for name, value in written.items()
    ]
    return f"{{{', '.join(parts)}}}"


def _reference(written: Any, random: Random) -> str:
    if isinstance(written, str) or random.random() < 0.5:
        return repr(written)
    fields = {"alias" if key == "as" else key: value for key, value in written.items()}
    return f"ViewRef({', '.join(f'{name}={value!r}' for name, value in fields.items())})"


def _fields(part: Any, random: Random) -> dict[str, Any]:
    """What is written of a part: all that is no default, and some that is; in any order."""
    defaults = {name: field.default for name, field in type(part).model_fields.items()}
    found = {
        name: _written(name, getattr(part, name), part, random)
        for name in type(part).model_fields
        if getattr(part, name) != defaults[name]
        or (defaults[name] not in (None, ()) and random.random() < 0.3)
    }
    return dict(_shuffled(found.items(), random))


def _written(name: str, value: Any, part: Any, random: Random) -> Any:
    if name in ("ttl", "schedule", "lookback"):
        text = part.document()[name]
        value = random.choice(DURATIONS.get(text, [text]))
    elif name == "event_timestamp":
        value = value or "none"
    elif name == "type":
        value = random.choice(TYPES.get(value, [value]))
    elif name == "features" and isinstance(value, dict):
        value = {key: _feature(feature, random) for key, feature in value.items()}
    elif name == "features":
        value = [_ref(ref, random) for ref in value]
    elif name == "tags":
        value = dict(_shuffled(value.items(), random))
    return list(value) if isinstance(value, tuple) else value


def _feature(feature: Feature, random: Random) -> Any:
    fields = _fields(feature, random)
    return fields["type"] if set(fields) == {"type"} and random.random() < 0.7 else fields


def _ref(ref: Any, random: Random) -> Any:
    names = None if ref.features is None else list(ref.features)
    if ref.alias is None and not ref.join_keys and random.random() < 0.7:
        if names is None:
            return ref.view
        if len(names) == 1:
            return f"{ref.view}:{names[0]}"
    fields = {
        "view": ref.view,
        "as": ref.alias,
        "join_keys": dict(ref.join_keys),
        "features": names,
    }
    written = [(key, value) for key, value in fields.items() if value]
    return dict(_shuffled(written, random))


def _shuffled(items: Any, random: Random) -> list[Any]:
    found = list(items)
    random.shuffle(found)
    return found
