"""The number of modules and import cycles equals what other routes count, on code nobody prepared for it."""

import ast
import importlib.util
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

from prefect_harmonic.tasks.agents.code_analyzer.analysis import Analysis, analysis
from prefect_harmonic.tasks.agents.code_analyzer.cycles import cycles
from prefect_harmonic.tasks.agents.code_analyzer.graph import import_graph
from prefect_harmonic.tasks.agents.code_analyzer.modules import laid_out
from prefect_harmonic.tasks.agents.code_analyzer.survey import surveyed

EXAMPLE = Path(__file__).parents[3] / "examples" / "monolith"
INSTALLED = ("click", "rich", "httpx", "pydantic", "alembic", "grimp", "structlog")


def _folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def _knots(modules: set[str], edges: set[tuple[str, str]]) -> list[list[str]]:
    """Groups of two or more that reach each other: by reachability from every node, not by Tarjan's algorithm."""
    following: dict[str, list[str]] = {module: [] for module in modules}
    for importer, imported in edges:
        following[importer].append(imported)
    reach = {}
    for module in modules:
        seen, pending = set(), [module]
        while pending:
            fresh = [each for each in following[pending.pop()] if each not in seen]
            seen.update(fresh)
            pending += fresh
        reach[module] = seen
    knots = {frozenset(b for b in reach[a] if a in reach[b]) for a in modules if a in reach[a]}
    return sorted(sorted(knot) for knot in knots if len(knot) > 1)


def _files(folder: Path, name: str) -> Iterator[tuple[str, Path, bool]]:
    """Modules of a regular package by pkgutil's own walk over folders; nothing is imported."""
    yield name, folder / "__init__.py", True
    for found in pkgutil.iter_modules([str(folder)]):
        if found.ispkg and (folder / found.name / "__init__.py").is_file():
            yield from _files(folder / found.name, f"{name}.{found.name}")
        elif (folder / f"{found.name}.py").is_file():
            yield f"{name}.{found.name}", folder / f"{found.name}.py", False


def _imported(name: str, path: Path, is_package: bool, modules: set[str]) -> set[tuple[str, str]]:
    """Imports of one file by `ast.walk`, with `importlib`'s own rule for relative names."""
    edges = set()
    package = name if is_package else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_bytes())):
        targets = []
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            origin = node.module or ""
            if node.level:
                origin = importlib.util.resolve_name("." * node.level + origin, package)
            targets = [origin if alias.name == "*" else f"{origin}.{alias.name}" for alias in node.names]
        for target in targets:
            known = next((each for each in (target, target.rpartition(".")[0]) if each in modules), name)
            if known != name:
                edges.add((name, known))
    return edges


@pytest.mark.parametrize("package", INSTALLED)
def test_counts_equal_grimp_and_an_independent_walk(package: str) -> None:
    """Three routes to modules, imports and cycles of an installed package give one answer."""
    folder = _folder(package)
    survey = surveyed(folder)
    ours = import_graph(survey, laid_out(survey))

    graph = grimp.build_graph(package, cache_dir=None)
    files = list(_files(folder, package))
    modules = {name for name, _, _ in files}
    edges = {edge for name, path, is_package in files for edge in _imported(name, path, is_package, modules)}

    assert graph.modules == {module.key for module in ours.layout.modules} == modules
    assert edges == set(ours.edges)
    assert ours.difference == ()
    by_grimp = {(a, b) for a in graph.modules for b in graph.find_modules_directly_imported_by(a) if a != b}
    assert by_grimp == set(ours.edges)


@pytest.mark.parametrize("package", ["click", "httpx", "rich"])
def test_cycles_equal_those_found_by_reachability(package: str) -> None:
    """The strongly connected components are the groups whose members reach each other."""
    survey = surveyed(_folder(package))
    graph = import_graph(survey, laid_out(survey))
    expected = _knots({module.key for module in graph.layout.modules}, set(graph.edges))
    assert expected == [list(cycle.modules) for cycle in cycles(survey.root, graph)]


@pytest.fixture(scope="module")
def example() -> Analysis:
    """The analysis of the example project."""
    return analysis(EXAMPLE)


def test_the_example_has_the_cycles_it_was_built_with(example: Analysis) -> None:
    """Six cycles, one of which is there for type checkers only."""
    short = [[name.removeprefix("nordvale.") for name in cycle.modules] for cycle in example.cycles]
    assert short == [
        [
            "accounts.credit", "billing.invoices", "orders.returns", "orders.service", "orders.workflow",
            "shipping.tracking",
        ],
        ["billing.ledger", "billing.payments"],
        ["catalog.pricing", "catalog.surcharges"],
        ["reporting.exports", "reporting.kpis", "reporting.revenue"],
        ["shipping.depots", "shipping.manifests", "shipping.routing"],
        ["workers.jobs", "workers.scheduler"],
    ]  # fmt: skip
    assert [cycle.is_running for cycle in example.cycles] == [True, True, True, False, True, True]
    assert [cycle.is_deferred for cycle in example.cycles] == [True, True, False, True, True, False]


def test_the_cuts_of_the_example_open_every_cycle(example: Analysis) -> None:
    """Without the imports that are named, no two modules reach each other any more."""
    cut = {(cut.edge.importer, cut.edge.imported) for cycle in example.cycles for cut in cycle.cuts}
    assert _knots({module.key for module in example.layout.modules}, set(example.graph.edges) - cut) == []
    assert len(cut) == 8


def test_the_example_is_drawn_along_its_seams(example: Analysis) -> None:
    """Libraries and callers are told apart from services, and the god module is named."""
    drawn = example.boundaries
    assert drawn.shared_groups == ("nordvale.common", "nordvale.db")
    assert drawn.orchestrating == ("nordvale.api", "nordvale.workers")
    assert [hub.module for hub in drawn.hubs] == ["nordvale.orders.service"]
    assert "nordvale.accounts.credit" in [each.module for each in drawn.misfits]
    groups = [group for proposal in drawn.proposals for group in proposal.groups]
    assert sorted(groups) == sorted(set(groups))
    assert {"nordvale.accounts", "nordvale.billing", "nordvale.notifications", "nordvale.orders"} < set(groups)


def test_the_most_complex_function_of_the_example_is_the_validation(example: Analysis) -> None:
    """Complexity is measured where the branches are."""
    first = example.complexity.most_complex[0]
    assert (first.name, first.path) == ("problems", "nordvale/orders/validation.py")
    assert example.quote(first.path, first.line) == "def problems(request, customer):"
