from featurectl.definitions.binding import (
    Binding,
    Generation,
    Layout,
    generation_document,
    read_binding,
)
from featurectl.definitions.decode import decode
from featurectl.definitions.definition import declared_to, fingerprint
from featurectl.definitions.entity import Entity
from featurectl.definitions.manifest import Manifest, ServedService, ServedView, read_manifest
from featurectl.definitions.service import FeatureService, ViewRef
from featurectl.definitions.source import FileSource
from featurectl.definitions.view import Feature, FeatureView

OBJECTS = [
    Entity("airport", join_keys={"b": "string", "a": "int64"}),
    FileSource("w", path="data/*.parquet", event_timestamp="none", columns={"x": "y"}),
    FeatureView(
        "v",
        entities=["airport"],
        source="w",
        ttl="none",
        features={"z": "float64", "a": Feature("decimal(9,2)", default="1.5", tags={"k": "v"})},
    ),
    FeatureService(
        "s", features=["v", ViewRef("v", alias="d", join_keys={"a": "x"}, features=("z",))]
    ),
]


def test_a_document_decodes_to_an_equal_definition() -> None:
    for definition in OBJECTS:
        document = definition.document()
        assert decode(definition.kind, document).document() == document


def test_the_order_of_features_and_join_keys_is_part_of_the_document() -> None:
    assert [key["name"] for key in OBJECTS[0].document()["join_keys"]] == ["b", "a"]
    assert [feature["name"] for feature in OBJECTS[2].document()["features"]] == ["z", "a"]


def test_a_rename_hint_is_outside_the_fingerprint() -> None:
    def view(**hint: str) -> FeatureView:
        feature = Feature("int64", **hint)
        return FeatureView("v", source="w", ttl="48h", features={"x": feature}, **hint)

    assert fingerprint(view(renamed_from="old").document()) == fingerprint(view().document())


def test_ways_to_write_one_duration_or_type_are_one_document() -> None:
    one = FeatureView("v", source="w", ttl="48h", features={"x": "decimal( 4,2 )"})
    other = FeatureView("v", source="w", ttl="2d", features={"x": {"type": "decimal(4,2)"}})
    assert one.document() == other.document()


def test_constructing_a_definition_declares_it_once() -> None:
    declared: list[str] = []
    with declared_to(lambda definition: declared.append(definition.name)):
        Entity("airport", join_keys={"airport": "string"})
    Entity("carrier", join_keys={"carrier": "string"})
    assert declared == ["airport"]


def test_bindings_and_manifests_survive_their_json_form() -> None:
    old = Generation("v.k3f9", (("a", "int64"),), (Layout(1, (("x", "int64"), ("", "bool"))),))
    new = Generation("v.p2d7", (("a", "int64"),), (Layout(1, (("x", "float64"),)),))
    binding = Binding("v", old, new, needs_fill=True)
    served = ServedView("v", {"x": "int64"}, {"x": 0}, 7, "hide", is_static=False, generation=old)
    service = ServedService("s", ({"view": "v", "features": ["x"]},), full_names=True)
    manifest = Manifest("p", "dev", "abc", 4, 2, {"v": served}, {"s": service})

    assert read_binding(binding.document()) == binding
    assert binding.target == new
    assert generation_document(old)["id"] == "v.k3f9"
    assert read_manifest(manifest.to_json()) == manifest
    assert manifest.version == "abc:4"
