import time
from pathlib import Path

from featurectl.repo.config import load_config
from featurectl.repo.load import load_repository

EXAMPLE = Path(__file__).parents[3] / "example_repo"

YAML = """
    entities:
      - name: user
        join_keys: {user_id: int64}
        description: who buys
    sources:
      - name: orders
        path: data/orders/*.parquet
        event_timestamp: ordered_at
        created_timestamp: written_at
        columns: {amt: amount}
      - name: countries
        path: data/countries.csv
        event_timestamp: none
    feature_views:
      - name: spend
        entities: [user]
        source: orders
        ttl: 48h
        schedule: 60m
        known_at: true
        on_stale: default
        tags: {domain: pay}
        features:
          amount: {type: float64, description: euros, default: 1e3, renamed_from: amt}
          blocked: {type: bool, default: false}
          items: "list< string >"
          price: decimal(10, 2)
    feature_services:
      - name: model
        full_names: true
        features:
          - spend:amount
          - spend
          - {view: spend, as: other, join_keys: {user_id: friend}, features: [items, price]}
"""
PYTHON = """
    from datetime import timedelta

    from featurectl import Entity, Feature, FeatureService, FeatureView, FileSource, ViewRef

    user = Entity("user", join_keys={"user_id": "int64"}, description="who buys")
    orders = FileSource(
        "orders",
        path="data/orders/*.parquet",
        event_timestamp="ordered_at",
        created_timestamp="written_at",
        columns={"amt": "amount"},
    )
    FileSource("countries", path="data/countries.csv", event_timestamp=None)
    spend = FeatureView(
        "spend",
        entities=[user],
        source=orders,
        ttl=timedelta(days=2),
        schedule="1h",
        known_at=True,
        on_stale="default",
        tags={"domain": "pay"},
        features={
            "amount": Feature("float64", description="euros", default=1000, renamed_from="amt"),
            "blocked": Feature("bool", default=False),
            "items": "list<string>",
            "price": Feature(type="decimal(10,2)"),
        },
    )
    FeatureService(
        "model",
        full_names=True,
        features=[
            "spend:amount",
            spend,
            ViewRef(
                spend, alias="other", join_keys={"user_id": "friend"}, features=["items", "price"]
            ),
        ],
    )
"""


def test_the_example_loads() -> None:
    repository = load_repository(load_config(EXAMPLE, environ={}))

    assert "delay_model_v1" in repository.services
    assert repository.views["airports"].owner == "delays@example.com"


def test_yaml_and_python_give_the_same_documents(disk) -> None:
    disk.write("features/all.yaml", YAML)
    from_yaml = [each.document() for each in disk.load().objects()]
    (disk.root / "features/all.yaml").unlink()
    disk.write("features/all.py", PYTHON)
    from_python = [each.document() for each in disk.load().objects()]

    assert len(from_yaml) == 5
    assert from_yaml == from_python


def test_owner_and_tags_of_the_defaults_are_part_of_each_definition(disk) -> None:
    disk.write(
        "featurectl.yaml",
        "project: shop\ndefaults: {owner: data@example.com, tags: {tier: gold, area: shop}}\n",
    )
    disk.write("features/all.yaml", YAML)

    repository = disk.load()

    spend, user = repository.views["spend"].document(), repository.entities["user"].document()
    assert (spend["owner"], user["owner"]) == ("data@example.com", "data@example.com")
    assert spend["tags"] == {"tier": "gold", "area": "shop", "domain": "pay"}
    assert user["tags"] == {"tier": "gold", "area": "shop"}


def test_an_own_owner_and_own_tags_win(disk) -> None:
    disk.write("featurectl.yaml", "project: shop\ndefaults: {owner: a, tags: {tier: gold}}\n")
    disk.write(
        "features/a.py",
        "from featurectl import Entity\n"
        "Entity('user', join_keys={'id': 'int64'}, owner='b', tags={'tier': 'iron'})\n",
    )

    user = disk.load().entities["user"]

    assert (user.owner, user.tags) == ("b", {"tier": "iron"})


def test_formatting_is_no_part_of_a_document(disk) -> None:
    disk.write("features/all.yaml", YAML)
    before = [each.document() for each in disk.load().objects()]
    disk.write(
        "features/all.yaml",
        YAML.replace("48h", '"2d"  # two days').replace("60m", "1h").replace("known_at: true", ""),
    )
    disk.write("features/all.yaml", (disk.root / "features/all.yaml").read_text() + "\n# end\n")
    changed = [each.document() for each in disk.load().objects()]
    disk.write("features/deep/moved.yml", YAML.replace("48h", "2d"))
    (disk.root / "features/all.yaml").unlink()
    moved = [each.document() for each in disk.load().objects()]

    assert moved == before
    assert [each["name"] for each in changed if each not in before] == ["spend"]


def test_places_of_every_part_are_known(disk) -> None:
    disk.write("features/all.yaml", YAML)

    repository = disk.load()

    def seen(*path: str) -> tuple[int, str]:
        place = repository.locate(*path)
        return place.line, place.excerpt[-1][1][place.column - 1 :][: place.length]

    assert seen("view", "spend") == (15, "name: spend")
    assert seen("view", "spend", "ttl") == (18, "48h")
    assert seen("view", "spend", "lookback") == (15, "name: spend")
    assert seen("view", "spend", "entities", "0") == (16, "user")
    assert seen("view", "spend", "features", "amount") == (24, "amount")
    assert seen("view", "spend", "features", "amount", "type") == (24, "float64")
    assert seen("view", "spend", "features", "items") == (26, "items")
    assert seen("view", "spend", "features", "items", "type") == (26, '"list< string >"')
    assert seen("entity", "user", "join_keys", "user_id") == (3, "user_id")
    assert seen("entity", "user", "join_keys", "user_id", "type") == (3, "int64")
    assert seen("source", "orders", "event_timestamp") == (8, "ordered_at")
    assert seen("source", "orders", "columns", "amt") == (10, "amount")
    assert seen("service", "model", "features", "0") == (32, "spend:amount")
    assert seen("service", "model", "features", "2", "features", "1") == (34, "price")
    assert repository.locate("view", "nowhere") is None
    assert set(repository.locations) >= {("view", "spend", "ttl"), ("entity", "user", "join_keys")}
    assert all(repository.locations.values())


def test_a_path_is_no_place_for_variables(disk, shown) -> None:
    disk.write(
        "features/a.yaml",
        """
        sources:
          - {name: orders, path: "${LAKE}/x", event_timestamp: t}
        """,
    )

    assert disk.screen() == shown("""
        error[FC105] path of source "orders": variables work in featurectl.yaml only
          --> features/a.yaml:2:26
           |
         1 | sources:
         2 |   - {name: orders, path: "${LAKE}/x", event_timestamp: t}
           |                          ^^^^^^^^^^^
           = help: write a relative path here, and in featurectl.yaml data_root: ${LAKE}
    """)


def test_three_hundred_views_load_in_no_time(disk) -> None:
    """0.2 s of processor time; the bound leaves room for a slower one."""
    features = "".join(f"      f{i}: {{type: float64, description: some}}\n" for i in range(10))
    for n in range(30):
        views = "".join(
            f"  - name: v{n}_{i}\n    source: s{n}\n    ttl: 48h\n    features:\n{features}"
            for i in range(10)
        )
        source = f"sources:\n  - {{name: s{n}, path: x, event_timestamp: t}}\n"
        disk.write(f"features/{n}.yaml", f"{source}feature_views:\n{views}".encode())
    began = time.process_time()

    repository = disk.load()

    assert sum(len(view.features) for view in repository.views.values()) == 3000
    assert time.process_time() - began < 1.0
