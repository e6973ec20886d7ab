"""Every kind of edit of every kind of object, there and back, and what each one is to be.

Each edit is made to objects of its own names, which any other repository may stand beside.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from featurectl.definitions.entity import Entity
from featurectl.definitions.service import FeatureService
from featurectl.definitions.source import FileSource
from featurectl.definitions.view import FeatureView

if TYPE_CHECKING:
    from collections.abc import Callable

    from featurectl.definitions.definition import Definition

READS = ("nothing", "whole", "named")  # how the service reads the view that is edited
Fields = dict[str, dict[str, Any]]  # of each object, by its name
Expected = dict[str, str]  # of each object that changes: its action and class

CLASSES: dict[str, Callable[..., Definition]] = {
    "driver": Entity, "place": Entity, "lonely": Entity,
    "trips": FileSource, "twin": FileSource, "lake": FileSource, "dry": FileSource,
    "stats": FeatureView, "second": FeatureView,
    "model": FeatureService,
}  # fmt: skip

BASE: Fields = {
    "driver": {"join_keys": {"t_driver": "int64", "t_part": "string"}},
    "place": {"join_keys": {"t_place": "int64"}},
    "lonely": {"join_keys": {"t_lonely": "int64"}},
    "trips": {"path": "t.parquet", "event_timestamp": "t"},
    "twin": {"path": "t.parquet", "event_timestamp": "t"},
    "lake": {"path": "l.parquet", "event_timestamp": "t"},
    "dry": {"path": "d.parquet", "event_timestamp": "t"},
    "stats": {
        "entities": ["t_driver", "t_place"],
        "source": "t_trips",
        "ttl": "1d",
        "schedule": "1h",
        "features": {
            "i32": "int32",
            "f32": "float32",
            "i64": {"type": "int64", "default": 0},
            "txt": "string",
            "dec": "decimal(6,2)",
            "lst": "list<int32>",
            "day": "date",
        },
    },
    "second": {
        "entities": ["t_driver"],
        "source": "t_trips",
        "ttl": "1d",
        "features": {"n": "int64", "m": "int64"},
    },
    "model": {},
}


@dataclass(frozen=True)
class Edit:
    """``make`` changes the fields of the objects; ``there`` and ``back`` are what that is.

    ``back`` is None where the way back is no edit of its own.
    """

    name: str
    make: Callable[[Fields], None]
    there: Callable[[str], Expected]
    back: Callable[[str], Expected] | None
    reads: tuple[str, ...] = READS

    def before(self, reads: str) -> list[Definition]:
        """The objects without the edit."""
        return _objects(_base(reads))

    def after(self, reads: str) -> list[Definition]:
        """The objects with it."""
        fields = _base(reads)
        self.make(fields)
        return _objects(fields)


def _base(reads: str) -> Fields:
    found = {name: _copied(fields) for name, fields in BASE.items()}
    parts = [f"t_stats:{name}" for name in BASE["stats"]["features"]]
    aside = {"view": "t_second", "as": "aside", "join_keys": {"t_driver": "a"}, "features": ["n"]}
    of = {"nothing": [], "whole": ["t_stats"], "named": parts}[reads]
    found["model"] = {"features": [*of, "t_second:n", aside]}
    return found


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(each) for key, each in value.items()}
    return list(value) if isinstance(value, list) else value


def _objects(fields: Fields) -> list[Definition]:
    return [
        CLASSES.get(name, CLASSES[each.get("like", name)])(
            f"t_{name}", **{key: value for key, value in each.items() if key != "like"}
        )
        for name, each in fields.items()
    ]


def _is(action_and_class: str, *names: str) -> Callable[[str], Expected]:
    return lambda _reads: dict.fromkeys(names, action_and_class)


def _set(name: str, **values: Any) -> Callable[[Fields], None]:
    return lambda fields: fields[name].update(values)


def _field(name: str, there: str, back: str, **values: Any) -> Edit:
    """One field of one object, which alone changes."""
    said = f"{name} {' '.join(f'{key} {value}' for key, value in values.items())}"
    there, back = f"update {there}", f"update {back}"
    return Edit(said, _set(name, **values), _is(there, name), _is(back, name))


def _rows(name: str, *views: str, **values: Any) -> Edit:
    """One field of a source, an entity or a view, after which rows of views are made again."""
    own = {} if name in views else {name: "update breaking"}
    expected = {**own, **dict.fromkeys(views, "rebuild breaking")}
    return Edit(f"{name} {values}", _set(name, **values), lambda _: expected, lambda _: expected)


def _feature(name: str, there: str, back: str, **values: Any) -> Edit:
    """One field of one feature."""

    def make(fields: Fields) -> None:
        features = fields["stats"]["features"]
        was = features[name]
        features[name] = {**({"type": was} if isinstance(was, str) else was), **values}

    def action(found: str) -> str:
        return f"{'rebuild' if found == 'breaking' else 'update'} {found}"

    said = f"feature {name} {values}"
    return Edit(said, make, _is(action(there), "stats"), _is(action(back), "stats"))


def _object(name: str, like: str) -> Edit:
    def make(fields: Fields) -> None:
        fields[name] = {**_copied(BASE[like]), "like": like}
        if like == "model":
            fields[name]["features"] = ["t_stats"]

    there = _is("create additive", name)
    return Edit(f"an object like {like}", make, there, _is("destroy destroy", name))


def _one_more_feature(fields: Fields) -> None:
    fields["stats"]["features"]["more"] = "int64"


def _one_more_named(fields: Fields) -> None:
    _one_more_feature(fields)
    fields["model"]["features"].append("t_stats:more")


def _one_more_read(change_class: str) -> Callable[[str], Expected]:
    view = {"additive": "additive", "breaking": "breaking"}[change_class]
    return lambda _: {"stats": f"update {view}", "model": f"update {change_class}"}


def _renamed_feature(fields: Fields) -> None:
    old = fields["stats"]["features"]
    fields["stats"]["features"] = {
        "j64" if name == "i64" else name: {**part, "renamed_from": "i64"} if name == "i64" else part
        for name, part in old.items()
    }
    refs = fields["model"]["features"]
    fields["model"]["features"] = ["t_stats:j64" if r == "t_stats:i64" else r for r in refs]


def _renamed_feature_is(reads: str) -> Expected:
    service = {"nothing": {}, "whole": {"model": "update breaking"}}
    return {"stats": "update rename", **service.get(reads, {"model": "update rename"})}


def _renamed_view(fields: Fields) -> None:
    fields["rides"] = {**fields.pop("stats"), "renamed_from": "t_stats", "like": "stats"}
    refs = fields["model"]["features"]
    fields["model"]["features"] = [
        r.replace("t_stats", "t_rides") if isinstance(r, str) else r for r in refs
    ]


def _renamed_view_is(reads: str) -> Expected:
    service = {} if reads == "nothing" else {"model": "update rename"}
    return {"rides": "rename rename", **service}


def _third_view_read(fields: Fields) -> None:
    fields["third"] = {**_copied(BASE["second"]), "like": "second"}
    fields["model"]["features"].append({"view": "t_third", "features": ["m"]})


def _reordered_features(fields: Fields) -> None:
    fields["stats"]["features"] = dict(reversed(list(fields["stats"]["features"].items())))


def _service(name: str, there: str, back: str, change: Callable[[list[Any]], Any]) -> Edit:
    def make(fields: Fields) -> None:
        fields["model"]["features"] = change(fields["model"]["features"])

    return Edit(name, make, _is(f"update {there}", "model"), _is(f"update {back}", "model"))


def _off(reads: str) -> Expected:
    return {"stats": f"update {'narrowing' if reads == 'nothing' else 'breaking'}"}


EDITS = [
    *(
        _field(name, "metadata", "metadata", **{field: value})
        for name in ("driver", "trips", "stats", "model")
        for field, value in (("description", "x"), ("owner", "x"), ("tags", {"team": "x"}))
    ),
    *(_object(f"new_{like}", like) for like in ("driver", "trips", "second", "model")),
    # Views
    _field("stats", "metadata", "metadata", schedule="2h"),
    _field("stats", "metadata", "metadata", schedule=None),
    _field("stats", "metadata", "metadata", lookback="1d"),
    _field("stats", "metadata", "metadata", prevent_destroy=True),
    _field("stats", "additive", "narrowing", ttl="2d"),
    _field("stats", "additive", "narrowing", ttl="none"),
    _field("stats", "additive", "additive", known_at=True),
    _field("stats", "narrowing", "additive", on_stale="fail"),
    _field("stats", "additive", "narrowing", on_stale="default"),
    _field("stats", "additive", "narrowing", on_stale="serve"),
    replace(_field("stats", "narrowing", "additive", online=False), there=_off),
    _field("stats", "metadata", "metadata", entities=["t_place", "t_driver"]),
    _field("stats", "metadata", "metadata", source="t_twin"),
    _rows("stats", "stats", source="t_lake"),
    _rows("stats", "stats", entities=["t_driver"]),
    _rows("stats", "stats", entities=[]),
    Edit(
        "the order of features",
        _reordered_features,
        _is("update metadata", "stats"),
        _is("update metadata", "stats"),
    ),
    Edit("a view's name", _renamed_view, _renamed_view_is, None),
    Edit(
        "a view that a service reads",
        _third_view_read,
        lambda _: {"third": "create additive", "model": "update additive"},
        lambda _: {"third": "destroy destroy", "model": "update breaking"},
    ),
    # Features
    _feature("txt", "metadata", "metadata", description="x"),
    _feature("txt", "metadata", "metadata", tags={"unit": "x"}),
    _feature("txt", "additive", "narrowing", default="x"),
    _feature("i64", "narrowing", "narrowing", default=1),
    _feature("i32", "additive", "breaking", type="int64"),
    _feature("i32", "additive", "breaking", type="float64"),
    _feature("f32", "additive", "breaking", type="float64"),
    _feature("dec", "additive", "breaking", type="decimal(8,3)"),
    _feature("lst", "additive", "breaking", type="list<int64>"),
    _feature("i64", "breaking", "breaking", type="float64", default=None),
    _feature("day", "breaking", "breaking", type="timestamp"),
    _feature("txt", "breaking", "breaking", type="bytes"),
    Edit("a feature's name", _renamed_feature, _renamed_feature_is, None),
    Edit(
        "a feature that nobody reads",
        _one_more_feature,
        _is("update additive", "stats"),
        _is("update narrowing", "stats"),
        ("nothing", "named"),
    ),
    Edit(
        "a feature of a view that is read whole",
        _one_more_feature,
        _one_more_read("additive"),
        _one_more_read("breaking"),
        ("whole",),
    ),
    Edit(
        "a feature that a service names",
        _one_more_named,
        _one_more_read("additive"),
        _one_more_read("breaking"),
        ("nothing", "named"),
    ),
    # Entities
    _field("driver", "metadata", "metadata", join_keys={"t_part": "string", "t_driver": "int64"}),
    _field("lonely", "metadata", "metadata", join_keys={"t_lonely": "string"}),
    _rows("driver", "stats", "second", join_keys={"t_driver": "string", "t_part": "string"}),
    _rows("driver", "stats", "second", join_keys={"t_driver": "int64"}),
    _rows("place", "stats", join_keys={"t_spot": "int64"}),
    # Sources
    _field("trips", "metadata", "metadata", format="parquet"),
    _field("trips", "metadata", "metadata", columns={"raw": "nobody"}),
    _field("dry", "metadata", "metadata", path="e.parquet"),
    _rows("trips", "stats", "second", path="e.parquet"),
    _rows("trips", "stats", "second", format="csv"),
    _rows("trips", "stats", "second", event_timestamp="u"),
    _rows("trips", "stats", "second", event_timestamp="none"),
    _rows("trips", "stats", "second", created_timestamp="made"),
    _rows("trips", "stats", columns={"raw": "txt"}),
    _rows("trips", "second", columns={"raw": "n"}),
    _rows("trips", "stats", columns={"raw": "t_place"}),
    # Services
    _field("model", "breaking", "breaking", full_names=True),
    _service("a column", "additive", "breaking", lambda refs: [*refs, "t_second:m"]),
    _service("the order of columns", "breaking", "breaking", lambda refs: refs[::-1]),
    _service(
        "an alias",
        "breaking",
        "breaking",
        lambda refs: [*refs[:-1], {**refs[-1], "as": "beside"}],
    ),
    _service(
        "the keys of an alias",
        "breaking",
        "breaking",
        lambda refs: [*refs[:-1], {**refs[-1], "join_keys": {"t_driver": "b"}}],
    ),
]
