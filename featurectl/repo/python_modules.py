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
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any

from featurectl.repo.text_file import read_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import FrameType, ModuleType, TracebackType

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
        self._modules: dict[Path, ModuleType] = {}
        self._failures: dict[Path, BaseException] = {}
        self._running: list[Path] = []
        self._names: set[str] = set()  # what was given a place in sys.modules

    def __enter__(self) -> Self:
        sys.meta_path.insert(0, self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        sys.meta_path.remove(self)
        self._take_out()

    def load(self, path: Path) -> None:
        """Run the file, unless an import of another one has done it."""
        path = path.resolve()
        if path in self._modules or path in self._failures:
            return
        parts = path.relative_to(self.root).with_suffix("").parts
        names = parts[:-1] if parts[-1] == "__init__" else parts
        spec = self._file_spec(".".join((_TOP, *names)), path)
        module = module_from_spec(spec)
        sys.modules[spec.name] = module
        with suppress(Exception, SystemExit):  # it was handed to ``failed``
            self.exec_module(module)

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
        """The module that the file became already, under whichever name; else a new one."""
        return self._modules.get(Path(spec.origin)) if spec.origin else None

    def exec_module(self, module: ModuleType) -> None:
        """Run the file, with none of the other files' modules in sight.

        Otherwise ``import shared`` would give the ``shared`` of another folder's file.
        """
        path = Path(str(module.__spec__.origin)) if module.__spec__ else Path()
        if path in self._failures:
            raise self._failures[path]
        if path in self._modules:
            return
        self._modules[path] = module
        self._running.append(path)
        others = self._take_out()
        sys.modules[module.__name__] = module
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
            sys.modules[module.__name__] = module

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
