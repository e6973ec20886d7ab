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
