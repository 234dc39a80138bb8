"""Tools that ask the project's import graph: cycles, what depends on a module, hot spots."""

import asyncio
from pathlib import Path

import networkx as nx

from prefect_harmonic.planners.evidence import Grade
from prefect_harmonic.tasks.agents.code_analyzer.analysis import Analysis, analysis
from prefect_harmonic.tasks.agents.modelled.observation import Line, Observation
from prefect_harmonic.tasks.agents.wording import counted, listed

_MOST = 12


class ImportGraphQueries:
    """Asks what was measured of one project.

    Args:
        root: The project's folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    async def import_cycles(self) -> Observation:
        """Shows the import cycles of the project, the largest first, with the imports that are cheapest to cut."""
        found = await asyncio.to_thread(analysis, self.root)
        lines: list[Line] = []
        for cycle in sorted(found.cycles, key=lambda each: (-len(each.modules), each.modules))[:_MOST]:
            told = f"cycle of {len(cycle.modules)} modules: {' → '.join(cycle.ring)}"
            lines.append(Line(path=_path(found, cycle.modules[0]), text=told))
            lines += [_import(found, cut.edge.importer, cut.edge.imported, "cut: ") for cut in cycle.cuts]
        return _measured(lines, f"{counted(len(found.cycles), 'import cycle')}.")

    async def dependants(self, module: str) -> Observation:
        """Shows which modules import one module, and what it imports itself.

        Args:
            module: Its dotted name, or the path of its file.
        """
        found = await asyncio.to_thread(analysis, self.root)
        key = _key(found, module.strip())
        if key is None:
            some = listed([each.key for each in found.layout.modules], most=8)
            return _measured([], f"No module is called {module[:100]!r}; there are {some}.")
        network = found.graph.network
        importers, imported = sorted(network.predecessors(key)), sorted(network.successors(key))
        reach = len(nx.ancestors(network, key))
        told = (
            f"{key} is imported by {counted(len(importers), 'module')} directly and by {reach} in all; "
            f"it imports {listed(imported, most=8)}"
        )
        lines = [Line(path=_path(found, key), text=told)]
        lines += [_import(found, importer, key) for importer in importers[: 2 * _MOST]]
        return _measured(lines, "")

    async def hot_spots(self) -> Observation:
        """Shows the modules that are branchy and often changed, the hottest first."""
        found = await asyncio.to_thread(analysis, self.root)
        lines = [
            Line(
                path=spot.path,
                text=f"{spot.module}: complexity {spot.complexity}, changed by {counted(spot.commits, 'commit')}, "
                f"imported by {counted(spot.fan_in, 'module')}, {spot.lines} lines",
            )
            for spot in found.hot_spots[:_MOST]
        ]
        return _measured(lines, f"{counted(len(found.layout.modules), 'module')} in all.")


def _measured(lines: list[Line], note: str) -> Observation:
    return Observation(lines=tuple(lines), note=note, grade=Grade.MEASURED)


def _key(found: Analysis, module: str) -> str | None:
    named = {each.key: each.key for each in found.layout.modules}
    named |= {each.path: each.key for each in found.layout.modules}
    return named.get(module.removeprefix("./"))


def _path(found: Analysis, key: str) -> str:
    return next(each.path for each in found.layout.modules if each.key == key)


def _import(found: Analysis, importer: str, imported: str, head: str = "") -> Line:
    """The statement by which one module imports another, where it stands."""
    path, lines = _path(found, importer), found.graph.edges[importer, imported].lines
    told = f"{head}{importer} imports {imported}"
    if not lines:
        return Line(path=path, text=told)
    return Line(path=path, number=lines[0], text=f"{told}: {found.quote(path, lines[0])}")
