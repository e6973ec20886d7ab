"""Several environments in one registry and one store: each leaves the others' keys alone."""

from __future__ import annotations

import json
import shutil
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from store_dump import dump

from featurectl.client.feature_store import FeatureStore

if TYPE_CHECKING:
    from command_line import Cli

VIEW = "features/driver.yaml"
CONFIG = "featurectl.yaml"
FEATURE = "      trips_today: {type: int64, description: trips since midnight UTC}\n"
RATING = "      rating: float64\n"
ALLOW = "narrowing,breaking,destroy"


@pytest.fixture
def shop(fresh: Cli, online_url: str, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """The new repository with an environment prod, nothing applied; with either kind of store."""
    monkeypatch.setenv("FEATURECTL_ONLINE", online_url)
    monkeypatch.delenv("FEATURECTL_ENV", raising=False)
    with (fresh.root / CONFIG).open("a") as file:
        file.write("grace: 0s\nenvs:\n  prod: {}\n")
    return Shop(fresh, online_url)


class Shop:
    """The repository, and what its store holds."""

    def __init__(self, cli: Cli, url: str) -> None:
        self.cli = cli
        self.url = url

    def promotes(self) -> None:
        """Have prod promoted from dev."""
        self.cli.edit(CONFIG, "  prod: {}\n", "  prod: {promote_from: dev}\n")

    def apply(self, env: str) -> Any:
        """Apply in the environment, whatever it takes; the document."""
        arguments = ("--env", env, "apply", "--yes", "--allow", ALLOW, "--format", "json")
        return self.cli.ok(*arguments).document

    def load(self, env: str) -> Any:
        """Materialize in the environment; the part of the view."""
        document = self.cli.ok("--env", env, "materialize", "--format", "json").document
        return document["views"][0]

    def notes(self, env: str) -> list[str]:
        """What plan notes in the environment."""
        found = self.cli.ok("--env", env, "plan", "--format", "json").document
        return list(found["notes"])

    def read(self, env: str, feature: str = "conv_rate") -> tuple[str, Any]:
        """Status and value of a driver's feature."""
        request = ("--features", f"driver_stats:{feature}", "driver_id=1001", "--format", "json")
        (row,) = self.cli.ok("--env", env, "get-online", *request).document["rows"]
        return row["status"][feature], row["features"][feature]

    def stored(self) -> dict[bytes, tuple[bytes, int | None]]:
        return dump(self.url)

    def rows(self) -> dict[bytes, tuple[bytes, int | None]]:
        """All that is stored, but for manifests and their versions."""
        return {k: v for k, v in self.stored().items() if not _is_manifest(k)}

    def newer_data(self) -> None:
        """A row of driver 1001 of this moment."""
        path = self.cli.root / "data/driver_stats.parquet"
        table = pq.read_table(path)
        now = datetime.now(timezone.utc)
        row = {**table.to_pylist()[0], "driver_id": 1001, "event_timestamp": now}
        more = pa.Table.from_pylist([{**row, "conv_rate": 0.125}], table.schema)
        pq.write_table(pa.concat_tables([table, more]), path)


def _is_manifest(key: bytes) -> bool:
    return b"@" in key


def test_the_keys_of_one_environment_are_not_touched_by_all_that_another_does(shop: Shop) -> None:
    for mine, others in (("prod", "dev"), ("dev", "prod")):
        _set_up(shop, mine)
        other_manifest = f"shop@{others}".encode()
        stored = shop.stored()
        before = {key: stored[key] for key in stored if not key.startswith(other_manifest)}
        value = shop.read(mine)

        _live_through_everything(shop, others)

        after = shop.stored()
        assert {key: after.get(key) for key in before} == before
        assert shop.read(mine) == value
        assert shop.cli("--env", mine, "status", "--exit-code").code == 0
        _tear_down(shop, mine)
        assert shop.rows() == {}


def _set_up(shop: Shop, env: str) -> None:
    shop.apply(env)
    shop.load(env)


def _live_through_everything(shop: Shop, env: str) -> None:
    """Create, load, add, break, rename, roll back, destroy and sweep."""
    cli, flags = shop.cli, ("--env", env)
    text = (cli.root / VIEW).read_text()
    _set_up(shop, env)
    cli.edit(VIEW, FEATURE, FEATURE + RATING)
    _set_up(shop, env)
    cli.edit(VIEW, "conv_rate: {type: float64", "conv_rate: {type: string")
    assert cli(*flags, "plan").code == 1  # what does not fit is refused
    cli.edit(VIEW, "conv_rate: {type: string", "conv_rate: {type: float64")
    cli.edit(VIEW, "acc_rate: {type: float64", "acc_rate: {renamed_from: conv_rate, type: float64")
    cli.edit(VIEW, "      conv_rate: {type: float64, description: share of", "      #")
    cli.edit(VIEW, "      - driver_stats:conv_rate\n", "")
    _set_up(shop, env)
    cli.ok(*flags, "rollback", "--yes", "--allow", ALLOW)
    cli.ok(*flags, "materialize", "--full")
    shop.newer_data()
    (cli.root / VIEW).write_text(text)
    _set_up(shop, env)
    _tear_down(shop, env)
    (cli.root / VIEW).write_text(text)


def _tear_down(shop: Shop, env: str) -> None:
    """Destroy everything of an environment; the files come back."""
    text = (shop.cli.root / VIEW).read_text()
    (shop.cli.root / VIEW).write_text("entities: [{name: driver, join_keys: {driver_id: int64}}]\n")
    shop.apply(env)
    shop.apply(env)
    (shop.cli.root / VIEW).write_text(text)


def test_what_is_applied_and_filled_in_one_is_promoted_without_moving_a_byte(shop: Shop) -> None:
    shop.promotes()
    _set_up(shop, "dev")
    before = shop.rows()

    assert shop.notes("prod") == ["promoted from dev, 0 bytes moved: driver_stats"]
    plan = shop.cli.ok("--env", "prod", "plan", "--format", "json").document
    (impact,) = [c["impact"] for c in plan["changes"] if c["kind"] == "view"]
    assert (impact["loads"], impact["rows"], impact["bytes"]) == (False, 0, 0)
    applied = shop.apply("prod")

    assert shop.rows() == before
    assert (applied["notes"], applied["incomplete"]) == (shop_notes(), [])
    assert list(applied["reused"]) == ["driver_stats"]
    assert shop.read("prod") == shop.read("dev")
    assert shop.read("prod")[0] == "PRESENT"
    kinds = [run["kind"] for run in _history(shop, "prod")]
    assert kinds == ["apply"]


def shop_notes() -> list[str]:
    return ["promoted from dev, 0 bytes moved: driver_stats"]


def _history(shop: Shop, env: str) -> list[dict[str, Any]]:
    return list(shop.cli.ok("--env", env, "history", "--format", "json").document["runs"])


def _promoted(shop: Shop) -> None:
    shop.promotes()
    _set_up(shop, "dev")
    shop.apply("prod")


def test_what_was_promoted_is_loaded_by_its_new_owner_and_read_by_both(shop: Shop) -> None:
    _promoted(shop)
    shop.newer_data()
    before = shop.stored()

    skipped = shop.load("dev")
    assert skipped["status"] == "skipped"
    assert shop.stored() == before
    told = shop.cli.ok("materialize").err
    assert "prod owns the rows, since they were promoted: its runs load them" in told
    shop.cli.ok("materialize", "--from", "2024-01-01T00:00:00Z")
    shop.cli.ok("materialize", "--full")
    assert shop.stored() == before

    loaded = shop.load("prod")
    assert (loaded["status"], loaded["keys"]) == ("ok", 1)
    assert shop.read("dev") == shop.read("prod") == ("PRESENT", 0.125)
    assert shop.cli("status", "--exit-code").code == 0
    assert shop.cli("--env", "prod", "status", "--exit-code").code == 0


@pytest.mark.parametrize(
    ("old", "new", "feature"),
    [
        (FEATURE, FEATURE + RATING, "rating"),
        ("      acc_rate: {type: float64", "      rating: {type: float64", "rating"),
        ("ttl: 24h", "ttl: 48h", "conv_rate"),
    ],
)
def test_a_change_in_one_is_made_of_rows_of_its_own_and_promoted_again(
    shop: Shop, old: str, new: str, feature: str
) -> None:
    _promoted(shop)
    before, value = shop.stored(), shop.read("prod")

    shop.cli.edit(VIEW, old, new)
    shop.apply("dev")
    assert shop.read("dev")[0] in ("PRESENT", "NULL")
    assert (shop.notes("prod")[0].split(":")[0]) == (
        "loaded and not promoted from dev, because dev has not loaded it yet"
    )
    shop.load("dev")

    after = shop.stored()
    of_prod = {key: value for key, value in before.items() if not key.startswith(b"shop@dev")}
    assert {key: after.get(key) for key in of_prod} == of_prod
    assert shop.read("prod") == value
    assert shop.read("dev", feature)[0] == "PRESENT"

    rows = shop.rows()
    applied = shop.apply("prod")
    assert applied["notes"] == shop_notes()
    assert shop.rows().items() <= rows.items()
    assert shop.read("prod", feature) == shop.read("dev", feature)
    assert shop.load("dev")["status"] == "skipped"


def test_a_change_of_the_owner_leaves_what_the_other_reads(shop: Shop) -> None:
    _promoted(shop)
    value = shop.read("dev")
    shop.cli.edit(VIEW, FEATURE, FEATURE + RATING)

    applied = shop.apply("prod")
    assert applied["notes"][0].startswith("loaded and not promoted from dev, because")
    assert applied["incomplete"] == ["driver_stats"]
    shop.load("prod")

    assert shop.read("prod", "rating")[0] == "PRESENT"
    assert shop.read("dev") == value
    assert shop.load("dev")["status"] in ("ok", "empty")  # dev writes its rows again itself


def test_a_view_that_is_destroyed_in_one_stays_in_the_other(shop: Shop) -> None:
    _promoted(shop)
    value, rows = shop.read("prod"), shop.rows()

    text = (shop.cli.root / VIEW).read_text()
    shop.cli.edit(VIEW, text, "entities: [{name: driver, join_keys: {driver_id: int64}}]\n")
    kept = ["another environment reads these rows, which stay: driver_stats"]
    assert shop.notes("dev") == kept
    applied = shop.apply("dev")
    (shop.cli.root / VIEW).write_text(text)

    assert (applied["notes"], applied["retired"], applied["swept"]) == (
        kept,
        {"driver_stats": 0},
        {},
    )
    assert (shop.rows(), shop.read("prod")) == (rows, value)
    shop.apply("dev")
    shop.load("dev")
    _tear_down(shop, "prod")
    assert shop.read("dev") == value


def test_a_promotion_is_rolled_back(shop: Shop) -> None:
    _promoted(shop)
    shop.cli.edit(CONFIG, "grace: 0s", "grace: 1d")
    shop.cli.edit(VIEW, FEATURE, FEATURE + RATING)
    _set_up(shop, "dev")
    shop.apply("prod")
    rows = shop.rows()

    flags = ("--env", "prod", "rollback", "--yes", "--allow", ALLOW, "--format", "json")
    rolled = shop.cli.ok(*flags).document

    assert (rolled["incomplete"], list(rolled["reused"])) == ([], ["driver_stats"])
    assert shop.rows() == rows
    assert shop.read("prod")[0] == "PRESENT"
    assert shop.read("dev", "rating")[0] == "PRESENT"
    shop.newer_data()
    assert shop.load("dev")["status"] == shop.load("prod")["status"] == "ok"


def test_a_static_view_is_promoted_and_loaded_anew_beside_what_the_other_reads(shop: Shop) -> None:
    shop.promotes()
    data = shop.cli.root / "data/airports.csv"
    data.write_text("code,city\nJFK,New York\n")
    (shop.cli.root / "features/airports.yaml").write_text(
        "entities: [{name: airport, join_keys: {code: string}}]\n"
        "sources: [{name: airports_file, path: data/airports.csv, event_timestamp: none}]\n"
        "feature_views: [{name: airports, entities: [airport], source: airports_file, ttl: none,\n"
        "                 features: {city: string}}]\n"
    )
    _set_up(shop, "dev")
    shop.apply("prod")
    data.write_text("code,city\nJFK,Queens\n")

    def city(env: str) -> str:
        request = ("--features", "airports:city", "code=JFK", "--format", "json")
        (row,) = shop.cli.ok("--env", env, "get-online", *request).document["rows"]
        return str(row["features"]["city"])

    assert (city("prod"), shop.load("dev")["status"]) == ("New York", "skipped")
    shop.load("prod")
    assert (city("prod"), city("dev")) == ("Queens", "New York")
    shop.load("dev")
    assert (city("prod"), city("dev")) == ("Queens", "Queens")


def test_what_is_not_filled_yet_is_loaded(shop: Shop) -> None:
    shop.promotes()
    shop.apply("dev")

    (note,) = shop.apply("prod")["notes"]

    assert note == (
        "loaded and not promoted from dev, because dev has not loaded it yet: driver_stats"
    )
    assert shop.load("prod")["status"] == "ok"


def test_what_is_defined_otherwise_is_loaded(shop: Shop) -> None:
    shop.promotes()
    _set_up(shop, "dev")
    shop.cli.edit(VIEW, "ttl: 24h", "ttl: 23h")

    (note,) = shop.apply("prod")["notes"]

    assert "because it is defined otherwise in dev: driver_stats" in note


def test_what_the_store_has_lost_is_loaded(shop: Shop) -> None:
    shop.promotes()
    _set_up(shop, "dev")
    _forget(shop)

    (note,) = shop.apply("prod")["notes"]

    assert "because the online store does not have what dev has loaded" in note


def _forget(shop: Shop) -> None:
    with FeatureStore(shop.cli.root) as store:
        generation = store.snapshot().bindings["driver_stats"].read.id
        store.environment.online.sweep(store.config.project, generation)


def test_rows_of_other_files_are_not_promoted(shop: Shop) -> None:
    shop.promotes()
    _set_up(shop, "dev")
    shutil.copytree(shop.cli.root / "data", shop.cli.root / "elsewhere/data")
    shop.cli.edit(CONFIG, "{promote_from: dev}", "{promote_from: dev, data_root: elsewhere}")

    (note,) = shop.apply("prod")["notes"]

    assert "because the files of its source are elsewhere in dev (data_root): driver" in note


def test_rows_of_files_with_an_absolute_path_are_promoted_wherever_relative_ones_begin(
    shop: Shop,
) -> None:
    shop.promotes()
    shop.cli.edit(VIEW, "path: data/", f"path: {shop.cli.root}/data/")
    _set_up(shop, "dev")
    shop.cli.edit(CONFIG, "{promote_from: dev}", "{promote_from: dev, data_root: elsewhere}")

    assert shop.apply("prod")["notes"] == shop_notes()


def test_without_being_told_to_nothing_is_promoted(shop: Shop) -> None:
    _set_up(shop, "dev")

    applied = shop.apply("prod")

    assert (applied["notes"], applied["incomplete"]) == ([], ["driver_stats"])


def test_who_is_loading_what_would_be_promoted_is_not_disturbed(shop: Shop) -> None:
    shop.promotes()
    _set_up(shop, "dev")
    with FeatureStore(shop.cli.root) as store:
        registry, actor = store.environment.registry, store.environment.actor
        lease = registry.acquire("materialize:dev:driver_stats", 1, actor)

        refused = shop.cli("--env", "prod", "apply", "--yes")

        registry.release(lease)
    assert (refused.code, "FC502" in refused.err) == (5, True)
    assert shop.apply("prod")["notes"] == shop_notes()


def test_the_environment_is_chosen_before_or_after_the_command_or_by_a_variable(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.cli.ok("--env", "prod", "apply", "--yes")

    assert shop.cli.ok("ls", "--env", "prod").out.count("driver_stats") >= 1
    assert shop.cli.ok("ls").err.startswith("Nothing is applied in env dev.")
    monkeypatch.setenv("FEATURECTL_ENV", "prod")
    assert shop.cli.ok("plan").out.startswith("No changes. env prod")
    assert shop.cli.ok("--env", "dev", "plan").out.startswith("env dev ")


def test_an_environment_that_is_not_there_is_named_with_the_nearest(shop: Shop) -> None:
    answer = shop.cli("plan", "--env", "prdo")

    assert answer.code == 1
    assert 'there is no env "prdo"' in answer.err
    assert 'did you mean "prod"?' in answer.err


def test_values_are_those_of_the_environment(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FEATURECTL_ONLINE")
    shop.cli.edit(CONFIG, "  prod: {}", '  prod: {online: "${PROD_STORE}"}')

    assert shop.cli("plan").code == 0
    answer = shop.cli("--env", "prod", "plan")
    assert (answer.code, "PROD_STORE is not set" in answer.err) == (1, True)
    monkeypatch.setenv("PROD_STORE", shop.url)
    assert shop.cli("--env", "prod", "apply", "--yes").code == 0
    assert shop.stored()
    assert not (shop.cli.root / ".featurectl/online.db").exists()


def test_a_saved_plan_is_applied_in_the_environment_it_was_made_for(shop: Shop) -> None:
    file = str(shop.cli.root / "plan.json")
    shop.cli.ok("--env", "prod", "plan", "--out", file)
    assert json.loads((shop.cli.root / "plan.json").read_text())["env"] == "prod"

    refused = shop.cli("--env", "dev", "apply", file)
    shop.cli.ok("apply", file)

    assert (refused.code, "is for env prod" in refused.err) == (2, True)
    assert shop.cli.ok("--env", "prod", "plan").out.startswith("No changes. env prod")
    assert shop.cli.ok("ls").err.startswith("Nothing is applied in env dev.")


def test_doctor_tells_where_the_settings_of_an_environment_come_from(shop: Shop) -> None:
    shop.promotes()

    out = shop.cli("--env", "prod", "doctor").out

    assert "promote_from dev  (envs.prod, featurectl.yaml:7)" in out
    assert "grace        none  (featurectl.yaml:5)" in out
    assert "promote_from" not in shop.cli("doctor").out
