"""Which modules a project has, and which imports, in the layouts and oddities that real projects come in."""

import subprocess
import sys
from pathlib import Path

import pytest

from prefect_harmonic.tasks.agents.code_analyzer.analysis import Analysis, analysis


def _project(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def _analysed(root: Path, files: dict[str, str]) -> Analysis:
    return analysis(_project(root, files))


def _keys(found: Analysis) -> list[str]:
    return [module.key for module in found.layout.modules]


def test_src_layout_and_tests_apart(tmp_path: Path) -> None:
    """A package under `src` is found; tests, examples and setup files beside it are listed and not counted."""
    found = _analysed(
        tmp_path,
        {
            "src/shop/__init__.py": "", "src/shop/a.py": "from shop import b", "src/shop/b.py": "",
            "tests/test_a.py": "import shop.a", "examples/run.py": "import shop", "setup.py": "",
        },
    )  # fmt: skip
    assert _keys(found) == ["shop", "shop.a", "shop.b"]
    assert found.layout.apart == ("examples/run.py", "setup.py", "tests/test_a.py")
    assert list(found.graph.edges) == [("shop.a", "shop.b")]
    assert found.graph.origin == "grimp"


def test_package_of_tests_is_none_of_the_project_whatever_it_is_called(tmp_path: Path) -> None:
    """Most of its files are tests by their names; a package that has some tests of its own stays one."""
    tests = {"t/__init__.py": "", "t/unit/__init__.py": "", "t/unit/test_a.py": "import shop", "t/conftest.py": ""}
    shop = {"shop/__init__.py": "", "shop/a.py": "", "shop/test_a.py": "from shop import a"}
    found = _analysed(tmp_path, {**tests, **shop, "t/unit/tools.py": ""})
    assert _keys(found) == ["shop", "shop.a", "shop.test_a"]
    assert "t/unit/test_a.py" in found.layout.apart


def test_several_packages_import_each_other(tmp_path: Path) -> None:
    """A cycle over two packages is one cycle, and equal file names in both are told apart."""
    files = {f"{name}/__init__.py": "" for name in ("one", "two")}
    files |= {"one/main.py": "import two.main", "two/main.py": "def f():\n    from one import main"}
    found = _analysed(tmp_path, files)
    assert [cycle.modules for cycle in found.cycles] == [("one.main", "two.main")]
    assert found.cycles[0].is_deferred
    assert (found.cycles[0].cheapest.edge.importer, found.cycles[0].cheapest.edge.imported) == ("two.main", "one.main")


def test_single_files_are_modules(tmp_path: Path) -> None:
    """A project of loose files is analysed by the syntax trees alone."""
    found = _analysed(tmp_path, {"app.py": "import models", "models.py": "import app", "setup.py": ""})
    assert _keys(found) == ["app", "models"]
    assert [cycle.modules for cycle in found.cycles] == [("app", "models")]
    assert found.graph.origin == "ast"


def test_namespace_package_is_found_by_how_it_is_imported(tmp_path: Path) -> None:
    """A folder without `__init__.py` that code imports from is a package; its folders count as modules."""
    found = _analysed(
        tmp_path,
        {"corp/billing/__init__.py": "", "corp/billing/tax.py": "", "corp/web.py": "from corp.billing import tax"},
    )
    assert _keys(found) == ["corp", "corp.billing", "corp.billing.tax", "corp.web"]
    assert list(found.graph.edges) == [("corp.web", "corp.billing.tax")]


def test_folder_without_init_counts_where_much_of_the_package_lies_in_it(tmp_path: Path) -> None:
    """A package whose code lies in folders without `__init__.py` is analysed with them."""
    found = _analysed(
        tmp_path,
        {
            "app/__init__.py": "",
            "app/main.py": "from .routers import users",
            "app/routers/users.py": "from app import main",
        },
    )
    assert _keys(found) == ["app", "app.main", "app.routers", "app.routers.users"]
    assert [cycle.modules for cycle in found.cycles] == [("app.main", "app.routers.users")]


def test_stray_files_are_named_and_not_counted(tmp_path: Path) -> None:
    """A template folder inside a package is no module, as for grimp."""
    found = _analysed(tmp_path, {"app/__init__.py": "", "app/templates/env.py": "import app"})
    assert _keys(found) == ["app"]
    assert found.layout.stray == ("app/templates/env.py",)


def test_two_services_with_one_package_name_stay_apart(tmp_path: Path) -> None:
    """In a repository of several projects, each imports its own `app`."""
    files: dict[str, str] = {}
    for service in ("orders", "users"):
        files |= {f"{service}/pyproject.toml": "", f"{service}/app/__init__.py": ""}
        files |= {f"{service}/app/main.py": "from app import db", f"{service}/app/db.py": ""}
    found = _analysed(tmp_path, files)
    assert _keys(found) == [f"{s}:app{m}" for s in ("orders", "users") for m in ("", ".db", ".main")]
    assert list(found.graph.edges) == [(f"{s}:app.main", f"{s}:app.db") for s in ("orders", "users")]


def test_imports_for_type_checkers_are_told_apart(tmp_path: Path) -> None:
    """A cycle that exists for type checkers only is counted, and known to vanish without them."""
    typed = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pkg.a import A\nelse:\n    import pkg.c\n"
    files = {"pkg/__init__.py": "", "pkg/a.py": "import pkg.b", "pkg/b.py": typed, "pkg/c.py": ""}
    found = _analysed(tmp_path, files)
    assert [cycle.modules for cycle in found.cycles] == [("pkg.a", "pkg.b")]
    assert found.running_cycles == ()
    assert ("pkg.b", "pkg.c") in found.graph.edges
    assert found.graph.origin == "grimp"


def test_syntax_error_is_reported_and_stops_nothing(tmp_path: Path) -> None:
    """A file that is no Python is still a module; the cycle beside it is found, and imports of it count."""
    found = _analysed(
        tmp_path,
        {"p/__init__.py": "", "p/a.py": "from p import b, bad", "p/b.py": "import p.a", "p/bad.py": "def :\n"},
    )
    assert _keys(found) == ["p", "p.a", "p.b", "p.bad"]
    assert [path for path, _ in found.graph.unparsed] == ["p/bad.py"]
    assert [cycle.modules for cycle in found.cycles] == [("p.a", "p.b")]
    assert ("p.a", "p.bad") in found.graph.edges
    assert found.parsed_share == 0.75


def test_file_that_is_no_utf8_is_reported(tmp_path: Path) -> None:
    """Latin-1 without a declaration is an error for Python too; with one it is read."""
    _project(tmp_path, {"p/__init__.py": ""})
    (tmp_path / "p/wrong.py").write_bytes(b"x = '\xe9'\n")
    (tmp_path / "p/right.py").write_bytes(b"# -*- coding: latin-1 -*-\nx = '\xe9'\nimport p.wrong\n")
    found = analysis(tmp_path)
    assert [path for path, _ in found.graph.unparsed] == ["p/wrong.py"]
    assert list(found.graph.edges) == [("p.right", "p.wrong")]


def test_deep_nesting_and_null_bytes_are_reported(tmp_path: Path) -> None:
    """What the parser gives up on costs that file and no other."""
    files = {"p/__init__.py": "import p.deep", "p/deep.py": "x = " + "(" * 5000 + ")" * 5000, "p/zero.py": "x\0"}
    found = _analysed(tmp_path, files)
    assert [path for path, _ in found.graph.unparsed] == ["p/deep.py", "p/zero.py"]


def test_import_that_climbs_too_far_is_survived(tmp_path: Path) -> None:
    """On a relative import out of the package grimp panics; the syntax trees serve instead."""
    found = _analysed(tmp_path, {"p/__init__.py": "", "p/a.py": "from .... import x\nimport p.b", "p/b.py": ""})
    assert list(found.graph.edges) == [("p.a", "p.b")]
    assert found.graph.reason == "a relative import climbs out of its package"


def test_links_are_followed_inside_the_project_alone(tmp_path: Path) -> None:
    """A link back up and a link out of the project are not followed; a link to a sibling is part of its package."""
    outside = _project(tmp_path / "outside", {"secret.py": "import p"})
    root = _project(tmp_path / "project", {"src/p/__init__.py": "", "part/__init__.py": "", "part/a.py": "import p"})
    (root / "src/p/up").symlink_to(root, target_is_directory=True)
    (root / "src/p/out").symlink_to(outside, target_is_directory=True)
    (root / "src/p/secret.py").symlink_to(outside / "secret.py")
    (root / "src/p/part").symlink_to(root / "part", target_is_directory=True)
    found = analysis(root)
    assert _keys(found) == ["p", "p.part", "p.part.a"]
    assert [module.path for module in found.layout.modules] == ["src/p/__init__.py", "part/__init__.py", "part/a.py"]
    assert found.layout.apart == ()
    assert found.survey.unfollowed == ("src/p/out", "src/p/secret.py", "src/p/up")


@pytest.mark.parametrize("name", ["logging", "ast", "json", "grimp", "networkx"])
def test_module_that_shadows_another_is_never_run(tmp_path: Path, name: str) -> None:
    """Code with side effects is read and not run, also where it has the name of something the analysis uses."""
    mark = tmp_path / "ran"
    boom = f"from pathlib import Path\nPath({str(mark)!r}).write_text('x')\nraise SystemExit\n"
    root = _project(
        tmp_path / "project", {f"{name}.py": boom, f"pkg_{name}/__init__.py": boom, "sitecustomize.py": boom}
    )
    _project(root, {f"{name}_/__init__.py": boom, "conftest.py": boom})
    assert f"pkg_{name}" in _keys(analysis(root))
    package = _project(tmp_path / "other", {f"{name}/__init__.py": boom, f"{name}/inner.py": f"import {name}"})
    found = analysis(package)
    assert _keys(found) == [name, f"{name}.inner"]
    assert found.graph.origin == "grimp"
    assert not mark.exists()


def test_odd_file_names_are_survived(tmp_path: Path) -> None:
    """Names with spaces, quotes, new lines, pipes and two dots; modules are those that grimp counts."""
    files = {"p/__init__.py": "", "p/a b'\"|\n.py": "import p", "p/x-y.py": "", "p/0001_first.py": "", "p/c.d.py": ""}
    found = _analysed(tmp_path, files)
    assert len(found.layout.modules) == 4
    assert found.layout.apart == ("p/c.d.py",)


def test_result_is_the_same_whatever_the_hash_seed(tmp_path: Path) -> None:
    """Two processes with different hash seeds write the same bytes."""
    root = Path(__file__).parents[3] / "examples" / "monolith"
    script = tmp_path / "print_code.py"
    script.write_text(
        "import hashlib, sys; from pathlib import Path\n"
        "from prefect_harmonic.tasks.agents.code_analyzer.analysis import analysis\n"
        "from prefect_harmonic.tasks.agents.code_analyzer.document import as_text\n"
        "print(hashlib.sha256(as_text(analysis(Path(sys.argv[1]))).encode()).hexdigest())\n"
    )
    digests = {
        subprocess.run(
            [sys.executable, str(script), str(root)], env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin"},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(digests) == 1


def test_package_hides_the_file_of_its_name(tmp_path: Path) -> None:
    """Where a package and a file have one name, Python imports the package, and one module is counted."""
    files = {"app.py": "", "app/__init__.py": "", "app/db.py": "", "app/db/__init__.py": "import app"}
    found = _analysed(tmp_path, files)
    assert [(module.key, module.path) for module in found.layout.modules] == [
        ("app", "app/__init__.py"),
        ("app.db", "app/db/__init__.py"),
    ]
    assert list(found.graph.edges) == [("app.db", "app")]


def test_project_folder_that_is_a_package(tmp_path: Path) -> None:
    """A folder with `__init__.py` is a package itself, also under a name that no import could hold."""
    found = _analysed(tmp_path / "my-app", {"__init__.py": "", "a.py": "from . import b", "b.py": "from .a import f"})
    assert _keys(found) == ["my_app", "my_app.a", "my_app.b"]
    assert [cycle.modules for cycle in found.cycles] == [("my_app.a", "my_app.b")]
