"""The Python modules of a project: which files can be imported, and under which names.

A module is what `import` finds: each `.py` file of a package, the package itself (its `__init__`), and a single file
beside packages. Names are those that the project's own code would use. The rules within a regular package are grimp's,
so that the count can be compared: a folder without `__init__.py` inside one is left out, and so is a file with two dots
in its name. There is one exception. If modules of the package import from such folders, and these hold more than a
tenth of its modules, then that is how the project is built, and they count as the namespace packages that Python makes
of them; fewer are passed over as grimp passes them over, and named.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from prefect_harmonic.tasks.agents.code_analyzer.survey import Folder, Survey, joined
from prefect_harmonic.tasks.project_files import content

_BASES = frozenset({"src", "lib", "python"})
_MARKERS = frozenset({"pyproject.toml", "setup.py", "setup.cfg", "manage.py", "requirements.txt", "Pipfile"})
_APART = frozenset(
    {"tests", "test", "testing", "docs", "doc", "examples", "example", "samples", "benchmarks", "benchmark", "fixtures"}
)
_TOOLING = frozenset({"scripts", "script", "tools", "bin", "ci", "hack", "notebooks"})
_SCRIPTS = frozenset({"__init__.py", "__main__.py", "setup.py", "conftest.py", "noxfile.py", "fabfile.py", "dodo.py"})
_TEST = re.compile(r"(^|/)(tests?|testing|specs?)/|(^|/)(test_[^/]*|[^/]*_test|conftest)\.py$")
_TEST_FILE = re.compile(r"(^|/)(test_[^/]*|[^/]*_test|conftest)\.py$")
_FEW = 1 / 9  # of the other modules: a tenth of all
_ROOT_NAMES = re.compile(rb"^[ \t]*(?:from|import)[ \t]+([A-Za-z_]\w*)", re.MULTILINE)
_DOTTED = re.compile(rb"^[ \t]*(?:from|import)[ \t]+((?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*)", re.MULTILINE)
_RELATIVE = re.compile(rb"^[ \t]*from[ \t]+\.", re.MULTILINE)


def is_test(path: str) -> bool:
    """Whether a file holds tests, by its name or that of a folder it lies in.

    >>> [is_test(path) for path in ("pkg/tests/api.py", "test_api.py", "conftest.py", "pkg/contest.py")]
    [True, True, True, False]
    """
    return _TEST.search(path) is not None


@dataclass(frozen=True, slots=True)
class Module:
    """One importable module.

    Attributes:
        key: Its name, qualified by its import root where two roots hold the same name.
        name: The name under which it is imported.
        path: Its file relative to the project, without links; for a namespace package the folder.
        base: The import root it was found under: the folder that would be on `sys.path`.
        top: Name of the top-level package or single module it belongs to.
        is_package: Whether other modules can lie in it.
        is_namespace: Whether it is a folder without `__init__.py`.
    """

    key: str
    name: str
    path: str
    base: str
    top: str
    is_package: bool = False
    is_namespace: bool = False


@dataclass(frozen=True, slots=True)
class Package:
    """A top-level package, namespace package or single module, with its folder or file."""

    name: str
    path: str
    base: str
    kind: str = "package"
    """`package`, `namespace` or `module`."""


@dataclass(frozen=True)
class Layout:
    """What a project is made of.

    Attributes:
        modules: The importable modules, sorted by key.
        packages: What lies at the top, sorted.
        apart: Python files beside the packages: tests, examples, scripts.
        stray: Python files inside packages that lie in folders without `__init__.py` and that nothing imports.
        implicit: Folders without `__init__.py` inside packages that count, since much of the package lies in them.
        passed: Folders without `__init__.py` inside packages that are imported from and yet do not count.
    """

    modules: tuple[Module, ...] = ()
    packages: tuple[Package, ...] = ()
    apart: tuple[str, ...] = ()
    stray: tuple[str, ...] = ()
    implicit: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()

    @cached_property
    def by_key(self) -> dict[str, Module]:
        """The modules by key."""
        return {module.key: module for module in self.modules}


@dataclass
class _Found:
    """What has been found so far while a project is laid out."""

    modules: list[Module] = field(default_factory=list)
    packages: list[Package] = field(default_factory=list)
    stray: list[str] = field(default_factory=list)
    implicit: list[str] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)


class _Discovery:
    """Finds import roots and packages. Reads files only to see which names they import."""

    def __init__(self, survey: Survey) -> None:
        self.survey = survey
        self.found = _Found()

    def layout(self) -> Layout:
        root = self.survey.folders[""]
        if root.is_package and self._is_itself_package(root):
            self._add_package(self._own_name, "", base="..")
        else:
            self._add_roots(_APART | _TOOLING)
            if not self.found.packages:
                self._add_roots(frozenset())
        self._drop_linked_twice()
        modules = _keyed(self.found.modules)
        known = {module.path for module in modules} | set(self.found.stray)
        python = {self.survey.real(path) for path in self.survey.files_under("") if path.endswith(".py")}
        apart = python - known
        return Layout(
            modules=tuple(sorted(modules, key=lambda module: module.key)),
            packages=tuple(sorted(self.found.packages, key=lambda package: (package.name, package.path))),
            apart=tuple(sorted(apart)),
            stray=tuple(sorted(self.found.stray)),
            implicit=tuple(sorted(self.found.implicit)),
            passed=tuple(sorted(self.found.passed)),
        )

    def _is_itself_package(self, root: Folder) -> bool:
        """Whether the project folder is a package; one with a build file is only if its files import each other so."""
        if not _MARKERS & set(root.files):
            return True
        own = [path for path in root.files if path.endswith(".py")]
        return self._own_name.encode() in self._imported(own) or self._has_relative(own)

    @property
    def _own_name(self) -> str:
        """The project folder's name as a package; what no name may hold becomes an underscore."""
        name = re.sub(r"\W", "_", self.survey.root.name)
        return name if name.isidentifier() else f"_{name}"

    @cached_property
    def _with_python(self) -> frozenset[str]:
        """Folders in which, or below which, there is a Python file: found in one pass over all folders."""
        found: set[str] = set()
        for path, folder in self.survey.folders.items():
            place = path if any(file.endswith(".py") for file in folder.files) else ""
            while place and place not in found:
                found.add(place)
                place = place.rpartition("/")[0]
        return frozenset(found)

    def _add_roots(self, skipping: frozenset[str]) -> None:
        """Takes the project for an import root: its packages, namespace packages and single files, and roots below."""
        pending = [("", skipping)]
        while pending:
            base, passed = pending.pop()
            self._add_files(base)
            below = passed | _APART | _TOOLING if passed else passed
            taken = [name for name in self.survey.folders[base].folders if self._is_taken(base, name, passed)]
            pending += [(joined(base, name), below) for name in taken if not self._add_folder(base, name)]

    def _add_files(self, path: str) -> None:
        """Takes the single files of an import root."""
        folder = self.survey.folders[path]
        for name in folder.files:
            if _is_module_file(name) and name not in _SCRIPTS:
                file, stem = joined(path, name), name.removesuffix(".py")
                self.found.packages.append(Package(stem, file, path, "module"))
                self.found.modules.append(Module(stem, stem, file, path, stem))

    def _is_taken(self, base: str, name: str, skipping: frozenset[str]) -> bool:
        """Whether a folder of an import root is looked at: it holds Python and is not one that stands apart."""
        path = joined(base, name)
        is_apart = name in skipping and not (name in _TOOLING and self.survey.folders[path].is_package)
        return path in self._with_python and not is_apart and not (skipping and self._is_of_tests(path))

    def _is_of_tests(self, path: str) -> bool:
        """Whether most files of a package are tests by their names, whatever it is called itself."""
        files = [file for file in self.survey.files_under(path) if file.endswith(".py")]
        own = [file for file in files if not file.endswith("/__init__.py")]
        return self.survey.folders[path].is_package and 2 * sum(map(bool, map(_TEST_FILE.search, own))) > len(own)

    def _add_folder(self, base: str, name: str) -> bool:
        """Takes a folder for a package. One that is none is an import root itself, which is left to the caller."""
        path = joined(base, name)
        folder = self.survey.folders[path]
        if folder.is_package and name.isidentifier():
            self._add_package(name, path, base)
        elif name in _BASES or _MARKERS & set(folder.files) or not self._is_namespace(path, name):
            return False
        else:
            self._add_namespace(name, path, base)
        return True

    def _is_namespace(self, path: str, name: str) -> bool:
        if not name.isidentifier():
            return False
        direct = [joined(path, file) for file in self.survey.folders[path].files if file.endswith(".py")]
        return name.encode() in self._project_roots or self._has_relative(direct)

    @cached_property
    def _project_roots(self) -> frozenset[bytes]:
        """First names of all absolute imports in the project."""
        return self._imported([file for file in self.survey.files_under("") if file.endswith(".py")])

    def _imported(self, files: Iterable[str]) -> frozenset[bytes]:
        return frozenset(name for file in files for name in _ROOT_NAMES.findall(self._text(file)))

    def _has_relative(self, files: Iterable[str]) -> bool:
        return any(_RELATIVE.search(self._text(file)) for file in files)

    def _text(self, file: str) -> bytes:
        try:
            return content(self.survey.root / file)
        except OSError:
            return b""

    def _add_package(self, name: str, path: str, base: str) -> None:
        self.found.packages.append(Package(name, path, base))
        modules, loose = self._modules_of(name, path, base)
        dotted = {folder: f"{name}.{folder[len(path) :].strip('/').replace('/', '.')}" for folder in loose}
        used = [folder for folder in loose if self._is_imported_from(dotted[folder], modules)]
        implicit = [module for folder in used for module in self._loose_modules(dotted[folder], folder, base, name)]
        is_counted = len(implicit) > len(modules) * _FEW
        self.found.modules += modules + (implicit if is_counted else [])
        (self.found.implicit if is_counted else self.found.passed).extend(used)
        for folder in loose:
            if not (is_counted and folder in used):
                files = self.survey.files_under(folder)
                self.found.stray += [
                    self.survey.real(file) for file in files if _is_module_file(file.rpartition("/")[2])
                ]

    def _modules_of(self, name: str, path: str, base: str) -> tuple[list[Module], list[str]]:
        """The modules of a regular package, and the folders in it that have no `__init__.py`."""
        modules: list[Module] = []
        loose: list[str] = []
        pending = [(path, name)]
        while pending:
            place, dotted = pending.pop()
            folder = self.survey.folders[place]
            modules += self._files_of(folder, dotted, base, name)
            for inner in folder.folders:
                below = joined(place, inner)
                if inner.isidentifier() and self.survey.folders[below].is_package:
                    pending.append((below, f"{dotted}.{inner}"))
                elif inner.isidentifier() and below in self._with_python:
                    loose.append(below)
        return modules, sorted(loose)

    def _files_of(self, folder: Folder, dotted: str, base: str, top: str) -> Iterator[Module]:
        for file in folder.files:
            path = self.survey.real(joined(folder.path, file))
            if file == "__init__.py":
                yield Module(dotted, dotted, path, base, top, is_package=True)
            elif _is_module_file(file):
                inner = f"{dotted}.{file.removesuffix('.py')}"
                yield Module(inner, inner, path, base, top)

    def _is_imported_from(self, dotted: str, modules: list[Module]) -> bool:
        """Whether a module of the package names something in a folder that has no `__init__.py`."""
        package, _, inner = dotted.rpartition(".")
        relative = re.compile(
            rb"^[ \t]*from[ \t]+\.+(?:[\w.]*\.)?" + inner.encode() + rb"(?:[ \t.]|$)"
            rb"|^[ \t]*from[ \t]+\.+[ \t]+import[ \t]+\(?[^#\n]*\b" + inner.encode() + rb"\b",
            re.MULTILINE,
        )
        wanted = dotted.encode()
        for module in modules:
            text = self._text(module.path)
            if any(name == wanted or name.startswith(wanted + b".") for name in _DOTTED.findall(text)):
                return True
            own = module.name if module.is_package else module.name.rpartition(".")[0]
            if own == package and relative.search(text):
                return True
        return False

    def _loose_modules(self, dotted: str, path: str, base: str, top: str) -> list[Module]:
        """The modules of a folder without `__init__.py`, the folder itself among them."""
        modules = []
        pending = [(path, dotted)]
        while pending:
            place, name = pending.pop()
            folder = self.survey.folders[place]
            if place not in self._with_python:
                continue
            if not folder.is_package:
                modules.append(Module(name, name, place, base, top, is_package=True, is_namespace=True))
            modules += self._files_of(folder, name, base, top)
            pending += [(joined(place, inner), f"{name}.{inner}") for inner in folder.folders if inner.isidentifier()]
        return modules

    def _add_namespace(self, name: str, path: str, base: str) -> None:
        self.found.packages.append(Package(name, path, base, "namespace"))
        self.found.modules += self._loose_modules(name, path, base, name)

    def _drop_linked_twice(self) -> None:
        """A folder that a package reaches over a link is part of that package, not a package of its own as well."""
        reached = {self.survey.folders[path].real for path in self.survey.linked if self._is_in_package(path)}
        double = [
            package
            for package in self.found.packages
            if package.kind != "module"
            and package.path not in self.survey.linked
            and self.survey.folders[package.path].real in reached
        ]
        gone = {(package.base, package.name) for package in double}
        self.found.packages = [package for package in self.found.packages if package not in double]
        self.found.modules = [module for module in self.found.modules if (module.base, module.top) not in gone]

    def _is_in_package(self, path: str) -> bool:
        folder = path.rpartition("/")[0]
        return self.survey.folders[folder].is_package


def _is_module_file(name: str) -> bool:
    return name.endswith(".py") and not name.startswith(".") and name.count(".") == 1


def _keyed(modules: list[Module]) -> list[Module]:
    """Modules with keys that differ: a name that two import roots hold is told apart by the root.

    Where one root holds a package and a file of one name, Python imports the package, and so it counts alone.
    """
    first: dict[tuple[str, str], Module] = {}
    for module in sorted(modules, key=lambda each: (each.is_namespace, not each.is_package, each.path)):
        first.setdefault((module.base, module.name), module)
    modules = list(first.values())
    holders: dict[str, set[str]] = {}
    for module in modules:
        holders.setdefault(module.name, set()).add(module.base)
    return [
        Module(
            f"{module.base or '.'}:{module.name}" if len(holders[module.name]) > 1 else module.name,
            module.name, module.path, module.base, module.top, module.is_package, module.is_namespace,
        )
        for module in modules
    ]  # fmt: skip


def laid_out(survey: Survey) -> Layout:
    """The modules of a project, and which Python files are none."""
    return _Discovery(survey).layout()


def package_folder(root: Path, package: Package) -> Path:
    """Absolute folder of a top-level package."""
    return root / package.path if package.path else root
