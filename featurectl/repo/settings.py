"""Where each value of a configuration comes from, and whether it is a value at all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from featurectl.definitions.duration import parse_duration
from featurectl.definitions.repository import PROJECT_PATTERN
from featurectl.definitions.url import mask_url
from featurectl.errors import DefinitionError, did_you_mean
from featurectl.repo.config_file import CONFIG_NAME, Setting
from featurectl.repo.offline_config import (
    ENGINES,
    NOT_YET,
    OfflineConfig,
    read_memory_limit,
    read_threads,
)
from featurectl.repo.variables import expand

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from featurectl.errors import FeaturectlError, Location
    from featurectl.repo.config_file import ConfigFile

_DEFAULT_ENV = "dev"
_DEFAULTS = {
    "registry": ".featurectl/registry.db",
    "online": ".featurectl/online.db",
    "data_root": ".",
}
_DEFAULT_DEFINITIONS = ("features/",)
DEFAULT_GRACE_US = parse_duration("24h")

_PROJECT = re.compile(PROJECT_PATTERN)
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
_ZERO = re.compile(r"0{1,9}[smhdw]")
_ALMOST_A_VARIABLE = re.compile(r"\$[A-Za-z_][A-Za-z0-9_]*")
_ALMOST_A_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:(?!//)")  # a drive is one letter


class Settings:
    """The values of one environment, asked for one by one.

    What is wrong is added to ``errors``, and the default is given in its stead, so that one run
    finds all of it.
    """

    def __init__(
        self, read: ConfigFile, environ: Mapping[str, str], options: Mapping[str, str | None]
    ) -> None:
        self.errors: list[FeaturectlError] = list(read.errors)
        self.origins: dict[str, str] = {}
        self.places: dict[str, Location] = {}
        self._read = read
        self._environ = environ
        self._options = options
        self.env = self._environment()

    def project(self) -> str:
        """The project's name, which prefixes every key in a shared store."""
        setting = self._read.top.get("project")
        if setting is None:
            meant = any(error.caret == 'did you mean "project"?' for error in self._read.errors)
            if ("project",) not in self._read.keys and not meant:
                self.errors.append(_no_project(self._read))
            return ""
        self._setting("project")
        return str(self._checked("project", setting, _project))

    def store(self, key: str) -> str:
        """The URL or path of the registry or the online store."""
        given = self._given(key)
        if given is not None:
            self._check_given(key, given)
            return given
        return self._text(key, _store)

    def data_root(self) -> str:
        """What relative paths of sources begin at, relative to the repository."""
        return self._text("data_root", str)

    def grace_us(self) -> int:
        """How long what nothing reads any more is kept, in microseconds; 0 is not at all."""
        setting = self._setting("grace")
        return DEFAULT_GRACE_US if setting is None else self._checked("grace", setting, _grace) or 0

    def promote_from(self) -> str | None:
        """The environment whose filled data are taken over; None where nothing is."""
        setting = self._setting("promote_from")
        if setting is None:
            return None
        known = {_DEFAULT_ENV, *self._read.env_names} - {self.env}

        def other(text: str) -> str:
            if text == self.env:
                raise ValueError("is the env itself; name the one that is promoted from")
            if text not in known:
                raise _no_env(setting.text, "flag", known, at=setting.location)
            return text

        return self._checked("promote_from", setting, other) or None

    def offline(self) -> OfflineConfig:
        """The engine and its limits."""
        setting = self._setting("offline")
        if setting is None:
            return OfflineConfig()
        given = {"engine": setting} if isinstance(setting, Setting) else setting
        fields: dict[str, Any] = {}
        for key, read in _OFFLINE.items():
            if key in given:
                fields[key] = self._checked(f"offline.{key}", given[key], read)
        return OfflineConfig(**{key: value for key, value in fields.items() if value})

    def definitions(self) -> tuple[str, ...]:
        """Files and folders with definitions, relative to the repository."""
        settings = self._setting("definitions")
        if settings is None:
            return _DEFAULT_DEFINITIONS
        return tuple(
            self._checked(f"definitions.{index}", setting, str)
            for index, setting in enumerate(settings)
        )

    def default_owner(self) -> str:
        """The owner of what names none."""
        owner = self._default("owner")
        return "" if owner is None else str(self._checked("default_owner", owner, str))

    def default_tags(self) -> dict[str, str]:
        """The tags of everything, under its own."""
        tags = self._default("tags") or {}
        return {key: self._checked(f"default_tags.{key}", tags[key], str) for key in tags}

    def _environment(self) -> str:
        for name in sorted(self._read.env_names):
            if not _ENV_NAME.fullmatch(name):
                self.errors.append(_bad_env_name(name, self._read))
        given = self._given("env")
        if given is None:
            self.origins["env"] = "default"
            return _DEFAULT_ENV
        known = {_DEFAULT_ENV, *self._read.env_names}
        if given not in known:
            self.errors.append(_no_env(given, self.origins["env"], known))
        return given

    def _given(self, key: str) -> str | None:
        """The value of the option or of ``FEATURECTL_…``; an empty variable is none."""
        option = self._options.get(key)
        if option is not None:
            self.origins[key] = "flag"
            return option
        variable = f"FEATURECTL_{key.upper()}"
        if self._environ.get(variable):
            self.origins[key] = variable
            return self._environ[variable]
        return None

    def _check_given(self, key: str, given: str) -> None:
        try:
            _store(given)
        except ValueError as error:
            said, _, remark = str(error).partition("; ")
            origin = f"--{key}" if self.origins[key] == "flag" else self.origins[key]
            message = f'{origin}: "{mask_url(given)}" {said}'
            self.errors.append(DefinitionError("FC122", message, help=[remark]))

    def _setting(self, key: str) -> Any:
        own = key in self._read.envs.get(self.env, {})
        found = self._read.envs[self.env][key] if own else self._read.top.get(key)
        if found is None:
            self.origins[key] = "default"
            return None
        at = self._read.keys[("envs", self.env, key) if own else (key,)]
        self.origins[key] = (f"envs.{self.env}, " if own else "") + f"{CONFIG_NAME}:{at.line}"
        self.places[key] = at
        return found

    def _default(self, key: str) -> Any:
        found = self._read.top.get("defaults", {}).get(key)
        at = self._read.keys.get(("defaults", key))
        if found is None or at is None:
            self.origins[f"default_{key}"] = "default"
            return None
        self.origins[f"default_{key}"] = f"{CONFIG_NAME}:{at.line}"
        self.places[f"default_{key}"] = at
        return found

    def _text(self, key: str, read: Callable[[str], str]) -> str:
        setting = self._setting(key)
        return _DEFAULTS[key] if setting is None else self._checked(key, setting, read)

    def _checked(self, key: str, setting: Setting, read: Callable[[str], Any]) -> Any:
        """What ``read`` makes of the setting's text; an empty text when it is refused."""
        self.places[key] = setting.location
        try:
            return read(expand(setting, self._environ, self._read.file))
        except DefinitionError as error:
            self.errors.append(error)
        except ValueError as error:
            self.errors.append(_bad_value(key, setting, str(error)))
        return ""


def _project(text: str) -> str:
    if not _PROJECT.fullmatch(text):
        raise ValueError("is not a name; write a-z, 0-9 and _, a letter first, 63 at most")
    return text


def _store(text: str) -> str:
    if not text:
        raise ValueError("is empty; write a path or a URL")
    if _ALMOST_A_VARIABLE.fullmatch(text):
        raise ValueError(f"is no variable; write ${{{text[1:]}}}")
    if _ALMOST_A_URL.match(text):
        raise ValueError("is not a URL; write NAME://…, or a path")
    return text


def _grace(text: str) -> int:
    if _ZERO.fullmatch(text):
        return 0
    try:
        return parse_duration(text)
    except ValueError:
        raise ValueError("is not a duration; write a number and s, m, h, d or w: 24h") from None


def _engine(text: str) -> str:
    if text in NOT_YET:
        raise ValueError("is not supported yet")
    if text not in ENGINES:
        raise ValueError(f"is not an engine; engines: {', '.join(ENGINES)}")
    return text


_OFFLINE: Mapping[str, Callable[[str], Any]] = {
    "engine": _engine,
    "memory_limit": read_memory_limit,
    "threads": read_threads,
}


def _bad_value(key: str, setting: Setting, problem: str) -> DefinitionError:
    """FC105 (FC106, FC122), showing the text of the file, never what a variable made of it."""
    said, _, remark = problem.partition("; ")
    code = "FC122" if key in ("registry", "online") else "FC105"
    is_note = remark.startswith("engines:")
    return DefinitionError(
        "FC106" if said.endswith("not supported yet") else code,
        f'{key}: "{mask_url(setting.text)}" {said}',
        location=setting.location,
        caret=did_you_mean(setting.text, ENGINES) if is_note else "",
        notes=[remark] if is_note else [],
        help=[remark] if remark and not is_note else [],
    )


def _no_project(read: ConfigFile) -> DefinitionError:
    return DefinitionError(
        "FC104",
        f'{CONFIG_NAME} lacks the key "project"',
        location=read.file.location(1, 1),
        help=["name the project: its keys in a shared store begin with that name"],
    )


def _bad_env_name(name: str, read: ConfigFile) -> DefinitionError:
    return DefinitionError(
        "FC105",
        f'"{name}" is not a name',
        location=read.keys.get(("envs", name)),
        notes=["names are letters, digits and _, and do not begin with a digit"],
    )


def _no_env(
    name: str, origin: str, known: set[str], *, at: Location | None = None
) -> DefinitionError:
    return DefinitionError(
        "FC120",
        f'there is no env "{name}"',
        location=at,
        caret=did_you_mean(name, known),
        notes=[
            *([f"it comes from {origin}"] if origin != "flag" else []),
            f"envs: {', '.join(sorted(known))}",
        ],
        help=[f"add it to {CONFIG_NAME} under envs"],
    )
