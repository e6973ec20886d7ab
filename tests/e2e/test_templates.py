from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import duckdb
import pytest

from featurectl.errors import DefinitionError, SourceError
from featurectl.flows.historical import HistoricalRequest, get_historical
from featurectl.flows.request import requested_columns
from featurectl.flows.templates import create_repository, template_names, templates_folder
from featurectl.offline.duckdb import DuckDBEngine
from featurectl.offline.read_frame import read_frame
from featurectl.plan.fit import check_sources
from featurectl.repo.config import load_config
from featurectl.repo.load import load_repository

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 23, 4, 10, 5, 123456, tzinfo=timezone.utc)


@pytest.fixture(scope="module", params=["fraud", "minimal", "redis"])
def created(request, tmp_path_factory):
    """A repository of each template, as it is at ``NOW``; only to be read."""
    return create_repository(tmp_path_factory.mktemp("new") / "shop", request.param, now=NOW)


@pytest.fixture(scope="module")
def fraud(tmp_path_factory):
    """The folder of the fraud template's repository; only to be read."""
    return create_repository(tmp_path_factory.mktemp("new") / "shop", "fraud", now=NOW).root


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def query(sql: str, **parameters: object) -> list[tuple[object, ...]]:
    with duckdb.connect() as database:
        database.execute("set timezone = 'UTC'")
        return database.execute(sql, parameters).fetchall()


def repository_of(root: Path):
    return load_repository(load_config(root, environ={}))


def training_set(root: Path, service: str, entities: str):
    repository = repository_of(root)
    columns = requested_columns(repository, None, service, full_names=False)
    frame = read_frame(root / entities)
    engine = DuckDBEngine(root, None, None)
    return get_historical(HistoricalRequest(columns), repository, engine, frame)


def test_every_template_is_listed():
    assert template_names() == ("fraud", "minimal", "redis")


def test_what_is_told_is_what_is_there(created):
    assert sorted(file.path for file in created.files) == sorted(contents(created.root))


def test_every_file_is_described(created):
    assert all(file.description for file in created.files)


def test_project_is_named_after_the_folder(created):
    config = (created.root / "featurectl.yaml").read_text()
    assert created.project == "shop"
    assert config.startswith("project: shop ")
    assert "{{" not in config


@pytest.mark.parametrize(
    ("folder", "project"), [("Fraud-EU", "fraud_eu"), ("2024", "minimal"), ("Überfall", "berfall")]
)
def test_folder_name_becomes_a_project_name(tmp_path, folder, project):
    assert create_repository(tmp_path / folder, "minimal", now=NOW).project == project


def test_given_project_name_wins(tmp_path):
    assert create_repository(tmp_path, "minimal", project="risk", now=NOW).project == "risk"


def test_impossible_project_name_is_refused(tmp_path):
    with pytest.raises(DefinitionError, match='"My-Shop" is not a project name'):
        create_repository(tmp_path / "new", "minimal", project="My-Shop", now=NOW)
    assert not (tmp_path / "new").exists()


def test_unknown_template_names_the_nearest(tmp_path):
    with pytest.raises(DefinitionError, match='there is no template "frod"') as raised:
        create_repository(tmp_path / "new", "frod", now=NOW)
    assert raised.value.caret == 'did you mean "fraud"?'
    assert raised.value.notes == ("templates: fraud, minimal, redis",)


def test_existing_file_is_never_overwritten(tmp_path):
    (tmp_path / "README.md").write_text("mine")
    with pytest.raises(DefinitionError, match=r"README\.md already: nothing was created"):
        create_repository(tmp_path, "minimal", now=NOW)
    assert contents(tmp_path) == {"README.md": b"mine"}


def test_other_files_of_the_folder_are_kept(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    create_repository(tmp_path, "minimal", now=NOW)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "new").write_text("mine")
    with pytest.raises(DefinitionError, match="nothing was created"):
        create_repository(tmp_path / "new", "minimal", now=NOW)


def test_failure_to_write_leaves_nothing(tmp_path):
    (tmp_path / "features").write_text("a file where a folder has to be")
    with pytest.raises(SourceError, match="can't write to"):
        create_repository(tmp_path, "minimal", now=NOW)
    assert list(contents(tmp_path)) == ["features"]


def test_same_moment_gives_the_same_files(created, tmp_path):
    again = create_repository(tmp_path / "again" / "shop", created.template, now=NOW)
    assert contents(again.root) == contents(created.root)


def test_sample_data_end_just_before_now(tmp_path):
    started = datetime.now(timezone.utc)
    create_repository(tmp_path, "minimal")
    [(newest,)] = query(
        "select epoch_us(max(event_timestamp)) from read_parquet($path)",
        path=str(tmp_path / "data/driver_stats.parquet"),
    )
    assert newest > (started - timedelta(hours=1)).timestamp() * 1_000_000


def test_redis_is_fraud_with_another_configuration(tmp_path, fraud):
    one = contents(fraud)
    other = contents(create_repository(tmp_path / "shop", "redis", now=NOW).root)
    differing = {path for path in one.keys() | other.keys() if one[path] != other[path]}
    assert differing == {"featurectl.yaml"}
    assert b'"${REDIS_URL:-redis://localhost:6379/0}"' in other["featurectl.yaml"]


def test_making_a_repository_writes_nothing_into_the_templates(tmp_path):
    before = contents(templates_folder())
    create_repository(tmp_path, "redis", now=NOW)
    assert contents(templates_folder()) == before


def test_spend_is_the_sum_of_the_labelled_transactions(fraud):
    data = fraud / "data"
    rows = query(
        """
        select count(*), sum(abs(s.spend_7d - w.spend) < 0.001 and s.transactions_7d = w.n)
        from read_parquet($spend) s join lateral (
          select coalesce(sum(amount), 0) as spend, count(*) as n
          from read_parquet($transactions) t
          where t.user_id = s.user_id
            and t.event_timestamp > s.as_of - interval 7 day and t.event_timestamp <= s.as_of
        ) w on true
        where s.as_of = timestamptz '2026-11-23 00:00:00Z'
        """,
        spend=os.fspath(data / "user_spend.parquet"),
        transactions=os.fspath(data / "transactions.parquet"),
    )
    assert rows == [(200, 200)]


def test_no_figure_of_the_fraud_data_is_from_the_future(fraud):
    data = fraud / "data"
    for name, column in (
        ("user_spend", "computed_at"),
        ("merchant_risk", "computed_at"),
        ("transactions", "event_timestamp"),
    ):
        [(newest,)] = query(
            f"select epoch_us(max({column})) from read_parquet($path)",
            path=os.fspath(data / f"{name}.parquet"),
        )
        assert newest <= NOW.timestamp() * 1_000_000


def test_definitions_are_right(created):
    repository = repository_of(created.root)
    assert repository.project == "shop"
    assert repository.services


def test_sources_fit_the_views(created):
    repository, engine = repository_of(created.root), DuckDBEngine(created.root, None, None)
    columns = {name: engine.schema(source).columns for name, source in repository.sources.items()}
    assert check_sources(repository, columns) == []


def test_newest_rows_are_within_the_time_to_live(created):
    repository = repository_of(created.root)
    for view in repository.views.values():
        source = repository.sources[view.source]
        if source.is_static:
            continue
        [(newest,)] = query(
            f"select epoch_us(max({source.event_timestamp})) from read_parquet($path)",
            path=os.fspath(created.root / source.path),
        )
        now_us = NOW.timestamp() * 1_000_000
        assert now_us - view.ttl < newest <= now_us, view.name


def test_every_row_to_join_gets_every_feature(created):
    for service in repository_of(created.root).services:
        report = training_set(created.root, service, "entities.csv").report
        assert [view.matched for view in report.views] == [5] * len(report.views)
        assert not any(count for view in report.views for count in view.nulls.values())


def test_labelled_transactions_are_joined_as_they_were_known(fraud):
    report = training_set(fraud, "fraud_model_v1", "data/transactions.parquet").report
    shares = {view.label: (view.matched / report.rows, view.created_later) for view in report.views}
    assert shares == {"user_spend": (1, 0), "merchant_risk": (1, 0), "user_profile": (1, 0)}
