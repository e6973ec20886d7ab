import codecs

import pytest
import yaml

VIEW = """
    sources:
      - {{name: orders, path: x, event_timestamp: t}}
    feature_views:
      - name: spend
        source: orders
        ttl: 1h
        features:
          a: {{type: {kind}, default: {text}}}
"""


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("string", "NO", "NO"),
        ("string", "012", "012"),
        ("string", "1:30", "1:30"),
        ("string", "2024-01-31", "2024-01-31"),
        ("string", "1e3", "1e3"),
        ("string", "null", "null"),
        ("string", "~", "~"),
        ("string", "'a: b'", "a: b"),
        ("string", '""', ""),
        ("float64", "1e3", 1000.0),
        ("float64", "NaN", "NaN"),
        ("float32", "0.1", 0.10000000149011612),
        ("int64", "-7", -7),
        ("int64", '"7"', 7),
        ("bool", "true", True),
        ("date", "2024-01-31", "2024-01-31"),
        ("timestamp", "2024-01-31", "2024-01-31T00:00:00Z"),
        ("timestamp", "2024-01-31T01:00:00+01:00", "2024-01-31T00:00:00Z"),
        ('"decimal(10,2)"', "1.50", "1.50"),
        ("bytes", "AAE=", "AAE="),
        ("list<int64>", "[1, 2]", [1, 2]),
        ("list<string>", "[]", []),
        ("list<bool>", "[true, false]", [True, False]),
    ],
)
def test_a_default_is_read_from_its_text_by_the_type(disk, kind, text, value) -> None:
    disk.write("features/a.yaml", VIEW.format(kind=kind, text=text))

    default = disk.load().views["spend"].features["a"].default

    assert default == value
    assert type(default) is type(value)


def test_texts_are_what_is_written(disk) -> None:
    disk.write(
        "features/a.yaml",
        """
        entities:
          - {name: NO, join_keys: {on: int64}, description: 1.0, owner: yes, tags: {y: 012, 1: 2e3}}
        """,
    )

    entity = disk.load().entities["NO"]

    assert dict(entity.join_keys) == {"on": "int64"}
    assert (entity.description, entity.owner) == ("1.0", "yes")
    assert entity.tags == {"y": "012", "1": "2e3"}


def test_blocks_and_quotes_are_texts_too(disk) -> None:
    disk.write(
        "features/a.yaml",
        """
        entities:
          - name: "user"
            join_keys:
              'user_id': "int64"
            description: >-
              one
              line
          - name: shop
            join_keys: {shop_id: int64}
            description: |
              two
              lines
        """,
    )

    entities = disk.load().entities

    assert entities["user"].description == "one line"
    assert entities["shop"].description == "two\nlines\n"


def test_the_order_of_features_and_join_keys_is_kept(disk) -> None:
    disk.write(
        "features/a.yaml",
        """
        entities:
          - {name: pair, join_keys: {z: int64, a: string}}
        sources:
          - {name: orders, path: x, event_timestamp: t}
        feature_views:
          - {name: spend, entities: [pair], source: orders, ttl: 1h, features: {y: int64, b: int64}}
        """,
    )

    repository = disk.load()

    assert list(repository.join_keys(repository.views["spend"])) == ["z", "a"]
    assert list(repository.views["spend"].features) == ["y", "b"]


def test_aliases_and_merge_keys(disk) -> None:
    disk.write(
        "features/a.yaml",
        """
        sources:
          - &orders {name: orders, path: x, event_timestamp: t, tags: &tags {tier: gold}}
          - <<: *orders
            name: returns
            path: y
        feature_views:
          - &spend
            name: spend
            source: orders
            ttl: 1h
            tags: *tags
            features: &features {amount: float64, n: int64}
          - <<: [{ttl: 2h, on_stale: serve}, *spend]
            name: returned
            source: returns
            features:
              <<: *features
              n: int32
              reason: string
        """,
    )

    repository = disk.load()

    assert repository.sources["returns"].document() == {
        **repository.sources["orders"].document(),
        "name": "returns",
        "path": "y",
    }
    returned = repository.views["returned"]
    assert (returned.on_stale, returned.ttl) == ("serve", 2 * 3_600_000_000)
    assert returned.tags == {"tier": "gold"}
    assert {name: each.type for name, each in returned.features.items()} == {
        "amount": "float64",
        "n": "int32",
        "reason": "string",
    }
    assert list(returned.features) == ["amount", "n", "reason"]


def test_an_error_in_a_scalar_alias_is_where_it_is_used(disk) -> None:
    disk.write(
        "features/a.yaml",
        """
        sources:
          - {name: orders, path: x, event_timestamp: t, description: &text soon}
        feature_views:
          - {name: spend, source: orders, ttl: *text, features: {n: int64}}
        """,
    )

    (error,) = disk.errors()

    assert str(error.location) == "features/a.yaml:4:40"
    assert error.message == 'ttl of view "spend": "soon" is not a duration'


def test_a_reference_of_a_wrong_shape_hides_no_other_error(disk) -> None:
    disk.write("features/a.yaml", VIEW.format(kind="int64", text="1"))
    disk.write(
        "features/b.yaml",
        """
        feature_services:
          - name: model
            features: [{view: spend, features: [{a: b}, c]}, {view: spend, join_keys: [a]}]
        """,
    )

    assert [error.message for error in disk.errors()] == [
        'item 1 of features of reference 1 of service "model" must be a text, not a mapping',
        'service "model" refers to feature "c" of view "spend", which is not defined',
        'join_keys of reference 2 of service "model" must be a mapping, not a list',
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing yet\n", "---\n", "---\n...\n---\n# x\n"])
def test_a_file_may_be_empty(disk, text) -> None:
    disk.write("features/a.yaml", text)

    assert list(disk.load().objects()) == []


def test_a_file_may_hold_several_documents(disk) -> None:
    disk.write(
        "features/a.yaml",
        """
        ---
        entities:
          - {name: user, join_keys: {user_id: int64}}
        ---
        entities:
          - {name: shop, join_keys: {shop_id: int64}}
        """,
    )

    assert sorted(disk.load().entities) == ["shop", "user"]


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_line_ends_and_byte_order_marks_move_no_error(disk, shown, mark, end) -> None:
    lines = [b"entities:", b"  - name: user", b"    join_keys: {user_id: text}", b""]
    disk.write("features/a.yaml", mark + end.join(lines))

    assert disk.screen().startswith(
        shown("""
            error[FC105] join key "user_id" of entity "user": "text" is not a type
              --> features/a.yaml:3:26
               |
             2 |   - name: user
             3 |     join_keys: {user_id: text}
               |                          ^^^^ did you mean "string"?
        """)
    )


def test_lines_are_counted_as_the_parser_counts_them(disk) -> None:
    disk.write("features/a.yaml", "# a\u2028# b\x85entities:\n  - nme: user\n")

    places = [str(error.location) for error in disk.errors()]

    assert places == ["features/a.yaml:4:5", "features/a.yaml:4:5"]


def test_a_file_that_is_not_utf8(disk, shown) -> None:
    disk.write("features/a.yaml", "entities: # größe\n".encode("latin-1"))
    disk.write("features/b.yaml", "entities: []\n".encode("utf-16"))

    assert disk.screen() == shown("""
        error[FC109] the file is not in UTF-8: byte 0xf6
          --> features/a.yaml:1:15
           |
         1 | entities: # gr\ufffd\ufffde
           |               ^
           = help: save it in UTF-8

        error[FC109] the file is in UTF-16, not in UTF-8
          --> features/b.yaml:1:1
           = help: save it in UTF-8
    """)


def test_without_the_c_loader_the_same_is_read(disk, monkeypatch) -> None:
    monkeypatch.setattr("featurectl.repo.yaml_parser._LOADER", yaml.SafeLoader)
    disk.write("features/a.yaml", VIEW.format(kind="string", text="NO"))
    disk.write("features/b.yaml", "entities: &a [*a]\n")

    assert [error.code for error in disk.errors()] == ["FC116"]
    (disk.root / "features/b.yaml").unlink()
    assert disk.load().views["spend"].features["a"].default == "NO"
