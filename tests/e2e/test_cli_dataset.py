"""A training set has a manifest, and verify names what has changed since."""

from __future__ import annotations

import json
import os
import shutil
from datetime import datetime, timezone
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command_line import Cli
from made_dataset import Made, new_repository, write_day

from featurectl.client.feature_store import FeatureStore
from featurectl.definitions.definition import fingerprint
from featurectl.flows.dataset_manifest import sealed

QUERY = "select driver, seen as event_timestamp from log order by 2, 1"
SAME = {
    "exit": "0",
    "file": "same",
    "definitions": "same",
    "stats": "same",
    "homes": "same",
    "entities": "same",
    "repeat": "same",
}


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("made") / "repo"
    new_repository(root).make()
    return root


@pytest.fixture
def made(template: Path, tmp_path: Path) -> Made:
    """A copy elsewhere: as a repository that was moved since."""
    shutil.copytree(template, tmp_path / "moved")
    root = tmp_path / "moved"
    return Made(Cli(root), root / "data", root / "train.parquet")


def test_nothing_has_changed(made: Made) -> None:
    assert made.states() == SAME


@pytest.mark.parametrize("kind", ["csv", "arrow", "arrows"])
def test_each_format_is_verified(made: Made, kind: str) -> None:
    other = made.make(out=f"other.{kind}")

    assert other.states() == SAME
    assert not other.cli.root.joinpath(f".{other.out.name}").exists()


def test_the_formats_of_typed_rows_have_one_digest(made: Made) -> None:
    entities = ["--service", "rank", "--at", "2024-01-02T12:00Z"]
    digests = {
        made.make(*entities, out=f"at.{kind}").manifest["result"]["sha256"]
        for kind in ("parquet", "csv", "arrow")
    }
    assert len(digests) == 1


def test_it_is_verified_from_anywhere(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert made.states() == SAME
    shutil.move(made.out, tmp_path / "taken.parquet")
    shutil.move(made.lock, tmp_path / "taken.parquet.lock.json")

    moved = Made(made.cli, made.data, tmp_path / "taken.parquet")

    assert moved.states() == SAME


def test_a_changed_value_of_a_source_is_named_with_what_it_changes(made: Made) -> None:
    write_day(made.data, 1, plus=5)

    code, document = made.verify()

    found = {check.get("name", check["subject"]): check for check in document["checks"]}
    assert code == 3
    assert found["stats"]["changed"] == ["data/stats/1.parquet"]
    assert found["homes"]["state"] == "same"
    assert [each["column"] for each in found["repeat"]["columns"]] == ["trips"]
    assert found["repeat"]["columns"][0]["rows"] == 3


def test_a_new_file_of_a_source_is_named_though_it_changes_nothing(made: Made) -> None:
    write_day(made.data, 9)

    assert made.states() == {**SAME, "exit": "3", "stats": "differs"}
    code, document = made.verify("--quick")
    assert code == 3
    assert document["checks"][3]["new"] == ["data/stats/9.parquet"]


def test_a_file_of_a_source_that_is_gone_is_named(made: Made) -> None:
    (made.data / "stats" / "0.parquet").unlink()

    states = made.states()

    assert (states["exit"], states["stats"], states["repeat"]) == ("3", "differs", "differs")


def test_a_source_that_is_gone_can_not_be_repeated(made: Made) -> None:
    shutil.rmtree(made.data / "stats")

    states = made.states()

    assert (states["exit"], states["stats"], states["repeat"]) == ("3", "differs", "unknown")
    assert states["entities"] == "unknown"


def test_a_text_source_is_seen_to_change_too(made: Made) -> None:
    homes = made.data / "homes.csv"
    homes.write_text(homes.read_text().replace("city2", "cityX"))

    code, document = made.verify()

    assert code == 3
    assert document["checks"][-1]["columns"] == [{"column": "city", "rows": 3, "first_row": 2}]


def test_a_source_written_again_as_it_was_is_the_same(made: Made) -> None:
    write_day(made.data, 1)

    assert made.states() == SAME


def test_a_view_that_changed_is_named_and_the_definitions_of_then_are_used(made: Made) -> None:
    made.cli.edit("features/all.yaml", "name: stats, entities: [driver], source: stats, ttl: 2d",
                  "name: stats, entities: [driver], source: stats, ttl: 1h")  # fmt: skip
    made.cli.ok("apply", "--yes", "--allow", "narrowing")

    code, document = made.verify()

    assert made.states() == {**SAME, "exit": "3", "definitions": "differs"}
    assert code == 3
    assert document["checks"][1]["details"] == ["view stats: ttl 2d -> 1h"]
    assert document["checks"][1]["text"] == "1 of 6 changed since serial 1, now 2"


def test_what_was_not_used_may_change(made: Made) -> None:
    made.cli.edit("features/all.yaml", "ttl: 3d", "ttl: 4d")
    made.cli.ok("apply", "--yes")

    assert made.states() == SAME


def test_a_description_is_no_difference(made: Made) -> None:
    made.cli.edit("features/all.yaml", "{name: rank,", "{name: rank, description: for ranking,")
    made.cli.ok("apply", "--yes")

    code, document = made.verify()

    assert code == 0
    assert document["checks"][1]["details"] == ["service rank: description none -> for ranking"]


def test_an_entity_frame_with_another_row_is_named(made: Made) -> None:
    with (made.cli.root / "labels.csv").open("a") as file:
        file.write("1,2024-01-02T00:00:00Z,1\n")

    code, document = made.verify()
    found = {check["subject"]: check for check in document["checks"]}

    assert code == 3
    assert found["entities"]["details"] == ["12 rows then, 13 rows now"]
    assert found["repeat"]["state"] == "same"


def test_a_changed_label_is_named_by_its_column(made: Made) -> None:
    labels = made.cli.root / "labels.csv"
    labels.write_text(labels.read_text().replace("Z,0\n", "Z,7\n", 1))

    _, document = made.verify()
    found = {check["subject"]: check for check in document["checks"]}

    assert found["entities"]["details"] == ["column label has other values"]


def test_an_entity_frame_that_is_gone_is_taken_from_the_file(made: Made) -> None:
    (made.cli.root / "labels.csv").unlink()

    assert made.states() == {**SAME, "entities": "note"}


def test_a_file_that_was_edited_is_named_by_its_columns(made: Made) -> None:
    table = pq.read_table(made.out)
    at = table.schema.get_field_index("trips")
    pq.write_table(table.set_column(at, "trips", pa.array([7] * 12)), made.out)

    code, document = made.verify()

    assert code == 3
    assert document["checks"][0]["details"] == ["column trips has other values"]


def test_a_file_that_is_only_laid_out_anew_is_the_same(made: Made) -> None:
    table = pq.read_table(made.out)
    pq.write_table(table, made.out, row_group_size=2, compression="none", use_dictionary=False)

    assert made.states() == SAME


def test_a_file_that_is_cut_off_is_named_and_can_be_made_again(made: Made) -> None:
    made.out.write_bytes(made.out.read_bytes()[:-100])

    states = made.states()

    assert (states["exit"], states["file"], states["repeat"]) == ("3", "differs", "same")


def test_a_file_that_is_gone_can_be_made_again(made: Made) -> None:
    made.out.unlink()

    states = made.states()

    assert (states["exit"], states["file"], states["repeat"]) == ("3", "differs", "same")


def test_without_its_lock_a_parquet_file_tells_of_itself(made: Made) -> None:
    manifest = made.manifest
    made.lock.unlink()

    assert made.states() == {**SAME, "lock": "note"}
    shown = made.cli.ok("dataset", "show", str(made.out), "--format", "json")
    assert {**shown.document, "file": 0, "seal": 0} == {**manifest, "file": 0, "seal": 0}
    assert "the lock file is missing" in shown.err
    made.lock.write_text(shown.out)
    assert made.states() == SAME


def test_a_lock_of_an_earlier_content_is_called_stale(made: Made) -> None:
    earlier = made.lock.read_text()
    made.make("--service", "rank", "--at", "2024-01-02")
    made.lock.write_text(earlier)

    states = made.states()

    assert (states["exit"], states["lock"], states["repeat"]) == ("3", "differs", "same")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format": "featurectl.plan/1"}', "\x00"])
def test_a_lock_that_is_none_is_told_and_the_copy_read(made: Made, text: str) -> None:
    made.lock.write_text(text)

    states = made.states()

    assert (states["exit"], states["lock"], states["file"]) == ("3", "differs", "same")


def test_a_lock_that_was_edited_is_not_believed(made: Made) -> None:
    manifest = made.manifest
    manifest["result"]["rows"] = 11
    made.lock.write_text(json.dumps(manifest))

    assert made.states()["lock"] == "differs"
    made.out.unlink()
    assert "[FC341]" in made.verify()[1]["error"]


def test_a_lock_of_a_later_version_is_told(made: Made) -> None:
    made.lock.write_text(json.dumps({**made.manifest, "format": "featurectl.dataset/9"}))

    code, document = made.verify()

    assert code == 1
    assert "[FC340]" in document["error"]


def test_a_file_of_somebody_else_has_no_manifest(made: Made, tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1]}), tmp_path / "theirs.parquet")

    answer = made.cli("dataset", "verify", str(tmp_path / "theirs.parquet"))

    assert answer.code == 1
    assert "[FC334]" in answer.err


def test_without_a_repository_only_the_file_can_be_told(made: Made, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.move(made.out, elsewhere / "train.parquet")
    shutil.move(made.lock, elsewhere / "train.parquet.lock.json")
    alone = Made(Cli(elsewhere), elsewhere, elsewhere / "train.parquet")

    assert alone.states() == {"exit": "1", "file": "same", "definitions": "unknown"}
    answer = alone.cli("dataset", "verify", str(alone.out))
    assert "[FC110] no featurectl.yaml" in answer.out
    assert "featurectl --repo DIR" in answer.out


@pytest.mark.parametrize(
    "words",
    [
        ("--service", "rank", "--at", "2024-01-02T12:00Z"),
        ("--service", "rank", "--start", "2024-01-01", "--end", "2024-01-03"),
        ("--features", "stats:trips,homes", "--entities", "LABELS", "--full-names", "--known-at"),
        ("--features", "stats", "--entities", "LABELS", "--from-files"),
        ("--service", "rank", "--entities", "LABELS", "--sample", "5"),
        ("--service", "rank", "--entities", "LABELS", "--prove"),
        ("--service", "rank", "--sql", QUERY),
    ],
    ids=["at", "range", "features", "files", "sample", "prove", "sql"],
)
def test_every_request_is_made_again(made: Made, words: tuple[str, ...]) -> None:
    labels = str(made.cli.root / "labels.csv")
    other = made.make(*(word.replace("LABELS", labels) for word in words), out="other.parquet")

    states = other.states()

    assert set(states.values()) == {"0", "same"}, states


def test_what_was_served_is_made_again_though_more_was_loaded_since(made: Made) -> None:
    made.cli.edit("features/all.yaml", "source: stats, ttl: 2d,", "source: stats, ttl: none,")
    made.cli.ok("apply", "--yes")
    made.cli.ok("materialize")
    now = datetime.now(timezone.utc).isoformat()
    rows = made.cli.root / "now.csv"
    rows.write_text(f"driver,event_timestamp\n1,{now}\n2,2024-01-02T00:00:00Z\n")
    words = ("--features", "stats", "--entities", str(rows), "--as-served")
    served = made.make(*words, out="served.parquet")
    made.cli.ok("materialize", "--full")

    states = served.states()

    assert served.manifest["request"]["as_served"] is True
    assert pq.read_table(served.out).column("trips").to_pylist() == [21, None]
    assert set(states.values()) == {"0", "same"}, states


def test_a_query_is_seen_to_give_other_rows(made: Made) -> None:
    other = made.make("--service", "rank", "--sql", QUERY, out="other.parquet")
    log = made.data / "log.csv"
    log.write_text(log.read_text().replace("\n2,", "\n3,", 1))

    states = other.states()

    assert {name for name, state in states.items() if state == "differs"} == {"log", "entities"}
    assert states["repeat"] == "same"


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_each_part_of_a_split_is_made_again(made: Made, kind: str) -> None:
    labels = str(made.cli.root / "labels.csv")
    words = ("--service", "rank", "--entities", labels, "--split", "train=0.7,test=0.3")
    made.make(*words, out=f"all.{kind}")
    parts = [
        Made(made.cli, made.data, made.cli.root / f"all.{name}.{kind}")
        for name in ("train", "test")
    ]

    assert [part.states() for part in parts] == [SAME, SAME]
    assert [part.manifest["part"]["name"] for part in parts] == ["train", "test"]
    assert len({part.manifest["entities"]["sha256"] for part in parts}) == 1
    parts[0].out.unlink()
    assert parts[0].states()["repeat"] == "unknown"


def test_entities_in_memory_are_taken_from_the_file(made: Made) -> None:
    table = pa.table({"driver": [1, 2], "event_timestamp": ["2024-01-02", "2024-01-03"]})
    with FeatureStore(made.cli.root) as store:
        store.get_historical_features(table, service="rank").write_parquet(made.out)

    assert {k: v for k, v in made.states().items() if k in ("exit", "entities", "repeat")} == {
        "exit": "0",
        "entities": "note",
        "repeat": "same",
    }


def test_no_place_of_this_machine_and_no_password_is_in_a_manifest(made: Made) -> None:
    text = made.make().lock.read_text()

    assert str(made.cli.root) not in text
    assert f"{Path.home()}{os.sep}" not in text


def test_a_registry_where_nothing_is_applied_can_not_be_compared_with(made: Made) -> None:
    shutil.rmtree(made.cli.root / ".featurectl")

    assert made.states() == {
        **SAME, "exit": "1", "definitions": "unknown", "registry": "note",
    }  # fmt: skip
    made.cli.ok("apply", "--yes")
    assert made.states() == {**SAME, "registry": "note"}


def test_a_manifest_that_tells_of_other_definitions_than_the_registry_is_named(made: Made) -> None:
    csv = made.make(out="train.csv")
    manifest = csv.manifest
    for each in manifest["definitions"]:
        if (each["kind"], each["name"]) == ("view", "stats"):
            each["document"]["ttl"] = "1d"
            each["fingerprint"] = fingerprint(each["document"])
    csv.lock.write_text(json.dumps(sealed(manifest)))

    code, document = csv.verify("--quick")

    found = {check["subject"]: check for check in document["checks"]}
    assert code == 3
    assert found["registry"]["details"] == ["view stats"]
    assert found["definitions"]["details"] == ["view stats: ttl 1d -> 2d"]


def test_an_environment_that_is_not_configured_is_told(made: Made) -> None:
    answer = made.cli("--env", "prod", "dataset", "verify", str(made.out))

    assert answer.code == 1
    assert 'there is no env "prod"' in answer.out


def test_one_file_without_a_manifest_does_not_keep_others_from_being_verified(made: Made) -> None:
    answer = made.cli("dataset", "verify", "--quick", str(made.data / "homes.csv"), str(made.out))

    assert answer.code == 1
    assert "[FC334]" in answer.err
    assert "Same: " in answer.out


def test_the_group_alone_shows_its_help(made: Made) -> None:
    assert made.cli.ok("dataset").out == made.cli.ok("dataset", "--help").out


def test_several_files_are_verified_in_one_go(made: Made) -> None:
    second = made.make("--service", "rank", "--at", "2024-01-02", out="second.parquet")

    answer = made.cli.ok("dataset", "verify", "--quick", str(made.out), str(second.lock))

    assert answer.out.count("Same: ") == 2


def test_a_manifest_with_every_byte_sees_what_a_footer_does_not(made: Made) -> None:
    labels = str(made.cli.root / "labels.csv")
    full = made.make("--service", "rank", "--entities", labels, "--hash", "full")
    day = made.data / "stats" / "1.parquet"
    data = bytearray(day.read_bytes())
    data[4] ^= 1  # in the first page's header
    day.write_bytes(data)

    assert full.states("--quick")["stats"] == "same"
    assert full.states("--quick", "--hash", "full")["stats"] == "differs"


def test_rows_on_stdout_have_the_manifest_that_was_asked_for(made: Made) -> None:
    lock = made.cli.root / "piped.csv.lock.json"
    labels = str(made.cli.root / "labels.csv")
    words = ("get-historical", "--service", "rank", "--entities", labels, "--out", "-")
    rows = made.cli.ok(*words, "--lock", str(lock)).out
    piped = made.cli.root / "piped.csv"
    piped.write_text(rows, newline="")

    assert Made(made.cli, made.data, piped).states() == SAME


def test_what_is_no_file_has_no_lock(made: Made) -> None:
    labels = str(made.cli.root / "labels.csv")
    words = ("get-historical", "--service", "rank", "--entities", labels, "--format", "csv")
    before = set(made.cli.root.iterdir())
    made.cli.ok(*words, "--out", "/dev/null")

    assert set(made.cli.root.iterdir()) == before
    assert not Path("/dev/null.lock.json").exists()


def test_a_file_that_is_not_there_is_told_as_that(made: Made) -> None:
    answer = made.cli("dataset", "show", "no-such.parquet")

    assert (answer.code, answer.out) == (1, "")
    assert answer.err == "error[FC334] there is no file no-such.parquet\n"
