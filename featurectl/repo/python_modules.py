"""Python files of the repository as modules, each run once, and gone again when all are loaded.

Files may import each other: from the importing file's own folder, from the root of the repository,
or relatively. Only they can: a library that imports ``calendar`` never gets a file of that name,
and for them too a module of the standard library wins. Nothing stays in ``sys.modules``, so that
two repositories in one process don't mix.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from featurectl.repo.text_file import read_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import FrameType

    from typing_extensions import Self

    from featurectl.repo.text_file import TextFile

_TOP = "_repository"  # what the names of files that are loaded directly begin with


class RepoModules(MetaPathFinder, Loader):
    """The modules of one load; a context in which their imports work.

    ``failed`` is called with the path, the exception, and the paths of the files that were being
    run, outermost first, once for each file that did not run to its end.
    """

    def __init__(
        self,
        root: Path,
        paths: Iterable[Path],
        failed: Callable[[Path, BaseException, Sequence[Path]], None],
    ) -> None:
        self.root = root
        self.files: dict[str, TextFile] = {}  # by what code objects and tracebacks call them
        self._failed = failed
        self._folders = {folder for path in paths for folder in path.parents}
        self._specs: dict[Path, ModuleSpec] = {}
        self._modules: dict[Path, ModuleType] = {}
        self._failures: dict[Path, BaseException] = {}
        self._running: list[Path] = []
        self._path: list[str] = []
        self._names: set[str] = set()  # what was given a place in sys.modules

    def __enter__(self) -> Self:
        sys.meta_path.insert(0, self)
        self._path = list(sys.path)
        return self

    def __exit__(self, *_error: object) -> None:
        sys.meta_path.remove(self)
        sys.path[:] = self._path  # a file may have added to it
        self._take_out()

    def load(self, path: Path) -> None:
        """Run the file, unless an import of another one has done it."""
        with suppress(Exception, SystemExit):  # it was handed to ``failed``
            self._module(path.resolve())

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The file that a name means to the file that imports it; None for what is not ours."""
        name = fullname.rpartition(".")[2]
        if path is not None:
            return self._in_folders(
                fullname, name, [f for f in map(Path, path) if self._is_ours(f)]
            )
        if fullname == _TOP:
            return self._folder_spec(fullname, self.root)
        importer = self._importer()
        if importer is None or fullname in sys.stdlib_module_names:
            return None
        return self._in_folders(fullname, name, [importer.parent, self.root])

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """The module that the file is, under whichever name it was asked for."""
        return self._module(Path(spec.origin)) if spec.origin else None

    def exec_module(self, module: ModuleType) -> None:
        """It was run when it was created; only the one spec that it was run under is its own."""
        if module.__spec__ and module.__spec__.origin:
            module.__spec__ = self._specs[Path(module.__spec__.origin)]

    def _module(self, path: Path) -> ModuleType:
        """The module of a file: the one there is, also one that is still being run."""
        if path in self._failures:
            raise self._failures[path]
        if path not in self._modules:
            parts = path.relative_to(self.root).with_suffix("").parts
            names = parts[:-1] if parts[-1] == "__init__" else parts
            spec = self._file_spec(".".join((_TOP, *names)), path)
            self._run(path, spec, ModuleType(spec.name))
        return self._modules[path]

    def _run(self, path: Path, spec: ModuleSpec, module: ModuleType) -> None:
        """Run the file, with none of the other files' modules in sight.

        Otherwise ``import shared`` would give the ``shared`` of another folder's file.
        """
        _initialize(module, spec)
        self._specs[path] = spec
        self._modules[path] = module
        self._running.append(path)
        others = self._take_out()
        sys.modules[spec.name] = module
        try:
            exec(self._compile(path), module.__dict__)  # noqa: S102 - definition files are code
        except (Exception, SystemExit) as error:
            del self._modules[path]
            if not any(error is other for other in self._failures.values()):
                self._failed(path, error, tuple(self._running))
            self._failures[path] = error
            raise
        finally:
            self._running.pop()
            self._take_out()
            sys.modules.update(others)

    def _compile(self, path: Path) -> Any:
        file = read_text(path, path.relative_to(self.root).as_posix())
        self.files[str(path)] = file
        return compile(file.text, str(path), "exec", dont_inherit=True)

    def _in_folders(self, fullname: str, name: str, folders: Iterable[Path]) -> ModuleSpec | None:
        for folder in folders:
            for path in (folder / name / "__init__.py", folder / f"{name}.py"):
                if path.is_file() and self._is_ours(path):
                    return self._file_spec(fullname, path.resolve())
            if (folder / name).is_dir() and self._may_be_package(fullname, folder / name):
                return self._folder_spec(fullname, folder / name)
        return None

    def _may_be_package(self, fullname: str, folder: Path) -> bool:
        """A folder without ``__init__.py`` is one if it has definitions, or nothing else is."""
        if folder in self._folders or "." in fullname:
            return True
        installed = PathFinder.find_spec(fullname)
        return installed is None or installed.origin is None

    def _is_ours(self, path: Path) -> bool:
        return path.resolve().is_relative_to(self.root)

    def _file_spec(self, name: str, path: Path) -> ModuleSpec:
        self._names.add(name)
        is_package = path.name == "__init__.py"
        spec = spec_from_file_location(
            name,
            path,
            loader=self,
            submodule_search_locations=[str(path.parent)] if is_package else None,
        )
        if spec is None:
            raise ImportError(f"no module in {path}")
        return spec

    def _importer(self) -> Path | None:
        """The file of ours whose import statement is being run, if it is one of ours."""
        frame: FrameType | None = sys._getframe(2)  # noqa: SLF001 - the only way to tell
        while frame is not None and _is_importlib(frame):
            frame = frame.f_back
        name = frame.f_code.co_filename if frame else ""
        return Path(name) if name in self.files else None

    def _folder_spec(self, name: str, folder: Path) -> ModuleSpec:
        self._names.add(name)
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
        return spec

    def _take_out(self) -> dict[str, ModuleType]:
        """Remove our modules from ``sys.modules``, and return them."""
        return {name: sys.modules.pop(name) for name in self._names if name in sys.modules}


def _is_importlib(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__")).partition(".")[0] == "importlib"


def _initialize(module: ModuleType, spec: ModuleSpec) -> None:
    """What the import system sets of a module before it is run."""
    module.__spec__ = spec
    module.__loader__ = spec.loader
    module.__package__ = spec.parent
    module.__file__ = spec.origin
    if spec.submodule_search_locations is not None:
        module.__path__ = spec.submodule_search_locations
