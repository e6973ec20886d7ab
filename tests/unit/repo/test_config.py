import subprocess
import sys
from pathlib import Path

import pytest

from featurectl.errors import DefinitionError
from featurectl.repo.config import OfflineConfig, load_config

FULL = """
    project: flights
    registry: state/registry.db
    online: state/online.db
    offline: {engine: duckdb, memory_limit: 4GB, threads: 4}
    definitions: [features/, more.yaml]
    defaults: {owner: data@example.com, tags: {tier: gold, level: 1}}
    envs:
      prod: {registry: "${REGISTRY_URL}", online: "${REDIS_URL:-redis://db}", data_root: /lake}
      stage: {offline: duckdb}
"""


def test_every_key_is_read(disk) -> None:
    disk.write("featurectl.yaml", FULL)

    config = disk.config()

    assert (config.root, config.project, config.env) == (disk.root, "flights", "dev")
    assert (config.registry, config.online) == ("state/registry.db", "state/online.db")
    assert config.offline == OfflineConfig("duckdb", "4GB", 4)
    assert config.definitions == ("features/", "more.yaml")
    assert config.default_owner == "data@example.com"
    assert config.default_tags == {"tier": "gold", "level": "1"}
    assert config.data_root == disk.root


def test_a_project_is_enough(disk) -> None:
    config = disk.config()

    assert (config.registry, config.online) == (".featurectl/registry.db", ".featurectl/online.db")
    assert config.offline == OfflineConfig()
    assert config.definitions == ("features/",)
    assert (config.default_owner, config.default_tags) == ("", {})


def test_an_environment_replaces_what_stands_at_the_top(disk) -> None:
    disk.write("featurectl.yaml", FULL)

    config = disk.config(env="prod", environ={"REGISTRY_URL": "postgresql://db/features"})

    assert config.registry == "postgresql://db/features"
    assert config.online == "redis://db"
    assert config.data_root == Path("/lake")
    assert config.offline == OfflineConfig("duckdb", "4GB", 4)
    assert disk.config(env="stage").offline == OfflineConfig("duckdb")


def test_an_option_wins_over_a_variable_and_that_over_the_file(disk) -> None:
    disk.write("featurectl.yaml", FULL)
    environ = {"FEATURECTL_ENV": "prod", "FEATURECTL_ONLINE": "redis://b/0", "REGISTRY_URL": "r.db"}

    by_variable = disk.config(environ=environ)
    by_option = disk.config(environ=environ, env="stage", online="redis://a/0", registry="x.db")

    assert (by_variable.env, by_variable.online, by_variable.registry) == (
        "prod",
        "redis://b/0",
        "r.db",
    )
    assert (by_option.env, by_option.online, by_option.registry) == ("stage", "redis://a/0", "x.db")


def test_an_empty_variable_of_ours_is_none(disk) -> None:
    config = disk.config(environ={"FEATURECTL_ENV": "", "FEATURECTL_ONLINE": ""})

    assert (config.env, config.online) == ("dev", ".featurectl/online.db")


def test_each_value_knows_its_origin(disk) -> None:
    disk.write("featurectl.yaml", FULL)

    config = disk.config(
        env="prod", environ={"FEATURECTL_REGISTRY": "r.db", "REDIS_URL": "redis://:pw@db/0"}
    )

    assert config.origins == {
        "project": "featurectl.yaml:1",
        "env": "flag",
        "registry": "FEATURECTL_REGISTRY",
        "online": "envs.prod, featurectl.yaml:8",
        "offline": "featurectl.yaml:4",
        "definitions": "featurectl.yaml:5",
        "default_owner": "featurectl.yaml:6",
        "default_tags": "featurectl.yaml:6",
        "data_root": "envs.prod, featurectl.yaml:8",
        "grace": "default",
        "promote_from": "default",
    }
    assert str(config.places["online"]) == "featurectl.yaml:8:47"
    assert disk.config(environ={}).origins["env"] == "default"


def test_the_repository_is_found_from_inside_of_it(disk) -> None:
    inside = disk.root / "features" / "deep"
    inside.mkdir()

    assert load_config(inside, environ={}).root == disk.root
    assert load_config(disk.root / "featurectl.yaml", environ={}).root == disk.root


def test_no_repository(tmp_path) -> None:
    with pytest.raises(DefinitionError) as caught:
        load_config(tmp_path, environ={})

    assert caught.value.render().splitlines() == [
        f"error[FC110] no featurectl.yaml in {tmp_path} or any folder above it",
        "  help: go to the repository's folder, or name it: featurectl --repo DIR",
        "  help: make a new repository: featurectl init",
    ]


def test_no_such_folder_and_the_other_suffix_are_told(tmp_path) -> None:
    (tmp_path / "featurectl.yml").write_text("project: x\n")

    with pytest.raises(DefinitionError) as other_suffix:
        load_config(tmp_path, environ={})
    with pytest.raises(DefinitionError) as no_folder:
        load_config(tmp_path / "nowhere", environ={})

    assert other_suffix.value.help == (f"rename {tmp_path / 'featurectl.yml'} to featurectl.yaml",)
    assert no_folder.value.message == f"there is no folder {tmp_path / 'nowhere'}"


def test_a_variable_is_needed_only_where_its_value_is(disk, shown) -> None:
    disk.write("featurectl.yaml", 'project: shop\nenvs:\n  prod: {registry: "db/${NAME}.db"}\n')

    assert disk.config().registry == ".featurectl/registry.db"
    assert disk.config(env="prod", registry="x.db").registry == "x.db"
    assert disk.config_screen(env="prod") == shown("""
        error[FC121] the environment variable NAME is not set
          --> featurectl.yaml:3:24
           |
         2 | envs:
         3 |   prod: {registry: "db/${NAME}.db"}
           |                        ^^^^^^^
           = help: set it, or write what stands for it: ${NAME:-default}
    """)


def test_a_variable_that_is_empty_is_no_store(disk, shown) -> None:
    disk.write("featurectl.yaml", 'project: shop\nonline: "${REDIS_URL}"\n')

    assert disk.config_screen(environ={"REDIS_URL": ""}) == shown("""
        error[FC122] online: "${REDIS_URL}" is empty
          --> featurectl.yaml:2:9
           |
         1 | project: shop
         2 | online: "${REDIS_URL}"
           |         ^^^^^^^^^^^^^^
           = help: write a path or a URL
    """)


def test_a_default_stands_for_a_variable_that_is_empty_too(disk) -> None:
    disk.write("featurectl.yaml", "project: shop\nonline: a-${X:-b}-${Y:-}-${Z}\n")

    assert disk.config(environ={"X": "", "Z": "c"}).online == "a-b--c"


@pytest.mark.parametrize("text", ["${A-b}", "${}", "${1A}", "x${A"])
def test_only_two_forms_of_variables_exist(disk, text) -> None:
    disk.write("featurectl.yaml", f"project: shop\nonline: '{text}'\n")

    assert "is no variable" in disk.config_screen(environ={"A": "x"})


def test_an_unknown_environment(disk, shown) -> None:
    disk.write("featurectl.yaml", FULL)

    assert disk.config_screen(env="prd") == shown("""
        error[FC120] there is no env "prd"
          help: did you mean "prod"?
          note: envs: dev, prod, stage
          help: add it to featurectl.yaml under envs
    """)
    assert "it comes from FEATURECTL_ENV" in disk.config_screen(environ={"FEATURECTL_ENV": "x"})
    assert disk.config(env="dev").env == "dev"


def test_everything_that_is_wrong_is_told_at_once(disk, shown) -> None:
    disk.write(
        "featurectl.yaml",
        """
        projct: shop
        online: redis:/db
        offline: {engine: duckdbb, memory_limit: 4, threads: 0, cores: 2}
        definitions: features/
        defaults: {owner: [a], tag: {a: b}}
        envs:
          prod: {onlin: 3, data_root: }
          1st: {}
        """,
    )

    assert disk.config_screen() == shown("""
        error[FC103] unknown key "projct"
          --> featurectl.yaml:1:1
           |
         1 | projct: shop
           | ^^^^^^ did you mean "project"?

        error[FC122] online: "redis:/db" is not a URL
          --> featurectl.yaml:2:9
           |
         1 | projct: shop
         2 | online: redis:/db
           |         ^^^^^^^^^
           = help: write NAME://…, or a path

        error[FC105] offline.engine: "duckdbb" is not an engine
          --> featurectl.yaml:3:19
           |
         2 | online: redis:/db
         3 | offline: {engine: duckdbb, memory_limit: 4, threads: 0, cores: 2}
           |                   ^^^^^^^ did you mean "duckdb"?
           = note: engines: duckdb

        error[FC105] offline.memory_limit: "4" is not a size
          --> featurectl.yaml:3:42
           |
         2 | online: redis:/db
         3 | offline: {engine: duckdbb, memory_limit: 4, threads: 0, cores: 2}
           |                                          ^
           = help: write a number and KB, MB, GB or TB: 4GB

        error[FC105] offline.threads: "0" is not a number of threads
          --> featurectl.yaml:3:54
           |
         2 | online: redis:/db
         3 | offline: {engine: duckdbb, memory_limit: 4, threads: 0, cores: 2}
           |                                                      ^
           = help: write a whole number, 1 to 1024

        error[FC103] unknown key "cores"
          --> featurectl.yaml:3:57
           |
         2 | online: redis:/db
         3 | offline: {engine: duckdbb, memory_limit: 4, threads: 0, cores: 2}
           |                                                         ^^^^^
           = note: keys of "offline": engine, memory_limit, threads

        error[FC105] "definitions" must be a list, not a text
          --> featurectl.yaml:4:14
           |
         3 | offline: {engine: duckdbb, memory_limit: 4, threads: 0, cores: 2}
         4 | definitions: features/
           |              ^^^^^^^^^
           = help: write definitions: [features/]

        error[FC105] "owner" must be a text, not a list
          --> featurectl.yaml:5:19
           |
         4 | definitions: features/
         5 | defaults: {owner: [a], tag: {a: b}}
           |                   ^^^

        error[FC103] unknown key "tag"
          --> featurectl.yaml:5:24
           |
         4 | definitions: features/
         5 | defaults: {owner: [a], tag: {a: b}}
           |                        ^^^ did you mean "tags"?

        error[FC103] unknown key "onlin"
          --> featurectl.yaml:7:10
           |
         6 | envs:
         7 |   prod: {onlin: 3, data_root: }
           |          ^^^^^ did you mean "online"?

        error[FC105] "data_root" needs a value
          --> featurectl.yaml:7:20
           |
         6 | envs:
         7 |   prod: {onlin: 3, data_root: }
           |                    ^^^^^^^^^
           = help: write one, or remove it

        error[FC105] "1st" is not a name
          --> featurectl.yaml:8:3
           |
         7 |   prod: {onlin: 3, data_root: }
         8 |   1st: {}
           |   ^^^
           = note: names are letters, digits and _, and do not begin with a digit
    """)


def test_how_long_data_are_kept_is_a_duration_and_may_be_zero(disk) -> None:
    disk.write(
        "featurectl.yaml",
        """
        project: shop
        grace: 2d
        envs: {prod: {grace: "${GRACE:-7d}"}, stage: {}}
        """,
    )

    def grace(env: str, **environ: str) -> int:
        return disk.config(env=env, environ=environ).grace_us // 3_600_000_000

    assert (grace("dev"), grace("stage"), grace("prod")) == (48, 48, 7 * 24)
    assert (grace("prod", GRACE="12h"), grace("prod", GRACE="0s")) == (12, 0)
    assert disk.config(env="prod").origins["grace"] == "envs.prod, featurectl.yaml:3"


def test_data_are_kept_for_a_day_unless_something_else_is_said(disk) -> None:
    assert disk.config().grace_us == 24 * 3_600_000_000


@pytest.mark.parametrize("text", ["1", "1.5h", "-1h", "none", "1000000000d", "99999999999s"])
def test_a_bad_grace_time(disk, text) -> None:
    disk.write("featurectl.yaml", f"project: shop\ngrace: {text}\n")

    screen = disk.config_screen()

    assert f'error[FC105] grace: "{text}" is not a duration\n  --> featurectl.yaml:2:8' in screen
    assert "help: write a number and s, m, h, d or w: 24h" in screen


def test_an_environment_may_be_promoted_from_another_one(disk) -> None:
    disk.write(
        "featurectl.yaml",
        """
        project: shop
        envs: {prod: {promote_from: dev}, stage: {promote_from: "${FROM}"}}
        """,
    )

    prod = disk.config(env="prod")

    assert (prod.promote_from, prod.origins["promote_from"]) == (
        "dev",
        "envs.prod, featurectl.yaml:2",
    )
    assert disk.config(env="stage", environ={"FROM": "prod"}).promote_from == "prod"
    assert disk.config(env="dev").promote_from is None


def test_an_environment_is_promoted_from_another_one_that_exists(disk, shown) -> None:
    disk.write(
        "featurectl.yaml",
        """
        project: shop
        envs:
          prod: {promote_from: prod}
          stage: {promote_from: prot}
        """,
    )

    assert disk.config_screen(env="prod") == shown("""
        error[FC105] promote_from: "prod" is the env itself
          --> featurectl.yaml:3:24
           |
         2 | envs:
         3 |   prod: {promote_from: prod}
           |                        ^^^^
           = help: name the one that is promoted from
    """)
    assert disk.config_screen(env="stage") == shown("""
        error[FC120] there is no env "prot"
          --> featurectl.yaml:4:25
           |
         3 |   prod: {promote_from: prod}
         4 |   stage: {promote_from: prot}
           |                         ^^^^ did you mean "prod"?
           = note: envs: dev, prod
           = help: add it to featurectl.yaml under envs
    """)
    assert disk.config(env="dev").promote_from is None


def test_a_whole_repository_is_promoted_from_nothing(disk) -> None:
    disk.write("featurectl.yaml", "project: shop\npromote_from: dev\n")

    assert 'error[FC103] unknown key "promote_from"' in disk.config_screen()


@pytest.mark.parametrize("name", ["Flights", "9lives", "a-b", "über", "a" * 64])
def test_a_project_has_a_plain_name(disk, name) -> None:
    disk.write("featurectl.yaml", f"project: {name}\n")

    assert disk.config_screen().splitlines()[0] == f'error[FC105] project: "{name}" is not a name'


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "registry: x.db\n"])
def test_a_project_must_have_a_name(disk, text) -> None:
    disk.write("featurectl.yaml", text)

    assert 'error[FC104] featurectl.yaml lacks the key "project"' in disk.config_screen()


def test_other_engines_are_not_ignored(disk) -> None:
    disk.write("featurectl.yaml", "project: shop\noffline: spark\n")

    assert 'error[FC106] offline.engine: "spark" is not supported yet' in disk.config_screen()


def test_broken_yaml_of_the_configuration(disk, shown) -> None:
    disk.write("featurectl.yaml", "project: shop\nonline: {\n")

    assert disk.config_screen() == shown("""
        error[FC101] broken YAML: the file ends while parsing a flow node
          --> featurectl.yaml:2:10
           |
         1 | project: shop
         2 | online: {
           |          ^
    """)


def test_the_configuration_is_one_mapping(disk) -> None:
    disk.write("featurectl.yaml", "- project: shop\n")
    as_list = disk.config_screen()
    disk.write("featurectl.yaml", "project: shop\n---\nproject: other\n")
    as_two = disk.config_screen()

    assert as_list.startswith("error[FC105] featurectl.yaml must be a mapping, not a list")
    assert as_two.startswith("error[FC105] featurectl.yaml must be one document")


def test_a_secret_is_in_no_error(disk) -> None:
    disk.write(
        "featurectl.yaml",
        """
        project: ${SECRET}
        registry: "postgres:/ada:hunter2@db"
        online: "${URL}"
        offline: {memory_limit: "${SECRET}", threads: "${SECRET}", engine: "${SECRET}"}
        data_root: {x: "redis://:hunter2@db/0"}
        grace: "${SECRET}"
        envs: {stage: {promote_from: "${SECRET}"}, prod: {online: "redis://:hunter2@db/0", onlin: "rediss://db?password=hunter2"}}
        """,
    )
    environ = {"SECRET": "hunter2", "URL": "redis:hunter2"}

    screen = disk.config_screen(environ=environ)
    by_option = disk.config_screen(environ=environ, online="redis:ada:hunter2@db")
    by_env = disk.config_screen(environ=environ, env="stage")

    assert screen.count("error[FC") >= 7
    assert "hunter2" not in screen
    assert "hunter2" not in by_option
    assert "hunter2" not in by_env


def test_reading_the_configuration_loads_nothing_slow() -> None:
    code = "import sys, featurectl.repo.config; print(*sys.modules, sep='\\n')"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )

    slow = {
        "pydantic",
        "duckdb",
        "pyarrow",
        "sqlglot",
        "rich",
        "redis",
        "numpy",
        "importlib.metadata",
    }
    assert not slow & set(loaded.stdout.split())
