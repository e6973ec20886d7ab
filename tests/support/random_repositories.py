"""Random repositories that could be applied, and such that differ a little."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from applied import repository
from hypothesis import strategies as st

from featurectl.definitions.entity import Entity
from featurectl.definitions.service import FeatureService, ViewRef
from featurectl.definitions.source import FileSource
from featurectl.definitions.view import Feature, FeatureView

if TYPE_CHECKING:
    from featurectl.definitions.repository import Repository

NAMES = ["a", "b", "c"]
TYPES = ["int32", "int64", "float32", "float64", "string", "list<int64>"]
DURATIONS = {"1h": "60m", "2d": "48h", "1d": "24h", "2w": "14d"}

words = st.sampled_from(["", "x", "ä"])
tags = st.dictionaries(st.sampled_from(["team", "a.b"]), words, max_size=2)
hints = st.sampled_from([None, None, *NAMES])


@st.composite
def features(draw: st.DrawFn) -> dict[str, Feature]:
    found = {}
    for name in draw(st.permutations(NAMES))[: draw(st.integers(1, 3))]:
        kind = draw(st.sampled_from(TYPES))
        default = draw(st.sampled_from([None, 0, 1])) if kind[0] in "if" else None
        hint = draw(hints)
        found[name] = Feature(
            kind,
            description=draw(words),
            tags=draw(tags),
            default=default,
            renamed_from=None if hint == name else hint,
        )
    return found


def _entity(name: str) -> st.SearchStrategy[Entity]:
    """Join keys of an entity are its own, so that no two entities of a view clash."""
    keys = st.lists(st.sampled_from([f"{name}_1", f"{name}_2"]), min_size=1, unique=True)
    kind = st.sampled_from(["int64", "string"])
    return st.builds(
        lambda keys, kind, word: Entity(
            name, join_keys=dict.fromkeys(keys, kind), description=word
        ),
        keys, kind, words,
    )  # fmt: skip


def _source(name: str) -> st.SearchStrategy[FileSource]:
    return st.builds(
        FileSource,
        st.just(name),
        path=st.sampled_from(["a.parquet", "b.parquet"]),
        format=st.sampled_from([None, "parquet"]),
        event_timestamp=st.sampled_from(["t", "u"]),
        created_timestamp=st.sampled_from([None, "made"]),
        columns=st.sampled_from([{}, {"raw": "a"}, {"raw": "b"}]),
    )


@st.composite
def views(draw: st.DrawFn, name: str, entities: list[str], sources: list[str]) -> FeatureView:
    hint = draw(hints)
    return FeatureView(
        name,
        entities=draw(st.permutations(entities))[: draw(st.integers(0, len(entities)))],
        source=draw(st.sampled_from(sources)),
        ttl=draw(st.sampled_from([*DURATIONS, "none"])),
        features=draw(features()),
        schedule=draw(st.sampled_from([None, "1h"])),
        on_stale=draw(st.sampled_from(["hide", "serve", "fail"])),
        known_at=draw(st.booleans()),
        online=draw(st.booleans()),
        prevent_destroy=draw(st.booleans()),
        renamed_from=None if hint == name else hint,
        tags=draw(tags),
    )


@st.composite
def services(draw: st.DrawFn, name: str, of: list[FeatureView]) -> FeatureService:
    refs: list[Any] = []
    for i, view in enumerate(draw(st.permutations(of))[: draw(st.integers(1, len(of)))]):
        some = draw(st.permutations(list(view.features)))[: draw(st.integers(1, 3))]
        alias = draw(st.sampled_from([None, f"alias{i}"]))
        refs.append(ViewRef(view.name, alias=alias, features=draw(st.sampled_from([None, some]))))
    return FeatureService(name, features=refs, full_names=True, owner=draw(words))


@st.composite
def repositories(draw: st.DrawFn) -> Repository:
    entities = draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    sources = draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    names = draw(st.lists(st.sampled_from(NAMES), unique=True))
    made = [draw(views(name, entities, sources)) for name in names]
    named = draw(st.lists(st.sampled_from(NAMES), unique=True)) if made else []
    objects = [
        *(draw(_entity(name)) for name in entities),
        *(draw(_source(name)) for name in sources),
        *made,
        *(draw(services(name, made)) for name in named),
    ]
    return repository(*draw(st.permutations(objects)))


@st.composite
def near(draw: st.DrawFn) -> tuple[Repository, Repository]:
    """A repository, and the same with one view edited a little."""
    files = draw(repositories())
    if not files.views:
        return files, files
    view = files.views[draw(st.sampled_from(sorted(files.views)))]
    shuffled = {name: view.features[name] for name in draw(st.permutations(list(view.features)))}
    update = draw(st.sampled_from([
        {"features": shuffled}, {"ttl": None}, {"online": True}, {"description": "edited"},
    ]))  # fmt: skip
    edited = view.model_copy(update=update)
    return files, replace(files, views={**files.views, view.name: edited})


pairs = st.tuples(repositories(), repositories()) | near()


@st.composite
def histories(draw: st.DrawFn) -> list[Repository]:
    """Repositories that follow each other: by another one, or by a feature renamed or left out."""
    found = [draw(repositories())]
    for _ in range(draw(st.integers(1, 4))):
        views = {name: view for name, view in found[-1].views.items() if len(view.features) > 1}
        if not views or draw(st.integers(0, 2)) == 0:
            found.append(draw(repositories()))
            continue
        view = views[draw(st.sampled_from(sorted(views)))]
        gone = draw(st.sampled_from(sorted(view.features)))
        parts = {name: part for name, part in view.features.items() if name != gone}
        if draw(st.booleans()):
            hint = {"renamed_from": gone}
            parts[f"{gone}_{len(found)}"] = view.features[gone].model_copy(update=hint)
        edited = {**found[-1].views, view.name: view.model_copy(update={"features": parts})}
        found.append(replace(found[-1], views=edited, services={}))
    return found
