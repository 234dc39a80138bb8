"""The import graph of a project: modules, and which imports which, where and how.

grimp builds the graph wherever it can serve the layout; the syntax trees are read in any case, since they know the
lines, which imports are deferred and which are for type checkers only. Where grimp cannot serve (a file with a syntax
error, namespace packages, single files, links that were not followed), the syntax trees alone make the graph, by the
same rules.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import networkx as nx

from prefect_harmonic.tasks.agents.code_analyzer.imports import Parsed, Resolver, Statement, parsed
from prefect_harmonic.tasks.agents.code_analyzer.modules import Layout, Module, package_folder
from prefect_harmonic.tasks.agents.code_analyzer.survey import Survey

_GRIMP = Path(__file__).with_name("grimp_script.py")
_GRIMP_SECONDS = 180


@dataclass(frozen=True, slots=True)
class Edge:
    """One module imports another, by one or more statements."""

    importer: str
    imported: str
    statements: tuple[Statement, ...] = ()

    @property
    def is_typing(self) -> bool:
        """Whether it is there for type checkers only."""
        return bool(self.statements) and all(each.is_typing for each in self.statements)

    @property
    def is_deferred(self) -> bool:
        """Whether no statement runs when the importing module is imported."""
        return bool(self.statements) and all(each.is_typing or each.is_deferred for each in self.statements)

    @property
    def lines(self) -> tuple[int, ...]:
        """Lines of the statements, sorted, each once."""
        return tuple(sorted({each.line for each in self.statements}))


@dataclass(frozen=True)
class ImportGraph:
    """Modules and their imports of each other. Self-imports are left out.

    Attributes:
        layout: The modules.
        parsed: What each module's file holds, by key.
        edges: The imports, by importer and imported.
        origin: `grimp` or `ast`: which of the two decided on the edges.
        difference: Edges on which the two did not agree, as text; empty where both agree or only one was asked.
        reason: Why grimp did not decide, or empty.
    """

    layout: Layout
    parsed: Mapping[str, Parsed]
    edges: Mapping[tuple[str, str], Edge]
    origin: str = "ast"
    difference: tuple[str, ...] = ()
    reason: str = ""

    @cached_property
    def network(self) -> "nx.DiGraph[str]":
        """The graph for networkx, from importer to imported. Nodes and edges are added in sorted order."""
        return _network(self.layout.modules, self.edges)

    @cached_property
    def running_network(self) -> "nx.DiGraph[str]":
        """The same without the imports that are for type checkers only."""
        return _network(self.layout.modules, [pair for pair, edge in self.edges.items() if not edge.is_typing])

    @property
    def unparsed(self) -> tuple[tuple[str, str], ...]:
        """Paths of files that are no Python, with why."""
        return tuple((self.layout.by_key[key].path, each.problem) for key, each in self.parsed.items() if each.problem)


def _network(modules: Iterable[Module], edges: Iterable[tuple[str, str]]) -> "nx.DiGraph[str]":
    network: nx.DiGraph[str] = nx.DiGraph()
    network.add_nodes_from(sorted(module.key for module in modules))
    network.add_edges_from(sorted(edges))
    return network


def import_graph(survey: Survey, layout: Layout) -> ImportGraph:
    """The import graph of a project."""
    files = {module.key: parsed(survey.root, module) for module in layout.modules}
    found = _edges(layout, files)
    reason = _why_not_grimp(survey, layout, files)
    if reason:
        return ImportGraph(layout, files, found, reason=reason)
    by_grimp = _grimp_edges(survey, layout)
    if isinstance(by_grimp, str):
        return ImportGraph(layout, files, found, reason=by_grimp)
    pairs = sorted(by_grimp)
    edges = {pair: found.get(pair, Edge(*pair)) for pair in pairs}
    difference = [f"only grimp: {a} → {b}" for a, b in pairs if (a, b) not in found]
    difference += [f"only ast: {a} → {b}" for a, b in sorted(found) if (a, b) not in by_grimp]
    return ImportGraph(layout, files, edges, "grimp", tuple(difference))


def _edges(layout: Layout, files: Mapping[str, Parsed]) -> dict[tuple[str, str], Edge]:
    resolver = Resolver.of(layout.modules)
    found: dict[tuple[str, str], list[Statement]] = {}
    for module in layout.modules:
        for statement in files[module.key].statements:
            target = resolver.resolved(statement.target, module.base)
            if target is not None and target != module.key:
                found.setdefault((module.key, target), []).append(statement)
    return {pair: Edge(*pair, tuple(statements)) for pair, statements in sorted(found.items())}


def _why_not_grimp(survey: Survey, layout: Layout, files: Mapping[str, Parsed]) -> str:
    """What about the layout grimp cannot serve, or nothing."""
    reasons = {
        "there is no module": not layout.modules,
        "there are single modules beside packages": any(package.kind == "module" for package in layout.packages),
        "there are namespace packages": any(package.kind == "namespace" for package in layout.packages),
        "modules lie in folders without __init__.py": bool(layout.implicit),
        "two import roots hold one name": any(module.key != module.name for module in layout.modules),
        "some files are no Python": any(each.problem for each in files.values()),
        "a relative import climbs out of its package": any(each.climbs for each in files.values()),
        "some links are not followed": bool(survey.unfollowed) or survey.is_truncated,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _grimp_edges(survey: Survey, layout: Layout) -> set[tuple[str, str]] | str:
    """The edges as grimp sees them, or why it gave none."""
    packages = [[package.name, str(package_folder(survey.root, package))] for package in layout.packages]
    try:
        run = subprocess.run(  # noqa: S603 (our own script, no shell, nothing of the project in the command)
            [sys.executable, "-I", str(_GRIMP)],
            input=json.dumps(packages), capture_output=True, text=True, encoding="utf-8", timeout=_GRIMP_SECONDS,
            check=False, cwd=os.path.abspath(os.sep)  # noqa: PTH100
        )  # fmt: skip
        answer = json.loads(run.stdout) if run.returncode == 0 else None
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        return f"grimp gave no graph ({type(error).__name__})"
    if answer is None:
        return f"grimp gave no graph ({(run.stderr.strip().splitlines() or ['no message'])[-1][:160]})"
    ours = {module.name for module in layout.modules}
    if set(answer["modules"]) != ours:
        odd = sorted(set(answer["modules"]) ^ ours)
        return f"grimp counts {len(answer['modules'])} modules and the files {len(ours)} (first: {odd[0]})"
    return {(importer, imported) for importer, imported in answer["edges"]}
