"""What a manifest says of places and secrets: nothing that it need not."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from featurectl.flows import dataset_manifest as manifest
from featurectl.flows.asked import Asked

STORE_URL = "postgresql://ada:s3cret@db/x"


def origin(root: Path, asked: Asked | None = None) -> Any:
    return SimpleNamespace(root=root, data_root=root / "lake", asked=asked or Asked())


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("repo/labels.csv", "repo:labels.csv"),
        ("repo/a/b/labels.csv", "repo:a/b/labels.csv"),
        ("out/labels.csv", "beside:labels.csv"),
    ],
)
def test_an_entity_frame_is_found_again_after_a_move(tmp_path: Path, path: str, told: str) -> None:
    asked = Asked(entities=str(tmp_path / path))
    found = manifest._request(origin(tmp_path / "repo", asked), tmp_path / "out")

    assert found["entities"] == told
    moved = manifest.find_entities(told, Path("/new/repo"), Path("/new/out"))
    assert str(moved) == f"/new/{path}"


def test_a_frame_in_the_home_folder_is_told_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    asked = Asked(entities=str(tmp_path / "mine" / "labels.csv"))
    found = manifest._request(origin(tmp_path / "repo", asked), tmp_path / "out")

    assert found["entities"] == "~/mine/labels.csv"
    there = manifest.find_entities(found["entities"], tmp_path, tmp_path)
    assert there == tmp_path / "mine" / "labels.csv"


def test_a_frame_elsewhere_is_told_as_it_is(tmp_path: Path) -> None:
    asked = Asked(entities="/somewhere/labels.csv")
    found = manifest._request(origin(tmp_path, asked), tmp_path)

    assert found["entities"] == "/somewhere/labels.csv"
    assert manifest._request(origin(tmp_path, Asked(entities="-")), tmp_path)["entities"] == "-"


def test_passwords_are_masked_wherever_they_stand(tmp_path: Path) -> None:
    asked = Asked(sql=f"select '{STORE_URL}' as url")
    document = {
        "path": STORE_URL,
        "columns": {"a": STORE_URL},
        "list": [STORE_URL, 1, None],
    }

    texts = [
        manifest._request(origin(tmp_path, asked), tmp_path),
        manifest._masked(document),
        manifest._portable(f"SELECT '{STORE_URL}'", origin(tmp_path)),
    ]

    assert "s3cret" not in str(texts)
    assert str(texts).count("ada:***@") == 5


def test_sql_names_files_below_the_data_root_only(tmp_path: Path) -> None:
    root = tmp_path / "it's"
    text = f"READ_PARQUET(['{str(root / 'lake' / 'a.parquet').replace(chr(39), chr(39) * 2)}'])"

    assert manifest._portable(text, origin(root)) == "READ_PARQUET(['a.parquet'])"


def test_files_of_sources_are_told_below_the_data_root(tmp_path: Path) -> None:
    inside = tmp_path / "lake" / "a" / "b.parquet"

    assert manifest.relative(str(inside), str(tmp_path / "lake")) == "a/b.parquet"
    assert manifest.relative("/else/b.parquet", str(tmp_path)) == "/else/b.parquet"


def test_a_seal_fits_what_it_was_made_for_alone() -> None:
    document = manifest.sealed({"a": 1, "b": [1.5, None, "é"]})

    assert document["seal"] == manifest.seal(document)
    assert manifest.sealed(document) == document
    assert manifest.seal({**document, "a": 2}) != document["seal"]


def test_exact_types_come_back() -> None:
    schema = pa.schema(
        [("a", pa.dictionary(pa.int8(), pa.string())), ("b", pa.list_(pa.decimal128(9, 2)))],
        metadata={"pandas": "much"},
    )

    assert manifest.read_schema(manifest._schema(schema)) == schema.remove_metadata()


@pytest.mark.parametrize("text", ["", "AAAA", "no base64!", "/////w=="])
def test_what_is_no_schema_is_refused(text: str) -> None:
    with pytest.raises((ValueError, pa.ArrowException, OSError)):
        manifest.read_schema(text)


def test_git_is_told_as_commit_and_state() -> None:
    assert manifest.git_document("9c01d3e+dirty") == {"commit": "9c01d3e", "dirty": True}
    assert manifest.git_document("9c01d3e") == {"commit": "9c01d3e", "dirty": False}
    assert manifest.git_document("") is None
